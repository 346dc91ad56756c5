/* SPDX-License-Identifier: MIT */
/*
 * doctor_files.h -- files below a folder that stands for a host's root: absolute links in it stay below it.
 *
 * Thread: any, each with a struct of its own.
 */
#ifndef CTL_DOCTOR_FILES_H
#define CTL_DOCTOR_FILES_H

#include "base/buf.h"
#include "ctl/doctor_text.h"

#define DOCTOR_FILE_MAX  (1 << 20) /* bytes that are read of a file */
#define DOCTOR_FILES_MAX 256       /* files that are read of a folder */

struct doctor_root {
	int fd;   /* of the folder */
	bool own; /* it is the root of this process */
};

/* CMAP_E_SYSTEM with errno if dir is no folder that can be read. */
int doctor_root_open(const char *dir,
	struct doctor_root *out) CMAP_NONNULL CMAP_MUST_USE;
void doctor_root_close(struct doctor_root *root) CMAP_NONNULL;

/* Sets out to the text of path, "/etc/..."; CMAP_E_SYSTEM with errno (ENOENT: not there). */
int doctor_file_read(const struct doctor_root *root, const char *path,
	struct buf *out) CMAP_NONNULL CMAP_MUST_USE;
/* There is a socket of this path. */
bool doctor_file_is_socket(const struct doctor_root *root,
	const char *path) CMAP_NONNULL;
/*
 * The names in folder path that end in suffix and do not begin with a dot, in order, full paths added to out. A folder
 * that is not there has none.
 */
void doctor_files_list(const struct doctor_root *root, const char *path,
	const char *suffix, struct doctor_words *out) CMAP_NONNULL;

#endif
