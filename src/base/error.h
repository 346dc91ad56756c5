/* SPDX-License-Identifier: MIT */
/*
 * error.h -- the one table of what a function of cmap can return.
 *
 * A function that can fail returns CMAP_OK or one of these; its results go to *out, which stays
 * untouched on failure. What a user is told is written once, where it is known what he wanted.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/compiler.h"

enum cmap_error {
	CMAP_OK = 0,
	CMAP_E_SYSTEM = -1,    /* a system call failed; errno tells */
	CMAP_E_INVALID = -2,   /* the value is not of the form asked for */
	CMAP_E_RANGE = -3,     /* the form is right, the value out of its range */
	CMAP_E_NOT_FOUND = -4, /* no such thing */
	CMAP_E_EXISTS = -5,    /* there already, or held by somebody else */
	CMAP_E_ROOM = -6,      /* does not fit into the room given */
	CMAP_E_CORRUPT = -7,   /* stored data is not what was written */
	CMAP_E_VERSION = -8,   /* made by a newer version of the program */
	CMAP_E_LIBRARY = -9,   /* a library failed; it has been logged */
};

/* A few words for err, in lower case, without a full stop. Never NULL. */
const char *cmap_strerror(int err);

#endif
