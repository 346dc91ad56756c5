/* SPDX-License-Identifier: MIT */
/* The canonical request: what both sides make of a request before they sign it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/sigv4.h"
#include "base/mem.h"

static bool is_blank(char c)
{
	/* CR and LF: of a header that was folded. */
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' ||
	       c == '\f';
}

struct sigv4_text sigv4_trim(struct sigv4_text text)
{
	while (text.len > 0 && is_blank(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

bool sigv4_split(struct sigv4_text *rest, char sep, struct sigv4_text *out)
{
	const char *end;

	if (!rest->at)
		return false;
	end = rest->len > 0 ? memchr(rest->at, sep, rest->len) : NULL;
	*out = *rest;
	if (end) {
		out->len = (size_t)(end - rest->at);
		rest->len -= out->len + 1;
		rest->at = end + 1;
	} else {
		*rest = (struct sigv4_text){0};
	}
	return true;
}

bool sigv4_is(struct sigv4_text text, const char *word)
{
	return strlen(word) == text.len && memcmp(word, text.at, text.len) == 0;
}

const struct sigv4_header *sigv4_header_find(const struct sigv4_request *r,
	const char *name, size_t len, size_t n)
{
	for (size_t i = 0; i < r->n_headers; i++) {
		const struct sigv4_header *h = &r->headers[i];

		if (h->name.len == len && strncasecmp(h->name.at, name, len) == 0 &&
			n-- == 0)
			return h;
	}
	return NULL;
}

/* ---- the target --------------------------------------------------------------------------------- */

/* RFC 3986 s2.3 */
static bool is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

static void add_encoded(struct buf *out, unsigned char c)
{
	if (is_unreserved(c))
		buf_add(out, &c, 1);
	else
		buf_printf(out, "%%%02X", c);
}

/* Takes the last segment off again, down to start. */
static void cut_segment(struct buf *out, size_t start)
{
	while (out->len > start && out->data[--out->len] != '/')
		;
	if (out->data)
		out->data[out->len] = '\0';
}

/*
 * Each segment encoded, be it encoded already, without empty ones and dots. No path is "/", as a client sends it that
 * asks a proxy for http://host; one that does not begin with a slash, such as "*", stays so.
 */
static void add_path(struct buf *out, struct sigv4_text path)
{
	bool is_rooted = path.len == 0 || path.at[0] == '/';
	bool ends_in_slash = path.len > 0 && path.at[path.len - 1] == '/';
	size_t start = out->len;
	struct sigv4_text segment;

	while (sigv4_split(&path, '/', &segment)) {
		if (segment.len == 0 || sigv4_is(segment, "."))
			continue;
		if (sigv4_is(segment, "..")) {
			cut_segment(out, start);
			continue;
		}
		buf_add(out, "/", is_rooted || out->len > start);
		for (size_t i = 0; i < segment.len; i++)
			add_encoded(out, (unsigned char)segment.at[i]);
	}
	if (out->len == start ? is_rooted : ends_in_slash)
		buf_add(out, "/", 1);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decoded and encoded anew, so it does not matter what the client thought was worth encoding. */
static void add_normalized(struct buf *out, struct sigv4_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		const char *p = text.at + i;
		bool is_escape = *p == '%' && text.len - i > 2 &&
				 hex_value(p[1]) >= 0 && hex_value(p[2]) >= 0;

		if (is_escape) {
			add_encoded(out, (unsigned char)(hex_value(p[1]) * 16 +
							 hex_value(p[2])));
			i += 2;
		} else {
			add_encoded(out, (unsigned char)*p);
		}
	}
}

struct parameter {
	size_t at, key_len, value_len; /* in the buffer all are in */
	const struct buf *all;
};

static int compare_texts(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t least = a_len < b_len ? a_len : b_len;
	int order = least > 0 ? memcmp(a, b, least) : 0;

	if (order == 0 && a_len != b_len)
		order = a_len < b_len ? -1 : 1;
	return order;
}

static int compare_parameters(const void *left, const void *right)
{
	const struct parameter *a = left, *b = right;
	const char *ta = buf_text(a->all) + a->at, *tb = buf_text(b->all) + b->at;
	int order = compare_texts(ta, a->key_len, tb, b->key_len);

	return order != 0 ? order
			  : compare_texts(ta + a->key_len, a->value_len,
				    tb + b->key_len, b->value_len);
}

static size_t count_parts(struct sigv4_text text, char sep)
{
	size_t n = 1;

	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == sep;
	return n;
}

/* "key=value" sorted by key, then value; the equals sign stands even where the client has left it out. */
static void add_query(struct buf *out, struct sigv4_text query)
{
	struct parameter *parameters =
		xcalloc(count_parts(query, '&'), sizeof(*parameters));
	struct buf all = {0};
	struct sigv4_text pair;
	size_t n = 0;

	if (query.len == 0)
		query.at = NULL;
	while (sigv4_split(&query, '&', &pair)) {
		struct parameter *p = &parameters[n++];
		struct sigv4_text key = {0};

		sigv4_split(&pair, '=', &key);
		p->all = &all;
		p->at = all.len;
		add_normalized(&all, key);
		p->key_len = all.len - p->at;
		add_normalized(&all, pair);
		p->value_len = all.len - p->at - p->key_len;
	}
	if (n > 0)
		qsort(parameters, n, sizeof(*parameters), compare_parameters);
	for (size_t i = 0; i < n; i++) {
		const char *text = buf_text(&all) + parameters[i].at;

		buf_add(out, "&", i > 0);
		buf_add(out, text, parameters[i].key_len);
		buf_add(out, "=", 1);
		buf_add(out, text + parameters[i].key_len, parameters[i].value_len);
	}
	buf_free(&all);
	free(parameters);
}

/* ---- headers ------------------------------------------------------------------------------------ */

static void add_value(struct buf *out, struct sigv4_text value)
{
	bool was_blank = false;

	value = sigv4_trim(value);
	for (size_t i = 0; i < value.len; i++) {
		bool blank = is_blank(value.at[i]);

		if (!blank)
			buf_add(out, value.at + i, 1);
		else if (!was_blank)
			buf_add(out, " ", 1);
		was_blank = blank;
	}
}

static void add_header(struct buf *out, const struct sigv4_request *r,
	struct sigv4_text name)
{
	const struct sigv4_header *h;

	buf_add(out, name.at, name.len);
	buf_add(out, ":", 1);
	for (size_t n = 0; (h = sigv4_header_find(r, name.at, name.len, n)); n++) {
		buf_add(out, ",", n > 0);
		add_value(out, h->value);
	}
	buf_add(out, "\n", 1);
}

void sigv4_canonical_request(const struct sigv4_request *r,
	struct sigv4_text signed_headers, const char *payload, struct buf *out)
{
	struct sigv4_text path = {r->target, strcspn(r->target, "?")};
	struct sigv4_text query = {r->target + path.len, 0};
	struct sigv4_text rest = signed_headers, name;

	if (*query.at == '?')
		query = (struct sigv4_text){query.at + 1, strlen(query.at + 1)};
	buf_printf(out, "%s\n", r->method);
	add_path(out, path);
	buf_add(out, "\n", 1);
	add_query(out, query);
	buf_add(out, "\n", 1);
	while (sigv4_split(&rest, ';', &name))
		add_header(out, r, name);
	buf_add(out, "\n", 1);
	buf_add(out, signed_headers.at, signed_headers.len);
	buf_printf(out, "\n%s", payload);
}
