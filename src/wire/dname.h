/* SPDX-License-Identifier: MIT */
/*
 * dname.h -- domain names in wire form, uncompressed.
 *
 * Shape:  labels with their length octets, the root label at the end: len counts all of
 * it, 1 to 255. Names are 8-bit clean; only A-Z and a-z compare equal to each other.
 * Source: RFC 1035 s3.1, s2.3.4; RFC 2181 s11; RFC 4343.
 */
#ifndef WIRE_DNAME_H
#define WIRE_DNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define DNAME_MAX       255
#define DNAME_LABEL_MAX 63
#define DNAME_TEXT      1010 /* every octet as \DDD, a dot a label, NUL */

struct dname {
	uint8_t len;
	uint8_t wire[DNAME_MAX];
};

/*
 * From text whose characters stand for themselves: only dots divide. One trailing dot
 * is allowed; "." is the root. CMAP_E_INVALID: an empty label; CMAP_E_RANGE: a label or
 * the name is too long.
 */
int dname_from_plain(const char *text, struct dname *out) CMAP_NONNULL CMAP_MUST_USE;
/* The same from presentation format, where \DDD and \X stand for one octet (RFC 1035
 * s5.1). */
int dname_from_text(const char *text, struct dname *out) CMAP_NONNULL CMAP_MUST_USE;
/* Presentation format with the trailing dot; what is not a plain host name character is
 * escaped. */
void dname_to_text(const uint8_t *wire, char out[DNAME_TEXT]) CMAP_NONNULL;

/*
 * The length of the uncompressed name at p, its root label included; 0 if none ends
 * within room octets or DNAME_MAX, or it holds a compression pointer or another label
 * type.
 */
size_t dname_wire_len(const uint8_t *p, size_t room) CMAP_NONNULL;
/* out[0..len) = p[0..len) in lower case. Length octets are under 'A' and stay. */
void dname_lower(const uint8_t *p, size_t len, uint8_t *out) CMAP_NONNULL;
bool dname_equal(const struct dname *a, const struct dname *b) CMAP_NONNULL;
/* The name without its first label; the root stays the root. */
void dname_parent(struct dname *d) CMAP_NONNULL;
/* a is apex, or a name below it. */
bool dname_is_within(const struct dname *a, const struct dname *apex) CMAP_NONNULL;

#endif
