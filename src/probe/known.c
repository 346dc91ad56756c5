/* SPDX-License-Identifier: MIT */
/* known.c -- what is known of a target's addresses: what replies make of it, and when it is asked for again. */
#include "base/random.h"
#include "probe/private.h"
#include "wire/dns.h"

enum {
	REFRESH_PART = 10, /* of its TTL before the end an answer is asked for again */
	REFRESH_MIN_MS = 1000,
	RETRY_MIN_MS = 1000, /* doubled with each failure */
	RETRY_MAX_MS = 30000,
	EARLY_MS = 200, /* a target that is an alias itself is not known yet */
	EARLY_N = 3     /* so often that is no failure */
};

void target_set_timer(struct target *t)
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

void family_take_answer(struct family *f, const struct reply_addresses *a,
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
void family_take_failure(struct family *f, const struct reply_trouble *trouble,
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
void family_take_loop(struct family *f, int64_t now_ms)
{
	static const struct reply_trouble trouble = {.text = "it leads back to itself"};

	f->early = EARLY_N;
	f->is_known = false;
	family_take_failure(f, &trouble, now_ms);
}
