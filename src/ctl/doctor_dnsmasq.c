/* SPDX-License-Identifier: MIT */
/* doctor_dnsmasq.c -- what a file of dnsmasq sends where. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/doctor_conf.h"

/* A comment begins at a '#' that begins the line or follows a blank: server=10.0.0.1#5353 has none. */
static void cut_comment(char *line)
{
	bool quoted = false;

	for (char *p = line; *p != '\0'; p++) {
		if (*p == '"')
			quoted = !quoted;
		if (*p == '#' && !quoted &&
			(p == line || isspace((unsigned char)p[-1]))) {
			*p = '\0';
			return;
		}
	}
}

/* "/internal/local/172.31.0.2": domains between slashes, and where they go. */
static void add_server(struct dnsmasq_conf *io, char *value)
{
	char *to = strrchr(value, '/');
	char *rest = NULL;
	struct doctor_words *list;

	if (value[0] != '/' || to == value)
		return;
	*to++ = '\0';
	/* '#' means the servers of everything else. */
	if (strcmp(to, "#") == 0)
		return;
	list = to[0] == '\0' ? &io->kept : &io->sent;
	for (char *domain = strtok_r(value, "/", &rest); domain != NULL;
		domain = strtok_r(NULL, "/", &rest))
		doctor_words_add(list, domain[0] == '*' ? domain + 1 : domain);
}

static void set(struct dnsmasq_conf *io, const char *file, const char *key, char *value,
	const struct doctor_line *whole)
{
	char *rest = NULL;

	if (strcmp(key, "server") == 0 || strcmp(key, "local") == 0) {
		add_server(io, value);
	} else if (strcmp(key, "stop-dns-rebind") == 0) {
		doctor_line_set(&io->rebind, whole->text, whole->number);
		free(io->rebind_file);
		io->rebind_file = xstrdup(file);
	} else if (strcmp(key, "rebind-domain-ok") == 0) {
		for (char *domain = strtok_r(value, "/", &rest); domain != NULL;
			domain = strtok_r(NULL, "/", &rest))
			doctor_words_add(&io->unbound, domain);
	} else if (strcmp(key, "conf-file") == 0 || strcmp(key, "conf-dir") == 0) {
		value[strcspn(value, ",")] = '\0';
		doctor_words_add(&io->includes, value);
	}
}

void dnsmasq_conf_parse(const char *file, const char *text, size_t len,
	struct dnsmasq_conf *io)
{
	struct doctor_reader r;
	char *line;

	doctor_reader_open(&r, text, len);
	while ((line = doctor_reader_next(&r)) != NULL) {
		struct doctor_line whole = {0};
		char *value;
		char *key;

		doctor_line_set(&whole, line, r.number);
		cut_comment(line);
		value = strchr(line, '=');
		if (value != NULL)
			*value++ = '\0';
		else
			value = line + strlen(line);
		key = doctor_trim(line);
		value = doctor_trim(value);
		if (value[0] == '"' && strlen(value) > 1 &&
			value[strlen(value) - 1] == '"') {
			value[strlen(value) - 1] = '\0';
			value++;
		}
		set(io, file, key, value, &whole);
		doctor_line_free(&whole);
	}
	doctor_reader_close(&r);
}

void dnsmasq_conf_free(struct dnsmasq_conf *d)
{
	doctor_words_free(&d->sent);
	doctor_words_free(&d->kept);
	doctor_words_free(&d->unbound);
	doctor_line_free(&d->rebind);
	free(d->rebind_file);
	doctor_words_free(&d->includes);
	*d = (struct dnsmasq_conf){0};
}

/* The length of the longest domain of w that name is, or lies below; 0: none. */
static size_t longest(const struct doctor_words *w, const char *name)
{
	size_t best = 0;

	for (size_t i = 0; i < w->n; i++) {
		size_t len = strlen(w->at[i]);

		if (doctor_name_is_below(name, w->at[i]) && len > best)
			best = len;
	}
	return best;
}

bool dnsmasq_conf_sends(const struct dnsmasq_conf *d, const char *name)
{
	return longest(&d->sent, name) > longest(&d->kept, name);
}
