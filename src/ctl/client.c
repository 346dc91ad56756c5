/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ctl/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define CONNECT_TIMEOUT_S 5L
#define ANSWER_TIMEOUT_S  30L
/* A page of 100 instances of 5,000 characters each, doubled by escapes, is 1 MB. */
#define ANSWER_MAX ((size_t)16 * 1024 * 1024)

struct client {
	CURL *curl;
	struct buf body;
};

static int fail(struct failure *f, int status, const char *fmt, ...) CMAP_PRINTF(3, 4);

static int fail(struct failure *f, int status, const char *fmt, ...)
{
	va_list ap;

	*f = (struct failure){.status = status};
	va_start(ap, fmt);
	vsnprintf(f->message, sizeof(f->message), fmt, ap);
	va_end(ap);
	return status;
}

static size_t keep_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct client *client = arg;

	if (size * n > ANSWER_MAX - client->body.len)
		return 0;
	buf_add(&client->body, bytes, size * n);
	return size * n;
}

static int open_client(struct ctl *c, struct failure *f)
{
	struct client *client;

	if (c->client != NULL)
		return CTL_OK;
	client = xcalloc(1, sizeof(*client));
	client->curl = curl_easy_init();
	if (client->curl == NULL) {
		free(client);
		return fail(f, CTL_NO, "libcurl does not start");
	}
	if (c->api_url != NULL) {
		curl_easy_setopt(client->curl, CURLOPT_URL, c->api_url);
	} else {
		curl_easy_setopt(client->curl, CURLOPT_URL, "http://localhost/");
		curl_easy_setopt(client->curl, CURLOPT_UNIX_SOCKET_PATH,
			c->socket_path);
	}
	/* http_proxy is meant for the web, not for the registry next door. */
	curl_easy_setopt(client->curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
	curl_easy_setopt(client->curl, CURLOPT_TIMEOUT, ANSWER_TIMEOUT_S);
	curl_easy_setopt(client->curl, CURLOPT_USERAGENT, "cmapctl/" PACKAGE_VERSION);
	curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, keep_body);
	curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, client);
	c->client = client;
	return CTL_OK;
}

void client_free(struct client *client)
{
	if (client == NULL)
		return;
	curl_easy_cleanup(client->curl);
	buf_free(&client->body);
	free(client);
}

static int fail_transport(const struct ctl *c, CURLcode code, struct failure *f)
{
	const char *where = c->api_url != NULL ? c->api_url : c->socket_path;
	long err = 0;
	long sent = 0;

	curl_easy_getinfo(c->client->curl, CURLINFO_OS_ERRNO, &err);
	curl_easy_getinfo(c->client->curl, CURLINFO_REQUEST_SIZE, &sent);
	if (code == CURLE_COULDNT_CONNECT && (err == EACCES || err == EPERM))
		return fail(f, CTL_NOT_PERMITTED,
			"not permitted to use %s; be root or a member of its group",
			where);
	if (code == CURLE_COULDNT_CONNECT)
		return fail(f, CTL_UNREACHABLE,
			"cannot reach cmapd at %s: %s; is cmapd running?", where,
			err != 0 ? strerror((int)err) : curl_easy_strerror(code));
	if (code == CURLE_WRITE_ERROR)
		return fail(f, CTL_NO, "the answer of cmapd at %s is too long", where);
	if (code == CURLE_OPERATION_TIMEDOUT && sent > 0)
		return fail(f, CTL_TRY_AGAIN,
			"cmapd at %s did not answer within %ld s; try again", where,
			ANSWER_TIMEOUT_S);
	if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR ||
		code == CURLE_SEND_ERROR || code == CURLE_PARTIAL_FILE)
		return fail(f, CTL_TRY_AGAIN,
			"cmapd at %s closed the connection without an answer; try "
			"again",
			where);
	return fail(f, CTL_UNREACHABLE, "cannot reach cmapd at %s: %s", where,
		curl_easy_strerror(code));
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text);
	size_t m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static int status_of(long http, const char *type)
{
	/* The instance is there; that its health is told is what nobody wanted. */
	if (strcmp(type, "CustomHealthNotFound") == 0)
		return CTL_NO;
	if (ends_with(type, "NotFound") || ends_with(type, "NotFoundException"))
		return CTL_NOT_FOUND;
	if (strncmp(type, "AccessDenied", 12) == 0 || http == 401 || http == 403)
		return CTL_NOT_PERMITTED;
	if (http >= 500 || http == 429 || strcmp(type, "RequestLimitExceeded") == 0 ||
		strcmp(type, "DuplicateRequest") == 0)
		return CTL_TRY_AGAIN;
	return CTL_NO;
}

