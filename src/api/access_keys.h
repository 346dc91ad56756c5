/* SPDX-License-Identifier: MIT */
/*
 * access_keys.h -- the pairs of access key id and secret that clients sign their requests with.
 *
 * Shape:  a text file: a line is an id, blanks and a secret; empty lines and those that begin with '#' are comments.
 *         An id has up to ACCESS_KEY_ID_MAX letters, digits, '_', '-' and '.'; a secret ACCESS_KEY_SECRET_MIN to
 *         ACCESS_KEY_SECRET_MAX printable characters without blanks. An id stands once.
 * Owner:  the caller of access_keys_read(). Secrets are wiped before their memory is given back, and stand in
 *         no message.
 */
#ifndef API_ACCESS_KEYS_H
#define API_ACCESS_KEYS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/compiler.h"

#define ACCESS_KEY_ID_MAX 128 /* as with AWS */
#define ACCESS_KEY_SECRET_MIN                                                          \
	16 /* whoever sees a signed request can try secrets at leisure */
#define ACCESS_KEY_SECRET_MAX 128
#define ACCESS_KEYS_MAX       1000
#define ACCESS_KEYS_FILE_MAX  (1 << 19) /* octets */

struct access_key {
	char id[ACCESS_KEY_ID_MAX + 1];
	char secret[ACCESS_KEY_SECRET_MAX + 1];
};

struct access_keys {
	size_t n; /* at least 1 */
	struct access_key key[];
};

#define ACCESS_KEYS_OF_ANYBODY ((uid_t)-1)

/*
 * Reads the file. It must be a regular file of owner's or root's that nobody else may read or write. CMAP_E_SYSTEM,
 * CMAP_E_INVALID with one line in *why that names the file, and the line that is wrong.
 */
int access_keys_read(const char *path, uid_t owner, struct access_keys **out,
	struct buf *why) CMAP_NONNULL CMAP_MUST_USE;
/* The same of len octets at hand; name is what messages call them. */
int access_keys_parse(const char *name, const char *text, size_t len,
	struct access_keys **out, struct buf *why) CMAP_NONNULL CMAP_MUST_USE;
/* The secret of that id, or NULL. It takes as long for one that is there as for one that is not. */
const char *access_keys_find(const struct access_keys *keys, const char *id,
	size_t len) CMAP_NONNULL;
/* NULL is fine. */
void access_keys_free(struct access_keys *keys);

#endif
