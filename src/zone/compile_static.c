/* SPDX-License-Identifier: MIT */
/* What a zone file brings into an entry, and the apex, whose SOA and NS it may give. */
#include <string.h>

#include "wire/dns.h"
#include "zone/browse.h"
#include "zone/draft.h"
#include "zone/soa.h"

enum { NS_TTL = 3600, RECORD_RDATA = 12 };

/* The RRset of the zone file at this name, or NULL. */
static const struct static_rrset *static_of(const struct compile_source *src,
	uint16_t type)
{
	return src->statics == NULL ? NULL : static_rrset(src->statics, type);
}

/* Adds all records of s under its own type. */
static struct draft_rrset *add_static(struct draft *d, const struct static_rrset *s)
{
	struct draft_rrset *out = draft_add(d, s->type, s->ttl);
	const uint8_t *rdata;
	uint16_t len;
	size_t at = 0;

	while (static_next(s, &at, &rdata, &len))
		draft_record(out, 0, rdata, len);
	return out;
}

/* ---- the apex ------------------------------------------------------------------------------------ */

/* The data of the SOA that no file gives. Returns its octets. */
static uint16_t make_soa(const struct compile_source *src,
	const struct zone_options *options, uint32_t minimum, uint8_t *rdata)
{
	const struct dname *mname = &options->nameserver;
	static const uint8_t hostmaster[] = "\012hostmaster";
	uint8_t *at = rdata;

	memcpy(at, mname->wire, mname->len);
	at += mname->len;
	if (src->name_len + sizeof(hostmaster) - 1 <= DNAME_MAX) {
		memcpy(at, hostmaster, sizeof(hostmaster) - 1);
		at += sizeof(hostmaster) - 1;
	}
	memcpy(at, src->name, src->name_len);
	at += src->name_len;
	soa_write_numbers(at, src->serial, minimum);
	return (uint16_t)(at + SOA_NUMBERS - rdata);
}

void compile_apex(struct draft *d, const struct compile_source *src,
	const struct zone_options *options)
{
	const struct static_rrset *soa = static_of(src, DNS_SOA);
	const struct static_rrset *ns = static_of(src, DNS_NS);
	uint32_t ttl, minimum;
	uint8_t made[2 * DNAME_MAX + SOA_NUMBERS];
	const uint8_t *rdata;
	uint16_t len;
	size_t at = 0;
	struct draft_rrset *negative;

	if (soa != NULL && static_next(soa, &at, &rdata, &len)) {
		memcpy(made, rdata, len);
		ttl = soa->ttl;
		minimum = dns_get32(made + len - 4);
		dns_put32(made + len - SOA_NUMBERS, src->serial);
	} else {
		ttl = src->ns != NULL && src->ns->soa_ttl >= 0
			      ? (uint32_t)src->ns->soa_ttl
			      : options->negative_ttl;
		minimum = ttl;
		len = make_soa(src, options, minimum, made);
	}
	/* How long "no such name" is kept: RFC 2308 s5. */
	negative = draft_add(d, DNS_SOA, ttl < minimum ? ttl : minimum);
	negative->part = ENTRY_NEGATIVE_SOA;
	draft_record(negative, 0, made, len);
	draft_record(draft_add(d, DNS_SOA, ttl), 0, made, len);
	if (ns != NULL)
		add_static(d, ns);
	else
		draft_record(draft_add(d, DNS_NS, NS_TTL), 0, options->nameserver.wire,
			options->nameserver.len);
}

/* ---- other names --------------------------------------------------------------------------------- */

void compile_statics(struct draft *d, const struct compile_source *src)
{
	static const uint16_t rotating[COMPILE_ROTATIONS] = {DNS_A, DNS_AAAA, DNS_SRV};

	for (uint16_t i = 0; i < src->statics->n; i++) {
		const struct static_rrset *s = &src->statics->rrset[i];
		struct draft_rrset *out;

		if (s->type == DNS_SOA || s->type == DNS_NS ||
			compile_hides(src, s->type))
			continue; /* NS: the apex has them, or a delegation gave way */
		if (s->type == DNS_PTR && browse_is_list(src->browse))
			continue; /* the list has them */
		out = add_static(d, s);
		for (uint32_t k = 0; k < COMPILE_ROTATIONS && src->rotation != 0; k++)
			if (rotating[k] == s->type)
				out->rotation = src->rotation + k;
	}
}

/* The addresses of that type that o has, for the NS record that begins at offset in the referral. */
static void add_glue(struct draft_rrset *out, const struct compile_glue *glue,
	uint16_t type, uint32_t offset)
{
	const struct static_rrset *s = static_rrset(glue->owner, type);
	const uint8_t *rdata;
	uint16_t len;
	size_t at = 0;

	while (s != NULL && static_next(s, &at, &rdata, &len)) {
		size_t start = out->bytes.len;

		out->type = type;
		out->ttl = s->ttl;
		draft_record(out, glue->is_required, rdata, len);
		dns_put16((uint8_t *)out->bytes.data + start,
			(uint16_t)(offset + RECORD_RDATA));
	}
}

static void compile_glue(struct draft *d, const struct compile_source *src,
	const uint32_t *offset, uint32_t n)
{
	struct draft_rrset *out = draft_add(d, DNS_A, 0);

	out->part = ENTRY_GLUE;
	for (int required = 1; required >= 0; required--) {
		for (uint32_t i = 0; i < n; i++) {
			const struct compile_glue *g = &src->glue[i];

			if (g->owner == NULL || g->is_required != (required == 1))
				continue;
			add_glue(out, g, DNS_A, offset[i]);
			add_glue(out, g, DNS_AAAA, offset[i]);
		}
	}
	if (out->n == 0)
		draft_drop(d);
}

void compile_cut(struct draft *d, const struct compile_source *src)
{
	const struct static_rrset *ds = static_of(src, DNS_DS);
	struct draft_rrset *ns = add_static(d, static_of(src, DNS_NS));
	uint32_t n = ns->n;
	struct buf offsets = {.data = NULL};

	ns->part = ENTRY_REFERRAL;
	for (uint32_t i = 0; i < n; i++)
		buf_add(&offsets,
			&((const struct record *)(void *)ns->records.data)[i].offset,
			sizeof(uint32_t));
	if (ds != NULL)
		add_static(d, ds);
	compile_glue(d, src, (const uint32_t *)(void *)offsets.data, n);
	buf_free(&offsets);
}
