/* SPDX-License-Identifier: MIT */
/*
 * upstream.h -- resolvers that are asked, and the sockets to ask them by.
 *
 * Each query has a c-ares channel to itself, and so a socket of its own on a port that the kernel draws: c-ares keeps one
 * port as long as queries are outstanding on a channel, and opens another socket for the next query once it has been
 * idle. Channels are used again, since a new one costs 40 us and 73 KB (1.18); what a rush needed is not kept for ever.
 * c-ares hears only the address asked, and compares id and question. Who is asked next, and when, is decided elsewhere.
 *
 * Thread: the forwarder's.
 */
#ifndef FORWARD_UPSTREAM_H
#define FORWARD_UPSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/sock.h"

#define UPSTREAMS_MAX     16
#define UPSTREAM_IDLE_MAX 64 /* channels that are kept for later, of each kind */

struct channel;

struct upstream {
	struct sock_addr address;
	struct loop *loop;
	uint32_t failures;       /* in a row */
	int64_t down_until_ms;   /* it is asked only if no other is left; 0: it is up */
	struct channel *idle[2]; /* for UDP, for TCP */
	uint32_t n_idle[2];
};

void upstream_init(struct upstream *u, const struct sock_addr *address,
	struct loop *loop) CMAP_NONNULL;
/* All channels must be closed. */
void upstream_free(struct upstream *u) CMAP_NONNULL;
/* What became of a query to it. */
void upstream_answered(struct upstream *u) CMAP_NONNULL;
void upstream_failed(struct upstream *u, int64_t now_ms) CMAP_NONNULL;

enum channel_event {
	CHANNEL_REPLY, /* the last event: a message with the query's id and question */
	CHANNEL_FAILED, /* the last event: nobody listens there, or the network does not lead there */
	CHANNEL_GUESS /* over UDP, a message came that is no reply */
};

/*
 * Sends len octets, at least a header and a question; the caller watches the time. heard() is called from the loop. The
 * message of CHANNEL_REPLY lasts until it returns. It may close the channel, which somebody must. NULL if the query
 * cannot be sent.
 */
struct channel *upstream_ask(struct upstream *u, bool is_tcp, const uint8_t *query,
	size_t len,
	void (*heard)(void *arg, enum channel_event event, const uint8_t *message,
		size_t len),
	void *arg) CMAP_NONNULL CMAP_MUST_USE;
void channel_close(struct channel *c) CMAP_NONNULL;

#endif
