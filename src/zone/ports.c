/* SPDX-License-Identifier: MIT */
#include "zone/ports.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "model/reserved.h"
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

/* Calls for each of i's named ports. */
static void for_each_port(struct zone *z, const struct instance *i,
	void (*call)(struct zone *z, const struct instance *i, const char *key,
		const struct dname *name))
{
	const struct node *service = i->service->node;
	const char *key, *value;
	uint32_t pos = 0;

	if (!(i->parts & INSTANCE_PORTS) || service == NULL)
		return;
	while (attributes_next(&i->attributes, &pos, &key, &value)) {
		struct dname name;

		if (reserved_is_named_port(key) && port_name(service, key, &name))
			call(z, i, key, &name);
	}
}

static void put_port(struct zone *z, const struct instance *i, const char *key,
	const struct dname *name)
{
	const struct node *service = i->service->node;
	struct names *n = zone_names_of(z, service);
	struct node *node = names_get(n, name, service->apex_len);

	if (node->port == NULL) {
		node->port = xcalloc(1, sizeof(*node->port) + strlen(key) + 1);
		node->port->service = service;
		strcpy(node->port->key, key);
		zone_count_registered(z, node, 1);
		names_touch(n, node);
	}
	node->port->n++;
	names_touch_instance(n, node, i, CHANGE_COMES);
}

static void drop_port(struct zone *z, const struct instance *i, const char *key,
	const struct dname *name)
{
	struct names *n = zone_names_of(z, i->service->node);
	struct node *node = names_find(n, name->wire, name->len);

	(void)key;
	if (node == NULL || node->port == NULL)
		return;
	names_touch_instance(n, node, i, CHANGE_LEAVES);
	if (--node->port->n > 0)
		return;
	names_touch(n, node);
	zone_count_registered(z, node, -1);
	free(node->port);
	node->port = NULL;
}

static void touch_port(struct zone *z, const struct instance *i, const char *key,
	const struct dname *name)
{
	struct names *n = zone_names_of(z, i->service->node);
	struct node *node = names_find(n, name->wire, name->len);

	(void)key;
	if (node != NULL)
		names_touch(n, node);
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
