/* SPDX-License-Identifier: MIT */
#include "base/loop.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "test.h"

#define START_MS 1024

/*
 * The program is linked with --wrap=epoll_wait: while waits.faked, a wait notes its timeout and does
 * not wait.
 */
static struct {
	bool faked;
	bool interrupted; /* the next wait ends by a signal */
	int n;
	int timeout_ms;
} waits;

int __real_epoll_wait(int fd, struct epoll_event *ev, int n, int timeout_ms);
int __wrap_epoll_wait(int fd, struct epoll_event *ev, int n, int timeout_ms);

int __wrap_epoll_wait(int fd, struct epoll_event *ev, int n, int timeout_ms)
{
	if (!waits.faked)
		return __real_epoll_wait(fd, ev, n, timeout_ms);
	waits.n++;
	waits.timeout_ms = timeout_ms;
	if (waits.interrupted) {
		waits.interrupted = false;
		errno = EINTR;
		return -1;
	}
	return __real_epoll_wait(fd, ev, n, 0);
}

static void loop_begin(struct loop *l, struct clock_fake *f)
{
	waits.faked = true;
	/* A slot of the wheel's second level begins here: it has nothing to move for 512 ms. */
	clock_fake_init(f, START_MS, 0);
	cr_assert_eq(loop_init(l, &f->clock), CMAP_OK);
}

static void loop_end(struct loop *l)
{
	loop_free(l);
	waits.faked = false;
}

/* A pipe whose read end is in a loop. */
struct tube {
	struct loop_io io;
	struct loop *l;
	int write_fd;
	int served;
	uint32_t events;
	struct tube *other;
};

static struct tube *tube_of(struct loop_io *io)
{
	return CONTAINER_OF(io, struct tube, io);
}

static void tube_ready(struct loop_io *io, uint32_t events)
{
	struct tube *t = tube_of(io);
	char c;

	t->served++;
	t->events = events;
	if (events & EPOLLIN)
		cr_assert_eq(read(io->fd, &c, 1), 1);
}

static struct tube *tube_new(struct loop *l, void (*ready)(struct loop_io *, uint32_t))
{
	struct tube *t = xcalloc(1, sizeof(*t));
	int fd[2];

	cr_assert_eq(pipe(fd), 0);
	t->io.fd = fd[0];
	t->io.ready = ready;
	t->write_fd = fd[1];
	t->l = l;
	cr_assert_eq(loop_add(l, &t->io, EPOLLIN), CMAP_OK);
	return t;
}

static void tube_write(const struct tube *t)
{
	cr_assert_eq(write(t->write_fd, "x", 1), 1);
}

static void tube_free(struct tube *t)
{
	loop_remove(t->l, &t->io);
	close(t->io.fd);
	if (t->write_fd >= 0)
		close(t->write_fd);
	free(t);
}

Test(loop, serves_what_is_ready_and_nothing_else)
{
	struct clock_fake f;
	struct loop l;

	loop_begin(&l, &f);
	struct tube *a = tube_new(&l, tube_ready);
	struct tube *b = tube_new(&l, tube_ready);

	loop_once(&l, 0);
	cr_assert_eq(a->served + b->served, 0);
	tube_write(b);
	loop_once(&l, -1);
	loop_once(&l, -1);
	cr_assert_eq(a->served, 0);
	cr_assert_eq(b->served, 1);
	cr_assert_eq(b->events, EPOLLIN);

	close(a->write_fd);
	a->write_fd = -1;
	loop_once(&l, -1);
	cr_assert_eq(a->events, EPOLLHUP);
	tube_free(a);
	tube_free(b);
	loop_end(&l);
}

Test(loop, modify_changes_what_is_waited_for)
{
	struct clock_fake f;
	struct loop l;

	loop_begin(&l, &f);
	struct tube *t = tube_new(&l, tube_ready);
	tube_write(t);
	cr_assert_eq(loop_modify(&l, &t->io, 0), CMAP_OK);
	loop_once(&l, 0);
	cr_assert_eq(t->served, 0);
	cr_assert_eq(loop_modify(&l, &t->io, EPOLLIN), CMAP_OK);
	loop_once(&l, 0);
	cr_assert_eq(t->served, 1);
	tube_free(t);
	loop_end(&l);
}

Test(loop, what_the_kernel_refuses_is_an_error)
{
	struct loop_io none = {.fd = -1, .ready = tube_ready};
	struct clock_fake f;
	struct loop l;

	loop_begin(&l, &f);
	struct tube *t = tube_new(&l, tube_ready);
	cr_assert_eq(loop_add(&l, &none, EPOLLIN), CMAP_E_SYSTEM);
	cr_assert_eq(loop_modify(&l, &none, EPOLLIN), CMAP_E_SYSTEM);
	cr_assert_eq(loop_add(&l, &t->io, EPOLLIN), CMAP_E_SYSTEM);
	tube_free(t);
	loop_end(&l);
}

