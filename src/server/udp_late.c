/* SPDX-License-Identifier: MIT */
#include "server/udp_late.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forward/forward.h"
#include "server/outcome.h"

enum { BATCH = 32 };

/* Replies of one socket that are to leave. */
struct outbox {
	struct udp_late *late[BATCH];
	unsigned int n;
	struct mmsghdr out[BATCH];
	struct iovec vec[BATCH];
	uint8_t reply[BATCH][RESPOND_UDP_SIZE_MAX];
};

/* The forwarder's. */
static _Thread_local struct outbox outbox;

void udp_socket_leave(struct udp_socket *s)
{
	if (atomic_fetch_sub_explicit(&s->users, 1, memory_order_acq_rel) > 1)
		return;
	close(s->fd);
	free(s);
}

static void late_free(struct udp_late *l)
{
	udp_socket_leave(l->socket);
	free(l);
}

/* The i-th is too long for the link: it is sent again as what every link carries. false: it is that already. */
static bool make_shorter(struct outbox *o, unsigned int i)
{
	size_t len = o->vec[i].iov_len;

	o->vec[i].iov_len = forward_reply_cut(&o->late[i]->request, o->reply[i]);
	if (o->vec[i].iov_len >= len)
		return false;
	counter_add(&o->late[i]->desk->counters, COUNTER_TRUNCATED, 1);
	return true;
}

/* Sends what has been put aside; what cannot be sent costs only itself. */
static void send_all(void)
{
	struct outbox *o = &outbox;
	unsigned int sent = 0;

	while (sent < o->n) {
		int k = sendmmsg(o->late[0]->socket->fd, o->out + sent, o->n - sent,
			MSG_DONTWAIT);

		if (k < 0 && (errno == EINTR ||
				     (errno == EMSGSIZE && make_shorter(o, sent))))
			continue;
		if (k < 0)
			counter_add(&o->late[sent]->desk->counters, COUNTER_SEND_FAILED,
				1);
		sent += k > 0 ? (unsigned int)k : 1;
	}
	for (unsigned int i = 0; i < o->n; i++)
		late_free(o->late[i]);
	o->n = 0;
}

/* As replies of our own are limited (respond.c): true, it is sent; else *slips says whether it is cut short and sent. */
static bool within_limit(const struct udp_late *l, struct outcome outcome, bool *slips)
{
	struct udp_desk *d = l->desk;
	struct client client;

	client_read((const struct sockaddr *)&l->peer, &client);
	if (l->rate_limit == 0 || limit_allows(d->limit, &client, outcome_kind(outcome),
					  l->rate_limit, clock_mono_ms(d->clock)))
		return true;
	counter_add(&d->counters, COUNTER_RATE_LIMITED, 1);
	*slips = l->rate_slip > 0 && ++d->n_limited % l->rate_slip == 0;
	return false;
}

/* Puts the reply aside, to leave with others. */
static void put_aside(struct udp_late *l, const uint8_t *reply, size_t len, bool is_cut)
{
	struct outbox *o = &outbox;
	unsigned int i;

	if (o->n == BATCH || (o->n > 0 && o->late[0]->socket != l->socket))
		send_all();
	i = o->n++;
	o->late[i] = l;
	if (is_cut)
		len = forward_reply_cut(&l->request, o->reply[i]);
	else
		memcpy(o->reply[i], reply, len);
	o->vec[i] = (struct iovec){o->reply[i], len};
	o->out[i].msg_hdr = (struct msghdr){.msg_name = &l->peer,
		.msg_namelen = l->peer_len,
		.msg_iov = &o->vec[i],
		.msg_iovlen = 1,
		.msg_control = l->control_len > 0 ? l->control : NULL,
		.msg_controllen = l->control_len};
}

/* On the forwarder's thread. */
static void late_done(struct forward_request *r, const uint8_t *reply, size_t len)
{
	struct udp_late *l = CONTAINER_OF(r, struct udp_late, request);
	struct outcome outcome;
	bool slips = false;

	if (len == 0) {
		late_free(l);
		return;
	}
	outcome = outcome_read(reply);
	outcome_count(outcome, &l->desk->counters);
	if (within_limit(l, outcome, &slips) || slips)
		put_aside(l, reply, len, slips);
	else
		late_free(l);
}

void udp_late_submit(struct forward *forward, struct udp_late *l)
{
	l->request.done = late_done;
	l->request.rest = send_all;
	atomic_fetch_add_explicit(&l->socket->users, 1, memory_order_relaxed);
	forward_submit(forward, &l->request);
}
