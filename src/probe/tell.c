/* SPDX-License-Identifier: MIT */
#include "probe/tell.h"

#include "base/log.h"

static void window_over(struct timer *timer, int64_t now_ms)
{
	struct tell *t = CONTAINER_OF(timer, struct tell, timer);

	(void)now_ms;
	if (t->n_left_out > 0)
		log_warning("alias: %u more changes of targets; now %u give their last "
			    "addresses, %u cannot be resolved, of %u",
			t->n_left_out, t->n[TARGET_STALE], t->n[TARGET_LOST],
			t->n[TARGET_NEW] + t->n[TARGET_GOOD] + t->n[TARGET_STALE] +
				t->n[TARGET_LOST]);
	t->n_lines = t->n_left_out = 0;
}

void tell_init(struct tell *t, struct loop *loop)
{
	*t = (struct tell){.loop = loop, .timer = {.fire = window_over}};
}

void tell_end(struct tell *t)
{
	loop_timer_cancel(t->loop, &t->timer);
}

void tell_comes(struct tell *t, enum target_state state)
{
	t->n[state]++;
}

void tell_goes(struct tell *t, enum target_state state)
{
	t->n[state]--;
}

/* Whether one more line may be written now. */
static bool may_log(struct tell *t)
{
	if (t->n_lines == TELL_LINES) {
		t->n_left_out++;
		return false;
	}
	if (t->n_lines++ == 0)
		loop_timer_set(t->loop, &t->timer, loop_now_ms(t->loop) + TELL_MS);
	return true;
}

void tell_change(struct tell *t, const char *name, enum target_state from,
	enum target_state to, const char *why)
{
	bool was_bad = from == TARGET_STALE || from == TARGET_LOST;

	t->n[from]--;
	t->n[to]++;
	if ((to == TARGET_GOOD || to == TARGET_NEW) && !was_bad)
		return;
	if (from == to || !may_log(t))
		return;
	switch (to) {
	case TARGET_STALE:
		log_warning("alias: '%s' cannot be resolved, its last addresses stay: "
			    "%s",
			name, why);
		break;
	case TARGET_LOST:
		log_warning("alias: '%s' cannot be resolved, its name fails: %s", name,
			why);
		break;
	case TARGET_NEW:
	case TARGET_GOOD:
	case TARGET_STATES:
		log_info("alias: '%s' is resolved again", name);
		break;
	}
}
