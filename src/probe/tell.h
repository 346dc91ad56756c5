/* SPDX-License-Identifier: MIT */
/*
 * tell.h -- how it goes with the targets of aliases: counted, and logged where it changes.
 *
 * Many targets have one upstream, and fail as one: of more than TELL_LINES changes in TELL_MS the log has a summary.
 *
 * Thread: the control thread.
 */
#ifndef PROBE_TELL_H
#define PROBE_TELL_H

#include "base/loop.h"

enum { TELL_LINES = 10, TELL_MS = 10000 };

enum target_state {
	TARGET_NEW,   /* not known yet */
	TARGET_GOOD,  /* the last answer is good */
	TARGET_STALE, /* no answer comes; the last one stays */
	TARGET_LOST,  /* nor is the last one, if there was one, good any more */
	TARGET_STATES
};

struct tell {
	struct loop *loop;
	struct timer timer; /* runs while lines are counted */
	uint32_t n_lines, n_left_out;
	uint32_t n[TARGET_STATES]; /* targets in each state */
};

void tell_init(struct tell *t, struct loop *loop) CMAP_NONNULL;
void tell_end(struct tell *t) CMAP_NONNULL;
/* The target of that name comes, or goes, in that state. */
void tell_comes(struct tell *t, enum target_state state) CMAP_NONNULL;
void tell_goes(struct tell *t, enum target_state state) CMAP_NONNULL;
/* It changes from one state to another, or not. why: for STALE and LOST. */
void tell_change(struct tell *t, const char *name, enum target_state from,
	enum target_state to, const char *why) __attribute__((nonnull(1, 2)));

#endif
