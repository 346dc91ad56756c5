/* SPDX-License-Identifier: MIT */
/*
 * loop.h -- one thread's epoll loop: file descriptors, timers, and a hook around the wait.
 *
 * Thread: a loop and all that is added to it belong to one thread; only loop_stop() may be called
 *         from another thread or a signal handler.
 * Owner:  loop_io and timers are embedded in their owners.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/wheel.h"

struct loop_io {
	int fd;
	/* events: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLRDHUP. It may remove any loop_io. */
	void (*ready)(struct loop_io *io, uint32_t events);
};

struct loop {
	int epoll_fd;
	int stop_fd; /* eventfd */
	atomic_bool stopping;
	const struct clock *clock;
	struct wheel wheel;
	struct epoll_event *ready; /* the batch at hand; removed ones are blanked */
	int n_ready;
	/* Optional: called right before and after a wait that may block. */
	void (*before_wait)(void *arg);
	void (*after_wait)(void *arg);
	void *wait_arg;
};

/* CMAP_E_SYSTEM when the kernel gives no descriptors. */
int loop_init(struct loop *l, const struct clock *clock) CMAP_NONNULL CMAP_MUST_USE;
void loop_free(struct loop *l) CMAP_NONNULL;

int loop_add(struct loop *l, struct loop_io *io,
	uint32_t events) CMAP_NONNULL CMAP_MUST_USE;
int loop_modify(struct loop *l, struct loop_io *io,
	uint32_t events) CMAP_NONNULL CMAP_MUST_USE;
/* io gets no further event, not even one of the batch at hand. Does not close io->fd. */
void loop_remove(struct loop *l, struct loop_io *io) CMAP_NONNULL;

static inline int64_t loop_now_ms(const struct loop *l)
{
	return clock_mono_ms(l->clock);
}

/* Timers of this loop; see wheel.h. */
void loop_timer_set(struct loop *l, struct timer *t, int64_t at_ms) CMAP_NONNULL;
void loop_timer_cancel(struct loop *l, struct timer *t) CMAP_NONNULL;

/*
 * Waits at most max_ms (-1: no bound), then serves what is ready and the timers that were due when the wait ended:
 * none fires for what may have come while others were served.
 */
void loop_once(struct loop *l, int max_ms) CMAP_NONNULL;
/* Runs until loop_stop(). */
void loop_run(struct loop *l) CMAP_NONNULL;
void loop_stop(struct loop *l) CMAP_NONNULL;

#endif
