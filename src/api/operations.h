/* SPDX-License-Identifier: MIT */
/*
 * operations.h -- the one table of operations, and a call of one of them.
 *
 * Flow:   call_start() finds the operation, reads and checks its input and runs its handler. What only reads is
 *         answered before call_start() returns; a change goes to the registry by call_submit(), and done() comes
 *         when it is durable and published.
 * Owner:  a call belongs to whoever made it, who ends it with call_end() at any time: a command that
 *         is still with the registry then goes on, and nobody hears of its outcome.
 * Thread: the control thread.
 */
#ifndef API_OPERATIONS_H
#define API_OPERATIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "api/api.h"
#include "api/shape.h"
#include "base/buf.h"
#include "registry/registry.h"

#define CALL_JSON_DEPTH 32 /* of brackets in a body */

/* What calls stand on. */
struct call_context {
	struct registry *registry;
	const struct api_options *options; /* for Status */
	int64_t started_ms;                /* monotonic */
	const char *
		region; /* in ARNs, where the client has named one; NULL: the registry's */
};

struct call {
	/* In: zeroed but for these. */
	const struct call_context *context;
	void (*done)(struct call *q); /* only if call_start() returned false */
	void *arg;
	/* Out: fault, or the text of a JSON object. */
	struct fault fault;
	struct buf out;
	/* The call's own. */
	struct command *command; /* with the registry */
	void (*answer)(struct call *q, const struct command *c);
	bool submitting;
};

struct api_operation {
	const char *service; /* "Route53AutoNaming_v20170314" or "Cmap_v1" */
	const char *name;
	const struct shape *input;
	/* Writes q->out, sets q->fault, or calls call_submit() last. in has the shape input. */
	void (*run)(struct call *q, const json_t *in);
};

/* The operation that "SERVICE.NAME" names, or NULL. */
const struct api_operation *operation_find(const char *target) CMAP_NONNULL;
/* The whole table, for tests; *n entries. */
const struct api_operation *operation_table(size_t *n) CMAP_NONNULL;

/* target is NULL if the request names none. True if q is answered; otherwise q->done() will be called. */
bool call_start(struct call *q, const char *target, const char *body, size_t len);
/* Hands c, filled in, to the registry. answer() writes q->out when it has succeeded. */
void call_submit(struct call *q, struct command *c,
	void (*answer)(struct call *q, const struct command *c)) CMAP_NONNULL;
/* What stands in the ARNs of answers. */
const char *call_region(const struct call_context *ctx) CMAP_NONNULL;
/* Releases what q owns; done() will not be called any more. q itself is the caller's. */
void call_end(struct call *q) CMAP_NONNULL;

/* The error body for f: {"__type":...,"Message":...} and the members its type has beside these. */
void call_write_fault(const struct call_context *ctx, const struct fault *f,
	struct buf *out) CMAP_NONNULL;

#endif
