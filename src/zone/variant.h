/* SPDX-License-Identifier: MIT */
/*
 * variant.h -- what is published of one name for whom: most names have one entry, which all find who see its namespace.
 *
 * Those outside find public addresses. The names of an address are those of the namespaces that somebody sees, so that
 * networks of several views may overlap.
 *
 * Thread: the control thread.
 */
#ifndef ZONE_VARIANT_H
#define ZONE_VARIANT_H

#include "zone/entry.h"
#include "zone/names.h"

struct zone;

#define VARIANT_MAX (VIEWS_MAX + 1)

/* One of a node's entries. */
struct variant {
	uint16_t views;  /* who sees it: nobody sees two */
	bool is_outside; /* with public addresses */
};

/* The entries that the node is to have; how many. */
uint8_t variant_find(const struct zone *z, const struct node *node,
	struct variant out[VARIANT_MAX]) CMAP_NONNULL;

#endif
