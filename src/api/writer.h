/* SPDX-License-Identifier: MIT */
/*
 * writer.h -- JSON text written straight into a buf, compact, members in the order they are added.
 *
 * A comma is put wherever one is due, so callers only open, add and close. key is NULL for an
 * element of an array and for the outermost object. Keys are plain ASCII without quotes.
 * Source: RFC 8259.
 */
#ifndef API_WRITER_H
#define API_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

void writer_open_object(struct buf *b, const char *key);
void writer_open_array(struct buf *b, const char *key);
void writer_close_object(struct buf *b);
void writer_close_array(struct buf *b);

/* value is UTF-8; octets that are not come out as U+FFFD, so the text is always JSON. */
void writer_string(struct buf *b, const char *key, const char *value);
/* The same, but nothing at all when value is NULL or empty. */
void writer_optional(struct buf *b, const char *key, const char *value);
/* A member whose key comes from outside, too. */
void writer_pair(struct buf *b, const char *key, const char *value);
void writer_integer(struct buf *b, const char *key, int64_t value);
/* Seconds since 1970 with three decimals, as Cloud Map gives dates: 1516925490.087. */
void writer_date(struct buf *b, const char *key, int64_t wall_ms);

#endif
