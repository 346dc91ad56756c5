/* SPDX-License-Identifier: MIT */
/*
 * Where zones begin: at the names of namespaces with what their zone files have, and where no namespace asked for one.
 *
 * While a namespace lies below "local", that is a zone: hosts with nss-mdns leave names in .local to the DNS if it
 * has a SOA there, and what is registered nowhere must not be asked of others (RFC 6762 s22.1).
 */
#include <string.h>

#include "base/error.h"
#include "zone/graft.h"
#include "zone/private.h"
#include "zone/reverse.h"

/* ---- static records --------------------------------------------------------------------------- */

/* Hangs s into the tree of names. */
static void hang(struct zone *z, struct static_zone *s)
{
	graft(&z->names, s);
	nest_touch(&z->nests, &z->names, &s->apex);
}

/* The node of a namespace takes s in place of what it has. */
static void set_static(struct zone *z, struct node *apex, struct static_zone *s)
{
	struct static_zone *old = apex->statics == NULL ? NULL : apex->statics->zone;

	if (old != NULL) {
		ungraft(&z->names, old);
		nest_touch(&z->nests, &z->names, &old->apex);
	}
	static_free(old);
	if (s != NULL)
		hang(z, s);
	names_touch(&z->names, apex);
}

void zone_set_static(struct zone *z, const struct dname *apex, struct static_zone *s)
{
	struct node *node = names_get(&z->names, apex, apex->len);

	set_static(z, node, s);
}

/* Hangs the records of the namespace above anew: which of them are covered has changed. */
static void regraft(struct zone *z, struct static_zone *s)
{
	ungraft(&z->names, s);
	hang(z, s);
}

/* ---- apexes ----------------------------------------------------------------------------------- */

/* The node, which was none, is an apex now. */
static void begin_zone(struct zone *z, struct node *node)
{
	struct static_zone *above =
		graft_enclosing(&z->names, node->name, node->name_len);

	if (above != NULL && (node->statics != NULL || node->children > 0))
		regraft(z, above);
	nest_add(&z->nests, &z->names, node);
}

/* It is none any more. */
static void end_zone(struct zone *z, struct node *node)
{
	struct static_zone *above;

	nest_remove(&z->nests, &z->names, node);
	above = graft_enclosing(&z->names, node->name, node->name_len);
	if (above != NULL && above->n_covered > 0)
		regraft(z, above);
}

void apex_make(struct zone *z, const struct dname *apex)
{
	struct node *node = names_get(&z->names, apex, apex->len);
	bool was_apex = node_is_apex(node);

	node->is_made = true;
	names_touch(&z->names, node);
	if (!was_apex)
		begin_zone(z, node);
}

void apex_unmake(struct zone *z, const struct dname *apex)
{
	struct node *node = names_get(&z->names, apex, apex->len);

	node->is_made = false;
	names_touch(&z->names, node);
	if (!node_is_apex(node))
		end_zone(z, node);
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
	struct node *node;
	bool was_apex;

	if (ns->type == NAMESPACE_HTTP || dname_from_plain(ns->name, &apex) != CMAP_OK)
		return;
	node = names_get(&z->names, &apex, apex.len);
	names_touch(&z->names, node);
	if (node->ns != NULL) {
		node->ns = ns;
		return;
	}
	was_apex = node_is_apex(node);
	node->ns = ns;
	if (!was_apex) {
		begin_zone(z, node);
		reverse_move(z, node);
	}
	count_below_local(z, &apex, 1);
	set_static(z, node, ask_statics(z, ns, &apex));
}

void zone_namespace_replace(struct zone *z, const struct namespace *old,
	struct namespace *fresh)
{
	struct dname apex;
	struct node *node;

	if (old->type == NAMESPACE_HTTP ||
		dname_from_plain(old->name, &apex) != CMAP_OK)
		return;
	node = names_get(&z->names, &apex, apex.len);
	node->ns = fresh;
	if (old->soa_ttl != fresh->soa_ttl)
		names_touch(&z->names, node);
}

void zone_namespace_delete(struct zone *z, struct namespace *ns)
{
	struct dname apex;
	struct node *node;

	if (ns->type == NAMESPACE_HTTP || dname_from_plain(ns->name, &apex) != CMAP_OK)
		return;
	node = names_get(&z->names, &apex, apex.len);
	set_static(z, node, NULL);
	node->ns = NULL;
	if (!node_is_apex(node)) {
		end_zone(z, node);
		reverse_move(z, node);
	}
	count_below_local(z, &apex, -1);
}
