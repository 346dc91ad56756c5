/* SPDX-License-Identifier: MIT */
#include "config/scan.h"

#include <string.h>

#include "base/error.h"

#define NO_ENVIRONMENT                                                                 \
	"'${' is not replaced by the environment; put it in single quotes"

struct scan {
	char *p;
	char *end;
	unsigned int n_line;
	unsigned int *line; /* of each option */
	const char *word;   /* the last token, if it was one; not terminated */
	int word_len;
	bool quoted;
	unsigned int value_due; /* the line of a '=' that nothing has followed yet */
	struct buf *why;
};

static char peek(const struct scan *s)
{
	return s->p + 1 < s->end ? s->p[1] : '\0';
}

static int refuse(struct scan *s, const char *what)
{
	buf_add_text(s->why, what);
	return CMAP_E_INVALID;
}

static int scan_quotes(struct scan *s)
{
	char quote = *s->p++;

	s->word = s->p;
	s->quoted = true;
	for (; s->p < s->end && *s->p != '\n' && *s->p; s->p++) {
		if (*s->p == quote) {
			s->word_len = (int)(s->p++ - s->word);
			return CMAP_OK;
		}
		if (quote == '"' && *s->p == '$' && peek(s) == '{')
			return refuse(s, NO_ENVIRONMENT);
		if (quote == '"' && *s->p == '\\' && peek(s) &&
			strchr("0123456789x", peek(s)))
			return refuse(s, "characters can't be given by number");
		if (*s->p == '\\' && peek(s) && peek(s) != '\n')
			s->p++;
	}
	return refuse(s, s->p < s->end && !*s->p ? "a NUL byte" : "no closing quote");
}

static int scan_word(struct scan *s)
{
	s->word = s->p;
	s->quoted = false;
	if (*s->p == '/' && (peek(s) == '/' || peek(s) == '*'))
		return refuse(s, "a comment begins with '#'");
	while (s->p < s->end && *s->p && !strchr(" \t\r\n#\"'={}(),+*", *s->p)) {
		if (*s->p == '$' && peek(s) == '{')
			return refuse(s, NO_ENVIRONMENT);
		s->p++;
	}
	s->word_len = (int)(s->p - s->word);
	return CMAP_OK;
}

/* '=' or, if it adds to a list, "+=": the word before it is an option's name. */
static int scan_equals(struct scan *s, bool adds)
{
	char name[32];
	const char *word = s->word;
	const struct config_option *o;

	s->p += adds ? 2 : 1;
	s->value_due = s->n_line;
	s->word = NULL;
	if (!word || s->word_len >= (int)sizeof(name))
		return CMAP_OK; /* libconfuse has something to say to that */
	if (s->quoted)
		return refuse(s, "the name of an option stands without quotes");
	memcpy(name, word, (size_t)s->word_len);
	name[s->word_len] = '\0';
	o = config_option_find(name);
	if (!o)
		return CMAP_OK;

	unsigned int *line = &s->line[o - config_options];

	if (*line && !adds) {
		buf_printf(s->why, "'%s' is set twice, first on line %u", name, *line);
		return CMAP_E_INVALID;
	}
	if (!*line)
		*line = s->n_line;
	return CMAP_OK;
}

static int scan_newline(struct scan *s)
{
	if (s->value_due) {
		s->n_line = s->value_due;
		return refuse(s, "no value behind '='");
	}
	s->n_line++;
	s->p++;
	return CMAP_OK;
}

static void scan_comment(struct scan *s)
{
	while (s->p < s->end && *s->p != '\n')
		*s->p++ = ' ';
}

static int scan_token(struct scan *s)
{
	int err;

	switch (*s->p) {
	case '\0':
		return refuse(s, "a NUL byte");
	case '+':
		return peek(s) == '=' ? scan_equals(s, true)
				      : refuse(s, "unexpected '+'");
	case '*':
		return refuse(s, "unexpected '*'");
	case '=':
		return scan_equals(s, false);
	case '{':
	case '}':
	case '(':
	case ')':
	case ',':
		s->p++;
		s->word = NULL;
		err = CMAP_OK;
		break;
	case '"':
	case '\'':
		err = scan_quotes(s);
		break;
	default:
		err = scan_word(s);
	}
	s->value_due = 0;
	return err;
}

int scan_clean(char *text, size_t len, unsigned int line[CONFIG_OPTIONS],
	unsigned int *at, struct buf *why)
{
	struct scan s = {
		.p = text, .end = text + len, .n_line = 1, .line = line, .why = why};
	int err = CMAP_OK;

	memset(line, 0, CONFIG_OPTIONS * sizeof(*line));
	while (err == CMAP_OK && s.p < s.end) {
		if (*s.p == '\n')
			err = scan_newline(&s);
		else if (*s.p == '#')
			scan_comment(&s);
		else if (strchr(" \t\r", *s.p) && *s.p)
			s.p++;
		else
			err = scan_token(&s);
	}
	if (err == CMAP_OK && s.value_due)
		err = scan_newline(&s);
	*at = s.n_line;
	return err;
}
