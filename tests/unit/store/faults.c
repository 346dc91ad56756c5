/* SPDX-License-Identifier: MIT */
#include "faults.h"

#include "test.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"

int fsync(int fd);
int fdatasync(int fd);
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t offset);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct {
	bool syncs_alone;
	uint32_t step, first, last; /* last 0: nothing fails */
	int error, directory_error;
	uint32_t wal_syncs;
	bool hold, held;
} faults;

static void set(bool syncs_alone, uint32_t first, uint32_t last, int error)
{
	pthread_mutex_lock(&lock);
	faults.syncs_alone = syncs_alone;
	faults.step = 0;
	faults.first = first;
	faults.last = last;
	faults.error = error;
	pthread_mutex_unlock(&lock);
}

void faults_set(uint32_t first, uint32_t last, int error)
{
	set(false, first, last, error);
}

void faults_set_syncs(uint32_t first, uint32_t last, int error)
{
	set(true, first, last, error);
}

uint32_t faults_clear(void)
{
	uint32_t steps;

	pthread_mutex_lock(&lock);
	steps = faults.step;
	faults.last = 0;
	faults.directory_error = 0;
	pthread_mutex_unlock(&lock);
	return steps;
}

void faults_set_directory(int error)
{
	pthread_mutex_lock(&lock);
	faults.directory_error = error;
	pthread_mutex_unlock(&lock);
}

uint32_t faults_wal_syncs(void)
{
	uint32_t n;

	pthread_mutex_lock(&lock);
	n = faults.wal_syncs;
	pthread_mutex_unlock(&lock);
	return n;
}

void faults_hold(void)
{
	pthread_mutex_lock(&lock);
	faults.hold = true;
	pthread_mutex_unlock(&lock);
}

void faults_await_held(void)
{
	struct timespec until;
	int error = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += FIXTURE_PATIENCE_MS / 1000;
	pthread_mutex_lock(&lock);
	while (!faults.held && error == 0)
		error = pthread_cond_timedwait(&changed, &lock, &until);
	pthread_mutex_unlock(&lock);
	cr_assert_eq(error, 0, "no WAL was synced");
}

void faults_release(void)
{
	pthread_mutex_lock(&lock);
	faults.hold = faults.held = false;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

/* The path of fd, if it is in a fixture's directory. */
static bool is_watched(int fd, char *path, size_t size)
{
	char link[32];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, size - 1);
	if (len < 0)
		return false;
	path[len] = '\0';
	return strncmp(path, "/tmp/cmap-store-", 16) == 0;
}

/* Counts a step; the error it has to fail with, or 0. Called with the lock held. */
static int step(bool is_sync)
{
	if (faults.syncs_alone && !is_sync)
		return 0;
	faults.step++;
	return faults.step >= faults.first && faults.step <= faults.last ? faults.error
									 : 0;
}

/* A sync by number, or what stands in for it. */
static int sync_fd(long number, int fd)
{
	char path[256];
	struct stat st;
	const char *dash;
	int error;

	if (!is_watched(fd, path, sizeof(path)) || fstat(fd, &st) != 0)
		return (int)syscall(number, fd);
	dash = strrchr(path, '-');
	pthread_mutex_lock(&lock);
	error = S_ISDIR(st.st_mode) ? faults.directory_error : step(true);
	if (dash && strcmp(dash, "-wal") == 0) {
		faults.wal_syncs++;
		while (faults.hold) {
			faults.held = true;
			pthread_cond_broadcast(&changed);
			pthread_cond_wait(&changed, &lock);
		}
	}
	pthread_mutex_unlock(&lock);
	errno = error;
	return error ? -1 : 0;
}

int fsync(int fd)
{
	return sync_fd(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return sync_fd(SYS_fdatasync, fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t offset)
{
	char path[256];
	int error = 0;

	if (is_watched(fd, path, sizeof(path))) {
		pthread_mutex_lock(&lock);
		error = step(false);
		pthread_mutex_unlock(&lock);
	}
	if (!error)
		return syscall(SYS_pwrite64, fd, bytes, len, offset);
	errno = error;
	return -1;
}
