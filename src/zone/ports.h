/* SPDX-License-Identifier: MIT */
/*
 * ports.h -- named ports: _http._tcp.<service>, whose SRV records are of the instances that say where http is.
 *
 * Such an instance has a name of its own, which they point to, as those of services with SRV records have. A service
 * with SRV or CNAME records that is called _http._tcp.<service> itself takes the name's place. In a namespace that is
 * browsed a port has a second name: see browse.h.
 *
 * Owner:  a struct port is its node's.
 * Thread: the control thread.
 * Source: RFC 2782; RFC 6335 s5 for the names.
 */
#ifndef ZONE_PORTS_H
#define ZONE_PORTS_H

#include "zone/names.h"

struct zone;

/* The named port that a node is of. */
struct port {
	const struct node *service; /* the node of its service */
	uint32_t n;                 /* instances that have it */
	char key[];                 /* their attribute */
};

/* i has the ports that it says, or no longer; what is published of that changes with it, or has changed otherwise. */
void ports_put(struct zone *z, const struct instance *i) CMAP_NONNULL;
void ports_delete(struct zone *z, const struct instance *i) CMAP_NONNULL;
void ports_touch(struct zone *z, const struct instance *i) CMAP_NONNULL;

/* Of a port that is listed: its namespace has come to be browsed ... */
void ports_browse(struct zone *z, const struct instance *i) CMAP_NONNULL;
/* ... attributes or TTLs of its service have changed ... */
void ports_describe(struct zone *z, const struct service *s) CMAP_NONNULL;
/* ... or i's lease goes on, until its lease_end_ms. */
void ports_lease(struct zone *z, const struct instance *i) CMAP_NONNULL;
/* Nobody has the port at the node any more. */
void ports_forget(struct zone *z, struct node *node) CMAP_NONNULL;

#endif
