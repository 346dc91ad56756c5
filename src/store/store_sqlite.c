/* SPDX-License-Identifier: MIT */
/*
 * The thread that owns the SQLite connection, and the two inboxes between it and the
 * control thread.
 *
 * control thread -> commands -> store thread: LOAD, COMMIT, CLOSE
 * store thread -> events -> control thread, whose loop watches the inbox's descriptor
 */
#include "store/store_sqlite.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

#include "base/error.h"
#include "base/inbox.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/sqlite_db.h"

#define GROUP 256 /* commits in one transaction */

enum job_type { JOB_LOAD, JOB_COMMIT, JOB_CLOSE };

/* A command on its way there, an event on its way back. */
struct job {
	struct inbox_msg msg;
	enum job_type type;
	struct store_event event; /* a command COMMIT has its batch set */
	char *reason;             /* what event.reason points at */
};

struct store_sqlite {
	struct store store;
	struct loop *loop;
	struct loop_io io; /* events */
	struct inbox commands, events;
	pthread_t thread;
	struct job closing;
	sem_t room; /* for STORE_SQLITE_AHEAD batches; who closes it makes room, too */
	atomic_bool is_closing;
	/* The store thread's own: */
	struct sqlite_db db;
	struct job *next; /* popped, not served yet */
	bool lost;
};

static struct store_sqlite *from_store(struct store *s)
{
	return CONTAINER_OF(s, struct store_sqlite, store);
}

static struct job *job_new(enum job_type type, struct delta_batch *batch)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->type = type;
	job->event.batch = batch;
	return job;
}

static void job_free(struct job *job)
{
	free(job->reason);
	free(job);
}

/* ---- the store thread ---------------------------------------------------- */

/* Sends job back as an event. reason may be NULL. */
static void answer(struct store_sqlite *s, struct job *job, enum store_event_type type,
	const char *reason)
{
	job->event.type = type;
	job->reason = reason ? xstrdup(reason) : NULL;
	job->event.reason = job->reason;
	inbox_push(&s->events, &job->msg);
}

/*
 * Makes sure that the file is open. What cannot be reached is LOST once; it is tried
 * again before each command.
 */
static int reach(struct store_sqlite *s, struct buf *err)
{
	int result = CMAP_OK;

	if (!s->db.handle)
		result = sqlite_db_open(&s->db, err);
	if (result == CMAP_OK && s->lost)
		log_info("%s: reached again", s->db.path);
	if (result != CMAP_OK && !s->lost)
		answer(s, job_new(JOB_LOAD, NULL), STORE_LOST, buf_text(err));
	s->lost = result != CMAP_OK;
	return result;
}

static void batch_free(struct delta_batch *batch)
{
	delta_batch_clear(batch);
	free(batch);
}

/* Both threads work meanwhile; but what is read is not to fill the memory unused. */
static bool emit_loaded(void *arg, struct delta_batch *batch, bool last)
{
	struct store_sqlite *s = arg;
	struct job *job;

	while (sem_wait(&s->room) != 0)
		; /* a signal */
	if (atomic_load(&s->is_closing)) {
		batch_free(batch);
		return false;
	}
	job = job_new(JOB_LOAD, batch);
	job->event.last = last;
	answer(s, job, STORE_LOADED, NULL);
	return true;
}

static void serve_load(struct store_sqlite *s, struct job *job)
{
	struct buf err = {0};
	int result = reach(s, &err);

	if (result == CMAP_OK)
		result = sqlite_db_read(&s->db, emit_loaded, s, &err);
	if (result == CMAP_OK) {
		job_free(job);
	} else {
		job->event.last = true;
		answer(s, job, STORE_LOADED, buf_text(&err));
	}
	buf_free(&err);
}

/*
 * Commits all of it in one transaction and answers each job. CMAP_E_INVALID: it was
 * refused, there is more than one, and nothing has been answered: each may be tried
 * alone.
 */
static int commit_together(struct store_sqlite *s, struct job **jobs,
	struct delta_batch **batches, size_t n)
{
	struct buf err = {0};
	int result = reach(s, &err);
	bool reached = result == CMAP_OK;

	if (reached)
		result = sqlite_db_write(&s->db, batches, n, &err);
	if (result == CMAP_E_INVALID && n > 1) {
		buf_free(&err);
		return result;
	}
	/* First make sure that it cannot be found again, then tell. */
	if (reached && result == CMAP_E_SYSTEM && !sqlite_db_abandon(&s->db))
		buf_add_text(&err, "; it may be found after a restart all the same");
	for (size_t i = 0; i < n; i++)
		answer(s, jobs[i], result == CMAP_OK ? STORE_APPLIED : STORE_REFUSED,
			result == CMAP_OK ? NULL : buf_text(&err));
	buf_free(&err);
	if (!s->db.handle && !s->lost) {
		(void)!reach(s, &err);
		buf_free(&err);
	}
	return CMAP_OK;
}

/*
 * The next command: the one popped already, or from the inbox. NULL if there is none,
 * unless wait is set.
 */
static struct job *next_job(struct store_sqlite *s, bool wait)
{
	struct job *job = s->next;
	struct inbox_msg *m;

