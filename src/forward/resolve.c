/* SPDX-License-Identifier: MIT */
/* resolve.c -- from a question to an answer: the cache, and which upstream is asked when. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/random.h"
#include "forward/private.h"
#include "wire/dns.h"

enum {
	ROUNDS = 2,         /* in which each upstream is asked once */
	QUERIES_MIN = 3,    /* so that one upstream is asked thrice */
	TOTAL_MS = 5000,    /* a stub resolver has asked again by then */
	PATIENCE_MS = 1800, /* RFC 8767 s5: then a stale answer is better */
	STALE_TTL = 30,     /* RFC 8767 s4 */
	FAILURE_MS = 2000,  /* RFC 9520 s3.2: 1 s at least, 5 minutes at most */
	GUESSES_MAX = 8,    /* messages that are no reply; then we ask over TCP */
	EDNS_SIZE = 1232,
	QUERY_MAX = DNS_HEADER_LEN + DNAME_MAX + 4 + DNS_OPT_LEN + 4 +
		    FORWARD_MARK_LEN * FORWARD_MARKS_MAX,
	DO_BIT = 0x8000
};

static void ask(struct attempt *a, bool is_plain);
static void heard(void *arg, enum channel_event event, const uint8_t *message,
	size_t len);

/* ---- answers ----------------------------------------------------------------------------------- */

static bool is_fresh(const struct cached *e, int64_t now_ms)
{
	return e->image != NULL && now_ms < e->got_ms + (int64_t)e->image->ttl * 1000;
}

static bool is_stale_good(const struct forward *f, const struct cached *e,
	int64_t now_ms)
{
	return e->image != NULL && e->image->ttl > 0 &&
	       now_ms < e->got_ms + (int64_t)e->image->ttl * 1000 + f->options.stale_ms;
}

static void answer_fresh(struct forward *f, struct cached *e, struct forward_request *r,
	int64_t now_ms)
{
	struct forward_saying say = {.rcode = e->image->rcode,
		.age = (uint32_t)((now_ms - e->got_ms) / 1000),
		.turn = e->turn++};

	forward_answer(f, r, e->image, &say);
}

static void answer_failure(struct forward *f, struct forward_request *r, uint16_t ede)
{
	counter_add(&f->counters, COUNTER_FORWARD_FAILED, 1);
	forward_answer(f, r, NULL,
		&(struct forward_saying){.rcode = DNS_SERVFAIL, .ede = ede});
}

/* What is left to say when no upstream has answered: an old answer, or that there is none. */
static void answer_without(struct forward *f, struct cached *e,
	struct forward_request *r, uint16_t ede)
{
	struct forward_saying say = {.ttl = STALE_TTL, .turn = e->turn++};

	if (r->wants_fresh || !is_stale_good(f, e, loop_now_ms(&f->loop))) {
		answer_failure(f, r, ede);
		return;
	}
	say.rcode = e->image->rcode;
	say.ede = say.rcode == DNS_NXDOMAIN ? DNS_EDE_STALE_NXDOMAIN
					    : DNS_EDE_STALE_ANSWER;
	counter_add(&f->counters, COUNTER_FORWARD_STALE, 1);
	forward_answer(f, r, e->image, &say);
}

static void wait(struct cached *e, struct forward_request *r)
{
	r->next = e->waiting;
	e->waiting = r;
}

static struct forward_request *take_waiting(struct cached *e)
{
	struct forward_request *first = e->waiting;

	e->waiting = NULL;
	return first;
}

/* ---- an attempt -------------------------------------------------------------------------------- */

static void close_channel(struct attempt *a)
{
	if (a->channel != NULL)
		channel_close(a->channel);
	a->channel = NULL;
}

static void attempt_end(struct attempt *a)
{
	struct forward *f = a->forward;

	loop_timer_cancel(&f->loop, &a->timer);
	loop_timer_cancel(&f->loop, &a->patience);
	close_channel(a);
	*a->link = a->next;
	if (a->next != NULL)
		a->next->link = a->link;
	a->cached->attempt = NULL;
	cache_land(&f->cache, a->cached);
	free(a);
}

