/* SPDX-License-Identifier: MIT */
#include "registry/discover.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"

/* The instances still in question. */
struct candidates {
	struct instance **at;
	uint32_t n;
};

enum health_status instance_health(const struct service *s, const struct instance *i)
{
	if (!s->has_custom_health && !s->has_health_check)
		return HEALTH_STATUS_UNKNOWN;
	return i->is_unhealthy ? HEALTH_STATUS_UNHEALTHY : HEALTH_STATUS_HEALTHY;
}

/* Every pair of wanted is among i's attributes. */
static bool matches(const struct instance *i, const struct attributes *wanted)
{
	const char *key, *value;
	uint32_t pos = 0;

	while (attributes_next(wanted, &pos, &key, &value)) {
		const char *has = attributes_get(&i->attributes, key);

		if (has == NULL || strcmp(has, value) != 0)
			return false;
	}
	return true;
}

/* Keeps the candidates of that health; all, if none has it and or_else_all is asked for. */
static void keep_health(struct candidates *c, const struct service *s,
	enum health_status wanted, bool or_else_all)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		if (instance_health(s, c->at[i]) != wanted)
			continue;
		/* Swapped, so that all are still there if none was kept. */
		struct instance *kept = c->at[i];

		c->at[i] = c->at[n];
		c->at[n++] = kept;
	}
	if (n > 0 || !or_else_all)
		c->n = n;
}

static void keep_optional(struct candidates *c, const struct attributes *optional)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		if (!matches(c->at[i], optional))
			continue;
		struct instance *kept = c->at[i];

		c->at[i] = c->at[n];
		c->at[n++] = kept;
	}
	if (n > 0)
		c->n = n;
}

static void filter_health(struct candidates *c, const struct discover_request *request)
{
	const struct service *s = request->service;

	/* Without a health check the filter does not count (API reference, HealthStatus). */
	if (request->health == DISCOVER_ALL ||
		(!s->has_custom_health && !s->has_health_check))
		return;
	keep_health(c, s,
		request->health == DISCOVER_UNHEALTHY ? HEALTH_STATUS_UNHEALTHY
						      : HEALTH_STATUS_HEALTHY,
		request->health == DISCOVER_HEALTHY_OR_ELSE_ALL);
}

/* A number under n; the bias of the modulo is under n / 2^64. */
static uint32_t random_below(uint64_t *state, uint32_t n)
{
	/* xorshift64* by Vigna: it only has to spread load, nobody gains by guessing it. */
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)((*state * UINT64_C(2685821657736338717)) % n);
}

uint32_t registry_discover(const struct registry *r,
	const struct discover_request *request, struct instance **found)
{
	const struct service *s = request->service;
	struct candidates c = {.n = 0};
	int64_t now_ms = registry_now_ms(r);
	struct instance *i, *next;
	uint64_t state;
	uint32_t n;

	c.at = xcalloc(model_instance_count(s) + 1u, sizeof(struct instance *));
	HASH_ITER (by_id, s->instances, i, next)
		if (instance_is_live(i, now_ms) && matches(i, &request->query))
			c.at[c.n++] = i;
	filter_health(&c, request);
	keep_optional(&c, &request->optional);
	if (getrandom(&state, sizeof(state), 0) != sizeof(state) || state == 0)
		state = 1;
	n = c.n < request->max_results ? c.n : request->max_results;
	for (uint32_t k = 0; k < n; k++) {
		uint32_t pick = k + random_below(&state, c.n - k);

		found[k] = c.at[pick];
		c.at[pick] = c.at[k];
	}
	free(c.at);
	return n;
}
