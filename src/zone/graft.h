/* SPDX-License-Identifier: MIT */
/*
 * graft.h -- the records of a zone file in the tree of names, beside what is registered.
 *
 * A registered RRset wins over a static one of the same owner and type, a registered name over a delegation
 * at or above it, another namespace over all that a file has at or below its apex. What loses stays in
 * the file's records, is told once, and comes back when the way is free.
 *
 * Thread: the control thread.
 */
#ifndef ZONE_GRAFT_H
#define ZONE_GRAFT_H

#include "zone/names.h"
#include "zone/static.h"

struct zone;

/* Hangs all owners of s into one of z's trees, whose node of the zone's apex is there, and touches them. */
void graft(const struct zone *z, struct names *n, struct static_zone *s) CMAP_NONNULL;
/* Takes them out again. s stays. */
void ungraft(struct names *n, struct static_zone *s) CMAP_NONNULL;
/* Touches them: what they may give has changed. */
void graft_touch(struct names *n, const struct static_zone *s) CMAP_NONNULL;

/*
 * The zone file whose records the node of a new or a vanished zone takes over or leaves: that of the nearest
 * zone above, or NULL.
 */
struct static_zone *graft_enclosing(const struct names *n, const uint8_t *apex,
	size_t len) CMAP_NONNULL;

/*
 * The addresses that the referral of a cut must or may bring along, for an NS record's target: the target's
 * owner in the file, if nobody can ask us for them because they lie below a cut; else NULL. Those at or below this cut
 * are required (RFC 9471).
 */
const struct static_owner *graft_glue(const struct names *n, const struct node *cut,
	const uint8_t *target, size_t len, bool *is_required) CMAP_NONNULL;

#endif
