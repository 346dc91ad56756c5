/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <time.h>

#include "test.h"

static int64_t kernel_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

Test(clock, mono_is_the_kernels_boottime)
{
	int64_t before = kernel_ms(CLOCK_BOOTTIME);
	int64_t now = clock_mono_ms(&clock_system);

	cr_assert(before <= now && now <= kernel_ms(CLOCK_BOOTTIME));
}

Test(clock, wall_is_the_kernels_realtime)
{
	int64_t before = kernel_ms(CLOCK_REALTIME);
	int64_t now = clock_wall_ms(&clock_system);

	cr_assert(before <= now && now <= kernel_ms(CLOCK_REALTIME));
}

Test(clock, a_fake_one_moves_only_when_told)
{
	struct clock_fake f;

	clock_fake_init(&f, 5, 1700000000000);
	cr_assert_eq(clock_mono_ms(&f.clock), 5);
	cr_assert_eq(clock_wall_ms(&f.clock), 1700000000000);
	clock_fake_pass(&f, 250);
	cr_assert_eq(clock_mono_ms(&f.clock), 255);
	cr_assert_eq(clock_wall_ms(&f.clock), 1700000000250);
}
