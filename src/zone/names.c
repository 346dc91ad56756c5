/* SPDX-License-Identifier: MIT */
#include "zone/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct node *names_find(const struct names *n, const uint8_t *name, size_t len)
{
	struct node *node;

	HASH_FIND(hh, n->nodes, name, len, node);
	return node;
}

struct node *names_parent(const struct names *n, const struct node *node)
{
	size_t label = 1u + node->name[0];

	if (node->name_len <= node->apex_len)
		return NULL;
	return names_find(n, node->name + label, node->name_len - label);
}

static struct node *add_node(struct names *n, const uint8_t *name, uint8_t len,
	uint8_t apex_len)
{
	struct node *node = xcalloc(1, sizeof(*node) + len);

	node->name_len = len;
	node->apex_len = apex_len;
	memcpy(node->name, name, len);
	HASH_ADD_KEYPTR(hh, n->nodes, node->name, len, node);
	names_touch(n, node);
	return node;
}

struct node *names_get(struct names *n, const struct dname *name, uint8_t apex_len)
{
	uint8_t lower[DNAME_MAX];
	struct node *node;
	size_t at = 0;

	dname_lower(name->wire, name->len, lower);
	node = names_find(n, lower, name->len);
	if (node != NULL)
		return node;
	node = add_node(n, lower, name->len, apex_len);
	while (name->len - at > apex_len) {
		struct node *above;

		at += 1u + lower[at];
		above = names_find(n, lower + at, name->len - at);
		if (above != NULL) {
			above->children++;
			break;
		}
		above = add_node(n, lower + at, (uint8_t)(name->len - at), apex_len);
		above->children++;
	}
	return node;
}

void names_touch(struct names *n, struct node *node)
{
	struct node *apex;

	if (node->dirty)
		return;
	node->dirty = true;
	node->next_dirty = n->dirty;
	n->dirty = node;
	apex = names_find(n, node->name + (node->name_len - node->apex_len),
		node->apex_len);
	if (apex != NULL && apex != node)
		names_touch(n, apex);
}

void names_remove(struct names *n, struct node *node)
{
	HASH_DEL(n->nodes, node);
	free(node->groups.slot);
	free(node);
}

void names_free(struct names *n)
{
	struct node *node, *next;

	HASH_ITER (hh, n->nodes, node, next)
		names_remove(n, node);
}
