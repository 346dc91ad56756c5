/* SPDX-License-Identifier: MIT */
#include "server/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/inbox.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "server/framing.h"
#include "server/handover.h"
#include "server/outcome.h"

enum {
	FRAME_MAX = FRAMING_PREFIX + DNS_MESSAGE_MAX,
	SEND_AT = 32 << 10, /* octets of replies; then they are sent first */
	SCRATCH = SEND_AT + FRAME_MAX,
	SEND_BUFFER = 64 << 10, /* the kernel's; left to itself, it grows to some MiB */
	CROWDED_PART =
		10, /* of its idle time, is what a connection has where they are many */
	LOOK_MS = 1000,     /* how often a connection is looked at, at least */
	READS_AT_ONCE = 16, /* then the others have their turn */
	OUT_MAX =
		1
		<< 20, /* octets of replies that wait for a client; one that takes none is gone */
	FORWARDED_MAX = 100 /* of a connection; then no more is read */
};

struct tcp_server {
	struct tcp_options options;
	struct loop loop;
	struct inbox inbox;
	struct loop_io inbox_io;
	pthread_t thread;
	struct counters counters;
	struct responder responder;
	struct listener *listeners;
	struct connection *connections;
	uint32_t n_connections;
	uint8_t scratch[SCRATCH];
};

struct listener {
	struct loop_io io;
	struct tcp_server *server;
	struct listener *next;
};

struct connection {
	struct loop_io io;
	struct tcp_server *server;
	struct connection *next, **link;
	struct timer idle;
	int64_t moved_ms; /* when it last took a reply or sent a whole query */
	struct client client;
	uint32_t forwarded; /* queries that upstream resolvers are to answer */
	bool has_ended;     /* it sends no more */
	bool is_closed;     /* it is gone; only what was forwarded is to come back */
	uint8_t *out;       /* replies it has not taken; NULL if there are none */
	size_t out_at, out_len;
	struct framing in;
};

enum message_type { MESSAGE_LISTEN, MESSAGE_UNLISTEN, MESSAGE_OPTIONS, MESSAGE_REPLY };

struct message {
	struct inbox_msg msg;
	enum message_type type;
	int fd;
	struct tcp_options options;
	struct connection *connection;
	size_t reply_len; /* 0: there is none */
	uint8_t *reply;   /* behind its length */
};

/* A query that has been handed to the forwarder. */
struct tcp_forwarded {
	struct forward_request request;
	struct connection *connection;
	uint8_t octets[];
};

/* ---- a connection ------------------------------------------------------------------------------ */

static void connection_close(struct connection *c)
{
	loop_remove(&c->server->loop, &c->io);
	loop_timer_cancel(&c->server->loop, &c->idle);
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	c->server->n_connections--;
	close(c->io.fd);
	free(c->out);
	c->out = NULL;
	c->is_closed = true;
	if (c->forwarded == 0)
		free(c);
}

/* So many that those who are idle must make room: RFC 7766 s6.2.3. */
static bool is_crowded(const struct tcp_server *s)
{
	return (uint64_t)s->n_connections * 5 >
	       (uint64_t)s->options.max_connections * 4;
}

/* From time to time: is it idle for longer than it may be as things stand? */
static void connection_idle(struct timer *t, int64_t now_ms)
{
	struct connection *c = CONTAINER_OF(t, struct connection, idle);
	struct tcp_server *s = c->server;
	int64_t short_ms = s->options.idle_ms / CROWDED_PART;
	int64_t end_ms = c->moved_ms + (is_crowded(s) ? short_ms : s->options.idle_ms);
	int64_t look_ms = now_ms + (short_ms < LOOK_MS ? short_ms : LOOK_MS);

	if (end_ms <= now_ms && c->forwarded == 0)
		connection_close(c);
	else
		loop_timer_set(&s->loop, t, end_ms < look_ms ? end_ms : look_ms);
}

/* Something has moved: the idle time begins anew. */
static void connection_alive(struct connection *c)
{
	c->moved_ms = loop_now_ms(&c->server->loop);
}

/* Waits for what the connection can do next: take replies, or else send queries. */
static int connection_wait(struct connection *c)
{
	uint32_t events = EPOLLIN;

	if (c->out != NULL)
		events = EPOLLOUT;
	else if (c->has_ended || c->forwarded >= FORWARDED_MAX)
		events = 0;
	return loop_modify(&c->server->loop, &c->io, events);
}

