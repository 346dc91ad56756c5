/* SPDX-License-Identifier: MIT */
/*
 * store_bench [DIR [ROUNDS]] -- registrations a second that the SQLite store makes
 * durable, beside a bare loop over SQLite with the same file, statements and settings.
 * store_bench -b BATCH -n N [-i] [DIR] -- the bare loop alone, for N registrations, BATCH in
 * a transaction; for api.py.
 *
 * A registration is two rows: an instance and an operation; with -i it is the instance's
 * only. Store and bare loop take turns, because a machine's disk drifts: read the ratios.
 * Then: how long it takes to load 100,000 instances.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/mem.h"
#include "store/store_sqlite.h"

enum { OPERATIONS = 10000, SERVICES = 100, ROUNDS_MAX = 99, LOAD = 100000 };

static const int64_t round_ns = 700000000;
static char path[512];
static struct loop loop;
static uint64_t events, loaded;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "store_bench: %s\n", what);
	exit(1);
}

static void remove_file(void)
{
	char wal[sizeof(path) + 8];

	snprintf(wal, sizeof(wal), "%s-wal", path);
	unlink(path);
	unlink(wal);
}

/* ---- the store ------------------------------------------------------------ */

static void on_event(void *arg, const struct store_event *e)
{
	(void)arg;
	if (e->type == STORE_LOADED && e->batch) {
		loaded += e->batch->n;
		events += e->last;
		delta_batch_clear(e->batch);
		free(e->batch);
		return;
	}
	if (e->type != STORE_APPLIED)
		fail(e->reason);
	events++;
}

static void wait_event(void)
{
	uint64_t before = events;

	while (events == before)
		loop_once(&loop, -1);
}

static struct store *open_store(void)
{
	struct buf err = {0};
	struct store *s;

	if (store_sqlite_open(path, OPERATIONS, &loop, &s, &err) != CMAP_OK)
		fail(buf_text(&err));
	s->event = on_event;
	return s;
}

static void service_id(char *out, uint64_t n)
{
	snprintf(out, MODEL_ID_TEXT, "srv-%016d", (int)(n % SERVICES));
}

static void add_registration(struct delta_batch *b, uint64_t n)
{
	struct delta *d = delta_batch_add(b, DELTA_INSTANCE_PUT);
	struct operation *op = xcalloc(1, sizeof(*op));
	struct attributes attributes = {.block = NULL};
	struct instance *i;
	char text[64], id[32];

	snprintf(id, sizeof(id), "i-%016" PRIx64, n * UINT64_C(0x9E3779B97F4A7C15));
	snprintf(text, sizeof(text), "10.%d.%d.%d", (int)(n >> 16 & 255),
		(int)(n >> 8 & 255), (int)(n & 255));
	attributes_set(&attributes, "AWS_INSTANCE_IPV4", text);
	attributes_set(&attributes, "AWS_INSTANCE_PORT", "8080");
	attributes_set(&attributes, "CMAP_LEASE", "30s");
	i = d->instance = instance_new(id, "", &attributes);
	attributes_free(&attributes);
	service_id(d->service_id, n);
	i->lease_ms = 30000;
	i->created_ms = 1700000000000 + (int64_t)n;
	snprintf(op->id, sizeof(op->id), "%032" PRIx64 "-%" PRIx64, n, n);
	op->type = OPERATION_REGISTER_INSTANCE;
	op->sequence = n;
	op->created_ms = op->updated_ms = i->created_ms;
	memcpy(op->service_id, d->service_id, sizeof(op->service_id));
	op->instance_id = xstrdup(i->id);
	delta_batch_add(b, DELTA_OPERATION_PUT)->operation = op;
}

static void commit(struct store *s, struct delta_batch *b)
{
	store_commit(s, b);
	wait_event();
	delta_batch_clear(b);
}

