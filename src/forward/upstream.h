/* SPDX-License-Identifier: MIT */
/*
 * upstream.h -- resolvers that are asked, and the sockets to ask them by.
 *
 * Each query has a socket to itself, a channel, connected and so on a port that the kernel draws, and hears only the
 * address asked. A library that shares sockets is no help here: c-ares keeps one port as long as queries are
 * outstanding, and a channel of its own for each costs 73 KB and 40 us (1.18). Whether what comes is the reply, and who
 * is asked next, and when, is decided elsewhere.
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

#define UPSTREAMS_MAX 16

struct channel;

struct upstream {
	struct sock_addr address;
	struct loop *loop;
	uint32_t failures;     /* in a row */
	int64_t down_until_ms; /* it is asked only if no other is left; 0: it is up */
};

void upstream_init(struct upstream *u, const struct sock_addr *address,
	struct loop *loop) CMAP_NONNULL;
/* What became of a query to it. */
void upstream_answered(struct upstream *u) CMAP_NONNULL;
void upstream_failed(struct upstream *u, int64_t now_ms) CMAP_NONNULL;

/*
 * Sends len octets, at least a header and a question; the caller watches the time. heard() is called from the loop with
 * each message that comes, which lasts until it returns, and with NULL if none will: nobody listens there, or the network
 * does not lead there. It may close the channel, which somebody must. NULL if the query cannot be sent.
 */
struct channel *upstream_ask(struct upstream *u, bool is_tcp, const uint8_t *query,
	size_t len, void (*heard)(void *arg, const uint8_t *message, size_t len),
	void *arg) CMAP_NONNULL CMAP_MUST_USE;
void channel_close(struct channel *c) CMAP_NONNULL;

#endif
