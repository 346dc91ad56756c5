/* SPDX-License-Identifier: MIT */
/*
 * What libmicrohttpd lets pass in a head and a proxy in front might read otherwise: then a second request could
 * hide in the body of the first. Refused, whatever libmicrohttpd made of it.
 */
#include <string.h>
#include <strings.h>

#include "api/http_connection.h"

#define BAD_REQUEST(text)                                                              \
	{                                                                              \
		MHD_HTTP_BAD_REQUEST, "BadRequest", (text)                             \
	}

struct head {
	unsigned int n, n_length, n_encoding, n_host;
	bool bad_name, bad_value, bad_length, bad_encoding;
};

/* RFC 9110 s5.6.2: what a name is made of. */
static bool is_token(const char *s, size_t len)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < len; i++) {
		char c = s[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool digit = c >= '0' && c <= '9';

		if (!letter && !digit && (c == '\0' || !strchr(others, c)))
			return false;
	}
	return len > 0;
}

static bool has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < 0x20 && c != '\t') || c == 0x7F)
			return true;
	}
	return false;
}

static bool is_digits(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
	}
	return len > 0;
}

static bool is_name(const char *name, const char *key, size_t key_len)
{
	return strlen(name) == key_len && strncasecmp(name, key, key_len) == 0;
}

static enum MHD_Result look(void *arg, enum MHD_ValueKind kind, const char *key,
	size_t key_len, const char *value, size_t value_len)
{
	struct head *h = arg;

	(void)kind;
	if (!value)
		value_len = 0;
	h->n++;
	h->bad_name |= !is_token(key, key_len);
	h->bad_value |= has_control(value, value_len);
	if (is_name("Content-Length", key, key_len)) {
		h->n_length++;
		h->bad_length |= !is_digits(value, value_len);
	} else if (is_name("Transfer-Encoding", key, key_len)) {
		h->n_encoding++;
		h->bad_encoding |= !is_name("chunked", value, value_len);
	} else if (is_name("Host", key, key_len)) {
		h->n_host++;
	}
	return MHD_YES;
}

const struct http_refusal *http_head_check(struct MHD_Connection *mhd,
	const char *version)
{
	static const struct http_refusal too_long = {
		MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE, "RequestHeaderFieldsTooLarge",
		"The head of the request has more than 100 headers or 8192 octets."};
	static const struct http_refusal name =
		BAD_REQUEST("A header has a name that is none.");
	static const struct http_refusal value =
		BAD_REQUEST("A header has control characters in its value.");
	static const struct http_refusal length =
		BAD_REQUEST("Content-Length must be one decimal number.");
	static const struct http_refusal encoding =
		BAD_REQUEST("Transfer-Encoding must be 'chunked', in HTTP/1.1.");
	static const struct http_refusal both =
		BAD_REQUEST("Content-Length and Transfer-Encoding must not be given "
			    "together.");
	static const struct http_refusal host =
		BAD_REQUEST("The request must have one header Host.");
	const union MHD_ConnectionInfo *size =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	bool old = strcmp(version, "HTTP/1.0") == 0;
	struct head h = {0};

	MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, look, &h);
	if (h.n > HTTP_HEADERS_MAX || (size && size->header_size > HTTP_HEAD_MAX))
		return &too_long;
	if (h.bad_name)
		return &name;
	if (h.bad_value)
		return &value;
	if (h.n_length > 0 && h.n_encoding > 0)
		return &both;
	if (h.n_length > 1 || h.bad_length)
		return &length;
	if (h.n_encoding > 1 || h.bad_encoding || (h.n_encoding > 0 && old))
		return &encoding;
	if (h.n_host > 1 || (h.n_host == 0 && !old))
		return &host;
	return NULL;
}
