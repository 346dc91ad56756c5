/* SPDX-License-Identifier: MIT */
/*
 * What the file holds, and how an older one becomes the newest.
 *
 * It is made to be read with the sqlite3 shell: names as the API gives them, times in
 * milliseconds since 1970, attributes as "KEY VALUE" lines. seq is the order in which
 * things were made. Foreign keys are checked at COMMIT: a batch that would leave an
 * orphan behind is refused while it can be.
 */
#include "store/sqlite_db.h"

#include <inttypes.h>

#include "base/error.h"
#include "store/store_sqlite.h"

#define APPLICATION_ID 1668112752 /* "cmap" */
#define TEXT_OF(x)     TEXT_OF_(x)
#define TEXT_OF_(x)    #x

/*
 * steps[v] brings version v to v + 1. A step that was released is never changed again.
 */
static const char *const steps[] = {
	/* clang-format off */
	[0] = "CREATE TABLE meta ("
	      "  key TEXT PRIMARY KEY,"
	      "  value ANY NOT NULL"
	      ") STRICT, WITHOUT ROWID;"
	      "INSERT INTO meta VALUES"
	      "  ('revision', 0),"       /* of the last batch */
	      "  ('operations', 0),"     /* the modulus of operation.slot; 0: none yet */
	      "  ('failed_commits', 0);" /* see sqlite_db_abandon() */

	      "CREATE TABLE namespace ("
	      "  seq INTEGER PRIMARY KEY,"
	      "  id TEXT NOT NULL UNIQUE,"
	      "  type TEXT NOT NULL,"
	      "  name TEXT NOT NULL,"
	      "  creator_request_id TEXT NOT NULL,"
	      "  description TEXT,"
	      "  vpc TEXT,"
	      "  soa_ttl INTEGER,"
	      "  created_ms INTEGER NOT NULL,"
	      "  operation_id TEXT NOT NULL"
	      ") STRICT;"

	      "CREATE TABLE service ("
	      "  seq INTEGER PRIMARY KEY,"
	      "  id TEXT NOT NULL UNIQUE,"
	      "  namespace_id TEXT NOT NULL"
	      "    REFERENCES namespace (id) DEFERRABLE INITIALLY DEFERRED,"
	      "  name TEXT NOT NULL,"
	      "  creator_request_id TEXT NOT NULL,"
	      "  description TEXT,"
	      "  http_only INTEGER NOT NULL,"
	      "  routing TEXT,"
	      "  records TEXT NOT NULL," /* "TYPE TTL" lines */
	      "  health_type TEXT,"
	      "  health_path TEXT,"
	      "  health_threshold INTEGER,"
	      "  custom_health INTEGER NOT NULL,"
	      "  created_ms INTEGER NOT NULL"
	      ") STRICT;"
	      "CREATE INDEX service_by_namespace ON service (namespace_id);"

	      /* A row under seq and an index beside it: a third faster than WITHOUT ROWID. */
	      "CREATE TABLE instance ("
	      "  seq INTEGER PRIMARY KEY,"
	      "  service_id TEXT NOT NULL"
	      "    REFERENCES service (id) DEFERRABLE INITIALLY DEFERRED,"
	      "  id TEXT NOT NULL,"
	      "  creator_request_id TEXT NOT NULL,"
	      "  attributes TEXT NOT NULL,"
	      "  created_ms INTEGER NOT NULL,"
	      "  lease_end_ms INTEGER,"
	      "  UNIQUE (service_id, id)"
	      ") STRICT;"

	      /* slot is sequence % meta.operations, so a new one takes the oldest one's place. */
	      "CREATE TABLE operation ("
	      "  slot INTEGER PRIMARY KEY,"
	      "  sequence INTEGER NOT NULL,"
	      "  id TEXT NOT NULL,"
	      "  type TEXT NOT NULL,"
	      "  created_ms INTEGER NOT NULL,"
	      "  updated_ms INTEGER NOT NULL,"
	      "  namespace_id TEXT NOT NULL,"
	      "  service_id TEXT NOT NULL,"
	      "  instance_id TEXT"
	      ") STRICT;"

	      "PRAGMA application_id = " TEXT_OF(APPLICATION_ID) ";"
	      "PRAGMA user_version = 1;",

	/* "KEY<TAB>VALUE" lines (model/pairs.h), and what is told who updates a namespace twice. */
	[1] = "ALTER TABLE namespace ADD COLUMN tags TEXT NOT NULL DEFAULT '';"
	      "ALTER TABLE namespace ADD COLUMN updater_request_id TEXT;"
	      "ALTER TABLE namespace ADD COLUMN update_operation_id TEXT NOT NULL DEFAULT '';"
	      "ALTER TABLE service ADD COLUMN tags TEXT NOT NULL DEFAULT '';"
	      "ALTER TABLE service ADD COLUMN attributes TEXT NOT NULL DEFAULT '';"
	      "PRAGMA user_version = 2;",

	/* What was said of its health, and from when on that is so; NULL: as it was registered, at once. */
	[2] = "ALTER TABLE instance ADD COLUMN health TEXT;"
	      "ALTER TABLE instance ADD COLUMN health_due_ms INTEGER;"
	      "PRAGMA user_version = 3;",

	/* NULL: its name. */
	[3] = "ALTER TABLE namespace ADD COLUMN http_name TEXT; PRAGMA user_version = 4;",
	/* clang-format on */
};

