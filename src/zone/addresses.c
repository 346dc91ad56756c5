/* SPDX-License-Identifier: MIT */
#include "zone/addresses.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/mem.h"
#include "zone/change.h"

const void *address_of(const struct instance *i, enum address_family family)
{
	if (family == ADDRESS_IPV4)
		return i->has_ipv4 ? &i->ipv4 : NULL;
	return i->has_ipv6 ? &i->ipv6 : NULL;
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

/* Gives each address that several instances have a slot of its own, unless one of them stays. */
static void share_slots(struct address_list *list, struct service *s,
	enum address_family family, bool healthy_only, struct published *p,
	uint32_t **slots, uint32_t *n_slots)
{
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next) {
		const void *octets = address_of(i, family);
		struct address *a;

		if (octets == NULL || (healthy_only && i->is_unhealthy))
			continue;
		a = list_find(list, octets, address_len(family));
		if (a->n == 1)
			continue;
		i->marks |= mark_shared(family);
		if (a->end_ms == MODEL_LEASE_NONE)
			continue;
		if (a->slot == 0) {
			a->slot = lease_alloc(&p->leases, &p->grace, a->end_ms);
			*slots = xreallocarray(*slots, *n_slots + 1, sizeof(**slots));
			(*slots)[(*n_slots)++] = a->slot;
		}
		i->lease_group[family] = a->slot;
	}
}

void addresses_collect(struct address_list *list, struct service *s,
	enum address_family family, struct published *p, uint32_t **slots,
	uint32_t *n_slots)
{
	uint32_t n = model_instance_count(s);
	enum record_type t = family == ADDRESS_IPV4 ? RECORD_A : RECORD_AAAA;
	bool healthy_only = compile_healthy_only(s, t);
	bool shared = false;
	struct instance *i, *next;

	for (list->mask = 4; list->mask < 2 * n; list->mask *= 2)
		;
	list->index = xcalloc(list->mask, sizeof(*list->index));
	list->mask--;
	list->address = xcalloc(n == 0 ? 1 : n, sizeof(*list->address));
	list->n = 0;
	HASH_ITER (by_id, s->instances, i, next) {
		const void *octets = address_of(i, family);
		struct address *a;

		i->lease_group[family] = 0;
		i->marks &= (uint8_t)~mark_shared(family);
		if (octets == NULL || (healthy_only && i->is_unhealthy))
			continue;
		a = list_find(list, octets, address_len(family));
		if (i->weight > a->weight)
			a->weight = i->weight;
		/* One alone is decided by its own slot, several by one they share. */
		a->slot = a->n == 0 ? i->lease_slot : 0;
		if (a->n++ == 0 || i->lease_end_ms > a->end_ms)
			a->end_ms = i->lease_end_ms;
		shared = shared || a->n > 1;
	}
	if (shared)
		share_slots(list, s, family, healthy_only, p, slots, n_slots);
}

void addresses_free(struct address_list *list)
{
	free(list->address);
	free(list->index);
}
