/* SPDX-License-Identifier: MIT */
/*
 * resolve.h -- one question to one DNS server, and its answer as text.
 *
 * ldns makes the query and reads the reply; the sockets are ours, so that a reply
 * counts only if it comes from the server asked, in time, with the id sent.
 */
#ifndef CTL_RESOLVE_H
#define CTL_RESOLVE_H

#include <ldns/ldns.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/sock.h"
#include "ctl/ctl.h"

#define RESOLVE_EDNS_SIZE  1232 /* fits IPv6's 1280 with headers (DNS flag day 2020) */
#define RESOLVE_TIMEOUT_MS 2000
#define RESOLVE_TRIES      2

enum resolve_manner {
	RESOLVE_UDP,
	RESOLVE_TCP,
	RESOLVE_UDP_ANYBODY /* whoever answers, with the id that was sent */
};

struct resolve_reply {
	ldns_pkt *pkt;
	ldns_status parsed; /* why pkt is NULL */
	struct sock_addr from;
	size_t size; /* of the reply in bytes */
	int64_t time_ms;
	bool tcp;
	bool truncated; /* UDP said TC, so TCP was asked */
};

/*
 * A query with a random id and RD; edns_size 0: without EDNS. name is taken over. NULL if ldns makes none.
 */
ldns_pkt *resolve_query(ldns_rdf *name, ldns_rr_type type,
	uint16_t edns_size) CMAP_NONNULL CMAP_MUST_USE;

/*
 * Asks server once, says nothing, and takes a reply as it is, truncated or not. CMAP_OK with *out (caller:
 * ldns_pkt_free), CMAP_E_SYSTEM with errno (ETIMEDOUT: silence), CMAP_E_CORRUPT with out->parsed if the reply cannot
 * be read, CMAP_E_INVALID if query cannot be sent.
 */
int resolve_exchange(const struct sock_addr *server, const ldns_pkt *query,
	enum resolve_manner manner,
	struct resolve_reply *out) CMAP_NONNULL CMAP_MUST_USE;

/*
 * Asks server; over TCP if tcp, or if UDP answers with TC. CTL_OK with *out (caller:
 * ldns_pkt_free), or CTL_UNREACHABLE and has said why.
 */
int resolve_ask(const struct ctl *c, const struct sock_addr *server,
	const ldns_pkt *query, bool tcp,
	struct resolve_reply *out) CMAP_NONNULL CMAP_MUST_USE;

/* As dig prints it. */
void resolve_print(FILE *out, const struct sock_addr *server,
	const struct resolve_reply *reply) CMAP_NONNULL;
/* The same as JSON, one object. */
json_t *resolve_json(const struct sock_addr *server,
	const struct resolve_reply *reply) CMAP_NONNULL;

/* With the bits that EDNS adds. */
unsigned int resolve_rcode(const ldns_pkt *pkt) CMAP_NONNULL;

#endif
