/* SPDX-License-Identifier: MIT */
/* private.h -- what the files of this room share; nobody else includes it. */
#ifndef REGISTRY_PRIVATE_H
#define REGISTRY_PRIVATE_H

#include "registry/claims.h"
#include "registry/registry.h"

struct command_queue {
	struct command *first, **end;
	uint32_t n;
};

struct registry {
	struct registry_options options;
	struct loop *loop;
	struct store *store;
	struct zone *zone;
	struct model model;

	struct command_queue waiting; /* not decided yet */
	struct command_queue batched; /* decided; their deltas are in batch */
	struct delta_batch batch;
	struct claims claims;
	uint64_t next_sequence; /* of operations */
	bool in_flight;         /* batch is with the store */
	int64_t sent_ms;        /* since when */
	bool forming;           /* batch is being filled: done() is running */
	bool failing;           /* the last batch was refused, or the store is lost */
	bool is_loaded;

	struct leased *dirty; /* leases the store has not heard of */
	struct timer save_timer;
	bool saving;                          /* a COMMAND_SAVE_LEASES is on its way */
	struct health_change *health_changes; /* that wait for their time */

	void (*loaded)(void *arg, const char *reason);
	void *loaded_arg;
};

enum decision {
	DECISION_DONE,    /* answer now: refused, or nothing to change */
	DECISION_BATCHED, /* its deltas are in the batch */
	DECISION_LATER    /* it touches what the batch changes */
};

/* Decides c against the model and adds its deltas to r->batch. (decide.c) */
enum decision decide(struct registry *r, struct command *c) CMAP_NONNULL;

/*
 * Adds the record of a finished operation on target, and puts its id to id. created_ms is moved on until the id is
 * new. (decide.c)
 */
struct operation *decide_add_operation(struct registry *r, enum operation_type type,
	const char *target, int64_t *created_ms,
	char id[MODEL_OPERATION_TEXT]) CMAP_NONNULL;
/* Changes of what is there. (decide_update.c) */
enum decision decide_update_namespace(struct registry *r,
	struct command *c) CMAP_NONNULL;
enum decision decide_update_service(struct registry *r, struct command *c) CMAP_NONNULL;
enum decision decide_change_tags(struct registry *r, struct command *c) CMAP_NONNULL;
enum decision decide_change_attributes(struct registry *r,
	struct command *c) CMAP_NONNULL;

/* Moves the batch into the model and touches the names. (apply.c) */
void apply(struct registry *r, struct delta_batch *batch) CMAP_NONNULL;

/* Sets the timer for the end of i's lease, if it has one. (lease.c) */
void lease_watch(struct registry *r, struct instance *i) CMAP_NONNULL;
/* i is about to go: its timer is cancelled, its lease need not be saved. */
void lease_forget(struct registry *r, struct instance *i) CMAP_NONNULL;
/* Adds a LEASE delta for those whose lease end the store has not heard of, up to a bound. */
void lease_collect(struct registry *r, struct delta_batch *batch) CMAP_NONNULL;
/*
 * DELTA_HEALTH comes into effect: at once, or when its time has come. (health.c)
 */
void health_apply(struct registry *r, struct instance *i, bool is_unhealthy,
	int64_t due_ms) CMAP_NONNULL;
/* i is about to go, and what waits for it. */
void health_forget(struct registry *r, const struct instance *i) CMAP_NONNULL;
void health_stop(struct registry *r) CMAP_NONNULL;
enum decision decide_update_health(struct registry *r, struct command *c) CMAP_NONNULL;
enum decision decide_settle_health(struct registry *r, struct command *c) CMAP_NONNULL;
void lease_start(struct registry *r) CMAP_NONNULL;
void lease_stop(struct registry *r) CMAP_NONNULL;

#endif