/* What the client is to take when it can. */
static void connection_keep(struct connection *c, const uint8_t *data, size_t len)
{
	size_t kept = c->out == NULL ? 0 : c->out_len - c->out_at;
	uint8_t *out = xmalloc(kept + len);

	if (kept > 0)
		memcpy(out, c->out + c->out_at, kept);
	memcpy(out + kept, data, len);
	free(c->out);
	c->out = out;
	c->out_at = 0;
	c->out_len = kept + len;
}

/* Sends len octets, keeping what the client does not take now. false: the connection is broken. */
static bool connection_send(struct connection *c, const uint8_t *data, size_t len)
{
	ssize_t sent = c->out != NULL ? 0 : send(c->io.fd, data, len, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	if (sent < 0)
		sent = 0;
	if ((size_t)sent == len)
		return true;
	connection_keep(c, data + sent, len - (size_t)sent);
	return true;
}

static void post(struct tcp_server *s, struct message m)
{
	struct message *copy = xmemdup(&m, sizeof(m));

	inbox_push(&s->inbox, &copy->msg);
}

/* On the forwarder's thread: the reply goes to the one that has the connection. */
static void forwarded_done(struct forward_request *r, const uint8_t *reply, size_t len)
{
	struct tcp_forwarded *f = CONTAINER_OF(r, struct tcp_forwarded, request);
	struct message m = {.type = MESSAGE_REPLY, .connection = f->connection};

	if (len > 0) {
		m.reply_len = FRAMING_PREFIX + len;
		m.reply = xmalloc(m.reply_len);
		dns_put16(m.reply, (uint16_t)len);
		memcpy(m.reply + FRAMING_PREFIX, reply, len);
	}
	post(f->connection->server, m);
	free(f);
}

/* The query is for upstream resolvers. */
static void hand_over(struct connection *c, const struct asked *asked,
	const uint8_t *reply)
{
	const struct responder *r = &c->server->responder;
	struct tcp_forwarded *f = xmalloc(sizeof(*f) + handover_octets(r, asked));

	handover_fill(r, asked, reply, f->octets, &f->request);
	f->request.done = forwarded_done;
	f->connection = c;
	c->forwarded++;
	forward_submit(r->now->forward, &f->request);
}

/* Answers the query at message behind what scratch holds. false: it is none, the client is mad. */
static bool answer(struct connection *c, const uint8_t *message, size_t len,
	size_t *used)
{
	struct responder *r = &c->server->responder;
	uint8_t *reply = c->server->scratch + *used;
	CMAP_UNINITIALIZED struct asked asked;
	size_t n;

	respond_read(r, message, len, &asked);
	n = respond_answer(r, &asked, false, reply + FRAMING_PREFIX);
	if (r->foreign.name.len > 0) {
		hand_over(c, &asked, reply + FRAMING_PREFIX);
		return true;
	}
	if (n == 0)
		return false;
	dns_put16(reply, (uint16_t)n);
	*used += FRAMING_PREFIX + n;
	return true;
}

/*
 * Answers the whole queries in c->in, as long as the client takes the replies. false: the
 * connection is to be closed.
 */
static bool answer_all(struct connection *c)
{
	size_t used = 0, len;
	const uint8_t *query;
	bool sane = true, moved = false;

	while (sane && c->out == NULL && c->forwarded < FORWARDED_MAX) {
		enum framing_found found = framing_next(&c->in, &query, &len);

		if (found == FRAMING_NONE)
			break;
		moved = true;
		sane = answer(c, query, len, &used) && found == FRAMING_MESSAGE;
		if (used >= SEND_AT) {
			if (!connection_send(c, c->server->scratch, used))
				return false;
			used = 0;
		}
	}
	if (moved)
		connection_alive(c);
	if (used > 0 && !connection_send(c, c->server->scratch, used))
		return false;
	return sane;
}

/* Takes the replies that are due. false: the connection is broken. */
static bool flush_out(struct connection *c)
{
	ssize_t sent = send(c->io.fd, c->out + c->out_at, c->out_len - c->out_at,
		MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR;
	connection_alive(c);
	c->out_at += (size_t)sent;
	if (c->out_at == c->out_len) {
		free(c->out);
		c->out = NULL;
	}
	return true;
}

/* Reads and answers until nothing is there, the client is slow, or it is another's turn. */
static bool read_and_answer(struct connection *c)
{
	for (int i = 0; i < READS_AT_ONCE && c->out == NULL && !c->has_ended &&
			c->forwarded < FORWARDED_MAX;
		i++) {
		size_t room;
		uint8_t *to = framing_room(&c->in, &room);
		ssize_t n = recv(c->io.fd, to, room, 0);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0) { /* it has all its replies, but for those to come */
			c->has_ended = true;
			return c->forwarded > 0;
		}
		framing_add(&c->in, (size_t)n);
		if (!answer_all(c))
			return false;
	}
	return true;
}

/* What connection_ready() does once the client can be heard or sent to. false: the connection is to be closed. */
static bool serve(struct connection *c)
{
	responder_prepare(&c->server->responder, loop_now_ms(&c->server->loop));
	c->server->responder.client = c->client;
	if (c->out != NULL && !(flush_out(c) && (c->out != NULL || answer_all(c))))
		return false;
	if (c->out == NULL && !read_and_answer(c))
		return false;
	return c->out != NULL || !c->has_ended || c->forwarded > 0;
}

static void connection_ready(struct loop_io *io, uint32_t events)
{
	struct connection *c = CONTAINER_OF(io, struct connection, io);
	/* EPOLLHUP alone: nothing was waited for, and the client is gone. */
	bool ok = !(events & EPOLLERR) && (events & (EPOLLIN | EPOLLOUT));

	if (!ok || !serve(c) || connection_wait(c) != CMAP_OK)
		connection_close(c);
}

/* What an upstream resolver has said to a query of the connection's. */
static void take_reply(const struct message *m)
{
	struct connection *c = m->connection;
	bool ok = true;

	c->forwarded--;
	if (m->reply_len > 0)
		outcome_count(outcome_read(m->reply + FRAMING_PREFIX),
			&c->server->counters);
	if (c->is_closed) {
		if (c->forwarded == 0)
			free(c);
		return;
	}
	if (m->reply_len > 0) {
		connection_alive(c);
		ok = connection_send(c, m->reply, m->reply_len) &&
		     (c->out == NULL || c->out_len - c->out_at <= OUT_MAX);
	}
	if (ok && c->out == NULL) {
		responder_prepare(&c->server->responder, loop_now_ms(&c->server->loop));
		c->server->responder.client = c->client;
		ok = answer_all(c);
	}
	ok = ok && (c->out != NULL || !c->has_ended || c->forwarded > 0);
	if (!ok || connection_wait(c) != CMAP_OK)
		connection_close(c);
}

static void connection_open(struct tcp_server *s, int fd, const struct sockaddr *peer)
{
	struct connection *c;
	int on = 1;

	counter_add(&s->counters, COUNTER_TCP_CONNECTIONS, 1);
	if (s->n_connections >= s->options.max_connections) {
		close(fd);
		return;
	}
	/* Else the replies to what is read later wait for the client's delayed ACK, 40 ms. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c = xcalloc(1, sizeof(*c));
	c->io = (struct loop_io){.fd = fd, .ready = connection_ready};
	c->server = s;
	c->idle.fire = connection_idle;
	client_read(peer, &c->client);
	c->next = s->connections;
	c->link = &s->connections;
	if (c->next != NULL)
		c->next->link = &c->next;
	s->connections = c;
	s->n_connections++;
	connection_alive(c);
	if (loop_add(&s->loop, &c->io, EPOLLIN) != CMAP_OK)
		connection_close(c);
	else
		connection_idle(&c->idle, c->moved_ms);
}

/* ---- listeners and messages --------------------------------------------------------------------- */

static void listener_ready(struct loop_io *io, uint32_t events)
{
	struct listener *l = CONTAINER_OF(io, struct listener, io);

	(void)events;
	for (int i = 0; i < READS_AT_ONCE; i++) {
		struct sockaddr_in6 peer; /* room for either family */
		socklen_t len = sizeof(peer);
		int fd = accept4(io->fd, (struct sockaddr *)&peer, &len,
			SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			connection_open(l->server, fd, (struct sockaddr *)&peer);
			continue;
		}
		/* No descriptors left: do not spin on a listener that stays readable. */
		if (errno == EMFILE || errno == ENFILE)
			usleep(1000);
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

static void add_listener(struct tcp_server *s, int fd)
{
	struct listener *l = xcalloc(1, sizeof(*l));

	l->io = (struct loop_io){.fd = fd, .ready = listener_ready};
	l->server = s;
	l->next = s->listeners;
	s->listeners = l;
	if (loop_add(&s->loop, &l->io, EPOLLIN) != CMAP_OK)
		log_error("tcp: cannot accept: %s", strerror(errno));
}

static void remove_listener(struct tcp_server *s, struct listener **link)
{
	struct listener *l = *link;

	*link = l->next;
	loop_remove(&s->loop, &l->io);
	close(l->io.fd);
	free(l);
}

static void handle_message(struct tcp_server *s, const struct message *m)
{
	switch (m->type) {
	case MESSAGE_LISTEN:
		add_listener(s, m->fd);
		break;
	case MESSAGE_UNLISTEN:
		for (struct listener **l = &s->listeners; *l != NULL; l = &(*l)->next) {
			if ((*l)->io.fd == m->fd) {
				remove_listener(s, l);
				break;
			}
		}
		break;
	case MESSAGE_OPTIONS:
		s->options = m->options;
		break;
	case MESSAGE_REPLY:
		take_reply(m);
		free(m->reply);
		break;
	}
}

static void inbox_ready(struct loop_io *io, uint32_t events)
{
	struct tcp_server *s = CONTAINER_OF(io, struct tcp_server, inbox_io);
	struct inbox_msg *m;

	(void)events;
	inbox_acknowledge(&s->inbox);
	while ((m = inbox_pop(&s->inbox)) != NULL) {
		struct message *message = CONTAINER_OF(m, struct message, msg);

		handle_message(s, message);
		free(message);
	}
}

void tcp_server_listen(struct tcp_server *s, int fd)
{
	int size = SEND_BUFFER;

	/* What is accepted on it inherits this. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) != 0)
		log_debug("tcp: SO_SNDBUF was refused: %s", strerror(errno));
	post(s, (struct message){.type = MESSAGE_LISTEN, .fd = fd});
}

void tcp_server_unlisten(struct tcp_server *s, int fd)
{
	/* From here on nobody can connect, however busy the thread is. */
	(void)shutdown(fd, SHUT_RDWR);
	post(s, (struct message){.type = MESSAGE_UNLISTEN, .fd = fd});
}

void tcp_server_set_options(struct tcp_server *s, const struct tcp_options *options)
{
	post(s, (struct message){.type = MESSAGE_OPTIONS, .options = *options});
}

void tcp_server_counters(const struct tcp_server *s, uint64_t sum[COUNTER_N])
{
	counters_sum(&s->counters, sum);
}

/* ---- the thread --------------------------------------------------------------------------------- */

static void before_wait(void *arg)
{
	(void)arg;
	reader_offline();
}

static void after_wait(void *arg)
{
	(void)arg;
	reader_online();
}

static void *tcp_run(void *arg)
{
	struct tcp_server *s = arg;

	(void)prctl(PR_SET_NAME, "cmap-tcp");
	reader_register();
	loop_run(&s->loop);
	while (s->connections != NULL)
		connection_close(s->connections);
	while (s->listeners != NULL)
		remove_listener(s, &s->listeners);
	reader_unregister();
	return NULL;
}

int tcp_server_start(const struct tcp_options *options,
	const struct responder *responder, const struct clock *clock,
	struct tcp_server **out)
{
	struct tcp_server *s = xcalloc_line(sizeof(*s));
	int err;

	s->options = *options;
	s->responder = *responder;
	s->responder.counters = &s->counters;
	if (inbox_init(&s->inbox) != CMAP_OK)
		goto err_free;
	if (loop_init(&s->loop, clock) != CMAP_OK)
		goto err_inbox;
	s->loop.before_wait = before_wait;
	s->loop.after_wait = after_wait;
	s->inbox_io = (struct loop_io){.fd = s->inbox.fd, .ready = inbox_ready};
	if (loop_add(&s->loop, &s->inbox_io, EPOLLIN) != CMAP_OK)
		goto err_loop;
	err = pthread_create(&s->thread, NULL, tcp_run, s);
	if (err != 0) {
		errno = err;
		goto err_loop;
	}
	*out = s;
	return CMAP_OK;
err_loop:
	loop_free(&s->loop);
err_inbox:
	inbox_free(&s->inbox);
err_free:
	free(s);
	return CMAP_E_SYSTEM;
}

void tcp_server_stop(struct tcp_server *s)
{
	if (s == NULL)
		return;
	loop_stop(&s->loop);
	pthread_join(s->thread, NULL);
}

void tcp_server_free(struct tcp_server *s)
{
	struct inbox_msg *m;

	if (s == NULL)
		return;
	while ((m = inbox_pop(&s->inbox)) != NULL) {
		struct message *message = CONTAINER_OF(m, struct message, msg);

		if (message->type == MESSAGE_LISTEN)
			close(message->fd);
		if (message->type == MESSAGE_REPLY)
			take_reply(message);
		free(message->reply);
		free(message);
	}
	loop_free(&s->loop);
	inbox_free(&s->inbox);
	responder_free(&s->responder);
	free(s);
}
