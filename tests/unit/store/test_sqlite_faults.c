/* SPDX-License-Identifier: MIT */
/*
 * A disk that fails: what was acknowledged stays, what was refused does not come back.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "faults.h"
#include "fixture.h"
#include "mounts.h"

#define MAYBE "may be found after a restart"

static void start(struct fixture *f)
{
	struct delta_batch b = {.revision = 1};

	fixture_init(f);
	fixture_open(f, 16);
	add_parents(&b);
	cr_assert_eq(fixture_commit(f, &b), STORE_APPLIED);
	fixture_forget(f);
}

/* Commits instance id, with revision. */
static enum store_event_type commit(struct fixture *f, uint64_t revision,
	const char *id)
{
	struct delta_batch b = {.revision = revision};

	add_instance(&b, "srv-1", id);
	return fixture_commit(f, &b);
}

static bool has_instance(const char *loaded, const char *id)
{
	char *line = xasprintf("\ninstance %s in ", id);
	bool has = strstr(loaded, line) != NULL;

	free(line);
	return has;
}

/* Of the closed file: how often what a commit left behind had to be overwritten. */
static int64_t failed_commits(struct fixture *f)
{
	return fixture_sql_int(f,
		"SELECT value FROM meta WHERE key = 'failed_commits'");
}

Test(sqlite_faults, an_acknowledged_batch_was_synced)
{
	struct fixture f;
	uint32_t before;

	start(&f);
	before = faults_wal_syncs();
	cr_assert_eq(commit(&f, 2, "a"), STORE_APPLIED);
	cr_assert_eq(faults_wal_syncs(), before + 1);
	fixture_free(&f);
}

Test(sqlite_faults, commits_that_pile_up_share_a_sync_and_are_answered_in_order)
{
	enum { N = 5 };
	struct fixture f;
	struct delta_batch b[N] = {0};
	uint32_t before;
	char id[8];

	start(&f);
	for (int i = 0; i < N; i++) {
		b[i].revision = (uint64_t)i + 2;
		snprintf(id, sizeof(id), "i-%d", i);
		add_instance(&b[i], i == 3 ? "srv-none" : "srv-1", id);
	}
	before = faults_wal_syncs();
	faults_hold();
	store_commit(f.store, &b[0]);
	faults_await_held();
	store_commit(f.store, &b[1]);
	store_commit(f.store, &b[2]);
	faults_release();
	fixture_wait(&f, 3);
	cr_assert_eq(faults_wal_syncs(), before + 2);

	/* One that is refused does not take the others with it. */
	delta_batch_clear(&b[0]);
	b[0].revision = 5;
	add_instance(&b[0], "srv-1", "i-0");
	faults_hold();
	store_commit(f.store, &b[0]);
	faults_await_held();
	store_commit(f.store, &b[3]);
	store_commit(f.store, &b[4]);
	faults_release();
	fixture_wait(&f, 6);
	for (uint32_t i = 0; i < 6; i++) {
		cr_assert_eq(f.seen[i].batch, &b[i < 3 ? i : i == 3 ? 0 : i - 1]);
		cr_assert_eq(f.seen[i].type, i == 4 ? STORE_REFUSED : STORE_APPLIED);
	}
	for (int i = 0; i < N; i++)
		delta_batch_clear(&b[i]);
	fixture_reload(&f, 16);
	cr_assert_eq(f.seen[0].n, 2 + 4);
	cr_assert_eq(f.seen[0].revision, 6);
	fixture_free(&f);
}

Test(sqlite_faults, one_failed_sync_refuses_one_batch)
{
	struct fixture f;
	const char *loaded;

	start(&f);
	faults_set_syncs(1, 1, EIO);
	cr_assert_eq(commit(&f, 2, "refused"), STORE_REFUSED);
	cr_assert_not_null(strstr(fixture_reason(&f), strerror(EIO)), "%s",
		fixture_reason(&f));
	cr_assert_null(strstr(fixture_reason(&f), MAYBE));
	cr_assert_eq(commit(&f, 2, "applied"), STORE_APPLIED);
	cr_assert_eq(f.n_seen, 2, "LOST came, too");
	loaded = fixture_reload(&f, 16);
	cr_assert(has_instance(loaded, "applied"));
	cr_assert_not(has_instance(loaded, "refused"));
	fixture_close(&f);
	cr_assert_eq(failed_commits(&f), 1);
	fixture_free(&f);
}

