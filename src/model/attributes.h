/* SPDX-License-Identifier: MIT */
/*
 * attributes.h -- an instance's attributes: a small map packed into one block.
 *
 * Shape:  key NUL value NUL, repeated, in the order given; keys are unique and case-sensitive.
 *         No NUL and no line feed inside a key or a value (rules.h refuses both).
 * Text:   as stored on disk: "KEY VALUE\n" a line. A key holds no space, so the first one ends it.
 * Owner:  the struct owns its block, unless it says that it borrows it; attributes_free() releases it.
 * Source: Cloud Map API reference, RegisterInstance.Attributes.
 */
#ifndef MODEL_ATTRIBUTES_H
#define MODEL_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct attributes {
	char *block;
	uint32_t len;             /* of block, in bytes */
	uint32_t n : 31;          /* pairs */
	uint32_t is_borrowed : 1; /* block is part of something else, and left alone */
};

/* Adds a pair, or replaces the value that key has. */
void attributes_set(struct attributes *a, const char *key,
	const char *value) CMAP_NONNULL;
/* Takes key out; nothing happens if it is not there. */
void attributes_remove(struct attributes *a, const char *key) CMAP_NONNULL;
/* A copy that is the caller's. */
struct attributes
attributes_copy(const struct attributes *a) CMAP_NONNULL CMAP_MUST_USE;
/* The value of key, borrowed; NULL if there is none. */
const char *attributes_get(const struct attributes *a, const char *key) CMAP_NONNULL;
/* Walks the pairs: start with *pos == 0; false at the end. key and value are borrowed. */
bool attributes_next(const struct attributes *a, uint32_t *pos, const char **key,
	const char **value) CMAP_NONNULL;
/* The same pairs, in whatever order. */
bool attributes_equal(const struct attributes *a,
	const struct attributes *b) CMAP_NONNULL;
/*
 * Reads the on-disk text in place of what a held; CMAP_E_CORRUPT if it is not of that form.
 */
int attributes_from_text(struct attributes *a, const char *text,
	size_t len) CMAP_NONNULL CMAP_MUST_USE;
/*
 * Turns the on-disk text, len bytes at text, into the map that out then borrows from there. CMAP_E_CORRUPT,
 * and text is spoilt, if it is not of that form.
 */
int attributes_unpack(struct attributes *out, char *text,
	size_t len) CMAP_NONNULL CMAP_MUST_USE;
/* The on-disk text: len bytes, the same as a->len. The caller frees it. */
char *attributes_to_text(const struct attributes *a) CMAP_NONNULL CMAP_MUST_USE;
void attributes_free(struct attributes *a) CMAP_NONNULL;

#endif
