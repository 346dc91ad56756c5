/* SPDX-License-Identifier: MIT */
/*
 * reverse.h -- the names of addresses in the networks that are configured, and what is registered with each.
 *
 * Each such network is a zone, or as many as end with a label (arpa.h). An address that instances with DNS records
 * have gets a name in it, with PTR records (compile_reverse.c). The names above those of IPv4 addresses are in the tree
 * as all are. Above an IPv6 address there may be thirty that nothing else has: they are not made, ENTRY_NETWORKS
 * stands for all of them.
 *
 * Owner:  a struct reverse is its node's; instances are borrowed.
 * Thread: the control thread.
 */
#ifndef ZONE_REVERSE_H
#define ZONE_REVERSE_H

#include "zone/addresses.h"
#include "zone/names.h"

struct zone;

/* A lease slot shared by the instances of a service that have the address. */
struct reverse_group {
	const void *service; /* its node */
	uint32_t slot;
	bool healthy_only; /* the unhealthy do not count */
};

/* Who has an address: a hash table by pointer, at most half full. */
struct reverse {
	enum address_family family;
	uint32_t n, mask; /* slots - 1 */
	struct instance **at;
	struct instance *first[2]; /* at, to begin with */
	struct reverse_group *groups;
	uint32_t n_groups;
};

/* The zones of the networks in z's options, and the names of all that is registered; or no longer. */
void reverse_start(struct zone *z) CMAP_NONNULL;
void reverse_stop(struct zone *z) CMAP_NONNULL;

/* i has the address that it says, or no longer; what is published of that changes with it ... */
void reverse_put(struct zone *z, struct instance *i) CMAP_NONNULL;
void reverse_delete(struct zone *z, struct instance *i) CMAP_NONNULL;
/* ... or has changed otherwise. */
void reverse_touch(struct zone *z, const struct instance *i) CMAP_NONNULL;
/* i's lease ends then. */
void reverse_lease(struct zone *z, const struct instance *i,
	int64_t end_ms) CMAP_NONNULL;
/* A namespace begins at the name, or did: names of addresses below lie in another zone now. */
void reverse_move(struct zone *z, const struct node *apex) CMAP_NONNULL;

/* The node is that of a network in z's options, or lies in one, and others that are not there exist below it. */
bool reverse_has_networks(const struct zone *z, const struct node *node) CMAP_NONNULL;
/* Goes over those who have the address, from {0} on: thousands are a test, or a mistake, and not all looked at. */
struct reverse_look {
	uint32_t at, n;
};
/* The next one; NULL behind the last. */
struct instance *reverse_next(const struct reverse *r,
	struct reverse_look *look) CMAP_NONNULL;
/* NULL is fine. */
void reverse_free(struct reverse *r);

#endif
