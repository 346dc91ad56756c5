/* SPDX-License-Identifier: MIT */
/*
 * Verifies requests that somebody else has signed, and that no change of one bit of what is signed passes.
 *
 * Usage: replay [FILE [CHANGES]], FILE from sign.py, which tells its form; CHANGES for all of its requests together. TAP.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../rng.h"
#include "api/sigv4.h"
#include "base/error.h"
#include "base/mem.h"

#define HEADERS 40
#define CHANGES 2000

struct signed_request {
	struct sigv4_request request;
	struct sigv4_header headers[HEADERS];
	char *texts[3 + 2 * HEADERS]; /* all that the request borrows */
	size_t lens[3 + 2 * HEADERS];
	int64_t now_ms;
};

enum { METHOD, TARGET, BODY, FIRST_HEADER };

struct file {
	struct access_keys *keys;
	struct signed_request *at;
	size_t n, cap;
};

static void die(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

/* ---- reading ------------------------------------------------------------------------------------ */

/* A field with its escapes undone; it ends at a blank or the line's end. */
static char *read_field(char **at, size_t *len)
{
	char *p = *at, *out = xmalloc(strlen(p) + 1);
	size_t n = 0;

	while (*p && *p != ' ' && *p != '\n') {
		unsigned int octet;

		if (*p == '%' && sscanf(p + 1, "%2x", &octet) == 1) {
			out[n++] = (char)octet;
			p += 3;
		} else {
			out[n++] = *p++;
		}
	}
	*at = *p == ' ' ? p + 1 : p;
	out[n] = '\0';
	*len = n;
	return out;
}

static void read_text(struct signed_request *r, size_t i, char **at)
{
	if (r->texts[i])
		die("a part of a request stands twice");
	r->texts[i] = read_field(at, &r->lens[i]);
}

static void read_header(struct signed_request *r, char **at)
{
	size_t n = r->request.n_headers++;

	if (n == HEADERS)
		die("too many headers");
	read_text(r, FIRST_HEADER + 2 * n, at);
	read_text(r, FIRST_HEADER + 2 * n + 1, at);
}

static void read_line(struct file *f, struct buf *keys, char *line)
{
	struct signed_request *r = f->n > 0 ? &f->at[f->n - 1] : NULL;
	char kind = line[0], *at = line + 2;
	size_t len;

	if (kind == 'N') {
		if (f->n == f->cap) {
			f->cap = f->cap == 0 ? 64 : 2 * f->cap;
			f->at = xreallocarray(f->at, f->cap, sizeof(*f->at));
		}
		r = &f->at[f->n++];
		memset(r, 0, sizeof(*r));
		r->now_ms = strtoll(at, NULL, 10);
	} else if (kind == 'K') {
		for (int i = 0; i < 2; i++) {
			char *text = read_field(&at, &len);

			buf_printf(keys, "%s%c", text, i == 0 ? ' ' : '\n');
			free(text);
		}
	} else if (!r) {
		die("a request does not begin with N");
	} else if (kind == 'H') {
		read_header(r, &at);
	} else if (kind == 'M' || kind == 'T' || kind == 'B') {
		read_text(r, kind == 'M' ? METHOD : kind == 'T' ? TARGET : BODY, &at);
	}
}

/* Borrows the texts, which have their final places. */
static void connect(struct signed_request *r)
{
	if (!r->texts[METHOD] || !r->texts[TARGET] || !r->texts[BODY])
		die("a request lacks a part");
	r->request.method = r->texts[METHOD];
	r->request.target = r->texts[TARGET];
	r->request.body = r->texts[BODY];
	r->request.body_len = r->lens[BODY];
	r->request.headers = r->headers;
	for (size_t i = 0; i < r->request.n_headers; i++) {
		size_t at = FIRST_HEADER + 2 * i;

		r->headers[i] = (struct sigv4_header){{r->texts[at], r->lens[at]},
			{r->texts[at + 1], r->lens[at + 1]}};
	}
}

static void read_file(const char *path, struct file *f)
{
	FILE *in = fopen(path, "re");
	struct buf keys = {0}, why = {0};
	char *line = NULL;
	size_t room = 0;

	if (!in)
		die(strerror(errno));
	while (getline(&line, &room, in) > 0)
		read_line(f, &keys, line);
	free(line);
	fclose(in);
	if (access_keys_parse("keys", buf_text(&keys), keys.len, &f->keys, &why) !=
		CMAP_OK)
		die(buf_text(&why));
	buf_free(&keys);
	for (size_t i = 0; i < f->n; i++)
		connect(&f->at[i]);
}

static void free_file(struct file *f)
{
	for (size_t i = 0; i < f->n; i++) {
		for (size_t k = 0; k < CMAP_COUNT(f->at[i].texts); k++)
			free(f->at[i].texts[k]);
	}
	access_keys_free(f->keys);
	free(f->at);
}

/* ---- the two properties ------------------------------------------------------------------------- */

static int verify(const struct file *f, const struct signed_request *r,
	struct sigv4_refusal *why)
{
	const struct sigv4_rules rules = {
		.keys = f->keys, .service = "servicediscovery", .now_ms = r->now_ms};

	return sigv4_verify(&r->request, &rules, why);
}

static bool all_verify(const struct file *f)
{
	size_t bad = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct sigv4_refusal why = {0};

		if (verify(f, &f->at[i], &why) != CMAP_OK && bad++ < 10)
			printf("# request %zu, %s: %s: %s\n", i + 1,
				f->at[i].request.target, why.type,
				buf_text(&why.message));
		buf_free(&why.message);
	}
	return bad == 0;
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_signed(const struct signed_request *r, size_t header)
{
	const struct sigv4_text name = r->headers[header].name;

	return strncasecmp(name.at, "User-Agent", name.len) != 0;
}

/*
 * Changes one bit somewhere in what is signed. False if that made no difference to what the request means: the case
 * of a header's name or of an escape in the query, one blank for another, one way to write a path for another ("?" is
 * "/?", and dots and slashes too many are taken out).
 */
static bool change(struct signed_request *r, struct rng *rng, size_t *text, size_t *at,
	char *old)
{
	size_t i = rng_below(rng, (uint32_t)(FIRST_HEADER + 2 * r->request.n_headers));
	char *p;

	if (i >= FIRST_HEADER && !is_signed(r, (i - FIRST_HEADER) / 2))
		return false;
	if (r->lens[i] == 0)
		return false;
	if (i == TARGET &&
		(strstr(r->request.target, "/.") || strstr(r->request.target, "//")))
		return false;
	*text = i;
	*at = rng_below(rng, (uint32_t)r->lens[i]);
	p = &r->texts[i][*at];
	*old = *p;
	*p = (char)(*p ^ 1 << rng_below(rng, 8));
	if ((i == TARGET || (i >= FIRST_HEADER && (i - FIRST_HEADER) % 2 == 0)) &&
		is_letter(*old) && (*old ^ 0x20) == *p)
		goto undo;
	if (is_blank(*old) && is_blank(*p))
		goto undo;
	if (i == TARGET && ((*at == 0 && *p == '?') || strstr(r->request.target, "//")))
		goto undo;
	return true;
undo:
	*p = *old;
	return false;
}

/* Every text is tried, and the longer ones more often: by request, then by place. */
static bool all_changes_fail(struct file *f, unsigned long changes)
{
	struct rng rng = {.state = 20150830};
	unsigned long passed = 0;

	for (unsigned long done = 0; done < changes;) {
		struct signed_request *r = &f->at[done % f->n];
		struct sigv4_refusal why = {0};
		size_t text, at;
		char old;

		if (!change(r, &rng, &text, &at, &old))
			continue;
		if (verify(f, r, &why) == CMAP_OK && passed++ < 10)
			printf("# request %lu verifies with %02x for %02x at %zu of "
			       "text %zu\n",
				done % f->n + 1, (unsigned char)r->texts[text][at],
				(unsigned char)old, at, text);
		buf_free(&why.message);
		r->texts[text][at] = old;
		done++;
	}
	return passed == 0;
}

int main(int argc, char **argv)
{
	const char *dir = getenv("srcdir");
	char *path = argc > 1 ? xstrdup(argv[1])
			      : xasprintf("%s/tests/sigv4/signed", dir ? dir : ".");
	unsigned long changes = argc > 2 ? strtoul(argv[2], NULL, 10) : CHANGES;
	struct file f = {0};
	bool verified, failed;

	printf("1..2\n");
	read_file(path, &f);
	if (f.n == 0)
		die("no request");
	verified = all_verify(&f);
	printf("%s 1 - %zu requests verify\n", verified ? "ok" : "not ok", f.n);
	failed = all_changes_fail(&f, changes);
	printf("%s 2 - %lu changes of a bit do not\n", failed ? "ok" : "not ok",
		changes);
	free_file(&f);
	free(path);
	return verified && failed ? 0 : 1;
}
