/* SPDX-License-Identifier: MIT */
/* One request: its head and body from libmicrohttpd, its answer back. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "api/http_connection.h"
#include "api/writer.h"
#include "base/mem.h"
#include "model/ids.h"

#define TOO_LARGE      "RequestTooLargeException"
#define TOO_LARGE_TEXT "The body of the request is longer than 65536 octets."

static void make_response(struct http_connection *c, struct http_answer *answer)
{
	size_t len = answer->body.len;
	struct MHD_Response *r = MHD_create_response_from_buffer(len,
		buf_take(&answer->body), MHD_RESPMEM_MUST_FREE);
	char id[37];

	id_make_uuid(id);
	MHD_add_response_header(r, "x-amzn-RequestId", id);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
	if (answer->error_type)
		MHD_add_response_header(r, "x-amzn-ErrorType", answer->error_type);
	if (answer->allow)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, answer->allow);
	if (c->close || c->http->stopping)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
	c->response = r;
	c->status = (unsigned int)answer->status;
}

/* Nothing is left to read but the end; the loop may not have been told yet. */
static bool is_leaving(const struct http_connection *c)
{
	char octet;

	return recv(c->io.fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void http_reply(struct http_exchange *x, struct http_answer *answer)
{
	struct http_connection *c = CONTAINER_OF(x, struct http_connection, exchange);

	if (c->suspended && is_leaving(c))
		http_answer_leaving(c, answer);
	else
		make_response(c, answer);
	http_connection_resume(c);
}

void http_make_error(int status, const char *type, const char *message,
	struct http_answer *out)
{
	*out = (struct http_answer){
		.status = status, .content_type = HTTP_JSON, .error_type = type};
	writer_open_object(&out->body, NULL);
	writer_string(&out->body, "__type", type);
	writer_string(&out->body, "Message", message);
	writer_close_object(&out->body);
}

void http_reply_error(struct http_exchange *x, int status, const char *type,
	const char *message)
{
	struct http_answer answer;

	http_make_error(status, type, message, &answer);
	http_reply(x, &answer);
}

void http_request_end(struct http_connection *c)
{
	if (c->response)
		MHD_destroy_response(c->response);
	c->response = NULL;
	buf_free(&c->body);
	free(c->target);
	c->target = NULL;
	c->swallowed = 0;
	c->exchange = (struct http_exchange){0};
}

static enum MHD_Result send_answer(struct http_connection *c)
{
	enum MHD_Result queued = MHD_queue_response(c->mhd, c->status, c->response);

	MHD_destroy_response(c->response);
	c->response = NULL;
	http_connection_set(c, HTTP_SENDING);
	return queued;
}

/* An answer before the body was read: the connection cannot go on. */
static enum MHD_Result refuse(struct http_connection *c, int status, const char *type,
	const char *message)
{
	c->close = true;
	http_reply_error(&c->exchange, status, type, message);
	return send_answer(c);
}

static const char *header(const struct http_connection *c, const char *name)
{
	return MHD_lookup_connection_value(c->mhd, MHD_HEADER_KIND, name);
}

/* "http://host:port/path?query" is what a client sends to its proxy: what is behind the host, be it nothing. */
static const char *behind_host(const char *url)
{
	size_t scheme;

	if (strncasecmp(url, "http://", 7) == 0)
		scheme = 7;
	else if (strncasecmp(url, "https://", 8) == 0)
		scheme = 8;
	else
		return url;
	return url + scheme + strcspn(url + scheme, "/?");
}

/* libmicrohttpd has cut the query off and decoded the rest. */
static const char *path_of(const char *url)
{
	const char *path = behind_host(url);

	return *path ? path : "/";
}

/* What it returns becomes *request of http_request_handle(). */
void *http_request_log(void *arg, const char *uri, struct MHD_Connection *mhd)
{
	struct http_connection *c =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			->socket_context;

	(void)arg;
	free(c->target);
	c->target = xstrdup(uri);
	return NULL;
}

struct header_list {
	struct http_header *at;
	size_t n;
};

static enum MHD_Result list_header(void *arg, enum MHD_ValueKind kind, const char *key,
	size_t key_len, const char *value, size_t value_len)
{
	struct header_list *list = arg;

	(void)kind;
	list->at[list->n++] = (struct http_header){.name = key,
		.value = value ? value : "",
		.name_len = key_len,
		.value_len = value ? value_len : 0};
	return list->n < HTTP_HEADERS_MAX ? MHD_YES : MHD_NO;
}

size_t http_headers(struct http_exchange *x, struct http_header out[HTTP_HEADERS_MAX])
{
	const struct http_connection *c =
		CONTAINER_OF(x, struct http_connection, exchange);
	struct header_list list = {.at = out};

	MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, list_header, &list);
	return list.n;
}

/*
 * A client that waits for "100 Continue" has not sent its body: it is told at once. Others are heard out,
 * up to HTTP_BODY_SWALLOW, since closing on what they still send would take the answer away from them.
 */
static bool is_hopeless(const struct http_connection *c)
{
	const char *length = header(c, MHD_HTTP_HEADER_CONTENT_LENGTH);
	const char *expect = header(c, MHD_HTTP_HEADER_EXPECT);
	unsigned long long n = length ? strtoull(length, NULL, 10) : 0;

	return n > HTTP_BODY_SWALLOW ||
	       (n > HTTP_BODY_MAX && expect && strcasecmp(expect, "100-continue") == 0);
}

static enum MHD_Result begin(struct http_connection *c, const char *url,
	const char *method, const char *version)
{
	const struct http_refusal *no = http_head_check(c->mhd, version);

	if (c->state == HTTP_IDLE)
		http_connection_set(c, HTTP_READING);
	c->more = false;
	c->exchange.method = method;
	c->exchange.path = path_of(url);
	c->exchange.raw = behind_host(c->target ? c->target : "/");
	c->exchange.is_local = c->is_local;
	if (no)
		return refuse(c, no->status, no->type, no->message);
	if (is_hopeless(c))
		return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, TOO_LARGE, TOO_LARGE_TEXT);
	return MHD_YES;
}

