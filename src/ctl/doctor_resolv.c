/* SPDX-License-Identifier: MIT */
/* doctor_resolv.c -- /etc/resolv.conf as glibc reads it. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "ctl/ctl.h"
#include "ctl/doctor_conf.h"

#define DNS_PORT 53

/* An address alone: ports and brackets, which sock_addr_parse() takes, are none of glibc's. */
static bool read_address(const char *text, struct sock_addr *out)
{
	struct sock_addr addr;
	struct in_addr in;

	/* inet_aton: "127.1" is an address too. */
	if (inet_aton(text, &in) != 0) {
		*out = (struct sock_addr){.len = sizeof(out->in)};
		out->in.sin_family = AF_INET;
		out->in.sin_port = htons(DNS_PORT);
		out->in.sin_addr = in;
		return true;
	}
	if (text[0] == '[' || sock_addr_parse(text, DNS_PORT, &addr) != CMAP_OK ||
		addr.any.sa_family != AF_INET6)
		return false;
	*out = addr;
	return true;
}

static void add_server(struct resolv_conf *io, char *value, const char *line,
	unsigned int number)
{
	struct resolv_server *s;
	struct buf text = {0};

	value[strcspn(value, DOCTOR_BLANKS)] = '\0';
	io->servers =
		xreallocarray(io->servers, io->n_servers + 1, sizeof(*io->servers));
	s = &io->servers[io->n_servers++];
	*s = (struct resolv_server){0};
	s->usable = read_address(value, &s->addr);
	doctor_line_set(&s->line, line, number);
	ctl_add_printable(&text, value);
	s->text = buf_take(&text);
}

/* The last of search and domain lines counts; domain has one word. */
static void set_search(struct resolv_conf *io, char *value, bool one, const char *line,
	unsigned int number)
{
	char *rest = NULL;

	doctor_words_free(&io->search);
	for (char *word = strtok_r(value, DOCTOR_BLANKS, &rest); word != NULL;
		word = one ? NULL : strtok_r(NULL, DOCTOR_BLANKS, &rest)) {
		if (strcmp(word, ".") != 0)
			doctor_words_add(&io->search, word);
	}
	doctor_line_set(&io->search_line, line, number);
}

static unsigned int read_ndots(const char *text)
{
	unsigned long n = strtoul(text, NULL, 10);

	return n > DOCTOR_NDOTS_MAX ? DOCTOR_NDOTS_MAX : (unsigned int)n;
}

static void add_options(struct resolv_conf *io, char *value, const char *line,
	unsigned int number)
{
	char *rest = NULL;

	for (char *word = strtok_r(value, DOCTOR_BLANKS, &rest); word != NULL;
		word = strtok_r(NULL, DOCTOR_BLANKS, &rest)) {
		struct doctor_line *set = NULL;

		if (strncmp(word, "ndots:", 6) == 0) {
			io->ndots = read_ndots(word + 6);
			set = &io->ndots_line;
		} else if (strcmp(word, "rotate") == 0) {
			set = &io->rotate_line;
		} else if (strcmp(word, "use-vc") == 0) {
			set = &io->use_vc_line;
		} else if (strcmp(word, "single-request") == 0) {
			set = &io->single_request_line;
		}
		if (set != NULL)
			doctor_line_set(set, line, number);
	}
}

/* The value of a line that begins with keyword at its first byte, as glibc wants it; else NULL. */
static char *value_of(char *line, const char *keyword)
{
	size_t len = strlen(keyword);

	if (strncmp(line, keyword, len) != 0 || (line[len] != ' ' && line[len] != '\t'))
		return NULL;
	return doctor_trim(line + len);
}

void resolv_conf_parse(const char *text, size_t len, struct resolv_conf *io)
{
	struct doctor_reader r;
	char *line;

	doctor_reader_open(&r, text, len);
	while ((line = doctor_reader_next(&r)) != NULL) {
		char *whole = xstrdup(line);
		char *value;

		if ((value = value_of(line, "nameserver")) != NULL)
			add_server(io, value, whole, r.number);
		else if ((value = value_of(line, "search")) != NULL)
			set_search(io, value, false, whole, r.number);
		else if ((value = value_of(line, "domain")) != NULL)
			set_search(io, value, true, whole, r.number);
		else if ((value = value_of(line, "options")) != NULL)
			add_options(io, value, whole, r.number);
		free(whole);
	}
	doctor_reader_close(&r);
}

void resolv_conf_free(struct resolv_conf *r)
{
	for (size_t i = 0; i < r->n_servers; i++) {
		doctor_line_free(&r->servers[i].line);
		free(r->servers[i].text);
	}
	free(r->servers);
	doctor_words_free(&r->search);
	doctor_line_free(&r->search_line);
	doctor_line_free(&r->ndots_line);
	doctor_line_free(&r->rotate_line);
	doctor_line_free(&r->use_vc_line);
	doctor_line_free(&r->single_request_line);
	*r = (struct resolv_conf){0};
}

char *resolv_conf_without(const char *line, const char *option, const char *instead)
{
	char *copy = xstrdup(line);
	char *rest = NULL;
	struct buf out = {0};
	size_t len = strlen(option);
	size_t n = 0;

	for (char *word = strtok_r(copy, DOCTOR_BLANKS, &rest); word != NULL;
		word = strtok_r(NULL, DOCTOR_BLANKS, &rest)) {
		bool is_it = strncmp(word, option, len) == 0 &&
			     (word[len] == '\0' || word[len] == ':');

		if (is_it && instead == NULL)
			continue;
		buf_printf(&out, "%s%s", n++ > 0 ? " " : "", is_it ? instead : word);
	}
	/* The keyword alone says nothing. */
	if (n == 1)
		buf_free(&out);
	free(copy);
	return buf_take(&out);
}
