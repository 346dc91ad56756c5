/* SPDX-License-Identifier: MIT */
#include "zone/lease.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A slot nobody has used yet. */
static uint32_t new_slot(struct lease_table *t)
{
	uint32_t chunk = t->n >> LEASE_CHUNK_BITS;

	if (chunk == LEASE_CHUNKS)
		abort(); /* instances are limited far below */
	if (t->chunk[chunk] == NULL)
		t->chunk[chunk] =
			xcalloc((size_t)1 << LEASE_CHUNK_BITS, sizeof(_Atomic int64_t));
	return t->n++;
}

void lease_table_init(struct lease_table *t)
{
	memset(t, 0, sizeof(*t));
	lease_set(t, new_slot(t), INT64_MAX);
}

void lease_table_free(struct lease_table *t)
{
	for (uint32_t i = 0; i < LEASE_CHUNKS && t->chunk[i] != NULL; i++)
		free(t->chunk[i]);
	free(t->free);
	free(t->limbo);
}

/* Moves the slots that nobody can see any more to the free ones. */
static void leave_limbo(struct lease_table *t, const struct grace *g)
{
	while (t->limbo_at < t->n_limbo &&
		grace_passed(g, t->limbo[t->limbo_at].epoch)) {
		if (t->n_free == t->cap_free) {
			t->cap_free = t->cap_free == 0 ? 64 : t->cap_free * 2;
			t->free = xreallocarray(t->free, t->cap_free, sizeof(*t->free));
		}
		t->free[t->n_free++] = t->limbo[t->limbo_at++].slot;
	}
}

uint32_t lease_alloc(struct lease_table *t, const struct grace *g, int64_t end_ms)
{
	uint32_t slot;

	if (t->n_free == 0)
		leave_limbo(t, g);
	slot = t->n_free > 0 ? t->free[--t->n_free] : new_slot(t);
	lease_set(t, slot, end_ms);
	return slot;
}

void lease_release(struct lease_table *t, uint32_t slot, uint64_t epoch)
{
	if (t->n_limbo == t->cap_limbo && t->limbo_at > t->cap_limbo / 2) {
		t->n_limbo -= t->limbo_at;
		memmove(t->limbo, t->limbo + t->limbo_at,
			t->n_limbo * sizeof(*t->limbo));
		t->limbo_at = 0;
	}
	if (t->n_limbo == t->cap_limbo) {
		t->cap_limbo = t->cap_limbo == 0 ? 64 : t->cap_limbo * 2;
		t->limbo = xreallocarray(t->limbo, t->cap_limbo, sizeof(*t->limbo));
	}
	t->limbo[t->n_limbo++] = (struct lease_limbo){.epoch = epoch, .slot = slot};
}
