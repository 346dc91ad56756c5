/* SPDX-License-Identifier: MIT */
/*
 * handover.h -- what a responder leaves to upstream resolvers, as a request to the forwarder.
 */
#ifndef SERVER_HANDOVER_H
#define SERVER_HANDOVER_H

#include "forward/request.h"
#include "server/respond.h"

/* How many octets handover_fill() will need for r->foreign. */
size_t handover_octets(const struct responder *r,
	const struct asked *asked) CMAP_NONNULL;
/* Fills in all but done(); reply is what respond_answer() has written. octets belong to the request. */
void handover_fill(const struct responder *r, const struct asked *asked,
	const uint8_t *reply, uint8_t *octets,
	struct forward_request *out) CMAP_NONNULL;

#endif
