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

#endif
