/* SPDX-License-Identifier: MIT */
#include "zone/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/dns.h"

enum {
	RECORD_TTL = 6, /* behind the owner's pointer, type and class */
	RECORD_RDLENGTH = 10,
	PASSES_PER_RECORD =
		8, /* how long followers are looked for, so that a query's cost is bounded */
	RECORD_RDATA = 12,
	SRV_TARGET = RECORD_RDATA + 6 /* behind priority, weight and port */
};

void rotation_fit(struct rotation *r, const struct published *p)
{
	uint32_t n = atomic_load_explicit(&p->n_rotations, memory_order_acquire);

	if (n <= r->n)
		return;
	n = n < 1024 ? 1024 : n + n / 2;
	r->head = xreallocarray(r->head, n, sizeof(*r->head));
	memset(r->head + r->n, 0, (n - r->n) * sizeof(*r->head));
	r->n = n;
}

void rotation_free(struct rotation *r)
{
	free(r->head);
	r->head = NULL;
	r->n = 0;
}

/* Where this answer begins; the next one begins one further on. */
static uint32_t rotation_next(struct rotation *r, const struct entry *e,
	const struct rrset *s)
{
	const uint32_t *schedule = s->schedule == 0 ? NULL : entry_at(e, s->schedule);
	uint32_t turn = schedule == NULL ? s->n : schedule[0];
	uint32_t head;

	if (s->n == 1 || s->rotation >= r->n)
		return 0;
	head = r->head[s->rotation];
	if (head >= turn) /* it has become shorter */
		head %= turn;
	r->head[s->rotation] = head + 1 == turn ? 0 : head + 1;
	return schedule == NULL ? head : schedule[1 + head];
}

/* Sets owner and TTL of the n records from at on, where they differ from what was compiled. */
static void fix_records(uint8_t *at, uint16_t n, uint16_t owner, uint32_t ttl)
{
	for (; n > 0; n--) {
		dns_put16(at, owner);
		dns_put32(at + RECORD_TTL, ttl);
		at += RECORD_RDATA + dns_get16(at + RECORD_RDLENGTH);
	}
}

/* Remembers where the target of the SRV record at offset stands, if a pointer can name it. */
static void note_target(struct answer *a, const struct target *t, size_t offset)
{
	if (a->n_targets == ANSWER_TARGETS_MAX || offset + SRV_TARGET > DNS_POINTER_MAX)
		return;
	a->targets[a->n_targets++] = (struct answer_target){
		.target = t, .offset = (uint16_t)(offset + SRV_TARGET)};
}

/* What may follow the head, for a client of the RRset's family; see struct client. */
struct fairness {
	unsigned __int128 client; /* its address, from the highest bit on */
	unsigned __int128
		least; /* what differs from it by less shares too long a prefix */
	uint8_t len;   /* octets of an address */
	bool is_on, has_head;
};

static unsigned __int128 address_bits(const uint8_t *octets, uint8_t len)
{
	unsigned __int128 bits = 0;

	for (uint8_t i = 0; i < len; i += 4)
		bits |= (unsigned __int128)dns_get32(octets + i) << (96 - 8 * i);
	return bits;
}

/* The highest bit that is set; 0 if none is. */
static unsigned __int128 highest_bit(unsigned __int128 bits)
{
	uint64_t high = (uint64_t)(bits >> 64), low = (uint64_t)bits;

	if (high != 0)
		return (unsigned __int128)1 << (127 - __builtin_clzll(high));
	return low == 0 ? 0 : (unsigned __int128)1 << (63 - __builtin_clzll(low));
}

static void fairness_start(struct fairness *f, const struct rrset *s,
	const struct client *client)
{
	f->len = s->type == DNS_AAAA ? 16 : 4;
	f->has_head = false;
	f->client = f->least = 0;
	f->is_on = s->is_fair && client->len == f->len;
	if (f->is_on)
		f->client = address_bits(client->octets, f->len);
}

/* Whether the record may stand in the answer: as its head, or behind it. */
static bool is_fair(struct fairness *f, const struct entry *e, const struct record *r)
{
	const uint8_t *rdata = (const uint8_t *)entry_at(e, r->offset) + RECORD_RDATA;
	unsigned __int128 differs = f->client ^ address_bits(rdata, f->len);

	if (f->has_head)
		return differs >= f->least;
	f->has_head = true;
	f->least = highest_bit(differs);
	return true;
}

/*
 * How many of the n records at r can be given, side by side: those whose lease goes on and that f allows.
 * *end_ms is lowered to the end of the first lease to end.
 */
