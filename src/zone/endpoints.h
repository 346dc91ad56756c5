/* SPDX-License-Identifier: MIT */
/*
 * endpoints.h -- instances of a service by address and port, so that each pair is given out once.
 *
 * On one host, two tasks with one port are one place to connect to (host mode, a task registered again under another id).
 * Of such twins the one whose lease ends last stands for all.
 *
 * Owner:  the caller; instances are borrowed.
 * Thread: the control thread.
 */
#ifndef ZONE_ENDPOINTS_H
#define ZONE_ENDPOINTS_H

#include "model/model.h"

struct endpoints {
	struct instance **at; /* hashed by addresses and port */
	uint32_t mask;
};

/* Room for n. */
void endpoints_init(struct endpoints *e, uint32_t n) CMAP_NONNULL;
/* i, which has a port, is one of them. Its twin, if there is one; the better of the two stays. */
struct instance *endpoints_add(struct endpoints *e, struct instance *i) CMAP_NONNULL;
/* i has been added, and stands for itself and its twins. */
bool endpoints_has(const struct endpoints *e, const struct instance *i) CMAP_NONNULL;
void endpoints_free(struct endpoints *e) CMAP_NONNULL;

#endif
