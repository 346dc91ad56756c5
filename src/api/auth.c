/* SPDX-License-Identifier: MIT */
#include "api/auth.h"

#include <string.h>

#include "base/error.h"

static int verify(struct http_exchange *x, const struct sigv4_rules *rules,
	struct sigv4_refusal *why)
{
	struct http_header sent[HTTP_HEADERS_MAX];
	struct sigv4_header headers[HTTP_HEADERS_MAX];
	const struct sigv4_request request = {.method = x->method,
		.target = x->raw,
		.headers = headers,
		.n_headers = http_headers(x, sent),
		.body = x->body,
		.body_len = x->body_len};

	for (size_t i = 0; i < request.n_headers; i++)
		headers[i] = (struct sigv4_header){{sent[i].name, sent[i].name_len},
			{sent[i].value, sent[i].value_len}};
	return sigv4_verify(&request, rules, why);
}

/* With a custom endpoint the credential's scope is the only place that has it. */
static void read_region(const char *authorization, char region[SIGV4_REGION_MAX + 1])
{
	struct sigv4_authorization a;
	struct sigv4_refusal why = {0};
	struct sigv4_text value = {authorization, strlen(authorization)};

	if (sigv4_parse(value, &a, &why) == CMAP_OK && sigv4_is_region(a.region)) {
		memcpy(region, a.region.at, a.region.len);
		region[a.region.len] = '\0';
	}
	buf_free(&why.message);
}

int auth_check(struct http_exchange *x, const struct access_keys *keys, int64_t now_ms,
	char region[SIGV4_REGION_MAX + 1], struct sigv4_refusal *why)
{
	const struct sigv4_rules rules = {
		.keys = keys, .service = AUTH_SERVICE, .now_ms = now_ms};
	int err = CMAP_OK;

	region[0] = '\0';
	if (keys && !x->is_local)
		err = verify(x, &rules, why);
	if (err == CMAP_OK && x->authorization)
		read_region(x->authorization, region);
	return err;
}
