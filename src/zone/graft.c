/* SPDX-License-Identifier: MIT */
#include "zone/graft.h"

#include <string.h>

#include "base/log.h"
#include "zone/private.h"

/* The name lies in a zone that begins below the zone's apex. */
static bool is_covered(const struct zone *z, const struct static_owner *o)
{
	const uint8_t *name = o->name;
	size_t len = o->name_len;

	while (len > o->zone->apex.len) {
		if (plane_has_apex(z, name, len))
			return true;
		len -= 1u + *name;
		name += 1u + *name;
	}
	return false;
}

/* The node, and those above, too: names that exist only because of this one are occluded with it. */
static void touch(struct names *n, struct node *node)
{
	for (; node != NULL; node = node->above)
		names_touch(n, node);
}

void graft(const struct zone *z, struct names *n, struct static_zone *s)
{
	struct static_owner *o, *next;

	s->n_covered = 0;
	HASH_ITER (hh, s->owners, o, next) {
		struct dname name = {.len = o->name_len};
		struct node *node;

		o->covered = is_covered(z, o);
		s->n_covered += o->covered;
		if (o->covered)
			continue;
		memcpy(name.wire, o->name, o->name_len);
		node = names_get(n, &name, s->apex.len);
		node->statics = o;
		touch(n, node);
	}
	if (s->n_covered > 0)
		log_info("%s: %u names lie in other namespaces; their records are not "
			 "given",
			s->path, (unsigned int)s->n_covered);
}

void ungraft(struct names *n, struct static_zone *s)
{
	struct static_owner *o, *next;

	HASH_ITER (hh, s->owners, o, next) {
		struct node *node = names_find(n, o->name, o->name_len);

		if (node == NULL || node->statics != o)
			continue;
		node->statics = NULL;
		names_touch(n, node);
	}
}

void graft_touch(struct names *n, const struct static_zone *s)
{
	struct static_owner *o, *next;

	HASH_ITER (hh, s->owners, o, next) {
		struct node *node = names_find(n, o->name, o->name_len);

		if (!o->covered)
			touch(n, node);
	}
}

struct static_zone *graft_enclosing(const struct names *n, const uint8_t *apex,
	size_t len)
{
	const struct node *above = names_apex_above(n, apex, len);

	return above == NULL || above->statics == NULL ? NULL : above->statics->zone;
}

const struct static_owner *graft_glue(const struct names *n, const struct node *cut,
	const uint8_t *target, size_t len, bool *is_required)
{
	const struct node *node = names_find(n, target, len);

	*is_required = node != NULL && node_is_within(node, cut);
	if (node == NULL || node->statics == NULL ||
		node->statics->zone != cut->statics->zone)
		return NULL;
	return *is_required || node_is_cut(node) || node_is_occluded(node)
		       ? node->statics
		       : NULL;
}
