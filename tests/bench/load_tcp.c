/* SPDX-License-Identifier: MIT */
/*
 * load_tcp.c -- the load over TCP: connections that each keep so many queries on the way. A reply makes room
 * for a query; those that one read has made room for leave in one write.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum { WINDOW_MAX = 256, PREFIX = 2, PATIENCE_MS = 1000 };

struct connection {
	int fd;
	size_t n_in,
		n_out; /* octets in both buffers; those of out are what the server did not take */
	int64_t moved_ns; /* when the last reply came */
	uint8_t turn
		[WINDOW_MAX]; /* the upper half of the id that the query in that place has */
	const struct question
		*question[WINDOW_MAX]; /* NULL: no query on the way there */
	uint8_t in[2 * (PREFIX + REPLY_MAX)];
	uint8_t out[WINDOW_MAX * (PREFIX + QUESTION_MAX)];
};

struct tcp_load {
	struct load *load;
	struct load_result *result;
	int epoll_fd;
	struct connection *connection;
};

/* A query in that place, behind what is to be sent. */
static void put_query(struct tcp_load *t, struct connection *c, unsigned int place)
{
	const struct question *q = questions_next(&t->load->questions);
	uint8_t *at = c->out + c->n_out;

	c->question[place] = q;
	c->turn[place]++;
	at[0] = (uint8_t)(q->len >> 8);
	at[1] = (uint8_t)q->len;
	memcpy(at + PREFIX, q->wire, q->len);
	at[PREFIX] = c->turn[place];
	at[PREFIX + 1] = (uint8_t)place;
	c->n_out += PREFIX + q->len;
}

static void flush_queries(struct connection *c)
{
	size_t sent = 0;

	while (sent < c->n_out) {
		ssize_t n = send(c->fd, c->out + sent, c->n_out - sent, MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			break; /* the reading side sees it, too */
	}
	c->n_out = 0;
}

static void open_connection(struct tcp_load *t, struct connection *c)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
	int on = 1;

	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&t->load->server,
				 sizeof(t->load->server)) != 0)
		load_die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, c->fd, &e) != 0)
		load_die("epoll_ctl");
	c->n_in = c->n_out = 0;
	for (unsigned int i = 0; i < t->load->window; i++)
		put_query(t, c, i);
	c->moved_ns = load_now_ns();
	flush_queries(c);
}

/* The server has closed it, or has not answered for long. */
static void open_again(struct tcp_load *t, struct connection *c)
{
	close(c->fd);
	for (unsigned int i = 0; i < t->load->window; i++)
		t->result->lost += c->question[i] != NULL;
	open_connection(t, c);
}

static void judge(struct tcp_load *t, struct connection *c, const uint8_t *reply,
	size_t len)
{
	unsigned int place = len < 2 ? WINDOW_MAX : reply[1];

	if (place >= t->load->window || c->turn[place] != reply[0]) {
		t->result->late++;
		return;
	}
	t->result->all++;
	if (question_is_answered(c->question[place], reply, len, t->load->is_echo))
		t->result->answered++;
	else
		t->result->wrong++;
	put_query(t, c, place);
}

static void receive(struct tcp_load *t, struct connection *c)
{
	ssize_t n = recv(c->fd, c->in + c->n_in, sizeof(c->in) - c->n_in, MSG_DONTWAIT);
	size_t at = 0;

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			open_again(t, c);
		return;
	}
	c->moved_ns = load_now_ns();
	c->n_in += (size_t)n;
	while (c->n_in - at >= PREFIX) {
		size_t len = (size_t)(c->in[at] << 8 | c->in[at + 1]);

		if (c->n_in - at < PREFIX + len)
			break;
		judge(t, c, c->in + at + PREFIX, len);
		at += PREFIX + len;
	}
	memmove(c->in, c->in + at, c->n_in - at);
	c->n_in -= at;
	flush_queries(c);
}

static void give_up_stuck(struct tcp_load *t, int64_t now_ns)
{
	for (unsigned int i = 0; i < t->load->ports; i++)
		if (now_ns - t->connection[i].moved_ns > PATIENCE_MS * INT64_C(1000000))
			open_again(t, &t->connection[i]);
}

void load_tcp(struct load *load, struct load_result *result)
{
	struct tcp_load t = {load, result, epoll_create1(0), NULL};
	int64_t warm_ns, end_ns, now_ns = load_now_ns(), waited_ns = 0;
	bool is_warm = false;

	t.connection = calloc(load->ports, sizeof(*t.connection));
	if (load->window > WINDOW_MAX || t.connection == NULL)
		load_die("too many queries on the way");
	for (unsigned int i = 0; i < load->ports; i++)
		open_connection(&t, &t.connection[i]);
	warm_ns = now_ns + (int64_t)(load->warm_up * 1e9);
	end_ns = INT64_MAX;
	while (now_ns < end_ns) {
		struct epoll_event ready[64];
		int64_t before_ns = load_now_ns();
		int n = epoll_wait(t.epoll_fd, ready, 64, 100);

		now_ns = load_now_ns();
		waited_ns += now_ns - before_ns;
		for (int i = 0; i < n; i++)
			receive(&t, ready[i].data.ptr);
		give_up_stuck(&t, now_ns);
		if (!is_warm && now_ns >= warm_ns) {
			load_reset(result);
			warm_ns = now_ns;
			end_ns = warm_ns + (int64_t)(load->seconds * 1e9);
			waited_ns = 0;
			is_warm = true;
		}
	}
	result->seconds = (double)(now_ns - warm_ns) / 1e9;
	result->waiting = (double)waited_ns / 1e9 / result->seconds;
	for (unsigned int i = 0; i < load->ports; i++)
		close(t.connection[i].fd);
	close(t.epoll_fd);
	free(t.connection);
}
