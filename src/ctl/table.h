/* SPDX-License-Identifier: MIT */
/*
 * table.h -- aligned columns with headings, by libsmartcols; the same at a terminal and
 * in a pipe.
 *
 * Nothing at all is printed for a table without rows. Control characters come out as
 * \xHH.
 */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include "base/compiler.h"

struct table;

/* headings: n_columns texts; NULL: a table without headings. */
struct table *table_new(const char *const *headings, size_t n_columns) CMAP_MUST_USE;
/* cells: n_columns texts, copied; NULL and "" show as "-". */
void table_add(struct table *t, const char *const *cells) CMAP_NONNULL;
/* Prints and frees t. */
void table_finish(struct table *t, FILE *out) CMAP_NONNULL;

#endif
