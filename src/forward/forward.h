/* SPDX-License-Identifier: MIT */
/*
 * forward.h -- names outside our zones: queries of clients, answered by upstream resolvers and a cache.
 *
 * Whoever answers queries hands a query over and forgets it; a thread of the forwarder's own does the rest, so a
 * slow upstream delays nobody else. Equal questions in flight share one query to an upstream. An answer is kept as long
 * as its TTLs say, and, for the time when no upstream answers, a configured while longer.
 *
 * Thread: forward_submit(), forward_has_room() and forward_counters(): any; the rest: the control thread.
 * Source: RFC 5625 (forwarders), RFC 2308, RFC 5452, RFC 6891, RFC 6840 s5.7 (AD), RFC 8767 (stale answers),
 *         RFC 9520 (failures).
 */
#ifndef FORWARD_FORWARD_H
#define FORWARD_FORWARD_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/counter.h"
#include "forward/request.h"
#include "forward/upstream.h"

struct forward;

struct forward_options {
	struct sock_addr upstream[UPSTREAMS_MAX]; /* asked in this order */
	uint32_t n_upstreams;
	uint32_t queries;    /* of clients that may wait at a time */
	size_t cache_octets; /* that answers may take in memory; 0: none is kept */
	int64_t timeout_ms;  /* then the next upstream is asked */
	bool is_0x20;        /* upstreams are asked in random case, and must keep it */
	int64_t stale_ms; /* how long an answer is good after its time; 0: not at all */
};

/* Starts the thread. CMAP_E_SYSTEM if the kernel gives none. */
int forward_start(const struct forward_options *options, const struct clock *clock,
	struct forward **out) CMAP_NONNULL CMAP_MUST_USE;
/* From now on. What is in flight is asked anew. */
void forward_set_options(struct forward *f,
	const struct forward_options *options) CMAP_NONNULL;
/* Whether one more query can wait. */
bool forward_has_room(const struct forward *f) CMAP_NONNULL;
/* r->done() will be called, once. */
void forward_submit(struct forward *f, struct forward_request *r) CMAP_NONNULL;
void forward_counters(const struct forward *f, uint64_t sum[COUNTER_N]) CMAP_NONNULL;
/*
 * Ends the thread; what still waits is done() without a reply. Nobody may submit any more. NULL is fine.
 */
void forward_stop(struct forward *f);

#endif
