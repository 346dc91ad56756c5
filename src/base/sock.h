/* SPDX-License-Identifier: MIT */
/*
 * sock.h -- addresses as text and the sockets cmap opens.
 */
#ifndef BASE_SOCK_H
#define BASE_SOCK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/compiler.h"

#define SOCK_ADDR_TEXT 64 /* "[ipv6%scope]:65535" and its NUL */

struct sock_addr {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
	socklen_t len;
};

/*
 * Reads "192.0.2.1", "192.0.2.1:53", "::1", "[::1]", "[::1]:53"; without a port, default_port.
 * Port 0 is taken only when written ("127.0.0.1:0"); with default_port 0 a port must be written.
 * An IPv6 address may have a scope ("fe80::1%eth0"). Anything else, host names included:
 * CMAP_E_INVALID.
 */
int sock_addr_parse(const char *text, uint16_t default_port,
	struct sock_addr *out) CMAP_NONNULL CMAP_MUST_USE;
/* "192.0.2.1:53" or "[::1]:53". */
void sock_addr_format(const struct sock_addr *a, char out[SOCK_ADDR_TEXT]) CMAP_NONNULL;
uint16_t sock_addr_port(const struct sock_addr *a) CMAP_NONNULL;
bool sock_addr_equal(const struct sock_addr *a, const struct sock_addr *b) CMAP_NONNULL;
bool sock_addr_is_wildcard(const struct sock_addr *a) CMAP_NONNULL;
bool sock_addr_is_loopback(const struct sock_addr *a) CMAP_NONNULL;

/*
 * A non-blocking, close-on-exec stream socket that listens on a: SO_REUSEADDR, IPV6_V6ONLY.
 * CMAP_E_SYSTEM with errno as bind or listen left it. The caller closes *out.
 */
int sock_listen_tcp(const struct sock_addr *a, int backlog,
	int *out) CMAP_NONNULL CMAP_MUST_USE;
/*
 * The same on a Unix socket path, with permissions mode. A socket left behind by a process that
 * is gone is replaced; one that somebody listens on gives CMAP_E_EXISTS; a path that is no socket
 * is left alone and gives CMAP_E_EXISTS, too. An empty path or one that does not fit: CMAP_E_RANGE.
 */
int sock_listen_unix(const char *path, unsigned int mode,
	int *out) CMAP_NONNULL CMAP_MUST_USE;

#endif
