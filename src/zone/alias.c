/* SPDX-License-Identifier: MIT */
#include "zone/alias.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/dns_text.h"
#include "model/reserved.h"
#include "wire/dns.h"

/* In memory the caller frees. */
static char *name_of(const struct instance *i)
{
	const char *text = attributes_get(&i->attributes, RESERVED_ALIAS);

	return dns_text_fold(text == NULL ? "" : text);
}

const struct alias *alias_named(const struct aliases *a, const char *name)
{
	struct alias *alias;

	HASH_FIND_STR(a->table, name, alias);
	return alias;
}

const struct alias *alias_find(const struct aliases *a, const struct instance *i)
{
	char *name = name_of(i);
	const struct alias *alias = alias_named(a, name);

	free(name);
	return alias;
}

static struct alias *alias_make(struct aliases *a, const char *name)
{
	size_t len = strlen(name);
	struct alias *alias = xcalloc(1, sizeof(*alias) + len + 1);

	memcpy(alias->name, name, len + 1);
	alias->family[ADDRESS_IPV4].ede = DNS_EDE_NOT_READY;
	alias->family[ADDRESS_IPV6].ede = DNS_EDE_NOT_READY;
	HASH_ADD_KEYPTR(hh, a->table, alias->name, len, alias);
	return alias;
}

void alias_join(struct aliases *a, const struct instance *i, struct node *node)
{
	char *name = name_of(i);
	struct alias *alias;

	HASH_FIND_STR(a->table, name, alias);
	if (alias == NULL) {
		alias = alias_make(a, name);
		if (a->changed != NULL)
			a->changed(a->arg, alias->name, true);
	}
	free(name);
	alias->user =
		xreallocarray(alias->user, alias->n_users + 1, sizeof(struct node *));
	alias->user[alias->n_users++] = node;
}

static void alias_forget(struct aliases *a, struct alias *alias)
{
	HASH_DEL(a->table, alias);
	free(alias->family[ADDRESS_IPV4].octets);
	free(alias->family[ADDRESS_IPV6].octets);
	free(alias->user);
	free(alias);
}

void alias_leave(struct aliases *a, const struct instance *i, struct node *node)
{
	char *name = name_of(i);
	struct alias *alias;
	uint32_t at = 0;

	HASH_FIND_STR(a->table, name, alias);
	free(name);
	while (alias != NULL && at < alias->n_users && alias->user[at] != node)
		at++;
	if (alias == NULL || at == alias->n_users)
		return;
	alias->user[at] = alias->user[--alias->n_users];
	if (alias->n_users > 0 || alias->is_idle)
		return;
	alias->is_idle = true;
	a->idle = xreallocarray(a->idle, a->n_idle + 1, sizeof(*a->idle));
	a->idle[a->n_idle++] = alias;
}

void alias_sweep(struct aliases *a)
{
	while (a->n_idle > 0) {
		struct alias *alias = a->idle[--a->n_idle];

		alias->is_idle = false;
		if (alias->n_users > 0)
			continue;
		if (a->changed != NULL)
			a->changed(a->arg, alias->name, false);
		alias_forget(a, alias);
	}
	free(a->idle);
	a->idle = NULL;
}

static int compare_ipv4(const void *a, const void *b)
{
	return memcmp(a, b, 4);
}

static int compare_ipv6(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

bool alias_set(struct alias *alias, enum address_family family, const uint8_t *octets,
	uint32_t n, uint32_t ttl)
{
	size_t len = (size_t)n * address_len(family);
	uint8_t *sorted = n == 0 ? NULL : xmemdup(octets, len);
	bool same = alias->family[family].ede == 0 && alias->family[family].n == n &&
		    alias->family[family].ttl == ttl;

	/* Name servers rotate them, which changes nothing here. */
	if (n > 1)
		qsort(sorted, n, address_len(family),
			family == ADDRESS_IPV4 ? compare_ipv4 : compare_ipv6);
	if (same &&
		(n == 0 || memcmp(alias->family[family].octets, sorted, len) == 0)) {
		free(sorted);
		return false;
	}
	free(alias->family[family].octets);
	alias->family[family].octets = sorted;
	alias->family[family].n = n;
	alias->family[family].ttl = ttl;
	alias->family[family].ede = 0;
	return true;
}

bool alias_forget_addresses(struct alias *alias, enum address_family family,
	uint8_t ede)
{
	if (alias->family[family].ede == ede)
		return false;
	free(alias->family[family].octets);
	alias->family[family].octets = NULL;
	alias->family[family].n = 0;
	alias->family[family].ede = ede;
	return true;
}

void alias_free(struct aliases *a)
{
	while (a->table != NULL)
		alias_forget(a, a->table);
	free(a->idle);
}

const uint8_t *alias_addresses(const struct aliases *a, const struct instance *i,
	enum address_family family, uint32_t *n)
{
	const struct alias *alias = alias_find(a, i);

	*n = alias == NULL ? 0 : alias->family[family].n;
	return alias == NULL ? NULL : alias->family[family].octets;
}

uint8_t alias_unknown(const struct aliases *a, const struct service *s,
	enum address_family family)
{
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next) {
		const struct alias *alias = i->is_alias ? alias_find(a, i) : NULL;

		if (alias != NULL && alias->family[family].ede != 0)
			return alias->family[family].ede;
	}
	return 0;
}

uint32_t alias_ttl(const struct aliases *a, const struct service *s,
	enum address_family family, uint32_t ttl)
{
	uint32_t least = UINT32_MAX;
	bool is_own = false;
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next) {
		const struct alias *alias = i->is_alias ? alias_find(a, i) : NULL;

		is_own = is_own || !i->is_alias;
		if (alias != NULL && alias->family[family].n > 0 &&
			alias->family[family].ttl < least)
			least = alias->family[family].ttl;
	}
	return is_own && ttl < least ? ttl : least;
}
