/* SPDX-License-Identifier: MIT */
/*
 * fields.h -- any JSON object as lines of name and value, for "show" and "status".
 *
 * Members of members are named by their path ("Store.State"), members this program has
 * never heard of included. "...Ms" reads as a duration, "...Date" as a date.
 */
#ifndef CTL_FIELDS_H
#define CTL_FIELDS_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "base/compiler.h"

#define FIELDS_TIME_TEXT 32
#define FIELDS_DATE_TEXT 64

void fields_print(const json_t *object, FILE *out) CMAP_NONNULL;

/* A duration to look at, not to calculate with: "2d 3h", "5m 10s", "12s", "350ms". */
void fields_time_left(int64_t ms, char out[FIELDS_TIME_TEXT]) CMAP_NONNULL;
/* Seconds since 1970 as "2018-01-25T23:51:30Z". */
void fields_date(double epoch_s, char out[FIELDS_DATE_TEXT]) CMAP_NONNULL;

#endif
