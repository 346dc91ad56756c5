/* SPDX-License-Identifier: MIT */
#include "api/writer.h"

#include <inttypes.h>
#include <string.h>

/* Puts the comma that is due before another member or element. */
static void separate(struct buf *b)
{
	char last = b->len > 0 ? b->data[b->len - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		buf_add(b, ",", 1);
}

static void begin(struct buf *b, const char *key)
{
	separate(b);
	if (!key)
		return;
	buf_add(b, "\"", 1);
	buf_add_text(b, key);
	buf_add(b, "\":", 2);
}

void writer_open_object(struct buf *b, const char *key)
{
	begin(b, key);
	buf_add(b, "{", 1);
}

void writer_open_array(struct buf *b, const char *key)
{
	begin(b, key);
	buf_add(b, "[", 1);
}

void writer_close_object(struct buf *b)
{
	buf_add(b, "}", 1);
}

void writer_close_array(struct buf *b)
{
	buf_add(b, "]", 1);
}

/*
 * Octets of the well-formed UTF-8 sequence at p; 0 if there is none (Unicode 15, table 3-7). The NUL
 * at the end of a string is no continuation octet, so nothing behind it is read.
 */
static size_t utf8_len(const unsigned char *p)
{
	unsigned char low = 0x80, high = 0xBF;
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xC2 && p[0] <= 0xDF)
		len = 2;
	else if (p[0] >= 0xE0 && p[0] <= 0xEF)
		len = 3;
	else if (p[0] >= 0xF0 && p[0] <= 0xF4)
		len = 4;
	else
		return 0;
	if (p[0] == 0xE0)
		low = 0xA0;
	else if (p[0] == 0xED)
		high = 0x9F;
	else if (p[0] == 0xF0)
		low = 0x90;
	else if (p[0] == 0xF4)
		high = 0x8F;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	}
	return len;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void add_escaped(struct buf *b, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";
	const char *at = strchr(from, c);

	if (at)
		buf_printf(b, "\\%c", to[at - from]);
	else
		buf_printf(b, "\\u%04x", c);
}

static void quote(struct buf *b, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	buf_add(b, "\"", 1);
	while (*p) {
		size_t plain = 0, len;

		while (is_plain(p[plain]))
			plain++;
		buf_add(b, p, plain);
		p += plain;
		if (!*p)
			break;
		if (*p < 0x80) {
			add_escaped(b, *p++);
			continue;
		}
		len = utf8_len(p);
		if (len > 0)
			buf_add(b, p, len);
		else
			buf_add_text(b, "\xEF\xBF\xBD");
		p += len > 0 ? len : 1;
	}
	buf_add(b, "\"", 1);
}

void writer_string(struct buf *b, const char *key, const char *value)
{
	begin(b, key);
	quote(b, value);
}

void writer_optional(struct buf *b, const char *key, const char *value)
{
	if (value && value[0] != '\0')
		writer_string(b, key, value);
}

void writer_pair(struct buf *b, const char *key, const char *value)
{
	separate(b);
	quote(b, key);
	buf_add(b, ":", 1);
	quote(b, value);
}

void writer_integer(struct buf *b, const char *key, int64_t value)
{
	begin(b, key);
	buf_printf(b, "%" PRId64, value);
}

void writer_date(struct buf *b, const char *key, int64_t wall_ms)
{
	begin(b, key);
	buf_printf(b, "%" PRId64 ".%03d", wall_ms / 1000, (int)(wall_ms % 1000));
}
