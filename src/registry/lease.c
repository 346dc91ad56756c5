/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "registry/private.h"

enum {
	SAVE_EVERY_MS = 15000,
	SAVE_AT_ONCE =
		4096, /* leases in one batch: a large registry is saved little by little */
	RETRY_EXPIRY_MS = 1000 /* when the store has refused to forget an instance */
};

static void undirty(struct instance *i)
{
	if (i->dirty_link == NULL)
		return;
	*i->dirty_link = i->dirty_next;
	if (i->dirty_next != NULL)
		i->dirty_next->dirty_link = i->dirty_link;
	i->dirty_link = NULL;
}

static void make_dirty(struct registry *r, struct instance *i)
{
	if (i->dirty_link != NULL)
		return;
	i->dirty_next = r->dirty;
	i->dirty_link = &r->dirty;
	if (r->dirty != NULL)
		r->dirty->dirty_link = &i->dirty_next;
	r->dirty = i;
}

/* The store has answered the expiry. Had it refused, the instance is still there: try again. */
static void expiry_done(struct command *c)
{
	struct registry *r = c->arg;
	struct service *s = model_service(&r->model, c->id);
	struct instance *i = s == NULL ? NULL : model_instance(s, c->instance_id);

	if (i != NULL && i->leaving) {
		i->leaving = false;
		loop_timer_set(r->loop, &i->timer,
			registry_now_ms(r) + RETRY_EXPIRY_MS);
	}
	command_free(c);
}

/*
 * The time has come that the lease had when the timer was set. A renewal does not move the timer, so
 * more often than not there is time left.
 */
static void lease_due(struct timer *t, int64_t now_ms)
{
	struct instance *i = CONTAINER_OF(t, struct instance, timer);
	struct registry *r = i->service->lease_owner;
	struct command *c;

	if (instance_is_live(i, now_ms)) {
		loop_timer_set(r->loop, t, i->lease_end_ms);
		return;
	}
	i->leaving = true;
	c = command_new(COMMAND_EXPIRE_INSTANCE);
	strcpy(c->id, i->service_id);
	c->instance_id = xstrdup(i->id);
	c->done = expiry_done;
	c->arg = r;
	registry_submit(r, c);
}

void lease_watch(struct registry *r, struct instance *i)
{
	if (i->lease_end_ms == MODEL_LEASE_NONE)
		return;
	i->timer.fire = lease_due;
	loop_timer_set(r->loop, &i->timer, i->lease_end_ms);
	make_dirty(r, i);
}

void lease_forget(struct registry *r, struct instance *i)
{
	loop_timer_cancel(r->loop, &i->timer);
	undirty(i);
}

int registry_renew(struct registry *r, struct instance *i)
{
	int64_t now_ms = registry_now_ms(r);

	if (i->lease_ms == 0)
		return CMAP_E_INVALID;
	if (i->leaving || !instance_is_live(i, now_ms))
		return CMAP_E_NOT_FOUND;
	i->lease_end_ms = now_ms + i->lease_ms;
	zone_lease_set(r->zone, i, i->lease_end_ms);
	make_dirty(r, i);
	return CMAP_OK;
}

/* ---- telling the store ------------------------------------------------------------------------ */

void lease_collect(struct registry *r, struct delta_batch *batch)
{
	int64_t wall_minus_mono_ms = clock_wall_ms(r->loop->clock) - registry_now_ms(r);

	for (int n = 0; n < SAVE_AT_ONCE && r->dirty != NULL; n++) {
		struct instance *i = r->dirty;
		struct delta *d = delta_batch_add(batch, DELTA_LEASE);

		strcpy(d->key.service_id, i->service_id);
		d->key.instance_id = xstrdup(i->id);
		d->key.lease_end_ms = i->lease_end_ms + wall_minus_mono_ms;
		undirty(i);
	}
}

static void save_done(struct command *c)
{
	struct registry *r = c->arg;

	r->saving = false;
	command_free(c);
}

static void save_due(struct timer *t, int64_t now_ms)
{
	struct registry *r = CONTAINER_OF(t, struct registry, save_timer);

	loop_timer_set(r->loop, t, now_ms + SAVE_EVERY_MS);
	if (r->saving || r->dirty == NULL)
		return;
	struct command *c = command_new(COMMAND_SAVE_LEASES);

	c->done = save_done;
	c->arg = r;
	r->saving = true;
	registry_submit(r, c);
}

void lease_start(struct registry *r)
{
	r->save_timer.fire = save_due;
	loop_timer_set(r->loop, &r->save_timer, registry_now_ms(r) + SAVE_EVERY_MS);
}

void lease_stop(struct registry *r)
{
	struct service *s, *next_s;
	struct instance *i, *next_i;

	loop_timer_cancel(r->loop, &r->save_timer);
	HASH_ITER (by_id, r->model.services, s, next_s)
		HASH_ITER (by_id, s->instances, i, next_i)
			lease_forget(r, i);
}
