/* SPDX-License-Identifier: MIT */
#include "base/loop.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

#define BATCH 64 /* events served a wait; the rest come with the next */

int loop_init(struct loop *l, const struct clock *clock)
{
	/* The loop's own address marks stop_fd. */
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = l};
	int epoll_fd, stop_fd;

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		return CMAP_E_SYSTEM;
	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
		goto err_epoll;
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, stop_fd, &ev) != 0)
		goto err_stop;

	*l = (struct loop){.epoll_fd = epoll_fd, .stop_fd = stop_fd, .clock = clock};
	wheel_init(&l->wheel, clock_mono_ms(clock));
	return CMAP_OK;

err_stop:
	close(stop_fd);
err_epoll:
	close(epoll_fd);
	return CMAP_E_SYSTEM;
}

void loop_free(struct loop *l)
{
	close(l->stop_fd);
	close(l->epoll_fd);
	l->stop_fd = l->epoll_fd = -1;
}

static int loop_control(struct loop *l, int op, struct loop_io *io, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = io};

	return epoll_ctl(l->epoll_fd, op, io->fd, &ev) == 0 ? CMAP_OK : CMAP_E_SYSTEM;
}

int loop_add(struct loop *l, struct loop_io *io, uint32_t events)
{
	return loop_control(l, EPOLL_CTL_ADD, io, events);
}

int loop_modify(struct loop *l, struct loop_io *io, uint32_t events)
{
	return loop_control(l, EPOLL_CTL_MOD, io, events);
}

void loop_remove(struct loop *l, struct loop_io *io)
{
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, io->fd, NULL);
	for (int i = 0; i < l->n_ready; i++) {
		if (l->ready[i].data.ptr == io)
			l->ready[i].data.ptr = NULL;
	}
}

void loop_timer_set(struct loop *l, struct timer *t, int64_t at_ms)
{
	wheel_set(&l->wheel, t, at_ms);
}

void loop_timer_cancel(struct loop *l, struct timer *t)
{
	wheel_cancel(&l->wheel, t);
}

/* For epoll_wait(): as long as both max_ms and the wheel allow; -1 if neither bounds
 * it. */
static int loop_timeout_ms(const struct loop *l, int max_ms)
{
	int64_t wheel_ms = wheel_wait_ms(&l->wheel, loop_now_ms(l));

	if (wheel_ms < 0 || (max_ms >= 0 && wheel_ms > max_ms))
		return max_ms < 0 ? -1 : max_ms;
	return wheel_ms < INT_MAX ? (int)wheel_ms : INT_MAX;
}

static void loop_drain_stop(struct loop *l)
{
	uint64_t count;
	ssize_t n;

	do
		n = read(l->stop_fd, &count, sizeof(count));
	while (n < 0 && errno == EINTR);
}

void loop_once(struct loop *l, int max_ms)
{
	struct epoll_event batch[BATCH];
	int timeout_ms = loop_timeout_ms(l, max_ms);

	if (timeout_ms != 0 && l->before_wait)
		l->before_wait(l->wait_arg);
	int n = epoll_wait(l->epoll_fd, batch, BATCH, timeout_ms);
	if (timeout_ms != 0 && l->after_wait)
		l->after_wait(l->wait_arg);

	/*
	 * Stopped in the midst of what follows (a frozen machine, SIGSTOP), we come back late. Then what came in
	 * the meantime is looked at first, and only then are timers told that it did not.
	 */
	int64_t looked_ms = loop_now_ms(l);

	l->ready = batch;
	l->n_ready = n > 0 ? n : 0; /* -1: a signal came; the next wait goes on */
	for (int i = 0; i < l->n_ready; i++) {
		struct loop_io *io = batch[i].data.ptr;

		if ((void *)io == l)
			loop_drain_stop(l);
		else if (io)
			io->ready(io, batch[i].events);
	}
	l->ready = NULL;
	l->n_ready = 0;

	wheel_turn(&l->wheel, looked_ms);
}

void loop_run(struct loop *l)
{
	while (!atomic_load(&l->stopping))
		loop_once(l, -1);
}

void loop_stop(struct loop *l)
{
	const uint64_t one = 1;
	int saved = errno; /* a signal handler must leave it as it was */
	ssize_t n;

	atomic_store(&l->stopping, true);
	do
		n = write(l->stop_fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
	errno = saved;
}
