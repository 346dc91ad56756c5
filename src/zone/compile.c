/* SPDX-License-Identifier: MIT */
#include "zone/compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "wire/dns.h"
#include "zone/addresses.h"
#include "zone/browse.h"
#include "zone/change.h"
#include "zone/draft.h"
#include "zone/endpoints.h"
#include "zone/ports.h"

uint16_t compile_pick(const struct service *s, const struct zone_options *options)
{
	return s->has_routing && s->routing == ROUTING_WEIGHTED ? 1 : options->answers;
}

/* Of a weighted service one; but a load balancer has several addresses, which are worth as much together. */
static uint16_t pick_of(const struct compile_source *src,
	const struct zone_options *options)
{
	return src->n_aliases > 0 ? options->answers
				  : compile_pick(src->service, options);
}

static bool brings(const struct address_source *src, const struct instance *i,
	enum record_type t)
{
	uint32_t n;

	switch (t) {
	case RECORD_A:
	case RECORD_AAAA:
		(void)address_of(src, i, t == RECORD_A ? ADDRESS_IPV4 : ADDRESS_IPV6,
			&n);
		return n > 0;
	case RECORD_SRV:
		return i->port != 0;
	case RECORD_CNAME:
	case RECORD_N:
		break;
	}
	return true;
}

bool compile_healthy_only(const struct address_source *src, const struct service *s,
	enum record_type t)
{
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next)
		if (!i->is_unhealthy && brings(src, i, t))
			return true;
	return false;
}

static void draft_addresses(struct draft *d, const struct compile_source *src,
	const struct zone_options *options, enum address_family family,
	struct published *p, struct compiled *out)
{
	enum record_type t = family == ADDRESS_IPV4 ? RECORD_A : RECORD_AAAA;
	const struct dns_record *config = service_record(src->service, t);
	struct address_list list;
	struct draft_rrset *s;

	if (config == NULL)
		return;
	addresses_collect(&list, &src->addresses, src->service, family, p, &out->slot,
		&out->n);
	if (list.n > 0) {
		s = draft_add(d, family == ADDRESS_IPV4 ? DNS_A : DNS_AAAA,
			src->n_aliases == 0
				? config->ttl
				: alias_ttl(src->addresses.aliases, src->service,
					  family, config->ttl));
		s->pick = pick_of(src, options);
		s->rotation = src->rotation + (uint32_t)family;
		s->is_fair = options->fair && s->pick != 0 && list.n > 1;
		for (uint32_t i = 0; i < list.n; i++)
			draft_instance(s, list.address[i].slot, list.address[i].weight,
				list.address[i].octets, address_len(family));
	}
	addresses_free(&list);
}

uint16_t compile_target_name(const char *id, const uint8_t *name, uint8_t name_len,
	uint8_t *out)
{
	struct dname labels;

	if (dname_from_plain(id, &labels) != CMAP_OK ||
		labels.len - 1 + name_len > DNAME_MAX)
		return 0;
	memcpy(out, labels.wire, labels.len - 1u);
	memcpy(out + labels.len - 1, name, name_len);
	return (uint16_t)(labels.len - 1u + name_len);
}

uint16_t compile_srv(const struct instance *i, uint16_t port, const uint8_t *name,
	uint8_t name_len, uint8_t *rdata, struct target *target)
{
	uint16_t len = compile_target_name(i->id, name, name_len, rdata + 6);

	if (len == 0 || port == 0)
		return 0;
	dns_put16(rdata, 1); /* priority */
	dns_put16(rdata + 2, i->weight);
	dns_put16(rdata + 4, port);
	*target = (struct target){.has_ipv4 = i->has_ipv4, .has_ipv6 = i->has_ipv6};
	memcpy(target->ipv4, &i->ipv4, sizeof(target->ipv4));
	memcpy(target->ipv6, &i->ipv6, sizeof(target->ipv6));
	return (uint16_t)(6 + len);
}

static uint16_t cname_record(const struct instance *i, uint8_t *rdata)
{
	const char *text = attributes_get(&i->attributes, "AWS_INSTANCE_CNAME");
	struct dname target;

	if (text == NULL || dname_from_plain(text, &target) != CMAP_OK)
		return 0;
	memcpy(rdata, target.wire, target.len);
	return target.len;
}

