/* SPDX-License-Identifier: MIT */
/*
 * prefix.h -- networks: an address and how many of its bits count.
 *
 * Source: RFC 4632 s3.1, RFC 4291 s2.3 (the notation); RFC 6890 (addresses for special purposes).
 */
#ifndef BASE_PREFIX_H
#define BASE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define PREFIX_TEXT 64 /* "ipv6/128" and its NUL */

struct prefix {
	uint8_t len;        /* of an address: 4 or 16 octets */
	uint8_t bits;       /* 0 to 8 * len */
	uint8_t octets[16]; /* zero behind bits */
};

/*
 * Reads "10.0.0.0/8", "fd00::/8", or an address, which is a network of one. CMAP_E_INVALID for anything else;
 * CMAP_E_RANGE if the address has bits behind the prefix.
 */
int prefix_parse(const char *text, struct prefix *out) CMAP_NONNULL CMAP_MUST_USE;
void prefix_format(const struct prefix *p, char out[PREFIX_TEXT]) CMAP_NONNULL;
bool prefix_equal(const struct prefix *a, const struct prefix *b) CMAP_NONNULL;
/* Whether the address, of len octets, lies in p. */
bool prefix_holds(const struct prefix *p, const uint8_t *address,
	size_t len) CMAP_NONNULL;

/* The networks that "private" stands for: loopback, private, shared and link-local addresses. */
extern const struct prefix prefix_private[];
extern const size_t prefix_n_private;

#endif
