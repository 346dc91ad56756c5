/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <pthread.h>
#include <stdint.h>
#include <xxhash.h>

#include "base/random.h"

static pthread_once_t seed_once = PTHREAD_ONCE_INIT;
static uint64_t seed;

static void draw_seed(void)
{
	random_octets(&seed, sizeof(seed));
}

unsigned hash_bytes(const void *key, size_t len)
{
	pthread_once(&seed_once, draw_seed);
	return (unsigned)XXH3_64bits_withSeed(key, len, seed);
}

void *hash_substitute(void *head, const UT_hash_handle *old, UT_hash_handle *fresh,
	const void *key)
{
	UT_hash_table *tbl = old->tbl;
	UT_hash_bucket *bucket = &tbl->buckets[old->hashv & (tbl->num_buckets - 1)];
	void *element = (char *)fresh - tbl->hho;

	*fresh = *old;
	fresh->key = key;
	/* The list of all elements, in the order added. */
	if (old->prev)
		HH_FROM_ELMT(tbl, old->prev)->next = element;
	else
		head = element;
	if (old->next)
		HH_FROM_ELMT(tbl, old->next)->prev = element;
	else
		tbl->tail = fresh;
	/* The list of its bucket. */
	if (old->hh_prev)
		old->hh_prev->hh_next = fresh;
	else
		bucket->hh_head = fresh;
	if (old->hh_next)
		old->hh_next->hh_prev = fresh;
	return head;
}
