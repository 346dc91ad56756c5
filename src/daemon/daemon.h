/* SPDX-License-Identifier: MIT */
/*
 * daemon.h -- cmapd from start to stop: the rooms put together.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "base/compiler.h"
#include "config/config.h"

/*
 * Runs until SIGTERM or SIGINT. config is taken over; argc and argv are kept for SIGHUP. Returns the status the
 * process ends with, from sysexits.h; what was wrong has been logged.
 */
int daemon_run(struct config *config, int argc,
	char *const *argv) CMAP_NONNULL CMAP_MUST_USE;

/*
 * For --check-config: reads every file that config names. CMAP_E_INVALID, CMAP_E_SYSTEM with a line in *why that names
 * the file, and the line, if one is bad.
 */
int daemon_check_files(const struct config *config,
	struct buf *why) CMAP_NONNULL CMAP_MUST_USE;

#endif
