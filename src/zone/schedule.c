/* SPDX-License-Identifier: MIT */
#include "zone/schedule.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
	while (b != 0) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

uint32_t schedule_reduce(const uint8_t *weights, uint32_t n, uint32_t *turns)
{
	uint32_t divisor = 0, sum = 0;
	uint64_t total = 0;
	bool equal = true;

	for (uint32_t i = 0; i < n; i++) {
		divisor = common_divisor(divisor, weights[i]);
		equal = equal && weights[i] == weights[0];
		total += weights[i];
	}
	if (equal)
		return 0;
	total /= divisor;
	for (uint32_t i = 0; i < n; i++) {
		turns[i] = weights[i] / divisor;
		if (total > SCHEDULE_MAX)
			turns[i] =
				(uint32_t)((turns[i] * (uint64_t)SCHEDULE_MAX) / total);
		if (turns[i] == 0)
			turns[i] = 1;
		sum += turns[i];
	}
	return sum;
}

/* The k-th of a record's w places lies at (2k + 1) / 2w of the turn. */
struct place {
	uint32_t k, w, record;
};

static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	uint64_t left = (2 * (uint64_t)x->k + 1) * y->w;
	uint64_t right = (2 * (uint64_t)y->k + 1) * x->w;

	if (left != right)
		return left < right ? -1 : 1;
	return x->record < y->record ? -1 : 1;
}

void schedule_fill(const uint32_t *turns, uint32_t n, uint32_t *out)
{
	struct place *places;
	uint32_t sum = 0, at = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += turns[i];
	places = xreallocarray(NULL, sum, sizeof(*places));
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < turns[i]; k++)
			places[at++] =
				(struct place){.k = k, .w = turns[i], .record = i};
	qsort(places, sum, sizeof(*places), compare);
	for (uint32_t i = 0; i < sum; i++)
		out[i] = places[i].record;
	free(places);
}
