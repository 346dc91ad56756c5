/* SPDX-License-Identifier: MIT */
/* All that is stored, table by table and row by row, in batches. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "store/sqlite_db.h"
#include "store/sqlite_rows.h"
#include "store/store.h"

struct reader {
	struct sqlite_db *db;
	struct sqlite_rows rows;
	struct delta_batch *batch; /* at hand */
	sqlite_emit *emit;
	void *arg;
};

static int refuse_row(struct reader *rd, const struct sqlite_table *t,
	const struct sqlite_row *r, struct buf *err)
{
	const char *id = (const char *)sqlite3_column_text(r->stmt, 1);

	buf_printf(err, "%s: table %s, %s %lld, id \"%s\": column %s %s", rd->db->path,
		t->name, sqlite3_column_name(r->stmt, 0),
		sqlite3_column_int64(r->stmt, 0), id ? id : "",
		sqlite3_column_name(r->stmt, r->bad_column), r->problem);
	return CMAP_E_CORRUPT;
}

static void new_batch(struct reader *rd)
{
	rd->batch = xcalloc(1, sizeof(*rd->batch));
	rd->batch->revision = rd->db->revision;
}

/* Hands over the batch at hand. false: nobody wants more. */
static bool emit(struct reader *rd, bool last)
{
	struct delta_batch *batch = rd->batch;

	rd->batch = NULL;
	return rd->emit(rd->arg, batch, last);
}

/* There is room for one more delta. false: nobody wants it. */
static bool make_room(struct reader *rd)
{
	if (rd->batch->n < STORE_LOAD_MAX)
		return true;
	if (!emit(rd, false))
		return false;
	new_batch(rd);
	delta_batch_reserve(rd->batch, STORE_LOAD_MAX); /* there may be many more */
	return true;
}

static int read_rows(struct reader *rd, const struct sqlite_table *t,
	sqlite3_stmt *stmt, struct buf *err)
{
	int rc;

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct sqlite_row r = {.rows = &rd->rows, .stmt = stmt};

		if (!make_room(rd))
			return CMAP_E_NOT_FOUND;
		t->read(&r, rd->batch);
		if (r.problem)
			return refuse_row(rd, t, &r, err);
	}
	return rc == SQLITE_DONE ? CMAP_OK : sqlite_db_explain(rd->db, rc, err);
}

static int read_table(struct reader *rd, const struct sqlite_table *t, struct buf *err)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(rd->db->handle, t->select, -1, &stmt, NULL);
	int result;

	if (rc != SQLITE_OK)
		return sqlite_db_explain(rd->db, rc, err);
	result = read_rows(rd, t, stmt, err);
	sqlite3_finalize(stmt);
	return result;
}

static int read_tables(struct reader *rd, struct buf *err)
{
	int result = CMAP_OK;

	for (int i = 0; result == CMAP_OK && i < SQLITE_TABLES; i++)
		result = read_table(rd, &sqlite_tables[i], err);
	return result;
}

/* Whether it works or not is a matter of speed and memory only. */
static void limit_cache(struct sqlite_db *db, int kib)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%d", kib);
	(void)!sqlite_db_exec(db, sql);
}

int sqlite_db_read(struct sqlite_db *db, sqlite_emit *emit_to, void *arg,
	struct buf *err)
{
	struct reader rd = {.db = db, .emit = emit_to, .arg = arg};
	int result;

	new_batch(&rd);
	limit_cache(db, SQLITE_CACHE_READING_KIB);
	result = read_tables(&rd, err);
	limit_cache(db, SQLITE_CACHE_KIB);
	if (result == CMAP_OK && !emit(&rd, true))
		result = CMAP_E_NOT_FOUND;
	if (rd.batch) {
		delta_batch_clear(rd.batch);
		free(rd.batch);
	}
	sqlite_rows_free(&rd.rows);
	return result;
}
