/* SPDX-License-Identifier: MIT */
#include "zone/reverse.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "zone/arpa.h"
#include "zone/private.h"

enum { LOOKED_AT_MAX = 4096 }; /* instances of an address */

/* ---- who has an address ------------------------------------------------------------------------ */

static uint32_t place_of(const struct reverse *r, const struct instance *i)
{
	return (uint32_t)(((uintptr_t)i * UINT64_C(0x9E3779B97F4A7C15)) >> 32) &
	       r->mask;
}

/* Where i is, or would be. */
static uint32_t find_place(const struct reverse *r, const struct instance *i)
{
	uint32_t at = place_of(r, i);

	while (r->at[at] != NULL && r->at[at] != i)
		at = (at + 1) & r->mask;
	return at;
}

static struct reverse *new_reverse(enum address_family family)
{
	struct reverse *r = xcalloc(1, sizeof(*r));

	r->family = family;
	r->at = r->first;
	r->mask = CMAP_COUNT(r->first) - 1;
	return r;
}

void reverse_free(struct reverse *r)
{
	if (r == NULL)
		return;
	if (r->at != r->first)
		free(r->at);
	free(r->groups);
	free(r);
}

static void resize(struct reverse *r, uint32_t slots)
{
	struct instance **old = r->at;
	uint32_t old_mask = r->mask;

	r->mask = slots - 1;
	r->at = xcalloc(slots, sizeof(struct instance *));
	for (uint32_t k = 0; k <= old_mask; k++)
		if (old[k] != NULL)
			r->at[find_place(r, old[k])] = old[k];
	if (old != r->first)
		free(old);
}

static void add(struct reverse *r, struct instance *i)
{
	uint32_t at = find_place(r, i);

	if (r->at[at] == i)
		return;
	if (2 * (r->n + 1) > r->mask + 1) {
		resize(r, 2 * (r->mask + 1));
		at = find_place(r, i);
	}
	r->at[at] = i;
	r->n++;
}

static void take_out(struct reverse *r, const struct instance *i)
{
	uint32_t at = find_place(r, i);

	if (r->at[at] == NULL)
		return;
	r->at[at] = NULL;
	r->n--;
	/* What follows side by side may have stood further on for its sake. */
	while (r->at[at = (at + 1) & r->mask] != NULL) {
		struct instance *other = r->at[at];

		r->at[at] = NULL;
		r->at[find_place(r, other)] = other;
	}
	if (r->mask > 16 && r->n < r->mask / 8)
		resize(r, (r->mask + 1) / 2);
}

struct instance *reverse_next(const struct reverse *r, struct reverse_look *look)
{
	while (look->at <= r->mask && r->at[look->at] == NULL)
		look->at++;
	return look->at > r->mask || look->n++ == LOOKED_AT_MAX ? NULL
								: r->at[look->at++];
}

/* ---- names of addresses ------------------------------------------------------------------------ */

/* The network lies in another one of the options, or is there twice. */
static bool is_contained(const struct zone_options *o, uint32_t number)
{
	const struct prefix *p = &o->reverse[number];

	for (uint32_t i = 0; i < o->n_reverse; i++) {
		const struct prefix *other = &o->reverse[i];

		if (i != number && prefix_holds(other, p->octets, p->len) &&
			(other->bits < p->bits ||
				(other->bits == p->bits && i < number)))
			return true;
	}
	return false;
}

/* The name of i's address of that family; false if it has none that gets one. */
static bool find_name(const struct zone *z, const struct instance *i,
	enum address_family family, struct dname *out)
{
	const struct service *s = i->service;
	enum record_type t = family == ADDRESS_IPV4 ? RECORD_A : RECORD_AAAA;
	const void *octets = address_own(i, family);
	struct prefix p = {.len = (uint8_t)address_len(family)};

	if (z->options.n_reverse == 0 || octets == NULL ||
		s->ns->type == NAMESPACE_HTTP ||
		(service_record(s, RECORD_SRV) == NULL && service_record(s, t) == NULL))
		return false;
	for (uint32_t k = 0; k < z->options.n_reverse; k++) {
		if (!prefix_holds(&z->options.reverse[k], octets, p.len))
			continue;
		memcpy(p.octets, octets, p.len);
		p.bits = (uint8_t)(8 * p.len);
		arpa_name(&p, out);
		return true;
	}
	return false;
}

static struct node *get_node(struct zone *z, const struct dname *name,
	enum address_family family)
{
	struct names *n = zone_first_names(z);
	struct node *apex = names_find(n, name->wire, name->len);

	if (apex == NULL || !node_is_apex(apex))
		apex = names_apex_above(n, name->wire, name->len);
	if (family == ADDRESS_IPV4)
		return names_get(n, name, apex->name_len);
	return names_get_right_below(n, name, apex);
}

