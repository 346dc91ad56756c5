/* SPDX-License-Identifier: MIT */
/*
 * server.h -- the DNS side as a whole: which addresses are answered on, and with how many threads.
 *
 * Thread: the control thread.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/sock.h"
#include "server/ask.h"
#include "server/tcp.h"
#include "zone/table.h"

struct server;

struct server_options {
	unsigned int udp_threads; /* for each address, at least 1 */
	uint16_t udp_size;        /* the largest UDP reply, and what our OPT says */
	struct tcp_options tcp;
	struct settings settings; /* copied; its forward is server_set_forward()'s */
};

/* Starts the TCP thread; answers nowhere yet. CMAP_E_SYSTEM if the kernel gives no thread. */
int server_new(const struct server_options *options, struct published *published,
	const struct clock *clock, struct server **out) CMAP_NONNULL CMAP_MUST_USE;
/*
 * Binds UDP and TCP sockets to addr, which is answered on from server_serve() on. A port of 0 becomes one that both
 * have. On failure *err holds one line that names the address.
 */
int server_listen(struct server *s, const struct sock_addr *addr,
	struct buf *err) CMAP_NONNULL CMAP_MUST_USE;
/* Starts to answer on all addresses bound since the last call. */
int server_serve(struct server *s, struct buf *err) CMAP_NONNULL CMAP_MUST_USE;
/* Stops answering on addr, as it was given to server_listen(); false if it was not bound. */
bool server_unlisten(struct server *s, const struct sock_addr *addr) CMAP_NONNULL;
/* The i-th address, with its real port, or NULL. */
const struct sock_addr *server_address(const struct server *s,
	unsigned int i) CMAP_NONNULL;
/* The limits of TCP connections, within a second also of those that are open. */
void server_set_tcp_options(struct server *s,
	const struct tcp_options *options) CMAP_NONNULL;
/*
 * From the next server_set_settings() on, names outside our zones are forwarded as options say; NULL or no upstreams:
 * they are refused. CMAP_E_SYSTEM if the kernel gives no thread.
 */
int server_set_forward(struct server *s, const struct forward_options *options)
	__attribute__((nonnull(1))) CMAP_MUST_USE;
/* What the threads are told from now on. */
void server_set_settings(struct server *s,
	const struct settings *settings) CMAP_NONNULL;
void server_counters(const struct server *s, uint64_t sum[COUNTER_N]) CMAP_NONNULL;
/* Questions of our own, from that loop; the server's, and only one. */
int server_asker(struct server *s, struct loop *loop,
	struct asker **out) CMAP_NONNULL CMAP_MUST_USE;
/* Stops all threads. NULL is fine. */
void server_free(struct server *s);

#endif
