/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "model/dns_text.h"
#include "model/ids.h"
#include "model/rules.h"
#include "registry/private.h"

/* Kinds of claims. */
enum {
	CLAIM_NAMESPACES = 'N', /* which namespaces there are */
	CLAIM_NAMESPACE = 'n',  /* what a namespace is, but for its name and type */
	CLAIM_SERVICE = 's',    /* a service: that it is there, and what it is */
	CLAIM_NAME = 'd',       /* a name in the DNS */
	CLAIM_KEY = 'k',        /* a service's name in its namespace */
	CLAIM_INSTANCE = 'i'
};

static bool refuse(struct command *c, enum fault_code code, const char *message)
{
	fault_set(&c->fault, code, "%s", message);
	return false;
}

/* Whether c must wait; if not, its claims stand from now on should it be batched. */
static bool must_wait(struct registry *r, const struct claim_list *claims)
{
	if (!claims_conflict(&r->claims, claims))
		return false;
	claims_take(&r->claims, claims); /* nobody behind it may overtake it */
	return true;
}

static bool text_equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

struct operation *decide_add_operation(struct registry *r, enum operation_type type,
	const char *target, int64_t *created_ms, char id[MODEL_OPERATION_TEXT])
{
	struct operation *op = xcalloc(1, sizeof(*op));

	op->type = type;
	id_make_operation(target, *created_ms, op->id);
	while (model_operation(&r->model, op->id) != NULL)
		id_make_operation(target, ++*created_ms, op->id);
	op->created_ms = op->updated_ms = *created_ms;
	op->sequence = r->next_sequence++;
	strcpy(id, op->id);
	delta_batch_add(&r->batch, DELTA_OPERATION_PUT)->operation = op;
	return op;
}

/* ---- namespaces ------------------------------------------------------------------------------- */

/* The DNS namespaces that have the name of ns, or NULL: the others follow by same_name. */
static struct namespace *same_dns_name(const struct registry *r,
	const struct namespace *ns)
{
	return ns->type == NAMESPACE_HTTP ? NULL
					  : model_namespace_by_dns(&r->model, ns->name);
}

/* The namespace that ns, which is new, cannot stand beside; NULL: none. DNS namespaces of one name are for others. */
static struct namespace *rival(const struct registry *r, const struct namespace *ns)
{
	struct namespace *first = same_dns_name(r, ns);
	struct namespace *named = model_namespace_by_name(&r->model, ns->name);

	if (named != NULL && (first == NULL || named->dns_key == NULL ||
				     strcmp(named->dns_key, first->dns_key) != 0))
		return named;
	while (first != NULL && zone_views(r->zone, first) != zone_views(r->zone, ns))
		first = first->same_name;
	return first;
}

/* One of those of a name goes by it, the others are told apart by their ids. */
static void name_apart(const struct registry *r, struct namespace *ns)
{
	const struct namespace *first = same_dns_name(r, ns);
	char *name;

	if (first == NULL || first->http_name != NULL)
		return;
	name = dns_text_fold(ns->name);
	ns->http_name = xasprintf("%s-%s", name, strchr(ns->id, '-') + 1);
	free(name);
}

static bool check_new_namespace(struct registry *r, struct command *c)
{
	const struct namespace *ns = c->ns;

	if (!rules_check_namespace(ns, &c->fault))
		return false;
	if (ns->type != NAMESPACE_HTTP && zone_is_registered(r->zone, ns->name)) {
		fault_set(&c->fault, FAULT_INVALID_INPUT,
			"Names at or below '%s' are registered in another namespace; "
			"delete "
			"them before you create a namespace of that name.",
			ns->name);
		return false;
	}
	return true;
}

static enum decision decide_create_namespace(struct registry *r, struct command *c)
{
	struct namespace *old = rival(r, c->ns);
	struct operation *op;
	int64_t now_ms = clock_wall_ms(r->loop->clock);

