/* SPDX-License-Identifier: MIT */
/* held.h -- a reader that does not let go: as long as it is held, no grace period ends. */
#ifndef TESTS_UNIT_ZONE_HELD_H
#define TESTS_UNIT_ZONE_HELD_H

#include <pthread.h>
#include <semaphore.h>

#include "zone/grace.h"

struct held {
	pthread_t thread;
	sem_t step, done;
	void (*next)(void);
};

/* Starts the thread, a registered reader that is online. */
void held_start(struct held *h);
/* Has it call reader_quiescent(), reader_offline() or reader_online(). */
void held_do(struct held *h, void (*what)(void));
/* It unregisters and ends. */
void held_stop(struct held *h);
/* Waits until the epoch has passed; the test fails if it does not within 20 s. */
void wait_for_epoch(const struct grace *g, uint64_t epoch);

#endif
