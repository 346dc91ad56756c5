/* SPDX-License-Identifier: MIT */
#include "api/operations.h"

#include <string.h>

#include "api/document.h"
#include "api/ops.h"
#include "api/shapes.h"
#include "api/writer.h"
#include "model/ids.h"

#define CLOUD_MAP "Route53AutoNaming_v20170314"
#define CMAP      "Cmap_v1"

static const struct api_operation operations[] = {
	{CLOUD_MAP, "CreateHttpNamespace", &shape_create_http_namespace,
		ops_create_http_namespace},
	{CLOUD_MAP, "CreatePrivateDnsNamespace", &shape_create_private_dns_namespace,
		ops_create_private_dns_namespace},
	{CLOUD_MAP, "CreatePublicDnsNamespace", &shape_create_public_dns_namespace,
		ops_create_public_dns_namespace},
	{CLOUD_MAP, "CreateService", &shape_create_service, ops_create_service},
	{CLOUD_MAP, "DeleteNamespace", &shape_by_id, ops_delete_namespace},
	{CLOUD_MAP, "DeleteService", &shape_by_id, ops_delete_service},
	{CLOUD_MAP, "DeleteServiceAttributes", &shape_delete_service_attributes,
		ops_delete_service_attributes},
	{CLOUD_MAP, "DeregisterInstance", &shape_instance_key, ops_deregister_instance},
	{CLOUD_MAP, "DiscoverInstances", &shape_discover_instances,
		ops_discover_instances},
	{CLOUD_MAP, "DiscoverInstancesRevision", &shape_discover_instances_revision,
		ops_discover_instances_revision},
	{CLOUD_MAP, "GetInstance", &shape_instance_key, ops_get_instance},
	{CLOUD_MAP, "GetInstancesHealthStatus", &shape_get_instances_health_status,
		ops_get_instances_health_status},
	{CLOUD_MAP, "GetNamespace", &shape_by_id, ops_get_namespace},
	{CLOUD_MAP, "GetOperation", &shape_get_operation, ops_get_operation},
	{CLOUD_MAP, "GetService", &shape_by_id, ops_get_service},
	{CLOUD_MAP, "GetServiceAttributes", &shape_get_service_attributes,
		ops_get_service_attributes},
	{CLOUD_MAP, "ListInstances", &shape_list_instances, ops_list_instances},
	{CLOUD_MAP, "ListNamespaces", &shape_list_namespaces, ops_list_namespaces},
	{CLOUD_MAP, "ListOperations", &shape_list_operations, ops_list_operations},
	{CLOUD_MAP, "ListServices", &shape_list_services, ops_list_services},
	{CLOUD_MAP, "ListTagsForResource", &shape_list_tags,
		ops_list_tags_for_resource},
	{CLOUD_MAP, "RegisterInstance", &shape_register_instance,
		ops_register_instance},
	{CLOUD_MAP, "TagResource", &shape_tag_resource, ops_tag_resource},
	{CLOUD_MAP, "UntagResource", &shape_untag_resource, ops_untag_resource},
	{CLOUD_MAP, "UpdateHttpNamespace", &shape_update_http_namespace,
		ops_update_http_namespace},
	{CLOUD_MAP, "UpdateInstanceCustomHealthStatus",
		&shape_update_instance_custom_health_status,
		ops_update_instance_custom_health_status},
	{CLOUD_MAP, "UpdatePrivateDnsNamespace", &shape_update_private_dns_namespace,
		ops_update_private_dns_namespace},
	{CLOUD_MAP, "UpdatePublicDnsNamespace", &shape_update_public_dns_namespace,
		ops_update_public_dns_namespace},
	{CLOUD_MAP, "UpdateService", &shape_update_service, ops_update_service},
	{CLOUD_MAP, "UpdateServiceAttributes", &shape_update_service_attributes,
		ops_update_service_attributes},
	{CMAP, "ExportZone", &shape_export_zone, ops_export_zone},
	{CMAP, "FindService", &shape_find_service, ops_find_service},
	{CMAP, "ListInstances", &shape_list_instances, ops_list_leases},
	{CMAP, "RenewLeases", &shape_renew_leases, ops_renew_leases},
	{CMAP, "Status", &shape_empty, ops_status},
};

const struct api_operation *operation_table(size_t *n)
{
	*n = CMAP_COUNT(operations);
	return operations;
}

const struct api_operation *operation_find(const char *target)
{
	const char *dot = strchr(target, '.');
	size_t len = dot ? (size_t)(dot - target) : 0;

	for (size_t i = 0; dot && i < CMAP_COUNT(operations); i++) {
		const struct api_operation *op = &operations[i];

		if (strlen(op->service) == len &&
			memcmp(op->service, target, len) == 0 &&
			strcmp(op->name, dot + 1) == 0)
			return op;
	}
	return NULL;
}

