/* SPDX-License-Identifier: MIT */
#include "forward/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A question's key is its own octets, up to the end of its name. */
static size_t key_len(const struct forward_question *q)
{
	return offsetof(struct forward_question, name.wire) + q->name.len;
}

static size_t size_of(const struct cached *e)
{
	return sizeof(*e) + (e->image == NULL ? 0 : image_size(e->image));
}

static void unlink_used(struct cache *c, struct cached *e)
{
	*(e->newer != NULL ? &e->newer->older : &c->newest) = e->older;
	*(e->older != NULL ? &e->older->newer : &c->oldest) = e->newer;
	c->octets -= size_of(e);
}

static void link_newest(struct cache *c, struct cached *e)
{
	e->newer = NULL;
	e->older = c->newest;
	*(c->newest != NULL ? &c->newest->newer : &c->oldest) = e;
	c->newest = e;
	c->octets += size_of(e);
}

static void forget(struct cache *c, struct cached *e)
{
	unlink_used(c, e);
	HASH_DELETE(hh, c->table, e);
	free(e->image);
	free(e);
}

void cache_init(struct cache *c, size_t octets_max)
{
	*c = (struct cache){.octets_max = octets_max};
}

void cache_free(struct cache *c)
{
	cache_resize(c, 0);
}

void cache_resize(struct cache *c, size_t octets_max)
{
	c->octets_max = octets_max;
	while (c->octets > octets_max)
		forget(c, c->oldest);
}

struct cached *cache_look(const struct cache *c, const struct forward_question *q)
{
	struct cached *e;

	HASH_FIND(hh, c->table, q, key_len(q), e);
	return e;
}

struct cached *cache_find(struct cache *c, const struct forward_question *q)
{
	struct cached *e = cache_look(c, q);
	size_t len = key_len(q);

	if (e != NULL)
		return e;
	e = xcalloc(1, sizeof(*e));
	memcpy(&e->question, q, len);
	HASH_ADD_KEYPTR(hh, c->table, &e->question, len, e);
	link_newest(c, e);
	return e;
}

void cache_use(struct cache *c, struct cached *e)
{
	if (c->newest == e)
		return;
	unlink_used(c, e);
	link_newest(c, e);
}

void cache_fly(struct cache *c, struct cached *e)
{
	unlink_used(c, e);
}

void cache_land(struct cache *c, struct cached *e)
{
	link_newest(c, e);
	cache_resize(c, c->octets_max);
}
