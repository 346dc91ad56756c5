/* SPDX-License-Identifier: MIT */
/*
 * Opening and closing: who may have the file, what it has to be, and what makes it
 * durable.
 */
#include "store/sqlite_db.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

/*
 * EXCLUSIVE comes before the first access: then SQLite locks the file as soon as it
 * reads it and keeps the WAL's index in its own memory.
 */
#define SETTINGS                                                                       \
	"PRAGMA locking_mode = EXCLUSIVE;"                                             \
	"PRAGMA synchronous = FULL;"                                                   \
	"PRAGMA trusted_schema = OFF;"                                                 \
	"PRAGMA cell_size_check = ON;"                                                 \
	"PRAGMA cache_size = -" TEXT_OF(SQLITE_CACHE_KIB) ";"
#define TEXT_OF(x)  TEXT_OF_(x)
#define TEXT_OF_(x) #x
#define SETTINGS_WAL                                                                   \
	"PRAGMA journal_mode = WAL;"                                                   \
	"PRAGMA wal_autocheckpoint = 1000;"                                            \
	"PRAGMA foreign_keys = ON;"

#define OVERWRITE                                                                      \
	"BEGIN IMMEDIATE;"                                                             \
	"INSERT INTO meta VALUES ('failed_commits', 1)"                                \
	" ON CONFLICT (key) DO UPDATE SET value = value + 1;"                          \
	"COMMIT;"

static int add_error(struct sqlite_db *db, struct buf *err, int error, const char *why)
{
	buf_printf(err, "%s: %s", db->path, why);
	return error;
}

/*
 * Why the last system call failed that did; 0 if it is not known. A failed step leaves
 * it at the file only.
 */
static int last_errno(struct sqlite_db *db)
{
	int error = sqlite3_system_errno(db->handle);
	sqlite3_file *wal = NULL;

	if (error != 0 || !db->handle)
		return error;
	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
	if (wal && wal->pMethods)
		wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &error);
	if (error == 0)
		sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_LAST_ERRNO,
			&error);
	return error;
}

int sqlite_db_explain(struct sqlite_db *db, int rc, struct buf *err)
{
	int error = last_errno(db);
	const char *message = sqlite3_errcode(db->handle) == rc
				      ? sqlite3_errmsg(db->handle)
				      : sqlite3_errstr(rc);

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return add_error(db, err, CMAP_E_EXISTS,
			"another process has it open, a cmapd or a tool such as "
			"sqlite3");
	case SQLITE_NOTADB:
		return add_error(db, err, CMAP_E_CORRUPT,
			"not a registry of cmapd: it is no SQLite database");
	case SQLITE_CORRUPT:
		buf_printf(err, "%s: damaged: %s", db->path, message);
		return CMAP_E_CORRUPT;
	case SQLITE_ERROR: /* the statements are ours: what they name is not there */
		buf_printf(err, "%s: not a registry of cmapd: %s", db->path, message);
		return CMAP_E_CORRUPT;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		if (error != 0) {
			buf_printf(err, "%s: %s: %s", db->path, message,
				strerror(error));
			return CMAP_E_SYSTEM;
		}
		break;
	}
	return add_error(db, err, CMAP_E_SYSTEM, message);
}

int sqlite_db_exec(struct sqlite_db *db, const char *sql)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

int sqlite_db_int(struct sqlite_db *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_DONE ||
		(rc == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_INTEGER))
		rc = SQLITE_CORRUPT;
	if (rc == SQLITE_ROW) {
		*out = sqlite3_column_int64(stmt, 0);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return rc;
}

void sqlite_db_rollback(struct sqlite_db *db)
{
	if (!sqlite3_get_autocommit(db->handle) &&
		sqlite_db_exec(db, "ROLLBACK") != SQLITE_OK)
		log_warning("%s: %s", db->path, sqlite3_errmsg(db->handle));
}

/*
 * An empty file, for its mode: SQLite gives the WAL the same. O_EXCL: a file that is
 * there is not opened, because closing it would drop the locks that SQLite may hold on
 * it in this process.
 */
static int make_file(struct sqlite_db *db, struct buf *err)
{
	int fd = open(db->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd >= 0) {
		close(fd);
		return CMAP_OK;
	}
	if (errno == EEXIST)
		return CMAP_OK;
	if (errno == ENOENT)
		return add_error(db, err, CMAP_E_SYSTEM,
			"cannot be made: there is no such directory");
	buf_printf(err, "%s: cannot be made: %s", db->path, strerror(errno));
	return CMAP_E_SYSTEM;
}

/*
 * Gives it back as it was found, until it is known to be ours: a foreign WAL is left
 * alone.
 */
static void keep_wal(struct sqlite_db *db, bool keep)
{
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, (int)keep,
		NULL);
}

static int connect_file(struct sqlite_db *db, struct buf *err)
{
	int rc = sqlite3_open_v2(db->path, &db->handle,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
		NULL);

	if (rc != SQLITE_OK)
		return sqlite_db_explain(db, rc, err);
	keep_wal(db, true);
	if (sqlite3_db_readonly(db->handle, "main") == 1)
		return add_error(db, err, CMAP_E_SYSTEM,
			"cannot be written: it is read-only for this user");
	rc = sqlite_db_exec(db, SETTINGS);
	return rc == SQLITE_OK ? CMAP_OK : sqlite_db_explain(db, rc, err);
}

