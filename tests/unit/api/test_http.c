/* SPDX-License-Identifier: MIT */
/* Requests over a socket, octet for octet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/http.h"
#include "fixture.h"
#include "test.h"

#define JSON_TYPE "Content-Type: application/x-amz-json-1.1\n"
#define OK_HEAD   "HTTP/1.1 200 OK\n" JSON_TYPE "\n"
#define HEALTHY   "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nok\n"
#define NONE      OK_HEAD "{\"Namespaces\":[]}"
#define HELP                                                                           \
	"There is nothing here. The API is POST / with a JSON body and a header "      \
	"X-Amz-Target: Route53AutoNaming_v20170314.ListNamespaces, or another of its " \
	"operations."
#define NOT_FOUND                                                                      \
	"HTTP/1.1 404 Not Found\n" JSON_TYPE "x-amzn-ErrorType: NotFound\n\n"          \
	"{\"__type\":\"NotFound\",\"Message\":\"" HELP "\"}"
#define TOO_LARGE_BODY                                                                 \
	"{\"__type\":\"RequestTooLargeException\",\"Message\":\"The body of the "      \
	"request is "                                                                  \
	"longer than 65536 octets.\"}"
#define TOO_LARGE(connection)                                                          \
	"HTTP/1.1 413 Content Too Large\n" connection JSON_TYPE                        \
	"x-amzn-ErrorType: RequestTooLargeException\n\n" TOO_LARGE_BODY

#define TARGET "X-Amz-Target: Route53AutoNaming_v20170314.ListNamespaces\r\n"
#define LIST   "POST / HTTP/1.1\r\nHost: h\r\n" TARGET "Content-Length: 2\r\n\r\n{}"
#define HEALTH "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"

static void start(struct fixture *f)
{
	fixture_init(f);
	fixture_serve(f, 8, 10000);
}

#define EXPECT(f, fd, text) expect_answer((f), (fd), (text), __LINE__)

static void expect_answer(struct fixture *f, int fd, const char *text, int line)
{
	const char *got = fixture_answer(f, fd);

	cr_expect_str_eq(got, text, "line %d: got\n%s\nnot\n%s", line, got, text);
}

Test(http, a_connection_serves_one_request_after_the_other)
{
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	for (int i = 0; i < 3; i++) {
		fixture_send(&f, fd, LIST);
		EXPECT(&f, fd, NONE);
		fixture_send(&f, fd, HEALTH);
		EXPECT(&f, fd, HEALTHY);
	}
	fixture_post(&f, fd, "CreateHttpNamespace", "{\"Name\":\"web\"}");
	EXPECT(&f, fd, OK_HEAD "{\"OperationId\":\"op-*\"}");
	cr_assert_eq(api_connections(f.api), 1u);
	close(fd);
	fixture_pump(&f);
	cr_assert_eq(api_connections(f.api), 0u);
	fixture_free(&f);
}

/* One of them waits for the store, and those behind it wait for their turn. */
Test(http, pipelined_requests_are_answered_in_order)
{
	struct fixture f;
	int fd;

	start(&f);
	fixture_fill(&f);
	f.stuck = true;
	fd = fixture_connect(&f);
	fixture_send(&f, fd, HEALTH);
	fixture_post(&f, fd, "RegisterInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i\",\"Attributes\":"
		"{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\"}}");
	fixture_post(&f, fd, "GetInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i\"}");
	fixture_send(&f, fd, HEALTH);
	EXPECT(&f, fd, HEALTHY);
	cr_assert(fixture_is_silent(&f, fd));
	f.stuck = false;
	EXPECT(&f, fd, OK_HEAD "{\"OperationId\":\"op-*\"}");
	EXPECT(&f, fd,
		OK_HEAD
		"{\"ResourceOwner\":\"123456789012\",\"Instance\":{\"Id\":\"i\","
		"\"Attributes\":{\"AWS_INSTANCE_IPV4\":\"10.0.0.1\"},"
		"\"CreatedByAccount\":\"123456789012\"}}");
	EXPECT(&f, fd, HEALTHY);
	close(fd);
	fixture_free(&f);
}

