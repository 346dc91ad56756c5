/* SPDX-License-Identifier: MIT */
/* compiler.h -- the few attributes cmap's headers use. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include <stddef.h>

#define CMAP_MUST_USE     __attribute__((warn_unused_result))
#define CMAP_NONNULL      __attribute__((nonnull))
#define CMAP_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define CMAP_NORETURN     __attribute__((noreturn))

/* On the answer path: a variable that is written before it is read, and too large to be cleared first. */
#define CMAP_UNINITIALIZED __attribute__((uninitialized))

/* Beside the plain case of the answer path: inlined, it would cost that registers. */
#define CMAP_APART __attribute__((noinline))

#define CMAP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The struct that embeds member, from a pointer to the member. */
#define CONTAINER_OF(ptr, type, member)                                                \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
