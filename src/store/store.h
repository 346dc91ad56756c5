/* SPDX-License-Identifier: MIT */
/*
 * store.h -- where registrations are kept: one small vtable, and one stream of events.
 *
 * Flow:   load() once: LOADED events bring everything that is stored, as PUT deltas,
 *         parents before children, in batches; the last one says so. Then commit()
 *         hands over one batch at a time: APPLIED when it is durable, REFUSED when
 *         nothing of it was kept (when a failing disk leaves that in doubt, the reason
 *         says so). LOST says that the store cannot be reached; it is tried again, and
 *         the registry keeps answering meanwhile.
 * Thread: all calls come from the control thread; events arrive there, through the loop
 *         given to open(), and never inside a call of this interface.
 * Owner:  a batch belongs to the store from commit() until its event hands it back;
 *         batches of LOADED events belong to the receiver, who clears and frees them.
 *         What instance_read_attributes() fills is filled in them; lease_end_ms of an instance in them is the end the store knew, by the wall
 *         clock; the receiver puts its own in its place.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>

#include "base/loop.h"
#include "model/delta.h"

#define STORE_LOAD_MAX 2048 /* deltas in a batch of LOADED */

enum store_event_type { STORE_LOADED, STORE_APPLIED, STORE_REFUSED, STORE_LOST };

struct store_event {
	enum store_event_type type;
	/* LOADED: malloc'd, the receiver's; APPLIED, REFUSED: the one committed */
	struct delta_batch *batch;
	bool last; /* LOADED: nothing more comes; batch->revision is the stored one */
	/* REFUSED, LOST, or a LOADED that failed (its batch is NULL); borrowed */
	const char *reason;
};

struct store;

struct store_ops {
	/*
	 * Frees the store, too. Not from inside an event. A batch still under way is
	 * finished first. No event comes after it: such a batch, as it is, belongs to
	 * the caller again.
	 */
	void (*close)(struct store *s);
	void (*load)(struct store *s);
	void (*commit)(struct store *s, struct delta_batch *batch);
};

struct store {
	const struct store_ops *ops;
	void (*event)(void *arg, const struct store_event *e); /* set before load() */
	void *event_arg;
};

static inline void store_load(struct store *s)
{
	s->ops->load(s);
}

static inline void store_commit(struct store *s, struct delta_batch *batch)
{
	s->ops->commit(s, batch);
}

static inline void store_close(struct store *s)
{
	s->ops->close(s);
}

#endif
