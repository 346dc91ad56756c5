/* SPDX-License-Identifier: MIT */
/*
 * store_sqlite.h -- the registry in one SQLite file.
 *
 * WAL, synchronous=FULL: acknowledged means on disk. One connection that writes and
 * checkpoints, in a thread of its own, which alone holds the file (SQLite before 3.51.3
 * can corrupt a WAL that two connections write and checkpoint); a second cmapd on the
 * same file is refused, and so is any tool that would read it, until the store is
 * closed.
 */
#ifndef STORE_STORE_SQLITE_H
#define STORE_STORE_SQLITE_H

#include "base/buf.h"
#include "store/store.h"

#define STORE_SQLITE_SCHEMA 4 /* PRAGMA user_version */
#define STORE_SQLITE_AHEAD                                                             \
	16 /* batches of LOADED that wait for the control thread, at most: 2 MB */

/*
 * Opens or makes the file and brings its schema up to date. operations: how many
 * operations are kept. On failure *err holds one line that names the file and the
 * reason: CMAP_E_SYSTEM (cannot be opened or written), CMAP_E_EXISTS (another process
 * has it), CMAP_E_CORRUPT (not a registry, or damaged), CMAP_E_VERSION (made by a newer
 * cmapd).
 */
int store_sqlite_open(const char *path, uint32_t operations, struct loop *loop,
	struct store **out, struct buf *err) CMAP_NONNULL CMAP_MUST_USE;

#endif
