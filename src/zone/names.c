/* SPDX-License-Identifier: MIT */
#include "zone/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "zone/ports.h"
#include "zone/reverse.h"

struct node *names_find(const struct names *n, const uint8_t *name, size_t len)
{
	struct node *node;

	HASH_FIND(hh, n->nodes, name, len, node);
	return node;
}

struct node *names_apex_above(const struct names *n, const uint8_t *name, size_t len)
{
	while (len > 1) {
		struct node *node;

		len -= 1u + *name;
		name += 1u + *name;
		node = names_find(n, name, len);
		if (node != NULL && node_is_apex(node))
			return node;
	}
	return NULL;
}

static struct node *add_node(struct names *n, const uint8_t *name, uint8_t len,
	uint8_t apex_len)
{
	struct node *node = xcalloc(1, sizeof(*node) + len);

	node->number = ++n->last_number;
	node->name_len = len;
	node->apex_len = apex_len;
	node->plane = n->plane;
	memcpy(node->name, name, len);
	HASH_ADD_KEYPTR(hh, n->nodes, node->name, len, node);
	names_touch(n, node);
	return node;
}

static bool is_wildcard(const struct node *node)
{
	return node->name[0] == 1 && node->name[1] == '*';
}

static void attach(struct names *n, struct node *node, struct node *above)
{
	node->above = above;
	above->children++;
	if (is_wildcard(node)) {
		above->has_wildcard = true;
		names_touch(n, above);
	}
}

/* What is left above may have lost its last reason to exist, so it is looked at again. */
static void detach(struct names *n, struct node *node)
{
	struct node *above = node->above;

	node->above = NULL;
	above->children--;
	if (is_wildcard(node))
		above->has_wildcard = false;
	names_touch(n, above);
}

/* The node belongs to the zone of that apex, and so does all above it. */
static bool is_in_zone(const struct node *node, uint8_t apex_len)
{
	if (node->apex_len != apex_len)
		return false;
	while (node->above != NULL)
		node = node->above;
	return node->name_len == apex_len;
}

struct node *names_get(struct names *n, const struct dname *name, uint8_t apex_len)
{
	uint8_t lower[DNAME_MAX];
	struct node *first = NULL, *below = NULL;
	size_t at = 0;

	dname_lower(name->wire, name->len, lower);
	for (;;) {
		struct node *node = names_find(n, lower + at, name->len - at);
		bool is_done = node != NULL && is_in_zone(node, apex_len);

		if (node == NULL)
			node = add_node(n, lower + at, (uint8_t)(name->len - at),
				apex_len);
		node->apex_len = apex_len;
		first = first == NULL ? node : first;
		if (below != NULL && below->above == NULL)
			attach(n, below, node);
		if (name->len - at == apex_len) {
			if (node->above != NULL)
				detach(n, node);
			return first;
		}
		if (is_done)
			return first;
		below = node;
		at += 1u + lower[at];
	}
}

struct node *names_get_right_below(struct names *n, const struct dname *name,
	struct node *apex)
{
	struct node *node = names_find(n, name->wire, name->len);

	if (node == apex || (node != NULL && is_in_zone(node, apex->name_len)))
		return node;
	if (node == NULL)
		node = add_node(n, name->wire, name->len, apex->name_len);
	node->apex_len = apex->name_len;
	if (node->above != NULL)
		detach(n, node);
	attach(n, node, apex);
	return node;
}

static void put_on_list(struct names *n, struct node *node)
{
	if (node->dirty)
		return;
	node->dirty = true;
	node->next_dirty = n->dirty;
	n->dirty = node;
}

/* The zone's serial goes up. */
static void touch_apex(struct names *n, const struct node *node)
{
	struct node *apex = names_find(n,
		node->name + (node->name_len - node->apex_len), node->apex_len);

	if (apex == NULL || apex == node)
		return;
	put_on_list(n, apex);
	apex->compile = true;
}

void names_touch(struct names *n, struct node *node)
{
	if (!node->dirty)
		touch_apex(n, node);
	put_on_list(n, node);
	node->compile = true;
}

/* false: the name is to be compiled. */
static bool note_change(struct node *node, const struct instance *i,
	enum change_kind kind)
{
	const struct port *port = node->port;

	if (node->changes == NULL)
		node->changes = xcalloc(1, sizeof(*node->changes));
	if (port == NULL)
		return changes_note(node->changes, i, kind, node->name, node->name_len);
	return node->service == NULL &&
	       changes_note_port(node->changes, i, kind, port->key, port->service->name,
		       port->service->name_len);
}

void names_touch_instance(struct names *n, struct node *node, const struct instance *i,
	enum change_kind kind)
{
	if (!node->compile && node->compiled.is_plain &&
		model_instance_count(i->service) >= CHANGE_INSTANCES_MIN &&
		note_change(node, i, kind)) {
		touch_apex(n, node);
		put_on_list(n, node);
		return;
	}
	names_touch(n, node);
}

void names_published(struct node *node)
{
	changes_free(node->changes);
	node->changes = NULL;
	node->compile = false;
}

bool node_is_of_zone(const struct node *node, const struct node *apex)
{
	return node->apex_len == apex->name_len &&
	       memcmp(node->name + (node->name_len - node->apex_len), apex->name,
		       apex->name_len) == 0;
}

bool node_is_within(const struct node *node, const struct node *above)
{
	const uint8_t *name = node->name;
	size_t len = node->name_len;

	while (len > above->name_len) {
		len -= 1u + *name;
		name += 1u + *name;
	}
	return len == above->name_len && memcmp(name, above->name, len) == 0;
}

bool node_is_cut(const struct node *node)
{
	return node->statics != NULL && node->statics->is_cut && node->registered == 0;
}

bool node_is_occluded(const struct node *node)
{
	if (node->registered > 0)
		return false;
	for (node = node->above; node != NULL; node = node->above)
		if (node_is_cut(node))
			return true;
	return false;
}

struct node *names_count(struct node *node, int change)
{
	struct node *changed = NULL;

	for (struct node *at = node; at != NULL; at = at->above) {
		bool was_cut = node_is_cut(at);

		at->registered += (uint32_t)change;
		if (was_cut != node_is_cut(at))
			changed = at;
	}
	return changed;
}

static void free_node(struct names *n, struct node *node)
{
	HASH_DEL(n->nodes, node);
	free(node->compiled.slot);
	changes_free(node->changes);
	reverse_free(node->reverse);
	free(node->port);
	free(node->browse);
	free(node);
}

void names_remove(struct names *n, struct node *node)
{
	if (node->above != NULL) {
		node->above->children--;
		if (is_wildcard(node))
			node->above->has_wildcard = false;
	}
	free_node(n, node);
}

void names_free(struct names *n)
{
	struct node *node, *next;

	HASH_ITER (hh, n->nodes, node, next)
		free_node(n, node);
}
