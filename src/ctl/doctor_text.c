/* SPDX-License-Identifier: MIT */
#include "ctl/doctor_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ctl/ctl.h"

void doctor_reader_open(struct doctor_reader *r, const char *text, size_t len)
{
	*r = (struct doctor_reader){.copy = xmalloc(len + 1)};
	memcpy(r->copy, text, len);
	r->copy[len] = '\0';
	/* A NUL would hide what comes behind it. */
	for (char *p = r->copy; p < r->copy + len; p++) {
		if (*p == '\0')
			*p = ' ';
	}
	r->rest = len > 0 ? r->copy : NULL;
}

char *doctor_reader_next(struct doctor_reader *r)
{
	char *line = strsep(&r->rest, "\n");

	/* What follows the last line's end is no line. */
	if (line != NULL && r->rest == NULL && line[0] == '\0')
		return NULL;
	r->number++;
	return line;
}

void doctor_reader_close(struct doctor_reader *r)
{
	free(r->copy);
	*r = (struct doctor_reader){0};
}

char *doctor_trim(char *text)
{
	size_t len;

	text += strspn(text, DOCTOR_BLANKS);
	len = strlen(text);
	while (len > 0 && strchr(DOCTOR_BLANKS, text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
	return text;
}

static char *printable(const char *text)
{
	struct buf b = {0};

	ctl_add_printable(&b, text);
	return buf_take(&b);
}

void doctor_line_set(struct doctor_line *out, const char *text, unsigned int number)
{
	char *copy = xstrdup(text);

	for (char *p = copy; *p != '\0'; p++) {
		if (strchr(DOCTOR_BLANKS, *p) != NULL)
			*p = ' ';
	}
	free(out->text);
	*out = (struct doctor_line){printable(doctor_trim(copy)), number};
	free(copy);
}

void doctor_line_free(struct doctor_line *l)
{
	free(l->text);
	*l = (struct doctor_line){0};
}

void doctor_words_add(struct doctor_words *w, const char *text)
{
	w->at = xreallocarray(w->at, w->n + 1, sizeof(*w->at));
	w->at[w->n++] = printable(text);
}

void doctor_words_add_once(struct doctor_words *w, const char *text)
{
	if (!doctor_words_hold(w, text))
		doctor_words_add(w, text);
}

void doctor_words_free(struct doctor_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->at[i]);
	free(w->at);
	*w = (struct doctor_words){0};
}

void doctor_list_add(struct buf *list, const char *separator, const char *text)
{
	if (list->len > 0)
		buf_add_text(list, separator);
	buf_add_text(list, text);
}

/* The name without dots at its ends, which some of these files allow. */
static size_t bare(const char **name)
{
	size_t len;

	while (**name == '.')
		(*name)++;
	len = strlen(*name);
	while (len > 0 && (*name)[len - 1] == '.')
		len--;
	return len;
}

bool doctor_name_is_below(const char *name, const char *domain)
{
	size_t name_len = bare(&name);
	size_t domain_len = bare(&domain);
	size_t before = name_len - domain_len;

	if (domain_len > name_len)
		return false;
	if (strncasecmp(name + before, domain, domain_len) != 0)
		return false;
	return before == 0 || domain_len == 0 || name[before - 1] == '.';
}

bool doctor_words_cover(const struct doctor_words *w, const char *name)
{
	for (size_t i = 0; i < w->n; i++) {
		if (doctor_name_is_below(name, w->at[i]))
			return true;
	}
	return false;
}

bool doctor_words_hold(const struct doctor_words *w, const char *name)
{
	for (size_t i = 0; i < w->n; i++) {
		if (doctor_name_is_below(name, w->at[i]) &&
			doctor_name_is_below(w->at[i], name))
			return true;
	}
	return false;
}