	if (old != NULL && c->ns->creator_request_id[0] != '\0' &&
		old->type == c->ns->type &&
		strcmp(old->creator_request_id, c->ns->creator_request_id) == 0 &&
		text_equal(old->description, c->ns->description) &&
		text_equal(old->vpc, c->ns->vpc) && old->soa_ttl == c->ns->soa_ttl &&
		attributes_equal(&old->tags, &c->ns->tags)) {
		strcpy(c->operation_id, old->operation_id); /* the same request again */
		strcpy(c->created_id, old->id);
		return DECISION_DONE;
	}
	if (old != NULL) {
		fault_set(&c->fault, FAULT_NAMESPACE_ALREADY_EXISTS,
			"Namespace '%s' already exists.", c->ns->name);
		c->fault.existing_id = xstrdup(old->id);
		c->fault.existing_creator = xstrdup(old->creator_request_id);
		return DECISION_DONE;
	}
	if (!check_new_namespace(r, c))
		return DECISION_DONE;
	id_make("ns-", c->ns->id);
	name_apart(r, c->ns);
	op = decide_add_operation(r, OPERATION_CREATE_NAMESPACE, c->ns->id, &now_ms,
		c->operation_id);
	strcpy(op->namespace_id, c->ns->id);
	c->ns->created_ms = now_ms;
	strcpy(c->ns->operation_id, op->id);
	strcpy(c->created_id, c->ns->id);
	delta_batch_add(&r->batch, DELTA_NAMESPACE_PUT)->ns = c->ns;
	c->ns = NULL;
	return DECISION_BATCHED;
}

static enum decision decide_delete_namespace(struct registry *r, struct command *c)
{
	const struct namespace *ns = registry_find_namespace(r, c->id, &c->fault);
	int64_t now_ms = clock_wall_ms(r->loop->clock);
	struct operation *op;

	if (ns == NULL)
		return DECISION_DONE;
	if (ns->services != NULL) {
		refuse(c, FAULT_RESOURCE_IN_USE,
			"Namespace contains services; delete the services before "
			"deleting the "
			"namespace");
		return DECISION_DONE;
	}
	op = decide_add_operation(r, OPERATION_DELETE_NAMESPACE, ns->id, &now_ms,
		c->operation_id);
	strcpy(op->namespace_id, ns->id);
	strcpy(delta_batch_add(&r->batch, DELTA_NAMESPACE_DELETE)->id, ns->id);
	return DECISION_BATCHED;
}

/* ---- names in the DNS ------------------------------------------------------------------------- */

/* Whether name, which ns is to publish, lies in ns and not in a namespace of another name further down. */
static bool name_is_in(const struct registry *r, const struct namespace *ns,
	const char *name, struct fault *f)
{
	for (const char *at = name; at != NULL; at = strchr(at, '.')) {
		const struct namespace *above;

		at += *at == '.';
		above = model_namespace_by_dns(&r->model, at);
		if (above == NULL)
			continue;
		if (strcmp(above->dns_key, ns->dns_key) == 0)
			return true;
		fault_set(f, FAULT_INVALID_INPUT,
			"'%s' lies in namespace '%s'; register it there.", name,
			above->name);
		return false;
	}
	return true;
}

static bool name_is_free(const struct registry *r, const struct namespace *ns,
	const char *name, struct fault *f)
{
	switch (zone_name_use(r->zone, ns, name)) {
	case ZONE_USE_NONE:
	case ZONE_USE_EMPTY:
	case ZONE_USE_APEX:
		return true;
	case ZONE_USE_SERVICE:
		fault_set(f, FAULT_INVALID_INPUT,
			"'%s' is the name of a service already.", name);
		return false;
	case ZONE_USE_TARGET:
		fault_set(f, FAULT_INVALID_INPUT,
			"'%s' is the name of an instance of a service with SRV records "
			"already.",
			name);
		return false;
	}
	return false;
}

/* ---- services --------------------------------------------------------------------------------- */

static bool records_equal(const struct service *a, const struct service *b)
{
	if (a->n_records != b->n_records)
		return false;
	for (uint8_t i = 0; i < a->n_records; i++)
		if (a->records[i].type != b->records[i].type ||
			a->records[i].ttl != b->records[i].ttl)
			return false;
	return true;
}

static bool health_equal(const struct service *a, const struct service *b)
{
	const struct health_check *x = &a->health_check, *y = &b->health_check;

	if (a->has_custom_health != b->has_custom_health ||
		a->has_health_check != b->has_health_check)
		return false;
	return !a->has_health_check ||
	       (x->type == y->type && x->failure_threshold == y->failure_threshold &&
		       text_equal(x->resource_path, y->resource_path));
}

