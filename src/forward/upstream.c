/* SPDX-License-Identifier: MIT */
#include "forward/upstream.h"

#include <ares.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/dns.h"

enum {
	SOCKETS = 2,        /* of a query: UDP, then TCP */
	NEVER_MS = 1 << 30, /* the time is ours to watch, not c-ares's */
	FAILURES_MAX = 3,   /* in a row; then it is left alone for a while */
	DOWN_MS = 1000,     /* the first time; doubled each time after */
	DOWN_DOUBLINGS_MAX = 5
};

struct channel_socket {
	struct loop_io io;
	struct channel *channel;
	ares_channel ares;
	uint32_t events; /* 0: not in use */
};

struct channel {
	ares_channel udp, tcp; /* tcp NULL: not yet needed */
	const void *received;  /* where the last datagram is, and its octets */
	size_t received_len;
	struct upstream *upstream;
	struct channel *next; /* idle, too */
	struct channel_socket socket[SOCKETS];
	struct timer later; /* what ended inside ares_send() is told from the loop */
	bool is_tcp, is_sending, is_done;
	size_t query_len;
	uint8_t query[UPSTREAM_QUERY_MAX];
	void (*done)(void *arg, enum channel_end end, const uint8_t *reply, size_t len);
	void *arg;
};

/* ---- upstreams ---------------------------------------------------------------------------------- */

void upstream_init(struct upstream *u, const struct sock_addr *address,
	struct loop *loop)
{
	*u = (struct upstream){.address = *address, .loop = loop};
}

static void channel_free(struct channel *c)
{
	loop_timer_cancel(c->upstream->loop, &c->later);
	ares_destroy(c->udp);
	if (c->tcp != NULL)
		ares_destroy(c->tcp);
	free(c);
}

