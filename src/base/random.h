/* SPDX-License-Identifier: MIT */
/*
 * random.h -- octets that nobody can guess.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>

#include "base/compiler.h"

/* len (at most 256) random octets from the kernel; the process ends if it gives none. */
void random_octets(void *out, size_t len) CMAP_NONNULL;

#endif
