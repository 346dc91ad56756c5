/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "model/reserved.h"

static void must(bool done, const char *what, const char *name)
{
	if (done)
		return;
	fprintf(stderr, "world: cannot %s '%s'\n", what, name);
	abort();
}

void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	model_init(&w->model, 16);
	w->options = (struct zone_options){
		.negative_ttl = WORLD_NEGATIVE_TTL, .answers = WORLD_ANSWERS};
	must(dname_from_plain("ns.test", &w->options.nameserver) == CMAP_OK, "name",
		"ns.test");
	w->zone = zone_new(&w->options);
	w->published = zone_published(w->zone);
	w->now_ms = 1000000;
}

void world_free(struct world *w)
{
	zone_free(w->zone);
	model_free(&w->model);
}

static void make_id(struct world *w, char id[MODEL_ID_TEXT])
{
	snprintf(id, MODEL_ID_TEXT, "id-%u", ++w->last_id);
}

void world_namespace(struct world *w, const char *name, int64_t soa_ttl)
{
	const struct namespace *old = model_namespace_by_name(&w->model, name);
	struct namespace *ns = xcalloc(1, sizeof(*ns));

	if (old != NULL)
		strcpy(ns->id, old->id);
	else
		make_id(w, ns->id);
	ns->type = NAMESPACE_DNS_PRIVATE;
	ns->name = xstrdup(name);
	ns->creator_request_id = xstrdup("");
	ns->soa_ttl = soa_ttl;
	if (old != NULL)
		zone_namespace_replace(w->zone, old, ns);
	model_put_namespace(&w->model, ns);
	if (old == NULL)
		zone_namespace_put(w->zone, ns);
}

void world_namespace_beside(struct world *w, const char *name, const char *http_name,
	const char *vpc)
{
	struct namespace *ns = xcalloc(1, sizeof(*ns));

	make_id(w, ns->id);
	ns->type = NAMESPACE_DNS_PRIVATE;
	ns->name = xstrdup(name);
	ns->http_name = xstrdup(http_name);
	ns->vpc = vpc[0] == '\0' ? NULL : xstrdup(vpc);
	ns->creator_request_id = xstrdup("");
	ns->soa_ttl = -1;
	ns->created_ms = w->now_ms;
	model_put_namespace(&w->model, ns);
	zone_namespace_put(w->zone, ns);
}

/* The service of that full name, or NULL; *ns its namespace, *name what it is called there. */
static struct service *find(struct world *w, const char *full, struct namespace **ns,
	char **name)
{
	*ns = model_namespace_above(&w->model, full, name);
	must(*ns != NULL, "find the namespace of", full);
	return model_service_by_name(*ns, *name);
}

static struct service *get(struct world *w, const char *full)
{
	struct namespace *ns;
	char *name;
	struct service *s = find(w, full, &ns, &name);

	free(name);
	must(s != NULL, "find service", full);
	return s;
}

static void add_record(struct service *s, char *word)
{
	char *value = strchr(word, '=');
	struct dns_record *r = &s->records[s->n_records];

	if (strcmp(word, "WEIGHTED") == 0) {
		s->has_routing = true;
		s->routing = ROUTING_WEIGHTED;
		return;
	}
	must(value != NULL && s->n_records < RECORD_N, "read record", word);
	*value++ = '\0';
	must(record_type_from_name(word, &r->type) == CMAP_OK, "read record", word);
	r->ttl = (uint32_t)strtoul(value, NULL, 10);
	s->n_records++;
}

struct service *world_service(struct world *w, const char *full, const char *records)
{
	struct service *s = xcalloc(1, sizeof(*s));
	struct namespace *ns;
	struct service *old = find(w, full, &ns, &s->name);
	char *text = xstrdup(records), *rest;

	for (char *word = strtok_r(text, " ", &rest); word != NULL;
		word = strtok_r(NULL, " ", &rest))
		add_record(s, word);
	free(text);
	if (old != NULL)
		strcpy(s->id, old->id);
	else
		make_id(w, s->id);
	strcpy(s->namespace_id, ns->id);
	s->creator_request_id = xstrdup("");
	if (old != NULL)
		zone_service_replace(w->zone, old, s);
	must(model_put_service(&w->model, s) == CMAP_OK, "put service", full);
	if (old == NULL)
		zone_service_put(w->zone, s);
	return s;
}

static void add_attribute(struct attributes *a, char *word)
{
	static const char *const keys[][2] = {{"4", RESERVED_IPV4},
		{"6", RESERVED_IPV6}, {"port", RESERVED_PORT},
		{"cname", RESERVED_CNAME}, {"alias", RESERVED_ALIAS},
		{"public4", RESERVED_PUBLIC_IPV4}, {"public6", RESERVED_PUBLIC_IPV6},
		{"weight", RESERVED_WEIGHT}, {"health", RESERVED_INIT_HEALTH}};
	char *value = strchr(word, '=');

	must(value != NULL, "read attribute", word);
	*value++ = '\0';
	for (size_t k = 0; k < CMAP_COUNT(keys); k++)
		if (strcmp(word, keys[k][0]) == 0)
			word = (char *)(uintptr_t)keys[k][1];
	attributes_set(a, word, value);
}

struct instance *world_instance(struct world *w, const char *service, const char *id,
	const char *attributes, int64_t lease_ms)
{
	struct service *s = get(w, service);
	struct instance *old = model_instance(s, id);
	char *text = xstrdup(attributes), *rest;
	struct attributes pairs = {.block = NULL};
	struct instance *i;

	for (char *word = strtok_r(text, " ", &rest); word != NULL;
		word = strtok_r(NULL, " ", &rest))
		add_attribute(&pairs, word);
	free(text);
	i = instance_new(id, "", &pairs);
	attributes_free(&pairs);
	must(instance_read_attributes(i) == CMAP_OK, "read attributes", attributes);
	i->lease_ms = (uint32_t)lease_ms;
	i->lease_end_ms = lease_ms == 0 ? MODEL_LEASE_NONE : w->now_ms + lease_ms;
	if (old != NULL)
		zone_instance_replace(w->zone, old);
	model_put_instance(&w->model, s, i);
	zone_instance_put(w->zone, i);
	return i;
}

struct instance *world_find(struct world *w, const char *service, const char *id)
{
	struct instance *i = model_instance(get(w, service), id);

	must(i != NULL, "find instance", id);
	return i;
}

void world_renew(struct world *w, const char *service, const char *id)
{
	struct instance *i = world_find(w, service, id);

	i->lease_end_ms = w->now_ms + i->lease_ms;
	zone_lease_set(w->zone, i, i->lease_end_ms);
}

void world_remove_instance(struct world *w, const char *service, const char *id)
{
	struct instance *i = world_find(w, service, id);

	zone_instance_delete(w->zone, i);
	model_delete_instance(&w->model, i);
}

void world_remove_service(struct world *w, const char *full)
{
	struct service *s = get(w, full);

	zone_service_delete(w->zone, s);
	model_delete_service(&w->model, s);
}

void world_remove_namespace(struct world *w, const char *name)
{
	struct namespace *ns = model_namespace_by_name(&w->model, name);

	must(ns != NULL, "find namespace", name);
	zone_namespace_delete(w->zone, ns);
	model_delete_namespace(&w->model, ns);
}

void world_publish(struct world *w)
{
	zone_publish(w->zone, ++w->model.revision);
}
