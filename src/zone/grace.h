/* SPDX-License-Identifier: MIT */
/*
 * grace.h -- when memory that readers may hold can be used again: the RCU of the whole program.
 *
 * Readers (threads that answer queries) register, and say at each batch that they hold nothing any more.
 * The control thread retires what it has taken out of the published table; it is freed once
 * every reader has said so since. liburcu's QSBR flavour: the read side costs nothing.
 *
 * Thread: reader_*() belong to the calling thread; grace_*() to the control thread.
 */
#ifndef ZONE_GRACE_H
#define ZONE_GRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

/* The first member of what can be retired; it is released by free(). */
struct retired {
	struct retired *next;
};

struct grace {
	struct retired *waiting;    /* retired since the last flush */
	uint64_t epoch;             /* flushes so far */
	_Atomic uint64_t completed; /* flushes after which every reader has let go */
	struct call_rcu_data *worker;
};

void grace_init(struct grace *g) CMAP_NONNULL;
/* Waits until all that was retired is freed. */
void grace_free(struct grace *g) CMAP_NONNULL;
void grace_retire(struct grace *g, struct retired *r) CMAP_NONNULL;
/* Starts the wait for all retired so far, if any. Returns the epoch to ask grace_passed() for. */
uint64_t grace_flush(struct grace *g) CMAP_NONNULL;
/* No reader holds anything that was unpublished before that flush. */
bool grace_passed(const struct grace *g, uint64_t epoch) CMAP_NONNULL;

void reader_register(void);
void reader_unregister(void);
/* Nothing found before is held any more. */
void reader_quiescent(void);
/* Around anything that may block: a reader that sleeps online stops every grace period. */
void reader_offline(void);
void reader_online(void);

#endif