int client_read_failure(long http, const json_t *error, struct failure *f)
{
	const char *type = json_string_value(json_object_get(error, "__type"));
	const char *message = json_string_value(json_object_get(error, "Message"));
	const char *hash;

	if (message == NULL)
		message = json_string_value(json_object_get(error, "message"));
	if (type == NULL)
		return fail(f, status_of(http, ""),
			"HTTP status %ld without the error of an API; is it cmapd that "
			"answers?",
			http);
	/* Others write "com.amazonaws.servicediscovery#NamespaceNotFound". */
	hash = strrchr(type, '#');
	type = hash != NULL ? hash + 1 : type;
	fail(f, status_of(http, type), "%s",
		message != NULL && message[0] != '\0' ? message : type);
	snprintf(f->type, sizeof(f->type), "%s", type);
	return f->status;
}

static int perform(const struct ctl *c, const char *operation, const char *body,
	struct failure *f)
{
	struct client *client = c->client;
	struct curl_slist *head = NULL;
	char *target = xasprintf("X-Amz-Target: %s", operation);
	CURLcode code;

	head = curl_slist_append(head, target);
	head = curl_slist_append(head, "Content-Type: application/x-amz-json-1.1");
	head = curl_slist_append(head, "Expect:"); /* no 100-continue: one round trip */
	free(target);
	curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, head);
	curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
	curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, body);
	buf_free(&client->body);
	code = curl_easy_perform(client->curl);
	curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, NULL);
	curl_slist_free_all(head);
	return code == CURLE_OK ? CTL_OK : fail_transport(c, code, f);
}

int client_call(struct ctl *c, const char *operation, json_t *request, json_t **reply,
	struct failure *f)
{
	/* Never NULL: args_parse() has refused what is not UTF-8. */
	char *body = json_dumps(request, JSON_COMPACT);
	int status = open_client(c, f);
	json_t *root;
	long http = 0;

	json_decref(request);
	if (status == CTL_OK)
		status = perform(c, operation, body, f);
	free(body);
	if (status != CTL_OK)
		return status;
	curl_easy_getinfo(c->client->curl, CURLINFO_RESPONSE_CODE, &http);
	root = json_loadb(buf_text(&c->client->body), c->client->body.len, 0, NULL);
	if (http != 200) {
		status = client_read_failure(http, root, f);
		json_decref(root);
		return status;
	}
	if (!json_is_object(root)) {
		json_decref(root);
		return fail(f, CTL_NO,
			"the answer to %s is no JSON object; is it cmapd that answers?",
			operation);
	}
	*reply = root;
	return CTL_OK;
}

int client_do(struct ctl *c, const char *operation, json_t *request, const char *name)
{
	struct failure f;
	json_t *reply = NULL;
	int status = client_call(c, operation, request, &reply, &f);

	if (status != CTL_OK)
		return client_say(c, &f, name, NULL);
	if (c->json)
		ctl_print_json(c, reply);
	json_decref(reply);
	return CTL_OK;
}

/*
 * Moves what page has under member to *items, made from the first page, and the token for
 * the next page to request.
 */
