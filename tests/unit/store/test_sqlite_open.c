/* SPDX-License-Identifier: MIT */
/* What happens when the file is not what it should be, or not ours alone. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "fixture.h"
#include "mounts.h"

static void expect_refused(struct fixture *f, int result, const char *words)
{
	char *reason;
	int got = fixture_try_open(f, &reason);

	cr_assert_eq(got, result, "%d: %s", got, reason);
	cr_assert_not_null(strstr(reason, f->path), "%s", reason);
	cr_assert_not_null(strstr(reason, words), "%s", reason);
	cr_assert_null(strchr(reason, '\n'));
	free(reason);
}

static void write_file(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

/* Of the file and of what lies beside it; SQLite leaves an empty WAL. */
static char *fingerprint(struct fixture *f)
{
	char *command =
		xasprintf("cd '%s' && find . -size +0 -exec cksum {} + | sort", f->dir);
	FILE *p = popen(command, "r");
	char text[1024];
	size_t len = fread(text, 1, sizeof(text) - 1, p);

	text[len] = '\0';
	cr_assert_eq(pclose(p), 0);
	free(command);
	return xstrdup(text);
}

static void make_registry(struct fixture *f)
{
	struct delta_batch b = {.revision = 1};

	fixture_open(f, 16);
	add_parents(&b);
	add_instance(&b, "srv-1", "i-1");
	cr_assert_eq(fixture_commit(f, &b), STORE_APPLIED);
	fixture_close(f);
}

Test(sqlite_open, a_missing_directory_is_named)
{
	struct fixture f;

	fixture_init(&f);
	snprintf(f.path, sizeof(f.path), "%s/none/cmap.db", f.dir);
	expect_refused(&f, CMAP_E_SYSTEM, "no such directory");
	fixture_free(&f);
}

Test(sqlite_open, a_file_where_a_directory_should_be)
{
	struct fixture f;

	fixture_init(&f);
	write_file(f.path, "x", 1);
	strcat(f.path, "/cmap.db");
	expect_refused(&f, CMAP_E_SYSTEM, strerror(ENOTDIR));
	fixture_free(&f);
}

Test(sqlite_open, a_directory_where_the_file_should_be)
{
	struct fixture f;

	fixture_init(&f);
	cr_assert_eq(mkdir(f.path, 0700), 0);
	expect_refused(&f, CMAP_E_SYSTEM, strerror(EISDIR));
	fixture_free(&f);
}

Test(sqlite_open, a_file_that_is_no_database_is_left_alone)
{
	const size_t sizes[] = {2, 99, 100, 512, 4096, 100000};
	struct fixture f;
	char *junk = xmalloc(100000), *before, *after;

	fixture_init(&f);
	for (size_t i = 0; i < 100000; i++)
		junk[i] = (char)(i * 7 + i / 251);
	for (size_t i = 0; i < CMAP_COUNT(sizes); i++) {
		write_file(f.path, junk, sizes[i]);
		before = fingerprint(&f);
		expect_refused(&f, CMAP_E_CORRUPT, "not a registry");
		after = fingerprint(&f);
		cr_assert_str_eq(before, after);
		free(before);
		free(after);
	}
	free(junk);
	fixture_free(&f);
}

Test(sqlite_open, an_empty_file_becomes_a_registry)
{
	struct fixture f;

	fixture_init(&f);
	write_file(f.path, "", 0);
	make_registry(&f);
	/* So does what is left when the first start is cut off. */
	cr_assert_eq(unlink(f.path), 0);
	fixture_sql(&f, "PRAGMA journal_mode = WAL");
	make_registry(&f);
	fixture_free(&f);
}

Test(sqlite_open, another_programs_database_is_left_alone)
{
	const char *const makes[] = {
		"CREATE TABLE t (x)",
		"PRAGMA application_id = 7",
		"PRAGMA user_version = 1",
		"PRAGMA application_id = 7; PRAGMA user_version = 1; CREATE TABLE "
		"instance (x)",
		"PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES "
		"(1)",
		"PRAGMA application_id = 1668112752; PRAGMA user_version = -1",
	};
	struct fixture f;
	char *before, *after;

	fixture_init(&f);
	for (size_t i = 0; i < CMAP_COUNT(makes); i++) {
		unlink(f.path);
		fixture_sql(&f, makes[i]);
		before = fingerprint(&f);
		expect_refused(&f, CMAP_E_CORRUPT, "another program's");
		after = fingerprint(&f);
		cr_assert_str_eq(before, after, "%s", makes[i]);
		free(before);
		free(after);
	}
	fixture_free(&f);
}

