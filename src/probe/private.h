/* SPDX-License-Identifier: MIT */
/* private.h -- what the files of this room share; nobody else includes it. */
#ifndef PROBE_PRIVATE_H
#define PROBE_PRIVATE_H

#include "base/hash.h"
#include "probe/probe.h"
#include "probe/reply.h"
#include "probe/tell.h"

enum { FAMILIES = 2 };

/*
 * Who waits to be asked for, each lane in its own bounds: those that fail hold up nobody else, and when thousands come
 * at once, those that have been resolved stay so.
 */
enum lane { LANE_REFRESH, LANE_FIRST, LANE_RETRY, LANES };

/* What is known of one family of a target's addresses. */
struct family {
	struct target *target;
	struct family *next_due; /* in its lane */
	uint16_t type;
	enum lane lane; /* while is_busy */
	bool is_busy;   /* it waits in a lane, or for an answer */
	bool is_known;  /* an answer is published, be it that there are none */
	uint8_t early;
	uint8_t ede;           /* why the last question failed; 0: it did not */
	uint32_t failures;     /* in a row */
	int64_t good_until_ms; /* its TTL has ended by then */
	int64_t next_ms;       /* it is to be asked for again */
};

/* A name that aliases lead to. */
struct target {
	UT_hash_handle hh;
	struct probe *probe;
	struct timer timer;
	struct dname name;
	/* Among those that nobody wants any more, and that wait for a family that is busy. */
	struct target *next, **link;
	bool is_gone;
	enum target_state state;
	const char *why; /* nothing came of the last question that failed */
	struct family family[FAMILIES];
	char text[];
};

struct queue {
	struct family *first, **last;
	uint32_t n_asked;
};

struct probe {
	struct probe_options options;
	struct loop *loop;
	struct registry *registry;
	struct target *targets;
	struct target *gone;
	struct queue lane[LANES];
	struct tell tell;
};

/* Its timer goes off when a family is due that is not busy. (known.c) */
void target_set_timer(struct target *t) CMAP_NONNULL;
/* What the last question has come to: it is published, and when the next is due is settled. (known.c) */
void family_take_answer(struct family *f, const struct reply_addresses *a,
	int64_t now_ms) CMAP_NONNULL;
void family_take_failure(struct family *f, const struct reply_trouble *trouble,
	int64_t now_ms) CMAP_NONNULL;
void family_take_loop(struct family *f, int64_t now_ms) CMAP_NONNULL;

#endif
