/* SPDX-License-Identifier: MIT */
#include "model/delta.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void delta_batch_reserve(struct delta_batch *b, uint32_t n)
{
	if (n <= b->cap)
		return;
	b->cap = n;
	b->deltas = xreallocarray(b->deltas, b->cap, sizeof(*b->deltas));
}

struct delta *delta_batch_add(struct delta_batch *b, enum delta_type type)
{
	struct delta *d;

	if (b->n == b->cap)
		delta_batch_reserve(b, b->cap ? b->cap * 2 : 4);
	d = &b->deltas[b->n++];
	memset(d, 0, sizeof(*d));
	d->type = type;
	return d;
}

static void delta_free(struct delta *d)
{
	switch (d->type) {
	case DELTA_NAMESPACE_PUT:
		namespace_free(d->ns);
		break;
	case DELTA_SERVICE_PUT:
		service_free(d->service);
		break;
	case DELTA_INSTANCE_PUT:
		instance_free(d->instance);
		break;
	case DELTA_OPERATION_PUT:
		operation_free(d->operation);
		break;
	case DELTA_INSTANCE_DELETE:
	case DELTA_HEALTH:
	case DELTA_LEASE:
		free(d->key.instance_id);
		break;
	case DELTA_NAMESPACE_DELETE:
	case DELTA_SERVICE_DELETE:
		break;
	}
}

void delta_batch_clear(struct delta_batch *b)
{
	for (uint32_t i = 0; i < b->n; i++)
		delta_free(&b->deltas[i]);
	free(b->deltas);
	memset(b, 0, sizeof(*b));
}
