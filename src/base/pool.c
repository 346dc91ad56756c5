/* SPDX-License-Identifier: MIT */
/*
 * Slabs stand in regions of 64. One that is empty serves any size next; when a whole region is, its pages go back to
 * the kernel in one go (each time that is told to all CPUs), and its addresses wait for more. A slab's blocks
 * that were freed are chained through their first octets; behind them are those that nobody has had.
 */
#include "base/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"

/* Sanitizers are to see each block by itself. */
#if defined(__SANITIZE_ADDRESS__)
#define POOL_IS_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_IS_MALLOC 1
#endif
#endif
#ifndef POOL_IS_MALLOC
#define POOL_IS_MALLOC 0
#endif

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE                                                            \
	23 /* since Linux 5.14; refused by older ones, and no harm done */
#endif

enum { SLAB = 65536, REGION_SLABS = 64, CLASSES = POOL_BLOCK_MAX / POOL_GRAIN };

struct block {
	struct block *next;
};

struct slab {
	struct slab *next, *prev; /* among those of its class with room */
	struct region *region;
	struct block *freed;
	uint32_t n;      /* blocks in use */
	uint32_t behind; /* offset of the first block that nobody has had */
};

struct region {
	struct region *next, *prev; /* among those with room */
	char *base;
	struct slab *empty; /* by next */
	uint32_t n;         /* slabs in use */
	uint32_t behind; /* the first slab that nobody has had; from here on no pages */
};

static struct {
	pthread_mutex_t lock;
	struct slab *with_room[CLASSES];
	struct region *regions; /* with room */
	size_t n_slabs;         /* in use */
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t class_of(size_t size)
{
	return size == 0 ? 0 : (size - 1) / POOL_GRAIN;
}

static size_t class_size(size_t class)
{
	return (class + 1) * POOL_GRAIN;
}

/* Slabs begin where their size divides the address: that is how a block's is found. */
static struct slab *slab_of(void *p)
{
	return (struct slab *)(void *)((char *)p - ((uintptr_t)p & (SLAB - 1)));
}

static void link_region(struct region *r)
{
	r->prev = NULL;
	r->next = pool.regions;
	if (r->next != NULL)
		r->next->prev = r;
	pool.regions = r;
}

static void unlink_region(struct region *r)
{
	*(r->prev != NULL ? &r->prev->next : &pool.regions) = r->next;
	if (r->next != NULL)
		r->next->prev = r->prev;
}

static void new_region(void)
{
	struct region *r = xcalloc(1, sizeof(*r));
	size_t len = (size_t)(REGION_SLABS + 1) * SLAB;
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0);

	if (p == MAP_FAILED)
		mem_exhausted(len);
	r->base = p + (SLAB - ((uintptr_t)p & (SLAB - 1)));
	link_region(r);
}

static struct slab *new_slab(void)
{
	struct region *r;
	struct slab *s;

	if (pool.regions == NULL)
		new_region();
	r = pool.regions;
	s = r->empty;
	if (s != NULL) {
		r->empty = s->next;
	} else {
		s = (struct slab *)(void *)(r->base + (size_t)r->behind++ * SLAB);
		madvise(s, SLAB, MADV_POPULATE_WRITE);
	}
	if (++r->n == REGION_SLABS)
		unlink_region(r);
	pool.n_slabs++;
	*s = (struct slab){.region = r,
		.behind = (sizeof(*s) + POOL_GRAIN - 1) & ~(POOL_GRAIN - 1u)};
	return s;
}

/* The last region of all keeps its pages: it will be wanted again. */
static void free_slab(struct slab *s)
{
	struct region *r = s->region;

	pool.n_slabs--;
	if (r->n-- == REGION_SLABS)
		link_region(r);
	s->next = r->empty;
	r->empty = s;
	if (r->n > 0 || pool.n_slabs == 0)
		return;
	r->empty = NULL;
	r->behind = 0;
	madvise(r->base, (size_t)REGION_SLABS * SLAB, MADV_DONTNEED);
}

static void link_slab(struct slab **head, struct slab *s)
{
	s->prev = NULL;
	s->next = *head;
	if (s->next != NULL)
		s->next->prev = s;
	*head = s;
}

static void unlink_slab(struct slab **head, struct slab *s)
{
	*(s->prev != NULL ? &s->prev->next : head) = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
}

static bool has_room(const struct slab *s, size_t size)
{
	return s->freed != NULL || s->behind + size <= SLAB;
}

static void *take(size_t class)
{
	struct slab *s = pool.with_room[class];
	size_t size = class_size(class);
	struct block *b;

	if (s == NULL)
		link_slab(&pool.with_room[class], s = new_slab());
	b = s->freed;
	if (b != NULL) {
		s->freed = b->next;
	} else {
		b = (struct block *)(void *)((char *)s + s->behind);
		s->behind += (uint32_t)size;
	}
	s->n++;
	if (!has_room(s, size))
		unlink_slab(&pool.with_room[class], s);
	return b;
}

static void give_back(struct block *b, size_t class)
{
	struct slab *s = slab_of(b);

	if (!has_room(s, class_size(class)))
		link_slab(&pool.with_room[class], s);
	b->next = s->freed;
	s->freed = b;
	if (--s->n > 0)
		return;
	unlink_slab(&pool.with_room[class], s);
	free_slab(s);
}

void *pool_alloc(size_t size)
{
	void *p;

	if (size > POOL_BLOCK_MAX || POOL_IS_MALLOC)
		return xcalloc(1, size);
	pthread_mutex_lock(&pool.lock);
	p = take(class_of(size));
	pthread_mutex_unlock(&pool.lock);
	memset(p, 0, size);
	return p;
}

void pool_free(void *p, size_t size)
{
	if (size > POOL_BLOCK_MAX || POOL_IS_MALLOC) {
		free(p);
		return;
	}
	if (p == NULL)
		return;
	pthread_mutex_lock(&pool.lock);
	give_back(p, class_of(size));
	pthread_mutex_unlock(&pool.lock);
}

size_t pool_used(void)
{
	size_t n;

	pthread_mutex_lock(&pool.lock);
	n = pool.n_slabs * SLAB;
	pthread_mutex_unlock(&pool.lock);
	return n;
}
