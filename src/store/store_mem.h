/* SPDX-License-Identifier: MIT */
/*
 * store_mem.h -- a store in memory, for tests: it keeps what was committed, and fails
 * on demand.
 *
 * Events arrive when the test says so, by store_mem_step(): that is how a slow or stuck
 * disk is played. What it keeps survives store_close(): a second store_mem_open() on
 * the same disk is a restart.
 */
#ifndef STORE_STORE_MEM_H
#define STORE_STORE_MEM_H

#include "store/store.h"

struct store_mem_disk; /* what is "on disk" */

enum store_mem_fault {
	STORE_MEM_WORKS,
	STORE_MEM_REFUSES, /* each commit is answered REFUSED, with nothing kept */
	STORE_MEM_HANGS    /* no event comes while it lasts */
};

struct store_mem_disk *store_mem_disk_new(void) CMAP_MUST_USE;
void store_mem_disk_free(struct store_mem_disk *d);

struct store *store_mem_open(struct store_mem_disk *d) CMAP_NONNULL CMAP_MUST_USE;
void store_mem_set_fault(struct store *s, enum store_mem_fault fault) CMAP_NONNULL;
/* Delivers the event that is due, if any; false when there was none. */
bool store_mem_step(struct store *s) CMAP_NONNULL;
/* Batches made durable so far. */
uint64_t store_mem_commits(const struct store *s) CMAP_NONNULL;

#endif