void upstream_free(struct upstream *u)
{
	while (u->idle != NULL) {
		struct channel *c = u->idle;

		u->idle = c->next;
		channel_free(c);
	}
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

/* ---- sockets of a channel ----------------------------------------------------------------------- */

static void channel_rest(struct channel *c)
{
	c->next = c->upstream->idle;
	c->upstream->idle = c;
}

static void socket_ready(struct loop_io *io, uint32_t events)
{
	struct channel_socket *s = CONTAINER_OF(io, struct channel_socket, io);
	struct channel *c = s->channel;
	ares_socket_t fd = io->fd;

	ares_process_fd(s->ares,
		events & (EPOLLIN | EPOLLERR | EPOLLHUP) ? fd : ARES_SOCKET_BAD,
		events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
	if (c->is_done && !timer_is_set(&c->later))
		channel_rest(c);
}

static struct channel_socket *find_socket(struct channel *c, int fd)
{
	struct channel_socket *unused = NULL;

	for (int i = 0; i < SOCKETS; i++) {
		if (c->socket[i].events != 0 && c->socket[i].io.fd == fd)
			return &c->socket[i];
		if (c->socket[i].events == 0)
			unused = &c->socket[i];
	}
	return unused;
}

/* c-ares has opened a socket, waits for something else on it, or is about to close it. */
static void socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct channel *c = arg;
	struct loop *loop = c->upstream->loop;
	struct channel_socket *s = find_socket(c, fd);
	uint32_t events = (readable ? (uint32_t)EPOLLIN : 0u) |
			  (writable ? (uint32_t)EPOLLOUT : 0u);
	int err = CMAP_OK;

	if (s == NULL || (s->events == 0 && events == 0))
		return;
	if (s->events == 0) {
		s->io = (struct loop_io){.fd = fd, .ready = socket_ready};
		s->channel = c;
		s->ares = c->is_tcp ? c->tcp : c->udp;
		err = loop_add(loop, &s->io, events);
	} else if (events != 0) {
		err = loop_modify(loop, &s->io, events);
	} else {
		loop_remove(loop, &s->io);
	}
	s->events = events;
	if (err != CMAP_OK)
		log_debug("forward: epoll: %s", strerror(errno));
}

/*
 * c-ares's own functions spend three system calls more on a socket. And c-ares takes 512 octets of a datagram, unless it
 * adds OPT records itself, which it does badly; the rest stands behind them.
 */
static ares_socket_t open_socket(int family, int type, int protocol, void *arg)
{
	(void)arg;
	return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

static int close_socket(ares_socket_t fd, void *arg)
{
	(void)arg;
	return close(fd);
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *a,
	ares_socklen_t len, void *arg)
{
	(void)arg;
	return connect(fd, a, len);
}

static ares_ssize_t receive(ares_socket_t fd, void *data, size_t len, int flags,
	struct sockaddr *from, ares_socklen_t *from_len, void *arg)
{
	struct channel *c = arg;
	ares_ssize_t n = recvfrom(fd, data, len, flags, from, from_len);

	c->received = data;
	c->received_len = n < 0 ? 0 : (size_t)n;
	return n;
}

static ares_ssize_t send_octets(ares_socket_t fd, const struct iovec *vec, int n,
	void *arg)
{
	union {
		const struct iovec *in;
		struct iovec *out;
	} v = {.in = vec}; /* sendmsg() does not write there */
	struct msghdr m = {.msg_iov = v.out, .msg_iovlen = (size_t)n};

	(void)arg;
	return sendmsg(fd, &m, MSG_NOSIGNAL);
}

static const struct ares_socket_functions socket_functions = {
	open_socket, close_socket, connect_socket, receive, send_octets};

/* ---- a channel ---------------------------------------------------------------------------------- */

static int set_server(ares_channel ares, const struct sock_addr *a)
{
	struct ares_addr_port_node node = {.family = a->any.sa_family,
		.udp_port = sock_addr_port(a),
		.tcp_port = sock_addr_port(a)};

	if (a->any.sa_family == AF_INET)
		node.addr.addr4 = a->in.sin_addr;
	else
		memcpy(&node.addr.addr6, &a->in6.sin6_addr, sizeof(node.addr.addr6));
	return ares_set_servers_ports(ares, &node);
}

/* flags: what the channel does besides. false: c-ares does not want to. */
static bool open_channel(struct channel *c, int flags, ares_channel *out)
{
	struct ares_options options = {
		/* The caller compares replies, and wants to see an RCODE as it is. */
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH |
			 ARES_FLAG_NOALIASES | flags,
		.timeout = NEVER_MS,
		.tries = 1,
		.ndots = 1,
		.sock_state_cb = socket_state,
		.sock_state_cb_data = c,
		.lookups = (char[]){"b"},
		.resolvconf_path = (char[]){"/dev/null"}};
	int status = ares_init_options(out, &options,
		ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
			ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS |
			ARES_OPT_RESOLVCONF);

	if (status == ARES_SUCCESS) {
		status = set_server(*out, &c->upstream->address);
		ares_set_socket_functions(*out, &socket_functions, c);
		if (status == ARES_SUCCESS)
			return true;
		ares_destroy(*out);
		*out = NULL;
	}
	log_error("forward: c-ares: %s", ares_strerror(status));
	return false;
}

static struct channel *channel_new(struct upstream *u)
{
	struct channel *c = xcalloc(1, sizeof(*c));

	c->upstream = u;
	if (open_channel(c, ARES_FLAG_IGNTC, &c->udp))
		return c;
	free(c);
	return NULL;
}

static void tell_later(struct timer *t, int64_t now_ms)
{
	struct channel *c = CONTAINER_OF(t, struct channel, later);

	(void)now_ms;
	channel_rest(c);
	c->done(c->arg, CHANNEL_FAILED, NULL, 0);
}

static void channel_done(void *arg, int status, int timeouts, unsigned char *reply,
	int len);

static void send_query(struct channel *c)
{
	c->is_done = false;
	c->is_sending = true;
	ares_send(c->is_tcp ? c->tcp : c->udp, c->query, (int)c->query_len,
		channel_done, c);
	c->is_sending = false;
	if (c->is_done) { /* no socket, or nowhere to send to */
		c->later.fire = tell_later;
		loop_timer_set(c->upstream->loop, &c->later, 0);
	}
}

/* Whether the reply that c-ares gives is the last datagram, and not cut off by whoever sent it. */
static bool is_whole(const struct channel *c, const unsigned char *reply)
{
	return reply == c->received && c->received_len >= DNS_HEADER_LEN &&
	       !(dns_get16(reply + 2) & DNS_TC);
}

static void channel_done(void *arg, int status, int timeouts, unsigned char *reply,
	int len)
{
	struct channel *c = arg;

	(void)timeouts;
	if (c->is_done) /* cancelled */
		return;
	if (!c->is_tcp && status == ARES_SUCCESS && !is_whole(c, reply) &&
		(c->tcp != NULL || open_channel(c, ARES_FLAG_USEVC, &c->tcp))) {
		c->is_tcp = true;
		send_query(c);
		return;
	}
	if (!c->is_tcp && reply == c->received)
		len = (int)c->received_len;
	c->is_done = true;
	if (c->is_sending)
		return;
	if (status == ARES_SUCCESS && reply != NULL)
		c->done(c->arg, CHANNEL_REPLY, reply, (size_t)len);
	else
		c->done(c->arg, CHANNEL_FAILED, NULL, 0);
}

struct channel *upstream_ask(struct upstream *u, const uint8_t *query, size_t len,
	void (*done)(void *arg, enum channel_end end, const uint8_t *reply, size_t len),
	void *arg)
{
	struct channel *c = u->idle;

	if (c != NULL)
		u->idle = c->next;
	else
		c = channel_new(u);
	if (c == NULL)
		return NULL;
	c->done = done;
	c->arg = arg;
	c->is_tcp = false;
	c->query_len = len;
	memcpy(c->query, query, len);
	send_query(c);
	return c;
}

void channel_cancel(struct channel *c)
{
	loop_timer_cancel(c->upstream->loop, &c->later);
	c->is_done = true;
	ares_cancel(c->is_tcp ? c->tcp : c->udp);
	channel_rest(c);
}
