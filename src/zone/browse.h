/* SPDX-License-Identifier: MIT */
/*
 * browse.h -- DNS-SD: what a namespace offers, as lists that can be asked for.
 *
 *	b._dns-sd._udp.NS          PTR  NS                      so has lb
 *	_services._dns-sd._udp.NS  PTR  _http._tcp.NS           a type: a named port that some service has
 *	_http._tcp.NS              PTR  web._http._tcp.NS       an instance, as DNS-SD says: a service with that port
 *	web._http._tcp.NS          SRV, TXT                     the port's records, and the service's attributes
 *
 * An instance's name is one more name of the named port _http._tcp.web.NS (ports.h), and has its SRV records from
 * there. The service's name is one label, whatever dots it has; where it has more than 63 octets, or the whole name
 * more than 255, the service is not listed. The service "." is called as its namespace, with a dot at the end, which no
 * other has. Ports that are called tcp, udp or dns-sd are not listed: these labels are DNS-SD's own.
 *
 * Cost:   a registration changes the names of its service's ports. The list of a type is compiled when a service comes
 *         to have its first instance with the port, or has lost its last one when all is published; that of the types
 *         likewise.
 * Owner:  a struct browse is its node's.
 * Thread: the control thread.
 * Source: RFC 6763 s4, s6, s9, s11.
 */
#ifndef ZONE_BROWSE_H
#define ZONE_BROWSE_H

#include "zone/names.h"

#define BROWSE_LABEL (1 + DNAME_LABEL_MAX) /* octets, with that of its length */

struct zone;

enum browse_kind { BROWSE_DOMAIN, BROWSE_TYPES, BROWSE_TYPE, BROWSE_INSTANCE };

/* What a node is in the browsing of its namespace. */
struct browse {
	enum browse_kind kind;
	struct node *node;
	const struct node *apex;
	struct browse *listed; /* by its PTR records, in the order they came */
	uint32_t n;            /* of those */
	struct browse *by;     /* whose list it is in, or NULL */
	struct browse *prev, *next;
	/* of an instance: */
	uint32_t
		slot; /* of a lease that ends with the last of those who have the port */
	bool is_idle; /* nobody had the port at some time since the last publication */
	struct browse *next_idle;
};

/* Its PTR records are a list. */
static inline bool browse_is_list(const struct browse *b)
{
	return b != NULL && b->kind != BROWSE_INSTANCE;
}

/* The name of a service as one label, its case kept. false: it is too long. */
bool browse_label(const struct service *s, uint8_t out[BROWSE_LABEL]) CMAP_NONNULL;
/* The name under which that port of the service at the node is listed; false: it is not. */
bool browse_name(const struct zone *z, const struct node *service, const char *key,
	struct dname *out) CMAP_NONNULL;
/* The namespace that the node lies in is browsed. */
bool browse_is_on(const struct zone *z, const struct node *node) CMAP_NONNULL;

/* i has the port of that name, whose node it is, and lives until its lease ends. */
void browse_put(struct zone *z, struct node *node,
	const struct instance *i) CMAP_NONNULL;
/* Nobody has the port any more. */
void browse_drop(struct zone *z, const struct node *node) CMAP_NONNULL;
/* What nobody has taken up again leaves the lists; before anything is compiled. */
void browse_flush(struct zone *z) CMAP_NONNULL;

/* The namespace at the apex is browsed, or not, as z's options say. */
void browse_settle(struct zone *z, struct node *apex) CMAP_NONNULL;
void browse_settle_all(struct zone *z) CMAP_NONNULL;
/* The namespace goes. */
void browse_stop(struct zone *z, const struct node *apex) CMAP_NONNULL;
/*
 * A zone is about to begin at the name: what a namespace around lists there or below is taken away; browse_return()
 * puts back what still is that namespace's, then and when a zone has ended.
 */
void browse_make_way(struct zone *z, const struct dname *apex) CMAP_NONNULL;
void browse_return(struct zone *z, const struct dname *apex) CMAP_NONNULL;
/* The TTLs of the namespace have changed. */
void browse_touch(struct zone *z, const struct node *apex) CMAP_NONNULL;

#endif