static int kills;

static void ready_kills_other(struct loop_io *io, uint32_t events)
{
	struct tube *t = tube_of(io);

	(void)events;
	kills++;
	t->other->other = NULL;
	tube_free(t->other);
	tube_free(t);
}

Test(loop, one_removed_gets_no_event_of_the_batch_at_hand)
{
	struct clock_fake f;
	struct loop l;

	loop_begin(&l, &f);
	for (int round = 0; round < 10; round++) {
		struct tube *a = tube_new(&l, ready_kills_other);
		struct tube *b = tube_new(&l, ready_kills_other);

		a->other = b;
		b->other = a;
		tube_write(a);
		tube_write(b);
		kills = 0;
		loop_once(&l, -1);
		cr_assert_eq(kills, 1);
	}
	loop_end(&l);
}

Test(loop, serves_more_than_one_batch_of_descriptors)
{
	struct tube *t[200];
	struct clock_fake f;
	struct loop l;

	loop_begin(&l, &f);
	for (int i = 0; i < 200; i++) {
		t[i] = tube_new(&l, tube_ready);
		tube_write(t[i]);
	}
	for (int i = 0; i < 10; i++)
		loop_once(&l, -1);
	for (int i = 0; i < 200; i++) {
		cr_assert_eq(t[i]->served, 1);
		tube_free(t[i]);
	}
	loop_end(&l);
}

struct alarm {
	struct timer timer;
	int fired;
	int64_t fired_ms;
};

static void alarm_fire(struct timer *t, int64_t now_ms)
{
	struct alarm *a = CONTAINER_OF(t, struct alarm, timer);

	a->fired++;
	a->fired_ms = now_ms;
}

Test(loop, fires_timers_when_the_clock_says_so)
{
	struct alarm a = {.timer.fire = alarm_fire}, b = {.timer.fire = alarm_fire};
	struct clock_fake f;
	struct loop l;

	loop_begin(&l, &f);
	cr_assert_eq(loop_now_ms(&l), START_MS);
	loop_timer_set(&l, &a.timer, START_MS + 104);
	loop_timer_set(&l, &b.timer, START_MS + 104);
	clock_fake_pass(&f, 103);
	loop_once(&l, 0);
	cr_assert_eq(a.fired, 0);
	loop_timer_cancel(&l, &b.timer);
	clock_fake_pass(&f, 1);
	loop_once(&l, 0);
	cr_assert_eq(a.fired, 1);
	cr_assert_eq(a.fired_ms, START_MS + 104);
	cr_assert_eq(b.fired, 0);
	loop_end(&l);
}

static struct clock_fake *stopped_clock;

/* The process is stopped here for a minute. */
static void tube_stopped(struct loop_io *io, uint32_t events)
{
	tube_ready(io, events);
	clock_fake_pass(stopped_clock, 60000);
}

/* What has come while we were stopped may be what the timer waits for in vain. */
Test(loop, after_a_stop_it_looks_before_it_fires)
{
	struct alarm a = {.timer.fire = alarm_fire};
	struct clock_fake f;
	struct loop l;
	struct tube *t;

	loop_begin(&l, &f);
	stopped_clock = &f;
	t = tube_new(&l, tube_stopped);
	loop_timer_set(&l, &a.timer, START_MS + 30000);
	tube_write(t);
	loop_once(&l, 0);
	cr_assert_eq(t->served, 1);
	cr_assert_eq(a.fired, 0);
	t->io.ready = tube_ready;
	tube_write(t);
	loop_once(&l, 0);
	cr_assert_eq(t->served, 2);
	cr_assert_eq(a.fired, 1);
	tube_free(t);
	loop_end(&l);
}

Test(loop, waits_as_long_as_the_caller_and_the_wheel_allow)
{
	static const struct {
		int64_t at_ms; /* 0: no timer */
		int max_ms;
		int timeout_ms;
	} cases[] = {
		{0, -1, -1},
		{0, 0, 0},
		{0, 250, 250},
		{0, INT_MAX, INT_MAX},
		{START_MS + 104, -1, 104},
		{START_MS + 104, 103, 103},
		{START_MS + 104, 105, 104},
		{START_MS + 104, 0, 0},
		{START_MS + 100, -1, 104}, /* in the tick that ends 4 ms later */
		{START_MS, -1, 0},
		{1, -1, 0},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct alarm a = {.timer.fire = alarm_fire};
		struct clock_fake f;
		struct loop l;

		loop_begin(&l, &f);
		if (cases[i].at_ms)
			loop_timer_set(&l, &a.timer, cases[i].at_ms);
		loop_once(&l, cases[i].max_ms);
		cr_assert_eq(waits.timeout_ms, cases[i].timeout_ms, "case %zu: %d ms",
			i, waits.timeout_ms);
		loop_end(&l);
	}
}

