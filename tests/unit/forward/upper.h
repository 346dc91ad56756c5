/* SPDX-License-Identifier: MIT */
/*
 * upper.h -- a forwarder with a clock that stands still, and upstreams of loopback sockets that the test speaks for.
 *
 * What is waited for comes within 20 s, or the test fails.
 */
#ifndef TESTS_UNIT_FORWARD_UPPER_H
#define TESTS_UNIT_FORWARD_UPPER_H

#include <semaphore.h>
#include <stdatomic.h>

#include "forward/forward.h"
#include "said.h"

#define UPPERS 3

/* One upstream: a UDP socket and a TCP listener of the same port. */
struct upper {
	struct sock_addr address;
	int udp, tcp;
};

struct upper_query {
	struct upper *upper;
	struct sock_addr from;
	int fd; /* of the connection; -1: it came over UDP */
	size_t len;
	uint8_t octets[1024];
};

struct sky {
	struct clock clock; /* the first */
	_Atomic int64_t now_ms;
	struct upper upper[UPPERS];
	struct forward_options options;
	struct forward *forward;
};

/* One client's query and what came back. */
struct wish {
	struct asker asker; /* the first */
	sem_t done;
	_Atomic int n_done;
	size_t len;
	uint8_t reply[4096];
};

/* With n upstreams, a timeout of 800 ms, and stale answers for a day. */
void sky_start(struct sky *s, uint32_t n);
void sky_stop(struct sky *s);
/* Time passes, and what is due is done before the next wish is answered. */
void sky_pass(struct sky *s, int64_t ms);
uint64_t sky_counter(const struct sky *s, enum counter which);

/* Opens its sockets, on a port of the kernel's choice. */
void upper_open(struct upper *u);
/* A query with EDNS for name, in any case, comes to u, of which nothing is known but what it says. */
void upper_expect(struct upper *u, const char *name, uint16_t type,
	struct upper_query *out);
/* The same over TCP. */
void upper_expect_tcp(struct upper *u, const char *name, uint16_t type,
	struct upper_query *out);
/* Nothing has come that was not expected. */
void upper_expect_nothing(struct upper *u);
/* What has come over UDP is of no interest. */
void upper_drain(struct upper *u);
/* Answers with text, as in said.h. */
void upper_say(const struct upper_query *q, const char *text);
/* The same, the question in the case that it came in. */
void upper_say_echo(const struct upper_query *q, const char *text);
void upper_send(const struct upper_query *q, const uint8_t *octets, size_t len);
/* u no longer listens: the kernel refuses what is sent there. */
void upper_close(struct upper *u);

/* Hands a query for name over, to be answered when it can be. */
void wish(struct sky *s, struct wish *w, const char *name, uint16_t type);
/* The same, where nothing that is kept will do. */
void wish_fresh(struct sky *s, struct wish *w, const char *name, uint16_t type);
/* The same, with marks of other forwarders in octets.h's notation. */
void wish_marked(struct sky *s, struct wish *w, const char *name, uint16_t type,
	const char *marks);
/* The same, for a question with all that it may have. */
void wish_question(struct sky *s, struct wish *w, const char *name,
	const struct forward_question *q, const char *marks);
/* The reply has come, as text; it lives until the next call. */
const char *wish_told(struct wish *w);
/* The reason in it (RFC 8914); 0: there is none. */
uint16_t wish_reason(const struct wish *w);
bool wish_is_open(struct wish *w);

#endif