static int read_revision(struct sqlite_db *db, struct buf *err)
{
	int64_t revision = 0;
	int rc = sqlite_db_int(db, "SELECT value FROM meta WHERE key = 'revision'",
		&revision);

	if (rc != SQLITE_OK)
		return sqlite_db_explain(db, rc, err);
	if (db->known && (uint64_t)revision != db->revision) {
		buf_printf(err,
			"%s: it is at revision %" PRId64 " and should be at %" PRIu64
			"; restart cmapd to go on with what the file holds",
			db->path, revision, db->revision);
		return CMAP_E_CORRUPT;
	}
	db->revision = (uint64_t)revision;
	return CMAP_OK;
}

/*
 * The names of file and WAL must be durable before the first commit is acknowledged.
 * SQLite syncs the directory, too, but does not tell when that fails.
 */
static int sync_directory(struct sqlite_db *db, struct buf *err)
{
	char *name = xstrdup(sqlite3_db_filename(db->handle, "main"));
	int fd = open(dirname(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = fd >= 0 && fsync(fd) == 0 ? CMAP_OK : CMAP_E_SYSTEM;

	if (result != CMAP_OK)
		buf_printf(err, "%s: its directory cannot be synced: %s", db->path,
			strerror(errno));
	if (fd >= 0)
		close(fd);
	free(name);
	return result;
}

static bool identify_file(const char *name, struct sqlite_file *out)
{
	struct stat st;

	if (stat(name, &st) != 0)
		return false;
	*out = (struct sqlite_file){.dev = st.st_dev, .ino = st.st_ino};
	return true;
}

static bool identify_files(struct sqlite_db *db, struct sqlite_file *main_file,
	struct sqlite_file *wal)
{
	const char *name = sqlite3_db_filename(db->handle, "main");

	return identify_file(name, main_file) &&
	       identify_file(sqlite3_filename_wal(name), wal);
}

static int settle(struct sqlite_db *db, struct buf *err)
{
	int rc = sqlite_db_exec(db, SETTINGS_WAL);
	int result;

	if (rc != SQLITE_OK)
		return sqlite_db_explain(db, rc, err);
	if ((result = sqlite_schema_upgrade(db, err)) != CMAP_OK ||
		(result = read_revision(db, err)) != CMAP_OK ||
		(result = sqlite_schema_fit_operations(db, err)) != CMAP_OK ||
		(result = sync_directory(db, err)) != CMAP_OK)
		return result;
	rc = sqlite_db_prepare(db);
	if (rc != SQLITE_OK)
		return sqlite_db_explain(db, rc, err);
	if (!identify_files(db, &db->main_file, &db->wal))
		return add_error(db, err, CMAP_E_SYSTEM,
			"SQLite keeps no WAL beside it");
	keep_wal(db, false);
	return CMAP_OK;
}

static void disconnect(struct sqlite_db *db)
{
	for (int i = 0; i < STMT_N; i++) {
		sqlite3_finalize(db->stmts[i]);
		db->stmts[i] = NULL;
	}
	if (sqlite3_close(db->handle) != SQLITE_OK)
		log_warning("%s: %s", db->path, sqlite3_errmsg(db->handle));
	db->handle = NULL;
}

int sqlite_db_open(struct sqlite_db *db, struct buf *err)
{
	int result = db->known ? CMAP_OK : make_file(db, err);

	if (result != CMAP_OK)
		return result;
	if ((result = connect_file(db, err)) != CMAP_OK ||
		(result = sqlite_schema_check(db, err)) != CMAP_OK ||
		(result = settle(db, err)) != CMAP_OK) {
		disconnect(db);
		return result;
	}
	db->known = true;
	return CMAP_OK;
}

static bool same_file(const struct sqlite_file *a, const struct sqlite_file *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

bool sqlite_db_in_place(struct sqlite_db *db)
{
	struct sqlite_file main_file, wal;

	return identify_files(db, &main_file, &wal) &&
	       same_file(&main_file, &db->main_file) && same_file(&wal, &db->wal);
}

void sqlite_db_close(struct sqlite_db *db)
{
	int rc = sqlite3_wal_checkpoint_v2(db->handle, "main",
		SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	if (rc != SQLITE_OK)
		log_warning("%s: the WAL was not moved into the file: %s", db->path,
			sqlite3_errmsg(db->handle));
	disconnect(db);
}

/*
 * When the sync of a commit fails, all of it may stand in the WAL, and whoever opens
 * that next would find it. SQLite itself has forgotten it: its next transaction goes
 * over the same place. That this one becomes durable does not matter, that it is
 * written does: so it is made without syncs, which fail at present, and without a
 * checkpoint, which would lack them.
 */
static bool overwrite_failed(struct sqlite_db *db)
{
	bool done;

	sqlite3_wal_autocheckpoint(db->handle, 0);
	done = sqlite_db_exec(db, "PRAGMA synchronous = OFF") == SQLITE_OK &&
	       sqlite_db_exec(db, OVERWRITE) == SQLITE_OK;
	sqlite_db_rollback(db);
	return done;
}

bool sqlite_db_abandon(struct sqlite_db *db)
{
	bool overwritten = overwrite_failed(db);

	if (sqlite_db_exec(db, "PRAGMA synchronous = FULL") == SQLITE_OK) {
		sqlite_db_close(db);
	} else {
		keep_wal(db, true);
		disconnect(db);
	}
	return overwritten;
}
