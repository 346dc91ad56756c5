/* SPDX-License-Identifier: MIT */
/* Answers written past libmicrohttpd, to those it is not to read any further. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/http_connection.h"
#include "base/mem.h"
#include "model/ids.h"

#define LINGER_MS  1000
#define LINGER_MAX 64 /* refused ones that are waited for */

/* A refused client whose request is read away: closing on it would reset what it was told. */
struct http_refused {
	struct http *http;
	struct http_refused *next, *prev;
	struct loop_io io;
	struct timer timer;
};

/* A few hundred octets into an empty buffer; if they do not fit, there is nobody to hear them. */
static void write_answer(int fd, const struct http_answer *a)
{
	struct buf text = {0};
	char id[37];

	id_make_uuid(id);
	buf_printf(&text,
		"HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Type: %s\r\n"
		"x-amzn-RequestId: %s\r\n",
		a->status, MHD_get_reason_phrase_for((unsigned int)a->status),
		a->content_type, id);
	if (a->error_type)
		buf_printf(&text, "x-amzn-ErrorType: %s\r\n", a->error_type);
	buf_printf(&text, "Content-Length: %zu\r\n\r\n%s", a->body.len,
		buf_text(&a->body));
	if (send(fd, text.data, text.len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		errno = 0;
	buf_free(&text);
}

static void write_error(int fd, int status, const char *type, const char *message)
{
	struct http_answer answer;

	http_make_error(status, type, message, &answer);
	write_answer(fd, &answer);
	buf_free(&answer.body);
}

void http_refuse_connection(struct http_connection *c, int status, const char *type,
	const char *message)
{
	write_error(c->io.fd, status, type, message);
	shutdown(c->io.fd, SHUT_RDWR);
}

void http_answer_leaving(struct http_connection *c, struct http_answer *answer)
{
	write_answer(c->io.fd, answer);
	buf_free(&answer->body);
	shutdown(c->io.fd, SHUT_RDWR);
	c->gone = true;
}

static void refused_free(struct http_refused *r)
{
	struct http *h = r->http;

	loop_remove(h->loop, &r->io);
	loop_timer_cancel(h->loop, &r->timer);
	if (r->prev)
		r->prev->next = r->next;
	else
		h->refused = r->next;
	if (r->next)
		r->next->prev = r->prev;
	h->n_refused--;
	close(r->io.fd);
	free(r);
}

static void refused_ready(struct loop_io *io, uint32_t events)
{
	struct http_refused *r = CONTAINER_OF(io, struct http_refused, io);
	char away[4096];
	ssize_t n = recv(io->fd, away, sizeof(away), MSG_DONTWAIT);

	(void)events;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		refused_free(r);
}

static void refused_late(struct timer *t, int64_t now_ms)
{
	(void)now_ms;
	refused_free(CONTAINER_OF(t, struct http_refused, timer));
}

void http_refuse_new(struct http *h, int fd)
{
	struct http_refused *r;

	write_error(fd, MHD_HTTP_SERVICE_UNAVAILABLE, "ServiceUnavailable",
		"There are as many connections as the server takes; try again.");
	shutdown(fd, SHUT_WR);
	if (h->n_refused >= LINGER_MAX) {
		close(fd);
		return;
	}
	r = xcalloc(1, sizeof(*r));
	r->http = h;
	r->io = (struct loop_io){.fd = fd, .ready = refused_ready};
	r->timer.fire = refused_late;
	r->next = h->refused;
	if (r->next)
		r->next->prev = r;
	h->refused = r;
	h->n_refused++;
	if (loop_add(h->loop, &r->io, EPOLLIN | EPOLLRDHUP))
		refused_free(r);
	else
		loop_timer_set(h->loop, &r->timer, loop_now_ms(h->loop) + LINGER_MS);
}

void http_refuse_free_all(struct http *h)
{
	while (h->refused)
		refused_free(h->refused);
}
