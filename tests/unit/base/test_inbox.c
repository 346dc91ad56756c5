/* SPDX-License-Identifier: MIT */
#include "base/inbox.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "test.h"

#define SENDERS 4
#define EACH    5000

struct letter {
	struct inbox_msg msg;
	int sender;
	int number;
};

static struct letter *letter_of(struct inbox_msg *m)
{
	return CONTAINER_OF(m, struct letter, msg);
}

static bool readable(const struct inbox *in)
{
	struct pollfd p = {.fd = in->fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

Test(inbox, an_empty_one_gives_null)
{
	struct inbox in;

	cr_assert_eq(inbox_init(&in), CMAP_OK);
	cr_assert_null(inbox_pop(&in));
	cr_assert_not(readable(&in));
	inbox_acknowledge(&in);
	cr_assert_null(inbox_pop(&in));
	inbox_free(&in);
}

Test(inbox, gives_messages_in_order)
{
	struct letter l[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
	struct inbox in;

	cr_assert_eq(inbox_init(&in), CMAP_OK);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++)
			inbox_push(&in, &l[i].msg);
		for (int i = 0; i < 3; i++)
			cr_assert_eq(letter_of(inbox_pop(&in))->number, i);
		cr_assert_null(inbox_pop(&in));
	}
	inbox_free(&in);
}

Test(inbox, a_burst_rings_once)
{
	struct letter l[3] = {0};
	struct inbox in;
	uint64_t rings;

	cr_assert_eq(inbox_init(&in), CMAP_OK);
	for (int i = 0; i < 3; i++)
		inbox_push(&in, &l[i].msg);
	cr_assert_eq(read(in.fd, &rings, sizeof(rings)), (ssize_t)sizeof(rings));
	cr_assert_eq(rings, 1);
	while (inbox_pop(&in))
		;
	inbox_free(&in);
}

Test(inbox, rings_again_once_it_was_empty)
{
	struct letter l = {0};
	struct inbox in;

	cr_assert_eq(inbox_init(&in), CMAP_OK);
	for (int round = 0; round < 3; round++) {
		inbox_push(&in, &l.msg);
		cr_assert(readable(&in));
		inbox_acknowledge(&in);
		cr_assert_not(readable(&in));
		cr_assert_eq(inbox_pop(&in), &l.msg);
		cr_assert_null(inbox_pop(&in));
	}
	inbox_free(&in);
}

/* A push is two stores: the tail takes the new node, then the node before it is linked to it. */
Test(inbox, a_sender_in_the_middle_of_its_push_is_waited_for)
{
	struct letter first = {0}, second = {0};
	struct inbox in;

	cr_assert_eq(inbox_init(&in), CMAP_OK);
	inbox_push(&in, &first.msg);
	cds_wfcq_node_init(&second.msg.node);
	in.tail.p = &second.msg.node;
	inbox_acknowledge(&in);
	cr_assert_null(inbox_pop(&in));
	cr_assert(readable(&in), "the reader would sleep with two messages waiting");

	first.msg.node.next = &second.msg.node;
	inbox_acknowledge(&in);
	cr_assert_eq(inbox_pop(&in), &first.msg);
	cr_assert_eq(inbox_pop(&in), &second.msg);
	cr_assert_null(inbox_pop(&in));
	inbox_free(&in);
}

struct sender {
	struct inbox *in;
	int number;
};

static void *send_all(void *arg)
{
	const struct sender *s = arg;

	for (int i = 0; i < EACH; i++) {
		struct letter *l = xmalloc(sizeof(*l));

		l->sender = s->number;
		l->number = i;
		inbox_push(s->in, &l->msg);
	}
	return NULL;
}

/* Sends from all threads to in; the caller reads meanwhile and then joins. */
static void start_senders(struct inbox *in, struct sender *s, pthread_t *thread)
{
	for (int i = 0; i < SENDERS; i++) {
		s[i] = (struct sender){in, i};
		cr_assert_eq(pthread_create(&thread[i], NULL, send_all, &s[i]), 0);
	}
}

static void take(struct inbox_msg *m, int *next)
{
	struct letter *l = letter_of(m);

	cr_assert_eq(l->number, next[l->sender], "sender %d", l->sender);
	next[l->sender]++;
	free(l);
}

Test(inbox, keeps_each_senders_order_for_a_waiting_reader)
{
	struct sender s[SENDERS];
	pthread_t thread[SENDERS];
	int next[SENDERS] = {0};
	struct inbox in;

	cr_assert_eq(inbox_init(&in), CMAP_OK);
	start_senders(&in, s, thread);
	for (int n = 0; n < SENDERS * EACH; n++)
		take(inbox_wait(&in), next);
	for (int i = 0; i < SENDERS; i++)
		pthread_join(thread[i], NULL);
	cr_assert_null(inbox_pop(&in));
	inbox_free(&in);
}

Test(inbox, loses_no_ring_for_a_polling_reader)
{
	struct sender s[SENDERS];
	pthread_t thread[SENDERS];
	int next[SENDERS] = {0};
	struct inbox in;
	struct inbox_msg *m;

	cr_assert_eq(inbox_init(&in), CMAP_OK);
	start_senders(&in, s, thread);
	for (int n = 0; n < SENDERS * EACH;) {
		struct pollfd p = {.fd = in.fd, .events = POLLIN};

		/* 60 s are reached only by a ring that was lost. */
		cr_assert_eq(poll(&p, 1, 60000), 1, "no ring after %d messages", n);
		inbox_acknowledge(&in);
		for (; (m = inbox_pop(&in)); n++)
			take(m, next);
	}
	for (int i = 0; i < SENDERS; i++)
		pthread_join(thread[i], NULL);
	inbox_free(&in);
}
