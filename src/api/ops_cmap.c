/* SPDX-License-Identifier: MIT */
/* cmap's own operations: FindService, RenewLeases, Status. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/ops.h"
#include "api/render.h"
#include "api/writer.h"
#include "base/error.h"
#include "base/mem.h"

/* The namespace above a full name, or NULL with *f set. *service_name as model_namespace_above(). */
static const struct namespace *find_above(const struct registry *r, const char *name,
	char **service_name, struct fault *f)
{
	const struct namespace *ns =
		model_namespace_above(registry_model(r), name, service_name);

	if (!ns)
		fault_set(f, FAULT_NAMESPACE_NOT_FOUND, "no namespace holds '%s'",
			name);
	return ns;
}

void ops_find_service(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	const struct namespace *ns;
	const struct service *s;
	char *service_name;

	ns = find_above(r, ops_string(in, "Name"), &service_name, &q->fault);
	if (!ns)
		return;
	s = model_service_by_name(ns, service_name);
	writer_open_object(&q->out, NULL);
	render_namespace(&q->out, "Namespace", q->context, ns, RENDER_FULL);
	writer_string(&q->out, "ServiceName", service_name);
	if (s)
		render_service(&q->out, "Service", q->context, s, RENDER_FULL);
	writer_close_object(&q->out);
	free(service_name);
}

/* Batches name one service again and again: the last one found is kept. */
struct renewal {
	struct registry *registry;
	const char *id, *name; /* what the last item was found by, one of them */
	const struct service *service;
	int64_t renewed;
	struct buf failed; /* JSON objects with commas between */
};

static const struct service *find_by_name(const struct registry *r, const char *name,
	struct fault *f)
{
	char *service_name;
	const struct namespace *ns = find_above(r, name, &service_name, f);
	const struct service *s;

	if (!ns)
		return NULL;
	s = model_service_by_name(ns, service_name);
	if (!s)
		fault_set(f, FAULT_SERVICE_NOT_FOUND,
			"no service '%s' in namespace '%s'", service_name, ns->name);
	free(service_name);
	return s;
}

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static const struct service *renewal_service(struct renewal *n, const char *id,
	const char *name, struct fault *f)
{
	if (!id == !name) {
		fault_set(f, FAULT_INVALID_INPUT,
			"A lease must have either ServiceId or ServiceName.");
		return NULL;
	}
	if (n->service && (same(id, n->id) || same(name, n->name)))
		return n->service;
	n->id = id;
	n->name = name;
	n->service = id ? registry_find_service(n->registry, id, f)
			: find_by_name(n->registry, name, f);
	return n->service;
}

/* False with *f set if there is no lease to renew. */
static bool renew(struct renewal *n, const char *id, const char *name,
	const char *instance_id, struct fault *f)
{
	const struct service *s = renewal_service(n, id, name, f);
	struct instance *i =
		s ? registry_find_instance(n->registry, s, instance_id, f) : NULL;
	int err;

	if (!i)
		return false;
	err = registry_renew(n->registry, i);
	if (err == CMAP_E_INVALID)
		fault_set(f, FAULT_INVALID_INPUT, "Instance '%s' has no lease.",
			instance_id);
	else if (err)
		fault_set(f, FAULT_INSTANCE_NOT_FOUND, "The lease of '%s' has ended.",
			instance_id);
	return err == CMAP_OK;
}

static void write_failed(struct buf *b, size_t index, const char *id, const char *name,
	const char *instance_id, const struct fault *f)
{
	writer_open_object(b, NULL);
	writer_integer(b, "Index", (int64_t)index);
	writer_optional(b, "ServiceId", id);
	writer_optional(b, "ServiceName", name);
	writer_string(b, "InstanceId", instance_id);
	writer_string(b, "__type", fault_type(f->code));
	writer_string(b, "Message", f->message);
	writer_close_object(b);
}

