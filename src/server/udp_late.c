/* SPDX-License-Identifier: MIT */
#include "server/udp_late.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "forward/forward.h"

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

/* Sends what has been put aside; what cannot be sent costs only itself. */
static void send_all(void)
{
	struct outbox *o = &outbox;
	unsigned int sent = 0;

	while (sent < o->n) {
		int k = sendmmsg(o->late[0]->socket->fd, o->out + sent, o->n - sent,
			MSG_DONTWAIT);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			log_debug("udp: a forwarded reply was not sent: %s",
				strerror(errno));
		sent += k > 0 ? (unsigned int)k : 1;
	}
	for (unsigned int i = 0; i < o->n; i++)
		late_free(o->late[i]);
	o->n = 0;
}

/* On the forwarder's thread. */
static void late_done(struct forward_request *r, const uint8_t *reply, size_t len)
{
	struct udp_late *l = CONTAINER_OF(r, struct udp_late, request);
	struct outbox *o = &outbox;
	unsigned int i;

	if (len == 0) {
		late_free(l);
		return;
	}
	if (o->n == BATCH || (o->n > 0 && o->late[0]->socket != l->socket))
		send_all();
	i = o->n++;
	o->late[i] = l;
	memcpy(o->reply[i], reply, len);
	o->vec[i] = (struct iovec){o->reply[i], len};
	o->out[i].msg_hdr = (struct msghdr){.msg_name = &l->peer,
		.msg_namelen = l->peer_len,
		.msg_iov = &o->vec[i],
		.msg_iovlen = 1,
		.msg_control = l->control_len > 0 ? l->control : NULL,
		.msg_controllen = l->control_len};
}

void udp_late_submit(struct forward *forward, struct udp_late *l)
{
	l->request.done = late_done;
	l->request.rest = send_all;
	atomic_fetch_add_explicit(&l->socket->users, 1, memory_order_relaxed);
	forward_submit(forward, &l->request);
}
