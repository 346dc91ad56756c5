/* SPDX-License-Identifier: MIT */
/*
 * tcp.h -- the thread that answers over TCP, for all addresses.
 *
 * Bounds: tcp_connections at once (one more is closed at once); a query of 4,096 octets; of replies that the client
 *         has not taken, 64 KiB in the kernel, and 32 KiB and one reply here, until when no more of its queries
 *         are read; idle_ms without a whole query or a reply taken, a tenth of it while more than four
 *         fifths of the connections are in use.
 * Source: RFC 7766 (pipelining, idle connections), RFC 9210.
 */
#ifndef SERVER_TCP_H
#define SERVER_TCP_H

#include "base/clock.h"
#include "base/counter.h"
#include "base/sock.h"
#include "server/respond.h"

struct tcp_server;

struct tcp_options {
	uint32_t max_connections;
	int64_t idle_ms;
};

/* Starts the thread, with a copy of responder. CMAP_E_SYSTEM if the kernel gives none. */
int tcp_server_start(const struct tcp_options *options,
	const struct responder *responder, const struct clock *clock,
	struct tcp_server **out) CMAP_NONNULL CMAP_MUST_USE;
/* From any thread: accept on fd, a listening socket, the server's from now on. */
void tcp_server_listen(struct tcp_server *t, int fd) CMAP_NONNULL;
/* Stop accepting on fd, at once, and close it; connections stay. */
void tcp_server_unlisten(struct tcp_server *t, int fd) CMAP_NONNULL;
void tcp_server_set_options(struct tcp_server *t,
	const struct tcp_options *options) CMAP_NONNULL;
void tcp_server_counters(const struct tcp_server *t,
	uint64_t sum[COUNTER_N]) CMAP_NONNULL;
/* Closes everything and ends the thread; replies of the forwarder may still come. NULL is fine, as below. */
void tcp_server_stop(struct tcp_server *t);
/* Once it is stopped, and the forwarder. */
void tcp_server_free(struct tcp_server *t);

#endif
