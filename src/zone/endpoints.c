/* SPDX-License-Identifier: MIT */
#include "zone/endpoints.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/mem.h"

/* All octets of it count. */
struct key {
	struct in6_addr ipv6;
	struct in_addr ipv4;
	uint16_t port;
	uint8_t has_ipv4, has_ipv6;
};

static struct key key_of(const struct instance *i)
{
	struct key k = {
		.port = i->port, .has_ipv4 = i->has_ipv4, .has_ipv6 = i->has_ipv6};

	if (i->has_ipv4)
		k.ipv4 = i->ipv4;
	if (i->has_ipv6)
		k.ipv6 = i->ipv6;
	return k;
}

/* Where i, or its twin, is or would be. */
static uint32_t find(const struct endpoints *e, const struct instance *i)
{
	const struct key k = key_of(i);
	uint32_t at = (uint32_t)XXH3_64bits(&k, sizeof(k)) & e->mask;

	for (; e->at[at] != NULL; at = (at + 1) & e->mask) {
		const struct key other = key_of(e->at[at]);

		if (memcmp(&other, &k, sizeof(k)) == 0)
			break;
	}
	return at;
}

void endpoints_init(struct endpoints *e, uint32_t n)
{
	for (e->mask = 4; e->mask < 2 * n; e->mask *= 2)
		;
	e->at = xcalloc(e->mask, sizeof(struct instance *));
	e->mask--;
}

struct instance *endpoints_add(struct endpoints *e, struct instance *i)
{
	struct instance **at = &e->at[find(e, i)];
	struct instance *twin = *at;

	if (twin == NULL || i->lease_end_ms > twin->lease_end_ms)
		*at = i;
	return twin;
}

bool endpoints_has(const struct endpoints *e, const struct instance *i)
{
	return e->at[find(e, i)] == i;
}

void endpoints_free(struct endpoints *e)
{
	free(e->at);
}