Test(sqlite_faults, while_syncs_fail_the_store_is_lost_and_then_goes_on)
{
	struct fixture f;
	const char *loaded;

	start(&f);
	cr_assert_eq(commit(&f, 2, "before"), STORE_APPLIED);
	faults_set_syncs(1, UINT32_MAX, EIO);
	faults_set_directory(EIO);
	cr_assert_eq(commit(&f, 3, "refused"), STORE_REFUSED);
	fixture_wait(&f, 3);
	cr_assert_eq(f.seen[2].type, STORE_LOST);
	cr_assert_null(f.seen[2].batch);
	cr_assert_not_null(strstr(f.seen[2].reason, f.path), "%s", f.seen[2].reason);
	/* If the process died now ... */
	fixture_copy(&f, "then.db");
	cr_assert_eq(commit(&f, 3, "again"), STORE_REFUSED);
	cr_assert_eq(f.n_seen, 4, "LOST is told once");
	faults_clear();
	cr_assert_eq(commit(&f, 3, "after"), STORE_APPLIED);
	cr_assert_eq(f.n_seen, 5);

	loaded = fixture_reload(&f, 16);
	cr_assert(has_instance(loaded, "before"));
	cr_assert(has_instance(loaded, "after"));
	cr_assert_not(has_instance(loaded, "refused"));
	cr_assert_not(has_instance(loaded, "again"));
	/* ... what was refused would not be there either. */
	snprintf(f.path, sizeof(f.path), "%s/then.db", f.dir);
	loaded = fixture_reload(&f, 16);
	cr_assert(has_instance(loaded, "before"));
	cr_assert_not(has_instance(loaded, "refused"));
	fixture_free(&f);
}

/*
 * What a script of commits leaves behind. One in the middle may be so large that it
 * sets off a checkpoint.
 */
enum { SCRIPT = 6, SCRIPT_LARGE = 3, LARGE = 1100 };

struct outcome {
	bool applied[SCRIPT], maybe[SCRIPT];
	uint64_t revision;
};