static int add_page(json_t **items, json_t *request, const json_t *page,
	const char *member, bool *more, struct failure *f)
{
	json_t *part = json_object_get(page, member);
	json_t *token = json_object_get(page, "NextToken");

	if (!json_is_array(part) && !json_is_object(part))
		return fail(f, CTL_NO, "the answer of cmapd lacks '%s'", member);
	if (*items == NULL)
		*items = json_is_array(part) ? json_array() : json_object();
	if (json_is_array(part))
		json_array_extend(*items, part);
	else
		json_object_update(*items, part);
	*more = json_is_string(token);
	if (!*more)
		return CTL_OK;
	if (json_equal(token, json_object_get(request, "NextToken")))
		return fail(f, CTL_NO, "cmapd gives the same page again and again");
	json_object_set(request, "NextToken", token);
	return CTL_OK;
}

int client_list(struct ctl *c, const char *operation, json_t *request,
	const char *member, json_t **items, struct failure *f)
{
	json_t *all = NULL;
	bool more = true;
	int status = CTL_OK;

	while (status == CTL_OK && more) {
		json_t *page = NULL;

		status = client_call(c, operation, json_incref(request), &page, f);
		if (status == CTL_OK)
			status = add_page(&all, request, page, member, &more, f);
		json_decref(page);
	}
	json_decref(request);
	if (status == CTL_OK)
		*items = all;
	else
		json_decref(all);
	return status;
}

/*
 * Where the namespace most likely begins in name: behind the first label and any that
 * start with '_'.
 */
static const char *guess_namespace(const char *name)
{
	const char *dot = strchr(name, '.');
	bool underscore = name[0] == '_';

	while (dot != NULL && underscore && dot[1] == '_')
		dot = strchr(dot + 1, '.');
	return dot != NULL && dot[1] != '\0' ? dot + 1 : name;
}

int client_say(const struct ctl *c, const struct failure *f, const char *name,
	const char *id)
{
	if (strcmp(f->type, "NamespaceNotFound") == 0 && name != NULL)
		return ctl_fail(c, f->status,
			"no namespace holds '%s'; create it with: cmapctl namespace "
			"create %s",
			name, guess_namespace(name));
	if (strcmp(f->type, "ServiceNotFound") == 0 && name != NULL)
		return ctl_fail(c, f->status,
			"no service '%s'; make it with: cmapctl register %s --ip ADDR",
			name, name);
	if (strcmp(f->type, "InstanceNotFound") == 0 && name != NULL && id != NULL)
		return ctl_fail(c, f->status,
			"no instance '%s' in '%s'; see: cmapctl list %s", id, name,
			name);
	if (strcmp(f->type, "OperationNotFound") == 0 && id != NULL)
		return ctl_fail(c, f->status,
			"no operation '%s'; see: cmapctl operation list", id);
	if (strcmp(f->type, "CustomHealthNotFound") == 0 && name != NULL)
		return ctl_fail(c, f->status,
			"the health of '%s' cannot be told: it was made without "
			"--custom-health",
			name);
	if (strcmp(f->type, "NamespaceAlreadyExists") == 0 && name != NULL)
		return ctl_fail(c, f->status,
			"namespace '%s' exists already; see: cmapctl namespace show %s",
			name, name);
	if (strcmp(f->type, "ServiceAlreadyExists") == 0 && name != NULL)
		return ctl_fail(c, f->status,
			"service '%s' exists already; see: cmapctl service show %s",
			name, name);
	if (strcmp(f->type, "UnknownOperationException") == 0)
		return ctl_fail(c, f->status, "this cmapd cannot do that: %s",
			f->message);
	/* The only ones that do not name what they are about. */
	if (strcmp(f->type, "TooManyTagsException") == 0 && name != NULL)
		return ctl_fail(c, f->status, "'%s': %s", name, f->message);
	return ctl_fail(c, f->status, "%s", f->message);
}
