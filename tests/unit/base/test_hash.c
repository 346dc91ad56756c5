/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>

#include "rng.h"
#include "test.h"

struct item {
	char key[16];
	int version;
	UT_hash_handle hh;
};

static struct item *item_new(int key, int version)
{
	struct item *it = xcalloc(1, sizeof(*it));

	snprintf(it->key, sizeof(it->key), "key-%d", key);
	it->version = version;
	return it;
}

static void items_free(struct item *head)
{
	struct item *it, *next;

	HASH_ITER (hh, head, it, next) {
		HASH_DELETE(hh, head, it);
		free(it);
	}
}

static struct item *item_find(struct item *head, int key)
{
	struct item *it;
	char text[16];

	snprintf(text, sizeof(text), "key-%d", key);
	HASH_FIND_STR(head, text, it);
	return it;
}

static struct item *item_replace(struct item *head, int key, int version)
{
	struct item *old = item_find(head, key), *fresh = item_new(key, version);

	head = hash_substitute(head, &old->hh, &fresh->hh, fresh->key);
	free(old);
	return head;
}

Test(hash, bytes_hash_alike_and_spread)
{
	unsigned buckets[64] = {0};
	char text[16];

	cr_assert_eq(hash_bytes("abc", 3), hash_bytes("abcd", 3));
	cr_assert_neq(hash_bytes("abc", 3), hash_bytes("abd", 3));
	hash_bytes("", 0);
	for (int i = 0; i < 6400; i++) {
		snprintf(text, sizeof(text), "i-%d", i);
		buckets[hash_bytes(text, strlen(text)) % 64]++;
	}
	/* 100 each in the mean, standard deviation 10. */
	for (int i = 0; i < 64; i++)
		cr_assert(buckets[i] > 30 && buckets[i] < 170, "%u", buckets[i]);
}

Test(hash, substitutes_the_only_item)
{
	struct item *head = NULL, *it = item_new(1, 0);

	HASH_ADD_STR(head, key, it);
	head = item_replace(head, 1, 1);
	cr_assert_eq(HASH_COUNT(head), 1);
	cr_assert_eq(item_find(head, 1)->version, 1);
	it = item_new(2, 0);
	HASH_ADD_STR(head, key, it);
	cr_assert_eq(head->hh.next, it);
	items_free(head);
}

/* First, middle, last, in buckets of one and of many, and while the table grows. */
Test(hash, substitutes_keep_order_and_links)
{
	struct item *head = NULL, *it;
	struct rng rng = {3};
	int version[500] = {0}, n = 0;

	for (n = 0; n < 500; n++) {
		it = item_new(n, 0);
		HASH_ADD_STR(head, key, it);
		for (int round = 0; round < 20; round++) {
			int key = round == 0   ? 0
				  : round == 1 ? n
					       : (int)rng_below(&rng, (uint32_t)n + 1);

			head = item_replace(head, key, ++version[key]);
		}
	}
	cr_assert_eq(HASH_COUNT(head), 500);
	n = 0;
	for (it = head; it; it = it->hh.next, n++) {
		struct item *previous = it->hh.prev;

		cr_assert_eq(it, item_find(head, n));
		cr_assert_eq(it->version, version[n]);
		cr_assert(previous ? previous->hh.next == it : it == head);
	}
	cr_assert_eq(n, 500);
	/* Taking out in random order finds any link that points at a freed item. */
	while (n > 0) {
		int pick = (int)rng_below(&rng, 500);

		it = item_find(head, pick);
		if (!it)
			continue;
		HASH_DEL(head, it);
		free(it);
		n--;
	}
	cr_assert_null(head);
}
