/* SPDX-License-Identifier: MIT */
#include "probe/probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "probe/private.h"
#include "wire/dns.h"

static const uint32_t lane_most[LANES] = {
	PROBE_ASKED_MAX / 2, PROBE_ASKED_MAX / 4, PROBE_ASKED_MAX / 4};

/* ---- targets that are gone ---------------------------------------------------------------------- */

static bool is_busy(const struct target *t)
{
	return t->family[0].is_busy || t->family[1].is_busy;
}

static void target_free(struct target *t)
{
	loop_timer_cancel(t->probe->loop, &t->timer);
	free(t);
}

static void put_gone(struct target *t)
{
	struct probe *p = t->probe;

	t->is_gone = true;
	t->next = p->gone;
	t->link = &p->gone;
	if (t->next != NULL)
		t->next->link = &t->next;
	p->gone = t;
}

static void forget_gone(struct target *t)
{
	*t->link = t->next;
	if (t->next != NULL)
		t->next->link = t->link;
	target_free(t);
}

/* ---- asking ------------------------------------------------------------------------------------ */

static void run_lanes(struct probe *p);

static void answered(void *arg, const uint8_t *reply, size_t len)
{
	static struct reply_addresses a; /* the control thread's, large for a stack */
	struct family *f = arg;
	struct target *t = f->target;
	struct probe *p = t->probe;
	int64_t now_ms = loop_now_ms(p->loop);
	struct reply_trouble trouble;

	f->is_busy = false;
	p->lane[f->lane].n_asked--;
	if (t->is_gone) {
		if (!is_busy(t))
			forget_gone(t);
	} else {
		if (reply_read(reply, len, f->type, &a)) {
			family_take_answer(f, &a, now_ms);
		} else {
			trouble = reply_why_not(reply, len);
			family_take_failure(f, &trouble, now_ms);
		}
		target_set_timer(t);
	}
	run_lanes(p);
}

/* f has waited in its lane, and is no longer there. */
static void ask(struct family *f)
{
	struct target *t = f->target;
	struct probe *p = t->probe;

	if (t->is_gone) {
		f->is_busy = false;
		if (!is_busy(t))
			forget_gone(t);
	} else if (registry_alias_is_loop(p->registry, t->text)) {
		f->is_busy = false;
		family_take_loop(f, loop_now_ms(p->loop));
		target_set_timer(t);
	} else {
		p->lane[f->lane].n_asked++;
		p->options.ask(p->options.arg, &t->name, f->type, answered, f);
	}
}

static void run_lanes(struct probe *p)
{
	for (enum lane lane = 0; lane < LANES; lane++) {
		struct queue *q = &p->lane[lane];

		while (q->first != NULL && q->n_asked < lane_most[lane]) {
			struct family *f = q->first;

			q->first = f->next_due;
			if (q->first == NULL)
				q->last = &q->first;
			ask(f);
		}
	}
}

static void enter_lane(struct family *f)
{
	struct queue *q;

	f->lane = f->failures > 0 ? LANE_RETRY
		  : f->is_known   ? LANE_REFRESH
				  : LANE_FIRST;
	f->is_busy = true;
	f->next_due = NULL;
	q = &f->target->probe->lane[f->lane];
	*q->last = f;
	q->last = &f->next_due;
}

/* Has the families asked for that are due. */
static void look(struct timer *timer, int64_t now_ms)
{
	struct target *t = CONTAINER_OF(timer, struct target, timer);

	for (int i = 0; i < FAMILIES; i++)
		if (!t->family[i].is_busy && t->family[i].next_ms <= now_ms)
			enter_lane(&t->family[i]);
	target_set_timer(t);
	run_lanes(t->probe);
}

/* ---- targets ----------------------------------------------------------------------------------- */

static void follow(struct probe *p, const char *name)
{
	size_t len = strlen(name);
	struct target *t = xcalloc(1, sizeof(*t) + len + 1);

	if (dname_from_plain(name, &t->name) != CMAP_OK) { /* the model lets none in */
		free(t);
		return;
	}
	dname_lower(t->name.wire, t->name.len, t->name.wire);
	memcpy(t->text, name, len);
	t->probe = p;
	t->timer.fire = look;
	for (int i = 0; i < FAMILIES; i++)
		t->family[i] = (struct family){.target = t,
			.type = i == 0 ? DNS_A : DNS_AAAA,
			.next_ms = loop_now_ms(p->loop)};
	t->state = TARGET_NEW;
	tell_comes(&p->tell, t->state);
	HASH_ADD_KEYPTR(hh, p->targets, t->text, len, t);
	target_set_timer(t);
}

static void changed(void *arg, const char *name, bool is_wanted)
{
	struct probe *p = arg;
	struct target *t;

	HASH_FIND_STR(p->targets, name, t);
	if (is_wanted && t == NULL)
		follow(p, name);
	if (is_wanted || t == NULL)
		return;
	HASH_DEL(p->targets, t);
	tell_goes(&p->tell, t->state);
	loop_timer_cancel(p->loop, &t->timer);
	if (is_busy(t))
		put_gone(t);
	else
		target_free(t);
}

struct probe *probe_new(const struct probe_options *options, struct loop *loop,
	struct registry *r)
{
	struct probe *p = xcalloc(1, sizeof(*p));

	p->options = *options;
	p->loop = loop;
	p->registry = r;
	for (enum lane lane = 0; lane < LANES; lane++)
		p->lane[lane].last = &p->lane[lane].first;
	tell_init(&p->tell, loop);
	registry_watch_aliases(r, changed, p);
	return p;
}

void probe_set_stale(struct probe *p, int64_t stale_ms)
{
	p->options.stale_ms = stale_ms;
}

void probe_count(const struct probe *p, struct probe_counts *out)
{
	const uint32_t *n = p->tell.n;

	*out = (struct probe_counts){.n_new = n[TARGET_NEW],
		.n_good = n[TARGET_GOOD],
		.n_stale = n[TARGET_STALE],
		.n_lost = n[TARGET_LOST]};
}

void probe_free(struct probe *p)
{
	struct target *t, *next;

	if (p == NULL)
		return;
	HASH_ITER (hh, p->targets, t, next) {
		HASH_DEL(p->targets, t);
		target_free(t);
	}
	while (p->gone != NULL)
		forget_gone(p->gone);
	tell_end(&p->tell);
	free(p);
}
