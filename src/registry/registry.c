/* SPDX-License-Identifier: MIT */
#include "registry/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/ids.h"
#include "registry/private.h"
#include "zone/export.h"

enum {
	BATCH_DELTAS = 4096, /* no further command joins a batch of so many */
	STORE_PATIENCE_MS = 1000
};

/* ---- queues ----------------------------------------------------------------------------------- */

static void queue_init(struct command_queue *q)
{
	q->first = NULL;
	q->end = &q->first;
	q->n = 0;
}

static void queue_add(struct command_queue *q, struct command *c)
{
	c->next = NULL;
	*q->end = c;
	q->end = &c->next;
	q->n++;
}

static struct command *queue_take(struct command_queue *q)
{
	struct command *c = q->first;

	if (c == NULL)
		return NULL;
	q->first = c->next;
	if (q->first == NULL)
		q->end = &q->first;
	q->n--;
	return c;
}

/* Moves all of from behind what is in to. */
static void queue_append(struct command_queue *to, struct command_queue *from)
{
	struct command *c;

	while ((c = queue_take(from)) != NULL)
		queue_add(to, c);
}

/* ---- batches ---------------------------------------------------------------------------------- */

/*
 * Decides what waits, in order. What is decided without a change is answered here; done() may submit
 * more, which lands behind.
 */
static void form_batch(struct registry *r)
{
	struct command_queue later;
	struct command *c;

	queue_init(&later);
	claims_clear(&r->claims);
	r->forming = true;
	while (r->batch.n < BATCH_DELTAS && (c = queue_take(&r->waiting)) != NULL) {
		switch (decide(r, c)) {
		case DECISION_BATCHED:
			queue_add(&r->batched, c);
			break;
		case DECISION_LATER:
			queue_add(&later, c);
			break;
		case DECISION_DONE:
			c->done(c);
			break;
		}
	}
	r->forming = false;
	queue_append(&later, &r->waiting);
	queue_append(&r->waiting, &later);
}

static void start_batch(struct registry *r)
{
	if (r->in_flight || r->forming || !r->is_loaded || r->waiting.n == 0)
		return;
	form_batch(r);
	if (r->batch.n == 0)
		return;
	r->batch.revision = r->model.revision + 1;
	r->in_flight = true;
	r->sent_ms = registry_now_ms(r);
	store_commit(r->store, &r->batch);
}

static void batch_applied(struct registry *r)
{
	struct command_queue answered;
	struct command *c;

	apply(r, &r->batch);
	zone_publish(r->zone, r->model.revision);
	delta_batch_clear(&r->batch);
	if (r->failing)
		log_info("the store works again");
	r->failing = false;
	r->in_flight = false;
	queue_init(&answered);
	queue_append(&answered, &r->batched);
	start_batch(r); /* the store works while the replies are written */
	while ((c = queue_take(&answered)) != NULL)
		c->done(c);
}

static void batch_refused(struct registry *r, const char *reason)
{
	struct command_queue answered;
	struct command *c;

	log_error("the store has refused %u changes: %s", (unsigned int)r->batch.n,
		reason);
	delta_batch_clear(&r->batch);
	r->failing = true;
	r->in_flight = false;
	queue_init(&answered);
	queue_append(&answered, &r->batched);
	while ((c = queue_take(&answered)) != NULL) {
		fault_set(&c->fault, FAULT_SERVICE_UNAVAILABLE,
			"The change could not be stored (%s); it is not in effect.",
			reason);
		c->done(c);
	}
	start_batch(r);
}

void registry_submit(struct registry *r, struct command *c)
{
	queue_add(&r->waiting, c);
	start_batch(r);
}

/* ---- the store's events ----------------------------------------------------------------------- */

static void part_loaded(struct registry *r, const struct store_event *e)
{
	if (e->batch == NULL) {
		r->loaded(r->loaded_arg, e->reason);
		return;
	}
	apply(r, e->batch);
	delta_batch_clear(e->batch);
	free(e->batch);
	if (!e->last)
		return;
	/* Revisions of instances are not kept: the registry's own is later than any of them. */
	for (struct service *s = r->model.services; s != NULL; s = s->by_id.next)
		s->instances_revision = r->model.revision;
	r->next_sequence = r->model.next_sequence;
	zone_publish(r->zone, r->model.revision);
	r->is_loaded = true;
	lease_start(r);
	r->loaded(r->loaded_arg, NULL);
	start_batch(r);
}

static void store_said(void *arg, const struct store_event *e)
{
	struct registry *r = arg;

	switch (e->type) {
	case STORE_LOADED:
		part_loaded(r, e);
		break;
	case STORE_APPLIED:
		batch_applied(r);
		break;
	case STORE_REFUSED:
		batch_refused(r, e->reason);
		break;
	case STORE_LOST:
		log_error("the store is lost: %s", e->reason);
		r->failing = true;
		break;
	}
}

/* ---- life ------------------------------------------------------------------------------------- */

