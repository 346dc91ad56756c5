/* SPDX-License-Identifier: MIT */
/*
 * lease.h -- when leases end, where the answer path sees it: one atomic word an instance.
 *
 * A published record carries the number of a slot, so a renewal is one store and recompiles nothing, and
 * an expired record is never given out even while the writer is busy or the disk is stuck.
 * Slot 0 belongs to all that has no lease: it never ends.
 *
 * Thread: lease_end_ms() any; the rest the control thread. A freed slot is given out again only
 *         after every reader has let go of the records that name it.
 */
#ifndef ZONE_LEASE_H
#define ZONE_LEASE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/compiler.h"
#include "zone/grace.h"

#define LEASE_CHUNK_BITS 16
#define LEASE_CHUNKS     4096 /* 268,435,456 slots */

struct lease_limbo {
	uint64_t epoch; /* reusable when it has passed */
	uint32_t slot;
};

struct lease_table {
	_Atomic int64_t *chunk[LEASE_CHUNKS];
	uint32_t n; /* slots ever made */
	uint32_t *free;
	uint32_t n_free, cap_free;
	struct lease_limbo *limbo; /* first in, first out, from limbo_at to n_limbo */
	uint32_t limbo_at, n_limbo, cap_limbo;
};

void lease_table_init(struct lease_table *t) CMAP_NONNULL;
void lease_table_free(struct lease_table *t) CMAP_NONNULL;
uint32_t lease_alloc(struct lease_table *t, const struct grace *g,
	int64_t end_ms) CMAP_NONNULL;
/*
 * epoch is the one of the grace_flush() that follows its unpublication. Until then readers may hold
 * records that name the slot, so its end stays as it is: whoever wants it ended sets it.
 */
void lease_release(struct lease_table *t, uint32_t slot, uint64_t epoch) CMAP_NONNULL;

static inline _Atomic int64_t *lease_word(const struct lease_table *t, uint32_t slot)
{
	return &t->chunk[slot >> LEASE_CHUNK_BITS]
			[slot & ((1u << LEASE_CHUNK_BITS) - 1)];
}

/* Monotonic milliseconds; INT64_MAX: never. */
static inline int64_t lease_end_ms(const struct lease_table *t, uint32_t slot)
{
	return atomic_load_explicit(lease_word(t, slot), memory_order_relaxed);
}

static inline void lease_set(struct lease_table *t, uint32_t slot, int64_t end_ms)
{
	atomic_store_explicit(lease_word(t, slot), end_ms, memory_order_relaxed);
}

#endif
