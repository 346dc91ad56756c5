/* SPDX-License-Identifier: MIT */
/*
 * wheel.h -- hierarchical timer wheel: set, move and cancel a timer in constant time.
 *
 * Units:  milliseconds of clock_mono_ms(). The grain is WHEEL_TICK_MS: a timer never fires
 *         before its time and at most one tick after it, as long as the wheel is turned.
 * Owner:  timers are embedded in their owners and must be cancelled before these are freed.
 *         A fired timer is no longer set; fire() may set it again, set or cancel any other timer,
 *         and free its own owner. It must not turn the wheel.
 * Thread: one.
 */
#ifndef BASE_WHEEL_H
#define BASE_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

#define WHEEL_TICK_MS 8
#define WHEEL_LEVELS  6
#define WHEEL_SLOTS   64

struct timer {
	struct timer *next;
	struct timer **link; /* what points at this timer; NULL while not set */
	uint64_t tick;       /* when it is due */
	void (*fire)(struct timer *t, int64_t now_ms);
};

struct wheel {
	uint64_t tick;        /* all up to it has been fired, but what stands in due */
	uint64_t n;           /* timers set */
	struct timer *due;    /* set for a time already past: for the next turn */
	struct timer *firing; /* what the turn at hand has still to fire */
	struct timer *slot[WHEEL_LEVELS][WHEEL_SLOTS];
};

void wheel_init(struct wheel *w, int64_t now_ms) CMAP_NONNULL;
/*
 * Sets t to at_ms, whether it was set or not; one never set is zeroed but for fire. A time already
 * past fires at the next turn, which is never the one at hand.
 */
void wheel_set(struct wheel *w, struct timer *t, int64_t at_ms) CMAP_NONNULL;
/* Cancels t; nothing happens if it is not set. */
void wheel_cancel(struct wheel *w, struct timer *t) CMAP_NONNULL;
/* Fires all that is due at now_ms, earlier ticks first. Returns how many. */
uint64_t wheel_turn(struct wheel *w, int64_t now_ms) CMAP_NONNULL;
/*
 * Milliseconds until wheel_turn() has something to do (firing or moving timers between levels);
 * 0 if it has now, -1 if no timer is set. It may be early, never late.
 */
int64_t wheel_wait_ms(const struct wheel *w, int64_t now_ms) CMAP_NONNULL;

static inline bool timer_is_set(const struct timer *t)
{
	return t->link != 0;
}

#endif