static void succeed(struct attempt *a, struct image *image)
{
	struct forward *f = a->forward;
	struct cached *e = a->cached;
	struct forward_request *r = take_waiting(e), *next;
	int64_t now_ms = loop_now_ms(&f->loop);

	free(e->image);
	e->image = image;
	e->got_ms = now_ms;
	e->failed_until_ms = 0;
	e->turn = 0;
	for (; r != NULL; r = next) {
		next = r->next;
		answer_fresh(f, e, r, now_ms);
	}
	attempt_end(a);
}

static void fail(struct attempt *a)
{
	struct forward *f = a->forward;
	struct cached *e = a->cached;
	uint16_t ede = a->n_refused > 0 && !a->is_loop ? DNS_EDE_NO_REACHABLE_AUTHORITY
						       : DNS_EDE_NETWORK_ERROR;
	struct forward_request *r = take_waiting(e), *next;

	e->failed_until_ms = loop_now_ms(&f->loop) + FAILURE_MS;
	for (; r != NULL; r = next) {
		next = r->next;
		answer_without(f, e, r, ede);
	}
	attempt_end(a);
}

/* Sends the name's letters in a case that nobody knows: a bit more to guess for each. */
static void draw_case(struct dname *name)
{
	uint8_t bits[DNAME_MAX];

	random_octets(bits, name->len);
	for (uint8_t i = 0; i < name->len; i++)
		if (name->wire[i] >= 'a' && name->wire[i] <= 'z')
			name->wire[i] ^= bits[i] & 0x20;
}

/* The query: the question, and what upstreams are to know of us. Returns its octets. */
static size_t write_query(const struct attempt *a, uint8_t out[QUERY_MAX])
{
	const struct forward_question *q = &a->cached->question;
	uint8_t *at = out + DNS_HEADER_LEN;

	dns_put16(out, a->id);
	dns_put16(out + 2, DNS_RD | (q->checking_disabled ? DNS_CD : 0));
	dns_put16(out + 4, 1);
	dns_put32(out + 6, 0);
	dns_put16(out + 10, a->is_plain ? 0 : 1);
	memcpy(at, a->asked.wire, a->asked.len);
	at += q->name.len;
	dns_put16(at, q->type);
	dns_put16(at + 2, q->class);
	at += 4;
	if (a->is_plain)
		return (size_t)(at - out);
	*at = 0;
	dns_put16(at + 1, DNS_OPT);
	dns_put16(at + 3, EDNS_SIZE);
	dns_put16(at + 5, 0);
	dns_put16(at + 7, q->dnssec_ok ? DO_BIT : 0);
	dns_put16(at + 9, (uint16_t)(4 + a->marks_len));
	dns_put16(at + 11, DNS_OPTION_FORWARDERS);
	dns_put16(at + 13, a->marks_len);
	memcpy(at + 15, a->marks, a->marks_len);
	return (size_t)(at - out) + 15 + a->marks_len;
}

/* The upstream whose turn it is in this round: the next that is up, else the next. */
static uint32_t choose_upstream(const struct forward *f, const struct attempt *a)
{
	uint32_t n = f->options.n_upstreams;
	uint32_t first = a->n == 0 ? 0 : a->upstream + 1;
	int64_t now_ms = loop_now_ms(&f->loop);

	for (uint32_t i = 0; i < n; i++)
		if (f->upstream[(first + i) % n].down_until_ms <= now_ms)
			return (first + i) % n;
	return first % n;
}

/* Nobody is there: it is the next one's turn. */
static void fail_upstream(struct attempt *a)
{
	struct forward *f = a->forward;

	upstream_failed(&f->upstream[a->upstream], loop_now_ms(&f->loop));
	ask(a, false);
}

/* Sends the query to the upstream whose turn it is. */
static void send_query(struct attempt *a, bool is_tcp)
{
	struct forward *f = a->forward;
	uint8_t query[QUERY_MAX];

	a->asked = a->cached->question.name;
	if (f->options.is_0x20)
		draw_case(&a->asked);
	a->is_tcp = is_tcp;
	a->n_guesses = 0;
	a->channel = upstream_ask(&f->upstream[a->upstream], is_tcp, query,
		write_query(a, query), heard, a);
	if (a->channel == NULL)
		fail_upstream(a);
}

