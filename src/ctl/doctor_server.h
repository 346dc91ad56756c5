/* SPDX-License-Identifier: MIT */
/*
 * doctor_server.h -- the name servers that a host may ask, and what each of them says.
 *
 * Names are text without the dot at their end. A server that does not answer is asked once (4 s at most), then no more.
 */
#ifndef CTL_DOCTOR_SERVER_H
#define CTL_DOCTOR_SERVER_H

#include <ldns/ldns.h>

#include "ctl/doctor_conf.h"
#include "ctl/resolve.h"

enum doctor_origin {
	DOCTOR_LISTED, /* in resolv.conf */
	DOCTOR_GIVEN,  /* by --server */
	DOCTOR_UPLINK, /* systemd-resolved asks it */
	DOCTOR_STUB /* systemd-resolved itself, which programs reach by nsswitch.conf */
};

enum doctor_reach { DOCTOR_ANSWERS, DOCTOR_SILENT, DOCTOR_ELSEWHERE };

struct doctor_server {
	enum doctor_origin origin;
	const struct resolv_server *listed; /* NULL unless that is its origin */
	struct sock_addr addr;
	char text[SOCK_ADDR_TEXT]; /* as a user would write it */
	enum doctor_reach reach;
	int error;                 /* errno of DOCTOR_SILENT */
	char from[SOCK_ADDR_TEXT]; /* of DOCTOR_ELSEWHERE: who answered */
	struct doctor_words knows; /* zones it has answered for */
	bool authoritative; /* for one of them: it is a server of its own, no cache */
	bool explained;     /* a finding tells why it does not know a zone */
};

/* Sets reach and what belongs to it. name is some name to ask for. */
void doctor_server_greet(struct doctor_server *s, const char *name) CMAP_NONNULL;
/*
 * The zone that name lies in as s tells, or NULL (caller frees); *exists: it has the name. Also false for what any
 * resolver says of names that nobody has.
 */
char *doctor_server_find(const struct doctor_server *s, const char *name,
	bool *exists) CMAP_NONNULL;
/* Asks for the SOA of zone, and notes if it gets it. */
void doctor_server_try_zone(struct doctor_server *s, const char *zone) CMAP_NONNULL;

/*
 * One question; CMAP_OK with *out (caller: ldns_pkt_free), or as resolve_exchange(). A name that is none: CMAP_E_INVALID.
 */
int doctor_server_ask(const struct doctor_server *s, const char *name,
	ldns_rr_type type, uint16_t edns_size, enum resolve_manner manner,
	struct resolve_reply *out) CMAP_NONNULL CMAP_MUST_USE;

#endif