/* The lease at that place of the request is renewed, or stands among those that failed. */
static void renew_at(struct renewal *n, size_t index, const char *id, const char *name,
	const char *instance_id)
{
	struct fault f = {0};

	if (renew(n, id, name, instance_id, &f)) {
		n->renewed++;
		return;
	}
	write_failed(&n->failed, index, id, name, instance_id, &f);
	fault_free(&f);
}

static void renew_each(struct renewal *n, const json_t *leases)
{
	const json_t *lease;
	size_t i;

	json_array_foreach (leases, i, lease)
		renew_at(n, i, ops_string(lease, "ServiceId"),
			ops_string(lease, "ServiceName"),
			ops_string(lease, "InstanceId"));
}

void ops_renew_leases(struct call *q, const json_t *in)
{
	const json_t *leases = json_object_get(in, "Leases");
	const json_t *ids = json_object_get(in, "InstanceIds");
	const char *id = ops_string(in, "ServiceId");
	const char *name = ops_string(in, "ServiceName");
	struct renewal n = {.registry = q->context->registry};
	const json_t *instance_id;
	size_t i;

	if (json_is_array(leases) == json_is_array(ids) ||
		(json_is_array(leases) && (id || name))) {
		fault_set(&q->fault, FAULT_INVALID_INPUT,
			"RenewLeases must have either Leases, or InstanceIds and one "
			"of "
			"ServiceId and ServiceName.");
		return;
	}
	renew_each(&n, leases);
	json_array_foreach (ids, i, instance_id)
		renew_at(&n, i, id, name, json_string_value(instance_id));
	writer_open_object(&q->out, NULL);
	writer_integer(&q->out, "Renewed", n.renewed);
	writer_open_array(&q->out, "Failed");
	buf_add(&q->out, n.failed.data, n.failed.len);
	writer_close_array(&q->out);
	writer_close_object(&q->out);
	buf_free(&n.failed);
}

static void write_listeners(struct buf *b, const char *const *listeners)
{
	writer_open_array(b, "Listeners");
	for (size_t i = 0; listeners && listeners[i]; i++)
		writer_string(b, NULL, listeners[i]);
	writer_close_array(b);
}

static void write_counters(struct buf *b, const struct api_options *o)
{
	uint64_t sum[COUNTER_N] = {0};

	if (o->counters)
		o->counters(o->counters_arg, sum);
	writer_open_object(b, "Counters");
	for (unsigned int i = 0; i < COUNTER_N; i++)
		writer_integer(b, counter_name((enum counter)i), (int64_t)sum[i]);
	writer_close_object(b);
}

static void write_aliases(struct buf *b, const struct api_options *o)
{
	struct api_aliases n = {0};

	if (o->aliases)
		o->aliases(o->counters_arg, &n);
	writer_open_object(b, "Aliases");
	writer_integer(b, "Targets",
		(int64_t)n.n_new + n.n_good + n.n_stale + n.n_lost);
	writer_integer(b, "New", n.n_new);
	writer_integer(b, "Stale", n.n_stale);
	writer_integer(b, "Failing", n.n_lost);
	writer_close_object(b);
}

void ops_status(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	const struct api_options *o = q->context->options;
	const struct model *m = registry_model(r);
	struct buf *b = &q->out;

	(void)in;
	writer_open_object(b, NULL);
	writer_string(b, "Version", o->version ? o->version : "");
	writer_integer(b, "Pid", getpid());
	writer_integer(b, "UptimeMs", registry_now_ms(r) - q->context->started_ms);
	writer_integer(b, "Revision", (int64_t)m->revision);
	writer_integer(b, "Namespaces", HASH_CNT(by_id, m->namespaces));
	writer_integer(b, "Services", HASH_CNT(by_id, m->services));
	writer_integer(b, "Instances", (int64_t)m->n_instances);
	writer_integer(b, "Leased", (int64_t)m->n_leased);
	writer_open_object(b, "Store");
	writer_string(b, "State", registry_store_state(r));
	writer_optional(b, "Path", o->store_path);
	writer_close_object(b);
	write_listeners(b, o->listeners);
	write_aliases(b, o);
	write_counters(b, o);
	writer_close_object(b);
}
