/* SPDX-License-Identifier: MIT */
/*
 * answer.h -- from a published RRset to the records of one reply.
 *
 * An answer is a window of the RRset's ring of records: up to rrset.pick of them, each query
 * beginning one record further on, or with the next one of the RRset's schedule. Records whose lease has ended are passed over, and the TTL of all is the
 * least of the RRset's TTL and the whole seconds left of their leases (RFC 2181 s5.2).
 *
 * Thread: any reader; a rotation belongs to one thread.
 */
#ifndef ZONE_ANSWER_H
#define ZONE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "zone/table.h"

#define ANSWER_TARGETS_MAX 32 /* SRV targets of one reply whose addresses are added */

/* A thread's counters: where in its ring each RRset's next answer begins. */
struct rotation {
	uint32_t *head;
	uint32_t n;
};

/* Makes room for all the counters that entries published by now can name. Once a batch. */
void rotation_fit(struct rotation *r, const struct published *p) CMAP_NONNULL;
void rotation_free(struct rotation *r) CMAP_NONNULL;

/*
 * Who asks. glibc and musl sort addresses by how long a prefix they share with their own (RFC 6724
 * rule 9), which would turn every answer into "always the nearest". So that the head stays the head, no record
 * follows it that shares a longer prefix with the client than the head does.
 */
struct client {
	uint8_t len; /* of octets: 4, 16, or 0 if it is not known */
	uint8_t octets[16];
};

/* The reply being built. */
struct reply {
	uint8_t *base;
	size_t len;
	size_t limit; /* octets it may have */
};

struct answer_target {
	const struct target *target;
	uint16_t offset; /* of its name in the reply */
};

/* What one RRset brought to a reply. */
struct answer {
	size_t start;   /* of the first record in the reply */
	uint16_t n;     /* records written */
	bool truncated; /* one more was due and did not fit */
	uint32_t ttl;
	uint16_t
		n_targets; /* SRV records whose target a pointer can name, up to ANSWER_TARGETS_MAX */
	struct answer_target targets[ANSWER_TARGETS_MAX];
};

/*
 * Writes s's records behind reply, their owner name being the pointer given, and fills *out. Allocates
 * nothing; costs O(pick) as long as no record has expired unnoticed by the writer.
 */
void answer_write(const struct published *p, const struct entry *e,
	const struct rrset *s, struct rotation *rotation, const struct client *client,
	int64_t now_ms, uint16_t owner, struct reply *reply,
	struct answer *out) CMAP_NONNULL;
/* Writes the addresses of a's targets while they fit. Returns how many records. */
uint16_t answer_write_additional(const struct answer *a,
	struct reply *reply) CMAP_NONNULL;

#endif