uint16_t compile_record(const struct instance *i, enum record_type t,
	const uint8_t *name, uint8_t name_len, uint8_t *rdata, struct target *target)
{
	switch (t) {
	case RECORD_A:
		memcpy(rdata, &i->ipv4, 4);
		return i->has_ipv4 ? 4 : 0;
	case RECORD_AAAA:
		memcpy(rdata, &i->ipv6, 16);
		return i->has_ipv6 ? 16 : 0;
	case RECORD_SRV:
		return compile_srv(i, i->port, name, name_len, rdata, target);
	case RECORD_CNAME:
		return cname_record(i, rdata);
	case RECORD_N:
		break;
	}
	return 0;
}

uint16_t record_type_wire(enum record_type t)
{
	static const uint16_t wire[RECORD_N] = {[RECORD_A] = DNS_A,
		[RECORD_AAAA] = DNS_AAAA,
		[RECORD_SRV] = DNS_SRV,
		[RECORD_CNAME] = DNS_CNAME};

	return wire[t];
}

void compile_outside_target(const struct address_source *src, const struct instance *i,
	struct target *out)
{
	const uint8_t *octets;
	uint32_t n;

	*out = (struct target){.has_ipv4 = false};
	octets = address_of(src, i, ADDRESS_IPV4, &n);
	if (n > 0)
		memcpy(out->ipv4, octets, sizeof(out->ipv4));
	out->has_ipv4 = n > 0;
	octets = address_of(src, i, ADDRESS_IPV6, &n);
	if (n > 0)
		memcpy(out->ipv6, octets, sizeof(out->ipv6));
	out->has_ipv6 = n > 0;
}

/* The instances that SRV records are given of: each address and port once. Twins are marked, unless for outside. */
static void find_endpoints(struct endpoints *e, const struct compile_source *src,
	bool healthy_only)
{
	bool is_noted = !src->addresses.is_outside;
	struct instance *i, *next;

	endpoints_init(e, model_instance_count(src->service));
	HASH_ITER (by_id, src->service->instances, i, next) {
		struct instance *twin = NULL;

		if (is_noted)
			i->marks &= (uint8_t)~MARK_TWIN;
		if (i->port != 0 && !(healthy_only && i->is_unhealthy))
			twin = endpoints_add(e, i);
		if (twin == NULL || !is_noted)
			continue;
		twin->marks |= MARK_TWIN;
		i->marks |= MARK_TWIN;
	}
}

/* The records that its instances bring one each: SRV and CNAME. */
static void draft_each(struct draft *d, const struct compile_source *src,
	enum record_type t, uint16_t pick, uint32_t rotation)
{
	const struct dns_record *config = service_record(src->service, t);
	struct draft_rrset *s;
	struct instance *i, *next;
	struct endpoints endpoints = {.at = NULL};
	bool healthy_only;

	if (config == NULL || src->service->instances == NULL)
		return;
	s = draft_add(d, record_type_wire(t), config->ttl);
	s->pick = pick;
	s->rotation = rotation;
	healthy_only = compile_healthy_only(&src->addresses, src->service, t);
	if (t == RECORD_SRV)
		find_endpoints(&endpoints, src, healthy_only);
	HASH_ITER (by_id, src->service->instances, i, next) {
		uint8_t rdata[COMPILE_RDATA_MAX];
		struct target target;
		uint16_t len =
			compile_record(i, t, src->name, src->name_len, rdata, &target);

		if (len == 0 || (healthy_only && i->is_unhealthy) ||
			(t == RECORD_SRV && !endpoints_has(&endpoints, i)))
			continue;
		draft_instance(s, i->lease_slot, i->weight, rdata, len);
		if (src->addresses.is_outside && t == RECORD_SRV)
			compile_outside_target(&src->addresses, i, &target);
		if (t == RECORD_SRV)
			buf_add(&s->targets, &target, sizeof(target));
	}
	endpoints_free(&endpoints);
	if (s->n == 0)
		draft_drop(d);
}

uint32_t compile_target_ttl(const struct service *s)
{
	const struct dns_record *srv = service_record(s, RECORD_SRV);
	uint32_t ttl = s->n_records == 0 ? 0 : s->records[0].ttl;

	if (srv != NULL)
		return srv->ttl;
	for (uint8_t i = 1; i < s->n_records; i++)
		ttl = s->records[i].ttl < ttl ? s->records[i].ttl : ttl;
	return ttl;
}

