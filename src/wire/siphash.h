/* SPDX-License-Identifier: MIT */
/*
 * siphash.h -- SipHash-2-4, the keyed hash that DNS cookies are made with.
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012); RFC 9018 s4.4.
 */
#ifndef WIRE_SIPHASH_H
#define WIRE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define SIPHASH_KEY_LEN 16

/* The hash of len octets at p; its octets in little-endian order are what the paper gives. */
uint64_t siphash24(const uint8_t key[SIPHASH_KEY_LEN], const uint8_t *p,
	size_t len) CMAP_NONNULL;

#endif
