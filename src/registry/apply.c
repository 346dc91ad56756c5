/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/log.h"
#include "registry/private.h"

static void apply_instance_put(struct registry *r, struct delta *d, uint64_t revision)
{
	struct instance *i = d->instance;
	struct service *s = model_service(&r->model, d->service_id);
	struct instance *old = s == NULL ? NULL : model_instance(s, i->id);

	if (s == NULL)
		return; /* its service went with the batch: the delta still owns it */
	if (old != NULL) {
		lease_forget(r, old);
		health_forget(r, old);
		zone_instance_replace(r->zone, old);
	}
	i->lease_end_ms =
		i->lease_ms == 0 ? MODEL_LEASE_NONE : registry_now_ms(r) + i->lease_ms;
	model_put_instance(&r->model, s, i);
	d->instance = NULL;
	s->instances_revision = revision;
	s->lease_owner = r;
	zone_instance_put(r->zone, i);
	lease_watch(r, i);
}

static void apply_instance_delete(struct registry *r, const struct delta *d,
	uint64_t revision)
{
	struct service *s = model_service(&r->model, d->service_id);
	struct instance *i = s == NULL ? NULL : model_instance(s, d->key.instance_id);

	if (i == NULL)
		return;
	lease_forget(r, i);
	health_forget(r, i);
	zone_instance_delete(r->zone, i);
	model_delete_instance(&r->model, i);
	s->instances_revision = revision;
}

static void apply_health(struct registry *r, const struct delta *d)
{
	struct service *s = model_service(&r->model, d->service_id);
	struct instance *i = s == NULL ? NULL : model_instance(s, d->key.instance_id);

	if (i != NULL)
		health_apply(r, i, d->key.is_unhealthy, d->key.due_ms);
}

static void apply_service_put(struct registry *r, struct delta *d, uint64_t revision)
{
	struct service *s = d->service;
	struct service *old = model_service(&r->model, s->id);

	if (old != NULL)
		zone_service_replace(r->zone, old, s);
	if (model_put_service(&r->model, s) != CMAP_OK)
		return;
	d->service = NULL;
	if (old != NULL)
		return; /* its instances are the same, and so is their revision */
	s->instances_revision = revision;
	zone_service_put(r->zone, s);
}

static void apply_service_delete(struct registry *r, const struct delta *d)
{
	struct service *s = model_service(&r->model, d->id);

	if (s == NULL)
		return;
	zone_service_delete(r->zone, s);
	model_delete_service(&r->model, s);
}

static void apply_namespace_put(struct registry *r, struct delta *d)
{
	struct namespace *ns = d->ns;
	const struct namespace *old = model_namespace(&r->model, ns->id);

	d->ns = NULL;
	if (old != NULL)
		zone_namespace_replace(r->zone, old, ns);
	model_put_namespace(&r->model, ns);
	if (old == NULL)
		zone_namespace_put(r->zone, ns);
}

static void apply_namespace_delete(struct registry *r, const struct delta *d)
{
	struct namespace *ns = model_namespace(&r->model, d->id);

	if (ns == NULL)
		return;
	zone_namespace_delete(r->zone, ns);
	model_delete_namespace(&r->model, ns);
}

void apply(struct registry *r, struct delta_batch *batch)
{
	for (uint32_t i = 0; i < batch->n; i++) {
		struct delta *d = &batch->deltas[i];

		switch (d->type) {
		case DELTA_NAMESPACE_PUT:
			apply_namespace_put(r, d);
			break;
		case DELTA_NAMESPACE_DELETE:
			apply_namespace_delete(r, d);
			break;
		case DELTA_SERVICE_PUT:
			apply_service_put(r, d, batch->revision);
			break;
		case DELTA_SERVICE_DELETE:
			apply_service_delete(r, d);
			break;
		case DELTA_INSTANCE_PUT:
			apply_instance_put(r, d, batch->revision);
			break;
		case DELTA_INSTANCE_DELETE:
			apply_instance_delete(r, d, batch->revision);
			break;
		case DELTA_HEALTH:
			apply_health(r, d);
			break;
		case DELTA_OPERATION_PUT:
			model_put_operation(&r->model, d->operation);
			d->operation = NULL;
			break;
		case DELTA_LEASE:
			break; /* the model has known it all along */
		}
	}
	r->model.revision = batch->revision;
}
