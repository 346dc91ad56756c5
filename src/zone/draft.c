/* SPDX-License-Identifier: MIT */
#include "zone/draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/dns.h"
#include "zone/schedule.h"

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
}

void draft_instance(struct draft_rrset *s, uint32_t slot, uint8_t weight,
	const void *rdata, uint16_t len)
{
	draft_record(s, slot, rdata, len);
	buf_add(&s->weights, &weight, 1);
}

static const struct record *run_records(const struct draft_run *run)
{
	return (const struct record *)entry_at(run->e, run->from->records) + run->at;
}

static size_t run_octets(const struct draft_run *run)
{
	const struct record *r = run_records(run);

	return r[run->n].offset - r->offset;
}

void draft_copy(struct draft_rrset *s, const struct draft_run *run)
{
	if (run->n == 0)
		return;
	buf_add(&s->runs, run, sizeof(*run));
	s->n += run->n;
	s->n_copied += run->n;
	s->copied += run_octets(run);
}

void draft_free(struct draft *d)
{
	for (uint16_t i = 0; i < d->n; i++) {
		buf_free(&d->rrset[i].runs);
		buf_free(&d->rrset[i].records);
		buf_free(&d->rrset[i].targets);
		buf_free(&d->rrset[i].bytes);
		buf_free(&d->rrset[i].weights);
	}
	if (d->rrset != d->first)
		free(d->rrset);
}

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* Where the pieces of an RRset stand in the block, each aligned, and where the next RRset may begin. */
struct place {
	size_t records, targets, bytes, schedule, end;
	bool has_targets;
	uint32_t *turns; /* of each record in the schedule, or NULL: there is none */
	uint32_t n_scheduled;
};

static void place_schedule(struct place *p, const struct draft_rrset *s)
{
	p->schedule = p->end;
	if (s->weights.len == 0)
		return;
	p->turns = xreallocarray(NULL, s->n, sizeof(*p->turns));
	p->n_scheduled =
		schedule_reduce((const uint8_t *)s->weights.data, s->n, p->turns);
	if (p->n_scheduled > 0)
		p->end += align8((p->n_scheduled + 1) * sizeof(uint32_t));
}

static struct place place_of(const struct draft_rrset *s, size_t at)
{
	struct place p = {.records = at,
		.targets = at + align8((s->n + 1) * sizeof(struct record)),
		.has_targets = s->targets.len > 0};

	if (s->n_copied > 0)
		p.has_targets = ((const struct draft_run *)(void *)s->runs.data)
					->from->targets != 0;
	p.bytes =
		p.targets + (p.has_targets ? align8(s->n * sizeof(struct target)) : 0);
	p.end = p.bytes + align8(s->copied + s->bytes.len);
	place_schedule(&p, s);
	return p;
}

/* Copies the run, its records from number n on, its octets to offset bytes. */
static void place_run(struct entry *e, const struct place *p,
	const struct draft_run *run, uint32_t n, size_t bytes)
{
	const struct record *r = run_records(run);
	struct record *copy = (struct record *)(void *)((uint8_t *)e + p->records) + n;
	uint32_t move = (uint32_t)bytes - r->offset; /* modulo 2^32 */

	memcpy((uint8_t *)e + bytes, entry_at(run->e, r->offset), run_octets(run));
	for (uint32_t i = 0; i < run->n; i++)
		copy[i] = (struct record){
			.offset = r[i].offset + move, .slot = r[i].slot};
	if (p->has_targets)
		memcpy((uint8_t *)e + p->targets + n * sizeof(struct target),
			(const struct target *)entry_at(run->e, run->from->targets) +
				run->at,
			run->n * sizeof(struct target));
}

static void place_runs(struct entry *e, const struct place *p,
	const struct draft_rrset *s)
{
	const struct draft_run *run = (const struct draft_run *)(void *)s->runs.data;
	size_t bytes = p->bytes;

	for (uint32_t n = 0; n < s->n_copied; n += run++->n) {
		place_run(e, p, run, n, bytes);
		bytes += run_octets(run);
	}
}

static void copy_piece(struct entry *e, size_t at, const struct buf *piece)
{
	if (piece->len > 0)
		memcpy((uint8_t *)e + at, piece->data, piece->len);
}

static void place_rrset(struct entry *e, struct rrset *out, const struct draft_rrset *s,
	const struct place *p)
{
	struct record *r = (struct record *)(void *)((uint8_t *)e + p->records);
	size_t own = p->bytes + s->copied;

	*out = (struct rrset){.type = s->part != 0 ? s->part : s->type,
		.pick = s->pick,
		.ttl = s->ttl,
		.n = s->n,
		.rotation = s->rotation,
		.records = (uint32_t)p->records,
		.targets = p->has_targets ? (uint32_t)p->targets : 0,
		.is_fair = s->is_fair,
		.names_services = s->names_services};
	place_runs(e, p, s);
	copy_piece(e, p->records + s->n_copied * sizeof(*r), &s->records);
	copy_piece(e, p->targets + s->n_copied * sizeof(struct target), &s->targets);
	copy_piece(e, own, &s->bytes);
	for (uint32_t i = s->n_copied; i < s->n; i++)
		r[i].offset += (uint32_t)own;
	r[s->n] = (struct record){.offset = (uint32_t)(own + s->bytes.len)};
	if (p->n_scheduled > 0) {
		uint32_t *schedule = (uint32_t *)(void *)((uint8_t *)e + p->schedule);

		out->schedule = (uint32_t)p->schedule;
		schedule[0] = p->n_scheduled;
		schedule_fill(p->turns, s->n, schedule + 1);
	}
	/* The slots of a part are marks. */
	for (uint32_t i = 0; i < s->n && s->part == 0 && !out->leased; i++)
		out->leased = r[i].slot != 0;
}

struct entry *draft_assemble(struct draft *d, const struct compile_source *src,
	const struct published *p)
{
	size_t rrsets = align8(sizeof(struct entry) + src->name_len);
	size_t at = rrsets + align8(d->n * sizeof(struct rrset));
	struct place *place = xcalloc(d->n == 0 ? 1 : d->n, sizeof(*place));
	struct entry *e;
	struct rrset *out;

	for (uint16_t i = 0; i < d->n; at = place[i++].end)
		place[i] = place_of(&d->rrset[i], at);
	e = xmalloc(at);
	*e = (struct entry){.name_len = src->name_len,
		.apex_len = src->apex_len,
		.n_rrsets = (uint8_t)d->n,
		.flags = (uint8_t)((src->is_cut ? ENTRY_CUT : 0) |
				   (src->has_wildcard ? ENTRY_WILDCARD : 0) |
				   (src->has_networks ? ENTRY_NETWORKS : 0)),
		.views = src->views,
		.plane = src->plane,
		.variant = src->variant,
		.rrsets = (uint32_t)rrsets,
		.hash = published_hash(p, src->name, src->name_len)};
	memcpy(e->name, src->name, src->name_len);
	out = (struct rrset *)(void *)((uint8_t *)e + rrsets);
	for (uint16_t i = 0; i < d->n; i++) {
		place_rrset(e, &out[i], &d->rrset[i], &place[i]);
		free(place[i].turns);
	}
	free(place);
	draft_free(d);
	return e;
}