/* A header can hold any octet; what is told of it is printable and short. */
static void refuse_target(struct call *q, const char *target)
{
	char shown[81];
	size_t i;

	if (!target) {
		fault_set(&q->fault, FAULT_UNKNOWN_OPERATION,
			"The request has no header X-Amz-Target, such as " CLOUD_MAP
			".ListNamespaces.");
		return;
	}
	for (i = 0; target[i] && i < sizeof(shown) - 1; i++)
		shown[i] = target[i] > ' ' && target[i] < 0x7F ? target[i] : '?';
	shown[i] = '\0';
	fault_set(&q->fault, FAULT_UNKNOWN_OPERATION,
		"X-Amz-Target '%s' names no operation.", shown);
}

/* The deepest nesting of brackets outside strings: jansson itself would go 2,048 deep. */
static size_t json_depth(const char *body, size_t len)
{
	size_t depth = 0, deepest = 0;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		char c = body[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > deepest)
				deepest = depth;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return deepest;
}

static void refuse_json(struct call *q, const json_error_t *error)
{
	enum json_error_code code = json_error_code(error);
	bool nul = code == json_error_null_character ||
		   code == json_error_null_byte_in_key;

	fault_set(&q->fault, FAULT_SERIALIZATION,
		"The body is not JSON: line %d, column %d: %s.", error->line,
		error->column,
		nul ? "a string holds the character U+0000" : error->text);
}

/* NULL with q->fault set if body is no JSON; else it is to be forgotten. */
static json_t *read_body(struct call *q, const char *body, size_t len)
{
	json_error_t error;
	json_t *in;

	if (json_depth(body, len) > CALL_JSON_DEPTH) {
		fault_set(&q->fault, FAULT_SERIALIZATION,
			"The body nests objects and arrays deeper than %d.",
			CALL_JSON_DEPTH);
		return NULL;
	}
	in = document_read(body, len, &error);
	if (!in)
		refuse_json(q, &error);
	return in;
}

bool call_start(struct call *q, const char *target, const char *body, size_t len)
{
	const struct api_operation *op = target ? operation_find(target) : NULL;
	json_t *in;

	if (!op) {
		refuse_target(q, target);
		return true;
	}
	in = read_body(q, body, len);
	if (!in)
		return true;
	if (shape_check(op->input, in, &q->fault))
		op->run(q, in);
	document_forget();
	return q->command == NULL;
}

static void command_done(struct command *c)
{
	struct call *q = c->arg;

	if (q) {
		q->command = NULL;
		if (c->fault.code != FAULT_NONE) {
			q->fault = c->fault;
			c->fault = (struct fault){0};
		} else {
			q->answer(q, c);
		}
	}
	command_free(c);
	if (q && !q->submitting)
		q->done(q);
}

void call_submit(struct call *q, struct command *c,
	void (*answer)(struct call *q, const struct command *c))
{
	c->done = command_done;
	c->arg = q;
	q->command = c;
	q->answer = answer;
	q->submitting = true;
	registry_submit(q->context->registry, c);
	q->submitting = false;
}

const char *call_region(const struct call_context *ctx)
{
	return ctx->region ? ctx->region : registry_options(ctx->registry)->region;
}

void call_end(struct call *q)
{
	if (q->command)
		q->command->arg = NULL;
	q->command = NULL;
	fault_free(&q->fault);
	buf_free(&q->out);
}

/* Of a namespace or service that is there already. */
static void write_existing(const struct call_context *ctx, const struct fault *f,
	struct buf *out)
{
	const struct registry_options *o = registry_options(ctx->registry);
	char arn[ID_ARN_TEXT];

	writer_optional(out, "CreatorRequestId", f->existing_creator);
	if (f->code == FAULT_NAMESPACE_ALREADY_EXISTS) {
		writer_optional(out, "NamespaceId", f->existing_id);
	} else if (f->existing_id) {
		id_make_arn(call_region(ctx), o->account, "service", f->existing_id,
			arn);
		writer_string(out, "ServiceId", f->existing_id);
		writer_string(out, "ServiceArn", arn);
	}
}

/* The ARN of what is there; else the name that it would have had. */
static void write_resource_name(const struct call_context *ctx, const struct fault *f,
	struct buf *out)
{
	const char *account = registry_options(ctx->registry)->account;
	char arn[ID_ARN_TEXT];

	if (f->existing_id) {
		id_make_arn(call_region(ctx), account,
			strncmp(f->existing_id, "ns-", 3) == 0 ? "namespace"
							       : "service",
			f->existing_id, arn);
		writer_string(out, "ResourceName", arn);
	} else {
		writer_optional(out, "ResourceName", f->resource_name);
	}
}

void call_write_fault(const struct call_context *ctx, const struct fault *f,
	struct buf *out)
{
	writer_open_object(out, NULL);
	writer_string(out, "__type", fault_type(f->code));
	writer_string(out, "Message", f->message ? f->message : "");
	if (f->code == FAULT_NAMESPACE_ALREADY_EXISTS ||
		f->code == FAULT_SERVICE_ALREADY_EXISTS)
		write_existing(ctx, f, out);
	if (f->code == FAULT_TOO_MANY_TAGS)
		write_resource_name(ctx, f, out);
	if (f->code == FAULT_DUPLICATE_REQUEST)
		writer_optional(out, "DuplicateOperationId", f->operation_id);
	writer_close_object(out);
}