Test(http, clients_do_not_wait_for_each_other)
{
	struct fixture f;
	int slow, quick;

	start(&f);
	f.stuck = true;
	slow = fixture_connect(&f);
	quick = fixture_connect(&f);
	fixture_post(&f, slow, "CreateHttpNamespace", "{\"Name\":\"web\"}");
	fixture_pump(&f);
	fixture_send(&f, quick, LIST);
	EXPECT(&f, quick, NONE);
	cr_assert(fixture_is_silent(&f, slow));
	f.stuck = false;
	EXPECT(&f, slow, OK_HEAD "{\"OperationId\":\"op-*\"}");
	close(slow);
	close(quick);
	fixture_free(&f);
}

Test(http, errors_have_their_type_in_a_header_and_keep_the_connection)
{
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	fixture_post(&f, fd, "GetNamespace", "{\"Id\":\"ns-x\"}");
	EXPECT(&f, fd,
		"HTTP/1.1 400 Bad Request\n" JSON_TYPE
		"x-amzn-ErrorType: NamespaceNotFound\n\n"
		"{\"__type\":\"NamespaceNotFound\",\"Message\":\"No namespace has the "
		"id "
		"'ns-x'.\"}");
	fixture_send(&f, fd,
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n{");
	EXPECT(&f, fd,
		"HTTP/1.1 400 Bad Request\n" JSON_TYPE
		"x-amzn-ErrorType: UnknownOperationException\n\n"
		"{\"__type\":\"UnknownOperationException\",\"Message\":\"The request "
		"has no header "
		"X-Amz-Target, such as Route53AutoNaming_v20170314.ListNamespaces.\"}");
	fixture_send(&f, fd, LIST);
	EXPECT(&f, fd, NONE);
	close(fd);
	fixture_free(&f);
}

/* What stands in the request line and is not POST /. */
Test(http, other_paths_and_methods_are_told_where_to_go)
{
#define WITH_ALLOW                                                                     \
	"HTTP/1.1 405 Method Not Allowed\n" JSON_TYPE                                  \
	"x-amzn-ErrorType: MethodNotAllowed\nAllow: GET, HEAD, POST\n\n"               \
	"{\"__type\":\"MethodNotAllowed\",\"Message\":\"" HELP "\"}"
	static const char *const table[][2] = {
		{"GET /", NOT_FOUND},
		{"GET /metrics", NOT_FOUND},
		{"GET /healthz/", NOT_FOUND},
		{"GET /healthz?x=1", HEALTHY},
		{"POST /healthz", NOT_FOUND},
		{"POST /x", NOT_FOUND},
		{"POST //", NOT_FOUND},
		{"PUT /", WITH_ALLOW},
		{"DELETE /", WITH_ALLOW},
		{"PATCH /x", WITH_ALLOW},
		{"OPTIONS /", WITH_ALLOW},
		{"BREW /", WITH_ALLOW},
	};
	struct buf request = {0};
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	for (size_t i = 0; i < CMAP_COUNT(table); i++) {
		buf_printf(&request, "%s HTTP/1.1\r\nHost: h\r\n\r\n", table[i][0]);
		fixture_send(&f, fd, request.data);
		EXPECT(&f, fd, table[i][1]);
		buf_free(&request);
	}
	close(fd);
	fixture_free(&f);
}

Test(http, head_is_answered_without_a_body)
{
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	fixture_send(&f, fd, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
	cr_expect_str_eq(fixture_answer_head(&f, fd),
		"HTTP/1.1 404 Not Found\n" JSON_TYPE "x-amzn-ErrorType: NotFound\n\n");
	fixture_send(&f, fd, "HEAD /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
	cr_expect_str_eq(fixture_answer_head(&f, fd),
		"HTTP/1.1 200 OK\nContent-Type: text/plain\n\n");
	fixture_send(&f, fd, LIST);
	EXPECT(&f, fd, NONE);
	close(fd);
	fixture_free(&f);
}

/* As a client sends it to its proxy; and the server does not care whom it was meant for. */
Test(http, absolute_targets_are_taken)
{
	static const char *const targets[] = {"http://data-cmap.local/",
		"http://127.0.0.1:8080/", "http://[::1]:8080/", "https://cmap/",
		"HTTP://cmap", "http://cmap/?query=/x", "/?query"};
	struct buf request = {0};
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	for (size_t i = 0; i < CMAP_COUNT(targets); i++) {
		buf_printf(&request,
			"POST %s HTTP/1.1\r\nHost: other\r\n" TARGET
			"Content-Length: 2\r\n\r\n{}",
			targets[i]);
		fixture_send(&f, fd, request.data);
		EXPECT(&f, fd, NONE);
		buf_free(&request);
	}
	fixture_send(&f, fd, "GET http://cmap/healthz HTTP/1.1\r\nHost: other\r\n\r\n");
	EXPECT(&f, fd, HEALTHY);
	fixture_send(&f, fd, "GET ftp://cmap/healthz HTTP/1.1\r\nHost: other\r\n\r\n");
	EXPECT(&f, fd, NOT_FOUND);
	close(fd);
	fixture_free(&f);
}

Test(http, bodies_come_in_pieces_and_in_chunks)
{
	static const char request[] = LIST;
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	for (size_t i = 0; i < sizeof(request) - 1; i++) {
		fixture_send_bytes(fd, request + i, 1);
		fixture_pump(&f);
	}
	EXPECT(&f, fd, NONE);
	fixture_send(&f, fd,
		"POST / HTTP/1.1\r\nhost: h\r\nx-amz-target: "
		"Route53AutoNaming_v20170314.ListNamespaces\r\ntransfer-encoding: "
		"Chunked\r\n\r\n"
		"1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n");
	EXPECT(&f, fd, NONE);
	fixture_send(&f, fd,
		"POST / HTTP/1.1\r\nHost: h\r\n" TARGET "\r\n"); /* no body */
	EXPECT(&f, fd, NONE);
	fixture_send(&f, fd,
		"POST / HTTP/1.1\r\nHost: h\r\n" TARGET
		"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
	cr_expect_str_eq(fixture_answer(&f, fd),
		"HTTP/1.1 100 Continue\nno request id\n\n");
	fixture_send(&f, fd, "{}");
	EXPECT(&f, fd, NONE);
	close(fd);
	fixture_free(&f);
}

Test(http, version_1_0_is_answered_and_closed)
{
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	fixture_send(&f, fd, "GET /healthz HTTP/1.0\r\n\r\n");
	EXPECT(&f, fd,
		"HTTP/1.1 200 OK\nConnection: close\nContent-Type: text/plain\n\nok\n");
	EXPECT(&f, fd, "closed");
	close(fd);
	fixture_free(&f);
}

Test(http, connection_close_is_heeded)
{
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	fixture_send(&f, fd,
		"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" TARGET
		"Content-Length: 2\r\n\r\n{}");
	EXPECT(&f, fd,
		"HTTP/1.1 200 OK\nConnection: close\n" JSON_TYPE
		"\n{\"Namespaces\":[]}");
	EXPECT(&f, fd, "closed");
	close(fd);
	fixture_free(&f);
}

/* ---- framing ---- */

#define BAD(message)                                                                   \
	"HTTP/1.1 400 Bad Request\nConnection: close\n" JSON_TYPE "x-amzn-ErrorType: " \
	"BadRequest\n\n{\"__type\":\"BadRequest\",\"Message\":\"" message "\"}"
#define LENGTH   BAD("Content-Length must be one decimal number.")
#define ENCODING BAD("Transfer-Encoding must be 'chunked', in HTTP/1.1.")
#define BOTH     BAD("Content-Length and Transfer-Encoding must not be given together.")
#define HOST     BAD("The request must have one header Host.")

/* Heads that two readers could take for different requests. Behind each comes what would be smuggled. */
Test(http, ambiguous_framing_is_refused_and_closed)
{
	static const char *const table[][2] = {
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: "
		 "3\r\n",
			LENGTH},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: "
		 "2\r\n",
			LENGTH},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\ncontent-length: "
		 "0\r\n",
			LENGTH},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"
		 "Transfer-Encoding: chunked\r\n",
			BOTH},
		{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
		 "Content-Length: 0\r\n",
			BOTH},
		{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
		 "Transfer-Encoding: chunked\r\n",
			ENCODING},
		{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n",
			ENCODING},
		{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n",
			ENCODING},
		{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n",
			ENCODING},
		{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", ENCODING},
		{"POST / HTTP/1.1\r\nContent-Length: 2\r\n", HOST},
		{"GET /healthz HTTP/1.1\r\n", HOST},
		{"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n", HOST},
		{"GET /healthz HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n",
			BAD("A header has a name that is none.")},
		{"GET /healthz HTTP/1.1\r\nHost: h\r\nTransfer-Encoding\t: chunked\r\n",
			BAD("A header has a name that is none.")},
		{"GET /healthz HTTP/1.1\r\nHost: h\r\nX\x80: 5\r\n",
			BAD("A header has a name that is none.")},
		{"GET /healthz HTTP/1.1\r\nHost: h\r\nX: a\x01z\r\n",
			BAD("A header has control characters in its value.")},
	};
	struct buf request = {0};
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < CMAP_COUNT(table); i++) {
		int fd = fixture_connect(&f);
		const char *got;

		buf_printf(&request, "%s\r\n" HEALTH, table[i][0]);
		fixture_send(&f, fd, request.data);
		got = fixture_answer(&f, fd);
		cr_expect_str_eq(got, table[i][1], "%s\n  got %s", table[i][0], got);
		got = fixture_answer(&f, fd);
		cr_expect_str_eq(got, "closed", "%s\n  got %s", table[i][0], got);
		close(fd);
		fixture_pump(&f);
		buf_free(&request);
	}
	cr_assert_eq(api_connections(f.api), 0u);
	fixture_free(&f);
}

/* What the library refuses before we see it: a status, and the end. */
Test(http, heads_that_cannot_be_read_are_refused_and_closed)
{
	static const char *const table[][2] = {
		{"GET / HTTP/2.0\r\n\r\n", "HTTP/1.1 505 "},
		{"GET / FTP/1.1\r\n\r\n", "HTTP/1."},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
			"HTTP/1.1 400 "},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
			"HTTP/1.1 400 "},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: "
		 "99999999999999999999\r\n\r\n",
			"HTTP/1.1 4"},
		{"POST / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", "HTTP/1.1 400 "},
	};
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < CMAP_COUNT(table); i++) {
		int fd = fixture_connect(&f);
		const char *got;

		fixture_send(&f, fd, table[i][0]);
		got = fixture_answer(&f, fd);
		cr_expect_eq(strncmp(got, table[i][1], strlen(table[i][1])), 0,
			"%s\n  got %s", table[i][0], got);
		cr_expect_str_eq(fixture_answer(&f, fd), "closed");
		close(fd);
	}
	fixture_free(&f);
}

