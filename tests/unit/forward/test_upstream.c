/* SPDX-License-Identifier: MIT */
/* Channels to one upstream, closed and opened wherever that may be. */
#include "forward/upstream.h"

#include <unistd.h>

#include "base/error.h"
#include "octets.h"
#include "said.h"
#include "test.h"
#include "upper.h"

struct bench {
	struct loop loop;
	struct upper upper;
	struct upstream upstream;
	uint8_t query[DNS_MESSAGE_MAX];
	size_t query_len;
};

/* A channel, and what it was told. */
struct ear {
	struct bench *bench;
	struct channel *channel;
	int n[3];         /* events by kind */
	struct ear *next; /* asks when this one hears something; NULL: nobody does */
};

static void bench_start(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	cr_assert_eq(loop_init(&b->loop, &clock_system), CMAP_OK);
	upper_open(&b->upper);
	upstream_init(&b->upstream, &b->upper.address, &b->loop);
	b->query_len = said("NOERROR\n? www.example.com. A\n", b->query);
	dns_put16(b->query + 2, DNS_RD);
}

static void bench_stop(struct bench *b)
{
	upstream_free(&b->upstream);
	upper_close(&b->upper);
	loop_free(&b->loop);
}

static void ask(struct ear *e, struct bench *b, bool is_tcp);

/* Closes, and has the next ask while c-ares is still at work on this one. */
static void heard(void *arg, enum channel_event event, const uint8_t *message,
	size_t len)
{
	struct ear *e = arg;

	cr_assert_eq(message != NULL, event == CHANNEL_REPLY);
	cr_assert_eq(len > 0, event == CHANNEL_REPLY);
	e->n[event]++;
	channel_close(e->channel);
	e->channel = NULL;
	if (e->next != NULL)
		ask(e->next, e->bench, false);
}

static void ask(struct ear *e, struct bench *b, bool is_tcp)
{
	e->bench = b;
	e->channel =
		upstream_ask(&b->upstream, is_tcp, b->query, b->query_len, heard, e);
	cr_assert_not_null(e->channel);
}

static void expect(struct bench *b, struct upper_query *q)
{
	upper_expect(&b->upper, "www.example.com", DNS_A, q);
}

static void wait_for(struct bench *b, const int *n)
{
	while (*n == 0)
		loop_once(&b->loop, 20000);
	cr_assert_eq(*n, 1);
}

Test(upstream, the_next_may_ask_while_one_hears)
{
	static const enum channel_event events[] = {
		CHANNEL_REPLY, CHANNEL_GUESS, CHANNEL_FAILED};
	static struct bench b;
	struct upper_query q;

	bench_start(&b);
	for (size_t i = 0; i < CMAP_COUNT(events); i++) {
		struct ear second = {.next = NULL}, first = {.next = &second};

		ask(&first, &b, events[i] == CHANNEL_FAILED);
		if (events[i] == CHANNEL_FAILED) {
			int fd = accept(b.upper.tcp, NULL, NULL);

			cr_assert_geq(fd, 0);
			close(fd);
		} else {
			expect(&b, &q);
			if (events[i] == CHANNEL_GUESS)
				q.octets[0] ^= 1;
			upper_say(&q, "NOERROR\n? www.example.com. A\n");
		}
		wait_for(&b, &first.n[events[i]]);
		expect(&b, &q);
		upper_say(&q, "NOERROR\n? www.example.com. A\n");
		wait_for(&b, &second.n[CHANNEL_REPLY]);
		cr_assert_null(first.channel);
	}
	bench_stop(&b);
}

/* What has come for a channel that is closed by another's event is not told. */
Test(upstream, one_that_is_closed_hears_nothing)
{
	static struct bench b;
	struct upper_query q[2];
	struct ear e[2] = {{.next = NULL}, {.next = NULL}};

	bench_start(&b);
	for (int i = 0; i < 2; i++) {
		ask(&e[i], &b, false);
		expect(&b, &q[i]);
	}
	for (int i = 0; i < 2; i++)
		upper_say(&q[i], "NOERROR\n? www.example.com. A\n");
	channel_close(e[0].channel);
	wait_for(&b, &e[1].n[CHANNEL_REPLY]);
	for (int i = 0; i < 3; i++)
		cr_assert_eq(e[0].n[i], 0);
	bench_stop(&b);
}

/* A channel takes 73 KB: what a rush needed is not kept for ever. */
Test(upstream, few_channels_stay_when_a_rush_is_over)
{
	enum { N = 3 * UPSTREAM_IDLE_MAX };
	static struct ear e[N];
	static struct bench b;

	bench_start(&b);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < N; i++) {
			ask(&e[i], &b, false);
			upper_drain(&b.upper);
		}
		cr_assert_eq(b.upstream.n_idle[false], 0);
		for (int i = 0; i < N; i++)
			channel_close(e[i].channel);
		cr_assert_eq(b.upstream.n_idle[false], UPSTREAM_IDLE_MAX);
	}
	bench_stop(&b);
}
