/* SPDX-License-Identifier: MIT */
/*
 * delta.h -- a change of the registry, and the batch of changes that become durable together.
 *
 * Owner:  a delta owns what it points at. The store only reads it; apply() moves the structs of
 *         PUTs into the model (the pointer becomes NULL); delta_batch_free() releases what is left.
 * Thread: a batch belongs to one thread at a time: the control thread, or the store between commit
 *         and its event.
 */
#ifndef MODEL_DELTA_H
#define MODEL_DELTA_H

#include "base/compiler.h"
#include "model/model.h"

enum delta_type {
	DELTA_NAMESPACE_PUT,
	DELTA_NAMESPACE_DELETE,
	DELTA_SERVICE_PUT,
	DELTA_SERVICE_DELETE,
	DELTA_INSTANCE_PUT,
	DELTA_INSTANCE_DELETE,
	DELTA_OPERATION_PUT,
	DELTA_HEALTH, /* what UpdateInstanceCustomHealthStatus said */
	DELTA_LEASE /* the store shall know when an instance's lease ends; nothing else changes */
};

struct delta {
	enum delta_type type;
	char service_id[MODEL_ID_TEXT]; /* INSTANCE_*, HEALTH, LEASE */
	union {
		struct namespace *ns; /* NAMESPACE_PUT */
		struct service *service;
		struct instance *instance;
		struct operation *operation;
		char id[MODEL_ID_TEXT]; /* NAMESPACE_DELETE, SERVICE_DELETE */
		struct {                /* INSTANCE_DELETE, HEALTH, LEASE */
			char *instance_id;
			int64_t lease_end_ms; /* LEASE; wall clock */
			bool is_unhealthy;    /* HEALTH: what it is from due_ms on */
			int64_t due_ms;       /* HEALTH: wall clock; 0: at once */
		} key;
	};
};

struct delta_batch {
	uint64_t revision; /* what the registry's revision is after this batch */
	struct delta *deltas;
	uint32_t n, cap;
};

/* The new delta at the end of b, zeroed but for its type. Valid until the next call. */
struct delta *delta_batch_add(struct delta_batch *b, enum delta_type type) CMAP_NONNULL;
/* Makes room for n deltas in all. */
void delta_batch_reserve(struct delta_batch *b, uint32_t n) CMAP_NONNULL;
/* Releases the deltas; b itself is the caller's and empty afterwards. */
void delta_batch_clear(struct delta_batch *b) CMAP_NONNULL;

#endif
