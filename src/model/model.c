/* SPDX-License-Identifier: MIT */
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/dns_text.h"

void model_init(struct model *m, uint32_t operations)
{
	memset(m, 0, sizeof(*m));
	m->n_ring = operations > 0 ? operations : 1;
	m->ring = xcalloc(m->n_ring, sizeof(struct operation *));
}

static void free_service_tree(struct model *m, struct service *s)
{
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next)
		instance_free(i);
	s->instances = s->last_instance = NULL;
	instance_index_free(&s->index);
	model_delete_service(m, s);
}

void model_free(struct model *m)
{
	struct namespace *ns, *next_ns;
	struct service *s, *next_s;

	HASH_ITER (by_id, m->services, s, next_s)
		free_service_tree(m, s);
	HASH_ITER (by_id, m->namespaces, ns, next_ns)
		model_delete_namespace(m, ns);
	HASH_CLEAR(by_id, m->operations);
	for (uint32_t i = 0; i < m->n_ring; i++)
		operation_free(m->ring[i]);
	free(m->ring);
	memset(m, 0, sizeof(*m));
}

struct namespace *model_namespace(const struct model *m, const char *id)
{
	struct namespace *ns;

	HASH_FIND(by_id, m->namespaces, id, strlen(id), ns);
	return ns;
}

struct namespace *model_namespace_by_name(const struct model *m, const char *name)
{
	struct namespace *ns;

	HASH_FIND(by_name, m->namespaces_by_name, name, strlen(name), ns);
	return ns;
}

struct namespace *model_namespace_by_dns(const struct model *m, const char *name)
{
	struct namespace *ns;
	char *key = dns_text_fold(name);

	HASH_FIND(by_dns_key, m->namespaces_by_dns, key, strlen(key), ns);
	free(key);
	return ns;
}

struct service *model_service(const struct model *m, const char *id)
{
	struct service *s;

	HASH_FIND(by_id, m->services, id, strlen(id), s);
	return s;
}

struct service *model_service_by_name(const struct namespace *ns, const char *name)
{
	struct service *s;
	char *key = xstrdup(name);

	if (ns->type != NAMESPACE_HTTP)
		dns_text_lower(key);
	HASH_FIND(by_key, ns->services, key, strlen(key), s);
	free(key);
	return s;
}

struct instance *model_instance(const struct service *s, const char *id)
{
	return instance_index_find(&s->index, id);
}

struct operation *model_operation(const struct model *m, const char *id)
{
	struct operation *op;

	HASH_FIND(by_id, m->operations, id, strlen(id), op);
	return op;
}

/* The DNS namespace that goes by name, in whatever case; not one that has the name in the DNS and goes by another. */
static struct namespace *dns_namespace_called(const struct model *m, const char *name)
{
	struct namespace *ns = model_namespace_by_dns(m, name);
	char *key;

	if (ns && !ns->http_name)
		return ns;
	key = dns_text_fold(name);
	ns = model_namespace_by_name(m, key);
	free(key);
	return ns && ns->http_name ? ns : NULL;
}

struct namespace *model_namespace_called(const struct model *m, const char *name)
{
	struct namespace *ns = model_namespace_by_name(m, name);

	return ns ? ns : dns_namespace_called(m, name);
}

/* Of the two namespaces that can be called name, the one that has the service; if none has, the first there is. */
static struct namespace *namespace_of(const struct model *m, const char *name,
	const char *service_name, bool *has_service)
{
	struct namespace *called[] = {
		dns_namespace_called(m, name), model_namespace_by_name(m, name)};

	for (size_t i = 0; i < CMAP_COUNT(called); i++) {
		*has_service = called[i] &&
			       model_service_by_name(called[i], service_name) != NULL;
		if (*has_service)
			return called[i];
	}
	return called[0] ? called[0] : called[1];
}

static const char *behind_dot(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot + 1 : NULL;
}

struct namespace *model_namespace_above(const struct model *m, const char *full_name,
	char **service_name)
{
	struct namespace *longest = NULL;
	char *before_longest = NULL;

	for (const char *at = full_name; at; at = behind_dot(at)) {
		char *before = at == full_name ? xstrdup(".")
					       : xstrndup(full_name,
							 (size_t)(at - full_name) - 1);
		bool has_service;
		struct namespace *ns = namespace_of(m, at, before, &has_service);

		if (has_service) {
			free(before_longest);
			*service_name = before;
			return ns;
		}
		if (ns && !longest) {
			longest = ns;
			before_longest = before;
		} else {
			free(before);
		}
	}
	if (longest)
		*service_name = before_longest;
	return longest;
}

uint32_t model_service_count(const struct namespace *ns)
{
	return HASH_CNT(by_key, ns->services);
}

uint32_t model_instance_count(const struct service *s)
{
	return s->index.n;
}
