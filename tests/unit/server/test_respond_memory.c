/* SPDX-License-Identifier: MIT */
/* respond() allocates nothing. The linker has malloc() and its like call these instead (--wrap). */
#include <stdatomic.h>
#include <stdlib.h>

#include "ask.h"
#include "octets.h"
#include "test.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

static atomic_uint allocations;

void *__wrap_malloc(size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __real_aligned_alloc(align, size);
}

Test(respond_memory, answers_without_allocating)
{
	static const char *const names[] = {"one." TOWN, "web." TOWN, "six." TOWN,
		"api." TOWN, "empty." TOWN, "leased." TOWN, "ent." TOWN, "many." TOWN,
		"alias2." TOWN, "foreign." TOWN, "broken." TOWN, "loop-a." TOWN,
		"c-0." TOWN, "nope." TOWN, "web.inner." TOWN, "example.com", "."};
	static const uint16_t types[] = {DNS_A, DNS_AAAA, DNS_SRV, DNS_CNAME, DNS_SOA,
		DNS_NS, DNS_ANY, DNS_AXFR, DNS_OPT, 65400};
	static const char *const odd[] = {"", "1234", "1234 0000 0001 0000 0000 0000",
		"1234 0000 0001 0000 0000 0000 c00c 0001 0001",
		"1234 7800 0001 0000 0000 0000",
		"1234 0000 0001 {4 00} 0001 00 {2 0001} 00 0029 0200 00010000 0000"};
	uint8_t *reply = malloc(DNS_MESSAGE_MAX);
	unsigned int before, queries = 0;
	struct town t;

	town_init(&t, 0);
	cr_assert_gt(atomic_load(&allocations), 100, "they are not counted");
	before = atomic_load(&allocations);
	for (size_t n = 0; n < CMAP_COUNT(names); n++)
		for (size_t k = 0; k < CMAP_COUNT(types); k++)
			for (int mode = 0; mode < 4; mode++) {
				struct question q = {.name = names[n],
					.type = types[k],
					.edns = mode % 2 ? 1232 : 0};
				uint8_t query[DNS_UDP_MIN];
				size_t len = question_write(&q, query);

				respond(&t.responder, query, len, mode < 2, reply);
				queries++;
			}
	for (size_t i = 0; i < CMAP_COUNT(odd); i++) {
		uint8_t query[DNS_UDP_MIN];
		size_t len = octets(odd[i], query, sizeof(query));

		respond(&t.responder, query, len, true, reply);
	}
	responder_prepare(&t.responder, t.world.now_ms + 1);
	cr_assert_eq(atomic_load(&allocations), before, "%u for %u queries",
		atomic_load(&allocations) - before, queries);
	town_free(&t);
	free(reply);
}
