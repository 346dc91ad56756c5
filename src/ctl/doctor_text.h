/* SPDX-License-Identifier: MIT */
/*
 * doctor_text.h -- what all parsers of cmapctl doctor share: lines with their numbers, lists of words, and domain
 * names that lie below others.
 *
 * Owner: what a struct holds it owns; zeroed is empty. Texts kept are printable ASCII: anything else in a file has
 *        become \xHH.
 */
#ifndef CTL_DOCTOR_TEXT_H
#define CTL_DOCTOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"

/* A line of a file as it is written there, without its end; tabs have become blanks. */
struct doctor_line {
	char *text;          /* NULL: there is no such line */
	unsigned int number; /* from 1 */
};

struct doctor_words {
	char **at;
	size_t n;
};

/* One file line by line; borrows nothing. */
struct doctor_reader {
	char *copy;
	char *rest;
	unsigned int number; /* of the line that was read last */
};

void doctor_reader_open(struct doctor_reader *r, const char *text,
	size_t len) CMAP_NONNULL;
/* The next line, which the caller may cut up; NULL: no more. */
char *doctor_reader_next(struct doctor_reader *r) CMAP_NONNULL CMAP_MUST_USE;
void doctor_reader_close(struct doctor_reader *r) CMAP_NONNULL;

/* Sets out to a copy of text, which line number reads. */
void doctor_line_set(struct doctor_line *out, const char *text,
	unsigned int number) CMAP_NONNULL;
void doctor_line_free(struct doctor_line *l) CMAP_NONNULL;

void doctor_words_add(struct doctor_words *w, const char *text) CMAP_NONNULL;
/* Adds text unless it is there already, compared as domain names are. */
void doctor_words_add_once(struct doctor_words *w, const char *text) CMAP_NONNULL;
void doctor_words_free(struct doctor_words *w) CMAP_NONNULL;
/* One of w is name, or a domain above it; "." and "" are above all. */
bool doctor_words_cover(const struct doctor_words *w, const char *name) CMAP_NONNULL;
bool doctor_words_hold(const struct doctor_words *w, const char *name) CMAP_NONNULL;

/* Adds text to a list, with separator before it unless it is the first. */
void doctor_list_add(struct buf *list, const char *separator,
	const char *text) CMAP_NONNULL;

/* name is domain or lies below it; letters of either case, dots at the ends do not count. */
bool doctor_name_is_below(const char *name, const char *domain) CMAP_NONNULL;

/* Blanks and tabs, and what else ends a word in these files. */
#define DOCTOR_BLANKS " \t\r\f\v"

/* text without blanks at its ends, cut in place. */
char *doctor_trim(char *text) CMAP_NONNULL;

#endif
