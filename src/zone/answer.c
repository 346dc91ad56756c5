/* SPDX-License-Identifier: MIT */
#include "zone/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/dns.h"

enum {
	RECORD_TTL = 6, /* behind the owner's pointer, type and class */
	RECORD_RDLENGTH = 10,
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
static uint32_t rotation_next(struct rotation *r, const struct rrset *s)
{
	uint32_t head;

	if (s->n == 1 || s->rotation >= r->n)
		return 0;
	head = r->head[s->rotation];
	if (head >= s->n) /* the ring has become smaller */
		head %= s->n;
	r->head[s->rotation] = head + 1 == s->n ? 0 : head + 1;
	return head;
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

void answer_write(const struct published *p, const struct entry *e,
	const struct rrset *s, struct rotation *rotation, int64_t now_ms,
	uint16_t owner, struct reply *reply, struct answer *out)
{
	const struct record *records = entry_at(e, s->records);
	const struct target *targets = s->targets == 0 ? NULL : entry_at(e, s->targets);
	uint32_t want = s->pick == 0 || s->pick > s->n ? s->n : s->pick;
	uint32_t at = rotation_next(rotation, s);
	int64_t least_ms = INT64_MAX;
	size_t start = reply->len;

	out->n = 0;
	out->truncated = false;
	out->n_targets = 0;
	for (uint32_t seen = 0; seen < s->n && out->n < want; seen++) {
		const struct record *r = &records[at];
		int64_t left_ms = lease_end_ms(&p->leases, r->slot);
		size_t len = r[1].offset - r->offset;

		left_ms = left_ms == INT64_MAX ? INT64_MAX : left_ms - now_ms;
		if (left_ms > 0) {
			if (len > reply->limit - reply->len) {
				out->truncated = true;
				break;
			}
			memcpy(reply->base + reply->len, entry_at(e, r->offset), len);
			if (targets != NULL)
				note_target(out, &targets[at], reply->len);
			reply->len += len;
			out->n++;
			if (left_ms < least_ms)
				least_ms = left_ms;
		}
		at = at + 1 == s->n ? 0 : at + 1;
	}
	out->ttl = least_ms / 1000 < s->ttl ? (uint32_t)(least_ms / 1000) : s->ttl;
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
