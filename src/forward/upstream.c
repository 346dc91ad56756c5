/* SPDX-License-Identifier: MIT */
#include "forward/upstream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/dns.h"

enum {
	TCP_PREFIX = 2, /* octets of a message's length */
	DATAGRAM_MAX =
		4096, /* thrice what is asked for; a longer one is cut, and does not parse */
	FAILURES_MAX = 3, /* in a row; then it is left alone for a while */
	DOWN_MS = 1000,   /* the first time; doubled each time after */
	DOWN_DOUBLINGS_MAX = 5
};

struct channel {
	struct loop_io io;
	struct loop *loop;
	void (*heard)(void *arg, const uint8_t *message, size_t len);
	void *arg;
	/* Over TCP: what is yet to be sent, and what has come. */
	size_t out_len, in_len, in_need;
	uint8_t *in;
	uint8_t out[];
};

/* ---- upstreams ---------------------------------------------------------------------------------- */

void upstream_init(struct upstream *u, const struct sock_addr *address,
	struct loop *loop)
{
	*u = (struct upstream){.address = *address, .loop = loop};
}

void upstream_answered(struct upstream *u)
{
	char text[SOCK_ADDR_TEXT];

	if (u->down_until_ms != 0) {
		sock_addr_format(&u->address, text);
		log_info("forward: %s answers again", text);
	}
	u->failures = 0;
	u->down_until_ms = 0;
}

void upstream_failed(struct upstream *u, int64_t now_ms)
{
	char text[SOCK_ADDR_TEXT];
	uint32_t doublings;

	if (++u->failures < FAILURES_MAX || u->down_until_ms > now_ms)
		return;
	if (u->down_until_ms == 0) {
		sock_addr_format(&u->address, text);
		log_warning("forward: %s does not answer", text);
	}
	doublings = u->failures - FAILURES_MAX;
	if (doublings > DOWN_DOUBLINGS_MAX)
		doublings = DOWN_DOUBLINGS_MAX;
	u->down_until_ms = now_ms + ((int64_t)DOWN_MS << doublings);
}

/* ---- a channel ---------------------------------------------------------------------------------- */

/* One message; what else has come calls again, unless the channel has been closed. */
static void udp_ready(struct loop_io *io, uint32_t events)
{
	static _Thread_local uint8_t message[DATAGRAM_MAX];
	struct channel *c = CONTAINER_OF(io, struct channel, io);
	ssize_t n = recv(io->fd, message, sizeof(message), 0);

	(void)events;
	if (n >= 0)
		c->heard(c->arg, message, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		c->heard(c->arg, NULL, 0);
}

/* Takes what has come over TCP. false: nothing more will. */
static bool take_stream(struct channel *c)
{
	ssize_t n = recv(c->io.fd, c->in + c->in_len, c->in_need - c->in_len, 0);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	c->in_len += (size_t)n;
	if (c->in_need == TCP_PREFIX && c->in_len == TCP_PREFIX) {
		c->in_need += dns_get16(c->in);
		c->in = xreallocarray(c->in, c->in_need, 1);
	}
	return true;
}

/* Sends the query: it fits any send buffer that is empty. false: nobody takes it. */
static bool send_stream(struct channel *c)
{
	size_t len = c->out_len;

	c->out_len = 0;
	return send(c->io.fd, c->out, len, MSG_NOSIGNAL) == (ssize_t)len &&
	       loop_modify(c->loop, &c->io, EPOLLIN) == CMAP_OK;
}

static void tcp_ready(struct loop_io *io, uint32_t events)
{
	struct channel *c = CONTAINER_OF(io, struct channel, io);

	(void)events;
	if (!(c->out_len > 0 ? send_stream(c) : take_stream(c)))
		c->heard(c->arg, NULL, 0);
	else if (c->in_len > TCP_PREFIX && c->in_len == c->in_need)
		c->heard(c->arg, c->in + TCP_PREFIX, c->in_len - TCP_PREFIX);
}

/* What is sent once there is a connection, and the reply's length, which comes first. */
static void prepare_stream(struct channel *c, const uint8_t *query, size_t len)
{
	c->io.ready = tcp_ready;
	c->out_len = TCP_PREFIX + len;
	dns_put16(c->out, (uint16_t)len);
	memcpy(c->out + TCP_PREFIX, query, len);
	c->in_need = TCP_PREFIX;
	c->in = xmalloc(TCP_PREFIX);
}

static bool connect_channel(struct channel *c, const struct sock_addr *to)
{
	return connect(c->io.fd, &to->any, to->len) == 0 || errno == EINPROGRESS;
}

struct channel *upstream_ask(struct upstream *u, bool is_tcp, const uint8_t *query,
	size_t len, void (*heard)(void *arg, const uint8_t *message, size_t len),
	void *arg)
{
	struct channel *c = xcalloc(1, sizeof(*c) + (is_tcp ? TCP_PREFIX + len : 0));

	c->loop = u->loop;
	c->heard = heard;
	c->arg = arg;
	c->io.ready = udp_ready;
	if (is_tcp)
		prepare_stream(c, query, len);
	c->io.fd = socket(u->address.any.sa_family,
		(is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->io.fd < 0)
		goto err_free;
	if (!connect_channel(c, &u->address) ||
		(!is_tcp && send(c->io.fd, query, len, 0) != (ssize_t)len) ||
		loop_add(c->loop, &c->io, is_tcp ? EPOLLOUT : EPOLLIN) != CMAP_OK)
		goto err_close;
	return c;
err_close:
	close(c->io.fd);
err_free:
	log_debug("forward: %s", strerror(errno));
	free(c->in);
	free(c);
	return NULL;
}

void channel_close(struct channel *c)
{
	loop_remove(c->loop, &c->io);
	close(c->io.fd);
	free(c->in);
	free(c);
}
