/* SPDX-License-Identifier: MIT */
/*
 * Where zones begin: at the names of namespaces with what their zone files have, and where no namespace asked for one.
 *
 * While a namespace lies below "local", that is a zone: hosts with nss-mdns leave names in .local to the DNS if it
 * has a SOA there, and what is registered nowhere must not be asked of others (RFC 6762 s22.1).
 */
#include <string.h>

#include "base/error.h"
#include "zone/browse.h"
#include "zone/graft.h"
#include "zone/private.h"
#include "zone/reverse.h"

/* ---- static records --------------------------------------------------------------------------- */

/* Hangs s into the plane's tree of names. */
static void hang(const struct zone *z, struct plane *plane, struct static_zone *s)
{
	graft(z, &plane->names, s);
	nest_touch(&plane->nests, &plane->names, &s->apex);
}

/* The node of a namespace takes s in place of what it has. */
static void set_static(struct zone *z, struct node *apex, struct static_zone *s)
{
	struct static_zone *old = apex->statics == NULL ? NULL : apex->statics->zone;
	struct plane *plane = zone_plane(z, apex->plane);

	if (old != NULL) {
		ungraft(&plane->names, old);
		nest_touch(&plane->nests, &plane->names, &old->apex);
	}
	static_free(old);
	if (s != NULL)
		hang(z, plane, s);
	names_touch(&plane->names, apex);
}

void zone_set_static(struct zone *z, const struct namespace *ns, struct static_zone *s)
{
	struct node *node = plane_apex_of(z, ns);

	if (node != NULL)
		set_static(z, node, s);
	else
		static_free(s);
}

/* Hangs the records of the namespace above anew: which of them are covered has changed. */
static void regraft(const struct zone *z, struct plane *plane, struct static_zone *s)
{
	ungraft(&plane->names, s);
	hang(z, plane, s);
}

/* ---- apexes ----------------------------------------------------------------------------------- */

/* The node, which was none, is an apex now. */
static void begin_zone(struct zone *z, struct node *node)
{
	for (uint16_t i = 0; i < z->n_planes; i++) {
		struct plane *plane = zone_plane(z, i);
		const struct node *there =
			names_find(&plane->names, node->name, node->name_len);
		struct static_zone *above =
			graft_enclosing(&plane->names, node->name, node->name_len);

		if (above != NULL && there != NULL &&
			(there->statics != NULL || there->children > 0))
			regraft(z, plane, above);
		nest_add(&plane->nests, &plane->names, node);
	}
}

/* It is none any more. */
static void end_zone(struct zone *z, struct node *node)
{
	for (uint16_t i = 0; i < z->n_planes; i++) {
		struct plane *plane = zone_plane(z, i);
		struct static_zone *above;

		nest_remove(&plane->nests, &plane->names, node);
		above = graft_enclosing(&plane->names, node->name, node->name_len);
		if (above != NULL && above->n_covered > 0)
			regraft(z, plane, above);
	}
}

void apex_make(struct zone *z, const struct dname *apex)
{
	struct names *n = zone_first_names(z);
	struct node *node = names_get(n, apex, apex->len);
	bool was_apex = node_is_apex(node);

	node->is_made = true;
	names_touch(n, node);
	if (!was_apex)
		begin_zone(z, node);
	if (z->n_planes > 1)
		plane_settle(z, node);
}

void apex_unmake(struct zone *z, const struct dname *apex)
{
	struct names *n = zone_first_names(z);
	struct node *node = names_get(n, apex, apex->len);

	node->is_made = false;
	names_touch(n, node);
	if (!node_is_apex(node))
		end_zone(z, node);
	if (z->n_planes > 1)
		plane_settle(z, node);
}

/* A namespace at the apex has come (1) or gone (-1). */
static void count_below_local(struct zone *z, const struct dname *apex, int change)
{
	static const struct dname local = {.len = 7, .wire = "\005local"};

	if (apex->len == local.len || !dname_is_within(apex, &local))
		return;
	z->n_below_local += (uint32_t)change;
	if (change > 0 && z->n_below_local == 1)
		apex_make(z, &local);
	else if (z->n_below_local == 0)
		apex_unmake(z, &local);
}

/* ---- namespaces ------------------------------------------------------------------------------- */

static struct static_zone *ask_statics(struct zone *z, const struct namespace *ns,
	const struct dname *apex)
{
	return z->options.statics == NULL
		       ? NULL
		       : z->options.statics(z->options.arg, ns->dns_key, apex);
}

void zone_namespace_put(struct zone *z, struct namespace *ns)
{
	struct dname apex;
	struct plane *plane;
	struct node *node;
	bool was_apex;

	if (ns->type == NAMESPACE_HTTP || dname_from_plain(ns->name, &apex) != CMAP_OK)
		return;
	browse_make_way(z, &apex);
	plane = plane_for(z, &apex);
	node = names_get(&plane->names, &apex, apex.len);
	names_touch(&plane->names, node);
	was_apex = node_is_apex(node);
	node->ns = ns;
	ns->plane = node->plane;
	if (!was_apex) {
		begin_zone(z, node);
		reverse_move(z, node);
	}
	plane_settle(z, node);
	count_below_local(z, &apex, 1);
	set_static(z, node, ask_statics(z, ns, &apex));
	browse_settle(z, node);
	browse_return(z, &apex);
}

void zone_namespace_replace(struct zone *z, const struct namespace *old,
	struct namespace *fresh)
{
	struct node *node = plane_apex_of(z, old);

	if (node == NULL)
		return;
	node->ns = fresh;
	fresh->plane = old->plane;
	fresh->shown_views = old->shown_views;
	if (old->soa_ttl == fresh->soa_ttl)
		return;
	names_touch(zone_names_of(z, node), node);
	browse_touch(z, node);
}

void zone_namespace_delete(struct zone *z, struct namespace *ns)
{
	struct node *node = plane_apex_of(z, ns);
	struct dname apex;

	if (node == NULL)
		return;
	browse_stop(z, node);
	set_static(z, node, NULL);
	node->ns = NULL;
	if (!node_is_apex(node)) {
		end_zone(z, node);
		reverse_move(z, node);
	}
	plane_settle(z, node);
	apex.len = node->name_len;
	memcpy(apex.wire, node->name, apex.len);
	count_below_local(z, &apex, -1);
	browse_return(z, &apex);
}
