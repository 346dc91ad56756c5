/* SPDX-License-Identifier: MIT */
/* What the log says of targets that change. */
#include "probe/tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "capture.h"
#include "test.h"

struct bench {
	struct clock_fake clock;
	struct loop loop;
	struct tell tell;
};

static void bench_open(struct bench *b)
{
	clock_fake_init(&b->clock, 1000000, 0);
	cr_assert_eq(loop_init(&b->loop, &b->clock.clock), 0);
	tell_init(&b->tell, &b->loop);
	log_open("cmapd", LOG_LEVEL_INFO);
	capture_begin();
}

/* The log must be that. */
static void bench_close(struct bench *b, const char *expected)
{
	char *text = capture_end();

	cr_assert_str_eq(text, expected, "%s", text);
	free(text);
	tell_end(&b->tell);
	loop_free(&b->loop);
}

Test(tell, a_change_has_a_line_and_nothing_else_has)
{
	struct bench b;

	bench_open(&b);
	tell_comes(&b.tell, TARGET_NEW);
	tell_change(&b.tell, "a", TARGET_NEW, TARGET_GOOD, NULL);
	tell_change(&b.tell, "a", TARGET_GOOD, TARGET_STALE, "one");
	tell_change(&b.tell, "a", TARGET_STALE, TARGET_STALE, "two");
	tell_change(&b.tell, "a", TARGET_STALE, TARGET_LOST, "three");
	tell_change(&b.tell, "a", TARGET_LOST, TARGET_GOOD, NULL);
	tell_goes(&b.tell, TARGET_GOOD);
	cr_assert_eq(b.tell.n[TARGET_GOOD], 0);
	bench_close(&b,
		"cmapd: warning: alias: 'a' cannot be resolved, its last addresses "
		"stay: one\n"
		"cmapd: warning: alias: 'a' cannot be resolved, its name fails: three\n"
		"cmapd: info: alias: 'a' is resolved again\n");
}

Test(tell, many_changes_at_once_have_a_summary)
{
	struct bench b;
	char expected[2048] = "";

	bench_open(&b);
	for (int i = 0; i < 1000; i++) {
		tell_comes(&b.tell, TARGET_GOOD);
		tell_change(&b.tell, "a", TARGET_GOOD, TARGET_STALE, "x");
	}
	tell_change(&b.tell, "a", TARGET_STALE, TARGET_LOST, "x");
	for (int i = 0; i < TELL_LINES; i++)
		strcat(expected, "cmapd: warning: alias: 'a' cannot be resolved, its "
				 "last addresses stay: x\n");
	clock_fake_pass(&b.clock, TELL_MS + 20);
	loop_once(&b.loop, 0);
	strcat(expected, "cmapd: warning: alias: 991 more changes of targets; now 999 "
			 "give their last addresses, 1 cannot be resolved, of 1000\n");
	/* Then lines are written again. */
	tell_change(&b.tell, "b", TARGET_LOST, TARGET_GOOD, NULL);
	strcat(expected, "cmapd: info: alias: 'b' is resolved again\n");
	bench_close(&b, expected);
}
