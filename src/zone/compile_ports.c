/* SPDX-License-Identifier: MIT */
/* SRV records of a named port. */
#include "base/error.h"
#include "model/reserved.h"
#include "wire/dns.h"
#include "zone/draft.h"
#include "zone/ports.h"

uint16_t compile_port(const struct instance *i, const char *key)
{
	const char *text =
		i->parts & INSTANCE_PORTS ? attributes_get(&i->attributes, key) : NULL;
	uint16_t port;

	return text == NULL || reserved_parse_port(text, &port) != CMAP_OK ? 0 : port;
}

static bool has_healthy(const struct service *s, const char *key)
{
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next)
		if (!i->is_unhealthy && compile_port(i, key) != 0)
			return true;
	return false;
}

void compile_ports(struct draft *d, const struct compile_source *src,
	const struct zone_options *options)
{
	const struct node *node = src->port->service;
	const struct service *service = node->service;
	struct draft_rrset *s = draft_add(d, DNS_SRV, compile_target_ttl(service));
	bool healthy_only = has_healthy(service, src->port->key);
	struct instance *i, *next;

	s->pick = compile_pick(service, options);
	s->rotation = src->rotation + 2;
	HASH_ITER (by_id, service->instances, i, next) {
		uint8_t rdata[COMPILE_RDATA_MAX];
		struct target target;
		uint16_t port = compile_port(i, src->port->key);
		uint16_t len = 0;

		if (port != 0 && !(healthy_only && i->is_unhealthy))
			len = compile_srv(i, port, node->name, node->name_len, rdata,
				&target);
		if (len == 0)
			continue;
		if (src->addresses.is_outside)
			compile_outside_target(&src->addresses, i, &target);
		draft_instance(s, i->lease_slot, i->weight, rdata, len);
		buf_add(&s->targets, &target, sizeof(target));
	}
	if (s->n == 0)
		draft_drop(d);
}
