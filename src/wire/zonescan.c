/* SPDX-License-Identifier: MIT */
#include "wire/zonescan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/mem.h"

void zonescan_init(struct zonescan *s, const char *text, size_t len)
{
	*s = (struct zonescan){.at = text, .end = text + len, .line = 1};
}

void zonescan_free(struct zonescan *s)
{
	free(s->token);
	s->token = NULL;
}

static int fail(struct zonescan *s, struct buf *why, const char *what)
{
	s->first_line = s->line;
	buf_add_text(why, what);
	return CMAP_E_INVALID;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Moves behind the escape at s->at. */
static int take_escape(struct zonescan *s, struct buf *why)
{
	const char *p = s->at + 1;

	if (p == s->end || *p == '\n' || *p == '\r' || *p == '\0')
		return fail(s, why, "a backslash at the end of the line");
	if (!is_digit(*p)) {
		s->at += 2;
		return CMAP_OK;
	}
	if (s->end - p < 3 || !is_digit(p[1]) || !is_digit(p[2]) ||
		(p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0') > 255)
		return fail(s, why,
			"a backslash before a digit must be \\000 to \\255");
	s->at += 4;
	return CMAP_OK;
}

static int add_token(struct zonescan *s, const char *start, bool quoted,
	struct buf *why)
{
	if (s->n == ZONESCAN_TOKENS_MAX)
		return fail(s, why, "more words than a record can have");
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 16 : s->cap * 2;
		s->token = xreallocarray(s->token, s->cap, sizeof(*s->token));
	}
	s->token[s->n++] = (struct zonescan_token){
		.text = start, .len = (size_t)(s->at - start), .quoted = quoted};
	return CMAP_OK;
}

/* The string whose opening quote is at s->at. */
static int take_quoted(struct zonescan *s, struct buf *why)
{
	const char *start = ++s->at;
	int err = CMAP_OK;

	while (s->at < s->end && *s->at != '"') {
		if (*s->at == '\n' || *s->at == '\0')
			break;
		if (*s->at == '\\')
			err = take_escape(s, why);
		else
			s->at++;
		if (err != CMAP_OK)
			return err;
	}
	if (s->at == s->end || *s->at != '"')
		return fail(s, why, "a quoted string does not end on its line");
	err = add_token(s, start, true, why);
	s->at++;
	return err;
}

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '(' ||
	       c == ')' || c == ';' || c == '"' || c == '\0';
}

static int take_word(struct zonescan *s, struct buf *why)
{
	const char *start = s->at;

	while (s->at < s->end && !ends_word(*s->at)) {
		int err = CMAP_OK;

		if (*s->at == '\\')
			err = take_escape(s, why);
		else
			s->at++;
		if (err != CMAP_OK)
			return err;
	}
	return add_token(s, start, false, why);
}

static void skip_comment(struct zonescan *s)
{
	const char *newline = memchr(s->at, '\n', (size_t)(s->end - s->at));

	s->at = newline == NULL ? s->end : newline;
}

/* What stands at s->at, which is no end of line. */
static int take_one(struct zonescan *s, unsigned int *depth, struct buf *why)
{
	switch (*s->at) {
	case ' ':
	case '\t':
	case '\r':
		s->at++;
		return CMAP_OK;
	case ';':
		skip_comment(s);
		return CMAP_OK;
	case '"':
		return take_quoted(s, why);
	case '(':
		(*depth)++;
		s->at++;
		return CMAP_OK;
	case ')':
		if (*depth == 0)
			return fail(s, why, "')' without '('");
		(*depth)--;
		s->at++;
		return CMAP_OK;
	case '\0':
		return fail(s, why, "a NUL byte");
	default:
		return take_word(s, why);
	}
}

int zonescan_next(struct zonescan *s, struct buf *why)
{
	unsigned int depth = 0, opened = 0;

	s->n = 0;
	s->first_line = s->line;
	s->is_indented = s->at < s->end && (*s->at == ' ' || *s->at == '\t');
	while (s->at < s->end) {
		unsigned int before = depth;
		int err;

		if (*s->at == '\n') {
			s->at++;
			s->line++;
			if (depth > 0)
				continue;
			if (s->n > 0)
				return CMAP_OK;
			s->first_line = s->line;
			s->is_indented =
				s->at < s->end && (*s->at == ' ' || *s->at == '\t');
			continue;
		}
		err = take_one(s, &depth, why);
		if (err != CMAP_OK)
			return err;
		if (depth > before && before == 0)
			opened = s->line;
	}
	if (depth == 0)
		return CMAP_OK;
	s->line = opened;
	return fail(s, why, "'(' without ')'");
}

int zonescan_octet(const struct zonescan_token *t, size_t *at)
{
	const char *p = t->text + *at;

	if (*at >= t->len)
		return -1;
	if (*p != '\\') {
		*at += 1;
		return (unsigned char)*p;
	}
	if (!is_digit(p[1])) {
		*at += 2;
		return (unsigned char)p[1];
	}
	*at += 4;
	return (p[1] - '0') * 100 + (p[2] - '0') * 10 + (p[3] - '0');
}

bool zonescan_is(const struct zonescan_token *t, const char *word)
{
	return !t->quoted && t->len == strlen(word) &&
	       strncasecmp(t->text, word, t->len) == 0;
}
