/* SPDX-License-Identifier: MIT */
#include "zone/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "wire/dns.h"
#include "zone/browse.h"
#include "zone/graft.h"
#include "zone/ports.h"
#include "zone/private.h"
#include "zone/reverse.h"

struct zone *zone_new(const struct zone_options *options)
{
	struct zone *z = xcalloc(1, sizeof(*z));

	z->options = *options;
	published_init(&z->published);
	atomic_init(&z->published.n_rotations, 1); /* 0 means none */
	plane_start(z);
	reverse_start(z);
	return z;
}

static void free_plane(struct plane *plane)
{
	struct node *node, *next;

	HASH_ITER (hh, plane->names.nodes, node, next)
		if (node->ns != NULL && node->statics != NULL)
			static_free(node->statics->zone);
	nest_free(&plane->nests);
	names_free(&plane->names);
	free(plane);
}

void zone_free(struct zone *z)
{
	if (z == NULL)
		return;
	published_free(&z->published);
	for (uint16_t i = 0; i < z->n_planes; i++)
		free_plane(zone_plane(z, i));
	free(z->planes);
	alias_free(&z->aliases);
	free(z->spare_rotations);
	free(z->leaving);
	free(z);
}

struct published *zone_published(struct zone *z)
{
	return &z->published;
}

static bool reverse_equal(const struct zone_options *a, const struct zone_options *b)
{
	if (a->n_reverse != b->n_reverse)
		return false;
	for (uint32_t i = 0; i < a->n_reverse; i++)
		if (!prefix_equal(&a->reverse[i], &b->reverse[i]))
			return false;
	return true;
}

void zone_set_options(struct zone *z, const struct zone_options *options)
{
	bool is_moved = !reverse_equal(&z->options, options);

	if (is_moved)
		reverse_stop(z);
	z->options = *options;
	if (is_moved)
		reverse_start(z);
	browse_settle_all(z);
	plane_settle_all(z);
}

