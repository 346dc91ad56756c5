/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/private.h"
#include "test.h"

/* A socket as a service manager has it, at path; an abstract name begins with '@'. */
static int listen_at(const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	size_t len = strlen(path);

	memcpy(un.sun_path, path, len);
	if (path[0] == '@')
		un.sun_path[0] = '\0';
	cr_assert(fd >= 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&un,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
		0);
	return fd;
}

static void expect_state(int fd, const char *state)
{
	char got[64] = "";

	cr_assert_eq(recv(fd, got, sizeof(got) - 1, 0), (ssize_t)strlen(state));
	cr_assert_str_eq(got, state);
}

Test(notify, tells_the_manager_by_path_and_by_abstract_name)
{
	char dir[] = "/tmp/cmap-notify-XXXXXX", path[2][64];

	cr_assert_not_null(mkdtemp(dir));
	snprintf(path[0], sizeof(path[0]), "%s/sock", dir);
	snprintf(path[1], sizeof(path[1]), "@cmap-notify-%d", (int)getpid());
	for (int i = 0; i < 2; i++) {
		int fd = listen_at(path[i]);

		setenv("NOTIFY_SOCKET", path[i], 1);
		notify_manager("READY=1");
		expect_state(fd, "READY=1");
		close(fd);
	}
	unsetenv("NOTIFY_SOCKET");
	unlink(path[0]);
	rmdir(dir);
}

Test(notify, is_silent_without_a_manager)
{
	char longer[200];

	unsetenv("NOTIFY_SOCKET");
	notify_manager("READY=1");
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	notify_manager("READY=1");
	memset(longer, 'a', sizeof(longer));
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	setenv("NOTIFY_SOCKET", longer, 1);
	notify_manager("READY=1");
	unsetenv("NOTIFY_SOCKET");
}