Test(sqlite_open, another_programs_wal_is_left_alone)
{
	struct fixture f;
	sqlite3 *db;
	char *before, *after;

	fixture_init(&f);
	cr_assert_eq(sqlite3_open(f.path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db,
			     "PRAGMA journal_mode = WAL; CREATE TABLE t (x);"
			     "INSERT INTO t VALUES (1)",
			     NULL, NULL, NULL),
		SQLITE_OK);
	fixture_copy(&f, "copy.db");
	sqlite3_close(db);
	cr_assert_eq(unlink(f.path), 0);
	snprintf(f.path, sizeof(f.path), "%s/copy.db", f.dir);
	before = fingerprint(&f);
	cr_assert_not_null(strstr(before, "copy.db-wal"));
	expect_refused(&f, CMAP_E_CORRUPT, "another program's");
	after = fingerprint(&f);
	cr_assert_str_eq(before, after);
	free(before);
	free(after);
	fixture_free(&f);
}

Test(sqlite_open, a_newer_version_is_refused_and_left_alone)
{
	struct fixture f;
	char *before, *after;

	fixture_init(&f);
	make_registry(&f);
	fixture_sql(&f, "PRAGMA user_version = 99");
	before = fingerprint(&f);
	expect_refused(&f, CMAP_E_VERSION, "schema is version 99, this one knows");
	after = fingerprint(&f);
	cr_assert_str_eq(before, after);
	free(before);
	free(after);
	fixture_free(&f);
}

Test(sqlite_open, a_file_of_an_older_version_is_brought_up_to_date)
{
	struct fixture f;
	struct delta_batch b = {.revision = 1}, again = {.revision = 2};
	char *expected;

	fixture_init(&f);
	fixture_open(&f, 16);
	add_parents(&b);
	add_instance(&b, "srv-1", "i-1");
	expected = describe_batch(&b);
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	fixture_close(&f);
	fixture_sql(&f, "ALTER TABLE namespace DROP COLUMN tags;"
			"ALTER TABLE namespace DROP COLUMN updater_request_id;"
			"ALTER TABLE namespace DROP COLUMN update_operation_id;"
			"ALTER TABLE namespace DROP COLUMN http_name;"
			"ALTER TABLE service DROP COLUMN tags;"
			"ALTER TABLE service DROP COLUMN attributes;"
			"ALTER TABLE instance DROP COLUMN health;"
			"ALTER TABLE instance DROP COLUMN health_due_ms;"
			"PRAGMA user_version = 1");
	fixture_open(&f, 16);
	cr_assert_str_eq(fixture_load(&f), expected);
	attributes_set(&add_namespace(&again, "ns-1")->tags, "k", "v");
	cr_assert_eq(fixture_commit(&f, &again), STORE_APPLIED);
	fixture_reload(&f, 16);
	cr_assert_not_null(strstr(buf_text(&f.loaded), " tag[k=v]\n"));
	free(expected);
	fixture_free(&f);
}

Test(sqlite_open, a_missing_table_or_column_is_named)
{
	const struct {
		const char *sql, *words;
	} damages[] = {
		{"DROP TABLE operation", "operation"},
		{"ALTER TABLE instance RENAME COLUMN attributes TO attrs",
			"attributes"},
		{"DROP TABLE meta", "meta"},
		{"DELETE FROM meta", "damaged: database disk image"},
		{"UPDATE meta SET value = 'x' WHERE key = 'revision'", "damaged"},
	};
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < CMAP_COUNT(damages); i++) {
		unlink(f.path);
		make_registry(&f);
		fixture_sql(&f, damages[i].sql);
		expect_refused(&f, CMAP_E_CORRUPT, damages[i].words);
	}
	fixture_free(&f);
}

Test(sqlite_open, any_name_will_do)
{
	const char *const names[] = {"a b?mode=ro&x#y%41.db", "\xc3\xa4'\".db", "x"};
	struct fixture f;
	struct stat st;

	fixture_init(&f);
	for (size_t i = 0; i < CMAP_COUNT(names); i++) {
		snprintf(f.path, sizeof(f.path), "%s/%s", f.dir, names[i]);
		make_registry(&f);
		cr_assert_eq(stat(f.path, &st), 0, "%s", f.path);
	}
	fixture_free(&f);
}

