/* SPDX-License-Identifier: MIT */
/* Deadlines, the number of connections, clients that leave, a store that hangs. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/http.h"
#include "fixture.h"
#include "test.h"

#define JSON_TYPE "Content-Type: application/x-amz-json-1.1\n"
#define HEALTHY   "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nok\n"
#define HEALTH    "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
#define CREATED   "HTTP/1.1 200 OK\n" JSON_TYPE "\n{\"OperationId\":\"op-*\"}"
#define LATE                                                                           \
	"HTTP/1.1 408 Request Timeout\nConnection: close\n" JSON_TYPE                  \
	"x-amzn-ErrorType: RequestTimeout\n\n"                                         \
	"{\"__type\":\"RequestTimeout\",\"Message\":\"The request did not arrive in "  \
	"time.\"}"
#define REGISTER(id)                                                                   \
	"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"" id "\",\"Attributes\":"           \
	"{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\"}}"

#define TICK 8 /* a timer may be so late: WHEEL_TICK_MS */

static void start(struct fixture *f, uint32_t max_connections)
{
	fixture_init(f);
	fixture_serve(f, max_connections, 10000);
	fixture_fill(f);
}

#define EXPECT(f, fd, text) expect_answer((f), (fd), (text), __LINE__)

static void expect_answer(struct fixture *f, int fd, const char *text, int line)
{
	const char *got = fixture_answer(f, fd);

	cr_expect_str_eq(got, text, "line %d: got\n%s\nnot\n%s", line, got, text);
}

static bool has_instance(const struct fixture *f, const char *id)
{
	const struct service *s = model_service(registry_model(f->registry), f->srv_id);

	return model_instance(s, id) != NULL;
}

/* ---- deadlines ---- */

Test(http_limits, a_request_has_its_deadline_from_the_first_octet)
{
	static const char *const beginnings[] = {"P", "POST / HT",
		"POST / HTTP/1.1\r\nHost: h\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcd"};
	struct fixture f;

	start(&f, 8);
	for (size_t i = 0; i < CMAP_COUNT(beginnings); i++) {
		int fd = fixture_connect(&f);

		fixture_pass(&f, 30000); /* nothing is asked of an idle one */
		fixture_send(&f, fd, beginnings[i]);
		fixture_pump(&f);
		fixture_pass(&f, 9999);
		cr_expect(fixture_is_silent(&f, fd), "'%s'", beginnings[i]);
		fixture_pass(&f, 1 + TICK);
		EXPECT(&f, fd, LATE);
		EXPECT(&f, fd, "closed");
		close(fd);
	}
	cr_assert_eq(api_connections(f.api), 0u);
	fixture_free(&f);
}

Test(http_limits, an_octet_now_and_then_does_not_move_the_deadline)
{
	static const char request[] = "POST / HTTP/1.1\r\nHost: h\r\n";
	struct fixture f;
	int fd;

	start(&f, 8);
	fd = fixture_connect(&f);
	for (int i = 0; i < 10; i++) {
		cr_expect(fixture_is_silent(&f, fd), "after %d s", i);
		fixture_send_bytes(fd, request + i, 1);
		fixture_pump(&f);
		fixture_pass(&f, 1000);
	}
	fixture_pass(&f, TICK);
	EXPECT(&f, fd, LATE);
	EXPECT(&f, fd, "closed");
	close(fd);
	fixture_free(&f);
}

Test(http_limits, each_request_has_a_deadline_of_its_own)
{
	struct fixture f;
	int fd;

	start(&f, 8);
	fd = fixture_connect(&f);
	for (int i = 0; i < 5; i++) {
		fixture_send(&f, fd, "GET /heal");
		fixture_pump(&f);
		fixture_pass(&f, 9000);
		fixture_send(&f, fd, "thz HTTP/1.1\r\nHost: h\r\n\r\n");
		EXPECT(&f, fd, HEALTHY);
	}
	/* The beginning of the next, come with the end of one. */
	fixture_send(&f, fd, HEALTH "GET");
	EXPECT(&f, fd, HEALTHY);
	fixture_pass(&f, 5000);
	fixture_send(&f, fd, " /");
	fixture_pump(&f);
	fixture_pass(&f, 10000 + TICK);
	EXPECT(&f, fd, LATE);
	close(fd);
	fixture_free(&f);
}

