/* SPDX-License-Identifier: MIT */
/*
 * Any octets to the HTTP front; an octet 0xFF stands for a pause, in which the server runs. Whatever comes, each answer
 * begins as one, and the connection is gone when all deadlines have passed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/http.h"
#include "base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct world {
	struct clock_fake clock;
	struct loop loop;
	struct http *http;
	struct http_exchange *late; /* waits for its answer */
	struct sockaddr_un address;
	socklen_t address_len;
} w;

static void reply(struct http_exchange *x)
{
	struct http_answer answer = {.status = 200, .content_type = HTTP_JSON};

	buf_add_text(&answer.body, "{}");
	http_reply(x, &answer);
}

/* A body that begins with a full stop is answered in the next pause, one with an exclamation mark never. */
static void on_request(void *arg, struct http_exchange *x)
{
	(void)arg;
	if (x->body_len > HTTP_BODY_MAX)
		abort();
	if (x->body[0] == '.')
		w.late = x;
	else if (x->body[0] != '!')
		reply(x);
}

static void on_abandon(void *arg, struct http_exchange *x)
{
	(void)arg;
	if (w.late == x)
		w.late = NULL;
}

static void make_world(void)
{
	const struct http_options options = {.max_connections = 4,
		.request_deadline_ms = 10000,
		.request = on_request,
		.abandon = on_abandon};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	clock_fake_init(&w.clock, 1000000, INT64_C(1516925490087));
	w.address_len = sizeof(w.address);
	/* Without a path it gets an address of its own that is no file. */
	w.address.sun_family = AF_UNIX;
	if (fd < 0 || bind(fd, (struct sockaddr *)&w.address, sizeof(sa_family_t)) ||
		listen(fd, 8) ||
		getsockname(fd, (struct sockaddr *)&w.address, &w.address_len) ||
		loop_init(&w.loop, &w.clock.clock))
		abort();
	w.http = http_new(&options, &w.loop);
	if (!w.http || http_listen(w.http, fd))
		abort();
}

static void pump(void)
{
	for (int i = 0; i < 6; i++)
		loop_once(&w.loop, 0);
}

/* Takes what has been answered; *begun tells whether its first octets have been seen. */
static void take_answers(int fd, bool *begun)
{
	char text[65536];
	ssize_t n = recv(fd, text, sizeof(text), MSG_DONTWAIT);

	if (n < 7 || *begun)
		return;
	if (memcmp(text, "HTTP/1.", 7) != 0)
		abort();
	*begun = true;
}

static void pause_sending(int fd, bool *begun)
{
	struct http_exchange *x;

	pump();
	take_answers(fd, begun);
	x = w.late;
	w.late = NULL;
	if (x)
		reply(x);
	pump();
	take_answers(fd, begun);
}

/* In steps: one of HTTP_LATE_MS would look as if the process had been stopped. */
static void pass(int64_t ms)
{
	for (const int64_t step = HTTP_LATE_MS - 100; ms > 0; ms -= step) {
		clock_fake_pass(&w.clock, ms < step ? ms : step);
		loop_once(&w.loop, 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool begun = false;
	int fd;

	if (!w.http)
		make_world();
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&w.address, w.address_len))
		abort();
	while (size > 0) {
		const uint8_t *end = memchr(data, 0xFF, size);
		size_t len = end ? (size_t)(end - data) : size;

		if (send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT) < (ssize_t)len)
			break;
		pause_sending(fd, &begun);
		len += end != NULL;
		data += len;
		size -= len;
	}
	/* Reading, waiting for an answer, sending it, idle: each has its end. */
	for (int i = 0; i < 4 && http_connections(w.http) > 0; i++) {
		pass(HTTP_IDLE_MS + 100);
		pause_sending(fd, &begun);
	}
	if (http_connections(w.http) > 0)
		abort();
	close(fd);
	pump();
	return 0;
}
