/* SPDX-License-Identifier: MIT */
#include "zone/addresses.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/error.h"
#include "base/mem.h"
#include "model/reserved.h"
#include "zone/alias.h"
#include "zone/change.h"

const void *address_own(const struct instance *i, enum address_family family)
{
	if (family == ADDRESS_IPV4)
		return i->has_ipv4 ? &i->ipv4 : NULL;
	return i->has_ipv6 ? &i->ipv6 : NULL;
}

const uint8_t *address_of(const struct address_source *src, const struct instance *i,
	enum address_family family, uint32_t *n)
{
	static _Thread_local union {
		struct in_addr ipv4;
		struct in6_addr ipv6;
	} outside;
	const char *text;

	if (i->is_alias)
		return alias_addresses(src->aliases, i, family, n);
	if (!src->is_outside || !(i->parts & INSTANCE_PUBLIC)) {
		const uint8_t *own = address_own(i, family);

		*n = own != NULL ? 1 : 0;
		return own;
	}
	text = attributes_get(&i->attributes,
		family == ADDRESS_IPV4 ? RESERVED_PUBLIC_IPV4 : RESERVED_PUBLIC_IPV6);
	*n = text != NULL &&
	     (family == ADDRESS_IPV4
			     ? reserved_parse_ipv4(text, &outside.ipv4)
			     : reserved_parse_ipv6(text, &outside.ipv6)) == CMAP_OK;
	return (const uint8_t *)&outside;
}

static uint8_t mark_shared(enum address_family family)
{
	return family == ADDRESS_IPV4 ? MARK_SHARED_IPV4 : MARK_SHARED_IPV6;
}

/* Finds octets in the list, or adds them. */
static struct address *list_find(struct address_list *list, const void *octets,
	size_t len)
{
	uint32_t at = (uint32_t)XXH3_64bits(octets, len) & list->mask;
	struct address *a;

	for (; list->index[at] != 0; at = (at + 1) & list->mask) {
		a = &list->address[list->index[at] - 1];
		if (memcmp(a->octets, octets, len) == 0)
			return a;
	}
	a = &list->address[list->n++];
	list->index[at] = list->n;
	memcpy(a->octets, octets, len);
	return a;
}

/* What is common to the passes over the instances of a service. */
struct collection {
	struct address_list *list;
	const struct address_source *src;
	enum address_family family;
	bool healthy_only;
};

/* The addresses that i brings, and how many: none, if it is not to be given. */
static const uint8_t *given(const struct collection *c, const struct instance *i,
	uint32_t *n)
{
	const uint8_t *octets = address_of(c->src, i, c->family, n);

	if (c->healthy_only && i->is_unhealthy)
		*n = 0;
	return octets;
}

/* Gives each address that several instances have a slot of its own, unless one of them stays. */
static void share_slots(const struct collection *c, struct service *s,
	struct published *p, uint32_t **slots, uint32_t *n_slots)
{
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next) {
		uint32_t n;
		const uint8_t *octets = given(c, i, &n);
		struct address *a;

		if (n != 1)
			continue;
		a = list_find(c->list, octets, address_len(c->family));
		if (a->n == 1)
			continue;
		i->marks |= mark_shared(c->family);
		if (a->end_ms == MODEL_LEASE_NONE || a->has_alias)
			continue;
		if (a->slot == 0) {
			a->slot = lease_alloc(&p->leases, &p->grace, a->end_ms);
			*slots = xreallocarray(*slots, *n_slots + 1, sizeof(**slots));
			(*slots)[(*n_slots)++] = a->slot;
		}
		i->lease_group[c->family] = a->slot;
	}
}

/* i has that address. Whether another has it, too. */
static bool add(struct address *a, const struct instance *i)
{
	if (i->weight > a->weight)
		a->weight = i->weight;
	/* One alone is decided by its own slot, several by one they share. */
	a->slot = a->n == 0 ? i->lease_slot : 0;
	if (a->n++ == 0 || i->lease_end_ms > a->end_ms)
		a->end_ms = i->lease_end_ms;
	a->has_alias = a->has_alias || i->is_alias;
	return a->n > 1;
}

/* Room for n addresses at the most. */
static void list_init(struct address_list *list, uint32_t n)
{
	for (list->mask = 4; list->mask < 2 * n; list->mask *= 2)
		;
	list->index = xcalloc(list->mask, sizeof(*list->index));
	list->mask--;
	list->address = xcalloc(n == 0 ? 1 : n, sizeof(*list->address));
	list->n = 0;
}

void addresses_collect(struct address_list *list, const struct address_source *src,
	struct service *s, enum address_family family, struct published *p,
	uint32_t **slots, uint32_t *n_slots)
{
	struct collection c = {.list = list, .src = src, .family = family};
	bool shared = false;
	uint32_t n, most = 0;
	struct instance *i, *next;

	c.healthy_only = compile_healthy_only(src, s,
		family == ADDRESS_IPV4 ? RECORD_A : RECORD_AAAA);
	HASH_ITER (by_id, s->instances, i, next) {
		(void)given(&c, i, &n);
		most += n;
	}
	list_init(list, most);
	HASH_ITER (by_id, s->instances, i, next) {
		const uint8_t *octets = given(&c, i, &n);

		if (!src->is_outside) {
			i->lease_group[family] = 0;
			i->marks &= (uint8_t)~mark_shared(family);
		}
		for (; n > 0; n--, octets += address_len(family))
			shared |= add(list_find(list, octets, address_len(family)), i);
	}
	if (shared && !src->is_outside)
		share_slots(&c, s, p, slots, n_slots);
}

void addresses_free(struct address_list *list)
{
	free(list->address);
	free(list->index);
}
