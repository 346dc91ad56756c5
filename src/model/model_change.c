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
 * Each index_* puts fresh into one index: in the place of old if that has the same key
 * there, at the end otherwise, old then being taken out. old may be NULL.
 */
static void index_namespace_by_name(struct model *m, struct namespace *old,
	struct namespace *fresh)
{
	if (old && strcmp(old->name, fresh->name) == 0) {
		m->namespaces_by_name = hash_substitute(m->namespaces_by_name,
			&old->by_name, &fresh->by_name, fresh->name);
		return;
	}
	if (old)
		HASH_DELETE(by_name, m->namespaces_by_name, old);
	HASH_ADD_KEYPTR(by_name, m->namespaces_by_name, fresh->name,
		strlen(fresh->name), fresh);
}

static void index_namespace_by_dns(struct model *m, struct namespace *old,
	struct namespace *fresh)
{
	if (old && old->dns_key && fresh->dns_key &&
		strcmp(old->dns_key, fresh->dns_key) == 0) {
		m->namespaces_by_dns = hash_substitute(m->namespaces_by_dns,
			&old->by_dns_key, &fresh->by_dns_key, fresh->dns_key);
		return;
	}
	if (old && old->dns_key)
		HASH_DELETE(by_dns_key, m->namespaces_by_dns, old);
	if (fresh->dns_key)
		HASH_ADD_KEYPTR(by_dns_key, m->namespaces_by_dns, fresh->dns_key,
			strlen(fresh->dns_key), fresh);
}

void model_put_namespace(struct model *m, struct namespace *ns)
{
	struct namespace *old = model_namespace(m, ns->id);

	free(ns->dns_key);
	ns->dns_key = ns->type == NAMESPACE_HTTP ? NULL : dns_text_fold(ns->name);
	ns->services = NULL;
	index_namespace_by_name(m, old, ns);
	index_namespace_by_dns(m, old, ns);
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
		HASH_DELETE(by_dns_key, m->namespaces_by_dns, ns);
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
