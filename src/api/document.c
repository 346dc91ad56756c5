/* SPDX-License-Identifier: MIT */
#include "api/document.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

/* The largest bodies take some 5 MB; 1,000 renewals fit into what is kept. */
enum { CHUNK = 1 << 18, CHUNKS_KEPT = 3 };

struct chunk {
	struct chunk *next;
	size_t size, used; /* of data */
	alignas(max_align_t) uint8_t data[];
};

static struct chunk *chunks; /* the one in use is the first */
static struct chunk *spare;
static bool is_read;

static struct chunk *next_chunk(size_t size)
{
	struct chunk *c = spare;

	if (c && size <= c->size) {
		spare = c->next;
	} else {
		c = xmalloc(sizeof(*c) + (size > CHUNK ? size : CHUNK));
		c->size = size > CHUNK ? size : CHUNK;
	}
	c->used = 0;
	c->next = chunks;
	return chunks = c;
}

static void *take(size_t size)
{
	struct chunk *c = chunks;
	void *p;

	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (!c || size > c->size - c->used)
		c = next_chunk(size);
	p = c->data + c->used;
	c->used += size;
	return p;
}

static void leave(void *p)
{
	(void)p;
}

static json_t *read_all(const char *body, size_t len, json_error_t *error)
{
	if (len == 0)
		return json_object();
	/* Without JSON_ALLOW_NUL, so what has passed here is text for strlen(). */
	return json_loadb(body, len, JSON_DECODE_ANY, error);
}

json_t *document_read(const char *body, size_t len, json_error_t *error)
{
	json_malloc_t before_take;
	json_free_t before_leave;
	json_t *in;

	assert(!is_read);
	is_read = true;
	json_get_alloc_funcs(&before_take, &before_leave);
	json_set_alloc_funcs(take, leave);
	in = read_all(body, len, error);
	json_set_alloc_funcs(before_take, before_leave);
	if (!in)
		document_forget();
	return in;
}

void document_forget(void)
{
	struct chunk *c;
	int kept = 0;

	for (c = spare; c; c = c->next)
		kept++;
	while ((c = chunks)) {
		chunks = c->next;
		if (c->size > CHUNK || kept == CHUNKS_KEPT) {
			free(c);
			continue;
		}
		c->next = spare;
		spare = c;
		kept++;
	}
	is_read = false;
}
