/* SPDX-License-Identifier: MIT */
#include "held.h"

#include <time.h>

#include "test.h"

static void *run(void *arg)
{
	struct held *h = arg;

	reader_register();
	sem_post(&h->done);
	for (;;) {
		sem_wait(&h->step);
		if (h->next == NULL)
			break;
		h->next();
		sem_post(&h->done);
	}
	reader_unregister();
	return NULL;
}

void held_start(struct held *h)
{
	sem_init(&h->step, 0, 0);
	sem_init(&h->done, 0, 0);
	cr_assert_eq(pthread_create(&h->thread, NULL, run, h), 0);
	sem_wait(&h->done);
}

void held_do(struct held *h, void (*what)(void))
{
	h->next = what;
	sem_post(&h->step);
	sem_wait(&h->done);
}

void held_stop(struct held *h)
{
	h->next = NULL;
	sem_post(&h->step);
	pthread_join(h->thread, NULL);
	sem_destroy(&h->step);
	sem_destroy(&h->done);
}

void wait_for_epoch(const struct grace *g, uint64_t epoch)
{
	const struct timespec ms = {.tv_nsec = 1000000};

	for (int i = 0; !grace_passed(g, epoch); i++) {
		cr_assert_lt(i, 20000, "the grace period does not end");
		nanosleep(&ms, NULL);
	}
}