/* The addresses of one instance, at the name its SRV records give. */
static void draft_target(struct draft *d, const struct address_source *src,
	const struct instance *i)
{
	uint32_t ttl = compile_target_ttl(i->service);
	const uint8_t *octets;
	uint32_t n;

	octets = address_of(src, i, ADDRESS_IPV4, &n);
	if (n > 0)
		draft_record(draft_add(d, DNS_A, ttl), i->lease_slot, octets, 4);
	octets = address_of(src, i, ADDRESS_IPV6, &n);
	if (n > 0)
		draft_record(draft_add(d, DNS_AAAA, ttl), i->lease_slot, octets, 16);
}

/* A registered CNAME leaves place for nothing else. */
static bool stands_alone(const struct compile_source *src)
{
	return src->service != NULL &&
	       service_record(src->service, RECORD_CNAME) != NULL;
}

bool compile_hides(const struct compile_source *src, uint16_t type)
{
	const struct service *s = src->service;
	const struct instance *i = src->target;

	if (src->port != NULL && (type == DNS_SRV || type == DNS_CNAME))
		return true;
	if (src->reverse != NULL && (type == DNS_PTR || type == DNS_CNAME))
		return true;
	if (src->browse != NULL &&
		(type == DNS_CNAME ||
			(type == DNS_TXT && !browse_is_list(src->browse))))
		return true;
	if (s == NULL && i == NULL)
		return false;
	if (stands_alone(src))
		return true;
	switch (type) {
	case DNS_CNAME:
		return true;
	case DNS_A:
		return (s != NULL && service_record(s, RECORD_A) != NULL) ||
		       (i != NULL && i->has_ipv4);
	case DNS_AAAA:
		return (s != NULL && service_record(s, RECORD_AAAA) != NULL) ||
		       (i != NULL && i->has_ipv6);
	case DNS_SRV:
		return s != NULL && service_record(s, RECORD_SRV) != NULL;
	default:
		return false;
	}
}

/* Which of its addresses the service's aliases do not know yet. */
static void mark_unknown(struct entry *e, const struct compile_source *src)
{
	const struct aliases *a = src->addresses.aliases;

	if (service_record(src->service, RECORD_A) != NULL)
		e->unknown[0] = alias_unknown(a, src->service, ADDRESS_IPV4);
	if (service_record(src->service, RECORD_AAAA) != NULL)
		e->unknown[1] = alias_unknown(a, src->service, ADDRESS_IPV6);
}

static bool is_plain(const struct service *s)
{
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next)
		if (i->is_unhealthy || i->weight != 1)
			return false;
	return true;
}

struct entry *compile_entry(const struct compile_source *src,
	const struct zone_options *options, struct published *p, struct compiled *out)
{
	const struct service *s = src->service;
	struct draft d;
	struct entry *e;

	if (s == NULL && src->port != NULL)
		s = src->port->service->service;
	draft_init(&d);
	*out = (struct compiled){.is_plain = s == NULL || is_plain(s)};
	if (src->is_apex)
		compile_apex(&d, src, options);
	if (src->service != NULL) {
		draft_addresses(&d, src, options, ADDRESS_IPV4, p, out);
		draft_addresses(&d, src, options, ADDRESS_IPV6, p, out);
		draft_each(&d, src, RECORD_SRV, pick_of(src, options),
			src->rotation + 2);
		/* never two CNAMEs at a name: RFC 2181 s10.1 */
		draft_each(&d, src, RECORD_CNAME, 1, src->rotation);
	}
	if (src->target != NULL)
		draft_target(&d, &src->addresses, src->target);
	if (src->port != NULL && !stands_alone(src) &&
		(src->service == NULL ||
			service_record(src->service, RECORD_SRV) == NULL))
		compile_ports(&d, src, options);
	if (src->browse != NULL && !stands_alone(src))
		compile_browse(&d, src, options, p);
	if (src->reverse != NULL && !stands_alone(src))
		compile_reverse(&d, src, options, p, out);
	if (src->is_cut)
		compile_cut(&d, src);
	else if (src->statics != NULL)
		compile_statics(&d, src);
	e = draft_assemble(&d, src, p);
	if (src->service != NULL && src->n_aliases > 0)
		mark_unknown(e, src);
	return e;
}