static enum MHD_Result take_body(struct http_connection *c, const char *piece,
	size_t *len)
{
	c->swallowed += *len;
	if (c->swallowed <= HTTP_BODY_MAX)
		buf_add(&c->body, piece, *len);
	*len = 0;
	if (c->swallowed <= HTTP_BODY_SWALLOW)
		return MHD_YES;
	/* Only chunks come here. libmicrohttpd takes no answer now, but it has not begun one either. */
	http_refuse_connection(c, MHD_HTTP_CONTENT_TOO_LARGE, TOO_LARGE,
		TOO_LARGE_TEXT);
	return MHD_NO;
}

/* The request is whole: it is handed over, and answered at once or waited for. */
static enum MHD_Result dispatch(struct http_connection *c)
{
	struct http_options *o = &c->http->options;

	http_connection_set(c, HTTP_WAITING);
	if (c->swallowed > HTTP_BODY_MAX) {
		http_reply_error(&c->exchange, MHD_HTTP_CONTENT_TOO_LARGE, TOO_LARGE,
			TOO_LARGE_TEXT);
		return send_answer(c);
	}
	c->exchange.target = header(c, "X-Amz-Target");
	c->exchange.authorization = header(c, MHD_HTTP_HEADER_AUTHORIZATION);
	c->exchange.body = buf_text(&c->body);
	c->exchange.body_len = c->body.len;
	o->request(o->arg, &c->exchange);
	if (c->response)
		return send_answer(c);
	MHD_suspend_connection(c->mhd);
	c->suspended = true;
	return MHD_YES;
}

enum MHD_Result http_request_handle(void *arg, struct MHD_Connection *mhd,
	const char *url, const char *method, const char *version, const char *upload,
	size_t *upload_len, void **request)
{
	struct http_connection *c = *request;

	(void)arg;
	if (!c) {
		c = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			    ->socket_context;
		*request = c;
		return begin(c, url, method, version);
	}
	if (*upload_len > 0)
		return take_body(c, upload, upload_len);
	if (c->gone)
		return MHD_NO;
	return c->response ? send_answer(c) : dispatch(c);
}
