/* SPDX-License-Identifier: MIT */
#include "zone/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "zone/compile.h"
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

void zone_free(struct zone *z)
{
	if (z == NULL)
		return;
	published_free(&z->published);
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
	if (node == NULL || !node_exists(node))
		return ZONE_USE_NONE;
	if (node->ns != NULL)
		return ZONE_USE_APEX;
	if (node->service != NULL)
		return ZONE_USE_SERVICE;
	return node->target != NULL ? ZONE_USE_TARGET : ZONE_USE_EMPTY;
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

void zone_namespace_put(struct zone *z, struct namespace *ns)
{
	struct dname apex;
	struct node *node;

	if (ns->type == NAMESPACE_HTTP || dname_from_plain(ns->name, &apex) != CMAP_OK)
		return;
	node = names_get(&z->names, &apex, apex.len);
	node->ns = ns;
	names_touch(&z->names, node);
}

void zone_namespace_delete(struct zone *z, struct namespace *ns)
{
	struct dname apex;
	struct node *node;

	if (ns->type == NAMESPACE_HTTP || dname_from_plain(ns->name, &apex) != CMAP_OK)
		return;
	node = names_get(&z->names, &apex, apex.len);
	node->ns = NULL;
	names_touch(&z->names, node);
}

void zone_service_put(struct zone *z, struct service *s)
{
	struct node *node = service_node(z, s);

	if (node == NULL)
		return;
	node->service = s;
	names_touch(&z->names, node);
}

void zone_service_delete(struct zone *z, struct service *s)
{
	struct node *node = service_node(z, s);

	if (node == NULL)
		return;
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

static void publish_node(struct zone *z, struct node *node, uint64_t revision)
{
	struct compile_source source = {.name = node->name,
		.name_len = node->name_len,
		.apex_len = node->apex_len,
		.ns = node->ns,
		.service = node->service,
		.target = node->target,
		.serial = (uint32_t)revision};

	if (node->rotation == 0 && node->service != NULL &&
		model_instance_count(node->service) > 1)
		node->rotation = rotation_alloc(z);
	source.rotation = node->rotation;
	release_groups(z, node);
	published_put(&z->published,
		compile_entry(&source, &z->options, &z->published, &node->groups));
}

/* Takes out the node, and those above it that exist for nothing else. */
static void unpublish_node(struct zone *z, struct node *node)
{
	struct node *above = names_parent(&z->names, node);

	published_remove(&z->published, node->name, node->name_len);
	release_groups(z, node);
	rotation_release(z, node->rotation);
	names_remove(&z->names, node);
	if (above != NULL && --above->children == 0 && !above->dirty &&
		!node_exists(above))
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
