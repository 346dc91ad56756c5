/* SPDX-License-Identifier: MIT */
/*
 * http.h -- the HTTP/1.1 front: connections, limits and deadlines around libmicrohttpd.
 *
 * libmicrohttpd reads heads, frames bodies and writes answers, from an epoll set that is watched in our
 * loop. Accepting, counting, timing and watching for hang-up are ours. What libmicrohttpd itself finds wrong
 * with a head is answered by its own HTML; every other error is JSON.
 *
 * Flow:   request() is called with a whole request, and answers by http_reply(), at once or later. Until then
 *         the connection reads nothing more. abandon() says that no answer is wanted any more: the client
 *         has gone, or has been told 503 after HTTP_ANSWER_MAX_MS.
 * Source: RFC 9110, RFC 9112.
 */
#ifndef API_HTTP_H
#define API_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/loop.h"

#define HTTP_BODY_MAX 65536
#define HTTP_BODY_SWALLOW                                                              \
	(HTTP_BODY_MAX + 1048576) /* read on so far to be heard with a 413 */
#define HTTP_HEAD_MAX      8192
#define HTTP_HEADERS_MAX   100
#define HTTP_IDLE_MS       60000 /* between two requests, and before the first */
#define HTTP_ANSWER_MAX_MS 30000 /* for request() to reply */
#define HTTP_LATE_MS       1000 /* this late, we were stopped and nobody else is to blame */
#define HTTP_WRITE_MS      10000 /* for the client to take the answer */
#define HTTP_LEAVING_MS    1000  /* for the answer, when the client sends no more */

struct http;

struct http_exchange {
	const char *method;
	const char *path;          /* decoded, without query; of an absolute URI, too */
	const char *raw;           /* path and query as they were sent */
	const char *target;        /* X-Amz-Target, or NULL */
	const char *authorization; /* the first such header, or NULL */
	bool is_local;             /* came over a Unix socket */
	const char *body;
	size_t body_len;
	void *user; /* for request() and abandon() */
};

/* A header as it was sent; no NUL ends its texts. */
struct http_header {
	const char *name, *value;
	size_t name_len, value_len;
};

struct http_options {
	uint32_t max_connections;
	int64_t request_deadline_ms; /* from a request's first byte to its last */
	void (*request)(void *arg, struct http_exchange *x);
	void (*abandon)(void *arg, struct http_exchange *x);
	void *arg;
};

/* NULL, with a line logged, if libmicrohttpd does not start. */
struct http *http_new(const struct http_options *options,
	struct loop *loop) CMAP_NONNULL CMAP_MUST_USE;
/* Accepts on fd, a listening socket, which is http's from now on. */
int http_listen(struct http *h, int fd) CMAP_NONNULL CMAP_MUST_USE;
/* Closes the listening sockets and the idle connections; the others close behind their answer. */
void http_stop_listening(struct http *h) CMAP_NONNULL;
uint32_t http_connections(const struct http *h) CMAP_NONNULL;
/* Requests under way are abandoned. NULL is fine. */
void http_free(struct http *h);

/* The headers of the request in their order, repeated ones several times; borrowed. Returns how many. */
size_t http_headers(struct http_exchange *x,
	struct http_header out[HTTP_HEADERS_MAX]) CMAP_NONNULL;

struct http_answer {
	int status;
	const char *content_type;
	const char *error_type; /* x-amzn-ErrorType, or NULL */
	const char *allow;      /* Allow, or NULL */
	struct buf body;        /* taken over */
};

#define HTTP_JSON "application/x-amz-json-1.1"

void http_reply(struct http_exchange *x, struct http_answer *answer) CMAP_NONNULL;
/* The same with the JSON body {"__type":type,"Message":message}. */
void http_reply_error(struct http_exchange *x, int status, const char *type,
	const char *message) CMAP_NONNULL;

#endif
