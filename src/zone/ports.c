/* SPDX-License-Identifier: MIT */
#include "zone/ports.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "model/reserved.h"
#include "zone/browse.h"
#include "zone/private.h"

/* _http._tcp below the service's name; false if that is too long. */
static bool port_name(const struct node *service, const char *key, struct dname *out)
{
	struct reserved_port port;
	uint8_t *at = out->wire;
	size_t len;

	if (reserved_parse_port_key(key, &port) != CMAP_OK)
		return false;
	len = strlen(port.name);
	if (len + 7 + service->name_len > DNAME_MAX)
		return false;
	*at++ = (uint8_t)(len + 1);
	*at++ = '_';
	memcpy(at, port.name, len);
	at += len;
	memcpy(at, port.is_udp ? "\004_udp" : "\004_tcp", 5);
	at += 5;
	memcpy(at, service->name, service->name_len);
	out->len = (uint8_t)(len + 7 + service->name_len);
	return true;
}

/* One of the names of a port: its own, or that under which the service is listed (browse.h). */
struct port_at {
	const char *key;
	struct dname name;
	bool is_listed;
};

typedef void port_call(struct zone *z, const struct instance *i,
	const struct port_at *p);

/* Calls for each of i's named ports, at their own names or at those that are listed. */
static void for_each_name(struct zone *z, const struct instance *i, bool is_listed,
	port_call *call)
{
	const struct node *service = i->service->node;
	struct port_at p = {.is_listed = is_listed};
	const char *value;
	uint32_t pos = 0;

	if (!(i->parts & INSTANCE_PORTS) || service == NULL)
		return;
	while (attributes_next(&i->attributes, &pos, &p.key, &value))
		if (reserved_is_named_port(p.key) &&
			(is_listed ? browse_name(z, service, p.key, &p.name)
				   : port_name(service, p.key, &p.name)))
			call(z, i, &p);
}

static void for_each_listed(struct zone *z, const struct instance *i, port_call *call)
{
	if ((i->parts & INSTANCE_PORTS) && i->service->node != NULL &&
		browse_is_on(z, i->service->node))
		for_each_name(z, i, true, call);
}

static void for_each_port(struct zone *z, const struct instance *i, port_call *call)
{
	for_each_name(z, i, false, call);
	for_each_listed(z, i, call);
}

static struct node *find_node(const struct zone *z, const struct instance *i,
	const struct port_at *p)
{
	return names_find(zone_names_of(z, i->service->node), p->name.wire,
		p->name.len);
}

static void put_port(struct zone *z, const struct instance *i, const struct port_at *p)
{
	const struct node *service = i->service->node;
	struct names *n = zone_names_of(z, service);
	struct node *node = names_get(n, &p->name, service->apex_len);

	if (node->port == NULL) {
		node->port = xcalloc(1, sizeof(*node->port) + strlen(p->key) + 1);
		node->port->service = service;
		strcpy(node->port->key, p->key);
		zone_count_registered(z, node, 1);
		names_touch(n, node);
	}
	node->port->n++;
	names_touch_instance(n, node, i, CHANGE_COMES);
	if (p->is_listed)
		browse_put(z, node, i);
}

void ports_forget(struct zone *z, struct node *node)
{
	names_touch(zone_names_of(z, node), node);
	zone_count_registered(z, node, -1);
	free(node->port);
	node->port = NULL;
}

static void drop_port(struct zone *z, const struct instance *i, const struct port_at *p)
{
	struct node *node = find_node(z, i, p);

	if (node == NULL || node->port == NULL)
		return;
	names_touch_instance(zone_names_of(z, node), node, i, CHANGE_LEAVES);
	if (--node->port->n > 0)
		return;
	ports_forget(z, node);
	if (p->is_listed)
		browse_drop(z, node);
}

static void touch_port(struct zone *z, const struct instance *i,
	const struct port_at *p)
{
	struct node *node = find_node(z, i, p);

	if (node != NULL)
		names_touch(zone_names_of(z, node), node);
}

/* What is told of the service, in its TXT record and by the TTL of the list that it is in. */
static void touch_listed(struct zone *z, const struct instance *i,
	const struct port_at *p)
{
	struct node *node = find_node(z, i, p);

	if (node == NULL)
		return;
	names_touch(zone_names_of(z, node), node);
	names_touch(zone_names_of(z, node), node->above);
}

static void renew_port(struct zone *z, const struct instance *i,
	const struct port_at *p)
{
	struct node *node = find_node(z, i, p);

	if (node != NULL && node->browse != NULL)
		browse_put(z, node, i);
}

void ports_put(struct zone *z, const struct instance *i)
{
	for_each_port(z, i, put_port);
}

void ports_delete(struct zone *z, const struct instance *i)
{
	for_each_port(z, i, drop_port);
}

void ports_touch(struct zone *z, const struct instance *i)
{
	for_each_port(z, i, touch_port);
}

void ports_browse(struct zone *z, const struct instance *i)
{
	for_each_listed(z, i, put_port);
}

void ports_describe(struct zone *z, const struct service *s)
{
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next)
		for_each_listed(z, i, touch_listed);
}

void ports_lease(struct zone *z, const struct instance *i)
{
	for_each_listed(z, i, renew_port);
}
