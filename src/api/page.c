/* SPDX-License-Identifier: MIT */
#include "api/page.h"

#include <stdlib.h>
#include <string.h>

#include "api/writer.h"

/* A token is SCOPE, a slash, and the key of the last item. No scope holds a slash. */
bool page_begin(struct page *p, const char *scope, const char *token, int64_t want,
	struct fault *f)
{
	size_t scope_len = strlen(scope);

	p->want = (uint32_t)want;
	p->n = 0;
	p->after[0] = '\0';
	if (!token)
		return true;
	if (strncmp(token, scope, scope_len) != 0 || token[scope_len] != '/' ||
		token[scope_len + 1] == '\0' ||
		strlen(token + scope_len + 1) >= PAGE_KEY_TEXT) {
		fault_set(f, FAULT_INVALID_INPUT,
			"NextToken is not one that this listing has given.");
		return false;
	}
	strcpy(p->after, token + scope_len + 1);
	return true;
}

static void swap(struct page_item *a, struct page_item *b)
{
	struct page_item c = *a;

	*a = *b;
	*b = c;
}

/* items[] is a heap: the largest of those held is at the top, and gives way to a smaller one. */
static void sift_up(struct page *p, uint32_t i)
{
	while (i > 0) {
		uint32_t parent = (i - 1) / 2;

		if (strcmp(p->items[i].key, p->items[parent].key) <= 0)
			return;
		swap(&p->items[i], &p->items[parent]);
		i = parent;
	}
}

static void sift_down(struct page *p)
{
	uint32_t i = 0;

	for (;;) {
		uint32_t left = 2 * i + 1, right = left + 1, largest = i;

		if (left < p->n &&
			strcmp(p->items[left].key, p->items[largest].key) > 0)
			largest = left;
		if (right < p->n &&
			strcmp(p->items[right].key, p->items[largest].key) > 0)
			largest = right;
		if (largest == i)
			return;
		swap(&p->items[i], &p->items[largest]);
		i = largest;
	}
}

void page_offer(struct page *p, const void *item, page_key *key)
{
	struct page_item offered = {.item = item};

	key(item, offered.key);
	if (strcmp(offered.key, p->after) <= 0)
		return;
	if (p->n <= p->want) {
		p->items[p->n] = offered;
		sift_up(p, p->n++);
	} else if (strcmp(offered.key, p->items[0].key) < 0) {
		p->items[0] = offered;
		sift_down(p);
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct page_item *)a)->key,
		((const struct page_item *)b)->key);
}

uint32_t page_finish(struct page *p)
{
	qsort(p->items, p->n, sizeof(p->items[0]), compare);
	return p->n < p->want ? p->n : p->want;
}

void page_write_token(const struct page *p, const char *scope, struct buf *out)
{
	struct buf token = {0};

	if (p->n <= p->want)
		return;
	buf_printf(&token, "%s/%s", scope, p->items[p->want - 1].key);
	writer_string(out, "NextToken", buf_text(&token));
	buf_free(&token);
}
