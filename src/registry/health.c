/* SPDX-License-Identifier: MIT */
/*
 * Custom health: what UpdateInstanceCustomHealthStatus says comes into effect after a delay, unless the opposite
 * is said meanwhile; saying the same again does not begin the delay anew.
 *
 * Source: Cloud Map API reference, UpdateInstanceCustomHealthStatus.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "registry/private.h"

/* One that waits: when its time has come, the instance has the opposite health. */
struct health_change {
	const struct instance *instance;
	struct registry *registry;
	struct timer timer;
	UT_hash_handle hh; /* by instance */
};

static struct health_change *find_change(const struct registry *r,
	const struct instance *i)
{
	struct health_change *h;

	HASH_FIND_PTR(r->health_changes, &i, h);
	return h;
}

static void drop(struct registry *r, struct health_change *h)
{
	loop_timer_cancel(r->loop, &h->timer);
	HASH_DEL(r->health_changes, h);
	free(h);
}

void health_forget(struct registry *r, const struct instance *i)
{
	struct health_change *h = find_change(r, i);

	if (h != NULL)
		drop(r, h);
}

void health_stop(struct registry *r)
{
	struct health_change *h, *next;

	HASH_ITER (hh, r->health_changes, h, next)
		drop(r, h);
}

/* Had the store refused, the change still waits: it is tried again. */
static void settle_done(struct command *c)
{
	enum { RETRY_MS = 1000 };
	struct registry *r = c->arg;
	struct service *s = model_service(&r->model, c->id);
	struct instance *i = s == NULL ? NULL : model_instance(s, c->instance_id);
	struct health_change *h = i == NULL ? NULL : find_change(r, i);

	if (c->fault.code != FAULT_NONE && h != NULL && !timer_is_set(&h->timer))
		loop_timer_set(r->loop, &h->timer, registry_now_ms(r) + RETRY_MS);
	command_free(c);
}

static void due(struct timer *t, int64_t now_ms)
{
	struct health_change *h = CONTAINER_OF(t, struct health_change, timer);
	struct command *c = command_new(COMMAND_SETTLE_HEALTH);

	(void)now_ms;
	strcpy(c->id, h->instance->service->id);
	c->instance_id = xstrdup(h->instance->id);
	c->done = settle_done;
	c->arg = h->registry;
	registry_submit(h->registry, c);
}

static void wait_until(struct registry *r, const struct instance *i, int64_t due_ms)
{
	int64_t left_ms = due_ms - clock_wall_ms(r->loop->clock);
	struct health_change *h = xcalloc(1, sizeof(*h));

	if (left_ms > r->options.health_delay_ms)
		left_ms = r->options.health_delay_ms; /* the clock was set back */
	h->instance = i;
	h->registry = r;
	h->timer.fire = due;
	HASH_ADD_PTR(r->health_changes, instance, h);
	loop_timer_set(r->loop, &h->timer, registry_now_ms(r) + left_ms);
}

void health_apply(struct registry *r, struct instance *i, bool is_unhealthy,
	int64_t due_ms)
{
	bool now = due_ms == 0 ? is_unhealthy : !is_unhealthy;

	health_forget(r, i);
	if (due_ms != 0)
		wait_until(r, i, due_ms);
	if (i->is_unhealthy == now)
		return;
	i->is_unhealthy = now;
	zone_instance_health(r->zone, i);
}

static void add_delta(struct registry *r, const struct instance *i, bool is_unhealthy,
	int64_t due_ms)
{
	struct delta *d = delta_batch_add(&r->batch, DELTA_HEALTH);

	strcpy(d->service_id, i->service->id);
	d->key.instance_id = xstrdup(i->id);
	d->key.is_unhealthy = is_unhealthy;
	d->key.due_ms = due_ms;
}

enum decision decide_update_health(struct registry *r, struct command *c)
{
	const struct service *s = registry_find_service(r, c->id, &c->fault);
	struct instance *i =
		s == NULL ? NULL
			  : registry_find_instance(r, s, c->instance_id, &c->fault);
	bool waits = i != NULL && find_change(r, i) != NULL;

	if (i == NULL)
		return DECISION_DONE;
	if (!s->has_custom_health) {
		fault_set(&c->fault, FAULT_CUSTOM_HEALTH_NOT_FOUND,
			"Service '%s' has no HealthCheckCustomConfig, so the health of "
			"its instances cannot be told.",
			s->name);
		return DECISION_DONE;
	}
	(void)!registry_renew(r,
		i); /* who tells of its health lives; it may have no lease */
	if (waits == (i->is_unhealthy != c->is_unhealthy))
		return DECISION_DONE;
	if (waits || r->options.health_delay_ms == 0)
		add_delta(r, i, c->is_unhealthy, 0);
	else
		add_delta(r, i, c->is_unhealthy,
			clock_wall_ms(r->loop->clock) + r->options.health_delay_ms);
	return DECISION_BATCHED;
}

/* The instance may have gone meanwhile, or the opposite been said. */
enum decision decide_settle_health(struct registry *r, struct command *c)
{
	const struct service *s = model_service(&r->model, c->id);
	const struct instance *i = s == NULL ? NULL : model_instance(s, c->instance_id);
	const struct health_change *h = i == NULL ? NULL : find_change(r, i);

	if (h == NULL || timer_is_set(&h->timer))
		return DECISION_DONE;
	add_delta(r, i, !i->is_unhealthy, 0);
	return DECISION_BATCHED;
}
