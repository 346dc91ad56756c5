/* SPDX-License-Identifier: MIT */
/*
 * pool.h -- memory for what there may be millions of: small blocks, close together.
 *
 * A block costs its size, rounded up to 16 octets, and nothing more: who frees it says how large it was. Blocks of
 * one size stand in slabs of 64 KiB, whose pages are asked of the kernel in one go: to fault them in one by one took
 * ten times as long, and a quarter of a cold start. An empty slab serves any size next, 64 empty ones go back to the kernel.
 *
 * Thread: any; one lock, held for a few instructions.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

#include "base/compiler.h"

#define POOL_GRAIN     16
#define POOL_BLOCK_MAX 1024 /* what is larger is malloc()'s */

/* size octets, zeroed. Out of memory is fatal. */
void *pool_alloc(size_t size) CMAP_MUST_USE;
/* size: what was asked for, or anything that rounds up to the same. NULL is fine. */
void pool_free(void *p, size_t size);
/* Octets that the pool's slabs take now. */
size_t pool_used(void);

#endif