static void send_headers(struct fixture *f, int fd, int n, size_t padding)
{
	struct buf request = {0};

	buf_add_text(&request, "GET /healthz HTTP/1.1\r\nHost: h\r\n");
	for (int i = 1; i < n; i++)
		buf_printf(&request, "X-%d: y\r\n", i);
	if (padding > 0) {
		buf_add_text(&request, "X: ");
		while (request.len < padding - 4)
			buf_add_text(&request, "y");
		buf_add_text(&request, "\r\n");
	}
	buf_add_text(&request, "\r\n");
	fixture_send(f, fd, request.data);
	buf_free(&request);
}

Test(http, heads_are_limited_in_number_and_length)
{
#define HEAD_TOO_LARGE                                                                 \
	"HTTP/1.1 431 Request Header Fields Too Large\nConnection: close\n" JSON_TYPE  \
	"x-amzn-ErrorType: RequestHeaderFieldsTooLarge\n\n"                            \
	"{\"__type\":\"RequestHeaderFieldsTooLarge\",\"Message\":\"The head of the "   \
	"request has "                                                                 \
	"more than 100 headers or 8192 octets.\"}"
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	send_headers(&f, fd, 99, 0);
	EXPECT(&f, fd, HEALTHY);
	send_headers(&f, fd, 100, 0);
	EXPECT(&f, fd, HEALTHY);
	send_headers(&f, fd, 101, 0);
	EXPECT(&f, fd, HEAD_TOO_LARGE);
	EXPECT(&f, fd, "closed");
	close(fd);
	fd = fixture_connect(&f);
	send_headers(&f, fd, 1, HTTP_HEAD_MAX - 1);
	EXPECT(&f, fd, HEALTHY);
	send_headers(&f, fd, 1, HTTP_HEAD_MAX);
	EXPECT(&f, fd, HEALTHY);
	send_headers(&f, fd, 1, HTTP_HEAD_MAX + 1);
	EXPECT(&f, fd, HEAD_TOO_LARGE);
	EXPECT(&f, fd, "closed");
	close(fd);
	fixture_free(&f);
}

