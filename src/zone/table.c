/* SPDX-License-Identifier: MIT */
#include "zone/table.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"
#include "base/random.h"

enum {
	TABLE_MIN = 64,
	LOOKUPS = 4 /* before a name's labels are counted: few have more */
};

/* Where an entry was: a search goes on behind it. */
static struct entry tombstone;

static struct table *table_new(uint32_t slots)
{
	struct table *t = xcalloc(1, sizeof(*t) + slots * sizeof(struct table_slot));

	t->mask = slots - 1;
	return t;
}

static uint32_t hash_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

/* Publishes e in a slot: first the tag, then the entry. */
static void slot_store(struct table_slot *s, struct entry *e)
{
	atomic_store_explicit(&s->tag, hash_tag(e->hash), memory_order_relaxed);
	atomic_store_explicit(&s->entry, e, memory_order_release);
}

static struct entry *slot_load(const struct table_slot *s)
{
	return atomic_load_explicit(&s->entry, memory_order_acquire);
}

void published_init(struct published *p)
{
	memset(p, 0, sizeof(*p));
	random_octets(&p->seed, sizeof(p->seed));
	atomic_init(&p->table, table_new(TABLE_MIN));
	lease_table_init(&p->leases);
	grace_init(&p->grace);
}

void published_free(struct published *p)
{
	struct table *t = atomic_load(&p->table);

	grace_free(&p->grace);
	for (uint32_t i = 0; i <= t->mask; i++) {
		struct entry *e = slot_load(&t->slot[i]);

		if (e != &tombstone)
			free(e);
	}
	free(t);
	lease_table_free(&p->leases);
}

uint64_t published_hash(const struct published *p, const uint8_t *name, size_t len)
{
	return XXH3_64bits_withSeed(name, len, p->seed);
}

static struct entry_key key_of(const struct entry *e)
{
	return (struct entry_key){.name = e->name,
		.len = e->name_len,
		.variant = e->variant,
		.plane = e->plane};
}

static bool has_key(const struct entry *e, const struct entry_key *key)
{
	return e->name_len == key->len && e->plane == key->plane &&
	       e->variant == key->variant && memcmp(e->name, key->name, key->len) == 0;
}

/* The slot that holds what has the key, or NULL; *free_slot the first one where it could be put. */
static struct table_slot *find_slot(struct table *t, uint64_t hash,
	const struct entry_key *key, struct table_slot **free_slot)
{
	*free_slot = NULL;
	for (uint32_t i = (uint32_t)hash & t->mask;; i = (i + 1) & t->mask) {
		struct table_slot *s = &t->slot[i];
		struct entry *e = slot_load(s);

		if ((e == NULL || e == &tombstone) && *free_slot == NULL)
			*free_slot = s;
		if (e == NULL)
			return NULL;
		if (e != &tombstone && e->hash == hash && has_key(e, key))
			return s;
	}
}

const struct entry *published_find(const struct published *p, const uint8_t *name,
	size_t len)
{
	return published_find_view(p, name, len, (uint16_t)~VIEW_OUTSIDE);
}

const struct entry *published_find_view(const struct published *p, const uint8_t *name,
	size_t len, uint16_t view)
{
	return published_find_hash(p, published_hash(p, name, len), name, len, view);
}

void published_fetch_slot(const struct published *p, uint64_t hash)
{
	const struct table *t = atomic_load_explicit(&p->table, memory_order_acquire);

	__builtin_prefetch(&t->slot[(uint32_t)hash & t->mask]);
}

void published_fetch_entry(const struct published *p, uint64_t hash)
{
	enum { LINE = 64, LINES = 3 }; /* header, name, RRsets; of one record all */
	const struct table *t = atomic_load_explicit(&p->table, memory_order_acquire);
	const uint8_t *e =
		(const uint8_t *)slot_load(&t->slot[(uint32_t)hash & t->mask]);

	for (int i = 0; e != NULL && i < LINES; i++)
		__builtin_prefetch(e + (ptrdiff_t)i * LINE);
}

