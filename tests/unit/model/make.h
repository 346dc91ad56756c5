/* SPDX-License-Identifier: MIT */
/* make.h -- structs of the model in one line, and numbers that are random but always the same. */
#ifndef TESTS_MODEL_MAKE_H
#define TESTS_MODEL_MAKE_H

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "model/model.h"

__attribute__((unused)) static struct namespace *make_namespace(const char *id,
	enum namespace_type type, const char *name)
{
	struct namespace *ns = xcalloc(1, sizeof(*ns));

	snprintf(ns->id, sizeof(ns->id), "%s", id);
	ns->type = type;
	ns->name = xstrdup(name);
	ns->creator_request_id = xstrdup("");
	ns->soa_ttl = -1;
	return ns;
}

__attribute__((unused)) static struct service *make_service(const char *id,
	const char *namespace_id, const char *name)
{
	struct service *s = xcalloc(1, sizeof(*s));

	snprintf(s->id, sizeof(s->id), "%s", id);
	snprintf(s->namespace_id, sizeof(s->namespace_id), "%s", namespace_id);
	s->name = xstrdup(name);
	s->creator_request_id = xstrdup("");
	return s;
}

/* Gives s records: 'a' A, '6' AAAA, 's' SRV, 'c' CNAME. */
__attribute__((unused)) static void make_records(struct service *s, const char *types)
{
	static const char letters[] = {[RECORD_A] = 'a',
		[RECORD_AAAA] = '6',
		[RECORD_SRV] = 's',
		[RECORD_CNAME] = 'c'};

	for (s->n_records = 0; *types; types++, s->n_records++) {
		int type = 0;

		while (letters[type] != *types)
			type++;
		s->records[s->n_records].type = (enum record_type)type;
		s->records[s->n_records].ttl = 60;
	}
}

__attribute__((unused)) static struct instance *make_instance(const char *id)
{
	const struct attributes none = {.block = NULL};

	return instance_new(id, "", &none);
}

__attribute__((unused)) static struct operation *make_operation(const char *id,
	uint64_t sequence)
{
	struct operation *op = xcalloc(1, sizeof(*op));

	snprintf(op->id, sizeof(op->id), "%s", id);
	op->sequence = sequence;
	return op;
}

/* A number below n; the same row in each run. *state starts as any number. */
__attribute__((unused)) static uint32_t make_random(uint64_t *state, uint32_t n)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((*state >> 33) % n);
}

/* len times c; a static buffer, good until the next call. */
__attribute__((unused)) static const char *make_run(char c, size_t len)
{
	static char text[8192];

	memset(text, c, len);
	text[len] = '\0';
	return text;
}

#endif
