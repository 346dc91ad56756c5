/* SPDX-License-Identifier: MIT */
#include "zone/names.h"

#include "base/error.h"
#include "rng.h"
#include "test.h"

#include <stdio.h>

static struct dname dname(const char *text)
{
	struct dname d;

	cr_assert_eq(dname_from_plain(text, &d), CMAP_OK, "%s", text);
	return d;
}

static struct node *get(struct names *n, const char *name, const char *apex)
{
	struct dname d = dname(name), a = dname(apex);

	return names_get(n, &d, a.len);
}

static struct node *find(const struct names *n, const char *name)
{
	struct dname d = dname(name);

	return names_find(n, d.wire, d.len);
}

/* As publishing does. */
static uint32_t take_dirty(struct names *n)
{
	uint32_t count = 0;

	for (; n->dirty != NULL; count++) {
		cr_assert(n->dirty->dirty);
		n->dirty->dirty = false;
		n->dirty = n->dirty->next_dirty;
	}
	return count;
}

Test(names, a_name_is_made_with_all_above_it)
{
	struct names n = {.nodes = NULL};
	struct node *leaf = get(&n, "i-1.Web.corp.internal", "corp.internal");
	struct node *web = find(&n, "web.corp.internal");
	struct node *apex = find(&n, "corp.internal");

	cr_assert_eq(find(&n, "i-1.web.corp.internal"), leaf, "in lower case");
	cr_assert_eq(HASH_CNT(hh, n.nodes), 3);
	cr_assert_null(find(&n, "internal"), "the tree ends at the apex");
	cr_assert_eq(leaf->above, web);
	cr_assert_eq(web->above, apex);
	cr_assert_null(apex->above);
	cr_assert_eq(leaf->children, 0);
	cr_assert_eq(web->children, 1);
	cr_assert_eq(apex->children, 1);
	cr_assert_eq(leaf->apex_len, apex->name_len);
	cr_assert_eq(leaf->rotation, 0);
	cr_assert_eq(get(&n, "i-1.web.CORP.internal", "corp.internal"), leaf);
	get(&n, "i-2.web.corp.internal", "corp.internal");
	get(&n, "db.corp.internal", "corp.internal");
	cr_assert_eq(web->children, 2);
	cr_assert_eq(apex->children, 2);
	cr_assert_eq(HASH_CNT(hh, n.nodes), 5);
	names_free(&n);
	cr_assert_null(n.nodes);
}

Test(names, new_and_touched_ones_are_listed_once_with_their_apex)
{
	struct names n = {.nodes = NULL};
	struct node *leaf = get(&n, "a.b.c.test", "test");

	cr_assert_eq(take_dirty(&n), 4);
	names_touch(&n, leaf);
	names_touch(&n, leaf);
	cr_assert(leaf->dirty);
	cr_assert(find(&n, "test")->dirty);
	cr_assert_not(find(&n, "b.c.test")->dirty);
	names_touch(&n, find(&n, "test"));
	cr_assert_eq(take_dirty(&n), 2);
	cr_assert_eq(get(&n, "a.b.c.test", "test"), leaf);
	cr_assert_eq(take_dirty(&n), 0, "to be there is no change");
	names_free(&n);
}

Test(names, a_node_exists_for_somebody_or_for_those_below)
{
	struct names n = {.nodes = NULL};
	struct node *leaf = get(&n, "a.test", "test"), *apex = find(&n, "test");

	cr_assert_not(node_exists(leaf));
	cr_assert(node_exists(apex));
	apex->children = 0;
	cr_assert_not(node_exists(apex));
	leaf->ns = (struct namespace *)(void *)&n;
	cr_assert(node_exists(leaf));
	leaf->ns = NULL;
	leaf->service = (struct service *)(void *)&n;
	cr_assert(node_exists(leaf));
	leaf->service = NULL;
	leaf->target = (struct instance *)(void *)&n;
	cr_assert(node_exists(leaf));
	leaf->target = NULL;
	leaf->statics = (struct static_owner *)(void *)&n;
	cr_assert(node_exists(leaf));
	names_free(&n);
}

Test(names, zones_do_not_mix)
{
	struct names n = {.nodes = NULL};
	struct node *inner = get(&n, "web.prod.corp", "prod.corp");
	struct node *outer = get(&n, "web.corp", "corp");

	cr_assert_eq(find(&n, "prod.corp")->children, 1);
	cr_assert_eq(find(&n, "corp")->children, 1);
	cr_assert_null(find(&n, "prod.corp")->above);
	take_dirty(&n);
	names_touch(&n, inner);
	cr_assert_not(find(&n, "corp")->dirty);
	cr_assert(find(&n, "prod.corp")->dirty);
	names_touch(&n, outer);
	cr_assert(find(&n, "corp")->dirty);
	names_free(&n);
}

