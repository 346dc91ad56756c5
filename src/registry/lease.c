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

static void undirty(struct leased *l)
{
	if (l->dirty_link == NULL)
		return;
	*l->dirty_link = l->dirty_next;
	if (l->dirty_next != NULL)
		l->dirty_next->dirty_link = l->dirty_link;
	l->dirty_link = NULL;
}

static void make_dirty(struct registry *r, struct leased *l)
{
	if (l->dirty_link != NULL)
		return;
	l->dirty_next = r->dirty;
	l->dirty_link = &r->dirty;
	if (r->dirty != NULL)
		r->dirty->dirty_link = &l->dirty_next;
	r->dirty = l;
}

/* The store has answered the expiry. Had it refused, the instance is still there: try again. */
static void expiry_done(struct command *c)
{
	struct registry *r = c->arg;
	struct service *s = model_service(&r->model, c->id);
	struct instance *i = s == NULL ? NULL : model_instance(s, c->instance_id);

	if (i != NULL && i->leaving) {
		i->leaving = false;
		loop_timer_set(r->loop, &instance_lease(i)->timer,
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
	struct instance *i = &CONTAINER_OF(t, struct leased, timer)->instance;
	struct registry *r = i->service->lease_owner;
	struct command *c;

	if (instance_is_live(i, now_ms)) {
		loop_timer_set(r->loop, t, i->lease_end_ms);
		return;
	}
	i->leaving = true;
	c = command_new(COMMAND_EXPIRE_INSTANCE);
	strcpy(c->id, i->service->id);
	c->instance_id = xstrdup(i->id);
	c->done = expiry_done;
	c->arg = r;
	registry_submit(r, c);
}

void lease_watch(struct registry *r, struct instance *i)
{
	struct leased *l = instance_lease(i);

	if (l == NULL)
		return;
	l->timer.fire = lease_due;
	loop_timer_set(r->loop, &l->timer, i->lease_end_ms);
	make_dirty(r, l);
}

void lease_forget(struct registry *r, struct instance *i)
{
	struct leased *l = instance_lease(i);

	if (l == NULL)
		return;
	loop_timer_cancel(r->loop, &l->timer);
	undirty(l);
}

int registry_renew(struct registry *r, struct instance *i)
{
	int64_t now_ms = registry_now_ms(r);
	struct leased *l = instance_lease(i);

	if (l == NULL)
		return CMAP_E_INVALID;
	if (i->leaving || !instance_is_live(i, now_ms))
		return CMAP_E_NOT_FOUND;
	i->lease_end_ms = now_ms + i->lease_ms;
	zone_lease_set(r->zone, i, i->lease_end_ms);
	make_dirty(r, l);
	return CMAP_OK;
}

/* ---- telling the store ------------------------------------------------------------------------ */

void lease_collect(struct registry *r, struct delta_batch *batch)
{
	int64_t wall_minus_mono_ms = clock_wall_ms(r->loop->clock) - registry_now_ms(r);

	for (int n = 0; n < SAVE_AT_ONCE && r->dirty != NULL; n++) {
		const struct instance *i = &r->dirty->instance;
		struct delta *d = delta_batch_add(batch, DELTA_LEASE);

		strcpy(d->service_id, i->service->id);
		d->key.instance_id = xstrdup(i->id);
		d->key.lease_end_ms = i->lease_end_ms + wall_minus_mono_ms;
		undirty(r->dirty);
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
