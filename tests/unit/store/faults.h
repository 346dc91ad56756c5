/* SPDX-License-Identifier: MIT */
/*
 * faults.h -- a disk that fails: the test program's own fdatasync(), fsync() and
 * pwrite64() stand in front of the C library's, for SQLite too. They see the files of
 * fixtures only.
 *
 * Each write and each sync is one step. A sync that does not fail does nothing: no test
 * cuts the power. All may be called from any thread.
 */
#ifndef TESTS_UNIT_STORE_FAULTS_H
#define TESTS_UNIT_STORE_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/* The first step from now on is 1. Steps first..last fail with error. */
void faults_set(uint32_t first, uint32_t last, int error);
/* As above, counting syncs alone. */
void faults_set_syncs(uint32_t first, uint32_t last, int error);
/* Nothing fails any more. Returns the steps since it was set. */
uint32_t faults_clear(void);
/* Syncs of a directory fail. */
void faults_set_directory(int error);
/* Syncs of a WAL so far. */
uint32_t faults_wal_syncs(void);
/* Syncs of a WAL wait, until they are released. */
void faults_hold(void);
/* Until one waits. */
void faults_await_held(void);
void faults_release(void);

#endif