static void make_parents(struct store *s)
{
	struct delta_batch b = {.revision = 1};
	struct namespace *ns = xcalloc(1, sizeof(*ns));

	strcpy(ns->id, "ns-1");
	ns->name = xstrdup("bench.local");
	ns->creator_request_id = xstrdup("");
	delta_batch_add(&b, DELTA_NAMESPACE_PUT)->ns = ns;
	for (uint64_t i = 0; i < SERVICES; i++) {
		struct service *service = xcalloc(1, sizeof(*service));

		service_id(service->id, i);
		strcpy(service->namespace_id, "ns-1");
		service->name = xasprintf("s%d", (int)i);
		service->creator_request_id = xstrdup("");
		delta_batch_add(&b, DELTA_SERVICE_PUT)->service = service;
	}
	commit(s, &b);
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), compare_double);
	return v[n / 2];
}

/*
 * Registrations a second; *p50_us and *p99_us: of a commit, from the control thread and
 * back.
 */
static double run_store(int batch, double *p50_us, double *p99_us)
{
	enum { KEPT = 100000 };
	double *us = xcalloc(KEPT, sizeof(*us));
	struct store *s;
	struct delta_batch b = {0};
	uint64_t n = 0;
	int commits = 0;

	remove_file();
	s = open_store();
	make_parents(s);
	int64_t start = now_ns(), now = start;
	for (; now - start < round_ns; commits++) {
		int64_t before = now;

		b.revision = n + 2;
		for (int i = 0; i < batch; i++)
			add_registration(&b, n++);
		commit(s, &b);
		now = now_ns();
		if (commits < KEPT)
			us[commits] = (double)(now - before) / 1000;
	}
	*p50_us = median(us, commits < KEPT ? commits : KEPT);
	*p99_us = us[(commits < KEPT ? commits : KEPT) * 99 / 100];
	free(us);
	store_close(s);
	return (double)n * 1e9 / (double)(now - start);
}

/* ---- the bare loop --------------------------------------------------------- */

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail(sqlite3_errmsg(db));
	return stmt;
}

static void step(sqlite3 *db, sqlite3_stmt *stmt)
{
	if (sqlite3_step(stmt) != SQLITE_DONE)
		fail(sqlite3_errmsg(db));
	sqlite3_reset(stmt);
}

static void bare_registration(sqlite3 *db, sqlite3_stmt *instance,
	sqlite3_stmt *operation, uint64_t n)
{
	char service[MODEL_ID_TEXT], id[32], op_id[64], attributes[128];
	int64_t ms = 1700000000000 + (int64_t)n;

	service_id(service, n);
	snprintf(id, sizeof(id), "i-%016" PRIx64, n * UINT64_C(0x9E3779B97F4A7C15));
	snprintf(op_id, sizeof(op_id), "%032" PRIx64 "-%" PRIx64, n, n);
	snprintf(attributes, sizeof(attributes),
		"AWS_INSTANCE_IPV4 10.%d.%d.%d\nAWS_INSTANCE_PORT 8080\nCMAP_LEASE "
		"30s\n",
		(int)(n >> 16 & 255), (int)(n >> 8 & 255), (int)(n & 255));
	sqlite3_bind_text(instance, 1, service, -1, SQLITE_STATIC);
	sqlite3_bind_text(instance, 2, id, -1, SQLITE_STATIC);
	sqlite3_bind_text(instance, 3, attributes, -1, SQLITE_STATIC);
	sqlite3_bind_int64(instance, 4, ms);
	sqlite3_bind_int64(instance, 5, ms + 30000);
	step(db, instance);
	if (operation == NULL)
		return;
	sqlite3_bind_int64(operation, 1, (int64_t)(n % OPERATIONS));
	sqlite3_bind_int64(operation, 2, (int64_t)n);
	sqlite3_bind_text(operation, 3, op_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(operation, 4, ms);
	sqlite3_bind_text(operation, 5, service, -1, SQLITE_STATIC);
	sqlite3_bind_text(operation, 6, id, -1, SQLITE_STATIC);
	step(db, operation);
}

/* For round_ns if n_end is 0. */
static double run_bare(int batch, uint64_t n_end, bool has_operations)
{
	sqlite3 *db;
	uint64_t n = 0;

	remove_file();
	struct store *s = open_store();
	make_parents(s);
	store_close(s);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
		sqlite3_exec(db,
			"PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL;"
			"PRAGMA cache_size = -16384",
			NULL, NULL, NULL) != SQLITE_OK)
		fail(sqlite3_errmsg(db));
	sqlite3_stmt *stmts[] = {
		prepare(db, "BEGIN IMMEDIATE"),
		prepare(db, "INSERT INTO instance (service_id, id, creator_request_id,"
			    " attributes, created_ms, lease_end_ms)"
			    " VALUES (?, ?, '', ?, ?, ?)"),
		prepare(db,
			"INSERT OR REPLACE INTO operation (slot, sequence, id, type,"
			" created_ms, updated_ms, namespace_id, service_id, "
			"instance_id)"
			" VALUES (?, ?, ?, 'REGISTER_INSTANCE', ?4, ?4, '', ?, ?)"),
		prepare(db, "UPDATE meta SET value = ? WHERE key = 'revision'"),
		prepare(db, "COMMIT"),
	};
	int64_t start = now_ns(), now = start;
	for (; n_end ? n < n_end : now - start < round_ns; now = now_ns()) {
		step(db, stmts[0]);
		for (int i = 0; i < batch; i++)
			bare_registration(db, stmts[1],
				has_operations ? stmts[2] : NULL, n++);
		sqlite3_bind_int64(stmts[3], 1, (int64_t)n + 1);
		step(db, stmts[3]);
		step(db, stmts[4]);
	}
	for (size_t i = 0; i < CMAP_COUNT(stmts); i++)
		sqlite3_finalize(stmts[i]);
	sqlite3_close(db);
	return (double)n * 1e9 / (double)(now - start);
}

