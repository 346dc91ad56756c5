/* SPDX-License-Identifier: MIT */
/*
 * clock.h -- the two clocks of the program, in milliseconds, replaceable by a fake one.
 *
 * mono_ms: CLOCK_BOOTTIME: leases and timers. It never steps and goes on during suspend.
 * wall_ms: CLOCK_REALTIME, since 1970: dates shown to users. It may step; nothing is timed by it.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/compiler.h"

struct clock {
	int64_t (*mono_ms)(const struct clock *c);
	int64_t (*wall_ms)(const struct clock *c);
};

extern const struct clock clock_system;

static inline int64_t clock_mono_ms(const struct clock *c)
{
	return c->mono_ms(c);
}

static inline int64_t clock_wall_ms(const struct clock *c)
{
	return c->wall_ms(c);
}

/* A clock that stands still until a test moves it. */
struct clock_fake {
	struct clock clock;
	int64_t now_mono_ms;
	int64_t now_wall_ms;
};

void clock_fake_init(struct clock_fake *f, int64_t mono_ms,
	int64_t wall_ms) CMAP_NONNULL;
void clock_fake_pass(struct clock_fake *f, int64_t ms) CMAP_NONNULL;

#endif