static uint32_t take_run(const struct lease_table *leases, const struct entry *e,
	const struct rrset *s, const struct record *r, uint32_t n, int64_t now_ms,
	struct fairness *f, int64_t *end_ms)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		int64_t end = s->leased ? lease_end_ms(leases, r[i].slot) : INT64_MAX;

		if (end <= now_ms || (f->is_on && !is_fair(f, e, &r[i])))
			break;
		if (end < *end_ms)
			*end_ms = end;
	}
	return i;
}

/* Copies the n records at r, which lie side by side, or as many as fit. */
static void copy_run(const struct entry *e, const struct rrset *s,
	const struct record *r, uint32_t n, struct reply *reply, struct answer *out)
{
	size_t room = reply->limit - reply->len;

	while (r[n].offset - r->offset > room) {
		out->truncated = true;
		n--;
	}
	memcpy(reply->base + reply->len, entry_at(e, r->offset),
		r[n].offset - r->offset);
	if (s->targets != 0) {
		const struct target *t = entry_at(e, s->targets);

		t += r - (const struct record *)entry_at(e, s->records);
		for (uint32_t i = 0; i < n; i++)
			note_target(out, &t[i], reply->len + (r[i].offset - r->offset));
	}
	reply->len += r[n].offset - r->offset;
	out->n = (uint16_t)(out->n + n);
}

void answer_write(const struct published *p, const struct entry *e,
	const struct rrset *s, struct rotation *rotation, const struct client *client,
	int64_t now_ms, uint16_t owner, struct reply *reply, struct answer *out)
{
	const struct record *records = entry_at(e, s->records);
	uint32_t want = s->pick == 0 || s->pick > s->n ? s->n : s->pick;
	uint32_t at = rotation_next(rotation, e, s);
	uint32_t passes = want * PASSES_PER_RECORD;
	int64_t end_ms = INT64_MAX;
	size_t start = reply->len;
	struct fairness f;

	fairness_start(&f, s, client);
	out->start = start;
	out->n = 0;
	out->truncated = false;
	out->n_targets = 0;
	for (uint32_t left = s->n; left > 0 && out->n < want && !out->truncated;) {
		uint32_t most = s->n - at < left ? s->n - at : left;
		uint32_t run = want - out->n < most ? want - out->n : most;

		if (s->leased || f.is_on)
			run = take_run(&p->leases, e, s, &records[at], run, now_ms, &f,
				&end_ms);
		if (run > 0) {
			copy_run(e, s, &records[at], run, reply, out);
		} else {
			if (f.has_head && passes-- == 0)
				break;
			run = 1; /* expired, or not fair: passed over */
		}
		left -= run;
		at = at + run == s->n ? 0 : at + run;
	}
	out->ttl = s->ttl;
	if (end_ms != INT64_MAX && (end_ms - now_ms) / 1000 < s->ttl)
		out->ttl = (uint32_t)((end_ms - now_ms) / 1000);
	if (out->ttl != s->ttl || owner != ENTRY_OWNER_POINTER)
		fix_records(reply->base + start, out->n, owner, out->ttl);
}

/* One address record at the name that offset points at; false if it does not fit. */
static bool write_address(struct reply *reply, uint16_t offset, uint16_t type,
	uint32_t ttl, const uint8_t *address, uint16_t len)
{
	uint8_t *at = reply->base + reply->len;

	if (reply->limit - reply->len < RECORD_RDATA + (size_t)len)
		return false;
	dns_put16(at, (uint16_t)(DNS_POINTER | offset));
	dns_put16(at + 2, type);
	dns_put16(at + 4, DNS_IN);
	dns_put32(at + RECORD_TTL, ttl);
	dns_put16(at + RECORD_RDLENGTH, len);
	memcpy(at + RECORD_RDATA, address, len);
	reply->len += RECORD_RDATA + (size_t)len;
	return true;
}

uint16_t answer_write_additional(const struct answer *a, struct reply *reply)
{
	uint16_t n = 0;

	for (uint16_t i = 0; i < a->n_targets; i++) {
		const struct target *t = a->targets[i].target;
		uint16_t offset = a->targets[i].offset;

		if (t->has_ipv4) {
			if (!write_address(reply, offset, DNS_A, a->ttl, t->ipv4, 4))
				break;
			n++;
		}
		if (t->has_ipv6) {
			if (!write_address(reply, offset, DNS_AAAA, a->ttl, t->ipv6,
				    16))
				break;
			n++;
		}
	}
	return n;
}
