/* SPDX-License-Identifier: MIT */
/*
 * scan.h -- what must be known of a config file's text before libconfuse 3.3 reads it.
 *
 * libconfuse puts the environment in place of ${X}, ends a value at a NUL, lets the last of two
 * settings win, takes the next line's name as the value of "x =", skips stray '+' and '*', takes
 * no comment inside a list, and at an unfinished quote stays in it for the next file. These are
 * refused here with the line they are on; comments become blanks.
 */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include "base/buf.h"
#include "base/compiler.h"
#include "config/option.h"

/*
 * Blanks the comments of text in place and notes in line[] where each option is set first (0: not
 * set). CMAP_E_INVALID with *at, a line from 1, and why set.
 */
int scan_clean(char *text, size_t len, unsigned int line[CONFIG_OPTIONS],
	unsigned int *at, struct buf *why) CMAP_NONNULL CMAP_MUST_USE;

#endif