struct registry *registry_new(const struct registry_options *options, struct loop *loop,
	struct store *store, struct zone *zone)
{
	struct registry *r = xcalloc(1, sizeof(*r));

	r->options = *options;
	r->loop = loop;
	r->store = store;
	r->zone = zone;
	model_init(&r->model, options->operations);
	queue_init(&r->waiting);
	queue_init(&r->batched);
	claims_init(&r->claims);
	store->event = store_said;
	store->event_arg = r;
	return r;
}

void registry_load(struct registry *r, void (*loaded)(void *arg, const char *reason),
	void *arg)
{
	r->loaded = loaded;
	r->loaded_arg = arg;
	store_load(r->store);
}

bool registry_is_idle(const struct registry *r)
{
	return !r->in_flight && r->waiting.n == 0;
}

void registry_free(struct registry *r)
{
	struct command *c;

	if (r == NULL)
		return;
	r->forming = true; /* nothing is decided any more */
	queue_append(&r->batched, &r->waiting);
	while ((c = queue_take(&r->batched)) != NULL) {
		fault_set(&c->fault, FAULT_SERVICE_UNAVAILABLE,
			"The server is stopping; whether the change was made is "
			"unknown.");
		c->done(c);
	}
	lease_stop(r);
	health_stop(r);
	while ((c = queue_take(&r->waiting)) != NULL)
		command_free(c);
	delta_batch_clear(&r->batch);
	claims_free(&r->claims);
	model_free(&r->model);
	free(r);
}

/* ---- reading ---------------------------------------------------------------------------------- */

const struct model *registry_model(const struct registry *r)
{
	return &r->model;
}

const struct registry_options *registry_options(const struct registry *r)
{
	return &r->options;
}

int64_t registry_now_ms(const struct registry *r)
{
	return clock_mono_ms(r->loop->clock);
}

struct namespace *registry_find_namespace(const struct registry *r,
	const char *id_or_arn, struct fault *f)
{
	const char *id = id_from_arn(id_or_arn, r->options.account, "namespace");
	struct namespace *ns = id == NULL ? NULL : model_namespace(&r->model, id);

	if (ns == NULL)
		fault_set(f, FAULT_NAMESPACE_NOT_FOUND, "No namespace has the id '%s'.",
			id_or_arn);
	return ns;
}

struct service *registry_find_service(const struct registry *r, const char *id_or_arn,
	struct fault *f)
{
	const char *id = id_from_arn(id_or_arn, r->options.account, "service");
	struct service *s = id == NULL ? NULL : model_service(&r->model, id);

	if (s == NULL)
		fault_set(f, FAULT_SERVICE_NOT_FOUND, "No service has the id '%s'.",
			id_or_arn);
	return s;
}

struct instance *registry_find_instance(const struct registry *r,
	const struct service *s, const char *id, struct fault *f)
{
	struct instance *i = model_instance(s, id);

	if (i == NULL || !instance_is_live(i, registry_now_ms(r))) {
		fault_set(f, FAULT_INSTANCE_NOT_FOUND,
			"Service '%s' has no instance '%s'.", s->name, id);
		return NULL;
	}
	return i;
}

void registry_watch_aliases(struct registry *r,
	void (*changed)(void *arg, const char *name, bool is_wanted), void *arg)
{
	zone_watch_aliases(r->zone, changed, arg);
}

void registry_set_alias(struct registry *r, const char *name, uint16_t type,
	const uint8_t *octets, uint32_t n, uint32_t ttl)
{
	zone_set_alias(r->zone, name, type, octets, n, ttl);
	zone_publish(r->zone, r->model.revision);
}

void registry_forget_alias(struct registry *r, const char *name, uint16_t type,
	uint8_t ede)
{
	zone_forget_alias(r->zone, name, type, ede);
	zone_publish(r->zone, r->model.revision);
}

bool registry_alias_is_loop(const struct registry *r, const char *name)
{
	return zone_alias_is_loop(r->zone, name);
}

const char *registry_store_state(const struct registry *r)
{
	if (r->failing)
		return "failing";
	if (r->in_flight && registry_now_ms(r) - r->sent_ms > STORE_PATIENCE_MS)
		return "waiting";
	return "ok";
}

bool registry_export(const struct registry *r, const struct namespace *ns,
	const char *token,
	void (*take)(void *arg, const char *name, const char *type, uint32_t ttl,
		const char *data),
	void *arg, struct buf *next, struct fault *f)
{
	struct export_reader reader = {
		.now_ms = registry_now_ms(r), .take = take, .arg = arg};
	int err = zone_export(r->zone, ns, token == NULL ? "" : token, &reader, next);

	if (err == CMAP_E_NOT_FOUND)
		fault_set(f, FAULT_INVALID_INPUT,
			"Namespace '%s' has no DNS, and so no zone.", ns->name);
	else if (err != CMAP_OK)
		fault_set(f, FAULT_INVALID_INPUT,
			"NextToken is not one that this listing has given.");
	return err == CMAP_OK;
}