/* The node of i's address of that family, if it has one. */
static struct node *find_node(const struct zone *z, const struct instance *i,
	enum address_family family)
{
	struct dname name;
	struct node *node;

	if (!find_name(z, i, family, &name))
		return NULL;
	node = names_find(zone_first_names(z), name.wire, name.len);
	return node == NULL || node->reverse == NULL ? NULL : node;
}

void reverse_put(struct zone *z, struct instance *i)
{
	for (enum address_family f = ADDRESS_IPV4; f <= ADDRESS_IPV6; f++) {
		struct dname name;
		struct node *node;

		if (!find_name(z, i, f, &name))
			continue;
		node = get_node(z, &name, f);
		if (node->reverse == NULL)
			node->reverse = new_reverse(f);
		add(node->reverse, i);
		names_touch(zone_first_names(z), node);
	}
}

static void drop(struct zone *z, struct node *node)
{
	reverse_free(node->reverse);
	node->reverse = NULL;
	names_touch(zone_first_names(z), node);
}

void reverse_delete(struct zone *z, struct instance *i)
{
	for (enum address_family f = ADDRESS_IPV4; f <= ADDRESS_IPV6; f++) {
		struct node *node = find_node(z, i, f);

		if (node == NULL)
			continue;
		take_out(node->reverse, i);
		if (node->reverse->n == 0)
			drop(z, node);
		else
			names_touch(zone_first_names(z), node);
	}
}

void reverse_touch(struct zone *z, const struct instance *i)
{
	for (enum address_family f = ADDRESS_IPV4; f <= ADDRESS_IPV6; f++) {
		struct node *node = find_node(z, i, f);

		if (node != NULL)
			names_touch(zone_first_names(z), node);
	}
}

void reverse_lease(struct zone *z, const struct instance *i, int64_t end_ms)
{
	struct lease_table *t = &z->published.leases;

	for (enum address_family f = ADDRESS_IPV4; f <= ADDRESS_IPV6; f++) {
		const struct node *node = find_node(z, i, f);
		const struct reverse *r = node == NULL ? NULL : node->reverse;

		if (r == NULL)
			continue;
		for (uint32_t k = 0; k < r->n_groups; k++) {
			const struct reverse_group *g = &r->groups[k];

			if (g->service == i->service->node &&
				!(g->healthy_only && i->is_unhealthy) &&
				lease_end_ms(t, g->slot) < end_ms)
				lease_set(t, g->slot, end_ms);
		}
	}
}

void reverse_move(struct zone *z, const struct node *apex)
{
	struct node *node, *next;

	if (z->options.n_reverse == 0 || !arpa_is_within(apex->name, apex->name_len))
		return;
	HASH_ITER (hh, zone_first_names(z)->nodes, node, next) {
		struct dname name = {.len = node->name_len};

		if (node->reverse == NULL || !node_is_within(node, apex))
			continue;
		memcpy(name.wire, node->name, name.len);
		names_touch(zone_first_names(z),
			get_node(z, &name, node->reverse->family));
	}
}

/* ---- zones --------------------------------------------------------------------------------------- */

static void for_each_zone(struct zone *z,
	void (*call)(struct zone *z, const struct dname *apex))
{
	const struct zone_options *o = &z->options;

	for (uint32_t i = 0; i < o->n_reverse; i++) {
		uint32_t n = is_contained(o, i) ? 0 : arpa_networks(&o->reverse[i]);

		for (uint32_t k = 0; k < n; k++) {
			struct dname apex;

			arpa_network_name(&o->reverse[i], k, &apex);
			call(z, &apex);
		}
	}
}

static void put_all(struct zone *z, const struct names *n)
{
	struct node *node, *next;

	HASH_ITER (hh, n->nodes, node, next) {
		struct instance *i, *next_i;

		if (node->service == NULL)
			continue;
		HASH_ITER (by_id, node->service->instances, i, next_i)
			reverse_put(z, i);
	}
}

void reverse_start(struct zone *z)
{
	if (z->options.n_reverse == 0)
		return;
	for_each_zone(z, apex_make);
	for (uint16_t i = 0; i < z->n_planes; i++)
		put_all(z, &zone_plane(z, i)->names);
}

void reverse_stop(struct zone *z)
{
	struct node *node, *next;

	HASH_ITER (hh, zone_first_names(z)->nodes, node, next)
		if (node->reverse != NULL)
			drop(z, node);
	for_each_zone(z, apex_unmake);
}

bool reverse_has_networks(const struct zone *z, const struct node *node)
{
	const struct zone_options *o = &z->options;

	for (uint32_t i = 0; i < o->n_reverse; i++)
		if (arpa_is_in_network(&o->reverse[i], node->name, node->name_len))
			return true;
	return false;
}
