/* SPDX-License-Identifier: MIT */
/* Putting structs into the model and taking them out, with all indexes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "model/dns_text.h"
#include "model/model.h"

/*
 * Puts fresh into the index: in the place of old if that has the same key there, at the
 * end otherwise, old then being taken out. old may be NULL.
 */
static void index_namespace_by_name(struct model *m, struct namespace *old,
	struct namespace *fresh)
{
	const char *name = namespace_http_name(fresh);

	if (old && strcmp(namespace_http_name(old), name) == 0) {
		m->namespaces_by_name = hash_substitute(m->namespaces_by_name,
			&old->by_name, &fresh->by_name, name);
		return;
	}
	if (old)
		HASH_DELETE(by_name, m->namespaces_by_name, old);
	HASH_ADD_KEYPTR(by_name, m->namespaces_by_name, name, strlen(name), fresh);
}

/* ns, whose dns_key is set, joins those of that name: first, unless it is known by another HttpName. */
static void join_same_name(struct model *m, struct namespace *ns)
{
	struct namespace *first;

	ns->same_name = NULL;
	HASH_FIND(by_dns_key, m->namespaces_by_dns, ns->dns_key, strlen(ns->dns_key),
		first);
	if (!first) {
		HASH_ADD_KEYPTR(by_dns_key, m->namespaces_by_dns, ns->dns_key,
			strlen(ns->dns_key), ns);
		return;
	}
	if (!ns->http_name) {
		ns->same_name = first;
		m->namespaces_by_dns = hash_substitute(m->namespaces_by_dns,
			&first->by_dns_key, &ns->by_dns_key, ns->dns_key);
		return;
	}
	while (first->same_name)
		first = first->same_name;
	first->same_name = ns;
}

static void leave_same_name(struct model *m, const struct namespace *ns)
{
	struct namespace *first, *second = ns->same_name;

	HASH_FIND(by_dns_key, m->namespaces_by_dns, ns->dns_key, strlen(ns->dns_key),
		first);
	if (first == ns && second) {
		m->namespaces_by_dns = hash_substitute(m->namespaces_by_dns,
			&first->by_dns_key, &second->by_dns_key, second->dns_key);
	} else if (first == ns) {
		HASH_DELETE(by_dns_key, m->namespaces_by_dns, first);
	} else {
		while (first->same_name != ns)
			first = first->same_name;
		first->same_name = second;
	}
}

void model_put_namespace(struct model *m, struct namespace *ns)
{
	struct namespace *old = model_namespace(m, ns->id);

	free(ns->dns_key);
	ns->dns_key = ns->type == NAMESPACE_HTTP ? NULL : dns_text_fold(ns->name);
	ns->services = NULL;
	index_namespace_by_name(m, old, ns);
	if (old && old->dns_key)
		leave_same_name(m, old);
	if (ns->dns_key)
		join_same_name(m, ns);
	if (!old) {
		HASH_ADD_KEYPTR(by_id, m->namespaces, ns->id, strlen(ns->id), ns);
		return;
	}
	m->namespaces = hash_substitute(m->namespaces, &old->by_id, &ns->by_id, ns->id);
	ns->services = old->services;
	for (struct service *s = ns->services; s; s = s->by_key.next)
		s->ns = ns;
	namespace_free(old);
}

/* The same, of services. */
static void index_service_by_key(struct service *old, struct service *fresh)
{
	struct namespace *ns = fresh->ns;

	if (old && old->ns == ns && strcmp(old->key, fresh->key) == 0) {
		ns->services = hash_substitute(ns->services, &old->by_key,
			&fresh->by_key, fresh->key);
		return;
	}
	if (old)
		HASH_DELETE(by_key, old->ns->services, old);
	HASH_ADD_KEYPTR(by_key, ns->services, fresh->key, strlen(fresh->key), fresh);
}

