/* SPDX-License-Identifier: MIT */
/* zone_publish(): the names that were touched, compiled and shown to the readers. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "wire/dns.h"
#include "wire/zonetext.h"
#include "zone/browse.h"
#include "zone/compile.h"
#include "zone/graft.h"
#include "zone/ports.h"
#include "zone/private.h"
#include "zone/reverse.h"
#include "zone/variant.h"

void zone_leave(struct zone *z, uint32_t slot)
{
	if (z->n_leaving == z->cap_leaving) {
		z->cap_leaving = z->cap_leaving == 0 ? 64 : z->cap_leaving * 2;
		z->leaving =
			xreallocarray(z->leaving, z->cap_leaving, sizeof(*z->leaving));
	}
	z->leaving[z->n_leaving++] = slot;
}

/* Counters for a name whose answers rotate. */
static uint32_t rotation_alloc(struct zone *z)
{
	_Atomic uint32_t *n = &z->published.n_rotations;
	uint32_t first;

	if (z->n_spare > 0)
		return z->spare_rotations[--z->n_spare];
	first = atomic_load_explicit(n, memory_order_relaxed);
	atomic_store_explicit(n, first + COMPILE_ROTATIONS, memory_order_release);
	return first;
}

static void rotation_release(struct zone *z, uint32_t first)
{
	if (first == 0)
		return;
	if (z->n_spare == z->cap_spare) {
		z->cap_spare = z->cap_spare == 0 ? 64 : z->cap_spare * 2;
		z->spare_rotations = xreallocarray(z->spare_rotations, z->cap_spare,
			sizeof(*z->spare_rotations));
	}
	z->spare_rotations[z->n_spare++] = first;
}

static void release_groups(struct zone *z, struct node *node)
{
	for (uint32_t i = 0; i < node->compiled.n; i++)
		zone_leave(z, node->compiled.slot[i]);
	free(node->compiled.slot);
	node->compiled = (struct compiled){.slot = NULL};
	if (node->reverse != NULL)
		node->reverse->n_groups = 0;
}

static bool node_rotates(const struct node *node)
{
	return (node->service != NULL && (model_instance_count(node->service) > 1 ||
						 node->n_aliases > 0)) ||
	       (node->reverse != NULL && node->reverse->n > 1) ||
	       (node->port != NULL && node->port->n > 1) ||
	       (node->browse != NULL && node->browse->n > 1) ||
	       (node->statics != NULL && node->statics->rotates);
}

/* Tells of each static RRset that a registration hides, the first time it does. */
static void tell_hidden(const struct node *node, const struct compile_source *src)
{
	char type[ZONETEXT_TYPE_NAME], name[DNAME_TEXT];

	for (uint16_t i = 0; node->statics != NULL && i < node->statics->n; i++) {
		struct static_rrset *s = &node->statics->rrset[i];
		bool gives_way =
			s->type == DNS_NS && node->statics->is_cut && !src->is_cut;

		if (s->told || !(gives_way || compile_hides(src, s->type)))
			continue;
		s->told = true;
		zonetext_type_name(s->type, type);
		dname_to_text(node->name, name);
		log_warning("%s:%u: %s of '%s' is not given: %s",
			node->statics->zone->path, s->line, type, name,
			gives_way ? "names there or below are registered"
				  : "the name is registered");
	}
}

/* Fills an array of n with what the referral of the node brings along for each NS record. */
static void find_glue(struct zone *z, const struct node *node,
	struct compile_glue *glue)
{
	const struct static_rrset *ns = static_rrset(node->statics, DNS_NS);
	const uint8_t *target;
	uint16_t len;
	size_t at = 0;

	for (; static_next(ns, &at, &target, &len); glue++) {
		uint8_t lower[DNAME_MAX];

		dname_lower(target, len, lower);
		glue->owner = graft_glue(zone_names_of(z, node), node, lower, len,
			&glue->is_required);
	}
}

static struct entry_key key_of(const struct node *node, uint8_t variant)
{
	return (struct entry_key){.name = node->name,
		.len = node->name_len,
		.variant = variant,
		.plane = node->plane};
}

/* What was published of the node, with its changes, if those are all; else NULL. */
static struct entry *change_entry(const struct zone *z, const struct node *node,
	const struct compile_source *source)
{
	const struct entry_key key = key_of(node, 0);
	const struct entry *old = NULL;

	if (node->changes != NULL && !node->compile)
		old = published_get(&z->published, &key);
	return old == NULL ? NULL
			   : changes_apply(node->changes, old, source, &z->published);
}

/* Takes out the entries behind the first n. */
static void remove_variants(struct zone *z, struct node *node, uint8_t n)
{
	for (uint8_t i = node->n_variants; i > n; i--) {
		const struct entry_key key = key_of(node, i - 1);

		published_remove(&z->published, &key);
	}
	node->n_variants = n;
}

