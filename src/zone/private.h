/* SPDX-License-Identifier: MIT */
/* private.h -- what the files behind zone.h share; nobody else includes it. */
#ifndef ZONE_PRIVATE_H
#define ZONE_PRIVATE_H

#include "zone/alias.h"
#include "zone/names.h"
#include "zone/nest.h"
#include "zone/table.h"
#include "zone/zone.h"

struct zone {
	struct zone_options options;
	struct published published;
	struct names names;
	struct nests nests;
	struct aliases aliases;
	uint32_t n_below_local;    /* namespaces: see apex.c */
	uint32_t *spare_rotations; /* of names that are gone */
	uint32_t n_spare, cap_spare;
	uint32_t *leaving; /* lease slots to release behind the next flush */
	uint32_t n_leaving, cap_leaving;
};

/*
 * The zone of that apex is there without a namespace, or no longer. One that is a namespace's, too, is that
 * namespace's as long as it lasts. (apex.c)
 */
void apex_make(struct zone *z, const struct dname *apex) CMAP_NONNULL;
void apex_unmake(struct zone *z, const struct dname *apex) CMAP_NONNULL;

/* A registration comes to the node (1) or leaves it (-1). (zone.c) */
void zone_count_registered(struct zone *z, struct node *node, int change) CMAP_NONNULL;

/* The lease slot is released behind the next flush: readers may still see it. (publish.c) */
void zone_leave(struct zone *z, uint32_t slot) CMAP_NONNULL;

#endif
