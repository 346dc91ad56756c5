/* SPDX-License-Identifier: MIT */
/*
 * respond.h -- query octets to reply octets: no socket, no clock, no allocation.
 *
 * Thread: a responder belongs to one reader thread.
 * Source: RFC 1034 s4.3.2, RFC 1035 s4.1, RFC 2308 (negative answers), RFC 6891 (EDNS), RFC 8482 (ANY).
 */
#ifndef SERVER_RESPOND_H
#define SERVER_RESPOND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/counter.h"
#include "server/limit.h"
#include "server/settings.h"
#include "wire/query.h"
#include "zone/answer.h"

/* 1232: fits IPv6's 1280 with headers, so replies are never fragmented (DNS flag day 2020). */
#define RESPOND_UDP_SIZE     1232
#define RESPOND_UDP_SIZE_MAX 4096
#define RESPOND_CNAME_MAX    16 /* links of a chain that are followed */

/* What of an answer is left to upstream resolvers, because its name lies outside our zones. */
struct foreign {
	struct dname name; /* in lower case; len 0: nothing is left to them */
	uint16_t
		prefix_len; /* octets of the reply so far, its OPT record not counted */
	uint16_t opt_len;   /* of that, which stands behind */
	uint16_t limit;     /* octets that the reply may have */
	bool is_capped;     /* the client may be forged, and replies are limited */
};

struct responder {
	const struct published *published;
	_Atomic(struct settings *)
		*settings;         /* where to find them; NULL: no cookies, no limits */
	struct limit *limit;       /* shared by all; used if settings say so */
	const struct clock *clock; /* for the dates in cookies; NULL: the system's */
	struct counters *counters;
	struct rotation rotation;
	uint16_t udp_size; /* the largest UDP reply, and what our OPT says */
	int64_t now_ms;    /* monotonic */
	uint16_t
		view; /* what is seen, whoever asks; 0: what the settings let the client see */
	struct client client; /* who sent the query at hand; zeroed: not known */
	/* its own: */
	const struct settings *now; /* settings as of this batch */
	uint32_t wall_s;            /* 0: not asked for in this batch */
	uint32_t n_limited;         /* replies that were over the limit */
	struct foreign foreign;     /* of the last answer */
};

/* The address of a peer; not known if it is neither IPv4 nor IPv6. */
void client_read(const struct sockaddr *from, struct client *out) CMAP_NONNULL;

/*
 * To be called before each batch of queries: the time, and counters for all that is published. The only
 * place where a responder allocates.
 */
void responder_prepare(struct responder *r, int64_t now_ms) CMAP_NONNULL;
void responder_free(struct responder *r) CMAP_NONNULL;

/* A query that has been read. It points into the message. */
struct asked {
	struct query query;
	enum query_verdict verdict;
	size_t len;    /* octets of the message */
	uint64_t hash; /* of the name, if it is to be looked for */
};

/*
 * The three steps of an answer. Whoever has many queries takes them all through one step before the next, so
 * that what each needs of memory is on its way while others are worked on: reading, looking where
 * the name would be, and answering, which is said at respond().
 */
void respond_read(const struct responder *r, const uint8_t *query, size_t len,
	struct asked *asked) CMAP_NONNULL;
void respond_look(const struct responder *r, const struct asked *asked) CMAP_NONNULL;
size_t respond_answer(struct responder *r, const struct asked *asked, bool is_udp,
	uint8_t *reply) CMAP_NONNULL;

/*
 * All steps at once: answers the len octets at query. reply has room for udp_size octets over UDP, for DNS_MESSAGE_MAX over
 * TCP. Returns the reply's octets; 0 when none is due, or when r->foreign is to be forwarded.
 */
size_t respond(struct responder *r, const uint8_t *query, size_t len, bool is_udp,
	uint8_t *reply) CMAP_NONNULL;

#endif
