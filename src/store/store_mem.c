/* SPDX-License-Identifier: MIT */
#include "store/store_mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/buf.h"
#include "base/mem.h"

/* What the last PUT of a thing said. */
struct row {
	char *key;
	struct delta put;
	bool has_health; /* something was said of the instance's: */
	bool is_unhealthy;
	int64_t health_due_ms;
	UT_hash_handle by_key; /* in the order first put */
};

struct store_mem_disk {
	struct row *rows;
	uint64_t revision, commits;
};

/* A command that has not been served, or an event that has not been delivered. */
struct job {
	bool is_load; /* a command only: load, or commit event.batch */
	struct store_event event;
	struct job *next;
};

struct queue {
	struct job *first, **end;
};

struct store_mem {
	struct store store;
	struct store_mem_disk *disk;
	enum store_mem_fault fault;
	struct queue commands, events;
};

static struct store_mem *from_store(struct store *s)
{
	return CONTAINER_OF(s, struct store_mem, store);
}

/* ---- copies of what is stored; the rest is the model's --------------------- */

static char *copy_text(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static struct operation *copy_operation(const struct operation *from)
{
	struct operation *op = xmemdup(from, sizeof(*from));

	op->instance_id = copy_text(from->instance_id);
	return op;
}

/* A copy of what a PUT carries; empty for all else. */
static void copy_put(struct delta *to, const struct delta *from)
{
	to->type = from->type;
	memcpy(to->service_id, from->service_id, sizeof(to->service_id));
	switch (from->type) {
	case DELTA_NAMESPACE_PUT:
		to->ns = namespace_copy(from->ns);
		break;
	case DELTA_SERVICE_PUT:
		to->service = service_copy(from->service);
		break;
	case DELTA_INSTANCE_PUT:
		to->instance = instance_copy(from->instance);
		break;
	case DELTA_OPERATION_PUT:
		to->operation = copy_operation(from->operation);
		break;
	default:
		break;
	}
}

static void free_put(struct delta *put)
{
	switch (put->type) {
	case DELTA_NAMESPACE_PUT:
		namespace_free(put->ns);
		break;
	case DELTA_SERVICE_PUT:
		service_free(put->service);
		break;
	case DELTA_INSTANCE_PUT:
		instance_free(put->instance);
		break;
	case DELTA_OPERATION_PUT:
		operation_free(put->operation);
		break;
	default:
		break;
	}
}

/* ---- the disk -------------------------------------------------------------- */

struct store_mem_disk *store_mem_disk_new(void)
{
	return xcalloc(1, sizeof(struct store_mem_disk));
}

static void free_row(struct row *row)
{
	free_put(&row->put);
	free(row->key);
	free(row);
}

void store_mem_disk_free(struct store_mem_disk *d)
{
	struct row *row, *next;

	if (!d)
		return;
	HASH_ITER (by_key, d->rows, row, next) {
		HASH_DELETE(by_key, d->rows, row);
		free_row(row);
	}
	free(d);
}

/* The key of the row that d changes; the caller frees it. */
static char *row_key(const struct delta *d)
{
	switch (d->type) {
	case DELTA_NAMESPACE_PUT:
		return xasprintf("namespace %s", d->ns->id);
	case DELTA_NAMESPACE_DELETE:
		return xasprintf("namespace %s", d->id);
	case DELTA_SERVICE_PUT:
		return xasprintf("service %s", d->service->id);
	case DELTA_SERVICE_DELETE:
		return xasprintf("service %s", d->id);
	case DELTA_INSTANCE_PUT:
		return xasprintf("instance %s %s", d->service_id, d->instance->id);
	case DELTA_INSTANCE_DELETE:
	case DELTA_HEALTH:
	case DELTA_LEASE:
		return xasprintf("instance %s %s", d->service_id, d->key.instance_id);
	case DELTA_OPERATION_PUT:
		return xasprintf("operation %" PRIu64, d->operation->sequence);
	}
	return xstrdup("");
}

static struct row *find_row(const struct store_mem_disk *disk, const char *key)
{
	struct row *row;

	HASH_FIND(by_key, disk->rows, key, strlen(key), row);
	return row;
}

static void put_row(struct store_mem_disk *disk, const struct delta *d)
{
	char *key = row_key(d);
	struct row *row = find_row(disk, key);

	if (row) {
		free_put(&row->put);
		free(key);
	} else {
		row = xcalloc(1, sizeof(*row));
		row->key = key;
		HASH_ADD_KEYPTR(by_key, disk->rows, row->key, strlen(row->key), row);
	}
	copy_put(&row->put, d);
	row->has_health = false;
	if (d->type == DELTA_INSTANCE_PUT)
		row->put.instance->lease_end_ms =
			d->instance->lease_ms > 0
				? d->instance->created_ms + d->instance->lease_ms
				: MODEL_LEASE_NONE;
}

static void change_row(struct store_mem_disk *disk, const struct delta *d)
{
	char *key = row_key(d);
	struct row *row = find_row(disk, key);

	free(key);
	if (!row)
		return;
	if (d->type == DELTA_LEASE) {
		row->put.instance->lease_end_ms = d->key.lease_end_ms;
		return;
	}
	if (d->type == DELTA_HEALTH) {
		row->has_health = true;
		row->is_unhealthy = d->key.is_unhealthy;
		row->health_due_ms = d->key.due_ms;
		return;
	}
	HASH_DELETE(by_key, disk->rows, row);
	free_row(row);
}

static void apply(struct store_mem_disk *disk, const struct delta_batch *batch)
{
	for (uint32_t i = 0; i < batch->n; i++) {
		const struct delta *d = &batch->deltas[i];

		if (d->type == DELTA_NAMESPACE_PUT || d->type == DELTA_SERVICE_PUT ||
			d->type == DELTA_INSTANCE_PUT || d->type == DELTA_OPERATION_PUT)
			put_row(disk, d);
		else
			change_row(disk, d);
	}
	disk->revision = batch->revision;
	disk->commits++;
}

/* The row of key is on the disk, or put by one of the first n deltas of batch. */
static bool is_put(const struct store_mem_disk *disk, const struct delta_batch *batch,
	uint32_t n, const char *key)
{
	if (find_row(disk, key))
		return true;
	for (uint32_t i = 0; i < n; i++) {
		char *other = row_key(&batch->deltas[i]);
		bool same = strcmp(other, key) == 0;

		free(other);
		if (same)
			return true;
	}
	return false;
}

/* As SQLite's foreign keys: a batch that would leave an orphan behind is refused. */
static bool has_parents(const struct store_mem_disk *disk,
	const struct delta_batch *batch)
{
	bool all = true;

	for (uint32_t i = 0; all && i < batch->n; i++) {
		const struct delta *d = &batch->deltas[i];
		char *parent;

		if (d->type == DELTA_SERVICE_PUT)
			parent = xasprintf("namespace %s", d->service->namespace_id);
		else if (d->type == DELTA_INSTANCE_PUT)
			parent = xasprintf("service %s", d->service_id);
		else
			continue;
		all = is_put(disk, batch, i, parent);
		free(parent);
	}
	return all;
}

/* ---- the store ------------------------------------------------------------- */

static void queue_init(struct queue *q)
{
	q->first = NULL;
	q->end = &q->first;
}

static struct job *queue_add(struct queue *q)
{
	struct job *job = xcalloc(1, sizeof(*job));

	*q->end = job;
	q->end = &job->next;
	return job;
}

/* The caller frees it. */
static struct job *queue_take(struct queue *q)
{
	struct job *job = q->first;

	if (!job)
		return NULL;
	q->first = job->next;
	if (!q->first)
		q->end = &q->first;
	return job;
}

static void load_health(const struct row *row, struct delta *d)
{
	strcpy(d->service_id, row->put.service_id);
	d->key.instance_id = copy_text(row->put.instance->id);
	d->key.is_unhealthy = row->is_unhealthy;
	d->key.due_ms = row->health_due_ms;
}

/*
 * Adds the rows of one type to the batches of LOADED, beginning a new one when *event
 * is full.
 */
static void load_rows(struct store_mem *s, enum delta_type type, struct job **event)
{
	for (struct row *row = s->disk->rows; row; row = row->by_key.next) {
		struct delta_batch *batch = (*event)->event.batch;

		if (row->put.type != type)
			continue;
		if (batch->n == STORE_LOAD_MAX) {
			*event = queue_add(&s->events);
			batch = xcalloc(1, sizeof(*batch));
			batch->revision = s->disk->revision;
			(*event)->event.type = STORE_LOADED;
			(*event)->event.batch = batch;
		}
		copy_put(delta_batch_add(batch, type), &row->put);
		if (row->has_health)
			load_health(row, delta_batch_add(batch, DELTA_HEALTH));
	}
}

static void serve_load(struct store_mem *s)
{
	struct job *event = queue_add(&s->events);

	event->event.type = STORE_LOADED;
	event->event.batch = xcalloc(1, sizeof(*event->event.batch));
	event->event.batch->revision = s->disk->revision;
	load_rows(s, DELTA_NAMESPACE_PUT, &event);
	load_rows(s, DELTA_SERVICE_PUT, &event);
	load_rows(s, DELTA_INSTANCE_PUT, &event);
	load_rows(s, DELTA_OPERATION_PUT, &event);
	event->event.last = true;
}

static void serve_commit(struct store_mem *s, struct delta_batch *batch)
{
	struct store_event *event = &queue_add(&s->events)->event;

	event->batch = batch;
	event->type = STORE_REFUSED;
	if (s->fault == STORE_MEM_REFUSES) {
		event->reason = "the store in memory was told to refuse";
	} else if (!has_parents(s->disk, batch)) {
		event->reason = "a service without namespace, or an instance without "
				"service";
	} else {
		apply(s->disk, batch);
		event->type = STORE_APPLIED;
	}
}

bool store_mem_step(struct store *store)
{
	struct store_mem *s = from_store(store);
	struct job *job;

	if (s->fault == STORE_MEM_HANGS)
		return false;
	if (!s->events.first) {
		job = queue_take(&s->commands);
		if (!job)
			return false;
		if (job->is_load)
			serve_load(s);
		else
			serve_commit(s, job->event.batch);
		free(job);
	}
	job = queue_take(&s->events);
	store->event(store->event_arg, &job->event);
	free(job);
	return true;
}

static void store_mem_load(struct store *store)
{
	queue_add(&from_store(store)->commands)->is_load = true;
}

static void store_mem_commit(struct store *store, struct delta_batch *batch)
{
	queue_add(&from_store(store)->commands)->event.batch = batch;
}

/* A disk that hangs is taken away: what it had not finished is not kept. */
static void store_mem_close(struct store *store)
{
	struct store_mem *s = from_store(store);
	struct job *job;

	while ((job = queue_take(&s->commands))) {
		if (!job->is_load && s->fault != STORE_MEM_HANGS)
			serve_commit(s, job->event.batch);
		free(job);
	}
	while ((job = queue_take(&s->events))) {
		if (job->event.type == STORE_LOADED) {
			delta_batch_clear(job->event.batch);
			free(job->event.batch);
		}
		free(job);
	}
	free(s);
}

static const struct store_ops store_mem_ops = {
	.close = store_mem_close,
	.load = store_mem_load,
	.commit = store_mem_commit,
};

struct store *store_mem_open(struct store_mem_disk *d)
{
	struct store_mem *s = xcalloc(1, sizeof(*s));

	s->store.ops = &store_mem_ops;
	s->disk = d;
	queue_init(&s->commands);
	queue_init(&s->events);
	return &s->store;
}

void store_mem_set_fault(struct store *store, enum store_mem_fault fault)
{
	from_store(store)->fault = fault;
}

uint64_t store_mem_commits(const struct store *store)
{
	const struct store_mem *s =
		(const void *)((const char *)store - offsetof(struct store_mem, store));

	return s->disk->commits;
}
