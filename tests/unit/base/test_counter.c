/* SPDX-License-Identifier: MIT */
#include "base/counter.h"

#include "test.h"

Test(counter, blocks_are_summed)
{
	struct counters a = {0}, b = {0};
	uint64_t sum[COUNTER_N] = {0};

	for (int i = 0; i < COUNTER_N; i++) {
		counter_add(&a, (enum counter)i, 1);
		counter_add(&a, (enum counter)i, (uint64_t)i);
		counter_add(&b, (enum counter)i, UINT64_C(1) << 40);
	}
	counters_sum(&a, sum);
	counters_sum(&b, sum);
	for (int i = 0; i < COUNTER_N; i++)
		cr_assert_eq(sum[i], (UINT64_C(1) << 40) + 1 + (uint64_t)i);
}

Test(counter, blocks_share_no_cache_line)
{
	struct counters c[2];

	cr_assert_eq((uintptr_t)&c[0] % 64, 0);
	cr_assert_eq(sizeof(c[0]) % 64, 0);
}

Test(counter, every_one_has_a_name_of_its_own)
{
	for (int i = 0; i < COUNTER_N; i++) {
		const char *name = counter_name((enum counter)i);

		cr_assert_not_null(name, "counter %d", i);
		cr_assert(name[0] >= 'A' && name[0] <= 'Z', "%s", name);
		for (int j = 0; j < i; j++)
			cr_assert_str_neq(name, counter_name((enum counter)j));
	}
	cr_assert_str_eq(counter_name(COUNTER_UDP_QUERIES), "UdpQueries");
	cr_assert_str_eq(counter_name(COUNTER_N), "Unknown");
}
