/* SPDX-License-Identifier: MIT */
#include "wire/dname.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The octet at *text, read as presentation format if escapes, moving *text behind it;
 * -1: bad. */
static int next_octet(const char **text, bool escapes)
{
	const char *t = *text;

	if (!escapes || *t != '\\') {
		*text = t + 1;
		return (unsigned char)*t;
	}
	if (is_digit(t[1])) {
		int value;

		if (!is_digit(t[2]) || !is_digit(t[3]))
			return -1;
		value = (t[1] - '0') * 100 + (t[2] - '0') * 10 + (t[3] - '0');
		*text = t + 4;
		return value <= 255 ? value : -1;
	}
	if (t[1] == '\0')
		return -1;
	*text = t + 2;
	return (unsigned char)t[1];
}

static int from_text(const char *text, bool escapes, struct dname *out)
{
	struct dname d = {.len = 0};
	size_t len = 0;

	if (strcmp(text, ".") == 0) {
		out->len = 1;
		out->wire[0] = 0;
		return CMAP_OK;
	}
	while (*text != '\0') {
		size_t start = len++; /* its length octet */

		while (*text != '\0' && *text != '.') {
			int octet = next_octet(&text, escapes);

			if (octet < 0)
				return CMAP_E_INVALID;
			if (len - start > DNAME_LABEL_MAX || len >= DNAME_MAX - 1)
				return CMAP_E_RANGE;
			d.wire[len++] = (uint8_t)octet;
		}
		if (len - start == 1)
			return CMAP_E_INVALID;
		d.wire[start] = (uint8_t)(len - start - 1);
		if (*text == '.')
			text++;
	}
	if (len == 0)
		return CMAP_E_INVALID;
	d.wire[len++] = 0;
	d.len = (uint8_t)len;
	*out = d;
	return CMAP_OK;
}

int dname_from_plain(const char *text, struct dname *out)
{
	return from_text(text, false, out);
}

int dname_from_text(const char *text, struct dname *out)
{
	return from_text(text, true, out);
}

static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '*' || c == '/' ||
	       c == ':' || c == '+' || c == '=';
}

void dname_to_text(const uint8_t *wire, char out[DNAME_TEXT])
{
	size_t at = 0;

	if (*wire == 0)
		out[at++] = '.';
	while (*wire != 0) {
		for (uint8_t left = *wire++; left > 0; left--, wire++) {
			if (is_plain(*wire)) {
				out[at++] = (char)*wire;
			} else if (*wire > 0x20 && *wire < 0x7F) {
				out[at++] = '\\';
				out[at++] = (char)*wire;
			} else {
				at += (size_t)snprintf(out + at, DNAME_TEXT - at,
					"\\%03u", (unsigned int)*wire);
			}
		}
		out[at++] = '.';
	}
	out[at] = '\0';
}

size_t dname_wire_len(const uint8_t *p, size_t room)
{
	size_t at = 0;

	if (room > DNAME_MAX)
		room = DNAME_MAX;
	while (at < room) {
		if (p[at] == 0)
			return at + 1;
		if (p[at] > DNAME_LABEL_MAX)
			return 0;
		at += 1u + p[at];
	}
	return 0;
}

/* Eight octets at once: bit 5 is set in each that is A to Z. */
static uint64_t lower8(uint64_t x)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t low7 = x & (0x7F * ones);
	uint64_t from_a = low7 + (0x80 - 'A') * ones;  /* bit 7: at least 'A' */
	uint64_t above_z = low7 + (0x7F - 'Z') * ones; /* bit 7: more than 'Z' */
	uint64_t upper = (from_a ^ above_z) & ~x & (0x80 * ones);

	return x | upper >> 2;
}

void dname_lower(const uint8_t *p, size_t len, uint8_t *out)
{
	uint64_t x;
	size_t i;

	for (i = 0; i + sizeof(x) <= len; i += sizeof(x)) {
		memcpy(&x, p + i, sizeof(x));
		x = lower8(x);
		memcpy(out + i, &x, sizeof(x));
	}
	x = 0;
	memcpy(&x, p + i, len - i);
	x = lower8(x);
	memcpy(out + i, &x, len - i);
}

/* Whether the len octets at a and b are the same but for case. */
static bool equal_octets(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint8_t x[DNAME_MAX], y[DNAME_MAX];

	dname_lower(a, len, x);
	dname_lower(b, len, y);
	return memcmp(x, y, len) == 0;
}

bool dname_equal(const struct dname *a, const struct dname *b)
{
	return a->len == b->len && equal_octets(a->wire, b->wire, a->len);
}

void dname_parent(struct dname *d)
{
	size_t label = 1u + d->wire[0];

	if (d->len <= 1)
		return;
	d->len = (uint8_t)(d->len - label);
	memmove(d->wire, d->wire + label, d->len);
}

bool dname_is_within(const struct dname *a, const struct dname *apex)
{
	size_t at = 0;

	while (a->len - at > apex->len)
		at += 1u + a->wire[at];
	return a->len - at == apex->len &&
	       equal_octets(a->wire + at, apex->wire, apex->len);
}
