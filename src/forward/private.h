/* SPDX-License-Identifier: MIT */
/* private.h -- what the files of this room share; nobody else includes it. */
#ifndef FORWARD_PRIVATE_H
#define FORWARD_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/inbox.h"
#include "base/loop.h"
#include "forward/cache.h"
#include "forward/forward.h"
#include "wire/dns.h"

#define FORWARD_MARK_LEN  8  /* octets */
#define FORWARD_MARKS_MAX 16 /* forwarders that a query may have come by */

/* A question on its way to an upstream. */
struct attempt {
	struct attempt *next, **link; /* of all */
	struct forward *forward;
	struct cached *cached;
	struct channel *channel; /* NULL: none is out */
	uint32_t upstream;       /* number of the one that is asked */
	uint32_t n;              /* queries sent so far */
	uint16_t id;
	struct dname asked; /* the name as it was sent */
	uint32_t n_refused; /* upstreams that have answered, but with no answer */
	bool is_tcp;        /* the query that is out */
	bool is_plain;      /* it, too: without EDNS */
	uint32_t n_guesses; /* messages that came to it, and were no reply */
	bool is_loop;       /* a query of it has come back to us */
	int64_t started_ms;
	struct timer timer;    /* the upstream's time is over */
	struct timer patience; /* the clients' is, if there is a stale answer */
	uint16_t marks_len;
	uint8_t marks[FORWARD_MARK_LEN * FORWARD_MARKS_MAX];
};

struct forward {
	struct forward_options options;
	struct loop loop;
	struct inbox inbox; /* of requests */
	struct inbox options_inbox;
	struct loop_io inbox_io, options_io;
	pthread_t thread;
	struct counters counters;
	_Atomic uint32_t waiting; /* queries of clients */
	_Atomic uint32_t room;    /* how many may */
	uint8_t mark[FORWARD_MARK_LEN];
	struct upstream upstream[UPSTREAMS_MAX];
	struct cache cache;
	struct attempt *attempts;
	void (*rest)(void); /* of a request that was answered since the last wait */
	uint8_t reply[DNS_MESSAGE_MAX];
};

/* Answers r, at once or when an upstream has. (resolve.c) */
void resolve(struct forward *f, struct forward_request *r) CMAP_NONNULL;
/* Asks all that is in flight anew: the upstreams are others. (resolve.c) */
void resolve_again(struct forward *f) CMAP_NONNULL;
/* Cancels the queries that are out, or gives up all that is in flight, too. (resolve.c) */
void resolve_cancel(struct forward *f) CMAP_NONNULL;
void resolve_stop(struct forward *f) CMAP_NONNULL;
/* Gives r back. image may be NULL. (forward.c) */
void forward_answer(struct forward *f, struct forward_request *r,
	const struct image *image, const struct forward_saying *say)
	__attribute__((nonnull(1, 2, 4)));

#endif
