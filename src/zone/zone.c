/* SPDX-License-Identifier: MIT */
#include "zone/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/dns.h"
#include "wire/zonetext.h"
#include "zone/compile.h"
#include "zone/graft.h"
#include "zone/names.h"
#include "zone/table.h"

struct zone {
	struct zone_options options;
	struct published published;
	struct names names;
	uint32_t *spare_rotations; /* of names that are gone */
	uint32_t n_spare, cap_spare;
	uint32_t *leaving; /* lease slots to release behind the next flush */
	uint32_t n_leaving, cap_leaving;
};

struct zone *zone_new(const struct zone_options *options)
{
	struct zone *z = xcalloc(1, sizeof(*z));

	z->options = *options;
	published_init(&z->published);
	atomic_init(&z->published.n_rotations, 1); /* 0 means none */
	return z;
}

static void free_statics(struct zone *z)
{
	struct node *node, *next;

	HASH_ITER (hh, z->names.nodes, node, next)
		if (node->ns != NULL && node->statics != NULL)
			static_free(node->statics->zone);
}

void zone_free(struct zone *z)
{
	if (z == NULL)
		return;
	published_free(&z->published);
	free_statics(z);
	names_free(&z->names);
	free(z->spare_rotations);
	free(z->leaving);
	free(z);
}

struct published *zone_published(struct zone *z)
{
	return &z->published;
}

void zone_set_options(struct zone *z, const struct zone_options *options)
{
	struct node *node, *next;

	z->options = *options;
	HASH_ITER (hh, z->names.nodes, node, next)
		names_touch(&z->names, node);
}

enum zone_use zone_name_use(const struct zone *z, const char *name)
{
	uint8_t lower[DNAME_MAX];
	struct dname d;
	struct node *node;

	if (dname_from_plain(name, &d) != CMAP_OK)
		return ZONE_USE_NONE;
	dname_lower(d.wire, d.len, lower);
	node = names_find(&z->names, lower, d.len);
	if (node == NULL)
		return ZONE_USE_NONE;
	if (node->ns != NULL)
		return ZONE_USE_APEX;
	if (node->service != NULL)
		return ZONE_USE_SERVICE;
	if (node->target != NULL)
		return ZONE_USE_TARGET;
	return node->registered > 0 ? ZONE_USE_EMPTY : ZONE_USE_NONE;
}

/* ---- the names that model structs publish at -------------------------------------------------- */

/* prefix.apex in wire form; prefix "." is the apex itself. */
static int name_below(const char *prefix, const struct dname *apex, struct dname *out)
{
	int err;

	if (strcmp(prefix, ".") == 0) {
		*out = *apex;
		return CMAP_OK;
	}
	err = dname_from_plain(prefix, out);
	if (err != CMAP_OK)
		return err;
	if (out->len - 1 + apex->len > DNAME_MAX)
		return CMAP_E_RANGE;
	memcpy(out->wire + out->len - 1, apex->wire, apex->len);
	out->len = (uint8_t)(out->len - 1 + apex->len);
	return CMAP_OK;
}

/* The apex of ns and the name of s in it; false if they publish nothing. */
static bool service_name(const struct service *s, struct dname *apex,
	struct dname *name)
{
	return s->ns->type != NAMESPACE_HTTP && s->n_records > 0 &&
	       dname_from_plain(s->ns->name, apex) == CMAP_OK &&
	       name_below(s->name, apex, name) == CMAP_OK;
}

static struct node *service_node(struct zone *z, const struct service *s)
{
	struct dname apex, name;

	return service_name(s, &apex, &name) ? names_get(&z->names, &name, apex.len)
					     : NULL;
}

/* The node where i's addresses stand as an SRV target; NULL if its service has no SRV. */
static struct node *target_node(struct zone *z, const struct instance *i)
{
	struct dname apex, service, name;

