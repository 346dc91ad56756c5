/* SPDX-License-Identifier: MIT */
/*
 * duration.h -- durations as users write them: "500ms", "30s", "5m", "1h", "7d", or "0".
 */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define DURATION_TEXT   24
#define DURATION_MAX_MS INT64_C(31536000000) /* 365 days */

/*
 * A decimal number and a unit (ms, s, m, h, d); "0" needs none. Signs, spaces, fractions, a missing
 * unit: CMAP_E_INVALID; over DURATION_MAX_MS: CMAP_E_RANGE.
 */
int duration_parse(const char *text, int64_t *out_ms) CMAP_NONNULL CMAP_MUST_USE;
/* The shortest form that duration_parse() reads back to ms (ms >= 0). */
void duration_format(int64_t ms, char out[DURATION_TEXT]) CMAP_NONNULL;

#endif