	s->next = NULL;
	if (job)
		return job;
	m = wait ? inbox_wait(&s->commands) : inbox_pop(&s->commands);
	return m ? CONTAINER_OF(m, struct job, msg) : NULL;
}

/* first, and all commits that have piled up behind it. */
static void serve_commits(struct store_sqlite *s, struct job *first)
{
	struct job *jobs[GROUP];
	struct delta_batch *batches[GROUP];
	size_t n = 0;

	for (struct job *job = first; job; job = next_job(s, false)) {
		if (n == GROUP || job->type != JOB_COMMIT) {
			s->next = job;
			break;
		}
		jobs[n] = job;
		batches[n++] = job->event.batch;
	}
	if (commit_together(s, jobs, batches, n) == CMAP_OK)
		return;
	for (size_t i = 0; i < n; i++)
		(void)!commit_together(s, &jobs[i], &batches[i], 1);
}

static void *store_main(void *arg)
{
	struct store_sqlite *s = arg;

	prctl(PR_SET_NAME, "cmap-store");
	for (;;) {
		struct job *job = next_job(s, true);

		switch (job->type) {
		case JOB_LOAD:
			serve_load(s, job);
			break;
		case JOB_COMMIT:
			serve_commits(s, job);
			break;
		case JOB_CLOSE:
			if (s->db.handle)
				sqlite_db_close(&s->db);
			return NULL;
		}
	}
}

/* ---- the control thread -------------------------------------------------- */

static void events_ready(struct loop_io *io, uint32_t events)
{
	struct store_sqlite *s = CONTAINER_OF(io, struct store_sqlite, io);
	struct inbox_msg *m;

	(void)events;
	inbox_acknowledge(&s->events);
	while ((m = inbox_pop(&s->events))) {
		struct job *job = CONTAINER_OF(m, struct job, msg);

		if (job->event.type == STORE_LOADED && job->event.batch)
			sem_post(&s->room);
		s->store.event(s->store.event_arg, &job->event);
		job_free(job);
	}
}

static void store_sqlite_load(struct store *store)
{
	inbox_push(&from_store(store)->commands, &job_new(JOB_LOAD, NULL)->msg);
}

static void store_sqlite_commit(struct store *store, struct delta_batch *batch)
{
	inbox_push(&from_store(store)->commands, &job_new(JOB_COMMIT, batch)->msg);
}

static void drop_event(struct job *job)
{
	if (job->event.type == STORE_LOADED && job->event.batch)
		batch_free(job->event.batch);
	job_free(job);
}

static void store_sqlite_free(struct store_sqlite *s)
{
	sem_destroy(&s->room);
	free(s->db.path);
	free(s);
}

static void store_sqlite_close(struct store *store)
{
	struct store_sqlite *s = from_store(store);
	struct inbox_msg *m;

	atomic_store(&s->is_closing, true);
	sem_post(&s->room);
	inbox_push(&s->commands, &s->closing.msg);
	pthread_join(s->thread, NULL);
	loop_remove(s->loop, &s->io);
	while ((m = inbox_pop(&s->events)))
		drop_event(CONTAINER_OF(m, struct job, msg));
	inbox_free(&s->events);
	inbox_free(&s->commands);
	store_sqlite_free(s);
}

static const struct store_ops store_sqlite_ops = {
	.close = store_sqlite_close,
	.load = store_sqlite_load,
	.commit = store_sqlite_commit,
};

/* Signals are the control thread's. */
static int start_thread(struct store_sqlite *s)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&s->thread, NULL, store_main, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return error == 0 ? CMAP_OK : CMAP_E_SYSTEM;
}

/* Inboxes and thread around the open db. */
static int start(struct store_sqlite *s)
{
	if (inbox_init(&s->commands) != CMAP_OK)
		return CMAP_E_SYSTEM;
	if (inbox_init(&s->events) != CMAP_OK)
		goto err_commands;
	s->io = (struct loop_io){.fd = s->events.fd, .ready = events_ready};
	if (loop_add(s->loop, &s->io, EPOLLIN) != CMAP_OK)
		goto err_events;
	if (start_thread(s) != CMAP_OK)
		goto err_loop;
	return CMAP_OK;

err_loop:
	loop_remove(s->loop, &s->io);
err_events:
	inbox_free(&s->events);
err_commands:
	inbox_free(&s->commands);
	return CMAP_E_SYSTEM;
}

int store_sqlite_open(const char *path, uint32_t operations, struct loop *loop,
	struct store **out, struct buf *err)
{
	struct store_sqlite *s = xcalloc(1, sizeof(*s));
	int result;

	s->store.ops = &store_sqlite_ops;
	s->loop = loop;
	s->closing.type = JOB_CLOSE;
	sem_init(&s->room, 0, STORE_SQLITE_AHEAD);
	s->db.path = xstrdup(path);
	s->db.operations = operations > 0 ? operations : 1;
	result = sqlite_db_open(&s->db, err);
	if (result == CMAP_OK) {
		result = start(s);
		if (result != CMAP_OK) {
			buf_printf(err, "%s: the store's thread cannot be started: %s",
				path, strerror(errno));
			sqlite_db_close(&s->db);
		}
	}
	if (result != CMAP_OK) {
		store_sqlite_free(s);
		return result;
	}
	*out = &s->store;
	return CMAP_OK;
}
