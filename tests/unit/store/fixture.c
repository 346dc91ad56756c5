/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "test.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"

static void record(void *arg, const struct store_event *e)
{
	struct fixture *f = arg;
	struct seen *seen = &f->seen[f->n_seen++];

	cr_assert_leq(f->n_seen, FIXTURE_EVENTS);
	*seen = (struct seen){.type = e->type,
		.batch = e->batch,
		.last = e->last,
		.reason = e->reason ? xstrdup(e->reason) : NULL};
	if (!e->batch)
		return;
	seen->revision = e->batch->revision;
	if (e->type != STORE_LOADED)
		return;
	seen->batch = NULL;
	seen->n = e->batch->n;
	for (uint32_t i = 0; i < e->batch->n; i++)
		describe(&f->loaded, &e->batch->deltas[i]);
	delta_batch_clear(e->batch);
	free(e->batch);
}

void fixture_init(struct fixture *f)
{
	*f = (struct fixture){.dir = "/tmp/cmap-store-XXXXXX"};
	cr_assert_not_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/cmap.db", f->dir);
	cr_assert_eq(loop_init(&f->loop, &clock_system), CMAP_OK);
}

void fixture_forget(struct fixture *f)
{
	for (uint32_t i = 0; i < f->n_seen; i++)
		free(f->seen[i].reason);
	f->n_seen = 0;
	buf_free(&f->loaded);
}

void fixture_free(struct fixture *f)
{
	char *command = xasprintf("rm -rf '%s'", f->dir);

	fixture_close(f);
	fixture_forget(f);
	loop_free(&f->loop);
	cr_assert_eq(system(command), 0);
	free(command);
}

void fixture_watch(struct fixture *f, struct store *store)
{
	f->store = store;
	store->event = record;
	store->event_arg = f;
}

static int open_store(struct fixture *f, uint32_t operations, char **reason)
{
	struct buf err = {0};
	struct store *store = NULL;
	int result = store_sqlite_open(f->path, operations, &f->loop, &store, &err);

	*reason = buf_take(&err);
	if (result == CMAP_OK)
		fixture_watch(f, store);
	else
		cr_assert_null(store);
	return result;
}

void fixture_open(struct fixture *f, uint32_t operations)
{
	char *reason;

	cr_assert_eq(open_store(f, operations, &reason), CMAP_OK, "%s", reason);
	cr_assert_str_eq(reason, "");
	free(reason);
}

int fixture_try_open(struct fixture *f, char **reason)
{
	return open_store(f, 16, reason);
}

void fixture_close(struct fixture *f)
{
	if (f->store)
		store_close(f->store);
	f->store = NULL;
}

void fixture_wait(struct fixture *f, uint32_t n)
{
	int64_t start = loop_now_ms(&f->loop);

	while (f->n_seen < n) {
		loop_once(&f->loop, FIXTURE_PATIENCE_MS);
		cr_assert_lt(loop_now_ms(&f->loop) - start, FIXTURE_PATIENCE_MS,
			"no event came");
	}
}

enum store_event_type fixture_commit(struct fixture *f, struct delta_batch *b)
{
	uint32_t n = f->n_seen;

	store_commit(f->store, b);
	do
		fixture_wait(f, ++n);
	while (f->seen[n - 1].type == STORE_LOST);
	cr_assert_eq(f->seen[n - 1].batch, b);
	delta_batch_clear(b);
	f->committed = &f->seen[n - 1];
	return f->committed->type;
}

const char *fixture_reason(const struct fixture *f)
{
	return f->committed->reason ? f->committed->reason : "";
}

static struct seen *load_to_end(struct fixture *f)
{
	fixture_forget(f);
	store_load(f->store);
	do
		fixture_wait(f, f->n_seen + 1);
	while (!f->seen[f->n_seen - 1].last);
	return &f->seen[f->n_seen - 1];
}

const char *fixture_load(struct fixture *f)
{
	struct seen *last = load_to_end(f);

	cr_assert_null(last->reason, "%s", last->reason);
	return buf_text(&f->loaded);
}

const char *fixture_reload(struct fixture *f, uint32_t operations)
{
	fixture_close(f);
	fixture_open(f, operations);
	return fixture_load(f);
}

const char *fixture_fail_load(struct fixture *f, const char *done)
{
	struct seen *last = load_to_end(f);

	cr_assert_eq(last->type, STORE_LOADED);
	cr_assert_not_null(last->reason, "loaded all the same: %s", done);
	return last->reason;
}

