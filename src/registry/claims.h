/* SPDX-License-Identifier: MIT */
/*
 * claims.h -- what the commands of one batch touch, so that none is decided on what another changes.
 *
 * Commands of a batch are decided against the model as it is before the batch. That is sound while they
 * touch different things: each claims its keys, shared (to read) or exclusive (to change), and a command whose
 * claim conflicts waits for the next batch. A key is a hash: a collision makes somebody wait in vain, no more.
 */
#ifndef REGISTRY_CLAIMS_H
#define REGISTRY_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

#define CLAIMS_PER_COMMAND 6

struct claim {
	uint32_t key; /* never 0 */
	bool exclusive;
};

struct claims {
	struct claim *slot; /* open addressing; key 0 is free */
	uint32_t mask, n;
};

/* What one command wants. */
struct claim_list {
	struct claim claim[CLAIMS_PER_COMMAND];
	uint32_t n;
};

void claims_init(struct claims *c) CMAP_NONNULL;
void claims_clear(struct claims *c) CMAP_NONNULL;
void claims_free(struct claims *c) CMAP_NONNULL;

/* Adds the key made of kind and one or two texts (b may be NULL). */
void claim_add(struct claim_list *l, char kind, const char *a, const char *b,
	bool exclusive);
/* Whether l wants something that is taken in a way that excludes it. */
bool claims_conflict(const struct claims *c, const struct claim_list *l) CMAP_NONNULL;
void claims_take(struct claims *c, const struct claim_list *l) CMAP_NONNULL;

#endif
