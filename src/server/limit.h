/* SPDX-License-Identifier: MIT */
/*
 * limit.h -- response rate limiting: how many UDP replies of a kind a network gets in a second.
 *
 * Replies are counted by the client's prefix (/24, /56) and kind, in buckets that all threads share: a
 * bucket fills by the rate each second, up to one second's worth. Two prefixes that fall
 * into one bucket find it full at each change, and are each limited no sooner than alone.
 *
 * Thread: any; one atomic exchange a reply.
 * Source: "Response Rate Limiting in the Domain Name System", ISC-TN-2012-1.
 */
#ifndef SERVER_LIMIT_H
#define SERVER_LIMIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "zone/answer.h"

#define LIMIT_BUCKETS  65536
#define LIMIT_RATE_MAX 16384 /* replies a second */

enum limit_kind { LIMIT_DATA, LIMIT_NEGATIVE, LIMIT_ERROR };

struct limit {
	uint64_t seed;
	_Atomic uint64_t bucket[LIMIT_BUCKETS];
};

void limit_init(struct limit *l) CMAP_NONNULL;
/* Whether one more reply of that kind, at that rate (1..LIMIT_RATE_MAX), is within the limit; it is counted. */
bool limit_allows(struct limit *l, const struct client *client, enum limit_kind kind,
	uint32_t rate, int64_t now_ms) CMAP_NONNULL;

#endif
