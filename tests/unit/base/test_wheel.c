/* SPDX-License-Identifier: MIT */
#include "base/wheel.h"

#include <stdlib.h>

#include "base/mem.h"
#include "test.h"

#define N      200
#define DAY_MS INT64_C(86400000)

/* A timer beside what a list without any wheel knows of it. */
struct item {
	struct timer timer;
	bool set;
	int64_t at_ms;
	int64_t set_ms; /* the wheel's time when it was set */
	int fired;
	int64_t fired_ms;
};

static struct {
	struct item *order[4 * N];
	int n;
} fired;

static void note(struct timer *t, int64_t now_ms)
{
	struct item *it = CONTAINER_OF(t, struct item, timer);

	it->fired++;
	it->fired_ms = now_ms;
	fired.order[fired.n++ % (4 * N)] = it;
}

/* xorshift64*: the same on every machine. */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

/* A time of any magnitude up to 2^bits ms. */
static int64_t random_ms(uint64_t *state, unsigned int bits)
{
	unsigned int shift = 64 - (unsigned int)(random_next(state) % bits) - 1;

	return (int64_t)(random_next(state) >> shift);
}

static int64_t grain(int64_t ms)
{
	return (ms + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS * WHEEL_TICK_MS;
}

static bool is_due(const struct item *it, int64_t now_ms)
{
	return it->set && grain(it->at_ms) <= now_ms;
}

/* When it stands in line: what was set late counts from when it was set. */
static int64_t place_ms(const struct item *it)
{
	int64_t set_ms = it->set_ms / WHEEL_TICK_MS * WHEEL_TICK_MS;

	return grain(it->at_ms) > set_ms ? grain(it->at_ms) : set_ms;
}

static void check_wait(const struct wheel *w, const struct item *items, int64_t now_ms)
{
	int64_t wait_ms = wheel_wait_ms(w, now_ms);
	int64_t earliest_ms = INT64_MAX;
	uint64_t n = 0;

	for (int i = 0; i < N; i++) {
		if (!items[i].set)
			continue;
		n++;
		if (grain(items[i].at_ms) < earliest_ms)
			earliest_ms = grain(items[i].at_ms);
	}
	cr_assert_eq(w->n, n);
	if (n == 0)
		cr_assert_eq(wait_ms, -1);
	else if (earliest_ms <= now_ms)
		cr_assert_eq(wait_ms, 0);
	else
		cr_assert(wait_ms >= 0 && wait_ms <= earliest_ms - now_ms);
}

static void turn_and_check(struct wheel *w, struct item *items, int64_t now_ms)
{
	int due = 0;

	fired.n = 0;
	uint64_t n = wheel_turn(w, now_ms);
	cr_assert_eq(n, (uint64_t)fired.n);
	for (int i = 0; i < N; i++) {
		struct item *it = &items[i];
		bool was_due = is_due(it, now_ms);

		cr_assert_eq(it->fired, was_due,
			"set for %lld at %lld, fired %d times at %lld",
			(long long)it->at_ms, (long long)it->set_ms, it->fired,
			(long long)now_ms);
		cr_assert_eq(timer_is_set(&it->timer), it->set && !was_due);
		due += was_due;
		it->fired = 0;
		it->set = it->set && !was_due;
	}
	cr_assert_eq(due, fired.n);
	for (int i = 1; i < fired.n; i++)
		cr_assert_leq(place_ms(fired.order[i - 1]), place_ms(fired.order[i]));
}

/* steps times: set, cancel or let time pass at random, up to 2^bits ms ahead. */
static void compare_with_model(uint64_t seed, int64_t start_ms, unsigned int bits,
	int steps)
{
	struct item *items = xcalloc(N, sizeof(*items));
	struct wheel w;
	uint64_t state = seed;
	int64_t now_ms = start_ms;

	for (int i = 0; i < N; i++)
		items[i].timer.fire = note;
	wheel_init(&w, now_ms);
	while (steps-- > 0) {
		struct item *it = &items[random_next(&state) % N];
		unsigned int dice = (unsigned int)(random_next(&state) % 10);

		if (dice < 6) {
			it->at_ms = now_ms + random_ms(&state, bits);
			if (dice == 0)
				it->at_ms = now_ms - random_ms(&state, 10);
			it->set_ms = now_ms;
			it->set = true;
			wheel_set(&w, &it->timer, it->at_ms);
		} else if (dice < 8) {
			it->set = false;
			wheel_cancel(&w, &it->timer);
		} else {
			check_wait(&w, items, now_ms);
			now_ms += random_ms(&state, dice == 8 ? 12 : bits);
			turn_and_check(&w, items, now_ms);
		}
	}
	check_wait(&w, items, now_ms);
	free(items);
}

Test(wheel, agrees_with_a_naive_list)
{
	/* 2^35 ms: more than a year. 2^39 ms is where the top level comes round. */
	static const int64_t starts[] = {1000, 1001, 4095, DAY_MS * 1000,
		(INT64_C(1) << 39) - 3000, (INT64_C(1) << 42) - 1};

	for (size_t i = 0; i < CMAP_COUNT(starts); i++) {
		compare_with_model(1 + i, starts[i], 10, 4000);
		compare_with_model(100 + i, starts[i], 20, 4000);
		compare_with_model(200 + i, starts[i], 35, 4000);
	}
}

Test(wheel, goes_round_at_the_top)
{
	/* Up to 2^41 ms (70 years) ahead, four times the top level. */
	for (uint64_t seed = 1; seed <= 5; seed++)
		compare_with_model(seed, 123456789, 41, 4000);
}

Test(wheel, fires_never_early_and_at_most_a_tick_late)
{
	struct item items[600] = {0};
	struct wheel w;

	wheel_init(&w, 3);
	for (int i = 0; i < 600; i++) {
		items[i].timer.fire = note;
		items[i].at_ms = 4 + i * 7;
		wheel_set(&w, &items[i].timer, items[i].at_ms);
	}
	for (int64_t now_ms = 4; now_ms < 5000; now_ms++)
		wheel_turn(&w, now_ms);
	for (int i = 0; i < 600; i++) {
		int64_t late_ms = items[i].fired_ms - items[i].at_ms;

		cr_assert_eq(items[i].fired, 1);
		cr_assert(late_ms >= 0 && late_ms < WHEEL_TICK_MS, "%lld late",
			(long long)late_ms);
	}
}

Test(wheel, one_who_waits_as_told_fires_on_time_after_few_wakes)
{
	static const int64_t ahead_ms[] = {1, 8, 511, 512, 513, 30000, 3600000, DAY_MS,
		365 * DAY_MS, 6400 * DAY_MS, 36500 * DAY_MS};

	for (size_t i = 0; i < CMAP_COUNT(ahead_ms); i++) {
		struct item it = {.timer.fire = note};
		int64_t start_ms = 777777, now_ms = start_ms, wait_ms;
		struct wheel w;
		int wakes = 0;

		wheel_init(&w, now_ms);
		wheel_set(&w, &it.timer, now_ms + ahead_ms[i]);
		while ((wait_ms = wheel_wait_ms(&w, now_ms)) >= 0) {
			now_ms += wait_ms;
			wheel_turn(&w, now_ms);
			wakes++;
		}
		cr_assert_eq(it.fired, 1);
		cr_assert_eq(now_ms, grain(start_ms + ahead_ms[i]));
		/* One for each level, and one more for each turn of the top level (17 years). */
		cr_assert_leq(wakes,
			WHEEL_LEVELS + (int)(ahead_ms[i] / (6000 * DAY_MS)),
			"%d wakes for %lld ms", wakes, (long long)ahead_ms[i]);
	}
}

Test(wheel, setting_again_moves_the_timer)
{
	struct item it = {.timer.fire = note};
	struct wheel w;

	wheel_init(&w, 0);
	wheel_set(&w, &it.timer, 80);
	wheel_set(&w, &it.timer, 800);
	cr_assert_eq(w.n, 1);
	cr_assert_eq(wheel_turn(&w, 799), 0);
	wheel_set(&w, &it.timer, 808);
	cr_assert_eq(wheel_turn(&w, 807), 0);
	cr_assert_eq(wheel_turn(&w, 808), 1);
	cr_assert_eq(w.n, 0);
}

Test(wheel, cancelling_what_is_not_set_does_nothing)
{
	struct item it = {.timer.fire = note};
	struct wheel w;

	wheel_init(&w, 0);
	wheel_cancel(&w, &it.timer);
	wheel_set(&w, &it.timer, 8);
	wheel_cancel(&w, &it.timer);
	wheel_cancel(&w, &it.timer);
	cr_assert_eq(w.n, 0);
	cr_assert_eq(wheel_turn(&w, 1000), 0);
	cr_assert_eq(wheel_wait_ms(&w, 1000), -1);
}

Test(wheel, times_before_zero_are_past)
{
	struct item it = {.timer.fire = note};
	struct wheel w;

	wheel_init(&w, 0);
	wheel_set(&w, &it.timer, INT64_MIN);
	cr_assert_eq(wheel_wait_ms(&w, 0), 0);
	cr_assert_eq(wheel_turn(&w, 0), 1);
	wheel_set(&w, &it.timer, INT64_MAX);
	cr_assert_eq(wheel_turn(&w, INT64_C(1) << 50), 0);
	cr_assert_eq(w.n, 1);
}

/* ---- what fire() may do -------------------------------------------------------------------- */

struct actor {
	struct timer timer;
	struct wheel *w;
	struct actor *other;
	int64_t again_ms;
	int fired;
};

static struct actor *actor_of(struct timer *t)
{
	return CONTAINER_OF(t, struct actor, timer);
}

static void fire_again(struct timer *t, int64_t now_ms)
{
	struct actor *a = actor_of(t);

	cr_assert_not(timer_is_set(t));
	a->fired++;
	wheel_set(a->w, t, now_ms + a->again_ms);
}

Test(wheel, fire_may_set_itself_again)
{
	struct wheel w;
	struct actor a = {.timer.fire = fire_again, .w = &w, .again_ms = 1000};

	wheel_init(&w, 0);
	wheel_set(&w, &a.timer, 1000);
	for (int64_t now_ms = 0; now_ms <= 10000; now_ms += WHEEL_TICK_MS)
		wheel_turn(&w, now_ms);
	cr_assert_eq(a.fired, 10);
}

Test(wheel, what_fire_sets_for_the_past_waits_for_the_next_turn)
{
	static const int64_t again_ms[] = {0, -1, -8, -9000, -100000};

	for (size_t i = 0; i < CMAP_COUNT(again_ms); i++) {
		struct wheel w;
		struct actor a = {
			.timer.fire = fire_again, .w = &w, .again_ms = again_ms[i]};

		wheel_init(&w, 0);
		wheel_set(&w, &a.timer, 80);
		for (int turn = 1; turn <= 5; turn++) {
			cr_assert_eq(wheel_turn(&w, 16000), 1);
			cr_assert_eq(a.fired, turn);
			cr_assert_eq(wheel_wait_ms(&w, 16000), 0);
		}
	}
}

static void fire_cancels_other(struct timer *t, int64_t now_ms)
{
	struct actor *a = actor_of(t);

	(void)now_ms;
	a->fired++;
	wheel_cancel(a->w, &a->other->timer);
}

Test(wheel, fire_may_cancel_another_of_the_same_turn)
{
	/* In the same tick, whichever comes first; and in a later tick. */
	for (int64_t later_ms = 0; later_ms <= 4096; later_ms += 4096) {
		struct wheel w;
		struct actor a = {.timer.fire = fire_cancels_other, .w = &w};
		struct actor b = {
			.timer.fire = fire_cancels_other, .w = &w, .other = &a};

		a.other = &b;
		wheel_init(&w, 0);
		wheel_set(&w, &a.timer, 80);
		wheel_set(&w, &b.timer, 80 + later_ms);
		cr_assert_eq(wheel_turn(&w, 10000), 1);
		cr_assert_eq(a.fired + b.fired, 1);
		if (later_ms)
			cr_assert_eq(a.fired, 1);
		cr_assert_eq(w.n, 0);
	}
}

static void fire_moves_other(struct timer *t, int64_t now_ms)
{
	struct actor *a = actor_of(t);

	a->fired++;
	if (a->other)
		wheel_set(a->w, &a->other->timer, now_ms + a->again_ms);
}

Test(wheel, fire_may_move_another_of_the_same_turn)
{
	struct wheel w;
	struct actor b = {.timer.fire = fire_moves_other, .w = &w};
	struct actor a = {
		.timer.fire = fire_moves_other, .w = &w, .other = &b, .again_ms = 500};

	wheel_init(&w, 0);
	wheel_set(&w, &a.timer, 80);
	wheel_set(&w, &b.timer, 160);
	cr_assert_eq(wheel_turn(&w, 8000), 1);
	cr_assert_eq(b.fired, 0);
	cr_assert_eq(wheel_turn(&w, 8496), 0);
	cr_assert_eq(wheel_turn(&w, 8504), 1);
	cr_assert_eq(b.fired, 1);
}

static void fire_frees_both(struct timer *t, int64_t now_ms)
{
	struct actor *a = actor_of(t);

	(void)now_ms;
	if (a->other) {
		wheel_cancel(a->w, &a->other->timer);
		free(a->other);
	}
	free(a);
}

Test(wheel, fire_may_free_its_owner_and_others)
{
	struct wheel w;

	wheel_init(&w, 0);
	for (int i = 0; i < 50; i++) {
		struct actor *a = xcalloc(1, sizeof(*a));
		struct actor *b = xcalloc(1, sizeof(*b));

		a->timer.fire = b->timer.fire = fire_frees_both;
		a->w = b->w = &w;
		a->other = b;
		wheel_set(&w, &a->timer, 80 + i);
		wheel_set(&w, &b->timer, 200 + i * 100);
	}
	cr_assert_eq(wheel_turn(&w, 100000), 50);
	cr_assert_eq(w.n, 0);
}
