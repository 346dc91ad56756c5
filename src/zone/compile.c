/* SPDX-License-Identifier: MIT */
#include "zone/compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "wire/dns.h"
#include "zone/addresses.h"
#include "zone/draft.h"

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
		draft_drop(d);
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
		draft_drop(d);
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

bool compile_hides(const struct compile_source *src, uint16_t type)
{
	const struct service *s = src->service;
	const struct instance *i = src->target;

	if (s == NULL && i == NULL)
		return false;
	if (s != NULL && service_record(s, RECORD_CNAME) != NULL)
		return true; /* it stands alone at its name */
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

struct entry *compile_entry(const struct compile_source *src,
	const struct zone_options *options, struct published *p,
	struct compile_groups *groups)
{
	struct draft d;

	draft_init(&d);
	groups->slot = NULL;
	groups->n = 0;
	if (src->ns != NULL)
		compile_apex(&d, src, options);
	if (src->service != NULL) {
		draft_addresses(&d, src, options, ADDRESS_IPV4, p, groups);
		draft_addresses(&d, src, options, ADDRESS_IPV6, p, groups);
		draft_srv(&d, src, options);
		draft_cname(&d, src);
	}
	if (src->target != NULL)
		draft_target(&d, src->target);
	if (src->is_cut)
		compile_cut(&d, src);
	else if (src->statics != NULL)
		compile_statics(&d, src);
	return draft_assemble(&d, src, p);
}