	if (service_record(i->service, RECORD_SRV) == NULL ||
		!service_name(i->service, &apex, &service) ||
		name_below(i->id, &service, &name) != CMAP_OK)
		return NULL;
	return names_get(&z->names, &name, apex.len);
}

/* ---- static records --------------------------------------------------------------------------- */

/* The node of a namespace takes s in place of what it has. */
static void set_static(struct zone *z, struct node *apex, struct static_zone *s)
{
	struct static_zone *old = apex->statics == NULL ? NULL : apex->statics->zone;

	if (old != NULL)
		ungraft(&z->names, old);
	static_free(old);
	if (s != NULL)
		graft(&z->names, s);
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
	graft(&z->names, s);
}

/* A registration comes to the node (1) or leaves it (-1). */
static void count_registered(struct zone *z, struct node *node, int change)
{
	const struct node *cut = names_count(node, change);

	if (cut != NULL)
		graft_touch(&z->names, cut->statics->zone);
}

/* ---- changes ---------------------------------------------------------------------------------- */

static struct static_zone *ask_statics(struct zone *z, const struct namespace *ns,
	const struct dname *apex)
{
	return z->options.statics == NULL
		       ? NULL
		       : z->options.statics(z->options.statics_arg, ns->dns_key, apex);
}

void zone_namespace_put(struct zone *z, struct namespace *ns)
{
	struct dname apex;
	struct node *node;
	struct static_zone *above;

	if (ns->type == NAMESPACE_HTTP || dname_from_plain(ns->name, &apex) != CMAP_OK)
		return;
	node = names_get(&z->names, &apex, apex.len);
	names_touch(&z->names, node);
	if (node->ns != NULL) {
		node->ns = ns;
		return;
	}
	node->ns = ns;
	above = graft_enclosing(&z->names, node->name, node->name_len);
	if (above != NULL && (node->statics != NULL || node->children > 0))
		regraft(z, above);
	set_static(z, node, ask_statics(z, ns, &apex));
}

void zone_namespace_delete(struct zone *z, struct namespace *ns)
{
	struct dname apex;
	struct node *node;
	struct static_zone *above;

	if (ns->type == NAMESPACE_HTTP || dname_from_plain(ns->name, &apex) != CMAP_OK)
		return;
	node = names_get(&z->names, &apex, apex.len);
	set_static(z, node, NULL);
	node->ns = NULL;
	above = graft_enclosing(&z->names, node->name, node->name_len);
	if (above != NULL && above->n_covered > 0)
		regraft(z, above);
}

void zone_service_put(struct zone *z, struct service *s)
{
	struct node *node = service_node(z, s);

	if (node == NULL)
		return;
	if (node->service == NULL)
		count_registered(z, node, 1);
	node->service = s;
	names_touch(&z->names, node);
}

void zone_service_delete(struct zone *z, struct service *s)
{
	struct node *node = service_node(z, s);

	if (node == NULL)
		return;
	if (node->service != NULL)
		count_registered(z, node, -1);
	node->service = NULL;
	names_touch(&z->names, node);
}

/* ---- leases ----------------------------------------------------------------------------------- */

static void leave(struct zone *z, uint32_t slot)
{
	if (z->n_leaving == z->cap_leaving) {
		z->cap_leaving = z->cap_leaving == 0 ? 64 : z->cap_leaving * 2;
		z->leaving =
			xreallocarray(z->leaving, z->cap_leaving, sizeof(*z->leaving));
	}
	z->leaving[z->n_leaving++] = slot;
}

void zone_lease_set(struct zone *z, struct instance *i, int64_t end_ms)
{
	struct lease_table *t = &z->published.leases;

	if (i->lease_slot != 0)
		lease_set(t, i->lease_slot, end_ms);
	for (size_t f = 0; f < CMAP_COUNT(i->lease_group); f++)
		if (i->lease_group[f] != 0 &&
			lease_end_ms(t, i->lease_group[f]) < end_ms)
			lease_set(t, i->lease_group[f], end_ms);
}

