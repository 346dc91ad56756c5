/* SPDX-License-Identifier: MIT */
/*
 * udp.h -- the threads that answer over UDP on one address: one SO_REUSEPORT socket each.
 *
 * A thread takes a batch of queries by one recvmmsg, answers them, and sends the replies by one sendmmsg,
 * from the address that was asked. It sleeps inside recvmmsg, and only there it is offline as a reader.
 */
#ifndef SERVER_UDP_H
#define SERVER_UDP_H

#include "base/clock.h"
#include "base/counter.h"
#include "base/sock.h"
#include "server/respond.h"
#include "server/udp_late.h"

struct udp_group;

/*
 * Binds threads sockets to *addr, each to be answered by a copy of responder with counters of its own; a port of 0 becomes the one the kernel chose. CMAP_E_SYSTEM with
 * errno as bind left it.
 */
int udp_group_open(struct sock_addr *addr, unsigned int threads,
	const struct responder *responder, const struct clock *clock,
	struct udp_desk *desk, struct udp_group **out) CMAP_NONNULL CMAP_MUST_USE;
/* Starts the threads. CMAP_E_SYSTEM if the kernel gives none. */
int udp_group_start(struct udp_group *g) CMAP_NONNULL CMAP_MUST_USE;
void udp_group_counters(const struct udp_group *g,
	uint64_t sum[COUNTER_N]) CMAP_NONNULL;
/* Answers what has come, stops the threads and closes their sockets, which outlive them while replies are owed. NULL is fine. */
void udp_group_close(struct udp_group *g);

#endif