Test(loop, a_wait_longer_than_an_int_holds_is_cut)
{
	struct alarm a = {.timer.fire = alarm_fire};
	struct clock_fake f;
	struct loop l;

	loop_begin(&l, &f);
	loop_timer_set(&l, &a.timer, INT64_C(1) << 40);
	loop_once(&l, -1);
	cr_assert_gt(waits.timeout_ms, 1000000000);
	loop_end(&l);
}

Test(loop, a_signal_ends_the_wait_and_timers_are_served)
{
	struct alarm a = {.timer.fire = alarm_fire};
	struct clock_fake f;
	struct loop l;

	loop_begin(&l, &f);
	loop_timer_set(&l, &a.timer, 1);
	waits.interrupted = true;
	loop_once(&l, -1);
	cr_assert_eq(a.fired, 1);
	loop_end(&l);
}

static void hook_before(void *arg)
{
	int *log = arg;

	log[0]++;
	log[2] = waits.n; /* before this wait */
}

static void hook_after(void *arg)
{
	int *log = arg;

	log[1]++;
	log[3] = waits.n;
}

Test(loop, hooks_stand_around_a_wait_that_may_block)
{
	struct clock_fake f;
	struct loop l;
	int log[4] = {0};

	loop_begin(&l, &f);
	l.before_wait = hook_before;
	l.after_wait = hook_after;
	l.wait_arg = log;
	loop_once(&l, 0);
	cr_assert_eq(log[0] + log[1], 0);
	waits.n = 0;
	loop_once(&l, 5);
	cr_assert(log[0] == 1 && log[1] == 1 && log[2] == 0 && log[3] == 1);
	loop_end(&l);
}

Test(loop, stopped_before_it_runs_it_does_not_run)
{
	struct clock_fake f;
	struct loop l;

	loop_begin(&l, &f);
	loop_stop(&l);
	waits.n = 0;
	loop_run(&l);
	cr_assert_eq(waits.n, 0);
	loop_end(&l);
}

static void ready_stops(struct loop_io *io, uint32_t events)
{
	tube_ready(io, events);
	if (tube_of(io)->served == 3)
		loop_stop(tube_of(io)->l);
}

Test(loop, runs_until_stopped_from_within)
{
	struct clock_fake f;
	struct loop l;

	loop_begin(&l, &f);
	struct tube *t = tube_new(&l, ready_stops);
	for (int i = 0; i < 5; i++)
		tube_write(t);
	loop_run(&l);
	cr_assert_eq(t->served, 3);
	tube_free(t);
	loop_end(&l);
}

static void *run_loop(void *l)
{
	loop_run(l);
	return NULL;
}

static void ready_tells(struct loop_io *io, uint32_t events)
{
	tube_ready(io, events);
	tube_write(tube_of(io)->other);
}

Test(loop, is_stopped_by_another_thread)
{
	pthread_t thread;
	struct loop l, here;
	char c;

	cr_assert_eq(loop_init(&l, &clock_system), CMAP_OK);
	cr_assert_eq(loop_init(&here, &clock_system), CMAP_OK);
	struct tube *ask = tube_new(&l, ready_tells);
	struct tube *answer = tube_new(&here, tube_ready);
	ask->other = answer;

	cr_assert_eq(pthread_create(&thread, NULL, run_loop, &l), 0);
	tube_write(ask);
	cr_assert_eq(read(answer->io.fd, &c, 1), 1); /* it runs */
	loop_stop(&l);
	pthread_join(thread, NULL);
	tube_free(ask);
	tube_free(answer);
	loop_free(&here);
	loop_free(&l);
}

static struct loop *signalled;

static void on_signal(int number)
{
	(void)number;
	loop_stop(signalled);
}

Test(loop, is_stopped_by_a_signal_handler_that_leaves_errno)
{
	struct sigaction old, act = {.sa_handler = on_signal};
	struct clock_fake f;
	struct loop l;

	loop_begin(&l, &f);
	signalled = &l;
	cr_assert_eq(sigaction(SIGUSR1, &act, &old), 0);
	errno = ENOTDIR;
	raise(SIGUSR1);
	cr_assert_eq(errno, ENOTDIR);
	loop_run(&l);
	sigaction(SIGUSR1, &old, NULL);
	loop_end(&l);
}
