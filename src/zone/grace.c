/* SPDX-License-Identifier: MIT */
#include "zone/grace.h"

#include <stdlib.h>
#include <unistd.h>
#include <urcu-qsbr.h>

#include "base/mem.h"

/*
 * ThreadSanitizer cannot see the order that liburcu's own code makes. These tell it: what a reader
 * did before it let go happens before what was retired is freed.
 */
#ifdef __SANITIZE_THREAD__
#define CMAP_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CMAP_TSAN 1
#endif
#endif
#ifdef CMAP_TSAN
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
/*
 * liburcu 0.13 ends its worker and does not join it. And a socket may be connected while others receive from it
 * (server/udp.c): the kernel sees to that, but ThreadSanitizer takes it for a new descriptor.
 */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "thread:liburcu-qsbr\nrace:leave_address\n";
}
static char reader_order, retire_order;
#define ORDER_RELEASE(tag) __tsan_release(tag)
#define ORDER_ACQUIRE(tag) __tsan_acquire(tag)
#else
#define ORDER_RELEASE(tag) ((void)0)
#define ORDER_ACQUIRE(tag) ((void)0)
#endif

struct flush {
	struct rcu_head head;
	struct grace *grace;
	struct retired *retired;
	uint64_t epoch;
};

/* Runs in liburcu's worker thread. */
static void flush_passed(struct rcu_head *head)
{
	struct flush *f = CONTAINER_OF(head, struct flush, head);

	ORDER_ACQUIRE(&retire_order);
	ORDER_ACQUIRE(&reader_order);
	while (f->retired != NULL) {
		struct retired *r = f->retired;

		f->retired = r->next;
		free(r);
	}
	atomic_store_explicit(&f->grace->completed, f->epoch, memory_order_release);
	free(f);
}

void grace_init(struct grace *g)
{
	g->waiting = NULL;
	g->epoch = 0;
	atomic_init(&g->completed, 0);
	g->worker = create_call_rcu_data(0, -1);
}

void grace_free(struct grace *g)
{
	uint64_t epoch = grace_flush(g);

	/* Not rcu_barrier(): ThreadSanitizer takes what it hands to the workers for a race. */
	while (!grace_passed(g, epoch))
		usleep(1000);
	call_rcu_data_free(g->worker);
}

void grace_retire(struct grace *g, struct retired *r)
{
	r->next = g->waiting;
	g->waiting = r;
}

uint64_t grace_flush(struct grace *g)
{
	struct flush *f;

	if (g->waiting == NULL)
		return g->epoch;
	f = xmalloc(sizeof(*f));
	f->grace = g;
	f->retired = g->waiting;
	f->epoch = ++g->epoch;
	g->waiting = NULL;
	ORDER_RELEASE(&retire_order);
	/* call_rcu() asks for a registered thread, online, with a worker of its own choice. */
	rcu_register_thread();
	set_thread_call_rcu_data(g->worker);
	call_rcu(&f->head, flush_passed);
	set_thread_call_rcu_data(NULL);
	rcu_unregister_thread();
	return g->epoch; /* not f's: it may be freed by now */
}

bool grace_passed(const struct grace *g, uint64_t epoch)
{
	return atomic_load_explicit(&g->completed, memory_order_acquire) >= epoch;
}

void reader_register(void)
{
	rcu_register_thread();
}

void reader_unregister(void)
{
	ORDER_RELEASE(&reader_order);
	rcu_unregister_thread();
}

void reader_quiescent(void)
{
	ORDER_RELEASE(&reader_order);
	rcu_quiescent_state();
}

void reader_offline(void)
{
	ORDER_RELEASE(&reader_order);
	rcu_thread_offline();
}

void reader_online(void)
{
	rcu_thread_online();
}
