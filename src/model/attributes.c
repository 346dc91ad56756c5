/* SPDX-License-Identifier: MIT */
#include "model/attributes.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

bool attributes_next(const struct attributes *a, uint32_t *pos, const char **key,
	const char **value)
{
	const char *k, *v;

	if (*pos >= a->len)
		return false;
	k = a->block + *pos;
	v = k + strlen(k) + 1;
	*pos = (uint32_t)(v + strlen(v) + 1 - a->block);
	*key = k;
	*value = v;
	return true;
}

const char *attributes_get(const struct attributes *a, const char *key)
{
	const char *k, *v;
	uint32_t pos = 0;

	while (attributes_next(a, &pos, &k, &v))
		if (strcmp(k, key) == 0)
			return v;
	return NULL;
}

static void copy_pair(char **to, const char *key, size_t key_len, const char *value)
{
	size_t value_len = strlen(value);

	memcpy(*to, key, key_len + 1);
	memcpy(*to + key_len + 1, value, value_len + 1);
	*to += key_len + 1 + value_len + 1;
}

void attributes_set(struct attributes *a, const char *key, const char *value)
{
	size_t key_len = strlen(key), room = a->len + key_len + strlen(value) + 2;
	char *block = xmalloc(room), *end = block;
	const char *k, *v;
	uint32_t pos = 0;
	bool found = false;

	while (attributes_next(a, &pos, &k, &v)) {
		bool same = strcmp(k, key) == 0;

		copy_pair(&end, k, strlen(k), same ? value : v);
		found |= same;
	}
	if (!found) {
		copy_pair(&end, key, key_len, value);
		a->n++;
	}
	if (!a->is_borrowed)
		free(a->block);
	a->block = block;
	a->len = (uint32_t)(end - block);
	a->is_borrowed = 0;
}

void attributes_remove(struct attributes *a, const char *key)
{
	const char *k, *v;
	uint32_t pos = 0, start = 0;

	if (a->is_borrowed)
		*a = attributes_copy(a);
	while (attributes_next(a, &pos, &k, &v)) {
		if (strcmp(k, key) == 0) {
			memmove(a->block + start, a->block + pos, a->len - pos);
			a->len -= pos - start;
			a->n--;
			return;
		}
		start = pos;
	}
}

struct attributes attributes_copy(const struct attributes *a)
{
	struct attributes copy = *a;

	if (a->block)
		copy.block = xmemdup(a->block, a->len);
	copy.is_borrowed = 0;
	return copy;
}

bool attributes_equal(const struct attributes *a, const struct attributes *b)
{
	const char *k, *v, *other;
	uint32_t pos = 0;

	/* Keys are unique, so equal counts and one direction are enough. */
	if (a->n != b->n || a->len != b->len)
		return false;
	while (attributes_next(a, &pos, &k, &v)) {
		other = attributes_get(b, k);
		if (!other || strcmp(other, v) != 0)
			return false;
	}
	return true;
}

/* Turns one line "KEY VALUE\n" at p into a packed pair; NULL if it is none, else behind it. */
static char *unpack_line(char *p, const char *end)
{
	char *newline = memchr(p, '\n', (size_t)(end - p));
	char *space;

	if (!newline || memchr(p, '\0', (size_t)(newline - p)))
		return NULL;
	space = memchr(p, ' ', (size_t)(newline - p));
	if (!space || space == p)
		return NULL;
	*space = '\0';
	*newline = '\0';
	return newline + 1;
}

int attributes_unpack(struct attributes *out, char *text, size_t len)
{
	struct attributes made = {.block = text, .is_borrowed = 1};
	char *p = text;

	if (len > INT32_MAX)
		return CMAP_E_CORRUPT;
	while (made.len < len) {
		const char *key = p;

		p = unpack_line(p, text + len);
		if (!p || attributes_get(&made, key))
			return CMAP_E_CORRUPT;
		made.len = (uint32_t)(p - text);
		made.n++;
	}
	*out = made;
	return CMAP_OK;
}

int attributes_from_text(struct attributes *a, const char *text, size_t len)
{
	char *block = xmalloc(len + 1);
	struct attributes made;

	memcpy(block, text, len);
	if (attributes_unpack(&made, block, len) != CMAP_OK) {
		free(block);
		return CMAP_E_CORRUPT;
	}
	made.is_borrowed = 0;
	attributes_free(a);
	*a = made;
	return CMAP_OK;
}

char *attributes_to_text(const struct attributes *a)
{
	char *text = xmalloc((size_t)a->len + 1);
	const char *k, *v;
	uint32_t pos = 0;

	if (a->len > 0)
		memcpy(text, a->block, a->len);
	while (attributes_next(a, &pos, &k, &v)) {
		text[v - 1 - a->block] = ' ';
		text[pos - 1] = '\n';
	}
	text[a->len] = '\0';
	return text;
}

void attributes_free(struct attributes *a)
{
	if (!a->is_borrowed)
		free(a->block);
	memset(a, 0, sizeof(*a));
}
