/* SPDX-License-Identifier: MIT */
/*
 * args.h -- the command line, read against the table of commands.
 *
 * Options are --NAME, --NAME VALUE or --NAME=VALUE, anywhere behind their command;
 * those of every command (args_common) also before it. "--" ends them. Names are never
 * abbreviated.
 * Owner: struct args borrows argv.
 */
#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "ctl/ctl.h"

struct args_option {
	const char *name;  /* without the dashes; NULL ends a table */
	const char *value; /* "PORT" as help shows it; NULL for a flag */
	const char *help;
	bool many; /* may be given more than once */
};

extern const struct args_option args_common[];

struct command;

struct args_given {
	const struct args_option *option;
	const char *value; /* NULL for a flag */
};

struct args {
	const char *group;             /* "namespace", as long as command is NULL */
	const struct command *command; /* NULL: none was named */
	const char **operands;
	size_t n_operands;
	struct args_given *given;
	size_t n_given;
};

/* Fills a, which args_free() takes down even on failure (CTL_USAGE). */
int args_parse(const struct ctl *c, int argc, char **argv,
	struct args *a) CMAP_NONNULL CMAP_MUST_USE;
/* A command is named and has the operands it needs; else CTL_USAGE. */
int args_check(const struct ctl *c, const struct args *a) CMAP_NONNULL CMAP_MUST_USE;
void args_free(struct args *a) CMAP_NONNULL;

bool args_has(const struct args *a, const char *option) CMAP_NONNULL;
/* The value, or NULL when option was not given. */
const char *args_value(const struct args *a, const char *option) CMAP_NONNULL;
/*
 * The next value of option at or behind *at, which moves on; NULL when there is none.
 * Begin with 0.
 */
const char *args_next(const struct args *a, const char *option,
	size_t *at) CMAP_NONNULL;

#endif
