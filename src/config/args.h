/* SPDX-License-Identifier: MIT */
/*
 * args.h -- the command line of cmapd.
 *
 * Source: cmapd(8).
 */
#ifndef CONFIG_ARGS_H
#define CONFIG_ARGS_H

#include "config/config.h"
#include "config/settings.h"

struct args {
	enum config_action action;
	const char
		*file; /* of --config, borrowed from argv; NULL if it was not given */
	struct settings settings;
};

/* CMAP_E_INVALID with one line in why. The caller calls settings_free() either way. */
int args_parse(int argc, char *const *argv, struct args *out,
	struct buf *why) CMAP_NONNULL CMAP_MUST_USE;

#endif
