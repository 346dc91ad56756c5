/* SPDX-License-Identifier: MIT */
#include "zone/draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/dns.h"

void draft_init(struct draft *d)
{
	d->rrset = d->first;
	d->n = 0;
	d->cap = DRAFT_RRSETS;
}

struct draft_rrset *draft_add(struct draft *d, uint16_t type, uint32_t ttl)
{
	struct draft_rrset *s;

	if (d->n == d->cap) {
		s = xcalloc(2u * d->cap, sizeof(*s));
		memcpy(s, d->rrset, d->n * sizeof(*s));
		if (d->rrset != d->first)
			free(d->rrset);
		d->rrset = s;
		d->cap = (uint16_t)(2 * d->cap);
	}
	s = &d->rrset[d->n++];
	*s = (struct draft_rrset){.type = type, .ttl = ttl};
	return s;
}

void draft_drop(struct draft *d)
{
	d->n--;
}

void draft_record(struct draft_rrset *s, uint32_t slot, const void *rdata, uint16_t len)
{
	struct record r = {.offset = (uint32_t)s->bytes.len, .slot = slot};
	uint8_t fixed[12];

	dns_put16(fixed, ENTRY_OWNER_POINTER);
	dns_put16(fixed + 2, s->type);
	dns_put16(fixed + 4, DNS_IN);
	dns_put32(fixed + 6, s->ttl);
	dns_put16(fixed + 10, len);
	buf_add(&s->records, &r, sizeof(r));
	buf_add(&s->bytes, fixed, sizeof(fixed));
	buf_add(&s->bytes, rdata, len);
	s->n++;
	s->leased = s->leased || slot != 0;
}

void draft_copy(struct draft_rrset *s, const struct entry *e, const struct rrset *from,
	uint32_t at, uint32_t n)
{
	const struct record *r = (const struct record *)entry_at(e, from->records) + at;
	uint32_t move = (uint32_t)s->bytes.len - r->offset; /* modulo 2^32 */
	size_t start = s->records.len;
	struct record *copy;

	if (n == 0)
		return;
	buf_add(&s->bytes, entry_at(e, r->offset), r[n].offset - r->offset);
	buf_add(&s->records, r, n * sizeof(*r));
	if (from->targets != 0)
		buf_add(&s->targets,
			(const struct target *)entry_at(e, from->targets) + at,
			n * sizeof(struct target));
	copy = (struct record *)(void *)(s->records.data + start);
	for (uint32_t i = 0; i < n; i++) {
		copy[i].offset += move;
		s->leased = s->leased || copy[i].slot != 0;
	}
	s->n += n;
}

void draft_free(struct draft *d)
{
	for (uint16_t i = 0; i < d->n; i++) {
		buf_free(&d->rrset[i].records);
		buf_free(&d->rrset[i].targets);
		buf_free(&d->rrset[i].bytes);
	}
	if (d->rrset != d->first)
		free(d->rrset);
}

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* Octets of an RRset's part of the block, each piece aligned. */
static size_t draft_size(const struct draft_rrset *s)
{
	return align8((s->n + 1) * sizeof(struct record)) + align8(s->targets.len) +
	       align8(s->bytes.len);
}

/* Copies one RRset to offset at of the block. Returns the offset behind it. */
static size_t place_rrset(struct entry *e, struct rrset *out, struct draft_rrset *s,
	size_t at)
{
	struct record *records = (struct record *)(void *)((uint8_t *)e + at);
	size_t targets = at + align8((s->n + 1) * sizeof(struct record));
	size_t bytes = targets + align8(s->targets.len);

	*out = (struct rrset){.type = s->part != 0 ? s->part : s->type,
		.pick = s->pick,
		.ttl = s->ttl,
		.n = s->n,
		.rotation = s->rotation,
		.records = (uint32_t)at,
		.targets = s->targets.len == 0 ? 0 : (uint32_t)targets,
		.leased = s->leased,
		.is_fair = s->is_fair};
	memcpy(records, s->records.data, s->n * sizeof(*records));
	for (uint32_t i = 0; i < s->n; i++)
		records[i].offset += (uint32_t)bytes;
	records[s->n] = (struct record){.offset = (uint32_t)(bytes + s->bytes.len)};
	if (s->targets.len > 0)
		memcpy((uint8_t *)e + targets, s->targets.data, s->targets.len);
	memcpy((uint8_t *)e + bytes, s->bytes.data, s->bytes.len);
	return bytes + align8(s->bytes.len);
}

struct entry *draft_assemble(struct draft *d, const struct compile_source *src,
	const struct published *p)
{
	size_t rrsets = align8(sizeof(struct entry) + src->name_len);
	size_t at = rrsets + align8(d->n * sizeof(struct rrset));
	size_t size = at;
	struct entry *e;
	struct rrset *out;

	for (uint16_t i = 0; i < d->n; i++)
		size += draft_size(&d->rrset[i]);
	e = xcalloc(1, size);
	e->name_len = src->name_len;
	e->apex_len = src->apex_len;
	e->n_rrsets = (uint8_t)d->n;
	e->flags = (uint8_t)((src->is_cut ? ENTRY_CUT : 0) |
			     (src->has_wildcard ? ENTRY_WILDCARD : 0));
	e->rrsets = (uint32_t)rrsets;
	memcpy(e->name, src->name, src->name_len);
	e->hash = published_hash(p, src->name, src->name_len);
	out = (struct rrset *)(void *)((uint8_t *)e + rrsets);
	for (uint16_t i = 0; i < d->n; i++)
		at = place_rrset(e, &out[i], &d->rrset[i], at);
	draft_free(d);
	return e;
}
