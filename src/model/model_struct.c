/* SPDX-License-Identifier: MIT */
/* The structs by themselves: what they own, and what is read from them. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/model.h"
#include "model/reserved.h"

void namespace_free(struct namespace *ns)
{
	if (!ns)
		return;
	free(ns->name);
	free(ns->creator_request_id);
	free(ns->description);
	free(ns->vpc);
	free(ns->dns_key);
	free(ns);
}

void service_free(struct service *s)
{
	if (!s)
		return;
	free(s->name);
	free(s->creator_request_id);
	free(s->description);
	free(s->health_check.resource_path);
	free(s->key);
	free(s);
}

void instance_free(struct instance *i)
{
	if (!i)
		return;
	free(i->id);
	free(i->creator_request_id);
	attributes_free(&i->attributes);
	free(i);
}

void operation_free(struct operation *op)
{
	if (!op)
		return;
	free(op->instance_id);
	free(op);
}

const struct dns_record *service_record(const struct service *s, enum record_type t)
{
	for (uint8_t i = 0; i < s->n_records; i++)
		if (s->records[i].type == t)
			return &s->records[i];
	return NULL;
}

int instance_read_attributes(struct instance *i)
{
	const char *ipv4 = attributes_get(&i->attributes, RESERVED_IPV4);
	const char *ipv6 = attributes_get(&i->attributes, RESERVED_IPV6);
	const char *port = attributes_get(&i->attributes, RESERVED_PORT);
	const char *lease = attributes_get(&i->attributes, RESERVED_LEASE);
	const char *weight = attributes_get(&i->attributes, RESERVED_WEIGHT);
	const char *health = attributes_get(&i->attributes, RESERVED_INIT_HEALTH);

	i->has_ipv4 = ipv4 != NULL;
	i->has_ipv6 = ipv6 != NULL;
	i->port = 0;
	i->weight = 1;
	i->is_unhealthy = health != NULL && strcmp(health, "UNHEALTHY") == 0;
	i->lease_ms = 0;
	if (ipv4 && reserved_parse_ipv4(ipv4, &i->ipv4))
		return CMAP_E_CORRUPT;
	if (ipv6 && reserved_parse_ipv6(ipv6, &i->ipv6))
		return CMAP_E_CORRUPT;
	if (port && reserved_parse_port(port, &i->port))
		return CMAP_E_CORRUPT;
	if (lease && reserved_parse_lease(lease, &i->lease_ms))
		return CMAP_E_CORRUPT;
	if (weight && reserved_parse_weight(weight, &i->weight))
		return CMAP_E_CORRUPT;
	return CMAP_OK;
}
