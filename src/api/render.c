/* SPDX-License-Identifier: MIT */
#include "api/render.h"

#include "api/writer.h"
#include "model/ids.h"
#include "registry/discover.h"

static void write_arn(struct buf *b, const struct call_context *ctx, const char *kind,
	const char *id)
{
	char arn[ID_ARN_TEXT];

	id_make_arn(call_region(ctx), registry_options(ctx->registry)->account, kind,
		id, arn);
	writer_string(b, "Arn", arn);
}

/* SOA is there, empty, when no TTL was given; so it is with an HTTP namespace. */
static void write_properties(struct buf *b, const struct namespace *ns)
{
	char zone_id[MODEL_ID_TEXT];

	writer_open_object(b, "Properties");
	writer_open_object(b, "DnsProperties");
	if (ns->type != NAMESPACE_HTTP) {
		id_make_zone(ns->id, zone_id);
		writer_string(b, "HostedZoneId", zone_id);
	}
	writer_open_object(b, "SOA");
	if (ns->soa_ttl >= 0)
		writer_integer(b, "TTL", ns->soa_ttl);
	writer_close_object(b);
	writer_close_object(b);
	writer_open_object(b, "HttpProperties");
	writer_string(b, "HttpName", namespace_http_name(ns));
	writer_close_object(b);
	writer_close_object(b);
}

void render_namespace(struct buf *b, const char *key, const struct call_context *ctx,
	const struct namespace *ns, enum render_view view)
{
	writer_open_object(b, key);
	writer_string(b, "Id", ns->id);
	write_arn(b, ctx, "namespace", ns->id);
	writer_string(b, "ResourceOwner", registry_options(ctx->registry)->account);
	writer_string(b, "Name", ns->name);
	writer_string(b, "Type", namespace_type_name(ns->type));
	writer_optional(b, "Description", ns->description);
	writer_integer(b, "ServiceCount", model_service_count(ns));
	write_properties(b, ns);
	writer_date(b, "CreateDate", ns->created_ms);
	if (view != RENDER_SUMMARY)
		writer_optional(b, "CreatorRequestId", ns->creator_request_id);
	writer_close_object(b);
}

/* Empty for a service that only the API knows. Summaries leave NamespaceId out, as Cloud Map's do. */
static void write_dns_config(struct buf *b, const struct service *s,
	enum render_view view)
{
	writer_open_object(b, "DnsConfig");
	if (s->n_records > 0) {
		if (view != RENDER_SUMMARY)
			writer_string(b, "NamespaceId", s->namespace_id);
		if (s->has_routing)
			writer_string(b, "RoutingPolicy",
				routing_policy_name(s->routing));
		writer_open_array(b, "DnsRecords");
		for (uint8_t i = 0; i < s->n_records; i++) {
			writer_open_object(b, NULL);
			writer_string(b, "Type", record_type_name(s->records[i].type));
			writer_integer(b, "TTL", s->records[i].ttl);
			writer_close_object(b);
		}
		writer_close_array(b);
	}
	writer_close_object(b);
}

static void write_health_checks(struct buf *b, const struct service *s)
{
	if (s->has_health_check) {
		writer_open_object(b, "HealthCheckConfig");
		writer_string(b, "Type", health_type_name(s->health_check.type));
		writer_optional(b, "ResourcePath", s->health_check.resource_path);
		writer_integer(b, "FailureThreshold",
			s->health_check.failure_threshold);
		writer_close_object(b);
	}
	if (s->has_custom_health) {
		writer_open_object(b, "HealthCheckCustomConfig");
		writer_integer(b, "FailureThreshold",
			1); /* Cloud Map's, whatever was given */
		writer_close_object(b);
	}
}

void render_service(struct buf *b, const char *key, const struct call_context *ctx,
	const struct service *s, enum render_view view)
{
	const char *account = registry_options(ctx->registry)->account;

	writer_open_object(b, key);
	writer_string(b, "Id", s->id);
	write_arn(b, ctx, "service", s->id);
	writer_string(b, "ResourceOwner", account);
	writer_string(b, "Name", s->name);
	if (view != RENDER_SUMMARY)
		writer_string(b, "NamespaceId", s->namespace_id);
	writer_optional(b, "Description", s->description);
	if (view != RENDER_CREATED)
		writer_integer(b, "InstanceCount", model_instance_count(s));
	write_dns_config(b, s, view);
	writer_string(b, "Type", s->n_records > 0 ? "DNS_HTTP" : "HTTP");
	write_health_checks(b, s);
	writer_date(b, "CreateDate", s->created_ms);
	if (view != RENDER_SUMMARY)
		writer_optional(b, "CreatorRequestId", s->creator_request_id);
	writer_string(b, "CreatedByAccount", account);
	writer_close_object(b);
}

void render_attributes(struct buf *b, const char *key, const struct attributes *a)
{
	const char *name, *value;
	uint32_t pos = 0;

	writer_open_object(b, key);
	while (attributes_next(a, &pos, &name, &value))
		writer_pair(b, name, value);
	writer_close_object(b);
}

/* All operations have succeeded by the time they are known. */
void render_operation(struct buf *b, const char *key, const struct call_context *ctx,
	const struct operation *op)
{
	writer_open_object(b, key);
	writer_string(b, "Id", op->id);
	writer_string(b, "OwnerAccount", registry_options(ctx->registry)->account);
	writer_string(b, "Type", operation_type_name(op->type));
	writer_string(b, "Status", "SUCCESS");
	writer_date(b, "CreateDate", op->created_ms);
	writer_date(b, "UpdateDate", op->updated_ms);
	writer_open_object(b, "Targets");
	if (op->instance_id)
		writer_string(b, "INSTANCE", op->instance_id);
	if (op->namespace_id[0] != '\0')
		writer_string(b, "NAMESPACE", op->namespace_id);
	if (op->service_id[0] != '\0')
		writer_string(b, "SERVICE", op->service_id);
	writer_close_object(b);
	writer_close_object(b);
}

const char *render_health(const struct instance *i)
{
	switch (instance_health(i->service, i)) {
	case HEALTH_STATUS_HEALTHY:
		return "HEALTHY";
	case HEALTH_STATUS_UNHEALTHY:
		return "UNHEALTHY";
	case HEALTH_STATUS_UNKNOWN:
		break;
	}
	return "UNKNOWN";
}
