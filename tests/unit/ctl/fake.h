/* SPDX-License-Identifier: MIT */
/*
 * fake.h -- a scripted API: a thread on a Unix socket that expects calls in order and
 * answers each.
 *
 * Whatever differs from the script (another target, another body, a call too many or
 * too few) is kept and told by fake_stop().
 */
#ifndef TEST_CTL_FAKE_H
#define TEST_CTL_FAKE_H

#include <pthread.h>
#include <stddef.h>

struct fake_call {
	const char
		*target; /* without the prefix: "CreateService", or "Cmap_v1.Status" */
	const char *request; /* the JSON expected, compared as JSON; NULL: any */
	int http;            /* 0: 200 */
	const char *reply;   /* NULL: the connection is closed in place of an answer */
};

struct fake {
	char path[64];
	char dir[32];
	const struct fake_call *script;
	size_t n;
	size_t done;
	int fd;
	pthread_t thread;
	char wrong[1024]; /* the first difference */
};

void fake_start(struct fake *f, const struct fake_call *script, size_t n);
/* Ends the thread and fails the test if anything differed. */
void fake_stop(struct fake *f);

#endif