/* ---- bodies that are too long ---- */

/* len octets: "{", blanks, "}". */
static void send_body(int fd, size_t len, bool announce)
{
	struct buf request = {0};
	char *body = malloc(len);

	memset(body, ' ', len);
	body[0] = '{';
	body[len - 1] = '}';
	buf_add_text(&request, "POST / HTTP/1.1\r\nHost: h\r\n" TARGET);
	if (announce)
		buf_printf(&request, "Content-Length: %zu\r\n\r\n", len);
	else
		buf_printf(&request, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", len);
	fixture_send_bytes(fd, request.data, request.len);
	fixture_send_bytes(fd, body, len);
	if (!announce)
		fixture_send_bytes(fd, "\r\n0\r\n\r\n", 7);
	buf_free(&request);
	free(body);
}

Test(http, a_body_has_65536_octets)
{
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	for (int announce = 0; announce < 2; announce++) {
		send_body(fd, HTTP_BODY_MAX - 1, announce);
		EXPECT(&f, fd, NONE);
		send_body(fd, HTTP_BODY_MAX, announce);
		EXPECT(&f, fd, NONE);
		send_body(fd, HTTP_BODY_MAX + 1, announce);
		EXPECT(&f, fd, TOO_LARGE(""));
		fixture_send(&f, fd, LIST);
		EXPECT(&f, fd, NONE);
	}
	close(fd);
	fixture_free(&f);
}

/* The sockets' buffers do not hold these, so they are sent bit by bit while the server runs. */
static void send_much(struct fixture *f, int fd, size_t len)
{
	static char piece[16384];

	memset(piece, ' ', sizeof(piece));
	while (len > 0 && api_connections(f->api) > 0) {
		size_t n = len < sizeof(piece) ? len : sizeof(piece);

		fixture_send_bytes(fd, piece, n);
		fixture_pump(f);
		len -= n;
	}
}

Test(http, a_longer_body_is_heard_out_and_refused)
{
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	fixture_send(&f, fd,
		"POST / HTTP/1.1\r\nHost: h\r\n" TARGET
		"Content-Length: 1000000\r\n\r\n");
	send_much(&f, fd, 1000000);
	EXPECT(&f, fd, TOO_LARGE(""));
	fixture_send(&f, fd, LIST);
	EXPECT(&f, fd, NONE);
	close(fd);
	fixture_free(&f);
}

Test(http, a_body_announced_too_long_is_refused_before_it_is_sent)
{
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	fixture_send(&f, fd,
		"POST / HTTP/1.1\r\nHost: h\r\n" TARGET
		"Content-Length: 65537\r\nExpect: 100-continue\r\n\r\n");
	EXPECT(&f, fd, TOO_LARGE("Connection: close\n"));
	EXPECT(&f, fd, "closed");
	close(fd);
	fd = fixture_connect(&f);
	fixture_send(&f, fd,
		"POST / HTTP/1.1\r\nHost: h\r\n" TARGET
		"Content-Length: 1114113\r\n\r\n");
	EXPECT(&f, fd, TOO_LARGE("Connection: close\n"));
	EXPECT(&f, fd, "closed");
	close(fd);
	fixture_free(&f);
}

Test(http, chunks_without_end_are_cut_off)
{
	struct fixture f;
	int fd;

	start(&f);
	fd = fixture_connect(&f);
	fixture_send(&f, fd,
		"POST / HTTP/1.1\r\nHost: h\r\n" TARGET
		"Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n");
	send_much(&f, fd, HTTP_BODY_SWALLOW + 65536);
	EXPECT(&f, fd, TOO_LARGE("Connection: close\n"));
	EXPECT(&f, fd, "closed");
	cr_assert_eq(api_connections(f.api), 0u);
	close(fd);
	fixture_free(&f);
}
