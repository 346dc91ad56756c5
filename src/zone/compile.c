/* SPDX-License-Identifier: MIT */
#include "zone/compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "wire/dns.h"
#include "zone/addresses.h"

enum {
	DRAFT_RRSETS = 6, /* SOA, NS, and the four types of a service */
	NS_TTL = 3600,
	SOA_REFRESH = 7200, /* as Route 53 */
	SOA_RETRY = 900,
	SOA_EXPIRE = 1209600
};

/* An RRset on its way: offsets of its records count from the start of bytes. */
struct draft_rrset {
	uint16_t type, pick;
	uint32_t ttl, n, rotation;
	bool leased, is_fair;
	struct buf records, targets, bytes;
};

struct draft {
	struct draft_rrset rrset[DRAFT_RRSETS];
	uint16_t n;
};

static struct draft_rrset *draft_add(struct draft *d, uint16_t type, uint32_t ttl)
{
	struct draft_rrset *s = &d->rrset[d->n++];

	*s = (struct draft_rrset){.type = type, .ttl = ttl};
	return s;
}

/* Adds a record with rdata of len octets; more may follow by draft_rdata(). */
static void draft_record(struct draft_rrset *s, uint32_t slot, const void *rdata,
	uint16_t len)
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

static void draft_apex(struct draft *d, const struct compile_source *src,
	const struct zone_options *options)
{
	uint32_t ttl = src->ns->soa_ttl >= 0 ? (uint32_t)src->ns->soa_ttl
					     : options->negative_ttl;
	const struct dname *mname = &options->nameserver;
	static const uint8_t hostmaster[] = "\012hostmaster";
	uint8_t rdata[2 * DNAME_MAX + 20], *at = rdata;

	memcpy(at, mname->wire, mname->len);
	at += mname->len;
	if (src->name_len + sizeof(hostmaster) - 1 <= DNAME_MAX) {
		memcpy(at, hostmaster, sizeof(hostmaster) - 1);
		at += sizeof(hostmaster) - 1;
	}
	memcpy(at, src->name, src->name_len);
	at += src->name_len;
	dns_put32(at, src->serial);
	dns_put32(at + 4, SOA_REFRESH);
	dns_put32(at + 8, SOA_RETRY);
	dns_put32(at + 12, SOA_EXPIRE);
	dns_put32(at + 16,
		ttl); /* MINIMUM: how long "no such name" is kept, RFC 2308 s5 */
	draft_record(draft_add(d, DNS_SOA, ttl), 0, rdata, (uint16_t)(at + 20 - rdata));
	draft_record(draft_add(d, DNS_NS, NS_TTL), 0, mname->wire, mname->len);
}

static uint16_t pick_of(const struct service *s, const struct zone_options *options)
{
	return s->has_routing && s->routing == ROUTING_WEIGHTED ? 1 : options->answers;
}

static void draft_addresses(struct draft *d, const struct compile_source *src,
	const struct zone_options *options, enum address_family family,
	struct published *p, struct compile_groups *groups)
{
	enum record_type t = family == ADDRESS_IPV4 ? RECORD_A : RECORD_AAAA;
	const struct dns_record *config = service_record(src->service, t);
	struct address_list list;
	struct draft_rrset *s;

	if (config == NULL)
		return;
	addresses_collect(&list, src->service, family, p, &groups->slot, &groups->n);
	if (list.n > 0) {
		s = draft_add(d, family == ADDRESS_IPV4 ? DNS_A : DNS_AAAA,
			config->ttl);
		s->pick = pick_of(src->service, options);
		s->rotation = src->rotation + (uint32_t)family;
		s->is_fair = options->fair && s->pick != 0 && list.n > 1;
		for (uint32_t i = 0; i < list.n; i++)
			draft_record(s, list.address[i].slot, list.address[i].octets,
				address_len(family));
	}
	addresses_free(&list);
}

/* The wire form of id's labels, then the service's own name: the target of its SRV record. */
static size_t target_name(const struct compile_source *src, const char *id,
	uint8_t *out)
{
	struct dname labels;

	if (dname_from_plain(id, &labels) != CMAP_OK ||
		labels.len - 1 + src->name_len > DNAME_MAX)
		return 0;
	memcpy(out, labels.wire, labels.len - 1u);
	memcpy(out + labels.len - 1, src->name, src->name_len);
	return labels.len - 1u + src->name_len;
}