_Static_assert(CMAP_COUNT(steps) == STORE_SQLITE_SCHEMA, "a step for each version");

int sqlite_schema_check(struct sqlite_db *db, struct buf *err)
{
	int64_t application = 0, version = 0, things = 0;
	int rc;

	if ((rc = sqlite_db_int(db, "PRAGMA application_id", &application)) !=
			SQLITE_OK ||
		(rc = sqlite_db_int(db, "PRAGMA user_version", &version)) !=
			SQLITE_OK ||
		(rc = sqlite_db_int(db, "SELECT count(*) FROM sqlite_schema",
			 &things)) != SQLITE_OK)
		return sqlite_db_explain(db, rc, err);

	if (application == 0 && version == 0 && things == 0 && !db->known)
		return CMAP_OK;
	if (application != APPLICATION_ID || version < 1) {
		buf_printf(err,
			"%s: not a registry of cmapd: the database is another "
			"program's",
			db->path);
		return CMAP_E_CORRUPT;
	}
	if (version > STORE_SQLITE_SCHEMA) {
		buf_printf(err,
			"%s: made by a newer cmapd: its schema is version %" PRId64
			", this one knows %d",
			db->path, version, STORE_SQLITE_SCHEMA);
		return CMAP_E_VERSION;
	}
	return CMAP_OK;
}

static int run_step(struct sqlite_db *db, const char *sql)
{
	int rc = sqlite_db_exec(db, "BEGIN IMMEDIATE");

	if (rc == SQLITE_OK)
		rc = sqlite_db_exec(db, sql);
	if (rc == SQLITE_OK)
		rc = sqlite_db_exec(db, "COMMIT");
	return rc;
}

int sqlite_schema_upgrade(struct sqlite_db *db, struct buf *err)
{
	int64_t version = 0;
	int rc = sqlite_db_int(db, "PRAGMA user_version", &version);

	for (; rc == SQLITE_OK && version < STORE_SQLITE_SCHEMA; version++)
		rc = run_step(db, steps[version]);
	if (rc == SQLITE_OK)
		return CMAP_OK;
	rc = sqlite_db_explain(db, rc, err);
	sqlite_db_rollback(db);
	return rc;
}

/*
 * Runs the statements of sql one after the other, with operations bound where they take
 * a parameter.
 */
static int run_with_operations(struct sqlite_db *db, const char *sql)
{
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK && *sql) {
		sqlite3_stmt *stmt;

		rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, &sql);
		if (rc != SQLITE_OK)
			break;
		if (sqlite3_bind_parameter_count(stmt) > 0)
			sqlite3_bind_int64(stmt, 1, db->operations);
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_DONE)
			rc = SQLITE_OK;
		sqlite3_finalize(stmt);
	}
	return rc;
}

int sqlite_schema_fit_operations(struct sqlite_db *db, struct buf *err)
{
	int64_t operations = 0;
	int rc = sqlite_db_int(db, "SELECT value FROM meta WHERE key = 'operations'",
		&operations);

	if (rc == SQLITE_OK && operations == db->operations)
		return CMAP_OK;
	if (rc == SQLITE_OK)
		/*
		 * By way of negative slots: no row may meet one that has not moved yet.
		 */
		rc = run_with_operations(db,
			"BEGIN IMMEDIATE;"
			"DELETE FROM operation WHERE sequence <="
			"  (SELECT max(sequence) FROM operation) - ?1;"
			"UPDATE operation SET slot = -1 - sequence;"
			"UPDATE operation SET slot = sequence % ?1;"
			"UPDATE meta SET value = ?1 WHERE key = 'operations';"
			"COMMIT;");
	if (rc == SQLITE_OK)
		return CMAP_OK;
	rc = sqlite_db_explain(db, rc, err);
	sqlite_db_rollback(db);
	return rc;
}