/* Whether asking for s was asking for old again. */
static bool same_service(const struct service *old, const struct service *s)
{
	return s->creator_request_id[0] != '\0' &&
	       strcmp(old->creator_request_id, s->creator_request_id) == 0 &&
	       text_equal(old->description, s->description) && records_equal(old, s) &&
	       health_equal(old, s) && old->http_only == s->http_only &&
	       old->has_routing == s->has_routing &&
	       (!s->has_routing || old->routing == s->routing) &&
	       attributes_equal(&old->tags, &s->tags);
}

static enum decision service_exists(struct command *c, const struct service *old)
{
	if (same_service(old, c->service)) {
		strcpy(c->created_id, old->id);
		return DECISION_DONE;
	}
	fault_set(&c->fault, FAULT_SERVICE_ALREADY_EXISTS, "Service already exists.");
	c->fault.existing_id = xstrdup(old->id);
	c->fault.existing_creator = xstrdup(old->creator_request_id);
	return DECISION_DONE;
}

static enum decision decide_create_service(struct registry *r, struct command *c)
{
	const struct namespace *ns =
		registry_find_namespace(r, c->service->namespace_id, &c->fault);
	const struct service *old;
	char *name;
	bool fits;

	if (ns == NULL)
		return DECISION_DONE;
	old = model_service_by_name(ns, c->service->name);
	if (old != NULL)
		return service_exists(c, old);
	if (!rules_check_service(ns, c->service, &c->fault))
		return DECISION_DONE;
	name = rules_service_dns_name(ns, c->service);
	fits = name == NULL || (name_is_in(r, ns, name, &c->fault) &&
				       name_is_free(r, ns, name, &c->fault));
	free(name);
	if (!fits)
		return DECISION_DONE;
	id_make("srv-", c->service->id);
	strcpy(c->created_id, c->service->id);
	c->service->created_ms = clock_wall_ms(r->loop->clock);
	delta_batch_add(&r->batch, DELTA_SERVICE_PUT)->service = c->service;
	c->service = NULL;
	return DECISION_BATCHED;
}

static void add_instance_delete(struct registry *r, const struct instance *i)
{
	struct delta *d = delta_batch_add(&r->batch, DELTA_INSTANCE_DELETE);

	strcpy(d->service_id, i->service->id);
	d->key.instance_id = xstrdup(i->id);
}

static enum decision decide_delete_service(struct registry *r, struct command *c)
{
	const struct service *s = registry_find_service(r, c->id, &c->fault);
	int64_t now_ms = registry_now_ms(r);
	struct instance *i, *next;

	if (s == NULL)
		return DECISION_DONE;
	HASH_ITER (by_id, s->instances, i, next) {
		if (instance_is_live(i, now_ms)) {
			refuse(c, FAULT_RESOURCE_IN_USE,
				"Service contains registered instances; delete the "
				"instances "
				"before deleting the service");
			return DECISION_DONE;
		}
	}
	HASH_ITER (by_id, s->instances, i, next)
		add_instance_delete(r, i); /* expired, not yet collected */
	strcpy(delta_batch_add(&r->batch, DELTA_SERVICE_DELETE)->id, s->id);
	return DECISION_BATCHED;
}

/* ---- instances -------------------------------------------------------------------------------- */

static void instance_target(const char *service_id, const char *instance_id,
	char out[MODEL_ID_TEXT + RULES_INSTANCE_ID_MAX + 2])
{
	char *end = stpcpy(out, service_id);

	*end++ = '/';
	strcpy(end, instance_id);
}

/* i is what is registered already, and asked for by the same request. */
static bool same_request(const struct instance *old, const struct instance *i)
{
	return (i->parts & INSTANCE_CREATOR) &&
	       strcmp(instance_creator(old), instance_creator(i)) == 0 &&
	       attributes_equal(&old->attributes, &i->attributes);
}

/* Deltas in the batch that may add an instance: more than zero make an exact count impossible. */
static bool batch_adds_instances(const struct registry *r)
{
	for (uint32_t i = 0; i < r->batch.n; i++)
		if (r->batch.deltas[i].type == DELTA_INSTANCE_PUT)
			return true;
	return false;
}

