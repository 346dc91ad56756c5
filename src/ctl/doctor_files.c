/* SPDX-License-Identifier: MIT */
#include "ctl/doctor_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"

int doctor_root_open(const char *dir, struct doctor_root *out)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return CMAP_E_SYSTEM;
	*out = (struct doctor_root){.fd = fd, .own = strcmp(dir, "/") == 0};
	return CMAP_OK;
}

void doctor_root_close(struct doctor_root *root)
{
	close(root->fd);
	root->fd = -1;
}

/*
 * A file descriptor, or -1 with errno. openat2(2) follows links as if root were "/", as /etc/resolv.conf usually is
 * one; glibc 2.36 has no function for it.
 */
static int open_below(const struct doctor_root *root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT};

	/* Below our own root there is nothing to guard, and some containers forbid the call. */
	if (root->own)
		return open(path, flags | O_CLOEXEC);
	return (int)syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
}

int doctor_file_read(const struct doctor_root *root, const char *path, struct buf *out)
{
	char piece[4096];
	struct buf text = {0};
	/* A FIFO would block. */
	int fd = open_below(root, path, O_RDONLY | O_NONBLOCK);
	ssize_t n = -1;
	int why;

	if (fd < 0)
		return CMAP_E_SYSTEM;
	do {
		n = read(fd, piece, sizeof(piece));
		if (n > 0)
			buf_add(&text, piece, (size_t)n);
	} while (n > 0 && text.len < DOCTOR_FILE_MAX);
	why = errno;
	close(fd);
	if (n < 0) {
		buf_free(&text);
		errno = why;
		return CMAP_E_SYSTEM;
	}
	*out = text;
	return CMAP_OK;
}

bool doctor_file_is_socket(const struct doctor_root *root, const char *path)
{
	struct stat st;
	int fd = open_below(root, path, O_PATH);
	bool is_socket = fd >= 0 && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);

	if (fd >= 0)
		close(fd);
	return is_socket;
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t len = strlen(name);
	size_t suffix_len = strlen(suffix);

	return len >= suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void doctor_files_list(const struct doctor_root *root, const char *path,
	const char *suffix, struct doctor_words *out)
{
	int fd = open_below(root, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	size_t first = out->n;
	const struct dirent *e;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL && out->n - first < DOCTOR_FILES_MAX) {
		char *full;

		if (e->d_name[0] == '.' || !ends_in(e->d_name, suffix))
			continue;
		full = xasprintf("%s/%s", path, e->d_name);
		doctor_words_add(out, full);
		free(full);
	}
	closedir(dir);
	if (out->n > first)
		qsort(out->at + first, out->n - first, sizeof(*out->at), by_text);
}
