/* SPDX-License-Identifier: MIT */
#include "api/shape_report.h"

#include <ctype.h>
#include <string.h>

void shape_place_write(struct buf *b, const struct shape_place *at)
{
	if (at->above) {
		shape_place_write(b, at->above);
		buf_add(b, ".", 1);
	}
	if (at->element && at->name)
		buf_printf(b, "%.*s.member", SHAPE_VALUE_SHOWN, at->name);
	else if (at->element)
		buf_printf(b, "%zu.member", at->index);
	else
		buf_printf(b, "%c%s", tolower((unsigned char)at->name[0]),
			at->name + 1);
}

/* Whole characters of text, at most SHAPE_VALUE_SHOWN octets. */
static void add_shown(struct buf *b, const char *text)
{
	size_t len = strlen(text);

	if (len <= SHAPE_VALUE_SHOWN) {
		buf_add(b, text, len);
		return;
	}
	len = SHAPE_VALUE_SHOWN;
	while (len > 0 && (text[len] & 0xC0) == 0x80)
		len--;
	buf_add(b, text, len);
	buf_add_text(b, "...");
}

/* A list or map is not written out: it may be as long as the request. */
static void add_value(struct buf *b, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		add_shown(b, json_string_value(v));
		break;
	case JSON_INTEGER:
		buf_printf(b, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		break;
	case JSON_ARRAY:
		buf_printf(b, "[%zu]", json_array_size(v));
		break;
	default:
		buf_printf(b, "{%zu}", json_object_size(v));
		break;
	}
}

struct buf *shape_report_next(struct shape_report *r, const struct shape_place *at,
	const json_t *v)
{
	struct buf *b = &r->text;

	if (++r->n > SHAPE_VIOLATIONS_SHOWN)
		return NULL;
	if (r->n > 1)
		buf_add_text(b, "; ");
	buf_add_text(b, "Value ");
	if (!v || json_is_null(v)) {
		buf_add_text(b, "null");
	} else {
		buf_add_text(b, "'");
		add_value(b, v);
		buf_add_text(b, "'");
	}
	buf_add_text(b, " at '");
	shape_place_write(b, at);
	buf_add_text(b, "' failed to satisfy constraint: ");
	return b;
}