/* c->instance, in the place of old, or new if that is NULL. */
static bool check_new_instance(struct registry *r, struct command *c,
	const struct service *s, const struct instance *old)
{
	bool had_name = old != NULL && (service_record(s, RECORD_SRV) != NULL ||
					       (old->parts & INSTANCE_PORTS));
	char *name = had_name ? NULL : rules_instance_dns_name(s, c->instance);
	bool fits = name == NULL || (name_is_in(r, s->ns, name, &c->fault) &&
					    name_is_free(r, s->ns, name, &c->fault));

	free(name);
	if (fits && old == NULL &&
		model_instance_count(s) >= r->options.max_instances) {
		fault_set(&c->fault, FAULT_RESOURCE_LIMIT_EXCEEDED,
			"Service '%s' has %u instances, the most that max_instances "
			"allows.",
			s->name, (unsigned int)r->options.max_instances);
		fits = false;
	}
	return fits;
}

static enum decision decide_register(struct registry *r, struct command *c)
{
	const struct service *s = registry_find_service(r, c->id, &c->fault);
	char target[MODEL_ID_TEXT + RULES_INSTANCE_ID_MAX + 2];
	int64_t wall_ms = clock_wall_ms(r->loop->clock);
	struct operation *op;
	struct instance *old;
	struct delta *d;

	if (s == NULL || !rules_check_instance(s, c->instance, &c->fault))
		return DECISION_DONE;
	if (instance_read_attributes(c->instance) != CMAP_OK) {
		refuse(c, FAULT_INVALID_INPUT,
			"An attribute of the instance does not parse.");
		return DECISION_DONE;
	}
	instance_target(s->id, c->instance->id, target);
	old = model_instance(s, c->instance->id);
	if (old != NULL && same_request(old, c->instance) &&
		(old->lease_ms == 0 || registry_renew(r, old) == CMAP_OK)) {
		id_make_operation(target, old->created_ms, c->operation_id);
		return DECISION_DONE;
	}
	if (old == NULL &&
		model_instance_count(s) + r->batch.n >= r->options.max_instances &&
		batch_adds_instances(r))
		return DECISION_LATER; /* near the limit they are counted one by one */
	if (!check_new_instance(r, c, s, old))
		return DECISION_DONE;
	op = decide_add_operation(r, OPERATION_REGISTER_INSTANCE, target, &wall_ms,
		c->operation_id);
	strcpy(op->service_id, s->id);
	op->instance_id = xstrdup(c->instance->id);
	c->instance->created_ms = wall_ms;
	d = delta_batch_add(&r->batch, DELTA_INSTANCE_PUT);
	strcpy(d->service_id, s->id);
	d->instance = c->instance;
	c->instance = NULL;
	return DECISION_BATCHED;
}

static enum decision decide_deregister(struct registry *r, struct command *c)
{
	const struct service *s = registry_find_service(r, c->id, &c->fault);
	const struct instance *i =
		s == NULL ? NULL
			  : registry_find_instance(r, s, c->instance_id, &c->fault);
	char target[MODEL_ID_TEXT + RULES_INSTANCE_ID_MAX + 2];
	int64_t wall_ms = clock_wall_ms(r->loop->clock);
	struct operation *op;

	if (i == NULL)
		return DECISION_DONE;
	instance_target(s->id, i->id, target);
	op = decide_add_operation(r, OPERATION_DEREGISTER_INSTANCE, target, &wall_ms,
		c->operation_id);
	strcpy(op->service_id, s->id);
	op->instance_id = xstrdup(i->id);
	add_instance_delete(r, i);
	return DECISION_BATCHED;
}

/* A lease has ended; by now the instance may be gone, or registered anew. */
static enum decision decide_expire(struct registry *r, struct command *c)
{
	const struct service *s = model_service(&r->model, c->id);
	const struct instance *i = s == NULL ? NULL : model_instance(s, c->instance_id);

	if (i == NULL || instance_is_live(i, registry_now_ms(r)))
		return DECISION_DONE;
	add_instance_delete(r, i);
	return DECISION_BATCHED;
}

static enum decision decide_save_leases(struct registry *r, struct command *c)
{
	uint32_t before = r->batch.n;

	(void)c;
	lease_collect(r, &r->batch);
	return r->batch.n > before ? DECISION_BATCHED : DECISION_DONE;
}

/* ---- all of them ------------------------------------------------------------------------------ */

/* Claims on a name in the DNS that c would publish. */
static void claim_name(struct claim_list *l, char *name)
{
	if (name != NULL)
		claim_add(l, CLAIM_NAME, name, NULL, true);
	free(name);
}

