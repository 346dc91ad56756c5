/* SPDX-License-Identifier: MIT */
#include "api/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "api/http_connection.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

/* libmicrohttpd's memory for one connection: a head of HTTP_HEAD_MAX, its headers, a piece of the body. */
#define CONNECTION_MEMORY 32768

/* ---- libmicrohttpd in our loop ---- */

/*
 * Not from the event itself: timers come behind all events of a wait, so by then each connection has seen
 * its own first byte (see http_connection.h).
 */
void http_kick(struct http *h)
{
	loop_timer_set(h->loop, &h->run, 0);
}

static void mhd_ready(struct loop_io *io, uint32_t events)
{
	(void)events;
	http_kick(CONTAINER_OF(io, struct http, io));
}

static void mhd_run(struct timer *t, int64_t now_ms)
{
	struct http *h = CONTAINER_OF(t, struct http, run);
	MHD_UNSIGNED_LONG_LONG wait_ms;

	MHD_run(h->mhd);
	if (MHD_get_timeout(h->mhd, &wait_ms) != MHD_YES)
		return;
	if (wait_ms == 0)
		http_kick(h);
	else
		loop_timer_set(h->loop, &h->run, now_ms + (int64_t)wait_ms);
}

/* ---- connections ---- */

static int64_t deadline_ms(const struct http_connection *c)
{
	switch (c->state) {
	case HTTP_IDLE:
		return HTTP_IDLE_MS;
	case HTTP_READING:
		return c->http->options.request_deadline_ms;
	case HTTP_WAITING:
		return c->leaving ? HTTP_LEAVING_MS : HTTP_ANSWER_MAX_MS;
	case HTTP_SENDING:
		break;
	}
	return HTTP_WRITE_MS;
}

void http_connection_set(struct http_connection *c, enum http_state state)
{
	struct loop *l = c->http->loop;

	c->state = state;
	c->due_ms = loop_now_ms(l) + deadline_ms(c);
	loop_timer_set(l, &c->timer, c->due_ms);
}

void http_connection_resume(struct http_connection *c)
{
	if (!c->suspended)
		return;
	c->suspended = false;
	MHD_resume_connection(c->mhd);
	http_kick(c->http);
}

/* Nobody waits for the answer any more. */
static void abandon(struct http_connection *c)
{
	struct http_options *o = &c->http->options;

	if (c->suspended && !c->response)
		o->abandon(o->arg, &c->exchange);
}

static void connection_gone(struct http_connection *c)
{
	abandon(c);
	c->gone = true;
	http_connection_resume(c);
}

static void connection_ready(struct loop_io *io, uint32_t events)
{
	struct http_connection *c = CONTAINER_OF(io, struct http_connection, io);

	if (events & EPOLLRDHUP) {
		c->leaving = true;
		if (c->state == HTTP_WAITING)
			http_connection_set(c, HTTP_WAITING);
	}
	if (events & (EPOLLHUP | EPOLLERR)) {
		connection_gone(c);
		return;
	}
	if (!(events & EPOLLIN))
		return;
	if (c->state == HTTP_IDLE)
		http_connection_set(c, HTTP_READING);
	else if (c->state != HTTP_READING)
		c->more = true;
}

/* libmicrohttpd owns the socket: shut down, it reads as ended, and is closed. */
static void connection_late(struct timer *t, int64_t now_ms)
{
	struct http_connection *c = CONTAINER_OF(t, struct http_connection, timer);

	switch (c->state) {
	case HTTP_IDLE:
	case HTTP_SENDING:
		shutdown(c->io.fd, SHUT_RDWR);
		break;
	case HTTP_READING:
		http_refuse_connection(c, MHD_HTTP_REQUEST_TIMEOUT, "RequestTimeout",
			"The request did not arrive in time.");
		break;
	case HTTP_WAITING:
		if (c->leaving) {
			connection_gone(c);
			break;
		}
		if (now_ms - c->due_ms >= HTTP_LATE_MS) {
			/* The store's thread was stopped like all of us. */
			http_connection_set(c, HTTP_WAITING);
			break;
		}
		abandon(c);
		c->close = true;
		http_reply_error(&c->exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
			"ServiceUnavailable",
			"The store did not answer in time; the outcome is unknown: the "
			"change may still take place.");
		break;
	}
}

