/* SPDX-License-Identifier: MIT */
#include "zone/browse.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/error.h"
#include "base/mem.h"
#include "model/reserved.h"
#include "zone/ports.h"
#include "zone/private.h"

/* ---- names -------------------------------------------------------------------------------------- */

#define DNS_SD "\007_dns-sd\004_udp"

static const char types_prefix[] = "\011_services" DNS_SD;
static const char *const domain_prefixes[] = {"\001b" DNS_SD, "\002lb" DNS_SD};

static const uint8_t *apex_name(const struct node *node)
{
	return node->name + (node->name_len - node->apex_len);
}

/* The labels of prefix, then the apex of node's zone; false if that is too long. */
static bool name_in_zone(const char *prefix, const struct node *node, struct dname *out)
{
	size_t len = strlen(prefix);

	if (len + node->apex_len > DNAME_MAX)
		return false;
	memcpy(out->wire, prefix, len);
	memcpy(out->wire + len, apex_name(node), node->apex_len);
	out->len = (uint8_t)(len + node->apex_len);
	return true;
}

/* No other zone begins at the name or above it, below the apex. */
static bool is_in_zone(const struct zone *z, const struct dname *name, uint8_t apex_len)
{
	const uint8_t *at = name->wire;

	for (size_t len = name->len; len > apex_len; at += 1u + *at) {
		if (plane_has_apex(z, at, len))
			return false;
		len -= 1u + *at;
	}
	return true;
}

bool browse_label(const struct service *s, uint8_t out[BROWSE_LABEL])
{
	bool is_apex = strcmp(s->name, ".") == 0;
	const char *text = is_apex ? s->ns->name : s->name;
	size_t len = strlen(text);

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len + is_apex > DNAME_LABEL_MAX)
		return false;
	out[0] = (uint8_t)(len + is_apex);
	memcpy(out + 1, text, len);
	if (is_apex)
		out[1 + len] = '.';
	return true;
}

/* _http._tcp of that attribute, back to back in wire form; false: DNS-SD has names of its own there. */
static bool type_prefix(const char *key, char out[DNAME_LABEL_MAX])
{
	static const char *const taken[] = {"tcp", "udp", "dns-sd"};
	struct reserved_port port;
	size_t len;

	if (reserved_parse_port_key(key, &port) != CMAP_OK)
		return false;
	for (size_t i = 0; i < CMAP_COUNT(taken); i++)
		if (strcmp(port.name, taken[i]) == 0)
			return false;
	len = strlen(port.name);
	out[0] = (char)(len + 1);
	out[1] = '_';
	memcpy(out + 2, port.name, len);
	strcpy(out + 2 + len, port.is_udp ? "\004_udp" : "\004_tcp");
	return true;
}

bool browse_name(const struct zone *z, const struct node *service, const char *key,
	struct dname *out)
{
	char prefix[BROWSE_LABEL + DNAME_LABEL_MAX + 1];
	uint8_t label[BROWSE_LABEL];
	size_t len;

	if (!browse_label(service->service, label))
		return false;
	len = 1u + label[0];
	dname_lower(label, len, (uint8_t *)prefix);
	return type_prefix(key, prefix + len) && name_in_zone(prefix, service, out) &&
	       is_in_zone(z, out, service->apex_len);
}

/* ---- lists --------------------------------------------------------------------------------------- */

static void touch(struct zone *z, struct node *node)
{
	names_touch(zone_names_of(z, node), node);
}

/* The types of the namespace that node lies in; NULL: it is not browsed. */
static struct browse *types_of(const struct zone *z, const struct node *node)
{
	struct dname name;
	const struct node *types;

	if (!name_in_zone(types_prefix, node, &name))
		return NULL;
	types = names_find(zone_names_of(z, node), name.wire, name.len);
	return types == NULL ? NULL : types->browse;
}

bool browse_is_on(const struct zone *z, const struct node *node)
{
	return z->options.browses != NULL && types_of(z, node) != NULL;
}

static struct browse *make(struct zone *z, struct node *node, enum browse_kind kind,
	const struct node *apex)
{
	struct browse *b = xcalloc(1, sizeof(*b));

	*b = (struct browse){.kind = kind, .node = node, .apex = apex};
	node->browse = b;
	zone_count_registered(z, node, 1);
	touch(z, node);
	return b;
}

static void unmake(struct zone *z, struct browse *b)
{
	struct node *node = b->node;

	if (b->slot != 0)
		zone_leave(z, b->slot);
	node->browse = NULL;
	zone_count_registered(z, node, -1);
	touch(z, node);
	free(b);
}

static void join(struct zone *z, struct browse *list, struct browse *b)
{
	b->by = list;
	DL_APPEND(list->listed, b);
	list->n++;
	touch(z, list->node);
}

/* Takes b out of its list, and a type without instances out of its own. */
static void leave(struct zone *z, struct browse *b)
{
	struct browse *list = b->by;

	DL_DELETE(list->listed, b);
	list->n--;
	touch(z, list->node);
	unmake(z, b);
	if (list->kind == BROWSE_TYPE && list->n == 0)
		leave(z, list);
}

