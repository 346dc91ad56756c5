/* SPDX-License-Identifier: MIT */
#include "model/instances.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "model/model.h"

enum { CAP_MIN = 4 };

static uint32_t *tags(const struct instance_index *x)
{
	return (uint32_t *)(void *)(x->at + x->cap);
}

/* Where a search for the tag begins: the places go by the tag's size, so growing keeps their order. */
static uint32_t home(const struct instance_index *x, uint32_t tag)
{
	return (uint32_t)((uint64_t)tag * x->cap >> 32);
}

static uint32_t behind(const struct instance_index *x, uint32_t place)
{
	return place + 1 == x->cap ? 0 : place + 1;
}

static void fill(struct instance_index *x, uint32_t tag, struct instance *i)
{
	uint32_t place = home(x, tag);

	while (x->at[place] != NULL)
		place = behind(x, place);
	x->at[place] = i;
	tags(x)[place] = tag;
}

static void resize(struct instance_index *x, uint32_t cap)
{
	struct instance_index old = *x;

	x->at = xcalloc(cap, sizeof(*x->at) + sizeof(uint32_t));
	x->cap = cap;
	for (uint32_t place = 0; place < old.cap; place++)
		if (old.at[place] != NULL)
			fill(x, tags(&old)[place], old.at[place]);
	free(old.at);
}

/* The place of id, or of the first free one behind it. */
static uint32_t search(const struct instance_index *x, const char *id, uint32_t tag)
{
	uint32_t place = home(x, tag);

	for (; x->at[place] != NULL; place = behind(x, place))
		if (tags(x)[place] == tag && strcmp(x->at[place]->id, id) == 0)
			break;
	return place;
}

struct instance *instance_index_find(const struct instance_index *x, const char *id)
{
	if (x->n == 0)
		return NULL;
	return x->at[search(x, id, hash_bytes(id, strlen(id)))];
}

void instance_index_add(struct instance_index *x, struct instance *i)
{
	/* At four fifths a search for what is not there passes 13 tags, a cache line. */
	if (x->n >= x->cap / 5 * 4 + x->cap % 5 * 4 / 5)
		resize(x, x->cap < CAP_MIN ? CAP_MIN : x->cap + x->cap / 2);
	fill(x, hash_bytes(i->id, strlen(i->id)), i);
	x->n++;
}

static uint32_t place_of(const struct instance_index *x, const struct instance *i)
{
	uint32_t place = search(x, i->id, hash_bytes(i->id, strlen(i->id)));

	assert(x->at[place] == i);
	return place;
}

void instance_index_replace(struct instance_index *x, const struct instance *old,
	struct instance *fresh)
{
	x->at[place_of(x, old)] = fresh;
}

/* Those behind move up, as far as their own searches would still find them. */
void instance_index_remove(struct instance_index *x, const struct instance *i)
{
	uint32_t hole = place_of(x, i);

	for (uint32_t at = behind(x, hole); x->at[at] != NULL; at = behind(x, at)) {
		uint32_t wanted = home(x, tags(x)[at]);
		uint32_t from_hole = (at + x->cap - hole) % x->cap;
		uint32_t from_wanted = (at + x->cap - wanted) % x->cap;

		if (from_wanted < from_hole)
			continue;
		x->at[hole] = x->at[at];
		tags(x)[hole] = tags(x)[at];
		hole = at;
	}
	x->at[hole] = NULL;
	if (--x->n == 0)
		instance_index_free(x);
	else if (x->cap > CAP_MIN && x->n < x->cap / 4)
		resize(x, x->cap / 2);
}

void instance_index_free(struct instance_index *x)
{
	free(x->at);
	*x = (struct instance_index){.at = NULL};
}
