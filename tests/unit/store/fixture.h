/* SPDX-License-Identifier: MIT */
/*
 * fixture.h -- a temporary directory, a store in it, and the events that came.
 */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include "base/buf.h"
#include "base/loop.h"
#include "store/store_mem.h"
#include "store/store_sqlite.h"

#define FIXTURE_EVENTS      4096
#define FIXTURE_PATIENCE_MS 60000 /* a test that waits longer has failed */

struct seen {
	enum store_event_type type;
	struct delta_batch *batch; /* of APPLIED and REFUSED; the test knows it */
	uint32_t n;                /* deltas of a LOADED */
	uint64_t revision;
	bool last;
	char *reason;
};

struct fixture {
	char dir[64], path[128];
	struct loop loop;
	struct store *store;
	struct seen seen[FIXTURE_EVENTS];
	uint32_t n_seen;
	const struct seen *committed; /* by fixture_commit() */
	struct buf loaded;            /* all that LOADED brought, a line each */
};

/* A directory and a loop; no store yet. */
void fixture_init(struct fixture *f);
/* Closes the store, if it is open, and removes the directory. */
void fixture_free(struct fixture *f);
/* Opens the SQLite store; the test fails if that does. */
void fixture_open(struct fixture *f, uint32_t operations);
/*
 * Opens it and gives the code back; on failure *reason is the line, which the caller
 * frees.
 */
int fixture_try_open(struct fixture *f, char **reason);
void fixture_close(struct fixture *f);
/* For a store of another kind. */
void fixture_watch(struct fixture *f, struct store *store);
void fixture_forget(struct fixture *f);
/* Until n events in all have come; the test fails if they do not. */
void fixture_wait(struct fixture *f, uint32_t n);
/* Commits b, waits for its event, clears b, and tells how it went. */
enum store_event_type fixture_commit(struct fixture *f, struct delta_batch *b);
/* The reason that the last fixture_commit() was given. */
const char *fixture_reason(const struct fixture *f);
/* Loads; the text of all deltas, borrowed. The test fails if the load does. */
const char *fixture_load(struct fixture *f);
/* Closes, opens and loads. */
const char *fixture_reload(struct fixture *f, uint32_t operations);
/*
 * Loads; the reason why that failed, borrowed. The test fails if it did not, and says
 * what was done.
 */
const char *fixture_fail_load(struct fixture *f, const char *done);
/* Runs sql on the closed file. */
void fixture_sql(struct fixture *f, const char *sql);
/* The first column of the first row, on the closed file. */
int64_t fixture_sql_int(struct fixture *f, const char *sql);
/* Copies the file and its WAL, as they are, to dir/name and dir/name-wal. */
void fixture_copy(struct fixture *f, const char *name);

/* Adds a PUT with fixed contents. The struct, for changes. */
struct namespace *add_namespace(struct delta_batch *b, const char *id);
struct service *add_service(struct delta_batch *b, const char *id, const char *ns_id);
struct instance *add_instance(struct delta_batch *b, const char *service_id,
	const char *id);
struct operation *add_operation(struct delta_batch *b, uint64_t sequence);
void add_delete_instance(struct delta_batch *b, const char *service_id, const char *id);
void add_lease(struct delta_batch *b, const char *service_id, const char *id,
	int64_t lease_end_ms);
void add_health(struct delta_batch *b, const char *service_id, const char *id,
	bool is_unhealthy, int64_t due_ms);
/* A namespace "ns-1" and a service "srv-1" in it. */
void add_parents(struct delta_batch *b);

/* All fields of what a PUT carries, one line. */
void describe(struct buf *out, const struct delta *put);
/* The same for all deltas of a batch. The caller frees it. */
char *describe_batch(const struct delta_batch *b);

#endif
