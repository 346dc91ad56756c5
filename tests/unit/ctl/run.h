/* SPDX-License-Identifier: MIT */
/* run.h -- runs cmapctl inside a test and keeps what it writes. */
#ifndef TEST_CTL_RUN_H
#define TEST_CTL_RUN_H

#include "test.h"

struct run {
	int status;
	char *out;
	char *err;
};

/* Words behind "cmapctl"; NULL ends them. CMAP_* of the environment are unset first. */
void run_ctl(struct run *r, const char *const *words);
/* The words of line, split at single spaces; socket: what --socket says, or NULL. */
void run_line(struct run *r, const char *socket_path, const char *line);
void run_free(struct run *r);

bool run_begins(const char *text, const char *prefix);

#endif