static struct entry *compile_variant(struct zone *z, struct node *node,
	const struct compile_source *source)
{
	struct compiled *all = &node->compiled, part;
	struct entry *e = compile_entry(source, &z->options, &z->published, &part);

	if (part.n > 0) {
		all->slot =
			xreallocarray(all->slot, all->n + part.n, sizeof(*all->slot));
		memcpy(all->slot + all->n, part.slot, part.n * sizeof(*all->slot));
		all->n += part.n;
	}
	free(part.slot);
	all->is_plain = part.is_plain;
	return e;
}

/* The first of the node's entries: it does not give what those outside are given instead. */
static struct entry *compile_first(struct zone *z, struct node *node,
	struct compile_source *source)
{
	struct compile_glue *glue = NULL;
	struct entry *e;

	if (source->is_cut) {
		glue = xcalloc(static_rrset(node->statics, DNS_NS)->n, sizeof(*glue));
		find_glue(z, node, glue);
		source->glue = glue;
	}
	tell_hidden(node, source);
	e = compile_variant(z, node, source);
	free(glue);
	return e;
}

/* Those that come first see less then, so there is always one for each view. */
static void publish_variants(struct zone *z, struct node *node,
	struct compile_source *source)
{
	struct variant variant[VARIANT_MAX];
	uint8_t n = variant_find(z, node, variant);
	struct entry *e;

	source->views = variant[0].views;
	e = n == 0 ? NULL : change_entry(z, node, source);
	if (e == NULL)
		release_groups(z, node);
	for (uint8_t i = 1; i < n; i++) {
		struct compile_source other = *source;

		other.variant = i;
		other.views = variant[i].views;
		other.addresses.is_outside = variant[i].is_outside;
		published_put(&z->published, compile_variant(z, node, &other));
	}
	if (n > 0)
		published_put(&z->published,
			e != NULL ? e : compile_first(z, node, source));
	remove_variants(z, node, n);
}

static void publish_node(struct zone *z, struct node *node, uint64_t revision)
{
	struct compile_source source = {.name = node->name,
		.name_len = node->name_len,
		.apex_len = node->apex_len,
		.ns = node->ns,
		.is_apex = node_is_apex(node),
		.service = node->service,
		.addresses = {.aliases = &z->aliases},
		.n_aliases = node->n_aliases,
		.target = node->target,
		.reverse = node->reverse,
		.port = node->port,
		.browse = node->browse,
		.statics = node->statics,
		.is_cut = node_is_cut(node),
		.has_wildcard = node->has_wildcard,
		.plane = node->plane,
		.has_networks = reverse_has_networks(z, node),
		.serial = (uint32_t)revision};

	if (node_is_occluded(node)) {
		release_groups(z, node);
		remove_variants(z, node, 0);
		names_published(node);
		return;
	}
	if (node->rotation == 0 && node_rotates(node))
		node->rotation = rotation_alloc(z);
	source.rotation = node->rotation;
	publish_variants(z, node, &source);
	names_published(node);
}

/* Takes out the node, and those above it that exist for nothing else. */
static void unpublish_node(struct zone *z, struct node *node)
{
	struct node *above = node->above;

	remove_variants(z, node, 0);
	release_groups(z, node);
	rotation_release(z, node->rotation);
	names_remove(zone_names_of(z, node), node);
	if (above != NULL && !above->dirty && !node_exists(above))
		unpublish_node(z, above);
}

/* Which of the three passes a touched node belongs to. */
enum pass {
	PASS_TARGETS, /* before the SRV records that name them */
	PASS_REST,
	PASS_GONE, /* after those */
	PASS_N
};

static enum pass node_pass(const struct node *node)
{
	if (!node_exists(node))
		return PASS_GONE;
	return node->target != NULL ? PASS_TARGETS : PASS_REST;
}

/* Moves what was touched from the names' list to those of the passes. */
static void sort_dirty(struct names *n, struct node *list[PASS_N])
{
	while (n->dirty != NULL) {
		struct node *node = n->dirty;
		enum pass pass = node_pass(node);

		n->dirty = node->next_dirty;
		node->next_dirty = list[pass];
		list[pass] = node;
		node->dirty = pass == PASS_GONE; /* not taken out twice */
	}
}

void zone_publish(struct zone *z, uint64_t revision)
{
	struct node *list[PASS_N] = {NULL};
	uint64_t epoch;

	browse_flush(z);
	for (uint16_t i = 0; i < z->n_planes; i++)
		sort_dirty(&zone_plane(z, i)->names, list);
	for (enum pass pass = PASS_TARGETS; pass < PASS_GONE; pass++)
		for (struct node *node = list[pass]; node != NULL;
			node = node->next_dirty)
			publish_node(z, node, revision);
	while (list[PASS_GONE] != NULL) {
		struct node *node = list[PASS_GONE];

		list[PASS_GONE] = node->next_dirty;
		node->dirty = false;
		unpublish_node(z, node);
	}
	epoch = grace_flush(&z->published.grace);
	for (uint32_t i = 0; i < z->n_leaving; i++)
		lease_release(&z->published.leases, z->leaving[i], epoch);
	z->n_leaving = 0;
	alias_sweep(&z->aliases);
}
