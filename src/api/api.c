/* SPDX-License-Identifier: MIT */
#include "api/api.h"

#include <stdlib.h>
#include <string.h>

#include "api/auth.h"
#include "api/http.h"
#include "api/operations.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

#define HELP                                                                           \
	"There is nothing here. The API is POST / with a JSON body and a header "      \
	"X-Amz-Target: Route53AutoNaming_v20170314.ListNamespaces, or another of its " \
	"operations."

struct api {
	struct api_options options;
	struct call_context context;
	struct access_keys *keys; /* NULL: none */
	struct loop *loop;
	struct http *http;
};

/* A call for a client that waits. */
struct api_call {
	struct call call;
	struct call_context context;
	char region[SIGV4_REGION_MAX + 1];
	struct http_exchange *exchange;
};

static void answer_call(struct api_call *c)
{
	struct call *q = &c->call;
	struct http_answer answer = {.status = 200, .content_type = HTTP_JSON};

	if (q->fault.code != FAULT_NONE) {
		answer.status = fault_http_status(q->fault.code);
		answer.error_type = fault_type(q->fault.code);
		call_write_fault(q->context, &q->fault, &answer.body);
	} else {
		answer.body = q->out;
		q->out = (struct buf){0};
	}
	c->exchange->user = NULL;
	http_reply(c->exchange, &answer);
	call_end(q);
	free(c);
}

static void call_done(struct call *q)
{
	answer_call(q->arg);
}

static void start_call(struct api *a, struct http_exchange *x, const char *region)
{
	struct api_call *c = xcalloc(1, sizeof(*c));

	c->context = a->context;
	memcpy(c->region, region, strlen(region) + 1);
	if (c->region[0] != '\0')
		c->context.region = c->region;
	c->call.context = &c->context;
	c->call.done = call_done;
	c->call.arg = c;
	c->exchange = x;
	x->user = c;
	if (call_start(&c->call, x->target, x->body, x->body_len))
		answer_call(c);
}

/* A request for an operation. */
static void on_post(struct api *a, struct http_exchange *x)
{
	char region[SIGV4_REGION_MAX + 1];
	struct sigv4_refusal why = {0};
	int err = auth_check(x, a->keys, clock_wall_ms(a->loop->clock), region, &why);

	if (err == CMAP_OK) {
		start_call(a, x, region);
		return;
	}
	log_debug("http: refused: %s", why.type);
	http_reply_error(x, err == CMAP_E_INVALID ? 400 : 500, why.type,
		buf_text(&why.message));
	buf_free(&why.message);
}

static void on_abandon(void *arg, struct http_exchange *x)
{
	struct api_call *c = x->user;

	(void)arg;
	if (!c)
		return;
	x->user = NULL;
	call_end(&c->call);
	free(c);
}

static void on_request(void *arg, struct http_exchange *x)
{
	bool post = strcmp(x->method, "POST") == 0;
	bool get = strcmp(x->method, "GET") == 0 || strcmp(x->method, "HEAD") == 0;
	struct http_answer answer = {.status = 200, .content_type = "text/plain"};

	if (post && strcmp(x->path, "/") == 0) {
		on_post(arg, x);
	} else if (get && strcmp(x->path, "/healthz") == 0) {
		buf_add_text(&answer.body, "ok\n");
		http_reply(x, &answer);
	} else if (get || post) {
		http_reply_error(x, 404, "NotFound", HELP);
	} else {
		answer.status = 405;
		answer.content_type = HTTP_JSON;
		answer.error_type = "MethodNotAllowed";
		answer.allow = "GET, HEAD, POST";
		buf_add_text(&answer.body,
			"{\"__type\":\"MethodNotAllowed\",\"Message\":\"" HELP "\"}");
		http_reply(x, &answer);
	}
}

struct api *api_new(const struct api_options *options, struct loop *loop,
	struct registry *registry)
{
	struct api *a = xcalloc(1, sizeof(*a));
	const struct http_options http = {.max_connections = options->max_connections,
		.request_deadline_ms = options->request_deadline_ms,
		.request = on_request,
		.abandon = on_abandon,
		.arg = a};

	a->options = *options;
	a->loop = loop;
	a->context = (struct call_context){.registry = registry,
		.options = &a->options,
		.started_ms = registry_now_ms(registry)};
	a->http = http_new(&http, loop);
	if (!a->http) {
		free(a);
		return NULL;
	}
	return a;
}

void api_set_keys(struct api *a, struct access_keys *keys)
{
	access_keys_free(a->keys);
	a->keys = keys;
}

int api_listen(struct api *a, int fd)
{
	return http_listen(a->http, fd);
}

void api_stop_listening(struct api *a)
{
	http_stop_listening(a->http);
}

uint32_t api_connections(const struct api *a)
{
	return http_connections(a->http);
}

void api_free(struct api *a)
{
	if (!a)
		return;
	http_free(a->http);
	access_keys_free(a->keys);
	free(a);
}
