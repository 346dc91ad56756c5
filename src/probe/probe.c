/* SPDX-License-Identifier: MIT */
#include "probe/probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/random.h"
#include "probe/reply.h"
#include "probe/tell.h"
#include "wire/dns.h"

enum {
	FAMILIES = 2,
	REFRESH_PART = 10, /* of its TTL before the end an answer is asked for again */
	REFRESH_MIN_MS = 1000,
	RETRY_MIN_MS = 1000, /* doubled with each failure */
	RETRY_MAX_MS = 30000,
	EARLY_MS = 200, /* a target that is an alias itself is not known yet */
	EARLY_N = 3     /* so often that is no failure */
};

/*
 * Who waits to be asked for, each lane in its own bounds: those that fail hold up nobody else, and when thousands come
 * at once, those that have been resolved stay so.
 */
enum lane { LANE_REFRESH, LANE_FIRST, LANE_RETRY, LANES };
static const uint32_t lane_most[LANES] = {
	PROBE_ASKED_MAX / 2, PROBE_ASKED_MAX / 4, PROBE_ASKED_MAX / 4};

/* What is known of one family of a target's addresses. */
struct family {
	struct target *target;
	struct family *next_due; /* in its lane */
	uint16_t type;
	enum lane lane; /* while is_busy */
	bool is_busy;   /* it waits in a lane, or for an answer */
	bool is_known;  /* an answer is published, be it that there are none */
	uint8_t early;
	uint8_t ede;           /* why the last question failed; 0: it did not */
	uint32_t failures;     /* in a row */
	int64_t good_until_ms; /* its TTL has ended by then */
	int64_t next_ms;       /* it is to be asked for again */
};

/* A name that aliases lead to. */
struct target {
	UT_hash_handle hh;
	struct probe *probe;
	struct timer timer;
	struct dname name;
	/* Among those that nobody wants any more, and that wait for a family that is busy. */
	struct target *next, **link;
	bool is_gone;
	enum target_state state;
	const char *why; /* nothing came of the last question that failed */
	struct family family[FAMILIES];
	char text[];
};

struct queue {
	struct family *first, **last;
	uint32_t n_asked;
};

struct probe {
	struct probe_options options;
	struct loop *loop;
	struct registry *registry;
	struct target *targets;
	struct target *gone;
	struct queue lane[LANES];
	struct tell tell;
};

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

/* ---- what is known ------------------------------------------------------------------------------ */

/* The timer goes off when a family is due that is not busy. */
static void set_timer(struct target *t)
{
	int64_t next_ms = INT64_MAX;

	for (int i = 0; i < FAMILIES; i++)
		if (!t->family[i].is_busy && t->family[i].next_ms < next_ms)
			next_ms = t->family[i].next_ms;
	if (next_ms != INT64_MAX)
		loop_timer_set(t->probe->loop, &t->timer, next_ms);
}

static enum target_state state_of(const struct target *t)
{
	enum target_state state = TARGET_GOOD;

	for (int i = 0; i < FAMILIES; i++) {
		const struct family *f = &t->family[i];

		if (!f->is_known && f->failures > 0)
			return TARGET_LOST;
		if (f->failures > 0)
			state = TARGET_STALE;
		else if (!f->is_known && state == TARGET_GOOD)
			state = TARGET_NEW;
	}
	return state;
}

static void note_state(struct target *t)
{
	enum target_state state = state_of(t);

	tell_change(&t->probe->tell, t->text, t->state, state, t->why);
	t->state = state;
}

/* Up to most, so that what came together does not stay together. */
static int64_t spread_ms(int64_t most_ms)
{
	uint32_t random;

	random_octets(&random, sizeof(random));
	return most_ms * random >> 32;
}

static void take_answer(struct family *f, const struct reply_addresses *a,
	int64_t now_ms)
{
	int64_t ttl_ms = (int64_t)a->ttl * 1000;
	int64_t part_ms = ttl_ms / REFRESH_PART;
	/* All come at once at a start, and when an upstream answers again: their next time is spread widely. */
	int64_t most_ms = f->is_known && f->failures == 0 ? part_ms : 8 * part_ms;
	int64_t refresh_ms = ttl_ms - part_ms - spread_ms(most_ms);

	f->failures = f->ede = 0;
	f->is_known = true;
	f->good_until_ms = now_ms + ttl_ms;
	f->next_ms =
		now_ms + (refresh_ms > REFRESH_MIN_MS ? refresh_ms : REFRESH_MIN_MS);
	registry_set_alias(f->target->probe->registry, f->target->text, f->type,
		a->octets, a->n, a->ttl);
	note_state(f->target);
}

static void lose(struct family *f)
{
	f->is_known = false;
	registry_forget_alias(f->target->probe->registry, f->target->text, f->type,
		f->ede);
}

/* What clients are told: of the network, or of those who were asked. */
static uint8_t ede_for_clients(const struct family *f,
	const struct reply_trouble *trouble)
{
	if (trouble->ede == DNS_EDE_CACHED_ERROR && f->ede != 0)
		return f->ede; /* the error is that of the last time */
	return trouble->ede == DNS_EDE_NETWORK_ERROR ? DNS_EDE_NETWORK_ERROR
						     : DNS_EDE_NO_REACHABLE_AUTHORITY;
}

static bool has_last_answer(const struct family *f, int64_t now_ms)
{
	return f->is_known &&
	       now_ms < f->good_until_ms + f->target->probe->options.stale_ms;
}

/* No answer has come. What the last one said stays, within bounds. */
static void take_failure(struct family *f, const struct reply_trouble *trouble,
	int64_t now_ms)
{
	int64_t retry_ms = (int64_t)RETRY_MIN_MS << (f->failures < 5 ? f->failures : 5);

	if (trouble->ede == DNS_EDE_NOT_READY && !f->is_known && f->early < EARLY_N) {
		f->early++;
		f->next_ms = now_ms + EARLY_MS;
		return;
	}
	f->failures++;
	f->ede = ede_for_clients(f, trouble);
	f->next_ms = now_ms + (retry_ms < RETRY_MAX_MS ? retry_ms : RETRY_MAX_MS);
	if (!has_last_answer(f, now_ms))
		lose(f);
	f->target->why = trouble->text;
	note_state(f->target);
}

/* It would get its addresses from itself, and keep them forever. */
static void take_loop(struct family *f, int64_t now_ms)
{
	static const struct reply_trouble trouble = {.text = "it leads back to itself"};

	f->early = EARLY_N;
	f->is_known = false;
	take_failure(f, &trouble, now_ms);
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
			take_answer(f, &a, now_ms);
		} else {
			trouble = reply_why_not(reply, len);
			take_failure(f, &trouble, now_ms);
		}
		set_timer(t);
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
		take_loop(f, loop_now_ms(p->loop));
		set_timer(t);
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
	set_timer(t);
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
	set_timer(t);
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
