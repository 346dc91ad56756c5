/* SPDX-License-Identifier: MIT */
/*
 * buf.h -- bytes that grow at the end, for texts and tables outside the answer path.
 *
 * Owner: whoever holds the struct; zeroed is empty; buf_free() leaves it empty again.
 * data is NUL-terminated behind len as soon as anything was added; buf_text() is never NULL.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

#include "base/compiler.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
};

void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_add_text(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *fmt, ...) CMAP_PRINTF(2, 3);
const char *buf_text(const struct buf *b);
/* Hands the bytes to the caller, who frees them; b is empty afterwards. Never NULL. */
char *buf_take(struct buf *b) CMAP_MUST_USE;
void buf_free(struct buf *b);

#endif
