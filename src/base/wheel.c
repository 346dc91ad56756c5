/* SPDX-License-Identifier: MIT */
/*
 * A level's slot spans 64 times the one below. A timer stands at the level of the
 * highest group of six bits in which its tick differs from the wheel's, so all timers
 * of a level are due before the next slot of the level above. When the wheel reaches
 * the first tick of a slot above level 0, the slot's timers move down. The top level
 * goes round: what is farther away than its 63 slots waits in the farthest and is
 * placed again from there.
 */
#include "base/wheel.h"

#include <stddef.h>

#define SLOT_BITS 6
#define TOP       (WHEEL_LEVELS - 1)
#define NEVER     UINT64_MAX

_Static_assert(WHEEL_SLOTS == 1 << SLOT_BITS, "a slot's number has SLOT_BITS bits");

static uint64_t tick_floor(int64_t ms)
{
	return ms > 0 ? (uint64_t)ms / WHEEL_TICK_MS : 0;
}

static uint64_t tick_ceil(int64_t ms)
{
	return ms > 0 ? tick_floor(ms) + (ms % WHEEL_TICK_MS != 0) : 0;
}

static void list_put(struct timer **link, struct timer *t)
{
	t->next = *link;
	t->link = link;
	if (t->next)
		t->next->link = &t->next;
	*link = t;
}

static void list_take(struct timer *t)
{
	*t->link = t->next;
	if (t->next)
		t->next->link = t->link;
	t->link = NULL;
}

/* The slot for a tick that is still to come. */
static struct timer **slot_for(struct wheel *w, uint64_t tick)
{
	uint64_t differ = tick ^ w->tick;
	unsigned int level = 0;

	while (level < TOP && differ >> (SLOT_BITS * (level + 1)))
		level++;
	uint64_t slot = tick >> (SLOT_BITS * level);
	if (level == TOP) {
		uint64_t here = w->tick >> (SLOT_BITS * TOP);

		if (slot - here >= WHEEL_SLOTS)
			slot = here + WHEEL_SLOTS - 1;
	}
	return &w->slot[level][slot % WHEEL_SLOTS];
}

void wheel_init(struct wheel *w, int64_t now_ms)
{
	*w = (struct wheel){.tick = tick_floor(now_ms)};
}

void wheel_set(struct wheel *w, struct timer *t, int64_t at_ms)
{
	wheel_cancel(w, t);
	t->tick = tick_ceil(at_ms);
	if (t->tick <= w->tick)
		list_put(&w->due, t);
	else
		list_put(slot_for(w, t->tick), t);
	w->n++;
}

void wheel_cancel(struct wheel *w, struct timer *t)
{
	if (!timer_is_set(t))
		return;
	list_take(t);
	w->n--;
}

/* The next tick whose slot, at whatever level, holds timers. */
static uint64_t next_tick(const struct wheel *w)
{
	for (unsigned int level = 0; level < WHEEL_LEVELS; level++) {
		unsigned int shift = SLOT_BITS * level;
		uint64_t here = w->tick >> shift;

		for (uint64_t slot = here + 1; slot < here + WHEEL_SLOTS; slot++) {
			if (w->slot[level][slot % WHEEL_SLOTS])
				return slot << shift;
		}
	}
	return NEVER;
}

/* Moves the timers of the slots that begin at w->tick: down a level, or to *tail.
 * Returns the new tail. */
static struct timer **open_slots(struct wheel *w, struct timer **tail)
{
	for (unsigned int level = WHEEL_LEVELS; level-- > 0;) {
		unsigned int shift = SLOT_BITS * level;
		struct timer **slot = &w->slot[level][(w->tick >> shift) % WHEEL_SLOTS];
		struct timer *t;

		if (w->tick & ((UINT64_C(1) << shift) - 1))
			continue;
		while ((t = *slot)) {
			list_take(t);
			if (t->tick > w->tick) {
				list_put(slot_for(w, t->tick), t);
				continue;
			}
			list_put(tail, t);
			tail = &t->next;
		}
	}
	return tail;
}

/*
 * First the wheel goes all the way to now and the timers due are lined up; then they
 * are fired. So fire() meets a wheel at rest, and what it sets for a time already past
 * waits for the next turn.
 */
uint64_t wheel_turn(struct wheel *w, int64_t now_ms)
{
	uint64_t until = tick_floor(now_ms);
	uint64_t fired = 0;
	struct timer **tail = &w->firing;
	struct timer *t;
	uint64_t next;

	while ((t = w->due)) {
		list_take(t);
		list_put(tail, t);
		tail = &t->next;
	}
	while ((next = next_tick(w)) <= until) {
		w->tick = next;
		tail = open_slots(w, tail);
	}
	if (w->tick < until)
		w->tick = until;

	while ((t = w->firing)) {
		wheel_cancel(w, t);
		fired++;
		t->fire(t, now_ms);
	}
	return fired;
}

int64_t wheel_wait_ms(const struct wheel *w, int64_t now_ms)
{
	if (w->n == 0)
		return -1;
	if (w->due)
		return 0;

	int64_t at_ms = (int64_t)(next_tick(w) * WHEEL_TICK_MS);
	return at_ms > now_ms ? at_ms - now_ms : 0;
}
