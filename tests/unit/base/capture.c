/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include <unistd.h>

#include "base/buf.h"
#include "test.h"

static int saved_stderr, read_end;

void capture_begin(void)
{
	int fd[2];

	cr_assert_eq(pipe(fd), 0);
	saved_stderr = dup(STDERR_FILENO);
	cr_assert_geq(saved_stderr, 0);
	dup2(fd[1], STDERR_FILENO);
	close(fd[1]);
	read_end = fd[0];
}

char *capture_end(void)
{
	struct buf text = {0};
	char piece[4096];
	ssize_t n;

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	while ((n = read(read_end, piece, sizeof(piece))) > 0)
		buf_add(&text, piece, (size_t)n);
	close(read_end);
	return buf_take(&text);
}