/* The upstream has answered: with an answer, or so that another, or the same, is to be asked. */
static void take_verdict(struct attempt *a, enum image_verdict verdict,
	struct image *image)
{
	uint32_t n = a->forward->options.n_upstreams;

	upstream_answered(&a->forward->upstream[a->upstream]);
	if (verdict == IMAGE_OK) {
		succeed(a, image);
	} else if (verdict == IMAGE_NO_EDNS && !a->is_plain) {
		a->n--;
		a->upstream += n - 1; /* the same again */
		ask(a, true);
	} else if (++a->n_refused >= n) { /* who has said so once says it again */
		fail(a);
	} else {
		ask(a, false);
	}
}

/* Whether the question has come back in the case that it was sent in. */
static bool is_echo(const struct attempt *a, const uint8_t *message, size_t len)
{
	return len >= DNS_HEADER_LEN + (size_t)a->asked.len &&
	       memcmp(message + DNS_HEADER_LEN, a->asked.wire, a->asked.len) == 0;
}

static void ask_over_tcp(struct attempt *a)
{
	close_channel(a);
	send_query(a, true);
}

static void take_reply(struct attempt *a, const uint8_t *message, size_t len)
{
	struct image *image = NULL;
	enum image_verdict verdict =
		image_read(&a->cached->question, a->id, message, len, &image);

	if (!a->is_tcp &&
		(verdict == IMAGE_FOREIGN ||
			(a->forward->options.is_0x20 && !is_echo(a, message, len)))) {
		/* a guess, or one who cannot */
		counter_add(&a->forward->counters, COUNTER_FORWARD_UNWANTED, 1);
		free(image);
		ask_over_tcp(a);
	} else if (!a->is_tcp && verdict == IMAGE_CUT) {
		ask_over_tcp(a);
	} else {
		close_channel(a);
		take_verdict(a, verdict, image);
	}
}

static void heard(void *arg, enum channel_event event, const uint8_t *message,
	size_t len)
{
	struct attempt *a = arg;

	switch (event) {
	case CHANNEL_REPLY:
		take_reply(a, message, len);
		break;
	case CHANNEL_FAILED:
		close_channel(a);
		fail_upstream(a);
		break;
	case CHANNEL_GUESS:
		/* Over TCP there is nothing to guess. */
		counter_add(&a->forward->counters, COUNTER_FORWARD_UNWANTED, 1);
		if (++a->n_guesses == GUESSES_MAX)
			ask_over_tcp(a);
		break;
	}
}

static void time_over(struct timer *t, int64_t now_ms)
{
	struct attempt *a = CONTAINER_OF(t, struct attempt, timer);

	(void)now_ms;
	close_channel(a);
	counter_add(&a->forward->counters, COUNTER_FORWARD_TIMEOUTS, 1);
	fail_upstream(a);
}

/* Sends the next query of a, or gives up. is_plain: without EDNS. */
static void ask(struct attempt *a, bool is_plain)
{
	struct forward *f = a->forward;
	uint32_t n = f->options.n_upstreams;
	uint32_t most = n * ROUNDS < QUERIES_MIN ? QUERIES_MIN : n * ROUNDS;
	int64_t now_ms = loop_now_ms(&f->loop);

	if (a->n >= most || now_ms - a->started_ms >= TOTAL_MS || n == 0) {
		fail(a);
		return;
	}
	a->upstream = choose_upstream(f, a);
	a->is_plain = is_plain;
	random_octets(&a->id, sizeof(a->id));
	counter_add(&f->counters, COUNTER_FORWARD_QUERIES, 1);
	/* The second round is given twice the time, and so on. */
	loop_timer_set(&f->loop, &a->timer,
		now_ms + (f->options.timeout_ms << (a->n / n)));
	a->n++;
	send_query(a, false);
}

/* Clients have waited long enough for what an old answer says, too. */
static void patience_over(struct timer *t, int64_t now_ms)
{
	struct attempt *a = CONTAINER_OF(t, struct attempt, patience);
	struct forward_request *r, *next;

	if (!is_stale_good(a->forward, a->cached, now_ms))
		return;
	for (r = take_waiting(a->cached); r != NULL; r = next) {
		next = r->next;
		if (r->wants_fresh)
			wait(a->cached, r);
		else
			answer_without(a->forward, a->cached, r, 0);
	}
}

