/* SPDX-License-Identifier: MIT */
/*
 * schedule.h -- in which order the records of a weighted RRset come first in an answer.
 *
 * In one turn of the schedule each record comes first as often as its weight says, evenly spread over the turn.
 * Weights are reduced to smallest terms; a turn that would still be longer than SCHEDULE_MAX
 * is shortened in proportion, each record keeping one place at least.
 */
#ifndef ZONE_SCHEDULE_H
#define ZONE_SCHEDULE_H

#include <stdint.h>

#include "base/compiler.h"

enum { SCHEDULE_MAX = 16384 };

/*
 * Reduces the weights (1..255, n > 0 of them) to how often each record comes in a turn, into turns. Returns their
 * sum, the places of a turn; 0 if all weights are equal and no schedule is needed.
 */
uint32_t schedule_reduce(const uint8_t *weights, uint32_t n,
	uint32_t *turns) CMAP_NONNULL;
/* The numbers of the records, in order; out has room for the sum of turns. */
void schedule_fill(const uint32_t *turns, uint32_t n, uint32_t *out) CMAP_NONNULL;

#endif