/* A service's name in its namespace; where case counts, ignoring it makes somebody wait in vain. */
static void claim_service_name(const struct registry *r, const struct service *s,
	struct claim_list *l)
{
	const struct namespace *ns = model_namespace(&r->model, s->namespace_id);
	char *key = xstrdup(s->name);

	for (char *at = key; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	claim_add(l, CLAIM_KEY, s->namespace_id, key, true);
	free(key);
	if (ns != NULL)
		claim_name(l, rules_service_dns_name(ns, s));
}

static void claim_all(const struct registry *r, const struct command *c,
	struct claim_list *l)
{
	const struct service *s;
	bool namespaces = c->type == COMMAND_CREATE_NAMESPACE ||
			  c->type == COMMAND_DELETE_NAMESPACE;

	claim_add(l, CLAIM_NAMESPACES, "", NULL, namespaces);
	switch (c->type) {
	case COMMAND_CREATE_SERVICE:
		claim_service_name(r, c->service, l);
		break;
	case COMMAND_UPDATE_NAMESPACE:
		claim_add(l, CLAIM_NAMESPACE, c->id, NULL, true);
		break;
	case COMMAND_CHANGE_TAGS: /* of either */
		claim_add(l, CLAIM_NAMESPACE, c->id, NULL, true);
		claim_add(l, CLAIM_SERVICE, c->id, NULL, true);
		break;
	case COMMAND_UPDATE_SERVICE:
	case COMMAND_CHANGE_ATTRIBUTES:
	case COMMAND_DELETE_SERVICE:
		claim_add(l, CLAIM_SERVICE, c->id, NULL, true);
		break;
	case COMMAND_REGISTER_INSTANCE:
		claim_add(l, CLAIM_SERVICE, c->id, NULL, false);
		claim_add(l, CLAIM_INSTANCE, c->id, c->instance->id, true);
		s = model_service(&r->model, c->id);
		if (s != NULL)
			claim_name(l, rules_instance_dns_name(s, c->instance));
		break;
	case COMMAND_DEREGISTER_INSTANCE:
	case COMMAND_UPDATE_HEALTH:
	case COMMAND_SETTLE_HEALTH:
	case COMMAND_EXPIRE_INSTANCE:
		claim_add(l, CLAIM_SERVICE, c->id, NULL, false);
		claim_add(l, CLAIM_INSTANCE, c->id, c->instance_id, true);
		break;
	case COMMAND_CREATE_NAMESPACE:
	case COMMAND_DELETE_NAMESPACE:
	case COMMAND_SAVE_LEASES:
		break;
	}
}

static enum decision decide_type(struct registry *r, struct command *c)
{
	switch (c->type) {
	case COMMAND_CREATE_NAMESPACE:
		return decide_create_namespace(r, c);
	case COMMAND_DELETE_NAMESPACE:
		return decide_delete_namespace(r, c);
	case COMMAND_UPDATE_NAMESPACE:
		return decide_update_namespace(r, c);
	case COMMAND_CREATE_SERVICE:
		return decide_create_service(r, c);
	case COMMAND_UPDATE_SERVICE:
		return decide_update_service(r, c);
	case COMMAND_CHANGE_TAGS:
		return decide_change_tags(r, c);
	case COMMAND_CHANGE_ATTRIBUTES:
		return decide_change_attributes(r, c);
	case COMMAND_DELETE_SERVICE:
		return decide_delete_service(r, c);
	case COMMAND_REGISTER_INSTANCE:
		return decide_register(r, c);
	case COMMAND_DEREGISTER_INSTANCE:
		return decide_deregister(r, c);
	case COMMAND_UPDATE_HEALTH:
		return decide_update_health(r, c);
	case COMMAND_SETTLE_HEALTH:
		return decide_settle_health(r, c);
	case COMMAND_EXPIRE_INSTANCE:
		return decide_expire(r, c);
	case COMMAND_SAVE_LEASES:
		return decide_save_leases(r, c);
	}
	return DECISION_DONE;
}

enum decision decide(struct registry *r, struct command *c)
{
	struct claim_list claims = {.n = 0};
	enum decision decision;

	claim_all(r, c, &claims);
	if (must_wait(r, &claims))
		return DECISION_LATER;
	decision = decide_type(r, c);
	if (decision != DECISION_DONE)
		claims_take(&r->claims, &claims);
	return decision;
}
