/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "test.h"

#define REQUEST_MAX 262144

/*
 * Reads one request to buf, NUL-terminated. Returns where its body begins, or NULL at
 * the end of the connection.
 */
static char *read_request(int fd, char *buf)
{
	size_t len = 0;

	for (;;) {
		char *body;
		char *length;
		ssize_t n;

		buf[len] = '\0';
		body = strstr(buf, "\r\n\r\n");
		length = strstr(buf, "Content-Length: ");
		if (body != NULL && length != NULL &&
			len - (size_t)(body + 4 - buf) >=
				strtoul(length + 16, NULL, 10))
			return body + 4;
		n = read(fd, buf + len, REQUEST_MAX - 1 - len);
		if (n <= 0)
			return NULL;
		len += (size_t)n;
	}
}

static void check_request(struct fake *f, const char *head, const char *body)
{
	const struct fake_call *call = &f->script[f->done];
	const char *prefix = strstr(call->target, "Cmap_v1") == call->target
				     ? ""
				     : "Route53AutoNaming_v20170314.";
	char *line = xasprintf("\r\nX-Amz-Target: %s%s\r\n", prefix, call->target);
	json_t *got = json_loads(body, 0, NULL);
	json_t *want =
		json_loads(call->request != NULL ? call->request : body, 0, NULL);

	if (strstr(head, line) == NULL || strcasestr(head, "\r\nExpect:") != NULL ||
		strncmp(head, "POST / HTTP/1.1\r\n", 17) != 0 ||
		strstr(head, "\r\nContent-Type: application/x-amz-json-1.1\r\n") ==
			NULL)
		snprintf(f->wrong, sizeof(f->wrong), "call %zu is not %s but: %s",
			f->done, call->target, head);
	else if (!json_equal(got, want))
		snprintf(f->wrong, sizeof(f->wrong), "call %zu, %s: %s instead of %s",
			f->done, call->target, body, call->request);
	json_decref(got);
	json_decref(want);
	free(line);
}

/* Returns false when the connection is to be closed. */
static bool answer(struct fake *f, int fd, char *buf)
{
	const struct fake_call *call = &f->script[f->done];
	char *body = read_request(fd, buf);
	char *reply;
	bool sent;

	if (body == NULL)
		return false;
	if (f->done == f->n) {
		snprintf(f->wrong, sizeof(f->wrong), "a call too many: %s", buf);
		return false;
	}
	if (f->wrong[0] == '\0')
		check_request(f, buf, body);
	f->done++;
	if (call->reply == NULL)
		return false;
	reply = xasprintf("HTTP/1.1 %d X\r\nContent-Type: "
			  "application/x-amz-json-1.1\r\n"
			  "Content-Length: %zu\r\n\r\n%s",
		call->http != 0 ? call->http : 200, strlen(call->reply), call->reply);
	sent = send(fd, reply, strlen(reply), MSG_NOSIGNAL) == (ssize_t)strlen(reply);
	free(reply);
	return sent;
}

static void *serve(void *arg)
{
	struct fake *f = arg;
	char *buf = xmalloc(REQUEST_MAX);
	int fd;

	while ((fd = accept(f->fd, NULL, NULL)) >= 0) {
		while (answer(f, fd, buf))
			continue;
		close(fd);
	}
	free(buf);
	return NULL;
}

void fake_start(struct fake *f, const struct fake_call *script, size_t n)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	*f = (struct fake){.script = script, .n = n};
	snprintf(f->dir, sizeof(f->dir), "/tmp/cmap-ctl-XXXXXX");
	cr_assert_not_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/s", f->dir);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", f->path);
	f->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(f->fd, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	cr_assert_eq(listen(f->fd, 4), 0);
	cr_assert_eq(pthread_create(&f->thread, NULL, serve, f), 0);
}

void fake_stop(struct fake *f)
{
	shutdown(f->fd, SHUT_RDWR); /* wakes accept() */
	pthread_join(f->thread, NULL);
	close(f->fd);
	unlink(f->path);
	rmdir(f->dir);
	cr_assert_str_eq(f->wrong, "", "%s", f->wrong);
	cr_assert_eq(f->done, f->n, "only %zu of %zu calls were made", f->done, f->n);
}
