/* SPDX-License-Identifier: MIT */
/*
 * listed.h -- what an answer that lists services brings along: their SRV and TXT records, and addresses.
 *
 * Thread: any reader.
 * Source: RFC 6763 s12.1.
 */
#ifndef ZONE_LISTED_H
#define ZONE_LISTED_H

#include "zone/answer.h"

/* Who asks, and what he sees. */
struct listed_reader {
	const struct published *published;
	struct rotation *rotation;
	const struct client *client;
	int64_t now_ms;
	uint16_t view;
};

/*
 * Writes, for one after the other of a's PTR records, what there is at the name that it gives, until something does
 * not fit: an RRset is written whole or not at all. Returns how many records.
 */
uint16_t listed_write(const struct listed_reader *r, const struct answer *a,
	struct reply *reply) CMAP_NONNULL;

#endif