static void draft_srv(struct draft *d, const struct compile_source *src,
	const struct zone_options *options)
{
	const struct dns_record *config = service_record(src->service, RECORD_SRV);
	struct draft_rrset *s;
	struct instance *i, *next;

	if (config == NULL || src->service->instances == NULL)
		return;
	s = draft_add(d, DNS_SRV, config->ttl);
	s->pick = pick_of(src->service, options);
	s->rotation = src->rotation + 2;
	HASH_ITER (by_id, src->service->instances, i, next) {
		struct target t = {.has_ipv4 = i->has_ipv4, .has_ipv6 = i->has_ipv6};
		uint8_t rdata[6 + DNAME_MAX];
		size_t name_len = target_name(src, i->id, rdata + 6);

		if (name_len == 0 || i->port == 0)
			continue;
		dns_put16(rdata, 1);     /* priority */
		dns_put16(rdata + 2, 1); /* weight */
		dns_put16(rdata + 4, i->port);
		memcpy(t.ipv4, &i->ipv4, sizeof(t.ipv4));
		memcpy(t.ipv6, &i->ipv6, sizeof(t.ipv6));
		draft_record(s, i->lease_slot, rdata, (uint16_t)(6 + name_len));
		buf_add(&s->targets, &t, sizeof(t));
	}
	if (s->n == 0)
		d->n--;
}

static void draft_cname(struct draft *d, const struct compile_source *src)
{
	const struct dns_record *config = service_record(src->service, RECORD_CNAME);
	struct draft_rrset *s;
	struct instance *i, *next;

	if (config == NULL || src->service->instances == NULL)
		return;
	s = draft_add(d, DNS_CNAME, config->ttl);
	s->pick = 1; /* never two CNAMEs at a name: RFC 2181 s10.1 */
	s->rotation = src->rotation;
	HASH_ITER (by_id, src->service->instances, i, next) {
		const char *text = attributes_get(&i->attributes, "AWS_INSTANCE_CNAME");
		struct dname target;

		if (text != NULL && dname_from_plain(text, &target) == CMAP_OK)
			draft_record(s, i->lease_slot, target.wire, target.len);
	}
	if (s->n == 0)
		d->n--;
}

/* The addresses of one instance, at the name its SRV record gives. */
static void draft_target(struct draft *d, const struct instance *i)
{
	const struct dns_record *config = service_record(i->service, RECORD_SRV);
	uint32_t ttl = config == NULL ? 0 : config->ttl;

	if (i->has_ipv4)
		draft_record(draft_add(d, DNS_A, ttl), i->lease_slot, &i->ipv4, 4);
	if (i->has_ipv6)
		draft_record(draft_add(d, DNS_AAAA, ttl), i->lease_slot, &i->ipv6, 16);
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

	*out = (struct rrset){.type = s->type,
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

static struct entry *assemble(struct draft *d, const struct compile_source *src,
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
	e->n_rrsets = d->n;
	e->rrsets = (uint32_t)rrsets;
	memcpy(e->name, src->name, src->name_len);
	e->hash = published_hash(p, src->name, src->name_len);
	out = (struct rrset *)(void *)((uint8_t *)e + rrsets);
	for (uint16_t i = 0; i < d->n; i++) {
		at = place_rrset(e, &out[i], &d->rrset[i], at);
		buf_free(&d->rrset[i].records);
		buf_free(&d->rrset[i].targets);
		buf_free(&d->rrset[i].bytes);
	}
	return e;
}

struct entry *compile_entry(const struct compile_source *src,
	const struct zone_options *options, struct published *p,
	struct compile_groups *groups)
{
	struct draft d = {.n = 0};

	groups->slot = NULL;
	groups->n = 0;
	if (src->ns != NULL)
		draft_apex(&d, src, options);
	if (src->service != NULL) {
		draft_addresses(&d, src, options, ADDRESS_IPV4, p, groups);
		draft_addresses(&d, src, options, ADDRESS_IPV6, p, groups);
		draft_srv(&d, src, options);
		draft_cname(&d, src);
	}
	if (src->target != NULL)
		draft_target(&d, src->target);
	return assemble(&d, src, p);
}