static void add_large(struct delta_batch *b, char fill)
{
	char value[4000], id[16];

	memset(value, fill, sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (int i = 0; i < LARGE; i++) {
		snprintf(id, sizeof(id), "large-%d", i);
		attributes_set(&add_instance(b, "srv-1", id)->attributes, "fill",
			value);
	}
}

static void run_script(struct fixture *f, bool large, struct outcome *out)
{
	char id[16];

	*out = (struct outcome){.revision = 1};
	for (int i = 0; i < SCRIPT; i++) {
		struct delta_batch b = {.revision = out->revision + 1};
		uint32_t seen = f->n_seen;

		snprintf(id, sizeof(id), "s-%d", i);
		add_instance(&b, "srv-1", id);
		if (large && i == SCRIPT_LARGE)
			add_large(&b, 'x');
		store_commit(f->store, &b);
		fixture_wait(f, seen + 1);
		while (f->seen[seen].type == STORE_LOST)
			fixture_wait(f, ++seen + 1);
		out->applied[i] = f->seen[seen].type == STORE_APPLIED;
		out->revision += out->applied[i];
		out->maybe[i] =
			f->seen[seen].reason && strstr(f->seen[seen].reason, MAYBE);
		delta_batch_clear(&b);
	}
}

/*
 * What is loaded is what was applied, but for one batch of which it was told that it
 * may be there.
 */
static void check_script(struct fixture *f, bool large, const struct outcome *out,
	uint32_t n)
{
	const char *loaded = fixture_load(f);
	uint32_t total = 2 + has_instance(loaded, "healed");
	char id[16];

	for (int i = 0; i < SCRIPT; i++) {
		snprintf(id, sizeof(id), "s-%d", i);
		bool there = has_instance(loaded, id);

		if (!out->maybe[i])
			cr_assert_eq(there, out->applied[i], "step %u: %s", n, id);
		if (there)
			total += 1 + (large && i == SCRIPT_LARGE ? LARGE : 0);
	}
	cr_assert_eq(f->seen[f->n_seen - 1].n, total, "step %u", n);
}

/* Steps n..last fail, until all is well again. */
static void fail_at(bool large, uint32_t n, uint32_t last, int error)
{
	struct fixture f;
	struct outcome out;
	bool healed;

	start(&f);
	faults_set(n, last, error);
	run_script(&f, large, &out);
	fixture_copy(&f, "then.db"); /* as after a crash */
	faults_clear();

	healed = commit(&f, out.revision + 1, "healed") == STORE_APPLIED;
	if (!healed)
		cr_assert_not_null(strstr(fixture_reason(&f), "restart cmapd"),
			"step %u: %s", n, fixture_reason(&f));
	fixture_close(&f);
	fixture_open(&f, 16);
	check_script(&f, large, &out, n);
	cr_assert_eq(has_instance(buf_text(&f.loaded), "healed"), healed);
	fixture_close(&f);
	snprintf(f.path, sizeof(f.path), "%s/then.db", f.dir);
	fixture_open(&f, 16);
	check_script(&f, large, &out, n);
	fixture_free(&f);
}

static uint32_t script_steps(bool large)
{
	struct fixture f;
	struct outcome out;
	uint32_t steps;

	start(&f);
	faults_set(0, 0, 0);
	run_script(&f, large, &out);
	steps = faults_clear();
	for (int i = 0; i < SCRIPT; i++)
		cr_assert(out.applied[i]);
	fixture_free(&f);
	return steps;
}

/* Each step of the small script; of the large one with its checkpoint, probes. */
static void fail_everywhere(bool for_good, int error)
{
	enum { PROBES = 12 };
	uint32_t steps = script_steps(false);

	cr_assert_gt(steps, 2 * SCRIPT);
	for (uint32_t n = 1; n <= steps; n++)
		fail_at(false, n, for_good ? UINT32_MAX : n, error);
	steps = script_steps(true);
	cr_assert_gt(steps, 3 * LARGE);
	for (uint32_t i = 1; i <= PROBES; i++) {
		uint32_t n = steps * i / PROBES - (i == PROBES ? 6 : 0);

		fail_at(true, n, for_good ? UINT32_MAX : n, error);
	}
}

Test(sqlite_faults, one_io_error_anywhere)
{
	fail_everywhere(false, EIO);
}

Test(sqlite_faults, one_full_disk_anywhere)
{
	fail_everywhere(false, ENOSPC);
}

Test(sqlite_faults, a_disk_that_dies_anywhere)
{
	fail_everywhere(true, EIO);
}

Test(sqlite_faults, a_disk_that_fills_up_anywhere)
{
	fail_everywhere(true, ENOSPC);
}

Test(sqlite_faults, a_directory_that_cannot_be_synced_is_refused)
{
	struct fixture f;
	char *reason;

	fixture_init(&f);
	faults_set_directory(EIO);
	cr_assert_eq(fixture_try_open(&f, &reason), CMAP_E_SYSTEM);
	cr_assert_not_null(strstr(reason, "directory cannot be synced"), "%s", reason);
	free(reason);
	faults_clear();
	fixture_open(&f, 16);
	fixture_free(&f);
}

static void rename_in(struct fixture *f, const char *from, const char *to)
{
	char *old = xasprintf("%s/%s", f->dir, from);
	char *new = xasprintf("%s/%s", f->dir, to);

	cr_assert_eq(rename(old, new), 0);
	free(old);
	free(new);
}

Test(sqlite_faults, a_file_moved_away_is_missed_until_it_is_back)
{
	struct fixture f;
	const char *loaded;

	start(&f);
	cr_assert_eq(commit(&f, 2, "before"), STORE_APPLIED);
	rename_in(&f, "cmap.db", "away.db");
	cr_assert_eq(commit(&f, 3, "refused"), STORE_REFUSED);
	cr_assert_not_null(strstr(fixture_reason(&f), "moved or deleted"));
	fixture_wait(&f, 3);
	cr_assert_eq(f.seen[2].type, STORE_LOST);
	cr_assert_neq(access(f.path, F_OK), 0, "another one was made in its place");

	/* Another registry is not taken for it. */
	snprintf(f.path, sizeof(f.path), "%s/other.db", f.dir);
	struct fixture other = f;
	other.n_seen = 0;
	other.store = NULL;
	fixture_open(&other, 16);
	fixture_close(&other);
	fixture_forget(&other);
	rename_in(&f, "other.db", "cmap.db");
	cr_assert_eq(commit(&f, 3, "refused"), STORE_REFUSED);
	cr_assert_not_null(strstr(fixture_reason(&f), "revision"), "%s",
		fixture_reason(&f));

	rename_in(&f, "away.db", "cmap.db");
	cr_assert_eq(commit(&f, 3, "after"), STORE_APPLIED);
	snprintf(f.path, sizeof(f.path), "%s/cmap.db", f.dir);
	loaded = fixture_reload(&f, 16);
	cr_assert(has_instance(loaded, "before"));
	cr_assert(has_instance(loaded, "after"));
	cr_assert_not(has_instance(loaded, "refused"));
	fixture_free(&f);
}

Test(sqlite_faults, close_leaves_the_wal_of_another_registry_alone)
{
	struct fixture f;
	char *wal;

	start(&f);
	fixture_copy(&f, "other.db");
	rename_in(&f, "cmap.db", "away.db");
	rename_in(&f, "cmap.db-wal", "away.db-wal");
	rename_in(&f, "other.db", "cmap.db");
	rename_in(&f, "other.db-wal", "cmap.db-wal");
	fixture_close(&f);
	wal = xasprintf("%s-wal", f.path);
	cr_assert_eq(access(wal, F_OK), 0);
	free(wal);
	fixture_free(&f);
}

Test(sqlite_faults, a_deleted_wal_costs_one_refusal)
{
	struct fixture f;
	const char *loaded;
	char *wal;

	start(&f);
	cr_assert_eq(commit(&f, 2, "before"), STORE_APPLIED);
	wal = xasprintf("%s-wal", f.path);
	cr_assert_eq(unlink(wal), 0);
	cr_assert_eq(commit(&f, 3, "refused"), STORE_REFUSED);
	cr_assert_eq(commit(&f, 3, "after"), STORE_APPLIED);
	cr_assert_eq(f.n_seen, 3);
	loaded = fixture_reload(&f, 16);
	cr_assert(has_instance(loaded, "before"));
	cr_assert(has_instance(loaded, "after"));
	cr_assert_not(has_instance(loaded, "refused"));
	free(wal);
	fixture_free(&f);
}

Test(sqlite_faults, the_wal_does_not_grow_without_bound)
{
	struct fixture f;
	struct delta_batch b = {0};
	struct stat st;
	char *wal;

	start(&f);
	for (uint64_t i = 2; i < 8; i++) {
		b.revision = i;
		add_large(&b, (char)('a' + i));
		cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	}
	wal = xasprintf("%s-wal", f.path);
	cr_assert_eq(stat(wal, &st), 0);
	cr_assert_lt(st.st_size, 3 * LARGE * 4096);
	free(wal);
	fixture_free(&f);
}

/* Fills the file system of f but for less than a page. */
static void fill_disk(struct fixture *f)
{
	char *name = xasprintf("%s/ballast", f->dir);
	int fd = open(name, O_WRONLY | O_CREAT, 0600);
	char block[4096] = {0};

	cr_assert_geq(fd, 0);
	while (write(fd, block, sizeof(block)) > 0)
		;
	cr_assert_eq(errno, ENOSPC);
	close(fd);
	free(name);
}

Test(sqlite_faults, a_full_disk_refuses_until_there_is_room)
{
	struct fixture f;
	struct delta_batch b = {.revision = 1};
	char *ballast, *expected;

	fixture_init(&f);
	mounts_tmpfs(f.dir, "size=16m");
	fixture_open(&f, 16);
	add_parents(&b);
	add_instance(&b, "srv-1", "before");
	expected = describe_batch(&b);
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	fill_disk(&f);
	for (int i = 0; i < 3; i++) {
		b.revision = 2;
		add_large(&b, 'x');
		cr_assert_eq(fixture_commit(&f, &b), STORE_REFUSED);
		cr_assert_not_null(strstr(fixture_reason(&f), "full"), "%s",
			fixture_reason(&f));
		cr_assert_null(strstr(fixture_reason(&f), MAYBE));
	}
	cr_assert_eq(f.n_seen, 4, "LOST came, too");
	cr_assert_str_eq(fixture_load(&f), expected);

	ballast = xasprintf("%s/ballast", f.dir);
	cr_assert_eq(unlink(ballast), 0);
	b.revision = 2;
	add_large(&b, 'x');
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	fixture_reload(&f, 16);
	cr_assert_eq(f.seen[0].n, 3 + LARGE);
	free(ballast);
	free(expected);
	fixture_close(&f);
	cr_assert_eq(failed_commits(&f), 0, "a full disk is no reason to reopen");
	mounts_gone(f.dir);
	fixture_free(&f);
}
