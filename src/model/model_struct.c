/* SPDX-License-Identifier: MIT */
/* The structs by themselves: what they own, and what is read from them. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/pool.h"
#include "model/model.h"
#include "model/reserved.h"

void namespace_free(struct namespace *ns)
{
	if (!ns)
		return;
	free(ns->name);
	free(ns->http_name);
	free(ns->creator_request_id);
	free(ns->description);
	free(ns->vpc);
	free(ns->updater_request_id);
	attributes_free(&ns->tags);
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
	attributes_free(&s->tags);
	attributes_free(&s->attributes);
	free(s->key);
	free(s);
}

void instance_free(struct instance *i)
{
	size_t size;

	if (!i)
		return;
	attributes_free(&i->attributes);
	size = (size_t)i->grains * POOL_GRAIN;
	pool_free(i->parts & INSTANCE_LEASED ? (void *)instance_lease(i) : i, size);
}

void operation_free(struct operation *op)
{
	if (!op)
		return;
	free(op->instance_id);
	free(op);
}

static char *copy_text(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

struct namespace *namespace_copy(const struct namespace *from)
{
	struct namespace *ns = xcalloc(1, sizeof(*ns));

	memcpy(ns->id, from->id, sizeof(ns->id));
	ns->type = from->type;
	ns->name = copy_text(from->name);
	ns->http_name = copy_text(from->http_name);
	ns->creator_request_id = copy_text(from->creator_request_id);
	ns->description = copy_text(from->description);
	ns->vpc = copy_text(from->vpc);
	ns->soa_ttl = from->soa_ttl;
	ns->created_ms = from->created_ms;
	memcpy(ns->operation_id, from->operation_id, sizeof(ns->operation_id));
	ns->updater_request_id = copy_text(from->updater_request_id);
	memcpy(ns->update_operation_id, from->update_operation_id,
		sizeof(ns->update_operation_id));
	ns->tags = attributes_copy(&from->tags);
	return ns;
}

struct service *service_copy(const struct service *from)
{
	struct service *s = xcalloc(1, sizeof(*s));

	memcpy(s->id, from->id, sizeof(s->id));
	memcpy(s->namespace_id, from->namespace_id, sizeof(s->namespace_id));
	s->name = copy_text(from->name);
	s->creator_request_id = copy_text(from->creator_request_id);
	s->description = copy_text(from->description);
	s->http_only = from->http_only;
	s->has_routing = from->has_routing;
	s->routing = from->routing;
	s->n_records = from->n_records;
	memcpy(s->records, from->records, sizeof(s->records));
	s->has_health_check = from->has_health_check;
	s->health_check = from->health_check;
	s->health_check.resource_path = copy_text(from->health_check.resource_path);
	s->has_custom_health = from->has_custom_health;
	s->created_ms = from->created_ms;
	s->tags = attributes_copy(&from->tags);
	s->attributes = attributes_copy(&from->attributes);
	return s;
}

const char *namespace_http_name(const struct namespace *ns)
{
	return ns->http_name ? ns->http_name : ns->name;
}

const struct dns_record *service_record(const struct service *s, enum record_type t)
{
	for (uint8_t i = 0; i < s->n_records; i++)
		if (s->records[i].type == t)
			return &s->records[i];
	return NULL;
}

/* An instance with len octets behind it, zeroed. */
static struct instance *alloc_instance(bool is_leased, size_t len)
{
	size_t before = is_leased ? offsetof(struct leased, instance) : 0;
	size_t grains =
		(before + sizeof(struct instance) + len + POOL_GRAIN - 1) / POOL_GRAIN;
	char *block = pool_alloc(grains * POOL_GRAIN);
	struct instance *i = (struct instance *)(void *)(block + before);

	i->parts = is_leased ? INSTANCE_LEASED : 0;
	i->grains = grains > POOL_BLOCK_MAX / POOL_GRAIN
			    ? POOL_BLOCK_MAX / POOL_GRAIN + 1
			    : (uint16_t)grains;
	return i;
}