/* What came while the one before it waited for the store was seen then. */
Test(http_limits, the_deadline_of_one_that_came_early_begins_in_its_turn)
{
	struct fixture f;
	int fd;

	start(&f, 8);
	fd = fixture_connect(&f);
	f.stuck = true;
	fixture_post(&f, fd, "RegisterInstance", REGISTER("i-1"));
	fixture_pump(&f);
	fixture_send(&f, fd, "GET /hea");
	fixture_pass(&f, 15000);
	f.stuck = false;
	EXPECT(&f, fd, CREATED);
	fixture_pass(&f, 9999);
	cr_expect(fixture_is_silent(&f, fd));
	fixture_pass(&f, 1 + TICK);
	EXPECT(&f, fd, LATE);
	close(fd);
	fixture_free(&f);
}

/* Their octets come in one wait of the loop, and libmicrohttpd reads both: what the loop tells of the second
 * is past by then. */
Test(http_limits, requests_answered_side_by_side_leave_idle_connections)
{
	struct fixture f;
	int fds[8];

	start(&f, 8);
	for (int i = 0; i < 8; i++)
		fds[i] = fixture_connect(&f);
	for (int i = 0; i < 8; i++)
		fixture_send(&f, fds[i], HEALTH);
	for (int i = 0; i < 8; i++)
		EXPECT(&f, fds[i], HEALTHY);
	fixture_pass(&f, 30000);
	for (int i = 0; i < 8; i++) {
		cr_expect(fixture_is_silent(&f, fds[i]), "connection %d", i);
		close(fds[i]);
	}
	fixture_free(&f);
}

Test(http_limits, an_idle_connection_lives_for_a_minute)
{
	struct fixture f;
	int fresh, used;

	start(&f, 8);
	fresh = fixture_connect(&f);
	used = fixture_connect(&f);
	fixture_pass(&f, 20000);
	fixture_send(&f, used, HEALTH);
	EXPECT(&f, used, HEALTHY);
	fixture_pass(&f, 39999);
	cr_expect(fixture_is_silent(&f, fresh));
	fixture_pass(&f, 1 + TICK);
	EXPECT(&f, fresh, "closed");
	fixture_pass(&f, 19990 - TICK);
	cr_expect(fixture_is_silent(&f, used));
	fixture_pass(&f, 10 + TICK);
	EXPECT(&f, used, "closed");
	cr_assert_eq(api_connections(f.api), 0u);
	close(fresh);
	close(used);
	fixture_free(&f);
}

/* Answers that fill all buffers on the way, to a client that takes nothing. */
Test(http_limits, a_client_that_does_not_read_is_cut_off)
{
	struct fixture f;
	char value[1001], body[6000];
	int fd;

	start(&f, 8);
	memset(value, 'x', 1000);
	value[1000] = '\0';
	for (int i = 0; i < 100; i++) {
		snprintf(body, sizeof(body),
			"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-%d\","
			"\"Attributes\":"
			"{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\",\"a\":\"%s\",\"b\":\"%s\","
			"\"c\":\"%s\","
			"\"d\":\"%s\"}}",
			i, value, value, value, value);
		fixture_call(&f, "RegisterInstance", body);
	}
	fd = fixture_connect(&f);
	for (int i = 0; i < 60; i++)
		fixture_post(&f, fd, "ListInstances", "{\"ServiceId\":\"SRVID\"}");
	fixture_pump(&f);
	cr_assert_eq(api_connections(f.api), 1u);
	fixture_pass(&f, HTTP_WRITE_MS - 1);
	cr_assert_eq(api_connections(f.api), 1u);
	fixture_pass(&f, 1 + TICK);
	cr_assert_eq(api_connections(f.api), 0u);
	close(fd);
	fixture_free(&f);
}

/* ---- the number of connections ---- */

#define FULL                                                                           \
	"HTTP/1.1 503 Service Unavailable\nConnection: close\n" JSON_TYPE              \
	"x-amzn-ErrorType: ServiceUnavailable\n\n{\"__type\":\"ServiceUnavailable\","  \
	"\"Message\":\"There are as many connections as the server takes; try "        \
	"again.\"}"

