/* SPDX-License-Identifier: MIT */
#include "story.h"

#include "run.h"

static void play(const struct story *s)
{
	struct fake f;
	struct run r;
	size_t n = 0;

	while (n < CALLS_MAX && s->calls[n].target != NULL)
		n++;
	fake_start(&f, s->calls, n);
	run_line(&r, f.path, s->line);
	cr_expect_str_eq(r.out, s->out, "'%s' printed: %s", s->line, r.out);
	cr_expect_str_eq(r.err, s->err, "'%s' said: %s", s->line, r.err);
	cr_expect_eq(r.status, s->status, "'%s' ended with %d", s->line, r.status);
	run_free(&r);
	fake_stop(&f);
}

void story_play_all(const struct story *stories, size_t n)
{
	for (size_t i = 0; i < n; i++)
		play(&stories[i]);
}
