/* SPDX-License-Identifier: MIT */
/*
 * settings.h -- the options as texts, with where each was set, before they become a struct config.
 *
 * Owner: the caller; zeroed is empty. All texts are copies.
 */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "config/option.h"

struct setting {
	char **text;
	size_t n;
	char *where; /* "cmapd.conf:3" or "--listen"; NULL: not set */
};

struct settings {
	struct setting of[CONFIG_OPTIONS]; /* as in config_options */
};

struct setting *settings_of(struct settings *s,
	const struct config_option *o) CMAP_NONNULL;
/* Sets o, or adds a value if o is a list. The last where stays. */
void settings_add(struct settings *s, const struct config_option *o, const char *text,
	const char *where) CMAP_NONNULL;
/* Notes that o was set, be it to an empty list. */
void settings_mark(struct settings *s, const struct config_option *o,
	const char *where) CMAP_NONNULL;
void settings_free(struct settings *s) CMAP_NONNULL;

#endif