static enum zone_use use_in(const struct names *n, const struct dname *name)
{
	const struct node *node = names_find(n, name->wire, name->len);

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

bool zone_read_name(const char *name, struct dname *out)
{
	struct dname any_case;

	if (dname_from_plain(name, &any_case) != CMAP_OK)
		return false;
	out->len = any_case.len;
	dname_lower(any_case.wire, any_case.len, out->wire);
	return true;
}

enum zone_use zone_name_use(const struct zone *z, const struct namespace *ns,
	const char *name)
{
	struct dname d;

	return zone_read_name(name, &d) ? use_in(&zone_plane(z, ns->plane)->names, &d)
					: ZONE_USE_NONE;
}

bool zone_is_registered(const struct zone *z, const char *name)
{
	struct dname d;

	if (!zone_read_name(name, &d))
		return false;
	for (uint16_t i = 0; i < z->n_planes; i++) {
		enum zone_use use = use_in(&zone_plane(z, i)->names, &d);

		if (use != ZONE_USE_NONE && use != ZONE_USE_APEX)
			return true;
	}
	return false;
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

static struct node *find_service_node(struct zone *z, const struct service *s)
{
	struct dname apex, name;

	return service_name(s, &apex, &name)
		       ? names_get(&zone_plane(z, s->ns->plane)->names, &name, apex.len)
		       : NULL;
}

/* It stays while the service is there, so each of its instances need not look for it. */
static struct node *service_node(struct zone *z, const struct service *s)
{
	return s->node != NULL ? s->node : find_service_node(z, s);
}

static struct node *find_target_node(struct zone *z, const struct instance *i)
{
	struct dname apex, service, name;

	if (!service_name(i->service, &apex, &service) ||
		name_below(i->id, &service, &name) != CMAP_OK)
		return NULL;
	return names_get(&zone_plane(z, i->service->ns->plane)->names, &name, apex.len);
}

/* The node where i's addresses stand as an SRV target; NULL if no SRV is of it. */
static struct node *target_node(struct zone *z, const struct instance *i)
{
	return (i->parts & INSTANCE_PORTS) ||
			       service_record(i->service, RECORD_SRV) != NULL
		       ? find_target_node(z, i)
		       : NULL;
}

/* ---- changes ---------------------------------------------------------------------------------- */

void zone_count_registered(struct zone *z, struct node *node, int change)
{
	const struct node *cut = names_count(node, change);
	struct plane *plane = zone_plane(z, node->plane);

	if (cut == NULL)
		return;
	graft_touch(&plane->names, cut->statics->zone);
	nest_touch(&plane->nests, &plane->names, &cut->statics->zone->apex);
}

static void touch(struct zone *z, struct node *node)
{
	names_touch(zone_names_of(z, node), node);
}

void zone_service_put(struct zone *z, struct service *s)
{
	struct node *node = find_service_node(z, s);

	if (node == NULL)
		return;
	if (node->service == NULL)
		zone_count_registered(z, node, 1);
	node->service = s;
	s->node = node;
	touch(z, node);
}

void zone_service_delete(struct zone *z, struct service *s)
{
	struct node *node = service_node(z, s);

	if (node == NULL)
		return;
	if (node->service != NULL)
		zone_count_registered(z, node, -1);
	node->service = NULL;
	s->node = NULL;
	touch(z, node);
}

/* What is published of the instances of one is what is published of those of the other. */
static bool publishes_alike(const struct service *a, const struct service *b)
{
	if (a->n_records != b->n_records || a->has_routing != b->has_routing ||
		(a->has_routing && a->routing != b->routing) ||
		a->has_health_check != b->has_health_check ||
		a->has_custom_health != b->has_custom_health)
		return false;
	for (uint8_t i = 0; i < a->n_records; i++)
		if (a->records[i].type != b->records[i].type ||
			a->records[i].ttl != b->records[i].ttl)
			return false;
	return true;
}

void zone_service_replace(struct zone *z, struct service *old, struct service *fresh)
{
	struct node *node = service_node(z, old);
	struct instance *i, *next;

	if (node == NULL)
		return;
	if (fresh->n_records == 0) {
		/* It is known to the API alone from now on. */
		HASH_ITER (by_id, old->instances, i, next) {
			zone_instance_delete(z, i);
			memset(i->lease_group, 0, sizeof(i->lease_group));
		}
		zone_service_delete(z, old);
		return;
	}
	node->service = fresh;
	fresh->node = node;
	if (!publishes_alike(old, fresh) ||
		!attributes_equal(&old->attributes, &fresh->attributes))
		ports_describe(z, old);
	if (publishes_alike(old, fresh))
		return;
	touch(z, node);
	HASH_ITER (by_id, old->instances, i, next) {
		struct node *target = target_node(z, i);

		if (target != NULL)
			touch(z, target);
		reverse_touch(z, i);
		ports_touch(z, i);
	}
}

/* ---- leases ----------------------------------------------------------------------------------- */

void zone_lease_set(struct zone *z, struct instance *i, int64_t end_ms)
{
	struct lease_table *t = &z->published.leases;

	if (i->lease_slot != 0)
		lease_set(t, i->lease_slot, end_ms);
	for (size_t f = 0; f < CMAP_COUNT(i->lease_group); f++)
		if (i->lease_group[f] != 0 &&
			lease_end_ms(t, i->lease_group[f]) < end_ms)
			lease_set(t, i->lease_group[f], end_ms);
	if (z->options.n_reverse > 0)
		reverse_lease(z, i, end_ms);
	if (z->options.browses != NULL)
		ports_lease(z, i);
}

void zone_watch_aliases(struct zone *z,
	void (*changed)(void *arg, const char *name, bool is_wanted), void *arg)
{
	struct alias *alias, *next;

	z->aliases.changed = changed;
	z->aliases.arg = arg;
	HASH_ITER (hh, z->aliases.table, alias, next)
		changed(arg, alias->name, true);
}

static void touch_users(struct zone *z, const struct alias *alias)
{
	for (uint32_t i = 0; i < alias->n_users; i++)
		touch(z, alias->user[i]);
}

static enum address_family family_of(uint16_t type)
{
	return type == DNS_A ? ADDRESS_IPV4 : ADDRESS_IPV6;
}

void zone_set_alias(struct zone *z, const char *name, uint16_t type,
	const uint8_t *octets, uint32_t n, uint32_t ttl)
{
	struct alias *alias;

	HASH_FIND_STR(z->aliases.table, name, alias);
	if (alias != NULL && alias_set(alias, family_of(type), octets, n,
				     ttl < ALIAS_TTL_MAX ? ttl : ALIAS_TTL_MAX))
		touch_users(z, alias);
}

void zone_forget_alias(struct zone *z, const char *name, uint16_t type, uint8_t ede)
{
	struct alias *alias;

	HASH_FIND_STR(z->aliases.table, name, alias);
	if (alias != NULL && alias_forget_addresses(alias, family_of(type), ede))
		touch_users(z, alias);
}

/* The records of i leave its service's name. */
static void take_records(struct zone *z, struct instance *i, struct node *service)
{
	if (i->is_alias) {
		alias_leave(&z->aliases, i, service);
		service->n_aliases--;
	}
	if ((i->parts & INSTANCE_PUBLIC) && i->marks != 0)
		service->n_public--;
	if (i->marks == MARK_SHOWN)
		names_touch_instance(zone_names_of(z, service), service, i,
			CHANGE_LEAVES);
	else
		touch(z, service);
	i->marks = 0;
}

/* The node, if it is not NULL, is no instance's name any more. */
static void take_target(struct zone *z, struct node *target)
{
	if (target == NULL)
		return;
	if (target->target != NULL)
		zone_count_registered(z, target, -1);
	target->target = NULL;
	touch(z, target);
}

void zone_instance_replace(struct zone *z, struct instance *i)
{
	struct node *service = service_node(z, i->service);

	if (service == NULL)
		return;
	take_records(z, i, service);
	reverse_delete(z, i);
	if (i->parts & INSTANCE_PORTS) {
		take_target(z, target_node(z, i));
		ports_delete(z, i);
	}
}

void zone_instance_health(struct zone *z, struct instance *i)
{
	struct node *service = service_node(z, i->service);

	if (service == NULL)
		return;
	touch(z, service);
	reverse_touch(z, i);
	ports_touch(z, i);
}

void zone_instance_put(struct zone *z, struct instance *i)
{
	struct node *service = service_node(z, i->service);
	struct node *target = target_node(z, i);

	if (service == NULL)
		return;
	if (i->lease_end_ms == MODEL_LEASE_NONE && i->lease_slot != 0) {
		zone_leave(z, i->lease_slot);
		i->lease_slot = 0;
	} else if (i->lease_end_ms != MODEL_LEASE_NONE && i->lease_slot == 0) {
		i->lease_slot = lease_alloc(&z->published.leases, &z->published.grace,
			i->lease_end_ms);
	}
	zone_lease_set(z, i, i->lease_end_ms);
	if (i->is_alias) {
		alias_join(&z->aliases, i, service);
		service->n_aliases++;
	}
	if ((i->parts & INSTANCE_PUBLIC) && i->marks == 0)
		service->n_public++;
	if (i->marks == 0)
		names_touch_instance(zone_names_of(z, service), service, i,
			CHANGE_COMES);
	else
		touch(z, service);
	i->marks |= MARK_SHOWN;
	reverse_put(z, i);
	ports_put(z, i);
	if (target != NULL) {
		if (target->target == NULL)
			zone_count_registered(z, target, 1);
		target->target = i;
		touch(z, target);
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
		zone_leave(z, i->lease_slot);
		i->lease_slot = 0;
	}
	take_records(z, i, service);
	reverse_delete(z, i);
	ports_delete(z, i);
	take_target(z, target);
}
