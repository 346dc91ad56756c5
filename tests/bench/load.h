/* SPDX-License-Identifier: MIT */
/*
 * load.h -- what the load generators over UDP and TCP share: the task and the result.
 */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "questions.h"

enum {
	LATENCY_STEP_NS = 100,
	LATENCY_STEPS = 1 << 20
}; /* 0.1 s, the rest in the last */

struct load {
	struct sockaddr_in server;
	double seconds, warm_up; /* the second is not part of the first */
	double qps;              /* sent at this pace; 0: as fast as answers come */
	unsigned int ports;      /* UDP: source ports; TCP: connections */
	unsigned int burst;      /* UDP: queries sent at once from a port */
	unsigned int
		window; /* UDP: bursts on the way; TCP: queries on the way of a connection */
	bool is_echo;
	bool is_cut; /* UDP: a burst goes to the kernel as one packet to be cut, where all have one length */
	struct questions questions;
};

struct load_result {
	uint64_t all; /* answered, warm-up included: what the server worked for */
	uint64_t answered, lost, wrong, late; /* in .seconds */
	double seconds;
	double waiting; /* share of the time in which nothing was there to do */
	uint32_t *latency;
};

static inline int64_t load_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static inline void load_latency(struct load_result *r, int64_t ns)
{
	int64_t step = ns / LATENCY_STEP_NS;

	r->latency[step < 0 ? 0 : step >= LATENCY_STEPS ? LATENCY_STEPS - 1 : step]++;
}

/* Begins counting anew: the warm-up is over. */
void load_reset(struct load_result *r);
/* Ends the program, saying why. */
void load_die(const char *what);

void load_udp(struct load *load, struct load_result *result);
void load_tcp(struct load *load, struct load_result *result);

#endif
