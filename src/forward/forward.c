/* SPDX-License-Identifier: MIT */
#include "forward/forward.h"

#include <ares.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"
#include "forward/private.h"

struct message {
	struct inbox_msg msg;
	struct forward_options options;
};

bool forward_has_room(const struct forward *f)
{
	return atomic_load_explicit(&f->waiting, memory_order_relaxed) <
	       atomic_load_explicit(&f->room, memory_order_relaxed);
}

void forward_submit(struct forward *f, struct forward_request *r)
{
	atomic_fetch_add_explicit(&f->waiting, 1, memory_order_relaxed);
	inbox_push(&f->inbox, &r->msg);
}

void forward_answer(struct forward *f, struct forward_request *r,
	const struct image *image, const struct forward_saying *say)
{
	size_t len = forward_reply(r, image, say, f->reply);

	atomic_fetch_sub_explicit(&f->waiting, 1, memory_order_relaxed);
	if (r->rest != NULL)
		f->rest = r->rest;
	r->done(r, f->reply, len);
}

/* ---- options ----------------------------------------------------------------------------------- */

static void take_options(struct forward *f, const struct forward_options *options)
{
	resolve_cancel(f);
	for (uint32_t i = 0; i < f->options.n_upstreams; i++)
		upstream_free(&f->upstream[i]);
	f->options = *options;
	for (uint32_t i = 0; i < f->options.n_upstreams; i++)
		upstream_init(&f->upstream[i], &f->options.upstream[i], &f->loop);
	cache_resize(&f->cache, options->cache_octets);
	resolve_again(f);
}

void forward_set_options(struct forward *f, const struct forward_options *options)
{
	struct message *m = xcalloc(1, sizeof(*m));

	m->options = *options;
	atomic_store_explicit(&f->room, options->queries, memory_order_relaxed);
	inbox_push(&f->options_inbox, &m->msg);
}

static void options_ready(struct loop_io *io, uint32_t events)
{
	struct forward *f = CONTAINER_OF(io, struct forward, options_io);
	struct inbox_msg *m;

	(void)events;
	inbox_acknowledge(&f->options_inbox);
	while ((m = inbox_pop(&f->options_inbox)) != NULL) {
		struct message *message = CONTAINER_OF(m, struct message, msg);

		take_options(f, &message->options);
		free(message);
	}
}

/* ---- the thread --------------------------------------------------------------------------------- */

static void inbox_ready(struct loop_io *io, uint32_t events)
{
	struct forward *f = CONTAINER_OF(io, struct forward, inbox_io);
	struct inbox_msg *m;

	(void)events;
	inbox_acknowledge(&f->inbox);
	while ((m = inbox_pop(&f->inbox)) != NULL)
		resolve(f, CONTAINER_OF(m, struct forward_request, msg));
}

static void rest(void *arg)
{
	struct forward *f = arg;

	if (f->rest != NULL)
		f->rest();
	f->rest = NULL;
}

static void *forward_run(void *arg)
{
	struct forward *f = arg;

	(void)prctl(PR_SET_NAME, "cmap-forward");
	f->loop.before_wait = rest;
	f->loop.wait_arg = f;
	loop_run(&f->loop);
	rest(f);
	return NULL;
}

static void forward_free(struct forward *f)
{
	for (uint32_t i = 0; i < f->options.n_upstreams; i++)
		upstream_free(&f->upstream[i]);
	cache_free(&f->cache);
	loop_free(&f->loop);
	inbox_free(&f->options_inbox);
	inbox_free(&f->inbox);
	ares_library_cleanup();
	free(f);
}

int forward_start(const struct forward_options *options, const struct clock *clock,
	struct forward **out)
{
	struct forward *f = xcalloc_line(sizeof(*f));
	int err;

	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		goto err_free;
	if (inbox_init(&f->inbox) != CMAP_OK)
		goto err_library;
	if (inbox_init(&f->options_inbox) != CMAP_OK)
		goto err_inbox;
	if (loop_init(&f->loop, clock) != CMAP_OK)
		goto err_options;
	f->inbox_io = (struct loop_io){.fd = f->inbox.fd, .ready = inbox_ready};
	f->options_io =
		(struct loop_io){.fd = f->options_inbox.fd, .ready = options_ready};
	if (loop_add(&f->loop, &f->inbox_io, EPOLLIN) != CMAP_OK ||
		loop_add(&f->loop, &f->options_io, EPOLLIN) != CMAP_OK)
		goto err_loop;
	random_octets(f->mark, sizeof(f->mark));
	cache_init(&f->cache, options->cache_octets);
	atomic_init(&f->room, options->queries);
	take_options(f, options);
	err = pthread_create(&f->thread, NULL, forward_run, f);
	if (err != 0) {
		forward_free(f);
		errno = err;
		return CMAP_E_SYSTEM;
	}
	*out = f;
	return CMAP_OK;
err_loop:
	loop_free(&f->loop);
err_options:
	inbox_free(&f->options_inbox);
err_inbox:
	inbox_free(&f->inbox);
err_library:
	ares_library_cleanup();
err_free:
	free(f);
	return CMAP_E_SYSTEM;
}

void forward_counters(const struct forward *f, uint64_t sum[COUNTER_N])
{
	counters_sum(&f->counters, sum);
}

void forward_stop(struct forward *f)
{
	struct inbox_msg *m;

	if (f == NULL)
		return;
	loop_stop(&f->loop);
	pthread_join(f->thread, NULL);
	while ((m = inbox_pop(&f->inbox)) != NULL) {
		struct forward_request *r =
			CONTAINER_OF(m, struct forward_request, msg);

		r->done(r, NULL, 0);
	}
	while ((m = inbox_pop(&f->options_inbox)) != NULL)
		free(CONTAINER_OF(m, struct message, msg));
	resolve_stop(f);
	forward_free(f);
}
