/* SPDX-License-Identifier: MIT */
#include "zone/change.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"
#include "wire/dns.h"
#include "zone/draft.h"

enum { RECORD_RDATA = 12 };

struct change {
	uint32_t slot;
	uint16_t type, len;
	bool comes;
	struct target target; /* if it is SRV */
	uint8_t rdata[];
};

void changes_free(struct changes *c)
{
	if (c == NULL)
		return;
	buf_free(&c->list);
	free(c);
}

static size_t change_size(uint16_t len)
{
	return (sizeof(struct change) + len + 3) & ~(size_t)3;
}

static const struct change *change_at(const struct changes *c, size_t at)
{
	return (const struct change *)(const void *)(c->list.data + at);
}

/* A change with room for its data. */
union room {
	struct change change;
	uint8_t octets[sizeof(struct change) + COMPILE_RDATA_MAX + 3];
};

static bool may_note(const struct changes *c, const struct instance *i)
{
	return c->n < model_instance_count(i->service) / 8 && i->weight == 1 &&
	       !i->is_unhealthy;
}

/* Adds what has its data, if it has any. */
static void note(struct changes *c, union room *room, uint16_t type,
	const struct instance *i, enum change_kind kind)
{
	struct change *change = &room->change;

	if (change->len == 0)
		return;
	change->type = type;
	change->slot = i->lease_slot;
	change->comes = kind == CHANGE_COMES;
	buf_add(&c->list, room, change_size(change->len));
	c->n++;
}

bool changes_note(struct changes *c, const struct instance *i, enum change_kind kind,
	const uint8_t *name, uint8_t name_len)
{
	const struct service *s = i->service;
	union room room;

	if (!may_note(c, i) || i->is_alias || (i->parts & INSTANCE_PUBLIC))
		return false;
	for (uint8_t k = 0; k < s->n_records; k++) {
		enum record_type t = s->records[k].type;

		memset(&room, 0, sizeof(room));
		room.change.len = compile_record(i, t, name, name_len,
			room.change.rdata, &room.change.target);
		if (room.change.len != 0 && t == RECORD_CNAME)
			return false;
		note(c, &room, record_type_wire(t), i, kind);
	}
	return true;
}

bool changes_note_port(struct changes *c, const struct instance *i,
	enum change_kind kind, const char *key, const uint8_t *service,
	uint8_t service_len)
{
	union room room;

	if (!may_note(c, i))
		return false;
	memset(&room, 0, sizeof(room));
	room.change.len = compile_srv(i, compile_port(i, key), service, service_len,
		room.change.rdata, &room.change.target);
	note(c, &room, DNS_SRV, i, kind);
	return true;
}

/* ---- all changes, by the data of their records --------------------------------------------------- */

struct pair {
	const struct change *comes, *leaves; /* with the same type and data */
};

struct set {
	struct pair *pair;
	uint32_t mask;
};

/* Where the record with that data is, or would be. */
static struct pair *set_find(const struct set *set, uint16_t type, const uint8_t *rdata,
	size_t len)
{
	uint32_t at = (uint32_t)XXH3_64bits(rdata, len) & set->mask;

	for (;; at = (at + 1) & set->mask) {
		struct pair *pair = &set->pair[at];
		const struct change *c =
			pair->comes != NULL ? pair->comes : pair->leaves;

		if (c == NULL || (c->type == type && c->len == len &&
					 memcmp(c->rdata, rdata, len) == 0))
			return pair;
	}
}

/*
 * false: two instances bring, or take along, the same address, or one leaves that may have come since: what it
 * takes along may be another's.
 */
static bool set_fill(struct set *set, const struct changes *c)
{
	/* Roomy: nearly every record that is looked for is not there. */
	for (set->mask = 256; set->mask < 8 * c->n; set->mask *= 2)
		;
	set->pair = xcalloc(set->mask, sizeof(*set->pair));
	set->mask--;
	for (size_t at = 0; at < c->list.len;) {
		const struct change *change = change_at(c, at);
		struct pair *pair =
			set_find(set, change->type, change->rdata, change->len);
		const struct change **side =
			change->comes ? &pair->comes : &pair->leaves;

		if (*side != NULL || (!change->comes && pair->comes != NULL))
			return false;
		*side = change;
		at += change_size(change->len);
	}
	return true;
}

/* ---- the copy -------------------------------------------------------------------------------------- */

struct tally {
	uint32_t n[2]; /* by enum change_kind */
};

static struct tally count_changes(const struct changes *c, uint16_t type)
{
	struct tally t = {{0}};

	for (size_t at = 0; at < c->list.len;) {
		const struct change *change = change_at(c, at);

		t.n[change->comes] += change->type == type;
		at += change_size(change->len);
	}
	return t;
}

/* Those from start to before end. */
static void copy_run(struct draft_rrset *out, const struct entry *old,
	const struct rrset *s, uint32_t start, uint32_t end)
{
	struct draft_run run = {.e = old, .from = s, .at = start, .n = end - start};

	draft_copy(out, &run);
}

