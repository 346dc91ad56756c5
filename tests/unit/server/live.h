/* SPDX-License-Identifier: MIT */
/*
 * live.h -- a town (town.h) behind real sockets of the loopback interface, and clients of it.
 *
 * The server's time stands still until a test moves it. Clients wait up to 20 s for what is to come;
 * where they wait in vain, the test fails. Every reply is judged by the oracle.
 */
#ifndef TESTS_UNIT_SERVER_LIVE_H
#define TESTS_UNIT_SERVER_LIVE_H

#include <sys/socket.h>

#include "ask.h"
#include "server/server.h"

struct live_clock {
	struct clock clock;
	_Atomic int64_t mono_ms;
};

struct live {
	struct town town;
	struct live_clock clock;
	struct server_options options;
	struct server *server;
	struct sock_addr address; /* the first one served, with its port */
};

/* Options as cmapd's defaults, with one UDP thread; no server yet. */
void live_init(struct live *l, uint16_t answers);
/* Starts the server on addresses, separated by spaces ("127.0.0.1:0"). */
void live_start(struct live *l, const char *addresses);
/* Stops it, and forgets all. */
void live_end(struct live *l);
/* The sum of all threads. */
uint64_t live_counter(const struct live *l, enum counter which);
/* Whether this machine has [::1]. */
bool live_has_ipv6(void);

/* ---- clients ---- */

/* A socket connected to that address, which hears nobody else. */
int client_udp(const struct sock_addr *to);
int client_tcp(const struct sock_addr *to);
/* host's address with the port of a: "127.0.0.2". */
struct sock_addr client_address(const char *host, const struct sock_addr *a);

/* Sends q with that id, over TCP behind its length. */
void client_send(int fd, const struct question *q, uint16_t id);
/* The octets of a frame; returns how many. */
size_t client_frame(const struct question *q, uint16_t id,
	uint8_t out[2 + DNS_UDP_MIN]);
void client_send_octets(int fd, const uint8_t *p, size_t len);
/* The reply to q with that id must come next. Returns its octets, which live until the next one. */
const uint8_t *client_expect(int fd, const struct question *q, uint16_t id,
	size_t *len);
/* Takes the next frame of a TCP connection, whatever it is. Returns its octets. */
size_t client_skip(int fd);
/* Sends q, and the reply must hold n answers. */
void client_ask(int fd, const struct question *q, uint16_t n);
/* The server has closed the connection: nothing more comes. */
void client_expect_end(int fd);

#endif
