/* SPDX-License-Identifier: MIT */
#include "zone/grace.h"

#include <stdlib.h>
#include <time.h>

#include "held.h"
#include "test.h"

static void retire_one(struct grace *g)
{
	grace_retire(g, calloc(1, sizeof(struct retired)));
}

Test(grace, nothing_retired_needs_no_wait)
{
	struct grace g;
	struct held h;
	uint64_t epoch;

	grace_init(&g);
	held_start(&h);
	epoch = grace_flush(&g);
	cr_assert(grace_passed(&g, epoch));
	cr_assert_eq(grace_flush(&g), epoch);
	held_stop(&h);
	grace_free(&g);
}

Test(grace, passes_without_readers)
{
	struct grace g;

	grace_init(&g);
	for (int i = 0; i < 10; i++) {
		retire_one(&g);
		retire_one(&g);
		wait_for_epoch(&g, grace_flush(&g));
	}
	cr_assert_eq(g.epoch, 10);
	grace_free(&g);
}

/* Stands in for liburcu's function: what is flushed may be over, and freed, before the flush returns. */
void __real_urcu_qsbr_unregister_thread(void);
void __wrap_urcu_qsbr_unregister_thread(void);

static struct grace *slow;

void __wrap_urcu_qsbr_unregister_thread(void)
{
	__real_urcu_qsbr_unregister_thread();
	if (slow != NULL)
		wait_for_epoch(slow, slow->epoch);
}

Test(grace, a_flush_returns_its_epoch_even_if_that_has_passed)
{
	struct grace g;

	grace_init(&g);
	slow = &g;
	for (uint64_t i = 1; i <= 10; i++) {
		retire_one(&g);
		cr_assert_eq(grace_flush(&g), i);
	}
	slow = NULL;
	grace_free(&g);
}

/* 50 polls of liburcu's worker, 10 ms apart, would let it go if it ever did. */
Test(grace, waits_for_a_reader_that_holds)
{
	const struct timespec ms = {.tv_nsec = 1000000};
	struct grace g;
	struct held h;
	uint64_t first, second;

	grace_init(&g);
	held_start(&h);
	retire_one(&g);
	first = grace_flush(&g);
	for (int i = 0; i < 50; i++) {
		cr_assert_not(grace_passed(&g, first));
		nanosleep(&ms, NULL);
	}
	/* A later flush does not overtake it. */
	retire_one(&g);
	second = grace_flush(&g);
	cr_assert_gt(second, first);
	cr_assert_not(grace_passed(&g, second));
	held_do(&h, reader_offline);
	wait_for_epoch(&g, second);
	cr_assert(grace_passed(&g, first));
	held_do(&h, reader_online);
	held_stop(&h);
	grace_free(&g);
}

/* Once is not enough: the worker may not have begun to look when it was said. */
Test(grace, passes_when_the_reader_says_so)
{
	const struct timespec ms = {.tv_nsec = 1000000};
	struct grace g;
	struct held h;
	uint64_t epoch;

	grace_init(&g);
	held_start(&h);
	retire_one(&g);
	epoch = grace_flush(&g);
	cr_assert_not(grace_passed(&g, epoch));
	for (int i = 0; !grace_passed(&g, epoch); i++) {
		cr_assert_lt(i, 20000, "the grace period does not end");
		held_do(&h, reader_quiescent);
		nanosleep(&ms, NULL);
	}
	held_stop(&h);
	grace_free(&g);
}

Test(grace, passes_when_the_reader_ends)
{
	struct grace g;
	struct held h;
	uint64_t epoch;

	grace_init(&g);
	held_start(&h);
	retire_one(&g);
	epoch = grace_flush(&g);
	held_stop(&h);
	wait_for_epoch(&g, epoch);
	grace_free(&g);
}

/* LeakSanitizer would tell of what is not. */
Test(grace, frees_what_was_never_flushed)
{
	struct grace g;

	grace_init(&g);
	for (int i = 0; i < 100; i++)
		retire_one(&g);
	grace_free(&g);
	cr_assert_null(g.waiting);
}

Test(grace, two_do_not_mix)
{
	struct grace a, b;

	grace_init(&a);
	grace_init(&b);
	retire_one(&a);
	cr_assert_eq(grace_flush(&b), 0);
	cr_assert_eq(grace_flush(&a), 1);
	wait_for_epoch(&a, 1);
	cr_assert_not(grace_passed(&b, 1));
	grace_free(&a);
	grace_free(&b);
}
