/* SPDX-License-Identifier: MIT */
/* New connections: accepted here, handed to libmicrohttpd, refused when there are enough. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/http_connection.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

#define ACCEPT_BATCH    64
#define ACCEPT_RETRY_MS 100 /* with no descriptor left */

static void connection_accepted(struct http *h, int fd, const struct sockaddr *addr,
	socklen_t len)
{
	const int on = 1;

	if (h->n_connections >= h->options.max_connections) {
		http_refuse_new(h, fd);
		return;
	}
	if (addr->sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (MHD_add_connection(h->mhd, fd, addr, len) != MHD_YES)
		log_warning("http: a connection could not be added");
}

/* Out of descriptors or memory. Left alone, the listener would stay readable and the loop spin. */
static void listener_starved(struct http_listener *l)
{
	struct loop *loop = l->http->loop;

	if (!l->starved)
		log_warning("http: cannot accept: %s", strerror(errno));
	l->starved = true;
	loop_remove(loop, &l->io);
	loop_timer_set(loop, &l->retry, loop_now_ms(loop) + ACCEPT_RETRY_MS);
}

static void listener_ready(struct loop_io *io, uint32_t events)
{
	struct http_listener *l = CONTAINER_OF(io, struct http_listener, io);

	(void)events;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct sockaddr_storage addr = {0};
		socklen_t len = sizeof(addr);
		int fd = accept4(io->fd, (struct sockaddr *)&addr, &len,
			SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			l->starved = false;
			connection_accepted(l->http, fd, (struct sockaddr *)&addr, len);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			listener_starved(l);
			return;
		}
	}
}

static void listener_retry(struct timer *t, int64_t now_ms)
{
	struct http_listener *l = CONTAINER_OF(t, struct http_listener, retry);

	if (loop_add(l->http->loop, &l->io, EPOLLIN))
		loop_timer_set(l->http->loop, t, now_ms + ACCEPT_RETRY_MS);
}

int http_listen(struct http *h, int fd)
{
	struct http_listener *l = xcalloc(1, sizeof(*l));

	l->http = h;
	l->io = (struct loop_io){.fd = fd, .ready = listener_ready};
	l->retry.fire = listener_retry;
	if (loop_add(h->loop, &l->io, EPOLLIN)) {
		close(fd);
		free(l);
		return CMAP_E_SYSTEM;
	}
	l->next = h->listeners;
	h->listeners = l;
	return CMAP_OK;
}

void http_close_listeners(struct http *h)
{
	struct http_listener *l;

	while ((l = h->listeners)) {
		h->listeners = l->next;
		loop_remove(h->loop, &l->io);
		loop_timer_cancel(h->loop, &l->retry);
		close(l->io.fd);
		free(l);
	}
}
