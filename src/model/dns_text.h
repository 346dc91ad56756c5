/* SPDX-License-Identifier: MIT */
/*
 * dns_text.h -- names in the DNS as plain text: labels between dots, no escapes.
 *
 * Source: RFC 1035 s2.3.4: a label has at most 63 octets, a name 255 in wire form.
 */
#ifndef MODEL_DNS_TEXT_H
#define MODEL_DNS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

#define DNS_TEXT_LABEL_MAX 63
#define DNS_TEXT_NAME_MAX                                                              \
	253 /* without a trailing dot: 255 less the first length and the root */

/*
 * Labels of 1..63 characters, each 0x21..0x7E but the backslash, which would read as an escape
 * elsewhere. One trailing dot is fine; the root is not.
 */
bool dns_text_is_name(const char *s, size_t len) CMAP_NONNULL;
/* As above, of letters, digits, '-' and '_' only: what a resolver looks up. */
bool dns_text_is_host(const char *s, size_t len) CMAP_NONNULL;
/* Lower case and without a trailing dot, in memory the caller frees. */
char *dns_text_fold(const char *name) CMAP_NONNULL CMAP_MUST_USE;
/* Makes ASCII letters lower case, in place. */
void dns_text_lower(char *s) CMAP_NONNULL;

#endif