/* What is not known to be a Unix socket is taken for a stranger's. */
static bool is_local(int fd)
{
	int domain = AF_UNSPEC;
	socklen_t len = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	       domain == AF_UNIX;
}

static void connection_started(struct http *h, struct MHD_Connection *mhd,
	void **context)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct http_connection *c = xcalloc(1, sizeof(*c));

	c->http = h;
	c->mhd = mhd;
	c->is_local = is_local(info->connect_fd);
	c->io = (struct loop_io){.fd = info->connect_fd, .ready = connection_ready};
	c->timer.fire = connection_late;
	c->next = h->connections;
	if (c->next)
		c->next->prev = c;
	h->connections = c;
	h->n_connections++;
	*context = c;
	if (loop_add(h->loop, &c->io, EPOLLIN | EPOLLRDHUP | EPOLLET))
		log_warning("http: a connection is not watched: %s", strerror(errno));
	http_connection_set(c, HTTP_IDLE);
}

static void connection_closed(struct http *h, struct http_connection *c)
{
	loop_remove(h->loop, &c->io);
	loop_timer_cancel(h->loop, &c->timer);
	if (c->prev)
		c->prev->next = c->next;
	else
		h->connections = c->next;
	if (c->next)
		c->next->prev = c->prev;
	h->n_connections--;
	http_request_end(c);
	free(c);
}

static void notify_connection(void *arg, struct MHD_Connection *mhd, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		connection_started(arg, mhd, context);
	else if (*context)
		connection_closed(arg, *context);
}

static void notify_completed(void *arg, struct MHD_Connection *mhd, void **request,
	enum MHD_RequestTerminationCode code)
{
	struct http_connection *c = *request;

	(void)arg;
	(void)mhd;
	(void)code;
	if (!c)
		return;
	*request = NULL;
	http_request_end(c);
	http_connection_set(c, c->more ? HTTP_READING : HTTP_IDLE);
	c->more = false;
}

/* ---- the front as a whole ---- */

struct http *http_new(const struct http_options *options, struct loop *loop)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->options = *options;
	h->loop = loop;
	/* Without MHD_USE_ERROR_LOG: on a Unix socket it has something to say of each answer. */
	h->mhd = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
					  MHD_USE_NO_LISTEN_SOCKET,
		0, NULL, NULL, http_request_handle, h, MHD_OPTION_CONNECTION_LIMIT,
		options->max_connections + 1, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK,
		http_request_log, h, MHD_OPTION_NOTIFY_CONNECTION, notify_connection, h,
		MHD_OPTION_NOTIFY_COMPLETED, notify_completed, h, MHD_OPTION_END);
	if (!h->mhd)
		goto err_free;
	h->io = (struct loop_io){
		.fd = MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
		.ready = mhd_ready};
	h->run.fire = mhd_run;
	if (loop_add(loop, &h->io, EPOLLIN))
		goto err_stop;
	return h;

err_stop:
	MHD_stop_daemon(h->mhd);
err_free:
	log_error("libmicrohttpd does not start");
	free(h);
	return NULL;
}

void http_stop_listening(struct http *h)
{
	http_close_listeners(h);
	h->stopping = true;
	for (struct http_connection *c = h->connections; c; c = c->next) {
		if (c->state == HTTP_IDLE)
			shutdown(c->io.fd, SHUT_RDWR);
	}
}

uint32_t http_connections(const struct http *h)
{
	return h->n_connections;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	http_stop_listening(h);
	http_refuse_free_all(h);
	for (struct http_connection *c = h->connections; c; c = c->next)
		connection_gone(c);
	loop_remove(h->loop, &h->io);
	MHD_stop_daemon(h->mhd);
	loop_timer_cancel(h->loop, &h->run);
	free(h);
}
