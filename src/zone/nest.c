/* SPDX-License-Identifier: MIT */
#include "zone/nest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* One apex, and the name of the zone around it that has it as a child; NULL if no zone is. */
struct nest {
	struct node *apex, *outer;
	UT_hash_handle hh;
};

/* A name, and how many apexes lie below it. */
struct nest_suffix {
	uint32_t n;
	UT_hash_handle hh;
	uint8_t name_len;
	uint8_t name[];
};

/* ---- what lies below a name ---------------------------------------------------------------------- */

static struct nest_suffix *suffix_find(const struct nests *s, const uint8_t *name,
	size_t len)
{
	struct nest_suffix *x;

	HASH_FIND(hh, s->suffixes, name, len, x);
	return x;
}

static void suffix_count(struct nests *s, const uint8_t *name, size_t len, int change)
{
	struct nest_suffix *x = suffix_find(s, name, len);

	if (x == NULL) {
		x = xcalloc(1, sizeof(*x) + len);
		x->name_len = (uint8_t)len;
		memcpy(x->name, name, len);
		HASH_ADD_KEYPTR(hh, s->suffixes, x->name, len, x);
	}
	x->n += (uint32_t)change;
	if (x->n > 0)
		return;
	HASH_DEL(s->suffixes, x);
	free(x);
}

static void count_above(struct nests *s, const struct node *apex, int change)
{
	const uint8_t *name = apex->name;
	size_t len = apex->name_len;

	while (len > 1) {
		len -= 1u + *name;
		name += 1u + *name;
		suffix_count(s, name, len, change);
	}
}

/* ---- hooks --------------------------------------------------------------------------------------- */

static void unhook(struct names *n, struct nest *t)
{
	if (t->outer == NULL)
		return;
	t->outer->children--;
	names_touch(n, t->outer);
	t->outer = NULL;
}

static void hook(struct names *n, struct nest *t)
{
	const struct node *zone = names_apex_above(n, t->apex->name, t->apex->name_len);
	struct dname above = {.len = t->apex->name_len};

	if (zone == NULL)
		return;
	memcpy(above.wire, t->apex->name, above.len);
	dname_parent(&above);
	t->outer = names_get(n, &above, zone->name_len);
	t->outer->children++;
	names_touch(n, t->outer);
}

/* Hooks all that lie below the apex anew: another zone is the nearest around them now. */
static void hook_below(struct nests *s, struct names *n, const struct node *apex)
{
	struct nest *t, *next;

	if (suffix_find(s, apex->name, apex->name_len) == NULL)
		return;
	HASH_ITER (hh, s->all, t, next) {
		if (t->apex == apex || !node_is_within(t->apex, apex))
			continue;
		unhook(n, t);
		hook(n, t);
	}
}

void nest_touch(struct nests *s, struct names *n, const struct dname *apex)
{
	const struct node *node = names_find(n, apex->wire, apex->len);
	struct nest *t, *next;

	if (node == NULL || suffix_find(s, apex->wire, apex->len) == NULL)
		return;
	HASH_ITER (hh, s->all, t, next) {
		if (t->outer == NULL || !node_is_within(t->outer, node))
			continue;
		for (struct node *at = t->outer; at != NULL; at = at->above)
			names_touch(n, at);
	}
}

void nest_add(struct nests *s, struct names *n, struct node *apex)
{
	struct nest *t = xcalloc(1, sizeof(*t));

	t->apex = apex;
	HASH_ADD_PTR(s->all, apex, t);
	count_above(s, apex, 1);
	hook(n, t);
	hook_below(s, n, apex);
}

void nest_add_all(struct nests *s, struct names *n, const struct nests *from)
{
	struct nest *t, *next;

	HASH_ITER (hh, from->all, t, next)
		nest_add(s, n, t->apex);
}

void nest_remove(struct nests *s, struct names *n, struct node *apex)
{
	struct nest *t;

	HASH_FIND_PTR(s->all, &apex, t);
	if (t == NULL)
		return;
	unhook(n, t);
	HASH_DEL(s->all, t);
	count_above(s, apex, -1);
	free(t);
	hook_below(s, n, apex);
}

void nest_free(struct nests *s)
{
	struct nest *t, *next;
	struct nest_suffix *x, *next_x;

	HASH_ITER (hh, s->all, t, next) {
		HASH_DEL(s->all, t);
		free(t);
	}
	HASH_ITER (hh, s->suffixes, x, next_x) {
		HASH_DEL(s->suffixes, x);
		free(x);
	}
}
