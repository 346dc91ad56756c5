/* SPDX-License-Identifier: MIT */
#include "octets.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
	const char *text; /* whole, for the message */
	uint8_t *out;
	size_t len, room;
};

static _Noreturn void bad(const struct writer *w, const char *at)
{
	fprintf(stderr, "octets: '%s' is wrong from here on: '%s'\n", w->text, at);
	abort();
}

static void add(struct writer *w, const char *at, uint8_t octet)
{
	if (w->len == w->room)
		bad(w, at);
	w->out[w->len++] = octet;
}

static uint8_t hex(const struct writer *w, const char *at)
{
	const char pair[3] = {at[0], at[0] == '\0' ? '\0' : at[1], '\0'};
	char *end;
	unsigned long value = strtoul(pair, &end, 16);

	if (!isxdigit((unsigned char)pair[0]) || end != pair + 2)
		bad(w, at);
	return (uint8_t)value;
}

static const char *name(struct writer *w, const char *at)
{
	while (*at != '\0' && *at != ' ' && *at != '}') {
		size_t label = strcspn(at, ". }");

		if (label > 0)
			add(w, at, (uint8_t)label);
		for (; label > 0; label--, at++)
			add(w, at, (uint8_t)*at);
		at += *at == '.';
	}
	add(w, at, 0);
	return at;
}

static const char *sequence(struct writer *w, const char *at, char end);

/* "{N ...}", behind its brace. */
static const char *repeat(struct writer *w, const char *at)
{
	const char *inner, *behind = at;
	char *number_end;
	unsigned long n = strtoul(at, &number_end, 10);

	if (number_end == at || n == 0)
		bad(w, at);
	inner = number_end;
	while (n-- > 0)
		behind = sequence(w, inner, '}');
	return behind + 1;
}

static const char *sequence(struct writer *w, const char *at, char end)
{
	while (*at != end) {
		if (isspace((unsigned char)*at)) {
			at++;
		} else if (*at == '\'') {
			for (at++; *at != '\''; at++)
				if (*at == '\0')
					bad(w, at);
				else
					add(w, at, (uint8_t)*at);
			at++;
		} else if (*at == '@') {
			at = name(w, at + 1);
		} else if (*at == '{') {
			at = repeat(w, at + 1);
		} else {
			add(w, at, hex(w, at));
			at += 2;
		}
	}
	return at;
}

size_t octets(const char *text, uint8_t *out, size_t room)
{
	struct writer w = {.text = text, .out = out, .room = room};

	sequence(&w, text, '\0');
	return w.len;
}

const char *octets_text(const uint8_t *p, size_t len)
{
	static _Thread_local char text[4096];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < len && at + 4 < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
			i % 2 == 0 ? " %02x" : "%02x", (unsigned int)p[i]);
	return text;
}
