/* SPDX-License-Identifier: MIT */
/*
 * mem.h -- allocation that cannot fail: out of memory ends the process with a line on stderr.
 *
 * That is safe because every size that comes from outside meets a limit before it is allocated,
 * and because answering a query allocates nothing. Release with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/compiler.h"

void *xmalloc(size_t size) CMAP_MUST_USE;
/* Overflow of n * size is fatal, too. */
void *xcalloc(size_t n, size_t size) CMAP_MUST_USE;
/* The same for one that begins with a cache line, as counters want. */
void *xcalloc_line(size_t size) CMAP_MUST_USE;
void *xreallocarray(void *p, size_t n, size_t size) CMAP_MUST_USE;
void *xmemdup(const void *p, size_t size) CMAP_MUST_USE;
char *xstrdup(const char *s) CMAP_MUST_USE;
char *xstrndup(const char *s, size_t n) CMAP_MUST_USE;
/* For who asks the kernel itself, and got nothing. */
CMAP_NORETURN void mem_exhausted(size_t size);
char *xasprintf(const char *fmt, ...) CMAP_PRINTF(1, 2) CMAP_MUST_USE;

#endif
