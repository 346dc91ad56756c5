/* SPDX-License-Identifier: MIT */
/*
 * upstream.h -- resolvers that are asked, and the sockets to ask them by.
 *
 * Each query has a c-ares channel to itself, and so a socket of its own on a port that the kernel draws: c-ares keeps one
 * port as long as queries are outstanding on a channel, and opens another socket for the next query once it has been
 * idle. Channels are used again. c-ares hears only the address asked, and compares id and question; a reply that is
 * truncated is asked for again over TCP. Who is asked next, and when, is decided elsewhere.
 *
 * Thread: the forwarder's.
 */
#ifndef FORWARD_UPSTREAM_H
#define FORWARD_UPSTREAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/sock.h"

#define UPSTREAMS_MAX      16
#define UPSTREAM_QUERY_MAX 512 /* octets */

struct channel;

struct upstream {
	struct sock_addr address;
	struct loop *loop;
	uint32_t failures;     /* in a row */
	int64_t down_until_ms; /* it is asked only if no other is left; 0: it is up */
	struct channel *idle;
};

void upstream_init(struct upstream *u, const struct sock_addr *address,
	struct loop *loop) CMAP_NONNULL;
/* No query may be outstanding. */
void upstream_free(struct upstream *u) CMAP_NONNULL;
/* What became of a query to it. */
void upstream_answered(struct upstream *u) CMAP_NONNULL;
void upstream_failed(struct upstream *u, int64_t now_ms) CMAP_NONNULL;

enum channel_end {
	CHANNEL_REPLY,  /* a message came */
	CHANNEL_FAILED, /* nobody listens there, or the network does not lead there */
};

/*
 * Sends len octets, at least a header and a question, at most UPSTREAM_QUERY_MAX; the caller watches the time. done() is called once, from the
 * loop, unless channel_cancel() comes before. NULL if there are no sockets left.
 */
struct channel *upstream_ask(struct upstream *u, const uint8_t *query, size_t len,
	void (*done)(void *arg, enum channel_end end, const uint8_t *reply, size_t len),
	void *arg) CMAP_NONNULL CMAP_MUST_USE;
void channel_cancel(struct channel *c) CMAP_NONNULL;

#endif
