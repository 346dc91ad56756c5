/* SPDX-License-Identifier: MIT */
/*
 * referral.h -- from a delegation's entry to the authority and additional sections of a referral.
 *
 * A glue record's owner is compiled as the place of its NS record's target within the NS records, and becomes a
 * pointer to it here. Its slot says whether it is required: if such a one does not fit, TC is due (RFC 9471).
 *
 * Source: RFC 1034 s4.3.2 step 3b; RFC 9471.
 */
#ifndef ZONE_REFERRAL_H
#define ZONE_REFERRAL_H

#include "zone/answer.h"

struct referral {
	uint16_t n_ns, n_glue; /* records written */
	bool truncated;
};

/* Writes e's NS records, their owner name being the pointer given, then their glue. */
void referral_write(const struct entry *e, uint16_t owner, struct reply *reply,
	struct referral *out) CMAP_NONNULL;

#endif
