/* SPDX-License-Identifier: MIT */
#include "base/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "test.h"

enum { MANY = 20000, STEPS = 200000, THREADS = 4 };

struct piece {
	uint8_t *p;
	size_t size;
	uint8_t fill;
};

static uint32_t random_below(uint64_t *state, uint32_t n)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((*state >> 33) % n);
}

static bool is_filled(const struct piece *x, uint8_t with)
{
	for (size_t i = 0; i < x->size; i++)
		if (x->p[i] != with)
			return false;
	return true;
}

static void get(struct piece *x, uint64_t *state)
{
	x->size = 1 + random_below(state, random_below(state, 50) == 0 ? 3000 : 300);
	x->fill = (uint8_t)random_below(state, 256);
	x->p = pool_alloc(x->size);
	cr_assert_eq((uintptr_t)x->p % POOL_GRAIN, 0);
	cr_assert(is_filled(x, 0), "zeroed");
	memset(x->p, x->fill, x->size);
}

static void put(struct piece *x)
{
	cr_assert(is_filled(x, x->fill), "nobody else has written there");
	pool_free(x->p, x->size);
	x->p = NULL;
}

/* Takes and frees at random, in long runs of more of the one, then of the other; at the end frees all. */
static void *churn(void *arg)
{
	struct piece *x = xcalloc(MANY, sizeof(*x));
	uint64_t state = (uintptr_t)arg;

	for (int step = 0; step < STEPS / THREADS; step++) {
		struct piece *at = &x[random_below(&state, MANY / THREADS)];
		bool takes = random_below(&state, 10) < (step / 10000 % 2 ? 2 : 8);

		if (takes && at->p == NULL)
			get(at, &state);
		else if (!takes && at->p != NULL)
			put(at);
	}
	for (int i = 0; i < MANY; i++)
		if (x[i].p != NULL)
			put(&x[i]);
	free(x);
	return NULL;
}

Test(pool, gives_each_its_own_and_all_back)
{
	size_t before = pool_used();

	for (uintptr_t seed = 1; seed <= THREADS; seed++)
		churn((void *)seed);
	cr_assert_eq(pool_used(), before);
}

Test(pool, serves_threads_at_once)
{
	size_t before = pool_used();
	pthread_t thread[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		cr_assert_eq(pthread_create(&thread[i], NULL, churn, (void *)(i + 7)),
			0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	cr_assert_eq(pool_used(), before);
}

Test(pool, takes_little_more_than_asked_for)
{
	static void *p[MANY];
	size_t before = pool_used();

	for (int i = 0; i < MANY; i++)
		p[i] = pool_alloc(144);
	cr_assert_leq(pool_used() - before, MANY * 144 * 101 / 100 + 65536);
	for (int i = 0; i < MANY; i++)
		pool_free(p[i], 144);
	cr_assert_eq(pool_used(), before);
}

Test(pool, frees_null_and_what_is_large)
{
	char *p = pool_alloc(POOL_BLOCK_MAX + 1);

	cr_assert_eq(p[POOL_BLOCK_MAX], 0);
	pool_free(p, POOL_BLOCK_MAX + 1);
	pool_free(NULL, 16);
	pool_free(NULL, POOL_BLOCK_MAX + 1);
	pool_free(pool_alloc(0), 0);
}
