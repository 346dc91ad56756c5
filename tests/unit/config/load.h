/* SPDX-License-Identifier: MIT */
/* load.h -- config_load() for tests: arguments as a NULL-ended list, files in a directory of their own. */
#ifndef UNIT_CONFIG_LOAD_H
#define UNIT_CONFIG_LOAD_H

#include <stddef.h>

#include "config/config.h"

/* config_load() of "cmapd" and the arguments up to NULL; error is emptied first. */
int load(struct config **out, struct config_error *error, ...)
	__attribute__((sentinel));

/* A temporary directory, its name in dir; file is a path in it. Removed by scratch_free(). */
struct scratch {
	char dir[64];
	char file[96];
};

void scratch_init(struct scratch *s);
/* Makes s->file hold text. */
void scratch_write(const struct scratch *s, const char *text);
void scratch_free(const struct scratch *s);

#endif
