/* SPDX-License-Identifier: MIT */
/*
 * hash.h -- uthash as cmap uses it; include this, never <uthash.h>.
 *
 * Keys come from outside, so the hash is XXH3 with a seed drawn once per process:
 * nobody can prepare keys that fall into one bucket. Out of memory is fatal, as
 * everywhere (mem.h).
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>

#include "base/compiler.h"
#include "base/mem.h"

#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = hash_bytes((keyptr), (keylen)))
#define uthash_malloc(size)                  xmalloc(size)

#include <uthash.h>

/* The same bytes hash alike within one process only. */
unsigned hash_bytes(const void *key, size_t len) CMAP_NONNULL;

/*
 * Puts fresh into the place that old has in its table, order included; both have equal
 * keys, and key is fresh's copy. Returns the table's head, which is given as head. old is
 * out afterwards.
 */
void *hash_substitute(void *head, const UT_hash_handle *old, UT_hash_handle *fresh,
	const void *key) CMAP_NONNULL CMAP_MUST_USE;

#endif
