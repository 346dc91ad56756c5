/* SPDX-License-Identifier: MIT */
/*
 * counter.h -- what the threads that answer queries count: one block a thread, summed when read.
 *
 * A block is written by its own thread only, with relaxed stores, and may be read by any thread.
 */
#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/compiler.h"

enum counter {
	COUNTER_UDP_QUERIES,
	COUNTER_TCP_QUERIES,
	COUNTER_TCP_CONNECTIONS,
	COUNTER_DROPPED,   /* no reply was due: too short, or itself a response */
	COUNTER_TRUNCATED, /* answers with TC */
	COUNTER_NOERROR,   /* with data */
	COUNTER_NODATA,
	COUNTER_NXDOMAIN,
	COUNTER_REFUSED,
	COUNTER_FORMERR,
	COUNTER_NOTIMP,
	COUNTER_OTHER_RCODE,
	COUNTER_SEND_FAILED,
	COUNTER_RATE_LIMITED, /* replies not sent, or cut short, by response rate limiting */
	COUNTER_COOKIES_GOOD,     /* queries with a server cookie of ours */
	COUNTER_FORWARD_QUERIES,  /* sent to upstreams */
	COUNTER_FORWARD_CACHED,   /* clients' queries that the cache has answered */
	COUNTER_FORWARD_STALE,    /* answered with what was no longer fresh */
	COUNTER_FORWARD_FAILED,   /* answered SERVFAIL */
	COUNTER_FORWARD_TIMEOUTS, /* of upstreams */
	COUNTER_FORWARD_UNWANTED, /* messages that came, and were no reply to what was asked */
	COUNTER_FORWARD_LOOPS, /* queries of our own that have come back */
	COUNTER_N
};

struct counters {
	_Atomic uint64_t n[COUNTER_N];
} __attribute__((aligned(64)));

static inline void counter_add(struct counters *c, enum counter which, uint64_t n)
{
	uint64_t old = atomic_load_explicit(&c->n[which], memory_order_relaxed);

	atomic_store_explicit(&c->n[which], old + n, memory_order_relaxed);
}

/* sum[i] += c->n[i] */
void counters_sum(const struct counters *c, uint64_t sum[COUNTER_N]) CMAP_NONNULL;
/* "UdpQueries" and so on: the name in Status. */
const char *counter_name(enum counter which);

#endif