/* Behind the id stands the creator's, with its NUL if it has any text, then the attributes. */
struct instance *instance_new(const char *id, const char *creator_request_id,
	const struct attributes *a)
{
	size_t id_len = strlen(id) + 1;
	size_t creator_len = *creator_request_id ? strlen(creator_request_id) + 1 : 0;
	struct instance *i = alloc_instance(attributes_get(a, RESERVED_LEASE) != NULL,
		id_len + creator_len + a->len);

	memcpy(i->id, id, id_len);
	memcpy(i->id + id_len, creator_request_id, creator_len);
	if (creator_len > 0)
		i->parts |= INSTANCE_CREATOR;
	i->attributes = *a;
	i->attributes.is_borrowed = 1;
	i->attributes.block = i->id + id_len + creator_len;
	if (a->len > 0)
		memcpy(i->attributes.block, a->block, a->len);
	return i;
}

struct instance *instance_copy(const struct instance *from)
{
	struct instance *i =
		instance_new(from->id, instance_creator(from), &from->attributes);

	i->created_ms = from->created_ms;
	i->has_ipv4 = from->has_ipv4;
	i->has_ipv6 = from->has_ipv6;
	i->is_unhealthy = from->is_unhealthy;
	i->weight = from->weight;
	i->port = from->port;
	i->is_alias = from->is_alias;
	i->parts |= (uint8_t)(from->parts & (INSTANCE_PORTS | INSTANCE_PUBLIC));
	i->ipv4 = from->ipv4;
	i->ipv6 = from->ipv6;
	i->lease_ms = from->lease_ms;
	i->lease_end_ms = from->lease_end_ms;
	return i;
}

const char *instance_creator(const struct instance *i)
{
	return i->parts & INSTANCE_CREATOR ? i->id + strlen(i->id) + 1 : "";
}

/* CMAP_E_* of what the value does not parse as. */
static int read_attribute(struct instance *i, const char *key, const char *value)
{
	int64_t lease_ms = 0;
	int err = CMAP_OK;

	if (strcmp(key, RESERVED_IPV4) == 0) {
		i->has_ipv4 = true;
		err = reserved_parse_ipv4(value, &i->ipv4);
	} else if (strcmp(key, RESERVED_IPV6) == 0) {
		i->has_ipv6 = true;
		err = reserved_parse_ipv6(value, &i->ipv6);
	} else if (strcmp(key, RESERVED_PORT) == 0) {
		err = reserved_parse_port(value, &i->port);
	} else if (strcmp(key, RESERVED_LEASE) == 0) {
		err = reserved_parse_lease(value, &lease_ms);
		i->lease_ms = (uint32_t)lease_ms; /* 7 days at most */
	} else if (strcmp(key, RESERVED_WEIGHT) == 0) {
		err = reserved_parse_weight(value, &i->weight);
	} else if (strcmp(key, RESERVED_PUBLIC_IPV4) == 0 ||
		   strcmp(key, RESERVED_PUBLIC_IPV6) == 0) {
		i->parts |= INSTANCE_PUBLIC;
	} else if (strcmp(key, RESERVED_ALIAS) == 0) {
		i->is_alias = true;
	} else if (reserved_is_named_port(key)) {
		struct reserved_port name;
		uint16_t port;

		i->parts |= INSTANCE_PORTS;
		err = reserved_parse_port_key(key, &name);
		if (err == CMAP_OK)
			err = reserved_parse_port(value, &port);
	} else if (strcmp(key, RESERVED_INIT_HEALTH) == 0) {
		i->is_unhealthy = strcmp(value, "UNHEALTHY") == 0;
	}
	return err;
}

int instance_read_attributes(struct instance *i)
{
	const char *key, *value;
	uint32_t pos = 0;

	i->has_ipv4 = i->has_ipv6 = i->is_alias = false;
	i->parts &= (uint8_t) ~(INSTANCE_PUBLIC | INSTANCE_PORTS);
	i->port = 0;
	i->weight = 1;
	i->is_unhealthy = false;
	i->lease_ms = 0;
	while (attributes_next(&i->attributes, &pos, &key, &value))
		if (read_attribute(i, key, value) != CMAP_OK)
			return CMAP_E_CORRUPT;
	return CMAP_OK;
}
