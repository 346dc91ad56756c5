/* SPDX-License-Identifier: MIT */
/*
 * option.h -- the one table of options: file, command line, defaults, dump and papers go by it.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "config/config.h"

#define CONFIG_OPTIONS   42
#define CONFIG_LIST_MAX  1000 /* values of one list */
#define CONFIG_VALUE_MAX 4095 /* bytes of one value */

struct config_option;

/* A kind of value. member points into a struct config. */
struct config_type {
	/* Text to *member, or one more value of a list; else CMAP_E_INVALID, and why says what is wrong. */
	int (*parse)(const struct config_option *o, const char *text, void *member,
		struct buf *why);
	/* As a file has it. */
	void (*format)(const void *member, struct buf *out);
	/* Frees what *member holds; NULL if that is nothing. */
	void (*release)(void *member);
	bool list;
};

struct config_option {
	const char *name; /* in the file, and with "--" on the command line */
	const struct config_type *type;
	const char *initial; /* the default as text; NULL: an empty list */
	int64_t min, max;    /* of a number, or milliseconds of a duration */
	size_t offset;       /* in struct config */
	const char *arg;  /* on the command line, "ADDR:PORT"; NULL: only in the file */
	const char *what; /* a line for --help; NULL like arg */
};

extern const struct config_option config_options[CONFIG_OPTIONS];

/* NULL if there is no such option. */
const struct config_option *config_option_find(const char *name) CMAP_NONNULL;
/* Whether text is a value of o, by itself. */
int config_option_check(const struct config_option *o, const char *text,
	struct buf *why) CMAP_NONNULL CMAP_MUST_USE;
/* Adds text in double quotes, so that a file gives it back unchanged. */
void config_quote(const char *text, struct buf *out) CMAP_NONNULL;

#endif
