/* SPDX-License-Identifier: MIT */
/*
 * shape.h -- what the input of an operation must look like, as tables, and the one validator for all of them.
 *
 * A member that is absent or null is not there; members that no table names are ignored. A string, a list or
 * a map is bounded in its length, a number in its value.
 * Source: the service model's constraints; the texts follow the form that AWS services answer in:
 *         "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must ...; ..."
 */
#ifndef API_SHAPE_H
#define API_SHAPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "model/fault.h"

#define SHAPE_VIOLATIONS_SHOWN                                                         \
	32                    /* in one message; the count in front tells them all */
#define SHAPE_VALUE_SHOWN 255 /* characters of a value in a message */

enum shape_kind {
	SHAPE_STRING,  /* min, max in characters */
	SHAPE_INTEGER, /* 32 bits; min, max of the value, as for the next */
	SHAPE_LONG,
	SHAPE_BOOLEAN,
	SHAPE_STRUCT,
	SHAPE_LIST, /* min, max in elements, as for the next */
	SHAPE_MAP
};

#define SHAPE_NO_MAX INT64_MAX

struct shape {
	enum shape_kind kind;
	int64_t min, max;
	/* Strings: what they match, and how that is told; or the values there are, NULL at the end. */
	bool (*matches)(const char *s, size_t len);
	const char *pattern;
	const char *const *values;
	const struct shape *key;            /* maps; always a string */
	const struct shape *element;        /* maps and lists */
	const struct shape_member *members; /* structs; a NULL name ends them */
};

struct shape_member {
	const char *name;
	const struct shape *shape;
	bool required;
};

/*
 * True if in has that shape. A value of the wrong JSON type sets FAULT_SERIALIZATION; otherwise all
 * constraints that are not met come in one FAULT_INVALID_INPUT.
 */
bool shape_check(const struct shape *shape, const json_t *in,
	struct fault *f) CMAP_NONNULL;

#endif
