/* SPDX-License-Identifier: MIT */
/*
 * Any request to the verification of signatures: method and target on the first line, headers "Name: value", an empty
 * line, the body. It is never good as it is, says why in printable characters, and is good once it is signed
 * with the secret, if nothing but the signature was wrong.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/sigv4.h"
#include "base/error.h"

#define NOW_MS  INT64_C(1440938160000) /* 2015-08-30 12:36:00 UTC */
#define SERVICE "servicediscovery"
#define SECRET  "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define HEADERS 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct access_keys *keys;

static void make_keys(void)
{
	static const char file[] = "AKIDEXAMPLE " SECRET "\n";
	struct buf why = {0};

	if (access_keys_parse("f", file, strlen(file), &keys, &why) != CMAP_OK)
		abort();
}

/* ---- reading ---- */

struct input {
	char *line; /* method, NUL, target, NUL */
	struct sigv4_header headers[HEADERS];
	struct sigv4_request request;
};

static void read_line(struct input *in, struct sigv4_text line)
{
	struct sigv4_text method;
	char *at;

	sigv4_split(&line, ' ', &method);
	at = in->line = malloc(method.len + line.len + 2);
	if (!at)
		abort();
	memcpy(at, method.at, method.len);
	at[method.len] = '\0';
	in->request.method = at;
	at += method.len + 1;
	if (line.len > 0)
		memcpy(at, line.at, line.len);
	at[line.len] = '\0';
	in->request.target = at;
}

static void read_input(const uint8_t *data, size_t size, struct input *in)
{
	struct sigv4_text rest = {(const char *)data, size}, line;

	sigv4_split(&rest, '\n', &line);
	read_line(in, line);
	in->request.headers = in->headers;
	while (sigv4_split(&rest, '\n', &line) && line.len > 0) {
		struct sigv4_header *h = &in->headers[in->request.n_headers];

		if (in->request.n_headers == HEADERS)
			break;
		sigv4_split(&line, ':', &h->name);
		h->value = line.at ? line : (struct sigv4_text){"", 0};
		in->request.n_headers++;
	}
	in->request.body = rest.at;
	in->request.body_len = rest.len;
}

/* ---- what must hold ---- */

/* The refusal, which the caller frees; NULL if the request is good. */
static char *verify(const struct sigv4_request *r)
{
	static const char *const types[] = {"IncompleteSignatureException",
		"InvalidSignatureException", "MissingAuthenticationTokenException",
		"UnrecognizedClientException"};
	const struct sigv4_rules rules = {
		.keys = keys, .service = SERVICE, .now_ms = NOW_MS};
	struct sigv4_refusal why = {0};
	int err = sigv4_verify(r, &rules, &why);
	bool known = false;

	if (err == CMAP_OK) {
		if (why.message.len > 0)
			abort();
		return NULL;
	}
	for (size_t i = 0; i < CMAP_COUNT(types); i++)
		known |= strcmp(types[i], why.type) == 0;
	if (err != CMAP_E_INVALID || !known || why.message.len > 600)
		abort();
	for (size_t i = 0; i < why.message.len; i++) {
		if (why.message.data[i] < ' ' || why.message.data[i] > '~')
			abort();
	}
	return buf_take(&why.message);
}

/* The same request with the signature that it should have. */
static void sign(const struct input *in, const struct sigv4_authorization *a,
	struct sigv4_header *authorization)
{
	char stamp[SIGV4_STAMP_LEN + 1], payload[SIGV4_HEX_LEN + 1];
	char hex[SIGV4_HEX_LEN + 1];
	const struct sigv4_text old = authorization->value;
	uint8_t key[SIGV4_HASH_LEN];
	struct buf canonical = {0}, text = {0}, value = {0};
	struct sigv4_refusal why = {0};
	int64_t at_ms;
	char *refused;

	if (sigv4_stamp(&in->request, stamp, &at_ms, &why) != CMAP_OK ||
		sigv4_hash(in->request.body, in->request.body_len, payload) != CMAP_OK)
		abort();
	sigv4_canonical_request(&in->request, a->signed_headers, payload, &canonical);
	if (sigv4_string_to_sign(stamp, a->scope, &canonical, &text) != CMAP_OK ||
		sigv4_signing_key(SECRET, a->date, a->region, a->service, key) !=
			CMAP_OK ||
		sigv4_sign(key, &text, hex) != CMAP_OK)
		abort();
	buf_add_text(&value, SIGV4_ALGORITHM " Credential=AKIDEXAMPLE/");
	buf_add(&value, a->scope.at, a->scope.len);
	buf_add_text(&value, ", SignedHeaders=");
	buf_add(&value, a->signed_headers.at, a->signed_headers.len);
	buf_printf(&value, ", Signature=%s", hex);
	authorization->value = (struct sigv4_text){value.data, value.len};
	/* Only if the header itself is signed, nobody can sign it. */
	refused = verify(&in->request);
	if (refused && !memmem(a->signed_headers.at, a->signed_headers.len,
			       "authorization", 13))
		abort();
	free(refused);
	authorization->value = old;
	buf_free(&canonical);
	buf_free(&text);
	buf_free(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char mismatch[] = "The request signature we calculated";
	static const char unknown[] = "The security token included";
	struct input in = {0};
	struct sigv4_authorization a;
	struct sigv4_refusal why = {0};
	const struct sigv4_header *h;
	char *refused;

	if (!keys)
		make_keys();
	read_input(data, size, &in);
	refused = verify(&in.request);
	h = sigv4_header_find(&in.request, "Authorization", 13, 0);
	if (h && sigv4_parse(h->value, &a, &why) == CMAP_OK &&
		(!refused || strncmp(refused, mismatch, strlen(mismatch)) == 0 ||
			strncmp(refused, unknown, strlen(unknown)) == 0))
		sign(&in, &a, &in.headers[h - in.headers]);
	buf_free(&why.message);
	free(refused);
	free(in.line);
	return 0;
}