/* e is not known, or no longer: upstreams are asked. marks: of the query that wants it. */
static void start(struct forward *f, struct cached *e, const struct forward_request *r)
{
	struct attempt *a = xcalloc(1, sizeof(*a));
	const uint8_t *marks = r->octets + r->prefix_len + r->opt_len;

	a->forward = f;
	a->cached = e;
	a->started_ms = loop_now_ms(&f->loop);
	a->timer.fire = time_over;
	a->patience.fire = patience_over;
	memcpy(a->marks, f->mark, FORWARD_MARK_LEN);
	if (r->marks_len > 0)
		memcpy(a->marks + FORWARD_MARK_LEN, marks, r->marks_len);
	a->marks_len = (uint16_t)(FORWARD_MARK_LEN + r->marks_len);
	a->next = f->attempts;
	a->link = &f->attempts;
	if (a->next != NULL)
		a->next->link = &a->next;
	f->attempts = a;
	e->attempt = a;
	cache_fly(&f->cache, e);
	if (e->image != NULL)
		loop_timer_set(&f->loop, &a->patience, a->started_ms + PATIENCE_MS);
	ask(a, false);
}

/* ---- requests ---------------------------------------------------------------------------------- */

/* Whether r is a query of our own that has come back: it bears our mark, or too many to be followed. */
static bool is_loop(const struct forward *f, const struct forward_request *r)
{
	const uint8_t *mark = r->octets + r->prefix_len + r->opt_len;

	for (size_t i = 0; i + FORWARD_MARK_LEN <= r->marks_len; i += FORWARD_MARK_LEN)
		if (memcmp(mark + i, f->mark, FORWARD_MARK_LEN) == 0)
			return true;
	return r->marks_len > FORWARD_MARK_LEN * (FORWARD_MARKS_MAX - 1);
}

void resolve(struct forward *f, struct forward_request *r)
{
	int64_t now_ms = loop_now_ms(&f->loop);
	struct cached *e;

	if (is_loop(f, r)) { /* it is given no place in the cache */
		counter_add(&f->counters, COUNTER_FORWARD_LOOPS, 1);
		e = cache_look(&f->cache, &r->question);
		if (e != NULL && e->attempt != NULL)
			e->attempt->is_loop = true;
		answer_failure(f, r, DNS_EDE_NETWORK_ERROR);
		return;
	}
	e = cache_find(&f->cache, &r->question);
	if (e->attempt == NULL)
		cache_use(&f->cache, e);
	if (is_fresh(e, now_ms) && !r->wants_fresh) {
		counter_add(&f->counters, COUNTER_FORWARD_CACHED, 1);
		answer_fresh(f, e, r, now_ms);
	} else if (!r->wants_fresh && e->attempt != NULL &&
		   is_stale_good(f, e, now_ms) &&
		   now_ms >= e->attempt->started_ms + PATIENCE_MS) {
		answer_without(f, e, r, 0); /* others have waited long enough, too */
	} else if (now_ms < e->failed_until_ms) {
		answer_without(f, e, r, DNS_EDE_CACHED_ERROR);
	} else {
		wait(e, r);
		if (e->attempt == NULL)
			start(f, e, r);
	}
}

void resolve_cancel(struct forward *f)
{
	for (struct attempt *a = f->attempts; a != NULL; a = a->next) {
		loop_timer_cancel(&f->loop, &a->timer);
		close_channel(a);
	}
}

void resolve_again(struct forward *f)
{
	struct attempt *next;

	for (struct attempt *a = f->attempts; a != NULL; a = next) {
		next = a->next;
		a->n = 0;
		a->n_refused = 0; /* what others said says nothing of these */
		ask(a, false);
	}
}

void resolve_stop(struct forward *f)
{
	while (f->attempts != NULL) {
		struct forward_request *r = take_waiting(f->attempts->cached), *next;

		for (; r != NULL; r = next) {
			next = r->next;
			r->done(r, NULL, 0);
		}
		attempt_end(f->attempts);
	}
}
