/* SPDX-License-Identifier: MIT */
/*
 * nest.h -- zones inside one another: to the outer one, the inner one is a name that exists.
 *
 * The names between both apexes are empty non-terminals of the outer zone; were they denied, a resolver
 * might take that for all below them (RFC 8020).
 *
 * Cost:   a step for each label of the apex, but where others lie below it: then one for each zone.
 * Thread: the control thread.
 */
#ifndef ZONE_NEST_H
#define ZONE_NEST_H

#include "zone/names.h"

struct nest;
struct nest_suffix;

struct nests {
	struct nest *all;             /* by apex */
	struct nest_suffix *suffixes; /* all names above an apex */
};

/* The node has become, or is no longer, an apex. It may be in another tree than n. */
void nest_add(struct nests *s, struct names *n, struct node *apex) CMAP_NONNULL;
void nest_remove(struct nests *s, struct names *n, struct node *apex) CMAP_NONNULL;
/* All apexes that from knows of are added to s, which knows of none. */
void nest_add_all(struct nests *s, struct names *n,
	const struct nests *from) CMAP_NONNULL;
/*
 * The delegations of the zone have changed, so the names between it and those inside may be theirs now, or no longer.
 * apex: in lower case.
 */
void nest_touch(struct nests *s, struct names *n,
	const struct dname *apex) CMAP_NONNULL;
/* The names are gone or go, too. */
void nest_free(struct nests *s) CMAP_NONNULL;

#endif