Test(sqlite_open, a_second_open_in_the_same_process_is_refused)
{
	struct fixture f;
	struct delta_batch b = {.revision = 1};
	struct store *first;

	fixture_init(&f);
	fixture_open(&f, 16);
	first = f.store;
	expect_refused(&f, CMAP_E_EXISTS, "another process has it open");
	cr_assert_eq(f.store, first);
	add_parents(&b);
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	fixture_free(&f);
}

/* A process that holds the store until it is killed; its pid. */
static pid_t hold(struct fixture *f)
{
	int ends[2];
	char byte;
	pid_t pid;

	cr_assert_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		struct buf err = {0};
		struct store *store;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (store_sqlite_open(f->path, 16, &f->loop, &store, &err) == CMAP_OK &&
			write(ends[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ends[1]);
	cr_assert_eq(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return pid;
}

Test(sqlite_open, a_second_process_is_refused_until_the_first_is_gone)
{
	struct fixture f;
	sqlite3 *db;
	pid_t pid;

	fixture_init(&f);
	pid = hold(&f);
	expect_refused(&f, CMAP_E_EXISTS, "another process has it open");

	/* The sqlite3 tool can neither write nor checkpoint meanwhile. */
	cr_assert_eq(sqlite3_open(f.path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, "DELETE FROM meta", NULL, NULL, NULL),
		SQLITE_BUSY);
	cr_assert_eq(sqlite3_exec(db, "PRAGMA wal_checkpoint", NULL, NULL, NULL),
		SQLITE_BUSY);
	sqlite3_close(db);

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	make_registry(&f);
	fixture_free(&f);
}

Test(sqlite_open, a_read_only_directory_is_refused)
{
	struct fixture f;

	fixture_init(&f);
	if (geteuid() != 0) {
		cr_assert_eq(chmod(f.dir, 0555), 0);
		expect_refused(&f, CMAP_E_SYSTEM, strerror(EACCES));
		cr_assert_eq(chmod(f.dir, 0755), 0);
	} else {
		/* For root, modes do not count. */
		mounts_tmpfs(f.dir, "size=1m");
		mounts_read_only(f.dir);
		expect_refused(&f, CMAP_E_SYSTEM, strerror(EROFS));
		mounts_gone(f.dir);
	}
	fixture_free(&f);
}

Test(sqlite_open, a_registry_on_a_read_only_file_system_is_refused)
{
	struct fixture f;

	fixture_init(&f);
	mounts_tmpfs(f.dir, "size=1m");
	make_registry(&f);
	mounts_read_only(f.dir);
	expect_refused(&f, CMAP_E_SYSTEM, "read-only");
	mounts_gone(f.dir);
	fixture_free(&f);
}

Test(sqlite_open, a_full_disk_is_refused)
{
	struct fixture f;

	fixture_init(&f);
	mounts_tmpfs(f.dir, "size=8k");
	expect_refused(&f, CMAP_E_SYSTEM, "full");
	mounts_gone(f.dir);
	fixture_free(&f);
}

static int as_nobody(struct fixture *f)
{
	char *reason;
	int result;

	if (seteuid(65534) != 0)
		return CMAP_E_RANGE;
	result = fixture_try_open(f, &reason);
	if (seteuid(0) != 0)
		_exit(1);
	cr_assert_not_null(strstr(reason, f->path));
	free(reason);
	return result;
}

Test(sqlite_open, a_file_of_somebody_else_is_refused)
{
	struct fixture f;

	if (geteuid() != 0)
		cr_skip_test("only root can make somebody else's file");
	fixture_init(&f);
	cr_assert_eq(chmod(f.dir, 0755), 0);
	cr_assert_eq(as_nobody(&f), CMAP_E_SYSTEM, "no file yet");
	make_registry(&f);
	cr_assert_eq(as_nobody(&f), CMAP_E_SYSTEM, "not readable");
	cr_assert_eq(chmod(f.path, 0644), 0);
	cr_assert_eq(as_nobody(&f), CMAP_E_SYSTEM, "not writable");
	cr_assert_eq(chmod(f.path, 0666), 0);
	cr_assert_eq(as_nobody(&f), CMAP_E_SYSTEM, "no WAL can be made");
	make_registry(&f);
	fixture_free(&f);
}
