/* SPDX-License-Identifier: MIT */
/*
 * sqlite_db.h -- the SQLite file of a registry: opening, reading, writing. Private to
 * store/.
 *
 * Thread: whoever opened it until the store's thread starts, then that thread alone.
 * Errors: each function that takes err adds one line to it on failure, which names the
 * file.
 */
#ifndef STORE_SQLITE_DB_H
#define STORE_SQLITE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "model/delta.h"

/*
 * 16 MiB: 100,000 instances take 15 % longer to write in SQLite's own 2 MiB. While all
 * is read, each page once, they would only be filled in vain.
 */
#define SQLITE_CACHE_KIB         16384
#define SQLITE_CACHE_READING_KIB 256

/* The statements that are kept prepared; their SQL stands in sqlite_write.c. */
enum sqlite_stmt {
	STMT_BEGIN,
	STMT_COMMIT,
	STMT_PUT_NAMESPACE,
	STMT_DELETE_NAMESPACE,
	STMT_PUT_SERVICE,
	STMT_DELETE_SERVICE,
	STMT_PUT_INSTANCE,
	STMT_DELETE_INSTANCE,
	STMT_PUT_HEALTH,
	STMT_PUT_LEASE,
	STMT_PUT_OPERATION,
	STMT_PUT_META,
	STMT_N
};

struct sqlite_file {
	dev_t dev;
	ino_t ino;
};

struct sqlite_db {
	char *path;
	uint32_t operations; /* how many are kept */
	sqlite3 *handle;     /* NULL while not open */
	sqlite3_stmt *stmts[STMT_N];
	struct sqlite_file main_file, wal; /* open; the names must still lead there */
	bool known;        /* it was open before, so it must be there, at revision */
	uint64_t revision; /* of the last batch that is on disk */
};

/*
 * Opens db->path, makes it first unless known, and brings its schema up to date; the
 * CMAP_E_* are those of store_sqlite_open(). On failure db is not open.
 */
int sqlite_db_open(struct sqlite_db *db, struct buf *err) CMAP_NONNULL CMAP_MUST_USE;
/* Moves the WAL into the file and closes both. db must be open. */
void sqlite_db_close(struct sqlite_db *db) CMAP_NONNULL;
/*
 * Closes after CMAP_E_SYSTEM from sqlite_db_write(), so that nothing of what failed can
 * be found when the file is opened again; false if not even that could be written.
 */
bool sqlite_db_abandon(struct sqlite_db *db) CMAP_NONNULL CMAP_MUST_USE;

/*
 * Writes the batches, in order, in one transaction; on CMAP_OK all of it is on disk.
 * Otherwise nothing is kept: CMAP_E_INVALID: they were refused, and the next may pass;
 * CMAP_E_SYSTEM: the disk or the file failed, and db must be abandoned.
 */
int sqlite_db_write(struct sqlite_db *db, struct delta_batch *const *batches, size_t n,
	struct buf *err) CMAP_NONNULL CMAP_MUST_USE;

/* Takes a batch over; last: nothing more comes. false: no more is wanted. */
typedef bool sqlite_emit(void *arg, struct delta_batch *batch, bool last);
/*
 * Emits all that is stored, parents first. CMAP_E_CORRUPT: a row cannot be understood,
 * named in err with its table and key; CMAP_E_SYSTEM: it could not be read;
 * CMAP_E_NOT_FOUND, with nothing in err: no more was wanted. Batches may have been
 * emitted by then, not the last.
 */
int sqlite_db_read(struct sqlite_db *db, sqlite_emit *emit, void *arg,
	struct buf *err) CMAP_NONNULL CMAP_MUST_USE;

/* For the files of sqlite_*.c. */

/* Writes "PATH: why" to err, from SQLite's rc, and gives the CMAP_E_* for it. */
int sqlite_db_explain(struct sqlite_db *db, int rc, struct buf *err) CMAP_NONNULL;
/* Return SQLite's codes. The first column of the first row. */
int sqlite_db_exec(struct sqlite_db *db, const char *sql) CMAP_NONNULL CMAP_MUST_USE;
int sqlite_db_int(struct sqlite_db *db, const char *sql,
	int64_t *out) CMAP_NONNULL CMAP_MUST_USE;
/* Returns SQLite's code. */
int sqlite_db_prepare(struct sqlite_db *db) CMAP_NONNULL CMAP_MUST_USE;
/* File and WAL are where they were when db was opened. */
bool sqlite_db_in_place(struct sqlite_db *db) CMAP_NONNULL CMAP_MUST_USE;
/* Undoes the transaction under way, if any. */
void sqlite_db_rollback(struct sqlite_db *db) CMAP_NONNULL;

/*
 * CMAP_E_CORRUPT or CMAP_E_VERSION if it is no registry, or not one for us. It changes
 * nothing.
 */
int sqlite_schema_check(struct sqlite_db *db,
	struct buf *err) CMAP_NONNULL CMAP_MUST_USE;
int sqlite_schema_upgrade(struct sqlite_db *db,
	struct buf *err) CMAP_NONNULL CMAP_MUST_USE;
/* Makes the file keep db->operations operations, the newest. */
int sqlite_schema_fit_operations(struct sqlite_db *db,
	struct buf *err) CMAP_NONNULL CMAP_MUST_USE;

#endif