Test(http_limits, a_connection_too_many_is_told_so)
{
	struct fixture f;
	int fds[4], extra, error = -1;
	socklen_t len = sizeof(error);

	start(&f, 4);
	for (int i = 0; i < 4; i++)
		fds[i] = fixture_connect(&f);
	extra = fixture_connect(&f);
	cr_assert_eq(api_connections(f.api), 4u);
	fixture_send(&f, extra, HEALTH);
	fixture_pump(&f);
	/* It was read away: a reset could overtake the answer. */
	cr_assert_eq(getsockopt(extra, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	cr_expect_eq(error, 0, "%s", strerror(error));
	EXPECT(&f, extra, FULL);
	EXPECT(&f, extra, "closed");
	close(extra);
	for (int i = 0; i < 4; i++) {
		fixture_send(&f, fds[i], HEALTH);
		EXPECT(&f, fds[i], HEALTHY);
	}
	close(fds[0]);
	fixture_pump(&f);
	extra = fixture_connect(&f);
	fixture_send(&f, extra, HEALTH);
	EXPECT(&f, extra, HEALTHY);
	close(extra);
	for (int i = 1; i < 4; i++)
		close(fds[i]);
	fixture_free(&f);
}

/* Those that stay on in spite of it are closed after a second; over 64 of them, at once. */
Test(http_limits, the_refused_do_not_pile_up)
{
	static int fds[80];
	struct fixture f;

	start(&f, 0);
	for (int i = 0; i < 80; i++)
		fds[i] = fixture_connect(&f);
	cr_assert_eq(api_connections(f.api), 0u);
	for (int i = 0; i < 80; i += 8)
		EXPECT(&f, fds[i], FULL);
	fixture_pass(&f, 1000 + TICK);
	for (int i = 0; i < 80; i += 8)
		EXPECT(&f, fds[i], "closed");
	for (int i = 0; i < 80; i++)
		close(fds[i]);
	fixture_free(&f);
}

/* Descriptors are given out from the lowest: with the client's, none is left. */
Test(http_limits, without_descriptors_it_waits_and_goes_on)
{
	struct rlimit before, tight;
	struct fixture f;
	int fd;

	start(&f, 8);
	fd = fixture_connect_only(&f);
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = (rlim_t)fd + 1;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &tight), 0);
	fixture_send(&f, fd, HEALTH);
	fixture_pump(&f);
	cr_expect(fixture_is_silent(&f, fd));
	fixture_pass(&f, 100 + TICK);
	cr_expect(fixture_is_silent(&f, fd));
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	cr_expect(fixture_is_silent(&f, fd)); /* it does not look before its time */
	fixture_pass(&f, 100 + TICK);
	EXPECT(&f, fd, HEALTHY);
	close(fd);
	fixture_free(&f);
}

/* ---- clients that leave, a store that hangs ---- */

Test(http_limits, a_client_that_leaves_while_it_waits_frees_its_place)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	struct fixture f;
	int fd;

	start(&f, 8);
	f.stuck = true;
	fd = fixture_connect(&f);
	fixture_post(&f, fd, "RegisterInstance", REGISTER("i-1"));
	fixture_pump(&f);
	cr_assert_eq(api_connections(f.api), 1u);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd); /* with a reset, as when the client is killed with data unread */
	fixture_pump(&f);
	cr_assert_eq(api_connections(f.api), 0u);
	/* What it asked for takes place when the store wakes up, and nobody is told. */
	f.stuck = false;
	fixture_pump(&f);
	cr_assert(has_instance(&f, "i-1"));
	fixture_free(&f);
}

Test(http_limits, a_client_that_says_no_more_is_waited_for_one_second)
{
	struct fixture f;
	int quick, slow;

	start(&f, 8);
	f.stuck = true;
	quick = fixture_connect(&f);
	slow = fixture_connect(&f);
	fixture_post(&f, quick, "RegisterInstance", REGISTER("i-1"));
	fixture_pump(&f);
	shutdown(quick, SHUT_WR);
	fixture_pass(&f, 900);
	f.stuck = false;
	EXPECT(&f, quick,
		"HTTP/1.1 200 OK\nConnection: close\n" JSON_TYPE
		"\n{\"OperationId\":\"op-*\"}");
	EXPECT(&f, quick, "closed");
	f.stuck = true;
	/* The same with the end come before the request was read. */
	fixture_post(&f, slow, "RegisterInstance", REGISTER("i-2"));
	shutdown(slow, SHUT_WR);
	fixture_pump(&f);
	cr_assert_eq(api_connections(f.api), 1u);
	fixture_pass(&f, HTTP_LEAVING_MS + TICK);
	cr_assert_eq(api_connections(f.api), 0u);
	EXPECT(&f, slow, "closed");
	f.stuck = false;
	fixture_pump(&f);
	cr_assert(has_instance(&f, "i-2"));
	close(quick);
	close(slow);
	fixture_free(&f);
}