void zone_instance_put(struct zone *z, struct instance *i)
{
	struct node *service = service_node(z, i->service);
	struct node *target = target_node(z, i);

	if (service == NULL)
		return;
	if (i->lease_end_ms == MODEL_LEASE_NONE && i->lease_slot != 0) {
		leave(z, i->lease_slot);
		i->lease_slot = 0;
	} else if (i->lease_end_ms != MODEL_LEASE_NONE && i->lease_slot == 0) {
		i->lease_slot = lease_alloc(&z->published.leases, &z->published.grace,
			i->lease_end_ms);
	}
	zone_lease_set(z, i, i->lease_end_ms);
	names_touch(&z->names, service);
	if (target != NULL) {
		if (target->target == NULL)
			count_registered(z, target, 1);
		target->target = i;
		names_touch(&z->names, target);
	}
}

void zone_instance_delete(struct zone *z, struct instance *i)
{
	struct node *service = service_node(z, i->service);
	struct node *target = target_node(z, i);

	if (service == NULL)
		return;
	if (i->lease_slot != 0) {
		/* Readers pass it over from now on, before it is unpublished. */
		lease_set(&z->published.leases, i->lease_slot, INT64_MIN);
		leave(z, i->lease_slot);
		i->lease_slot = 0;
	}
	names_touch(&z->names, service);
	if (target != NULL) {
		if (target->target != NULL)
			count_registered(z, target, -1);
		target->target = NULL;
		names_touch(&z->names, target);
	}
}

/* ---- publication ------------------------------------------------------------------------------ */

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
	for (uint32_t i = 0; i < node->groups.n; i++)
		leave(z, node->groups.slot[i]);
	free(node->groups.slot);
	node->groups = (struct compile_groups){.slot = NULL};
}

static bool node_rotates(const struct node *node)
{
	return (node->service != NULL && model_instance_count(node->service) > 1) ||
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
		glue->owner =
			graft_glue(&z->names, node, lower, len, &glue->is_required);
	}
}

static void publish_node(struct zone *z, struct node *node, uint64_t revision)
{
	struct compile_source source = {.name = node->name,
		.name_len = node->name_len,
		.apex_len = node->apex_len,
		.ns = node->ns,
		.service = node->service,
		.target = node->target,
		.statics = node->statics,
		.is_cut = node_is_cut(node),
		.has_wildcard = node->has_wildcard,
		.serial = (uint32_t)revision};
	struct compile_glue *glue = NULL;

	release_groups(z, node);
	if (node_is_occluded(node)) {
		published_remove(&z->published, node->name, node->name_len);
		return;
	}
	if (node->rotation == 0 && node_rotates(node))
		node->rotation = rotation_alloc(z);
	source.rotation = node->rotation;
	if (source.is_cut) {
		glue = xcalloc(static_rrset(node->statics, DNS_NS)->n, sizeof(*glue));
		find_glue(z, node, glue);
		source.glue = glue;
	}
	tell_hidden(node, &source);
	published_put(&z->published,
		compile_entry(&source, &z->options, &z->published, &node->groups));
	free(glue);
}

/* Takes out the node, and those above it that exist for nothing else. */
static void unpublish_node(struct zone *z, struct node *node)
{
	struct node *above = node->above;

	published_remove(&z->published, node->name, node->name_len);
	release_groups(z, node);
	rotation_release(z, node->rotation);
	names_remove(&z->names, node);
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

void zone_publish(struct zone *z, uint64_t revision)
{
	struct node *list[PASS_N] = {NULL};
	uint64_t epoch;

	while (z->names.dirty != NULL) {
		struct node *node = z->names.dirty;
		enum pass pass = node_pass(node);

		z->names.dirty = node->next_dirty;
		node->next_dirty = list[pass];
		list[pass] = node;
		node->dirty = pass == PASS_GONE; /* not taken out twice */
	}
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
}
