/* SPDX-License-Identifier: MIT */
/*
 * pairs.h -- KEY=VALUE as users type it, tags and attributes, and the table of such pairs.
 *
 * Shape: a JSON object, each key with a text, in the order typed.
 */
#ifndef CTL_PAIRS_H
#define CTL_PAIRS_H

#include <jansson.h>

#include "base/compiler.h"
#include "ctl/args.h"
#include "ctl/ctl.h"

/*
 * Adds KEY=VALUE to pairs. A key is given once. option: whose value text is, or NULL for
 * an operand.
 */
int pairs_add(const struct ctl *c, const char *option, const char *text, json_t *pairs)
	__attribute__((nonnull(1, 3, 4))) CMAP_MUST_USE;
/* Adds every value of option. */
int pairs_add_options(const struct ctl *c, const struct args *a, const char *option,
	json_t *pairs) CMAP_NONNULL CMAP_MUST_USE;
/* Adds the operands behind the first. */
int pairs_add_operands(const struct ctl *c, const struct args *a,
	json_t *pairs) CMAP_NONNULL CMAP_MUST_USE;
/* The operands behind the first as a list: keys, ids. The caller releases it. */
json_t *pairs_keys(const struct args *a) CMAP_NONNULL CMAP_MUST_USE;

void pairs_print(const struct ctl *c, json_t *pairs);

#endif
