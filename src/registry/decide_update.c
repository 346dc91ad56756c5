/* SPDX-License-Identifier: MIT */
/* Deciding what changes a namespace or a service that is there: a changed copy goes in its place. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "model/rules.h"
#include "registry/private.h"

static bool refuse(struct command *c, const char *message)
{
	fault_set(&c->fault, FAULT_INVALID_INPUT, "%s", message);
	return false;
}

/* wanted, if it is given, takes the place of *text. */
static void change_text(char **text, const char *wanted)
{
	if (wanted == NULL)
		return;
	free(*text);
	*text = xstrdup(wanted);
}

/* ---- namespaces ------------------------------------------------------------------------------- */

static bool check_type(const struct namespace *ns, struct command *c)
{
	static const char *const operations[] = {
		[NAMESPACE_DNS_PUBLIC] = "UpdatePublicDnsNamespace",
		[NAMESPACE_DNS_PRIVATE] = "UpdatePrivateDnsNamespace",
		[NAMESPACE_HTTP] = "UpdateHttpNamespace",
	};

	if (c->ns->type == ns->type)
		return true;
	fault_set(&c->fault, FAULT_INVALID_INPUT,
		"Namespace '%s' is of type %s; update it with %s.", ns->name,
		namespace_type_name(ns->type), operations[ns->type]);
	return false;
}

/* The request that ns was last updated by comes again. */
static bool is_repeated(const struct namespace *ns, const struct command *c)
{
	const char *request = c->ns->updater_request_id;

	return request != NULL && ns->updater_request_id != NULL &&
	       strcmp(request, ns->updater_request_id) == 0;
}

/* All that c asks for, ns has already. */
static bool has_all(const struct namespace *ns, const struct command *c)
{
	const char *text = c->ns->description;

	return (text == NULL || (ns->description != NULL &&
					strcmp(text, ns->description) == 0)) &&
	       (c->ns->soa_ttl < 0 || c->ns->soa_ttl == ns->soa_ttl);
}

enum decision decide_update_namespace(struct registry *r, struct command *c)
{
	const struct namespace *ns = registry_find_namespace(r, c->id, &c->fault);
	int64_t now_ms = clock_wall_ms(r->loop->clock);
	struct namespace *fresh;
	struct operation *op;

	if (ns == NULL || !check_type(ns, c))
		return DECISION_DONE;
	if (is_repeated(ns, c)) {
		if (has_all(ns, c))
			strcpy(c->operation_id, ns->update_operation_id);
		else
			refuse(c, "UpdaterRequestId is that of another update; each "
				  "update needs one of its own.");
		return DECISION_DONE;
	}
	fresh = namespace_copy(ns);
	change_text(&fresh->description, c->ns->description);
	if (c->ns->soa_ttl >= 0)
		fresh->soa_ttl = c->ns->soa_ttl;
	free(fresh->updater_request_id);
	fresh->updater_request_id = c->ns->updater_request_id;
	c->ns->updater_request_id = NULL;
	op = decide_add_operation(r, OPERATION_UPDATE_NAMESPACE, ns->id, &now_ms,
		c->operation_id);
	strcpy(op->namespace_id, ns->id);
	strcpy(fresh->update_operation_id, op->id);
	delta_batch_add(&r->batch, DELTA_NAMESPACE_PUT)->ns = fresh;
	return DECISION_BATCHED;
}

/* ---- services --------------------------------------------------------------------------------- */

/* "A, SRV" */
static char *record_types(const struct service *s)
{
	struct buf text = {.data = NULL};

	for (uint8_t i = 0; i < s->n_records && i < RECORD_N; i++)
		buf_printf(&text, "%s%s", i > 0 ? ", " : "",
			record_type_name(s->records[i].type));
	return buf_take(&text);
}

static bool refuse_types(struct command *c, const struct service *s)
{
	char *old = record_types(s), *wanted = record_types(c->service);

	fault_set(&c->fault, FAULT_INVALID_INPUT,
		"The record types in the request must be the same as those present in "
		"the existing service. Records in the existing service are [%s], but "
		"the records in the request are [%s]. The record types of a service "
		"cannot be changed.",
		old, wanted);
	free(old);
	free(wanted);
	return false;
}

/* The records keep their types and their order and get the TTLs of the request. */
static bool change_records(struct service *fresh, struct command *c)
{
	if (!c->with_records) {
		fresh->n_records = 0;
		fresh->has_routing = false;
		return true;
	}
	if (c->service->n_records != fresh->n_records)
		return refuse_types(c, fresh);
	for (uint8_t i = 0; i < fresh->n_records; i++) {
		struct dns_record *record = &fresh->records[i];
		const struct dns_record *wanted =
			service_record(c->service, record->type);

		if (wanted == NULL)
			return refuse_types(c, fresh);
		record->ttl = wanted->ttl;
	}
	return true;
}

