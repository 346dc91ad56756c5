/* SPDX-License-Identifier: MIT */
/* kill -9: what was acknowledged is there afterwards, exactly. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "fixture.h"

enum { ROUNDS = 20, SLOTS = 40, IN_FLIGHT = 4, ACKS_MAX = 300, OPERATIONS = 32 };

/*
 * Batch r, for each r the same: it registers one instance, removes or renews another.
 */
static void make_batch(struct delta_batch *b, uint64_t r)
{
	char id[16], text[24];

	*b = (struct delta_batch){.revision = r};
	if (r == 1) {
		add_parents(b);
		return;
	}
	snprintf(id, sizeof(id), "i-%d", (int)(r * 7 % SLOTS));
	snprintf(text, sizeof(text), "%d", (int)r);
	attributes_set(&add_instance(b, "srv-1", id)->attributes, "batch", text);
	snprintf(id, sizeof(id), "i-%d", (int)(r * 5 % SLOTS));
	if (r % 3 == 0)
		add_delete_instance(b, "srv-1", id);
	else
		add_lease(b, "srv-1", id, (int64_t)r);
	add_operation(b, r);
}

/* What a store at revision r has to hold, a line each, in no order. */
static char *expect(uint64_t r)
{
	uint64_t batch[SLOTS] = {0}, lease[SLOTS] = {0};
	struct buf out = {0};

	for (uint64_t k = 2; k <= r; k++) {
		int put = (int)(k * 7 % SLOTS), other = (int)(k * 5 % SLOTS);

		batch[put] = k;
		lease[put] = 0;
		if (k % 3 == 0)
			batch[other] = 0;
		else if (batch[other])
			lease[other] = k;
	}
	for (int i = 0; i < SLOTS; i++) {
		if (batch[i])
			buf_printf(&out, "%d %d %d\n", i, (int)batch[i], (int)lease[i]);
	}
	for (uint64_t k = r > OPERATIONS ? r - OPERATIONS + 1 : 2; k <= r; k++)
		buf_printf(&out, "operation %d\n", (int)k);
	return buf_take(&out);
}

/* The same from the lines that were loaded. */
static char *digest(const char *loaded)
{
	struct buf out = {0};
	bool is[SLOTS] = {0};
	int batch[SLOTS], lease[SLOTS], slot, sequence;

	for (const char *line = loaded; *line; line = strchr(line, '\n') + 1) {
		if (sscanf(line, "instance i-%d in", &slot) == 1) {
			const char *end = strchr(line, '\n');
			const char *until = strstr(line, " until ");

			is[slot] = true;
			batch[slot] = atoi(strstr(line, " batch=") + 7);
			lease[slot] = until && until < end ? atoi(until + 7) : 0;
		}
	}
	for (int i = 0; i < SLOTS; i++) {
		if (is[i])
			buf_printf(&out, "%d %d %d\n", i, batch[i], lease[i]);
	}
	for (const char *line = loaded; *line; line = strchr(line, '\n') + 1) {
		if (sscanf(line, "operation %d ", &sequence) == 1)
			buf_printf(&out, "operation %d\n", sequence);
	}
	return buf_take(&out);
}

struct child {
	struct fixture *f;
	int acks;
	uint64_t next;
	struct delta_batch batches[IN_FLIGHT];
};

static void send_next(struct child *c)
{
	struct delta_batch *b = &c->batches[c->next % IN_FLIGHT];

	make_batch(b, c->next++);
	store_commit(c->f->store, b);
}

static void acknowledge(void *arg, const struct store_event *e)
{
	struct child *c = arg;
	uint64_t r = e->batch->revision;

	if (e->type != STORE_APPLIED || write(c->acks, &r, sizeof(r)) != sizeof(r))
		_exit(1);
	delta_batch_clear(e->batch);
	send_next(c);
}

/* Commits from revision next on, until it is killed. */
static void run_child(struct fixture *f, int acks, uint64_t next)
{
	struct child c = {.f = f, .acks = acks, .next = next};
	struct buf err = {0};

	if (store_sqlite_open(f->path, OPERATIONS, &f->loop, &f->store, &err) !=
		CMAP_OK)
		_exit(2);
	f->store->event = acknowledge;
	f->store->event_arg = &c;
	for (int i = 0; i < IN_FLIGHT; i++)
		send_next(&c);
	for (;;)
		loop_once(&f->loop, -1);
}

static uint32_t random_below(uint32_t n)
{
	uint32_t r;

	cr_assert_eq(getrandom(&r, sizeof(r), 0), sizeof(r));
	return r % n;
}

/* Kills a child between two of its system calls; the last revision it acknowledged. */
static uint64_t kill_one(struct fixture *f, uint64_t next)
{
	uint32_t wanted = 1 + random_below(ACKS_MAX);
	struct timespec moment = {.tv_nsec = random_below(2000000)};
	uint64_t r = 0, last = 0;
	int ends[2], status;
	pid_t pid;

	cr_assert_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		run_child(f, ends[1], next);
	}
	close(ends[1]);
	for (uint32_t i = 0; i < wanted; i++) {
		cr_assert_eq(read(ends[0], &r, sizeof(r)), sizeof(r));
		last = r;
	}
	nanosleep(&moment, NULL);
	cr_assert_eq(kill(pid, SIGKILL), 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSIGNALED(status));
	while (read(ends[0], &r, sizeof(r)) == sizeof(r))
		last = r;
	close(ends[0]);
	return last;
}

Test(sqlite_kill, nothing_acknowledged_is_lost_and_nothing_else_appears)
{
	struct fixture f;
	uint64_t next = 1;

	fixture_init(&f);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t acknowledged = kill_one(&f, next), stored;
		char *expected, *found;

		f.store = NULL;
		fixture_open(&f, OPERATIONS);
		found = digest(fixture_load(&f));
		stored = f.seen[f.n_seen - 1].revision;
		cr_assert_geq(stored, acknowledged, "round %d", round);
		cr_assert_leq(stored, acknowledged + IN_FLIGHT, "round %d", round);
		expected = expect(stored);
		cr_assert_str_eq(found, expected, "round %d", round);
		free(expected);
		free(found);
		fixture_close(&f);
		cr_assert_eq(fixture_sql_int(&f,
				     "SELECT count(*) FROM pragma_integrity_check"
				     " WHERE integrity_check = 'ok'"),
			1);
		next = stored + 1;
	}
	fixture_free(&f);
}
