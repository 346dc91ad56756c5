/* SPDX-License-Identifier: MIT */
/*
 * ctl.h -- one run of cmapctl: where it writes, whom it asks, how it ends.
 *
 * Results go to out, complaints to err: one line each, "cmapctl: ...". Functions of
 * this room that can fail return an exit status and have said why, unless their header
 * says otherwise.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/compiler.h"

enum ctl_status {
	CTL_OK = 0,
	CTL_NO = 1, /* the answer is no; also an error of no other kind */
	CTL_NOT_FOUND = 4,
	CTL_USAGE = 64,        /* sysexits.h: EX_USAGE */
	CTL_UNREACHABLE = 69,  /* EX_UNAVAILABLE */
	CTL_TRY_AGAIN = 75,    /* EX_TEMPFAIL */
	CTL_NOT_PERMITTED = 77 /* EX_NOPERM */
};

struct client;

struct ctl {
	FILE *out;
	FILE *err;
	bool json;
	const char *socket_path; /* NULL when api_url is used */
	const char *api_url;     /* NULL when socket_path is used */
	struct client *client;   /* opened by the first call */
};

/* Does what the command line says and returns the exit status of the program. */
int ctl_main(int argc, char **argv, FILE *out, FILE *err) CMAP_NONNULL CMAP_MUST_USE;

/*
 * Writes "cmapctl: ...\n" to err and returns status. Whatever is not printable ASCII
 * comes out as \xHH, so it stays one line, and a name cannot steer the terminal.
 */
int ctl_fail(const struct ctl *c, int status, const char *fmt, ...) CMAP_PRINTF(3, 4);
/* The same for what is worth saying but no failure. */
void ctl_warn(const struct ctl *c, const char *fmt, ...) CMAP_PRINTF(2, 3);

/* Adds text; whatever is not printable ASCII as \xHH. */
void ctl_add_printable(struct buf *b, const char *text) CMAP_NONNULL;

/* Prints value (borrowed) as the API would send it, indented by 2. */
void ctl_print_json(const struct ctl *c, const json_t *value) CMAP_NONNULL;

#endif