void browse_put(struct zone *z, struct node *node, const struct instance *i)
{
	struct lease_table *t = &z->published.leases;
	struct node *type = node->above;
	struct browse *types;

	if (node->browse != NULL) {
		if (lease_end_ms(t, node->browse->slot) < i->lease_end_ms)
			lease_set(t, node->browse->slot, i->lease_end_ms);
		return;
	}
	types = types_of(z, node);
	if (type->browse == NULL)
		join(z, types, make(z, type, BROWSE_TYPE, types->apex));
	make(z, node, BROWSE_INSTANCE, types->apex)->slot =
		lease_alloc(t, &z->published.grace, i->lease_end_ms);
	join(z, type->browse, node->browse);
}

/* Whoever registers anew leaves, and comes back at once: the lists stay as they are. */
void browse_drop(struct zone *z, const struct node *node)
{
	struct browse *b = node->browse;

	if (b->is_idle)
		return;
	b->is_idle = true;
	b->next_idle = z->idle;
	z->idle = b;
}

void browse_flush(struct zone *z)
{
	while (z->idle != NULL) {
		struct browse *b = z->idle;

		z->idle = b->next_idle;
		b->is_idle = false;
		if (b->node->port == NULL)
			leave(z, b);
	}
}

/* ---- namespaces ---------------------------------------------------------------------------------- */

/* The node of a name of browsing itself, made if it can be; NULL: it is too long, or lies in another zone. */
static struct node *get_node(struct zone *z, const char *prefix,
	const struct node *apex)
{
	struct dname name;

	return name_in_zone(prefix, apex, &name) && is_in_zone(z, &name, apex->name_len)
		       ? names_get(zone_names_of(z, apex), &name, apex->name_len)
		       : NULL;
}

static void start(struct zone *z, struct node *apex)
{
	struct node *types = get_node(z, types_prefix, apex);
	struct service *s, *next_s;
	struct instance *i, *next_i;

	if (types == NULL)
		return;
	make(z, types, BROWSE_TYPES, apex);
	for (size_t k = 0; k < CMAP_COUNT(domain_prefixes); k++) {
		struct node *domain = get_node(z, domain_prefixes[k], apex);

		if (domain != NULL)
			make(z, domain, BROWSE_DOMAIN, apex);
	}
	HASH_ITER (by_key, apex->ns->services, s, next_s)
		HASH_ITER (by_id, s->instances, i, next_i)
			ports_browse(z, i);
}

/* Calls for the nodes that are there without a service: the types, and the domains. */
static void for_each_own(struct zone *z, const struct node *apex,
	void (*call)(struct zone *z, struct browse *b))
{
	struct dname name;

	call(z, types_of(z, apex));
	for (size_t k = 0; k < CMAP_COUNT(domain_prefixes); k++) {
		const struct node *node = NULL;

		if (name_in_zone(domain_prefixes[k], apex, &name))
			node = names_find(zone_names_of(z, apex), name.wire, name.len);
		if (node != NULL && node->browse != NULL)
			call(z, node->browse);
	}
}

void browse_stop(struct zone *z, const struct node *apex)
{
	struct browse *types = types_of(z, apex);

	if (types == NULL)
		return;
	browse_flush(z);
	while (types->listed != NULL) {
		struct browse *b = types->listed->listed;

		ports_forget(z, b->node);
		leave(z, b);
	}
	for_each_own(z, apex, unmake);
}

void browse_settle(struct zone *z, struct node *apex)
{
	bool is_wanted = z->options.browses != NULL &&
			 z->options.browses(z->options.arg, apex->ns);

	if (is_wanted == (types_of(z, apex) != NULL))
		return;
	if (is_wanted)
		start(z, apex);
	else
		browse_stop(z, apex);
}

void browse_settle_all(struct zone *z)
{
	for (uint16_t i = 0; i < z->n_planes; i++) {
		struct node *node, *next;

		HASH_ITER (hh, zone_plane(z, i)->names.nodes, node, next)
			if (node->ns != NULL)
				browse_settle(z, node);
	}
}

/* The namespace of that plane that is around the name, if it may have names of browsing there or below. */
static struct node *around(const struct zone *z, uint16_t plane,
	const struct dname *name)
{
	uint8_t lower[DNAME_MAX];
	const uint8_t *at = lower;
	struct node *apex;
	size_t len = name->len;

	dname_lower(name->wire, name->len, lower);
	apex = names_apex_above(&zone_plane(z, plane)->names, lower, len);
	if (apex == NULL || apex->ns == NULL)
		return NULL;
	for (; len - (1u + *at) > apex->name_len; at += 1u + *at)
		len -= 1u + *at;
	return memcmp(at, "\004_tcp", 5) == 0 || memcmp(at, "\004_udp", 5) == 0 ? apex
										: NULL;
}

void browse_make_way(struct zone *z, const struct dname *apex)
{
	for (uint16_t i = 0; i < z->n_planes; i++) {
		const struct node *node = around(z, i, apex);

		if (node != NULL)
			browse_stop(z, node);
	}
}

void browse_return(struct zone *z, const struct dname *apex)
{
	browse_make_way(z, apex);
	for (uint16_t i = 0; i < z->n_planes; i++) {
		struct node *node = around(z, i, apex);

		if (node != NULL)
			browse_settle(z, node);
	}
}

static void touch_own(struct zone *z, struct browse *b)
{
	touch(z, b->node);
}

void browse_touch(struct zone *z, const struct node *apex)
{
	if (types_of(z, apex) != NULL)
		for_each_own(z, apex, touch_own);
}
