/* SPDX-License-Identifier: MIT */
/* doctor_resolved.c -- resolved.conf and its drop-ins. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/mem.h"
#include "ctl/doctor_conf.h"

/* What systemd takes for yes. */
static bool is_yes(const char *text)
{
	static const char *const words[] = {"1", "yes", "y", "true", "t", "on"};

	for (size_t i = 0; i < CMAP_COUNT(words); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

/* Lists grow over lines and files; an empty value empties them. */
static void add_list(struct doctor_words *w, char *value)
{
	char *rest = NULL;

	if (value[0] == '\0')
		doctor_words_free(w);
	for (char *word = strtok_r(value, DOCTOR_BLANKS, &rest); word != NULL;
		word = strtok_r(NULL, DOCTOR_BLANKS, &rest))
		doctor_words_add(w, word[0] == '~' ? word + 1 : word);
}

static void set(struct resolved_conf *io, const char *file, char *line,
	unsigned int number)
{
	char *whole = xstrdup(line);
	char *value = strchr(line, '=');
	const char *key;

	if (value != NULL) {
		*value++ = '\0';
		value = doctor_trim(value);
		key = doctor_trim(line);
		if (strcmp(key, "DNS") == 0) {
			add_list(&io->servers, value);
		} else if (strcmp(key, "Domains") == 0) {
			add_list(&io->domains, value);
		} else if (strcmp(key, "DNSSEC") == 0) {
			io->validates = is_yes(value) ||
					strcasecmp(value, "allow-downgrade") == 0;
			doctor_line_set(&io->dnssec_line, whole, number);
			free(io->dnssec_file);
			io->dnssec_file = xstrdup(file);
		}
	}
	free(whole);
}

/* Adds line to joined without its blanks; true if the next one belongs to it, too. */
static bool join(struct buf *joined, const char *line)
{
	size_t len = strlen(line);
	bool more = len > 0 && line[len - 1] == '\\';

	buf_add(joined, line, len - more);
	if (more)
		buf_add_text(joined, " ");
	return more;
}

void resolved_conf_parse(const char *file, const char *text, size_t len,
	struct resolved_conf *io)
{
	struct doctor_reader r;
	struct buf joined = {0};
	bool ours = false;
	bool more = false;
	char *raw;

	doctor_reader_open(&r, text, len);
	do {
		char *line;

		raw = doctor_reader_next(&r);
		if (raw != NULL) {
			raw = doctor_trim(raw);
			if (raw[0] == '#' || raw[0] == ';')
				continue; /* also between continued lines */
			more = join(&joined, raw);
		}
		if (raw != NULL && more)
			continue;
		line = buf_take(&joined);
		if (line[0] == '[')
			ours = strcmp(line, "[Resolve]") == 0;
		else if (ours)
			set(io, file, line, r.number);
		free(line);
	} while (raw != NULL);
	doctor_reader_close(&r);
}

void resolved_conf_free(struct resolved_conf *r)
{
	doctor_words_free(&r->servers);
	doctor_words_free(&r->domains);
	doctor_line_free(&r->dnssec_line);
	free(r->dnssec_file);
	*r = (struct resolved_conf){0};
}
