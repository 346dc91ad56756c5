/* SPDX-License-Identifier: MIT */
#include "zone/schedule.h"

#include <stdlib.h>

#include "base/mem.h"
#include "rng.h"
#include "test.h"

Test(schedule, equal_weights_need_none)
{
	uint8_t weights[] = {7, 7, 7};
	uint32_t turns[3];

	cr_assert_eq(schedule_reduce(weights, 3, turns), 0);
	cr_assert_eq(schedule_reduce(weights, 1, turns), 0);
	weights[2] = 8;
	cr_assert_eq(schedule_reduce(weights, 3, turns), 22);
}

Test(schedule, weights_are_reduced_to_smallest_terms)
{
	uint8_t weights[] = {250, 100, 50};
	uint32_t turns[3];

	cr_assert_eq(schedule_reduce(weights, 3, turns), 8);
	cr_assert_eq(turns[0], 5);
	cr_assert_eq(turns[1], 2);
	cr_assert_eq(turns[2], 1);
}

/* At any time of a turn no record is far ahead of its share, or behind it. */
Test(schedule, places_are_spread_evenly)
{
	struct rng rng = {.state = 5};

	for (int round = 0; round < 50; round++) {
		uint32_t n = 2 + rng_below(&rng, 12), turns[14], come[14] = {0};
		uint8_t weights[14];
		uint32_t sum, *out;

		for (uint32_t i = 0; i < n; i++)
			weights[i] = (uint8_t)(1 + rng_below(&rng, 255));
		sum = schedule_reduce(weights, n, turns);
		if (sum == 0)
			continue;
		out = xreallocarray(NULL, sum, sizeof(*out));
		schedule_fill(turns, n, out);
		for (uint32_t i = 0; i < sum; i++) {
			double share = (double)(i + 1) * turns[out[i]] / sum;

			come[out[i]]++;
			cr_assert_lt(come[out[i]] - share, n);
			cr_assert_lt(share - come[out[i]], n);
		}
		for (uint32_t i = 0; i < n; i++)
			cr_assert_eq(come[i], turns[i]);
		free(out);
	}
}

Test(schedule, a_turn_is_bounded_and_forgets_nobody)
{
	enum { N = 10000 };
	uint8_t *weights = xcalloc(N, 1);
	uint32_t *turns = xcalloc(N, sizeof(*turns)), sum;

	for (int i = 0; i < N; i++)
		weights[i] = i == 0 ? 255 : i % 2 == 0 ? 2 : 1;
	sum = schedule_reduce(weights, N, turns);
	cr_assert_leq(sum, SCHEDULE_MAX + N);
	for (int i = 0; i < N; i++)
		cr_assert_gt(turns[i], 0);
	cr_assert_gt(turns[0], 200);
	free(weights);
	free(turns);
}