/* Copies what stays. false: a record that comes is there already, or one that leaves is not. */
static bool copy_staying(struct draft_rrset *out, const struct entry *old,
	const struct rrset *s, const struct set *set, uint32_t n_leaving)
{
	const struct record *r = entry_at(old, s->records);
	uint32_t start = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		const uint8_t *rdata =
			(const uint8_t *)entry_at(old, r[i].offset) + RECORD_RDATA;
		const struct pair *pair = set_find(set, s->type, rdata,
			r[i + 1].offset - r[i].offset - RECORD_RDATA);

		if (pair->leaves == NULL && pair->comes == NULL)
			continue;
		if (pair->leaves == NULL || n_leaving-- == 0)
			return false;
		copy_run(out, old, s, start, i);
		start = i + 1;
	}
	copy_run(out, old, s, start, s->n);
	return n_leaving == 0;
}

static void add_coming(struct draft_rrset *out, const struct changes *c)
{
	for (size_t at = 0; at < c->list.len;) {
		const struct change *change = change_at(c, at);

		at += change_size(change->len);
		if (!change->comes || change->type != out->type)
			continue;
		draft_record(out, change->slot, change->rdata, change->len);
		if (change->type == DNS_SRV)
			buf_add(&out->targets, &change->target, sizeof(change->target));
	}
}

/* Addresses and port of an SRV record in one number, which is not 0; few others have the same. */
static uint64_t endpoint_of(const struct target *t, const uint8_t *rdata)
{
	uint64_t ipv6[2];
	uint32_t ipv4;

	memcpy(&ipv4, t->ipv4, sizeof(ipv4));
	memcpy(ipv6, t->ipv6, sizeof(ipv6));
	return (((uint64_t)ipv4 << 16 | dns_get16(rdata + 4)) ^ ipv6[0] ^ ipv6[1]) *
		       UINT64_C(0x9E3779B97F4A7C15) |
	       1;
}

struct endpoint_set {
	uint64_t *at;
	uint32_t mask;
};

static uint64_t *endpoint_slot(const struct endpoint_set *set, uint64_t endpoint)
{
	uint32_t at = (uint32_t)(endpoint >> 32) & set->mask;

	while (set->at[at] != 0 && set->at[at] != endpoint)
		at = (at + 1) & set->mask;
	return &set->at[at];
}

/* The endpoints of the SRV records that come. false: two come to one. */
static bool endpoints_coming(struct endpoint_set *set, const struct changes *c)
{
	bool are_apart = true;

	for (set->mask = 64; set->mask < 8 * c->n; set->mask *= 2)
		;
	set->at = xcalloc(set->mask, sizeof(*set->at));
	set->mask--;
	for (size_t at = 0; at < c->list.len;) {
		const struct change *change = change_at(c, at);
		uint64_t endpoint;

		at += change_size(change->len);
		if (!change->comes || change->type != DNS_SRV)
			continue;
		endpoint = endpoint_of(&change->target, change->rdata);
		are_apart = are_apart && *endpoint_slot(set, endpoint) == 0;
		*endpoint_slot(set, endpoint) = endpoint;
	}
	return are_apart;
}

/* An SRV record that comes may have the addresses and the port of one that is there, or comes as well. */
static bool may_have_twins(const struct changes *c, const struct entry *old,
	const struct rrset *s)
{
	const struct target *target = entry_at(old, s->targets);
	const struct record *r = entry_at(old, s->records);
	struct endpoint_set set;
	bool are_apart = endpoints_coming(&set, c);

	for (uint32_t i = 0; i < s->n && are_apart; i++) {
		const uint8_t *rdata =
			(const uint8_t *)entry_at(old, r[i].offset) + RECORD_RDATA;

		are_apart = *endpoint_slot(&set, endpoint_of(&target[i], rdata)) == 0;
	}
	free(set.at);
	return !are_apart;
}

static bool change_rrset(struct draft *d, const struct compile_source *source,
	const struct entry *old, const struct rrset *s, const struct changes *c,
	const struct set *set, uint32_t *n_applied)
{
	struct tally t = count_changes(c, s->type);
	struct draft_rrset *out = draft_add(d, s->type, s->ttl);
	/* SRV records name their instances, so what comes is not there. */
	bool is_new = t.n[CHANGE_LEAVES] == 0 &&
		      (t.n[CHANGE_COMES] == 0 || s->type == DNS_SRV);

	out->pick = s->pick;
	out->rotation = s->rotation;
	out->is_fair = s->is_fair;
	out->names_services = s->names_services;
	if (s->type == DNS_SRV && source->port == NULL && t.n[CHANGE_COMES] > 0 &&
		may_have_twins(c, old, s))
		return false;
	if (is_new)
		copy_run(out, old, s, 0, s->n);
	else if (!copy_staying(out, old, s, set, t.n[CHANGE_LEAVES]))
		return false;
	add_coming(out, c);
	*n_applied += t.n[CHANGE_LEAVES] + t.n[CHANGE_COMES];
	return out->n > 0;
}

struct entry *changes_apply(const struct changes *c, const struct entry *old,
	const struct compile_source *source, const struct published *p)
{
	const struct rrset *s = entry_rrsets(old);
	struct set set;
	struct draft d;
	struct entry *e = NULL;
	uint32_t n_applied = 0;
	bool is_good = set_fill(&set, c);

	draft_init(&d);
	for (uint8_t i = 0; i < old->n_rrsets && is_good; i++)
		is_good = change_rrset(&d, source, old, &s[i], c, &set, &n_applied);
	if (is_good && n_applied == c->n) {
		e = draft_assemble(&d, source, p);
		memcpy(e->unknown, old->unknown, sizeof(e->unknown));
	} else {
		draft_free(&d);
	}
	free(set.pair);
	return e;
}
