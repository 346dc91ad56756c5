/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <time.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec ts = {0};

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t system_mono_ms(const struct clock *c)
{
	(void)c;
	return read_ms(CLOCK_BOOTTIME);
}

static int64_t system_wall_ms(const struct clock *c)
{
	(void)c;
	return read_ms(CLOCK_REALTIME);
}

const struct clock clock_system = {system_mono_ms, system_wall_ms};

/* clock is the first member of struct clock_fake. */
static int64_t fake_mono_ms(const struct clock *c)
{
	return ((const struct clock_fake *)(const void *)c)->now_mono_ms;
}

static int64_t fake_wall_ms(const struct clock *c)
{
	return ((const struct clock_fake *)(const void *)c)->now_wall_ms;
}

void clock_fake_init(struct clock_fake *f, int64_t mono_ms, int64_t wall_ms)
{
	f->clock = (struct clock){fake_mono_ms, fake_wall_ms};
	f->now_mono_ms = mono_ms;
	f->now_wall_ms = wall_ms;
}

void clock_fake_pass(struct clock_fake *f, int64_t ms)
{
	f->now_mono_ms += ms;
	f->now_wall_ms += ms;
}
