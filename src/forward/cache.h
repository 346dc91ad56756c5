/* SPDX-License-Identifier: MIT */
/*
 * cache.h -- the questions that have been asked of upstreams: what they said, for how long, and who waits.
 *
 * What is not in flight and was used longest ago makes room when the cache is full.
 *
 * Thread: the forwarder's.
 * Source: RFC 8767 (stale answers), RFC 9520 (failures).
 */
#ifndef FORWARD_CACHE_H
#define FORWARD_CACHE_H

#include "base/hash.h"
#include "forward/request.h"

struct attempt;

struct cached {
	UT_hash_handle hh;
	struct cached *newer, *older; /* by use; not while in flight */
	struct forward_question question;
	struct image *image;             /* NULL: nothing is known */
	int64_t got_ms;                  /* when it came */
	int64_t failed_until_ms;         /* asking again before makes no sense */
	uint32_t turn;                   /* how often it was given */
	struct attempt *attempt;         /* it is being asked for; NULL: it is not */
	struct forward_request *waiting; /* for it, newest first */
};

struct cache {
	struct cached *table;
	struct cached *newest, *oldest;
	size_t octets, octets_max; /* of all that are not in flight */
};

void cache_init(struct cache *c, size_t octets_max) CMAP_NONNULL;
/* Nothing may be in flight. */
void cache_free(struct cache *c) CMAP_NONNULL;
void cache_resize(struct cache *c, size_t octets_max) CMAP_NONNULL;
/* The question's place, or NULL. */
struct cached *cache_look(const struct cache *c,
	const struct forward_question *q) CMAP_NONNULL;
/* The same, made if it is missing. */
struct cached *cache_find(struct cache *c,
	const struct forward_question *q) CMAP_NONNULL;
/* e was used: it stays longer than those that were not. */
void cache_use(struct cache *c, struct cached *e) CMAP_NONNULL;
/* e goes into flight: it stays until cache_land(), which may forget it at once. */
void cache_fly(struct cache *c, struct cached *e) CMAP_NONNULL;
void cache_land(struct cache *c, struct cached *e) CMAP_NONNULL;

#endif