const struct entry *published_find_hash(const struct published *p, uint64_t hash,
	const uint8_t *name, size_t len, uint16_t view)
{
	const struct table *t = atomic_load_explicit(&p->table, memory_order_acquire);
	uint32_t tag = hash_tag(hash);

	for (uint32_t i = (uint32_t)hash & t->mask;; i = (i + 1) & t->mask) {
		const struct table_slot *s = &t->slot[i];
		const struct entry *e = slot_load(s);

		if (e == NULL)
			return NULL;
		if (atomic_load_explicit(&s->tag, memory_order_relaxed) == tag &&
			e != &tombstone && e->name_len == len && (e->views & view) &&
			memcmp(e->name, name, len) == 0)
			return e;
	}
}

static unsigned int count_labels(const uint8_t *name)
{
	unsigned int n = 0;

	for (; *name != 0; name += 1u + *name)
		n++;
	return n;
}

/* The name, or as much of its end as has one label more than any published name. */
CMAP_APART static const uint8_t *skip_labels(const struct published *p,
	const uint8_t *name)
{
	unsigned int most = atomic_load_explicit(&p->most_labels, memory_order_relaxed);

	for (unsigned int n = count_labels(name); n > most + 1; n--)
		name += 1u + *name;
	return name;
}

const struct entry *published_above(const struct published *p, const uint8_t *name,
	size_t len)
{
	return published_above_view(p, name, len, (uint16_t)~VIEW_OUTSIDE);
}

const struct entry *published_above_view(const struct published *p, const uint8_t *name,
	size_t len, uint16_t view)
{
	const uint8_t *end = name + len;

	for (unsigned int n = 0; *name != 0; n++) {
		const struct entry *e;

		if (n == LOOKUPS)
			name = skip_labels(p, name);
		name += 1u + *name;
		e = published_find_view(p, name, (size_t)(end - name), view);
		if (e != NULL)
			return e;
	}
	return NULL;
}

/* Moves to a table that the live entries fill by a quarter to a half; tombstones stay behind. */
static void table_rebuild(struct published *p)
{
	struct table *old = atomic_load_explicit(&p->table, memory_order_relaxed);
	uint32_t slots = TABLE_MIN;
	struct table *t;

	while (slots / 2 < p->live + 1)
		slots *= 2;
	t = table_new(slots);
	for (uint32_t i = 0; i <= old->mask; i++) {
		struct entry *e = slot_load(&old->slot[i]);
		struct table_slot *s;
		struct entry_key key;

		if (e == NULL || e == &tombstone)
			continue;
		key = key_of(e);
		find_slot(t, e->hash, &key, &s);
		slot_store(s, e);
	}
	p->used = p->live;
	atomic_store_explicit(&p->table, t, memory_order_release);
	grace_retire(&p->grace, &old->retired);
}

void published_put(struct published *p, struct entry *e)
{
	struct table *t = atomic_load_explicit(&p->table, memory_order_relaxed);
	struct entry_key key = key_of(e);
	struct table_slot *free_slot;
	struct table_slot *s = find_slot(t, e->hash, &key, &free_slot);
	unsigned int labels = count_labels(e->name);

	if (labels > atomic_load_explicit(&p->most_labels, memory_order_relaxed))
		atomic_store_explicit(&p->most_labels, (uint8_t)labels,
			memory_order_relaxed);
	if (s != NULL) {
		struct entry *old = slot_load(s);

		slot_store(s, e);
		grace_retire(&p->grace, &old->retired);
		return;
	}
	if (slot_load(free_slot) == NULL)
		p->used++;
	p->live++;
	slot_store(free_slot, e);
	if (p->used > (t->mask >> 2) * 3)
		table_rebuild(p);
}

const struct entry *published_get(const struct published *p,
	const struct entry_key *key)
{
	struct table_slot *free_slot;
	struct table_slot *s =
		find_slot(atomic_load_explicit(&p->table, memory_order_relaxed),
			published_hash(p, key->name, key->len), key, &free_slot);

	return s == NULL ? NULL : slot_load(s);
}

void published_remove(struct published *p, const struct entry_key *key)
{
	struct table *t = atomic_load_explicit(&p->table, memory_order_relaxed);
	struct table_slot *free_slot;
	struct table_slot *s =
		find_slot(t, published_hash(p, key->name, key->len), key, &free_slot);
	struct entry *old;

	if (s == NULL)
		return;
	old = slot_load(s);
	atomic_store_explicit(&s->entry, &tombstone, memory_order_release);
	grace_retire(&p->grace, &old->retired);
	p->live--;
}