int model_put_service(struct model *m, struct service *s)
{
	struct namespace *ns = model_namespace(m, s->namespace_id);
	struct service *old = model_service(m, s->id);

	if (!ns)
		return CMAP_E_NOT_FOUND;
	free(s->key);
	s->key = xstrdup(s->name);
	if (ns->type != NAMESPACE_HTTP)
		dns_text_lower(s->key);
	s->ns = ns;
	s->instances = s->last_instance = NULL;
	s->index = (struct instance_index){.at = NULL};
	index_service_by_key(old, s);
	if (!old) {
		HASH_ADD_KEYPTR(by_id, m->services, s->id, strlen(s->id), s);
		return CMAP_OK;
	}
	m->services = hash_substitute(m->services, &old->by_id, &s->by_id, s->id);
	if (s->instances_revision < old->instances_revision)
		s->instances_revision = old->instances_revision;
	s->lease_owner = old->lease_owner;
	s->instances = old->instances;
	s->last_instance = old->last_instance;
	s->index = old->index;
	old->index = (struct instance_index){.at = NULL};
	for (struct instance *i = s->instances; i; i = i->by_id.next)
		i->service = s;
	service_free(old);
	return CMAP_OK;
}

/* Puts i into the list of s's instances, between two of them or at an end. */
static void link_instance(struct service *s, struct instance *prev, struct instance *i,
	struct instance *next)
{
	i->by_id.prev = prev;
	i->by_id.next = next;
	*(prev ? &prev->by_id.next : &s->instances) = i;
	*(next ? &next->by_id.prev : &s->last_instance) = i;
}

static bool is_watched(struct instance *i)
{
	const struct leased *l = instance_lease(i);

	return l && (timer_is_set(&l->timer) || l->dirty_link);
}

void model_put_instance(struct model *m, struct service *s, struct instance *i)
{
	struct instance *old = model_instance(s, i->id);

	i->service = s;
	if (i->lease_ms == 0)
		i->lease_end_ms = MODEL_LEASE_NONE;
	m->n_leased += i->lease_ms > 0;
	if (!old) {
		link_instance(s, s->last_instance, i, NULL);
		instance_index_add(&s->index, i);
		m->n_instances++;
		return;
	}
	assert(!is_watched(old));
	link_instance(s, old->by_id.prev, i, old->by_id.next);
	instance_index_replace(&s->index, old, i);
	i->lease_slot = old->lease_slot;
	i->marks = old->marks;
	m->n_leased -= old->lease_ms > 0;
	instance_free(old);
}

static void drop_operation(struct model *m, struct operation *op)
{
	m->ring[op->sequence % m->n_ring] = NULL;
	HASH_DELETE(by_id, m->operations, op);
	operation_free(op);
}

void model_put_operation(struct model *m, struct operation *op)
{
	struct operation **slot = &m->ring[op->sequence % m->n_ring];
	struct operation *same = model_operation(m, op->id);

	if (op->sequence >= m->next_sequence)
		m->next_sequence = op->sequence + 1;
	if (*slot && (*slot)->sequence > op->sequence) {
		operation_free(op);
		return;
	}
	if (same)
		drop_operation(m, same);
	if (*slot)
		drop_operation(m, *slot);
	*slot = op;
	HASH_ADD_KEYPTR(by_id, m->operations, op->id, strlen(op->id), op);
}

void model_delete_namespace(struct model *m, struct namespace *ns)
{
	assert(!ns->services);
	HASH_DELETE(by_id, m->namespaces, ns);
	HASH_DELETE(by_name, m->namespaces_by_name, ns);
	if (ns->dns_key)
		leave_same_name(m, ns);
	namespace_free(ns);
}

void model_delete_service(struct model *m, struct service *s)
{
	assert(!s->instances);
	HASH_DELETE(by_key, s->ns->services, s);
	HASH_DELETE(by_id, m->services, s);
	service_free(s);
}

void model_delete_instance(struct model *m, struct instance *i)
{
	struct service *s = i->service;
	struct instance *prev = i->by_id.prev, *next = i->by_id.next;

	assert(!is_watched(i));
	m->n_instances--;
	m->n_leased -= i->lease_ms > 0;
	instance_index_remove(&s->index, i);
	*(prev ? &prev->by_id.next : &s->instances) = next;
	*(next ? &next->by_id.prev : &s->last_instance) = prev;
	instance_free(i);
}
