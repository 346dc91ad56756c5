/* SPDX-License-Identifier: MIT */
/*
 * sqlite_rows.h -- from one row of a table to its delta. Private to store/.
 *
 * Thread: the store's.
 */
#ifndef STORE_SQLITE_ROWS_H
#define STORE_SQLITE_ROWS_H

#include <sqlite3.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "model/delta.h"

#define SQLITE_TABLES 4

struct sqlite_parent;

/* What is kept from row to row; zeroed before the first. */
struct sqlite_rows {
	struct sqlite_parent *namespaces, *services; /* read already: their ids */
	struct buf text;                             /* of the row at hand */
};

/* Its columns are taken from left to right; the first problem stays. */
struct sqlite_row {
	struct sqlite_rows *rows;
	sqlite3_stmt *stmt;
	int last;
	int bad_column;
	const char *problem; /* NULL: none */
};

struct sqlite_table {
	const char *name;
	const char *select;
	/* Adds the row's delta to batch; whatever it is worth if r->problem is set. */
	void (*read)(struct sqlite_row *r, struct delta_batch *batch);
};

/* Parents first. */
extern const struct sqlite_table sqlite_tables[SQLITE_TABLES];

void sqlite_rows_free(struct sqlite_rows *rows) CMAP_NONNULL;

#endif
