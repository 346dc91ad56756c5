/* SPDX-License-Identifier: MIT */
#include "server/limit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "test.h"

static struct client v4(uint32_t address)
{
	struct client c = {.len = 4};

	for (int i = 0; i < 4; i++)
		c.octets[i] = (uint8_t)(address >> (24 - 8 * i));
	return c;
}

/* Replies allowed of n asked for at one moment. */
static int allowed(struct limit *l, const struct client *c, enum limit_kind kind,
	uint32_t rate, int64_t now_ms, int n)
{
	int got = 0;

	for (int i = 0; i < n; i++)
		got += limit_allows(l, c, kind, rate, now_ms);
	return got;
}

static struct limit *new_limit(void)
{
	struct limit *l = xcalloc(1, sizeof(*l));

	limit_init(l);
	return l;
}

Test(limit, gives_the_rate_in_each_second)
{
	static const uint32_t rates[] = {1, 2, 10, 200, LIMIT_RATE_MAX};

	for (size_t i = 0; i < CMAP_COUNT(rates); i++) {
		struct limit *l = new_limit();
		struct client c = v4(0x0A000001);
		int rate = (int)rates[i], got = 0;

		cr_assert_eq(allowed(l, &c, LIMIT_DATA, rates[i], 0, rate + 50), rate);
		for (int64_t ms = 10; ms <= 10000; ms += 10)
			got += allowed(l, &c, LIMIT_DATA, rates[i], ms, rate / 50 + 2);
		cr_assert(got >= rate * 10 * 97 / 100 - 1 && got <= rate * 10,
			"%d a second gave %d in ten", rate, got);
		free(l);
	}
}

Test(limit, counts_prefixes_and_kinds_apart)
{
	struct limit *l = new_limit();
	struct client a = v4(0x0A000001), same = v4(0x0A0000FE), other = v4(0x0A000101);
	struct client six = {.len = 16, .octets = {0x20, 1, 0x0d, 0xb8, 0, 0, 1, 1}};
	struct client six_same = six, six_other = six;

	six_same.octets[7] = 0xFF;
	six_other.octets[6] = 0xFF;
	cr_assert_eq(allowed(l, &a, LIMIT_DATA, 5, 0, 10), 5);
	cr_assert_eq(allowed(l, &same, LIMIT_DATA, 5, 0, 10), 0);
	cr_assert_eq(allowed(l, &other, LIMIT_DATA, 5, 0, 10), 5);
	cr_assert_eq(allowed(l, &a, LIMIT_NEGATIVE, 5, 0, 10), 5);
	cr_assert_eq(allowed(l, &a, LIMIT_ERROR, 5, 0, 10), 5);
	cr_assert_eq(allowed(l, &six, LIMIT_DATA, 5, 0, 10), 5);
	cr_assert_eq(allowed(l, &six_same, LIMIT_DATA, 5, 0, 10), 0);
	cr_assert_eq(allowed(l, &six_other, LIMIT_DATA, 5, 0, 10), 5);
	free(l);
}

Test(limit, never_saves_more_than_a_second)
{
	struct limit *l = new_limit();
	struct client c = v4(0x0A000001);

	cr_assert_eq(allowed(l, &c, LIMIT_DATA, 100, 0, 200), 100);
	cr_assert_eq(allowed(l, &c, LIMIT_DATA, 100, 3600000, 500), 100);
	/* A lower rate holds from the next reply on. */
	cr_assert_eq(allowed(l, &c, LIMIT_DATA, 100, 7200000, 50), 50);
	cr_assert_eq(allowed(l, &c, LIMIT_DATA, 10, 7200000, 50), 10);
	free(l);
}
