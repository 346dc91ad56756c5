/* SPDX-License-Identifier: MIT */
/*
 * table.h -- the published names: a hash table with one writer and any number of readers.
 *
 * Open addressing with linear probing over tags and pointers. A reader never waits and never sees half an
 * entry: the writer stores a whole new one with release order. Growing builds another table and swaps the
 * pointer; the old one is retired.
 *
 * Thread: published_find(), published_above() and what they return: any reader, until its next quiescent state.
 *         The rest: the control thread.
 */
#ifndef ZONE_TABLE_H
#define ZONE_TABLE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "zone/entry.h"
#include "zone/lease.h"

struct table_slot {
	_Atomic(struct entry *) entry;
	_Atomic uint32_t tag; /* the hash's upper half; written before entry */
};

struct table {
	struct retired retired;
	uint32_t mask; /* slots - 1 */
	struct table_slot slot[];
};

/* All that readers see. */
struct published {
	_Atomic(struct table *) table;
	_Atomic uint32_t n_rotations; /* counters that entries may name */
	_Atomic uint8_t
		most_labels; /* that any name in it has had, the root's not counted */
	struct lease_table leases;
	uint64_t seed; /* of the hash: names come from outside */
	/* the writer's: */
	struct grace grace;
	uint32_t used; /* slots holding an entry or a tombstone */
	uint32_t live; /* entries */
};

void published_init(struct published *p) CMAP_NONNULL;
/* No reader may be left. */
void published_free(struct published *p) CMAP_NONNULL;

/* As below, what somebody sees who is in that view. */
const struct entry *published_find_view(const struct published *p, const uint8_t *name,
	size_t len, uint16_t view) CMAP_NONNULL;
const struct entry *published_above_view(const struct published *p, const uint8_t *name,
	size_t len, uint16_t view) CMAP_NONNULL;
/* The same, of a name whose published_hash() is known. */
const struct entry *published_find_hash(const struct published *p, uint64_t hash,
	const uint8_t *name, size_t len, uint16_t view) CMAP_NONNULL;

uint64_t published_hash(const struct published *p, const uint8_t *name,
	size_t len) CMAP_NONNULL;
/* The entry of the name (wire form, lower case), or NULL; of several, one that is not for outside alone. */
const struct entry *published_find(const struct published *p, const uint8_t *name,
	size_t len) CMAP_NONNULL;
/*
 * The entry of the nearest name above that is there, the name itself not counted; NULL if none is. However many
 * labels the name has, no more are looked up than any published name has.
 */
const struct entry *published_above(const struct published *p, const uint8_t *name,
	size_t len) CMAP_NONNULL;

/*
 * Ahead of published_find_hash(), in this order, with other work between: they have the memory it will read
 * brought near. Nothing more comes of them.
 */
void published_fetch_slot(const struct published *p, uint64_t hash) CMAP_NONNULL;
void published_fetch_entry(const struct published *p, uint64_t hash) CMAP_NONNULL;

/* One entry of those of a name, whoever sees it. */
struct entry_key {
	const uint8_t *name; /* wire form, lower case */
	uint8_t len, variant;
	uint16_t plane;
};

const struct entry *published_get(const struct published *p,
	const struct entry_key *key) CMAP_NONNULL;
/* Publishes e, with e->hash set; what stood there of the same key is retired. */
void published_put(struct published *p, struct entry *e) CMAP_NONNULL;
/* Takes the entry out and retires it; nothing happens if there is none. */
void published_remove(struct published *p, const struct entry_key *key) CMAP_NONNULL;

#endif