static bool change_health_check(struct service *fresh, struct command *c)
{
	if (fresh->has_health_check && c->service->has_health_check &&
		fresh->health_check.type != c->service->health_check.type)
		return refuse(c, "Type of health check cannot be changed");
	free(fresh->health_check.resource_path);
	fresh->has_health_check = c->service->has_health_check;
	fresh->health_check = c->service->health_check;
	c->service->health_check.resource_path = NULL;
	return true;
}

enum decision decide_update_service(struct registry *r, struct command *c)
{
	const struct service *s = registry_find_service(r, c->id, &c->fault);
	int64_t now_ms = clock_wall_ms(r->loop->clock);
	struct service *fresh;
	struct operation *op;

	if (s == NULL)
		return DECISION_DONE;
	if (s->ns->type == NAMESPACE_HTTP) {
		refuse(c, "Services in an HTTP namespace cannot be updated.");
		return DECISION_DONE;
	}
	fresh = service_copy(s);
	change_text(&fresh->description, c->service->description);
	if (!change_records(fresh, c) || !change_health_check(fresh, c) ||
		!rules_check_service(s->ns, fresh, &c->fault)) {
		service_free(fresh);
		return DECISION_DONE;
	}
	op = decide_add_operation(r, OPERATION_UPDATE_SERVICE, s->id, &now_ms,
		c->operation_id);
	strcpy(op->service_id, s->id);
	delta_batch_add(&r->batch, DELTA_SERVICE_PUT)->service = fresh;
	return DECISION_BATCHED;
}

/* ---- tags, and the attributes of services ------------------------------------------------------ */

/* pairs as c has them changed; what stays keeps its place. */
static struct attributes changed(const struct attributes *pairs,
	const struct command *c)
{
	struct attributes out = attributes_copy(pairs);
	const char *key, *value;
	uint32_t pos = 0;

	while (attributes_next(&c->remove, &pos, &key, &value))
		attributes_remove(&out, key);
	pos = 0;
	while (attributes_next(&c->put, &pos, &key, &value))
		attributes_set(&out, key, value);
	return out;
}

/* Whether tags are those that the resource has, or too many; they are released then. */
static bool settles(struct command *c, const struct attributes *old,
	struct attributes *tags)
{
	if (tags->n <= RULES_TAGS && !attributes_equal(old, tags))
		return false;
	if (tags->n > RULES_TAGS) {
		fault_set(&c->fault, FAULT_TOO_MANY_TAGS,
			"A resource can have %d tags; with these it would have %u.",
			RULES_TAGS, (unsigned int)tags->n);
		c->fault.existing_id = xstrdup(c->id);
	}
	attributes_free(tags);
	return true;
}

enum decision decide_change_tags(struct registry *r, struct command *c)
{
	const struct namespace *ns = model_namespace(&r->model, c->id);
	const struct service *s = model_service(&r->model, c->id);
	const struct attributes *old = ns != NULL ? &ns->tags : NULL;
	struct attributes tags;

	if (s != NULL)
		old = &s->tags;
	if (old == NULL) {
		fault_set(&c->fault, FAULT_RESOURCE_NOT_FOUND,
			"No namespace or service has the id '%s'.", c->id);
		return DECISION_DONE;
	}
	tags = changed(old, c);
	if (settles(c, old, &tags))
		return DECISION_DONE;
	if (s != NULL) {
		struct service *fresh = service_copy(s);

		attributes_free(&fresh->tags);
		fresh->tags = tags;
		delta_batch_add(&r->batch, DELTA_SERVICE_PUT)->service = fresh;
	} else {
		struct namespace *fresh = namespace_copy(ns);

		attributes_free(&fresh->tags);
		fresh->tags = tags;
		delta_batch_add(&r->batch, DELTA_NAMESPACE_PUT)->ns = fresh;
	}
	return DECISION_BATCHED;
}

enum decision decide_change_attributes(struct registry *r, struct command *c)
{
	const struct service *s = registry_find_service(r, c->id, &c->fault);
	struct attributes attributes;
	struct service *fresh;

	if (s == NULL)
		return DECISION_DONE;
	attributes = changed(&s->attributes, c);
	if (attributes.n > RULES_SERVICE_ATTRIBUTES)
		fault_set(&c->fault, FAULT_SERVICE_ATTRIBUTES_LIMIT_EXCEEDED,
			"A service can have %d attributes; with these '%s' would have "
			"%u.",
			RULES_SERVICE_ATTRIBUTES, s->name, (unsigned int)attributes.n);
	if (c->fault.code != FAULT_NONE ||
		attributes_equal(&s->attributes, &attributes)) {
		attributes_free(&attributes);
		return DECISION_DONE;
	}
	fresh = service_copy(s);
	attributes_free(&fresh->attributes);
	fresh->attributes = attributes;
	delta_batch_add(&r->batch, DELTA_SERVICE_PUT)->service = fresh;
	return DECISION_BATCHED;
}
