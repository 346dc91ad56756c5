/* SPDX-License-Identifier: MIT */
/* The clients of fixture.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/sock.h"
#include "fixture.h"
#include "test.h"

#define ROUNDS 400 /* of a few milliseconds, for an answer that is on its way */

void fixture_serve(struct fixture *f, uint32_t max_connections, int64_t deadline_ms)
{
	struct sock_addr addr;
	socklen_t len = sizeof(addr.in);
	int fd;

	f->options.max_connections = max_connections;
	f->options.request_deadline_ms = deadline_ms;
	f->api = api_new(&f->options, &f->loop, f->registry);
	cr_assert_not_null(f->api);
	cr_assert_eq(sock_addr_parse("127.0.0.1:0", 0, &addr), CMAP_OK);
	cr_assert_eq(sock_listen_tcp(&addr, 64, &fd), CMAP_OK);
	cr_assert_eq(getsockname(fd, &addr.any, &len), 0);
	f->port = ntohs(addr.in.sin_port);
	cr_assert_eq(api_listen(f->api, fd), CMAP_OK);
}

int fixture_connect_only(struct fixture *f)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(f->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert(fd >= 0);
	cr_assert_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

int fixture_connect(struct fixture *f)
{
	int fd = fixture_connect_only(f);

	fixture_pump(f);
	return fd;
}

void fixture_send_bytes(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* the server has closed: what it said is what counts */
		p += n;
		len -= (size_t)n;
	}
}

void fixture_send(struct fixture *f, int fd, const char *text)
{
	struct buf out = {0};

	fixture_put_ids(f, text, &out);
	fixture_send_bytes(fd, buf_text(&out), out.len);
	buf_free(&out);
}

void fixture_post(struct fixture *f, int fd, const char *target, const char *body)
{
	struct buf out = {0}, text = {0};

	fixture_put_ids(f, body, &text);
	buf_printf(&out,
		"POST / HTTP/1.1\r\nHost: cmap\r\nX-Amz-Target: %s%s\r\n"
		"Content-Type: application/x-amz-json-1.1\r\nContent-Length: "
		"%zu\r\n\r\n%s",
		strchr(target, '.') ? "" : "Route53AutoNaming_v20170314.", target,
		text.len, buf_text(&text));
	fixture_send_bytes(fd, out.data, out.len);
	buf_free(&out);
	buf_free(&text);
}

/* Waits for bytes to read, or the end, the server running meanwhile. */
static bool await(struct fixture *f, int fd)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		fixture_pump(f);
		if (poll(&p, 1, i == 0 ? 0 : 1) > 0)
			return true;
	}
	return false;
}

bool fixture_is_silent(struct fixture *f, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	fixture_pump(f);
	return poll(&p, 1, 0) == 0;
}

static const char *said(struct fixture *f, const char *text)
{
	buf_free(&f->text);
	buf_add_text(&f->text, text);
	return f->text.data;
}

/* Octet by octet: what belongs to the next answer stays in the socket. 0 at the end, -1 if nothing comes. */
static int read_octet(struct fixture *f, int fd, char *out)
{
	ssize_t n;

	while ((n = recv(fd, out, 1, MSG_DONTWAIT)) < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return 0;
		if (!await(f, fd))
			return -1;
	}
	return n == 1;
}

static bool is_told(const char *line)
{
	static const char *const names[] = {"x-amzn-ErrorType:", "Content-Type:",
		"Connection:", "Allow:", "HTTP/1."};

	for (size_t i = 0; i < CMAP_COUNT(names); i++) {
		if (strncasecmp(line, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

static const char *read_answer(struct fixture *f, int fd, bool with_body)
{
	struct buf told = {0}, line = {0};
	size_t body_len = 0;
	bool has_id = false;
	char c;
	int n;

	for (;;) {
		n = read_octet(f, fd, &c);
		if (n <= 0) {
			buf_free(&told);
			buf_free(&line);
			return said(f, n == 0 ? "closed" : "nothing");
		}
		if (c == '\r')
			continue;
		buf_add(&line, &c, 1);
		if (c != '\n')
			continue;
		if (line.len == 1)
			break;
		if (is_told(line.data))
			buf_add(&told, line.data, line.len);
		if (strncasecmp(line.data, "Content-Length:", 15) == 0)
			body_len = strtoul(line.data + 15, NULL, 10);
		if (strncasecmp(line.data, "x-amzn-RequestId: ", 18) == 0)
			has_id = line.len == 18 + 36 + 1;
		buf_free(&line);
	}
	buf_free(&line);
	buf_add_text(&told, has_id ? "\n" : "no request id\n\n");
	for (; with_body && body_len > 0 && read_octet(f, fd, &c) > 0; body_len--)
		buf_add(&line, &c, 1);
	fixture_mask(f, buf_text(&line), &told);
	buf_free(&line);
	buf_free(&f->text);
	f->text = told;
	return buf_text(&f->text);
}

const char *fixture_answer(struct fixture *f, int fd)
{
	return read_answer(f, fd, true);
}

const char *fixture_answer_head(struct fixture *f, int fd)
{
	return read_answer(f, fd, false);
}