/* ---- what is printed -------------------------------------------------------- */

static void compare(int batch, int rounds)
{
	double store[ROUNDS_MAX], bare[ROUNDS_MAX], ratio[ROUNDS_MAX];
	double p50_us[ROUNDS_MAX], p99_us[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++) {
		bare[i] = run_bare(batch, 0, true);
		store[i] = run_store(batch, &p50_us[i], &p99_us[i]);
		ratio[i] = store[i] / bare[i];
	}
	printf("%5d %10.0f %10.0f %6.2f %8.0f %8.0f\n", batch, median(store, rounds),
		median(bare, rounds), median(ratio, rounds), median(p50_us, rounds),
		median(p99_us, rounds));
}

static void measure_load(int rounds)
{
	double ms[ROUNDS_MAX];
	struct delta_batch b = {.revision = 2};
	struct store *s;

	remove_file();
	s = open_store();
	make_parents(s);
	for (uint64_t n = 0; n < LOAD; n++)
		add_registration(&b, n);
	commit(s, &b);
	store_close(s);
	for (int i = 0; i < rounds; i++) {
		int64_t start = now_ns();

		s = open_store();
		loaded = 0;
		store_load(s);
		wait_event();
		ms[i] = (double)(now_ns() - start) / 1e6;
		store_close(s);
	}
	printf("open and load: %.0f ms for %" PRIu64 " rows\n", median(ms, rounds),
		loaded);
}

static void measure_all(int rounds)
{
	printf("registrations/s, medians of %d rounds\n", rounds);
	printf("batch      store       bare  ratio   p50/us   p99/us\n");
	compare(1, rounds);
	compare(64, rounds);
	measure_load(rounds);
}

int main(int argc, char **argv)
{
	int c, batch = 0, rounds;
	uint64_t n = 0;
	bool has_operations = true;

	while ((c = getopt(argc, argv, "b:n:i")) != -1) {
		if (c == 'b')
			batch = atoi(optarg);
		else if (c == 'n')
			n = strtoull(optarg, NULL, 10);
		else if (c == 'i')
			has_operations = false;
		else
			return 64;
	}
	rounds = argc > optind + 1 ? atoi(argv[optind + 1]) : 5;
	if (rounds < 1 || rounds > ROUNDS_MAX)
		fail("ROUNDS is 1..99");
	snprintf(path, sizeof(path), "%s/store_bench.db",
		argc > optind ? argv[optind] : ".");
	if (loop_init(&loop, &clock_system) != CMAP_OK)
		fail("no event loop");
	if (batch > 0 && n > 0)
		printf("rate=%.0f\n", run_bare(batch, n, has_operations));
	else
		measure_all(rounds);
	remove_file();
	loop_free(&loop);
	return 0;
}