/* A namespace comes, or goes, where names of the one above are or were. */
Test(names, a_name_belongs_to_the_zone_it_was_last_asked_for)
{
	struct names n = {.nodes = NULL};
	struct node *leaf = get(&n, "x.y.prod.corp", "corp");
	struct node *corp = find(&n, "corp"), *prod = find(&n, "prod.corp");

	take_dirty(&n);
	cr_assert_eq(get(&n, "prod.corp", "prod.corp"), prod);
	cr_assert_eq(prod->apex_len, prod->name_len);
	cr_assert_null(prod->above);
	cr_assert_eq(corp->children, 0);
	cr_assert(corp->dirty, "it may have gone");
	cr_assert_eq(get(&n, "x.y.prod.corp", "prod.corp"), leaf);
	cr_assert_eq(leaf->apex_len, prod->name_len);
	cr_assert_eq(leaf->above->apex_len, prod->name_len);
	cr_assert_eq(prod->children, 1);
	cr_assert_eq(leaf->above->children, 1);

	cr_assert_eq(get(&n, "x.y.prod.corp", "corp"), leaf);
	cr_assert_eq(prod->above, corp);
	cr_assert_eq(prod->apex_len, corp->name_len);
	cr_assert_eq(leaf->apex_len, corp->name_len);
	cr_assert_eq(corp->children, 1);
	cr_assert_eq(prod->children, 1);
	cr_assert_eq(HASH_CNT(hh, n.nodes), 4);
	names_free(&n);
}

Test(names, a_wildcard_is_known_to_the_name_above)
{
	struct names n = {.nodes = NULL};
	struct node *above = get(&n, "a.test", "test");
	struct node *wildcard;

	take_dirty(&n);
	cr_assert_not(above->has_wildcard);
	get(&n, "*x.a.test", "test");
	cr_assert_not(above->has_wildcard);
	take_dirty(&n);
	wildcard = get(&n, "*.a.test", "test");
	cr_assert(above->has_wildcard);
	cr_assert(above->dirty);
	get(&n, "b.*.test", "test");
	cr_assert(find(&n, "test")->has_wildcard, "one that has no data, too");
	take_dirty(&n);
	names_remove(&n, wildcard);
	cr_assert_not(above->has_wildcard);
	cr_assert_eq(above->children, 1);
	names_free(&n);
}

Test(names, what_is_registered_ends_delegations_above)
{
	struct names n = {.nodes = NULL};
	struct static_owner outer = {.is_cut = true}, inner = {.is_cut = true};
	struct node *leaf = get(&n, "x.inner.outer.test", "test");
	struct node *a = find(&n, "inner.outer.test"), *b = find(&n, "outer.test");

	cr_assert_not(node_is_occluded(leaf));
	a->statics = &inner;
	b->statics = &outer;
	cr_assert(node_is_cut(a) && node_is_cut(b));
	cr_assert_not(node_is_cut(leaf));
	cr_assert(node_is_occluded(leaf) && node_is_occluded(a));
	cr_assert_not(node_is_occluded(b));
	cr_assert_eq(names_count(leaf, 1), b, "the topmost that changes");
	cr_assert_not(node_is_cut(a) || node_is_cut(b));
	cr_assert_not(node_is_occluded(leaf) || node_is_occluded(a));
	cr_assert_eq(find(&n, "test")->registered, 1);
	cr_assert_null(names_count(leaf, 1));
	cr_assert_null(names_count(a, 1));
	cr_assert_null(names_count(leaf, -1));
	cr_assert_null(names_count(leaf, -1));
	cr_assert(node_is_occluded(get(&n, "y.x.inner.outer.test", "test")) == false);
	cr_assert_eq(names_count(a, -1), b);
	cr_assert_eq(b->registered, 0);
	names_free(&n);
}

Test(names, many_are_told_apart)
{
	struct names n = {.nodes = NULL};
	struct rng r = {61};

	for (int i = 0; i < 5000; i++) {
		char text[64];
		struct node *node;

		snprintf(text, sizeof(text), "n%u.m%u.test", rng_below(&r, 2000),
			rng_below(&r, 20));
		node = get(&n, text, "test");
		cr_assert_eq(find(&n, text), node);
	}
	cr_assert_eq(find(&n, "test")->children, 20);
	names_free(&n);
}
