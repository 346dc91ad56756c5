/* SPDX-License-Identifier: MIT */
/*
 * zonerdata.h -- the data of one record, between tokens of a zone file and wire form; ldns is behind this file.
 *
 * Source: RFC 1035 s5.1, RFC 3597 s5.
 */
#ifndef WIRE_ZONERDATA_H
#define WIRE_ZONERDATA_H

#include <stdint.h>

#include "base/buf.h"
#include "wire/dname.h"
#include "wire/zonescan.h"

/* The type that token names; 0: there is none, or it is one that only queries have. */
uint16_t zonerdata_type(const struct zonescan_token *token) CMAP_NONNULL;

/*
 * Reads n tokens as the data of that type, names being relative to origin, and fills out, which must be empty.
 * CMAP_E_INVALID with *why.
 */
int zonerdata_read(uint16_t type, const struct zonescan_token *token, size_t n,
	const struct dname *origin, struct buf *out,
	struct buf *why) CMAP_NONNULL CMAP_MUST_USE;

/* The name that token writes, relative to origin unless it ends in a dot. CMAP_E_INVALID with *why. */
int zonerdata_name(const struct zonescan_token *token, const struct dname *origin,
	struct dname *out, struct buf *why) CMAP_NONNULL CMAP_MUST_USE;
/* A number of seconds, or "1w2d3h4m5s". CMAP_E_INVALID with *why; at most ZONETEXT_TTL_MAX. */
int zonerdata_period(const struct zonescan_token *token, uint32_t *out,
	struct buf *why) CMAP_NONNULL CMAP_MUST_USE;

#endif
