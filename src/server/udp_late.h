/* SPDX-License-Identifier: MIT */
/*
 * udp_late.h -- queries over UDP that the forwarder has, and the replies to them, which it sends itself.
 *
 * Replies that are ready at a time leave by one system call.
 *
 * Owner:  a query is the forwarder's once it has been submitted; it holds its socket, which so outlives its thread.
 */
#ifndef SERVER_UDP_LATE_H
#define SERVER_UDP_LATE_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "server/handover.h"

/* Room for one packet-info control message of either family. */
union control {
	char octets[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	struct cmsghdr align;
};

/* What the forwarded replies of a server have in common. The forwarder's thread has it while it lives. */
struct udp_desk {
	struct counters counters;
	struct limit *limit;
	const struct clock *clock;
	uint32_t n_limited; /* replies that were over the limit */
};

struct udp_socket {
	int fd;
	_Atomic uint32_t users;
};

/* A query that has been handed to the forwarder, and where the reply goes. */
struct udp_late {
	struct forward_request request;
	struct udp_socket *socket;
	struct udp_desk *desk;
	uint32_t rate_limit, rate_slip; /* as in the settings; 0: no limit */
	struct sockaddr_in6 peer;       /* room for either family */
	socklen_t peer_len;
	size_t control_len; /* 0: the reply may leave from any address */
	_Alignas(struct cmsghdr) uint8_t control[sizeof(union control)];
	uint8_t octets[];
};

/* Who leaves last closes it. */
void udp_socket_leave(struct udp_socket *s) CMAP_NONNULL;
/* l is filled in but for how its request ends, and for its part in the socket. */
void udp_late_submit(struct forward *forward, struct udp_late *l) CMAP_NONNULL;

#endif
