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

enum {
	NEVER_MS = 1 << 30, /* the time is ours to watch, not c-ares's */
	FAILURES_MAX = 3,   /* in a row; then it is left alone for a while */
	DOWN_MS = 1000,     /* the first time; doubled each time after */
	DOWN_DOUBLINGS_MAX = 5
};

struct channel {
	ares_channel ares;
	struct upstream *upstream;
	struct channel *next; /* idle, too */
	struct loop_io io;
	uint32_t events;      /* that io is watched for; 0: there is no socket */
	const void *received; /* where this event's datagram is, and its octets */
	size_t received_len;
	bool is_tcp;
	bool is_inside; /* c-ares is at work on it */
	bool is_over;   /* the last event has been told, or nobody wants it */
	bool is_closed; /* by heard(), inside */
	void (*heard)(void *arg, enum channel_event event, const uint8_t *message,
		size_t len);
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
	ares_destroy(c->ares);
	free(c);
}

static struct channel *take_idle(struct upstream *u, bool is_tcp)
{
	struct channel *c = u->idle[is_tcp];

	if (c != NULL) {
		u->idle[is_tcp] = c->next;
		u->n_idle[is_tcp]--;
	}
	return c;
}

void upstream_free(struct upstream *u)
{
	struct channel *c;

	for (int is_tcp = 0; is_tcp < 2; is_tcp++)
		while ((c = take_idle(u, is_tcp)) != NULL)
			channel_free(c);
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

/* ---- the socket of a channel -------------------------------------------------------------------- */

/* c-ares is not at work on it. */
static void channel_rest(struct channel *c)
{
	struct upstream *u = c->upstream;

	if (u->n_idle[c->is_tcp] == UPSTREAM_IDLE_MAX) {
		channel_free(c);
		return;
	}
	c->next = u->idle[c->is_tcp];
	u->idle[c->is_tcp] = c;
	u->n_idle[c->is_tcp]++;
}

static void socket_ready(struct loop_io *io, uint32_t events)
{
	struct channel *c = CONTAINER_OF(io, struct channel, io);
	ares_socket_t fd = io->fd;

	c->received = NULL;
	c->is_inside = true;
	ares_process_fd(c->ares,
		events & (EPOLLIN | EPOLLERR | EPOLLHUP) ? fd : ARES_SOCKET_BAD,
		events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
	c->is_inside = false;
	if (!c->is_over && !c->is_tcp && c->received != NULL)
		c->heard(c->arg, CHANNEL_GUESS, NULL, 0);
	else if (c->is_closed)
		channel_rest(c);
}

/* c-ares has opened a socket, waits for something else on it, or is about to close it. */
static void socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct channel *c = arg;
	struct loop *loop = c->upstream->loop;
	uint32_t events = (readable ? (uint32_t)EPOLLIN : 0u) |
			  (writable ? (uint32_t)EPOLLOUT : 0u);
	int err = CMAP_OK;

	if (c->events == 0 && events != 0) {
		c->io = (struct loop_io){.fd = fd, .ready = socket_ready};
		err = loop_add(loop, &c->io, events);
	} else if (events != 0) {
		err = loop_modify(loop, &c->io, events);
	} else if (c->events != 0) {
		loop_remove(loop, &c->io);
	}
	c->events = events;
	if (err != CMAP_OK)
		log_debug("forward: epoll: %s", strerror(errno));
}

/*
 * c-ares's own functions spend three system calls more on a socket. And c-ares takes 512 octets of a datagram, unless it
 * adds OPT records itself, which it does badly; the rest stands behind them. Of several that have come it gets one an
 * event: who floods a port with guesses does not keep us from others.
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
	const struct channel *c = arg;

	(void)a; /* c-ares leaves out the interface of a link-local one */
	(void)len;
	return connect(fd, &c->upstream->address.any, c->upstream->address.len);
}

static ares_ssize_t receive(ares_socket_t fd, void *data, size_t len, int flags,
	struct sockaddr *from, ares_socklen_t *from_len, void *arg)
{
	struct channel *c = arg;
	ares_ssize_t n;

	if (!c->is_tcp && c->received != NULL) {
		errno = EAGAIN;
		return -1;
	}
	n = recvfrom(fd, data, len, flags, from, from_len);
	if (n >= 0) {
		c->received = data;
		c->received_len = (size_t)n;
	}
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

/* false: c-ares does not want to. */
static bool open_channel(struct channel *c)
{
	struct ares_options options = {
		/* The caller compares replies, and wants to see an RCODE as it is. */
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH |
			 ARES_FLAG_NOALIASES |
			 (c->is_tcp ? ARES_FLAG_USEVC : ARES_FLAG_IGNTC),
		.timeout = NEVER_MS,
		.tries = 1,
		.ndots = 1,
		.sock_state_cb = socket_state,
		.sock_state_cb_data = c,
		.lookups = (char[]){"b"},
		.resolvconf_path = (char[]){"/dev/null"}};
	int status = ares_init_options(&c->ares, &options,
		ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
			ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS |
			ARES_OPT_RESOLVCONF);

	if (status == ARES_SUCCESS) {
		status = set_server(c->ares, &c->upstream->address);
		ares_set_socket_functions(c->ares, &socket_functions, c);
		if (status == ARES_SUCCESS)
			return true;
		ares_destroy(c->ares);
	}
	if (c->upstream->failures == 0) /* who is out of descriptors is so for long */
		log_error("forward: c-ares: %s", ares_strerror(status));
	return false;
}

static struct channel *channel_new(struct upstream *u, bool is_tcp)
{
	struct channel *c = xcalloc(1, sizeof(*c));

	c->upstream = u;
	c->is_tcp = is_tcp;
	if (open_channel(c))
		return c;
	free(c);
	return NULL;
}

static void query_over(void *arg, int status, int timeouts, unsigned char *reply,
	int len)
{
	struct channel *c = arg;
	bool is_heard = !c->is_over && c->is_inside;
	size_t octets =
		!c->is_tcp && reply == c->received ? c->received_len : (size_t)len;

	(void)timeouts;
	c->is_over = true;
	if (!is_heard) /* closed, or not sent */
		return;
	if (status == ARES_SUCCESS && reply != NULL)
		c->heard(c->arg, CHANNEL_REPLY, reply, octets);
	else
		c->heard(c->arg, CHANNEL_FAILED, NULL, 0);
}

struct channel *upstream_ask(struct upstream *u, bool is_tcp, const uint8_t *query,
	size_t len,
	void (*heard)(void *arg, enum channel_event event, const uint8_t *message,
		size_t len),
	void *arg)
{
	struct channel *c = take_idle(u, is_tcp);

	if (c == NULL)
		c = channel_new(u, is_tcp);
	if (c == NULL)
		return NULL;
	c->heard = heard;
	c->arg = arg;
	c->is_over = c->is_closed = false;
	ares_send(c->ares, query, (int)len, query_over, c);
	if (!c->is_over)
		return c;
	channel_rest(c); /* no socket, or nowhere to send to */
	return NULL;
}

void channel_close(struct channel *c)
{
	c->is_closed = true;
	if (!c->is_over) {
		c->is_over = true;
		ares_cancel(c->ares);
	}
	if (!c->is_inside)
		channel_rest(c);
}
