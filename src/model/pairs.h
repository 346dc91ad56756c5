/* SPDX-License-Identifier: MIT */
/*
 * pairs.h -- attributes with any text in them (tags, attributes of a service) as they stand on disk.
 *
 * Text:   "KEY\tVALUE\n" a line; a tab, a line feed and a backslash inside are written \t, \n and \\.
 *         (attributes.h has a shorter form for instances, whose keys hold no space.)
 */
#ifndef MODEL_PAIRS_H
#define MODEL_PAIRS_H

#include "model/attributes.h"

/* The on-disk text; the caller frees it. */
char *pairs_to_text(const struct attributes *a) CMAP_NONNULL CMAP_MUST_USE;
/* Reads it in place of what a held; CMAP_E_CORRUPT if it is not of that form, or a key is there twice. */
int pairs_from_text(struct attributes *a, const char *text) CMAP_NONNULL CMAP_MUST_USE;

#endif
