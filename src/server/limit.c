/* SPDX-License-Identifier: MIT */
#include "server/limit.h"

#include <string.h>

#include <xxhash.h>

#include "base/random.h"

/*
 * A bucket in one word: 20 bits say whose it is, 24 when it was last filled (in units of 16 ms, going round
 * every three days), 20 what is in it (in sixty-fourths of a reply).
 */
enum {
	TAG_BITS = 20,
	TIME_BITS = 24,
	CREDIT_BITS = 20,
	TIME_UNIT_MS = 16,
	REPLY = 64, /* credit for one */
	IPV4_OCTETS = 3,
	IPV6_OCTETS = 7
};

void limit_init(struct limit *l)
{
	memset(l, 0, sizeof(*l));
	random_octets(&l->seed, sizeof(l->seed));
}

static uint64_t pack(uint64_t tag, uint64_t time, uint64_t credit)
{
	return tag << (TIME_BITS + CREDIT_BITS) | time << CREDIT_BITS | credit;
}

static uint64_t time_of(uint64_t bucket)
{
	return bucket >> CREDIT_BITS & ((1u << TIME_BITS) - 1);
}

/* The bucket's word after one reply is asked of it; *allows says whether it gave one. */
static uint64_t take(uint64_t old, uint64_t tag, uint64_t now, uint32_t rate,
	bool *allows)
{
	uint64_t full = (uint64_t)rate * REPLY;
	uint64_t credit = old & ((1u << CREDIT_BITS) - 1);
	uint64_t then = time_of(old);
	uint64_t passed = (now - then) & ((1u << TIME_BITS) - 1);
	uint64_t gain = passed * TIME_UNIT_MS * full / 1000;

	if (old >> (TIME_BITS + CREDIT_BITS) != tag || old == 0) {
		credit = full;
		then = now;
	} else if (gain > 0) { /* less than a unit goes on growing */
		credit = credit + gain > full ? full : credit + gain;
		then = now;
	}
	if (credit > full)
		credit = full; /* the rate has been lowered */
	*allows = credit >= REPLY;
	return pack(tag, then, *allows ? credit - REPLY : credit);
}

bool limit_allows(struct limit *l, const struct client *client, enum limit_kind kind,
	uint32_t rate, int64_t now_ms)
{
	uint8_t key[IPV6_OCTETS + 2];
	size_t len = client->len == 4 ? IPV4_OCTETS : IPV6_OCTETS;
	uint64_t now = (uint64_t)now_ms / TIME_UNIT_MS & ((1u << TIME_BITS) - 1);
	uint64_t hash, tag, old, new;
	_Atomic uint64_t *bucket;
	bool allows;

	memcpy(key, client->octets, len);
	key[len++] = client->len;
	key[len++] = (uint8_t)kind;
	hash = XXH3_64bits_withSeed(key, len, l->seed);
	tag = hash >> (64 - TAG_BITS);
	bucket = &l->bucket[hash % LIMIT_BUCKETS];
	old = atomic_load_explicit(bucket, memory_order_relaxed);
	do {
		new = take(old, tag, now, rate, &allows);
	} while (!atomic_compare_exchange_weak_explicit(bucket, &old, new,
		memory_order_relaxed, memory_order_relaxed));
	return allows;
}
