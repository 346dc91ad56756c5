/* SPDX-License-Identifier: MIT */
/* DiscoverInstances and DiscoverInstancesRevision. */
#include <stdlib.h>
#include <string.h>

#include "api/ops.h"
#include "api/render.h"
#include "api/writer.h"
#include "base/mem.h"
#include "registry/discover.h"

#define RESULTS 100 /* unless MaxResults says otherwise */

/*
 * By HttpName and the service's name; a DNS namespace, and names in it, also in whatever case the client writes
 * them.
 */
static const struct service *find_service(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	const struct model *m = registry_model(r);
	const char *name = ops_string(in, "NamespaceName");
	const char *owner = ops_string(in, "OwnerAccount");
	const struct namespace *ns = model_namespace_called(m, name);
	const struct service *s;

	if (!ns || (owner && strcmp(owner, registry_options(r)->account) != 0)) {
		fault_set(&q->fault, FAULT_NAMESPACE_NOT_FOUND, "Namespace not found");
		return NULL;
	}
	s = model_service_by_name(ns, ops_string(in, "ServiceName"));
	if (!s)
		fault_set(&q->fault, FAULT_SERVICE_NOT_FOUND, "Service not found");
	return s;
}

static enum discover_health wanted_health(const json_t *in)
{
	const char *text = ops_string(in, "HealthStatus");

	if (!text || strcmp(text, "HEALTHY") == 0)
		return DISCOVER_HEALTHY;
	if (strcmp(text, "UNHEALTHY") == 0)
		return DISCOVER_UNHEALTHY;
	if (strcmp(text, "ALL") == 0)
		return DISCOVER_ALL;
	return DISCOVER_HEALTHY_OR_ELSE_ALL;
}

static void write_found(struct buf *b, const struct service *s,
	struct instance *const *found, uint32_t n)
{
	writer_open_object(b, NULL);
	writer_open_array(b, "Instances");
	for (uint32_t i = 0; i < n; i++) {
		writer_open_object(b, NULL);
		writer_string(b, "InstanceId", found[i]->id);
		writer_string(b, "NamespaceName", s->ns->name);
		writer_string(b, "ServiceName", s->name);
		writer_string(b, "HealthStatus", render_health(found[i]));
		render_attributes(b, "Attributes", &found[i]->attributes);
		writer_close_object(b);
	}
	writer_close_array(b);
	writer_integer(b, "InstancesRevision", (int64_t)s->instances_revision);
	writer_close_object(b);
}

void ops_discover_instances(struct call *q, const json_t *in)
{
	struct discover_request request = {.service = find_service(q, in),
		.max_results = (uint32_t)ops_integer(in, "MaxResults", RESULTS),
		.health = wanted_health(in)};
	struct instance **found;
	uint32_t n;

	if (!request.service)
		return;
	ops_attributes(in, "QueryParameters", &request.query);
	ops_attributes(in, "OptionalParameters", &request.optional);
	found = xcalloc(request.max_results, sizeof(struct instance *));
	n = registry_discover(q->context->registry, &request, found);
	write_found(&q->out, request.service, found, n);
	free(found);
	attributes_free(&request.query);
	attributes_free(&request.optional);
}

void ops_discover_instances_revision(struct call *q, const json_t *in)
{
	const struct service *s = find_service(q, in);

	if (!s)
		return;
	writer_open_object(&q->out, NULL);
	writer_integer(&q->out, "InstancesRevision", (int64_t)s->instances_revision);
	writer_close_object(&q->out);
}
