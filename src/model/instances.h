/* SPDX-License-Identifier: MIT */
/*
 * instances.h -- finds an instance of one service by its id, in some 18 bytes an instance.
 *
 * Open addressing with linear probing. What is looked at first are 32 bits of each id's hash, which stand close
 * together: a search touches one instance, the one it finds, and mostly none if there is none. Filled by a half to
 * four fifths; it is empty, and takes no memory, when zeroed.
 *
 * Owner:  the service; the instances are the model's.
 * Thread: the control thread.
 */
#ifndef MODEL_INSTANCES_H
#define MODEL_INSTANCES_H

#include <stdint.h>

#include "base/compiler.h"

struct instance;

struct instance_index {
	struct instance **at; /* cap places, NULL where none is; then cap tags */
	uint32_t cap, n;
};

/* The instance of that id, or NULL. */
struct instance *instance_index_find(const struct instance_index *x,
	const char *id) CMAP_NONNULL;
/* None may be there of the same id. */
void instance_index_add(struct instance_index *x, struct instance *i) CMAP_NONNULL;
/* fresh takes the place of old, which must be there, and has the same id. */
void instance_index_replace(struct instance_index *x, const struct instance *old,
	struct instance *fresh) CMAP_NONNULL;
/* i must be there. */
void instance_index_remove(struct instance_index *x,
	const struct instance *i) CMAP_NONNULL;
void instance_index_free(struct instance_index *x) CMAP_NONNULL;

#endif