/* A machine that was frozen has kept its store from answering, too. */
Test(http_limits, after_a_pause_a_store_gets_its_time_again)
{
	struct fixture f;
	int fd;

	start(&f, 8);
	f.stuck = true;
	fd = fixture_connect(&f);
	fixture_post(&f, fd, "RegisterInstance", REGISTER("i-1"));
	fixture_pump(&f);
	fixture_pass(&f, HTTP_ANSWER_MAX_MS + HTTP_LATE_MS);
	cr_assert(fixture_is_silent(&f, fd));
	fixture_pass(&f, HTTP_ANSWER_MAX_MS - 1);
	cr_assert(fixture_is_silent(&f, fd));
	f.stuck = false;
	fixture_pump(&f);
	cr_assert(has_instance(&f, "i-1"));
	cr_assert_not(fixture_is_silent(&f, fd));
	close(fd);
	fixture_free(&f);
}

Test(http_limits, a_store_that_hangs_is_waited_for_30_seconds)
{
	struct fixture f;
	int fd;

	start(&f, 8);
	f.stuck = true;
	fd = fixture_connect(&f);
	fixture_post(&f, fd, "RegisterInstance", REGISTER("i-1"));
	fixture_pump(&f);
	fixture_pass(&f, HTTP_ANSWER_MAX_MS - 1);
	cr_assert(fixture_is_silent(&f, fd));
	fixture_pass(&f, 1 + TICK);
	EXPECT(&f, fd,
		"HTTP/1.1 503 Service Unavailable\nConnection: close\n" JSON_TYPE
		"x-amzn-ErrorType: "
		"ServiceUnavailable\n\n{\"__type\":\"ServiceUnavailable\","
		"\"Message\":\"The store did not answer in time; the outcome is "
		"unknown: the change "
		"may still take place.\"}");
	EXPECT(&f, fd, "closed");
	close(fd);
	f.stuck = false;
	fixture_pump(&f);
	cr_assert(has_instance(&f, "i-1"));
	fixture_free(&f);
}

/* ---- stopping ---- */

Test(http_limits, stopping_closes_the_idle_and_answers_the_others)
{
	struct fixture f;
	int idle, waiting;

	start(&f, 8);
	idle = fixture_connect(&f);
	waiting = fixture_connect(&f);
	f.stuck = true;
	fixture_post(&f, waiting, "RegisterInstance", REGISTER("i-1"));
	fixture_pump(&f);
	api_stop_listening(f.api);
	EXPECT(&f, idle, "closed");
	fixture_pump(&f);
	cr_assert_eq(api_connections(f.api), 1u);
	f.stuck = false;
	EXPECT(&f, waiting,
		"HTTP/1.1 200 OK\nConnection: close\n" JSON_TYPE
		"\n{\"OperationId\":\"op-*\"}");
	EXPECT(&f, waiting, "closed");
	cr_assert_eq(api_connections(f.api), 0u);
	close(idle);
	close(waiting);
	fixture_free(&f);
}

Test(http_limits, freeing_leaves_the_registry_with_its_commands)
{
	struct fixture f;
	int waiting, reading;

	start(&f, 8);
	waiting = fixture_connect(&f);
	reading = fixture_connect(&f);
	f.stuck = true;
	fixture_post(&f, waiting, "RegisterInstance", REGISTER("i-1"));
	fixture_send(&f, reading, "POST");
	fixture_pump(&f);
	api_free(f.api);
	f.api = NULL;
	f.stuck = false;
	while (store_mem_step(f.store))
		;
	cr_assert(has_instance(&f, "i-1"));
	close(waiting);
	close(reading);
	fixture_free(&f);
}
