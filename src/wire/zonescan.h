/* SPDX-License-Identifier: MIT */
/*
 * zonescan.h -- a zone file cut into entries of tokens: comments, quotes and parentheses, nothing of their
 * meaning.
 *
 * An entry is a line, or several that parentheses hold together. A token is a word, or what stands
 * between double quotes; it points into the text, its escapes (\X, \DDD) still as they were written.
 * A quoted string ends on its line. NUL is refused; bytes over 0x7E stand for themselves.
 *
 * Owner:  the text is borrowed; tokens live until the next entry is read.
 * Source: RFC 1035 s5.1.
 */
#ifndef WIRE_ZONESCAN_H
#define WIRE_ZONESCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"

#define ZONESCAN_TOKENS_MAX                                                            \
	65536 /* of one entry; 65,535 octets of rdata need no more */

struct zonescan_token {
	const char *text;
	size_t len;
	bool quoted;
};

struct zonescan {
	const char *at, *end;
	unsigned int line; /* of what is read next, from 1 */
	/* The entry: */
	unsigned int first_line;
	bool is_indented; /* it begins with a space: the owner is left out */
	struct zonescan_token *token;
	size_t n, cap;
};

void zonescan_init(struct zonescan *s, const char *text, size_t len) CMAP_NONNULL;
void zonescan_free(struct zonescan *s) CMAP_NONNULL;
/*
 * Reads on to the next entry; s->n is 0 at the end of the text. CMAP_E_INVALID with first_line and *why if it
 * cannot be cut.
 */
int zonescan_next(struct zonescan *s, struct buf *why) CMAP_NONNULL CMAP_MUST_USE;

/*
 * Reads the octet that stands at t->text[*at], moving *at behind it. -1: the token is over; its escapes have
 * been checked by zonescan_next().
 */
int zonescan_octet(const struct zonescan_token *t, size_t *at) CMAP_NONNULL;
/* The token is that word, in any case. */
bool zonescan_is(const struct zonescan_token *t, const char *word) CMAP_NONNULL;

#endif
