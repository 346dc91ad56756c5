/* SPDX-License-Identifier: MIT */
/*
 * mounts.h -- file systems that are full or read-only, seen by this process alone.
 *
 * Only root may mount; a test that may not is skipped with the reason.
 */
#ifndef TESTS_UNIT_STORE_MOUNTS_H
#define TESTS_UNIT_STORE_MOUNTS_H

void mounts_tmpfs(const char *dir, const char *options);
void mounts_read_only(const char *dir);
void mounts_gone(const char *dir);

#endif
