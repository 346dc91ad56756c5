/* SPDX-License-Identifier: MIT */
/* private.h -- what the files behind zone.h share; nobody else includes it. */
#ifndef ZONE_PRIVATE_H
#define ZONE_PRIVATE_H

#include "zone/alias.h"
#include "zone/names.h"
#include "zone/nest.h"
#include "zone/table.h"
#include "zone/zone.h"

/*
 * A tree of names. There is one, until a second namespace of one name is made, for other views: it stands in the second
 * plane, a third in the third. All that no two namespaces of a name have to themselves is in the first: the names of
 * addresses, .local. Each plane knows of the apexes of all.
 */
struct plane {
	struct names names;
	struct nests nests;
};

struct zone {
	struct zone_options options;
	struct published published;
	struct plane **planes;
	uint16_t n_planes; /* at least 1 */
	struct aliases aliases;
	uint32_t n_below_local;    /* namespaces: see apex.c */
	uint32_t *spare_rotations; /* of names that are gone */
	uint32_t n_spare, cap_spare;
	uint32_t *leaving; /* lease slots to release behind the next flush */
	uint32_t n_leaving, cap_leaving;
	struct browse *idle; /* that nobody has at the moment: see browse.c */
};

static inline struct plane *zone_plane(const struct zone *z, uint16_t plane)
{
	return z->planes[plane];
}

/* The tree that holds the names of addresses, and all others where no name has two namespaces. */
static inline struct names *zone_first_names(const struct zone *z)
{
	return &zone_plane(z, 0)->names;
}

/* The tree that the node is in. */
static inline struct names *zone_names_of(const struct zone *z, const struct node *node)
{
	return &zone_plane(z, node->plane)->names;
}

/* Plain text as a name in lower case; false: it cannot be one. (zone.c) */
bool zone_read_name(const char *name, struct dname *out) CMAP_NONNULL;

/* The first plane is there. (plane.c) */
void plane_start(struct zone *z) CMAP_NONNULL;
/* The first plane where no namespace has the apex. */
struct plane *plane_for(struct zone *z, const struct dname *apex) CMAP_NONNULL;
/* A zone begins at the name, in some plane. */
bool plane_has_apex(const struct zone *z, const uint8_t *name, size_t len) CMAP_NONNULL;
/* The node of the namespace, or NULL: it has no DNS. */
struct node *plane_apex_of(const struct zone *z,
	const struct namespace *ns) CMAP_NONNULL;
/*
 * Who sees the node: whoever sees its namespace and finds the name in no zone that is nearer; of a zone without one, of
 * addresses or .local, all but those outside and those who see a namespace of its name.
 */
uint16_t plane_views(const struct zone *z, const struct node *node) CMAP_NONNULL;
/* A zone or a namespace begins at the node, or no longer: others see what is there and below in all planes. */
void plane_settle(struct zone *z, const struct node *node) CMAP_NONNULL;
/* The views have changed. All names are touched. */
void plane_settle_all(struct zone *z) CMAP_NONNULL;

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
