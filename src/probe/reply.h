/* SPDX-License-Identifier: MIT */
/*
 * reply.h -- what a reply says of a target's addresses, or why it says nothing.
 *
 * Thread: the control thread.
 * Source: RFC 1035 s4.1, RFC 8914.
 */
#ifndef PROBE_REPLY_H
#define PROBE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define REPLY_ADDRESSES_MAX 256 /* of a target; more than any load balancer has */
#define REPLY_NONE_TTL      60  /* how long "there are none" is believed at the most */

struct reply_addresses {
	uint8_t octets[REPLY_ADDRESSES_MAX * 16]; /* back to back */
	uint32_t n, ttl;                          /* n 0: there are none of that type */
};

/* Why it says nothing. */
struct reply_trouble {
	uint8_t ede;      /* RFC 8914; 0: it does not say */
	const char *text; /* for the log; static */
};

/* The addresses in the reply, and the least TTL in it. false: it says nothing. */
bool reply_read(const uint8_t *reply, size_t len, uint16_t type,
	struct reply_addresses *out) CMAP_NONNULL;
/* Of one that reply_read() could not use; len 0: none has come. */
struct reply_trouble reply_why_not(const uint8_t *reply, size_t len)
	__attribute__((warn_unused_result));

#endif
