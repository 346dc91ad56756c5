/* SPDX-License-Identifier: MIT */
#include "registry/claims.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { CLAIMS_MIN = 256 };

void claims_init(struct claims *c)
{
	c->slot = xcalloc(CLAIMS_MIN, sizeof(*c->slot));
	c->mask = CLAIMS_MIN - 1;
	c->n = 0;
}

void claims_clear(struct claims *c)
{
	if (c->n > 0)
		memset(c->slot, 0, (c->mask + 1) * sizeof(*c->slot));
	c->n = 0;
}

void claims_free(struct claims *c)
{
	free(c->slot);
}

void claim_add(struct claim_list *l, char kind, const char *a, const char *b,
	bool exclusive)
{
	char key[2048];
	size_t len_a = strnlen(a, 1000), len_b = b == NULL ? 0 : strnlen(b, 1000);
	uint32_t hash;

	key[0] = kind;
	memcpy(key + 1, a, len_a);
	key[1 + len_a] = '\0';
	if (b != NULL)
		memcpy(key + 2 + len_a, b, len_b);
	hash = hash_bytes(key, 2 + len_a + len_b);
	l->claim[l->n++] =
		(struct claim){.key = hash == 0 ? 1 : hash, .exclusive = exclusive};
}

/* The slot of key, or the free one where it belongs. */
static struct claim *find(const struct claims *c, uint32_t key)
{
	uint32_t at = key & c->mask;

	while (c->slot[at].key != 0 && c->slot[at].key != key)
		at = (at + 1) & c->mask;
	return &c->slot[at];
}

bool claims_conflict(const struct claims *c, const struct claim_list *l)
{
	for (uint32_t i = 0; i < l->n; i++) {
		const struct claim *held = find(c, l->claim[i].key);

		if (held->key != 0 && (held->exclusive || l->claim[i].exclusive))
			return true;
	}
	return false;
}

static void grow(struct claims *c)
{
	struct claim *old = c->slot;
	uint32_t old_mask = c->mask;

	c->mask = c->mask * 2 + 1;
	c->slot = xcalloc((size_t)c->mask + 1, sizeof(*c->slot));
	for (uint32_t i = 0; i <= old_mask; i++)
		if (old[i].key != 0)
			*find(c, old[i].key) = old[i];
	free(old);
}

void claims_take(struct claims *c, const struct claim_list *l)
{
	for (uint32_t i = 0; i < l->n; i++) {
		struct claim *slot;

		if (c->n >= c->mask / 2)
			grow(c);
		slot = find(c, l->claim[i].key);
		if (slot->key == 0)
			c->n++;
		slot->key = l->claim[i].key;
		slot->exclusive = slot->exclusive || l->claim[i].exclusive;
	}
}
