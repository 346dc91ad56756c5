/* SPDX-License-Identifier: MIT */
/* The trees of names, and who sees a namespace that is not the only one of its name. */
#include <string.h>

#include "base/mem.h"
#include "zone/private.h"
#include "zone/reverse.h"

static struct plane *add_plane(struct zone *z)
{
	struct plane *plane = xcalloc(1, sizeof(*plane));

	plane->names.plane = z->n_planes;
	if (z->n_planes > 0)
		nest_add_all(&plane->nests, &plane->names, &zone_plane(z, 0)->nests);
	z->planes = xreallocarray(z->planes, z->n_planes + 1u, sizeof(*z->planes));
	z->planes[z->n_planes++] = plane;
	return plane;
}

void plane_start(struct zone *z)
{
	add_plane(z);
}

static struct node *find_in(const struct zone *z, uint16_t plane, const uint8_t *name,
	size_t len)
{
	return names_find(&zone_plane(z, plane)->names, name, len);
}

bool plane_has_apex(const struct zone *z, const uint8_t *name, size_t len)
{
	for (uint16_t i = 0; i < z->n_planes; i++) {
		const struct node *node = find_in(z, i, name, len);

		if (node != NULL && node_is_apex(node))
			return true;
	}
	return false;
}

struct plane *plane_for(struct zone *z, const struct dname *apex)
{
	uint8_t lower[DNAME_MAX];

	dname_lower(apex->wire, apex->len, lower);
	for (uint16_t i = 0; i < z->n_planes; i++) {
		const struct node *node = find_in(z, i, lower, apex->len);

		if (node == NULL || node->ns == NULL)
			return zone_plane(z, i);
	}
	return add_plane(z);
}

/* ---- who sees a namespace --------------------------------------------------------------------- */

uint16_t zone_views(const struct zone *z, const struct namespace *ns)
{
	return z->options.views == NULL ? VIEWS_ALL
					: z->options.views(z->options.arg, ns);
}

/* To whom sees both, the namespace that fewer views see hides the other; of two that the same see, the older one. */
static bool hides(const struct zone *z, const struct namespace *a,
	const struct namespace *b)
{
	int views_a = __builtin_popcount(zone_views(z, a)),
	    views_b = __builtin_popcount(zone_views(z, b));

	if (views_a != views_b)
		return views_a < views_b;
	return a->created_ms != b->created_ms ? a->created_ms < b->created_ms
					      : strcmp(a->id, b->id) < 0;
}

/* The namespace at the node's name in another plane, or NULL. */
static struct node *same_name(const struct zone *z, const struct node *node,
	uint16_t plane)
{
	struct node *other = plane == node->plane
				     ? NULL
				     : find_in(z, plane, node->name, node->name_len);

	return other == NULL || other->ns == NULL ? NULL : other;
}

struct node *plane_apex_of(const struct zone *z, const struct namespace *ns)
{
	struct dname apex;

	if (ns->type == NAMESPACE_HTTP || !zone_read_name(ns->name, &apex))
		return NULL;
	return find_in(z, ns->plane, apex.wire, apex.len);
}

/* Who sees the namespace at the node. */
static uint16_t shown_views(const struct zone *z, const struct node *node)
{
	uint16_t views = zone_views(z, node->ns);

	for (uint16_t i = 0; i < z->n_planes; i++) {
		const struct node *other = same_name(z, node, i);

		if (other != NULL && hides(z, other->ns, node->ns))
			views &= (uint16_t)~zone_views(z, other->ns);
	}
	return views;
}

/* Who sees the zone that begins at the node. */
static uint16_t apex_views(const struct zone *z, const struct node *apex)
{
	uint16_t views = z->options.views == NULL ? VIEWS_ALL : (uint16_t)~VIEW_OUTSIDE;

	if (apex->ns != NULL)
		return apex->ns->shown_views;
	for (uint16_t i = 0; i < z->n_planes; i++) {
		const struct node *other = same_name(z, apex, i);

		if (other != NULL)
			views &= (uint16_t)~other->ns->shown_views;
	}
	return views;
}

/* Who finds the node's name in a zone of another plane that is nearer than the node's. */
static uint16_t nearer_views(const struct zone *z, const struct node *node)
{
	const uint8_t *name = node->name;
	uint16_t views = 0;

	for (size_t len = node->name_len; len > node->apex_len;) {
		for (uint16_t i = 0; i < z->n_planes; i++) {
			const struct node *other =
				i == node->plane ? NULL : find_in(z, i, name, len);

			if (other != NULL && node_is_apex(other))
				views |= apex_views(z, other);
		}
		len -= 1u + *name;
		name += 1u + *name;
	}
	return views;
}

uint16_t plane_views(const struct zone *z, const struct node *node)
{
	const struct node *apex = find_in(z, node->plane,
		node->name + (node->name_len - node->apex_len), node->apex_len);
	uint16_t views = apex == NULL ? VIEWS_ALL : apex_views(z, apex);

	return z->n_planes == 1 ? views : views & (uint16_t)~nearer_views(z, node);
}

static void settle(struct zone *z, const struct node *apex)
{
	uint16_t before = apex->ns->shown_views;
	struct service *s, *next_s;
	struct instance *i, *next_i;

	apex->ns->shown_views = shown_views(z, apex);
	if (apex->ns->shown_views == before || z->options.n_reverse == 0)
		return;
	HASH_ITER (by_key, apex->ns->services, s, next_s)
		HASH_ITER (by_id, s->instances, i, next_i)
			reverse_touch(z, i);
}

/* What is published of the names at the node's and below in that plane is seen by others now. */
static void touch_below(struct names *n, const struct node *node)
{
	struct node *at, *next;

	if (names_find(n, node->name, node->name_len) == NULL)
		return;
	HASH_ITER (hh, n->nodes, at, next)
		if (node_is_within(at, node))
			names_touch(n, at);
}

void plane_settle(struct zone *z, const struct node *node)
{
	for (uint16_t i = 0; i < z->n_planes; i++) {
		const struct node *other = find_in(z, i, node->name, node->name_len);

		if (other != NULL && other->ns != NULL)
			settle(z, other);
		/* In its own plane nothing else stood there, but for a zone without a namespace. */
		if (i != node->plane || node->is_made)
			touch_below(&zone_plane(z, i)->names, node);
	}
}

void plane_settle_all(struct zone *z)
{
	for (uint16_t i = 0; i < z->n_planes; i++) {
		struct names *n = &zone_plane(z, i)->names;
		struct node *node, *next;

		HASH_ITER (hh, n->nodes, node, next) {
			if (node->ns != NULL)
				node->ns->shown_views = shown_views(z, node);
			names_touch(n, node);
		}
	}
}
