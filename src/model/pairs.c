/* SPDX-License-Identifier: MIT */
#include "model/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"

static void add_escaped(struct buf *b, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '\t':
			buf_add(b, "\\t", 2);
			break;
		case '\n':
			buf_add(b, "\\n", 2);
			break;
		case '\\':
			buf_add(b, "\\\\", 2);
			break;
		default:
			buf_add(b, text, 1);
			break;
		}
	}
}

char *pairs_to_text(const struct attributes *a)
{
	struct buf text = {0};
	const char *key, *value;
	uint32_t pos = 0;

	while (attributes_next(a, &pos, &key, &value)) {
		add_escaped(&text, key);
		buf_add(&text, "\t", 1);
		add_escaped(&text, value);
		buf_add(&text, "\n", 1);
	}
	return buf_take(&text);
}

/* Adds what stands at text up to end, a tab or a line feed; behind that, or NULL. */
static const char *unescape(struct buf *out, const char *text, char end)
{
	for (; *text != end; text++) {
		char c = *text;

		if (c == '\0' || c == '\t' || c == '\n')
			return NULL;
		if (c == '\\') {
			c = *++text;
			if (c != 't' && c != 'n' && c != '\\')
				return NULL;
			c = (char)(c == 't' ? '\t' : c == 'n' ? '\n' : '\\');
		}
		buf_add(out, &c, 1);
	}
	return text + 1;
}

int pairs_from_text(struct attributes *a, const char *text)
{
	struct attributes made = {0};
	struct buf key = {0}, value = {0};
	const char *at = text;

	while (at && *at) {
		at = unescape(&key, at, '\t');
		if (at)
			at = unescape(&value, at, '\n');
		if (at && attributes_get(&made, buf_text(&key)))
			at = NULL;
		if (at)
			attributes_set(&made, buf_text(&key), buf_text(&value));
		buf_free(&key);
		buf_free(&value);
	}
	if (!at) {
		attributes_free(&made);
		return CMAP_E_CORRUPT;
	}
	attributes_free(a);
	*a = made;
	return CMAP_OK;
}
