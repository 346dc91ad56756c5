/* SPDX-License-Identifier: MIT */
#include "server/ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/error.h"
#include "base/inbox.h"
#include "base/mem.h"
#include "server/handover.h"

enum { QUERY_MAX = DNS_HEADER_LEN + DNAME_MAX + 4 + DNS_OPT_LEN };

struct asker {
	struct loop *loop;
	struct inbox inbox;
	struct loop_io io;
	struct counters counters; /* what nobody else has asked */
	struct responder responder;
	uint8_t reply[DNS_MESSAGE_MAX];
};

/* A question that has been handed to the forwarder, then its reply, then both are gone. */
struct question_out {
	struct inbox_msg msg;
	struct forward_request request;
	struct asker *asker;
	void (*done)(void *arg, const uint8_t *reply, size_t len);
	void *arg;
	size_t reply_len;
	uint8_t *reply;
	uint8_t octets[];
};

static void inbox_ready(struct loop_io *io, uint32_t events)
{
	struct asker *a = CONTAINER_OF(io, struct asker, io);
	struct inbox_msg *m;

	(void)events;
	inbox_acknowledge(&a->inbox);
	while ((m = inbox_pop(&a->inbox)) != NULL) {
		struct question_out *q = CONTAINER_OF(m, struct question_out, msg);

		q->done(q->arg, q->reply, q->reply_len);
		free(q->reply);
		free(q);
	}
}

int asker_new(struct loop *loop, const struct responder *responder, struct asker **out)
{
	struct asker *a = xcalloc_line(sizeof(*a));

	a->loop = loop;
	a->responder = *responder;
	a->responder.counters = &a->counters;
	a->responder.view = (uint16_t)~VIEW_OUTSIDE;
	/* Ourselves: 127.0.0.1 may have everything resolved, unless it was told otherwise. */
	a->responder.client = (struct client){.len = 4, .octets = {127, 0, 0, 1}};
	if (inbox_init(&a->inbox) != CMAP_OK) {
		free(a);
		return CMAP_E_SYSTEM;
	}
	a->io = (struct loop_io){.fd = a->inbox.fd, .ready = inbox_ready};
	if (loop_add(loop, &a->io, EPOLLIN) != CMAP_OK) {
		inbox_free(&a->inbox);
		free(a);
		return CMAP_E_SYSTEM;
	}
	*out = a;
	return CMAP_OK;
}

/* On the forwarder's thread. */
static void forwarded_done(struct forward_request *r, const uint8_t *reply, size_t len)
{
	struct question_out *q = CONTAINER_OF(r, struct question_out, request);

	q->reply = len > 0 ? xmemdup(reply, len) : NULL;
	q->reply_len = len;
	inbox_push(&q->asker->inbox, &q->msg);
}

static size_t write_query(const struct dname *name, uint16_t type, uint8_t *out)
{
	uint8_t *at = out + DNS_HEADER_LEN;

	memset(out, 0, DNS_HEADER_LEN);
	dns_put16(out + 2, DNS_RD);
	dns_put16(out + 4, 1);
	memcpy(at, name->wire, name->len);
	dns_put16(at + name->len, type);
	dns_put16(at + name->len + 2, DNS_IN);
	/* An OPT, so that a failure comes with its reason. */
	at += name->len + 4u;
	memset(at, 0, DNS_OPT_LEN);
	dns_put16(at + 1, DNS_OPT);
	dns_put16(at + 3, DNS_UDP_MIN);
	dns_put16(out + 10, 1);
	return (size_t)(at - out) + DNS_OPT_LEN;
}

void asker_ask(struct asker *a, const struct dname *name, uint16_t type, bool fresh,
	void (*done)(void *arg, const uint8_t *reply, size_t len), void *arg)
{
	struct responder *r = &a->responder;
	CMAP_UNINITIALIZED struct asked asked;
	uint8_t query[QUERY_MAX];
	struct question_out *q;
	size_t len;
	bool is_foreign;

	responder_prepare(r, loop_now_ms(a->loop));
	respond_read(r, query, write_query(name, type, query), &asked);
	len = respond_answer(r, &asked, false, a->reply);
	is_foreign = r->foreign.name.len > 0;
	q = xcalloc(1, sizeof(*q) + (is_foreign ? handover_octets(r, &asked) : 0));
	q->asker = a;
	q->done = done;
	q->arg = arg;
	if (!is_foreign) {
		q->reply = xmemdup(a->reply, len);
		q->reply_len = len;
		inbox_push(&a->inbox, &q->msg);
		return;
	}
	handover_fill(r, &asked, a->reply, q->octets, &q->request);
	q->request.wants_fresh = fresh;
	q->request.done = forwarded_done;
	forward_submit(r->now->forward, &q->request);
}

void asker_free(struct asker *a)
{
	struct inbox_msg *m;

	if (a == NULL)
		return;
	while ((m = inbox_pop(&a->inbox)) != NULL) {
		struct question_out *q = CONTAINER_OF(m, struct question_out, msg);

		free(q->reply);
		free(q);
	}
	loop_remove(a->loop, &a->io);
	inbox_free(&a->inbox);
	responder_free(&a->responder);
	free(a);
}
