/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "server/udp.h"

enum {
	TCP_BACKLOG = 511,
	PORT_TRIES = 16 /* a port free for UDP may be taken for TCP */
};

struct address_group {
	struct sock_addr asked, bound;
	struct udp_group *udp;
	int tcp_fd;
	bool is_served;
};

struct server {
	struct server_options options;
	struct published *published;
	const struct clock *clock;
	_Atomic(struct settings *) settings;
	struct limit *limit;
	struct udp_desk *desk;
	struct forward *forward; /* once started, it stays */
	bool is_forwarding;
	struct asker *asker;
	struct responder responder; /* what each thread begins with */
	struct tcp_server *tcp;
	struct address_group *group;
	unsigned int n;
	uint64_t past[COUNTER_N]; /* of groups that are gone */
};

int server_new(const struct server_options *options, struct published *published,
	const struct clock *clock, struct server **out)
{
	struct server *s = xcalloc(1, sizeof(*s));
	int err;

	s->options = *options;
	s->published = published;
	s->clock = clock;
	s->limit = xcalloc(1, sizeof(*s->limit));
	limit_init(s->limit);
	s->desk = xcalloc_line(sizeof(*s->desk));
	s->desk->limit = s->limit;
	s->desk->clock = clock;
	atomic_init(&s->settings,
		xmemdup(&options->settings, sizeof(options->settings)));
	s->responder = (struct responder){.published = published,
		.settings = &s->settings,
		.limit = s->limit,
		.clock = clock,
		.udp_size = options->udp_size};
	err = tcp_server_start(&options->tcp, &s->responder, clock, &s->tcp);
	if (err != CMAP_OK) {
		s->tcp = NULL;
		server_free(s);
		return err;
	}
	*out = s;
	return CMAP_OK;
}

int server_set_forward(struct server *s, const struct forward_options *options)
{
	s->is_forwarding = options != NULL && options->n_upstreams > 0;
	if (!s->is_forwarding)
		return CMAP_OK;
	if (s->forward == NULL)
		return forward_start(options, s->clock, &s->forward);
	forward_set_options(s->forward, options);
	return CMAP_OK;
}

void server_set_settings(struct server *s, const struct settings *settings)
{
	struct settings *new = xmemdup(settings, sizeof(*settings)), *old;

	new->forward = s->is_forwarding ? s->forward : NULL;
	old = atomic_exchange(&s->settings, new);
	grace_retire(&s->published->grace, &old->retired);
	grace_flush(&s->published->grace);
}

int server_asker(struct server *s, struct loop *loop, struct asker **out)
{
	int err = asker_new(loop, &s->responder, &s->asker);

	if (err == CMAP_OK)
		*out = s->asker;
	return err;
}

/* Binds both sockets of g to one port. */
static int open_group(const struct server *s, struct address_group *g)
{
	int err;

	for (int tries = 0; tries < PORT_TRIES; tries++) {
		g->bound = g->asked;
		err = udp_group_open(&g->bound, s->options.udp_threads, &s->responder,
			s->clock, s->desk, &g->udp);
		if (err != CMAP_OK)
			return err;
		err = sock_listen_tcp(&g->bound, TCP_BACKLOG, &g->tcp_fd);
		if (err == CMAP_OK)
			return CMAP_OK;
		int saved = errno;

		udp_group_close(g->udp);
		errno = saved;
		if (errno != EADDRINUSE || sock_addr_port(&g->asked) != 0)
			return err;
	}
	return err;
}

int server_listen(struct server *s, const struct sock_addr *addr, struct buf *err)
{
	struct address_group g = {.asked = *addr};
	char text[SOCK_ADDR_TEXT];
	int rc = open_group(s, &g);

	if (rc != CMAP_OK) {
		sock_addr_format(addr, text);
		buf_printf(err, "cannot listen on %s: %s", text, strerror(errno));
		return rc;
	}
	s->group = xreallocarray(s->group, s->n + 1, sizeof(*s->group));
	s->group[s->n++] = g;
	return CMAP_OK;
}

int server_serve(struct server *s, struct buf *err)
{
	for (unsigned int i = 0; i < s->n; i++) {
		struct address_group *g = &s->group[i];

		if (g->is_served)
			continue;
		g->is_served = true;
		tcp_server_listen(s->tcp, g->tcp_fd);
		if (udp_group_start(g->udp) != CMAP_OK) {
			buf_printf(err, "cannot start a thread: %s", strerror(errno));
			return CMAP_E_SYSTEM;
		}
	}
	return CMAP_OK;
}

static void close_group(struct server *s, struct address_group *g)
{
	if (g->is_served)
		tcp_server_unlisten(s->tcp, g->tcp_fd);
	else
		close(g->tcp_fd);
	udp_group_counters(g->udp, s->past);
	udp_group_close(g->udp);
}

bool server_unlisten(struct server *s, const struct sock_addr *addr)
{
	for (unsigned int i = 0; i < s->n; i++) {
		if (!sock_addr_equal(&s->group[i].asked, addr))
			continue;
		close_group(s, &s->group[i]);
		s->group[i] = s->group[--s->n];
		return true;
	}
	return false;
}

const struct sock_addr *server_address(const struct server *s, unsigned int i)
{
	return i < s->n ? &s->group[i].bound : NULL;
}

void server_set_tcp_options(struct server *s, const struct tcp_options *options)
{
	s->options.tcp = *options;
	tcp_server_set_options(s->tcp, options);
}

void server_counters(const struct server *s, uint64_t sum[COUNTER_N])
{
	for (int i = 0; i < COUNTER_N; i++)
		sum[i] += s->past[i];
	tcp_server_counters(s->tcp, sum);
	counters_sum(&s->desk->counters, sum);
	if (s->forward != NULL)
		forward_counters(s->forward, sum);
	for (unsigned int i = 0; i < s->n; i++)
		udp_group_counters(s->group[i].udp, sum);
}

void server_free(struct server *s)
{
	if (s == NULL)
		return;
	while (s->n > 0)
		close_group(s, &s->group[--s->n]);
	tcp_server_stop(s->tcp);
	forward_stop(s->forward);
	tcp_server_free(s->tcp);
	asker_free(s->asker);
	free(atomic_load(&s->settings));
	free(s->limit);
	free(s->desk);
	free(s->group);
	free(s);
}
