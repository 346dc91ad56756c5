/* SPDX-License-Identifier: MIT */
/* doctor_nss.c -- the hosts line of nsswitch.conf, and what nscd keeps. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ctl/ctl.h"
#include "ctl/doctor_conf.h"

#define EDGES DOCTOR_BLANKS "[]"

static void clear(struct nss_hosts *h)
{
	for (size_t i = 0; i < h->n; i++) {
		free(h->services[i].name);
		free(h->services[i].action);
	}
	free(h->services);
	h->services = NULL;
	h->n = 0;
}

/* "!UNAVAIL=return": what it means for a name that is not found. */
static void apply(struct nss_service *s, const char *word)
{
	bool other = word[0] == '!';
	const char *status = word + other;
	size_t len = strcspn(status, "=");
	bool is_notfound = len == 8 && strncasecmp(status, "notfound", len) == 0;

	if (status[len] == '=' && is_notfound != other)
		s->ends_notfound = strcasecmp(status + len + 1, "return") == 0;
}

/* action: "[...]", len bytes; it belongs to the service before it. */
static void add_action(struct nss_hosts *io, const char *action, size_t len)
{
	struct nss_service *s;
	struct buf shown = {0};
	char *copy;
	char *rest = NULL;

	if (io->n == 0)
		return;
	s = &io->services[io->n - 1];
	copy = xstrndup(action, len);
	if (s->action != NULL)
		buf_printf(&shown, "%s ", s->action);
	ctl_add_printable(&shown, copy);
	if (copy[len - 1] != ']')
		buf_add_text(&shown, "]");
	free(s->action);
	s->action = buf_take(&shown);
	for (char *word = strtok_r(copy, EDGES, &rest); word != NULL;
		word = strtok_r(NULL, EDGES, &rest))
		apply(s, word);
	free(copy);
}

static void add_service(struct nss_hosts *io, const char *name, size_t len)
{
	struct buf shown = {0};
	char *copy = xstrndup(name, len);

	ctl_add_printable(&shown, copy);
	free(copy);
	io->services = xreallocarray(io->services, io->n + 1, sizeof(*io->services));
	io->services[io->n++] = (struct nss_service){.name = buf_take(&shown)};
}

static void read_services(struct nss_hosts *io, const char *at)
{
	for (;;) {
		size_t len;

		at += strspn(at, DOCTOR_BLANKS);
		if (*at == '\0')
			return;
		if (*at == '[') {
			len = strcspn(at, "]");
			len += at[len] == ']';
			add_action(io, at, len);
		} else {
			len = strcspn(at, DOCTOR_BLANKS "[");
			add_service(io, at, len);
		}
		at += len;
	}
}

void nss_hosts_parse(const char *text, size_t len, struct nss_hosts *io)
{
	struct doctor_reader r;
	char *line;

	doctor_reader_open(&r, text, len);
	while ((line = doctor_reader_next(&r)) != NULL) {
		char *start = line + strspn(line, DOCTOR_BLANKS);

		if (strncmp(start, "hosts:", 6) != 0)
			continue;
		/* The last of several counts, since glibc 2.34. */
		clear(io);
		doctor_line_set(&io->line, line, r.number);
		line[strcspn(line, "#")] = '\0';
		read_services(io, start + 6);
	}
	doctor_reader_close(&r);
}

void nss_hosts_free(struct nss_hosts *h)
{
	clear(h);
	doctor_line_free(&h->line);
}

size_t nss_hosts_find(const struct nss_hosts *h, const char *prefix)
{
	size_t i = 0;

	while (i < h->n && strncmp(h->services[i].name, prefix, strlen(prefix)) != 0)
		i++;
	return i;
}

char *nss_hosts_without(const struct nss_hosts *h, const char *prefix)
{
	struct buf out = {0};
	bool dns = false;

	buf_add_text(&out, "hosts:");
	for (size_t i = 0; i < h->n; i++) {
		const struct nss_service *s = &h->services[i];

		if (prefix != NULL && strncmp(s->name, prefix, strlen(prefix)) == 0)
			continue;
		dns |= strcmp(s->name, "dns") == 0;
		buf_printf(&out, " %s", s->name);
		if (s->action != NULL)
			buf_printf(&out, " %s", s->action);
	}
	if (!dns)
		buf_add_text(&out, " dns");
	return buf_take(&out);
}

void nscd_conf_parse(const char *text, size_t len, struct doctor_line *io)
{
	struct doctor_reader r;
	char *line;

	doctor_reader_open(&r, text, len);
	while ((line = doctor_reader_next(&r)) != NULL) {
		char *whole = xstrdup(line);
		char *rest = NULL;
		const char *key;
		const char *service;
		const char *value;

		line[strcspn(line, "#")] = '\0';
		key = strtok_r(line, DOCTOR_BLANKS, &rest);
		service = key != NULL ? strtok_r(NULL, DOCTOR_BLANKS, &rest) : NULL;
		value = service != NULL ? strtok_r(NULL, DOCTOR_BLANKS, &rest) : NULL;
		if (value != NULL && strcmp(key, "enable-cache") == 0 &&
			strcmp(service, "hosts") == 0) {
			doctor_line_free(io);
			if (strcmp(value, "yes") == 0)
				doctor_line_set(io, whole, r.number);
		}
		free(whole);
	}
	doctor_reader_close(&r);
}