static void run_sql(struct fixture *f, const char *sql,
	int (*row)(void *, int, char **, char **), void *arg)
{
	sqlite3 *db;
	char *error = NULL;

	cr_assert_eq(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_exec(db, sql, row, arg, &error);
	cr_assert_null(error, "%s", error);
	sqlite3_close(db);
}

void fixture_sql(struct fixture *f, const char *sql)
{
	run_sql(f, sql, NULL, NULL);
}

static int take_int(void *arg, int n, char **values, char **names)
{
	(void)n;
	(void)names;
	*(int64_t *)arg = values[0] ? strtoll(values[0], NULL, 10) : -1;
	return 0;
}

int64_t fixture_sql_int(struct fixture *f, const char *sql)
{
	int64_t out = -1;

	run_sql(f, sql, take_int, &out);
	return out;
}

void fixture_copy(struct fixture *f, const char *name)
{
	char *command = xasprintf("cp '%s' '%s/%s' && cp '%s-wal' '%s/%s-wal'", f->path,
		f->dir, name, f->path, f->dir, name);

	cr_assert_eq(system(command), 0);
	free(command);
}

struct namespace *add_namespace(struct delta_batch *b, const char *id)
{
	struct namespace *ns = xcalloc(1, sizeof(*ns));

	delta_batch_add(b, DELTA_NAMESPACE_PUT)->ns = ns;
	snprintf(ns->id, sizeof(ns->id), "%s", id);
	ns->type = NAMESPACE_DNS_PRIVATE;
	ns->name = xasprintf("name-of-%s.local", id);
	ns->creator_request_id = xstrdup("");
	ns->soa_ttl = -1;
	ns->created_ms = 1700000000123;
	snprintf(ns->operation_id, sizeof(ns->operation_id), "op-%s", id);
	return ns;
}

struct service *add_service(struct delta_batch *b, const char *id, const char *ns_id)
{
	struct service *s = xcalloc(1, sizeof(*s));

	delta_batch_add(b, DELTA_SERVICE_PUT)->service = s;
	snprintf(s->id, sizeof(s->id), "%s", id);
	snprintf(s->namespace_id, sizeof(s->namespace_id), "%s", ns_id);
	s->name = xasprintf("name-of-%s", id);
	s->creator_request_id = xstrdup("");
	s->created_ms = 1700000000456;
	return s;
}

struct instance *add_instance(struct delta_batch *b, const char *service_id,
	const char *id)
{
	struct delta *d = delta_batch_add(b, DELTA_INSTANCE_PUT);
	struct attributes attributes = {.block = NULL};
	struct instance *i;

	attributes_set(&attributes, "AWS_INSTANCE_IPV4", "10.0.0.1");
	d->instance = i = instance_new(id, "", &attributes);
	attributes_free(&attributes);
	snprintf(d->service_id, sizeof(d->service_id), "%s", service_id);
	cr_assert_eq(instance_read_attributes(i), CMAP_OK);
	i->created_ms = 1700000000789;
	i->lease_end_ms = MODEL_LEASE_NONE;
	return i;
}

struct operation *add_operation(struct delta_batch *b, uint64_t sequence)
{
	struct operation *op = xcalloc(1, sizeof(*op));

	delta_batch_add(b, DELTA_OPERATION_PUT)->operation = op;
	snprintf(op->id, sizeof(op->id), "op-%" PRIu64, sequence);
	op->type = OPERATION_REGISTER_INSTANCE;
	op->created_ms = 1700000000000 + (int64_t)sequence;
	op->updated_ms = op->created_ms + 1;
	op->sequence = sequence;
	return op;
}

static struct delta *add_key(struct delta_batch *b, enum delta_type type,
	const char *service_id, const char *id)
{
	struct delta *d = delta_batch_add(b, type);

	snprintf(d->service_id, sizeof(d->service_id), "%s", service_id);
	d->key.instance_id = xstrdup(id);
	return d;
}

void add_delete_instance(struct delta_batch *b, const char *service_id, const char *id)
{
	add_key(b, DELTA_INSTANCE_DELETE, service_id, id);
}

void add_lease(struct delta_batch *b, const char *service_id, const char *id,
	int64_t lease_end_ms)
{
	add_key(b, DELTA_LEASE, service_id, id)->key.lease_end_ms = lease_end_ms;
}

void add_health(struct delta_batch *b, const char *service_id, const char *id,
	bool is_unhealthy, int64_t due_ms)
{
	struct delta *d = add_key(b, DELTA_HEALTH, service_id, id);

	d->key.is_unhealthy = is_unhealthy;
	d->key.due_ms = due_ms;
}

void add_parents(struct delta_batch *b)
{
	add_namespace(b, "ns-1");
	add_service(b, "srv-1", "ns-1");
}

static const char *or_none(const char *text)
{
	return text ? text : "(none)";
}

/* " what[key=value]" for each pair. */
static void describe_pairs(struct buf *out, const char *what,
	const struct attributes *a)
{
	const char *key, *value;
	uint32_t pos = 0;

	while (attributes_next(a, &pos, &key, &value))
		buf_printf(out, " %s[%s=%s]", what, key, value);
}

static void describe_service(struct buf *out, const struct service *s)
{
	buf_printf(out, "service %s in %s %s [%s] %s http_only=%d routing=%d/%d", s->id,
		s->namespace_id, s->name, s->creator_request_id,
		or_none(s->description), s->http_only, s->has_routing, (int)s->routing);
	for (uint8_t i = 0; i < s->n_records; i++)
		buf_printf(out, " %s:%" PRIu32, record_type_name(s->records[i].type),
			s->records[i].ttl);
	if (s->has_health_check)
		buf_printf(out, " %s %s %" PRIu32,
			health_type_name(s->health_check.type),
			or_none(s->health_check.resource_path),
			s->health_check.failure_threshold);
	buf_printf(out, " custom=%d %" PRId64, s->has_custom_health, s->created_ms);
	describe_pairs(out, "tag", &s->tags);
	describe_pairs(out, "attribute", &s->attributes);
	buf_add_text(out, "\n");
}

static void describe_instance(struct buf *out, const struct delta *d)
{
	const struct instance *i = d->instance;
	const char *key, *value;
	uint32_t pos = 0;

	buf_printf(out, "instance %s in %s [%s]", i->id, d->service_id,
		instance_creator(i));
	while (attributes_next(&i->attributes, &pos, &key, &value))
		buf_printf(out, " %s=%s", key, value);
	buf_printf(out, " ipv4=%d/%x ipv6=%d/%x port=%u %" PRId64 " lease=%" PRIu32,
		i->has_ipv4, ntohl(i->ipv4.s_addr), i->has_ipv6, i->ipv6.s6_addr[15],
		i->port, i->created_ms, i->lease_ms);
	if (i->lease_end_ms != MODEL_LEASE_NONE)
		buf_printf(out, " until %" PRId64, i->lease_end_ms);
	buf_add_text(out, "\n");
}

void describe(struct buf *out, const struct delta *put)
{
	const struct namespace *ns = put->ns;
	const struct operation *op = put->operation;

	switch (put->type) {
	case DELTA_NAMESPACE_PUT:
		buf_printf(out,
			"namespace %s %s %s [%s] %s vpc=%s soa=%" PRId64 " %" PRId64
			" %s",
			ns->id, namespace_type_name(ns->type), ns->name,
			ns->creator_request_id, or_none(ns->description),
			or_none(ns->vpc), ns->soa_ttl, ns->created_ms,
			ns->operation_id);
		if (ns->update_operation_id[0] != '\0')
			buf_printf(out, " updated by %s [%s]", ns->update_operation_id,
				or_none(ns->updater_request_id));
		if (ns->http_name != NULL)
			buf_printf(out, " called %s", ns->http_name);
		describe_pairs(out, "tag", &ns->tags);
		buf_add_text(out, "\n");
		break;
	case DELTA_SERVICE_PUT:
		describe_service(out, put->service);
		break;
	case DELTA_INSTANCE_PUT:
		describe_instance(out, put);
		break;
	case DELTA_HEALTH:
		buf_printf(out, "health %s in %s unhealthy=%d due %" PRId64 "\n",
			put->key.instance_id, put->service_id, put->key.is_unhealthy,
			put->key.due_ms);
		break;
	case DELTA_OPERATION_PUT:
		buf_printf(out,
			"operation %" PRIu64 " %s %s %" PRId64 " %" PRId64
			" [%s] [%s] %s\n",
			op->sequence, op->id, operation_type_name(op->type),
			op->created_ms, op->updated_ms, op->namespace_id,
			op->service_id, or_none(op->instance_id));
		break;
	default:
		buf_printf(out, "not a PUT: %d\n", (int)put->type);
		break;
	}
}

char *describe_batch(const struct delta_batch *b)
{
	struct buf out = {0};

	for (uint32_t i = 0; i < b->n; i++)
		describe(&out, &b->deltas[i]);
	return buf_take(&out);
}
