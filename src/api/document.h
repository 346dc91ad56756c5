/* SPDX-License-Identifier: MIT */
/*
 * document.h -- a request's JSON, in memory that is handed out in one direction and taken back as a whole.
 *
 * jansson makes some ten small blocks of an object with two members. From malloc() and back, these cost a third
 * of what a batch of renewals does.
 *
 * Owner:  one document at a time, which is the room's; it is only read, and nobody keeps a reference to a part of it.
 * Thread: the control thread, the only one that uses jansson.
 */
#ifndef API_DOCUMENT_H
#define API_DOCUMENT_H

#include <jansson.h>
#include <stddef.h>

#include "base/compiler.h"

/* An empty object if len is 0. NULL with *error set if it is no JSON; then there is nothing to forget. */
json_t *document_read(const char *body, size_t len,
	json_error_t *error) CMAP_NONNULL CMAP_MUST_USE;
void document_forget(void);

#endif
