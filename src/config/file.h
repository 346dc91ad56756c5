/* SPDX-License-Identifier: MIT */
/*
 * file.h -- one config file to settings, by libconfuse, with what it would misread refused before.
 */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include "config/settings.h"

#define FILE_MAX (1 << 20) /* bytes; a thousand namespaces need some 100 KiB */

/*
 * CMAP_E_SYSTEM if path cannot be read (errno tells, EISDIR or EINVAL for what is no file),
 * CMAP_E_INVALID if it is not a config file; why gets one line that begins with path or "path:line".
 */
int file_load(const char *path, struct settings *out,
	struct buf *why) CMAP_NONNULL CMAP_MUST_USE;
/* The same of len bytes at hand; name is what messages call them. */
int file_parse(const char *name, const char *text, size_t len, struct settings *out,
	struct buf *why) CMAP_NONNULL CMAP_MUST_USE;

#endif
