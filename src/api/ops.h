/* SPDX-License-Identifier: MIT */
/*
 * ops.h -- the handlers of the operations, and what they read their input with.
 *
 * Their input has passed its shape: what a table requires is there, types and lengths are right.
 */
#ifndef API_OPS_H
#define API_OPS_H

#include "api/operations.h"

#define RENEW_LEASES_MAX 1000 /* in one call */

void ops_create_private_dns_namespace(struct call *q, const json_t *in);
void ops_create_public_dns_namespace(struct call *q, const json_t *in);
void ops_create_http_namespace(struct call *q, const json_t *in);
void ops_get_namespace(struct call *q, const json_t *in);
void ops_update_private_dns_namespace(struct call *q, const json_t *in);
void ops_update_public_dns_namespace(struct call *q, const json_t *in);
void ops_update_http_namespace(struct call *q, const json_t *in);
void ops_list_namespaces(struct call *q, const json_t *in);
void ops_delete_namespace(struct call *q, const json_t *in);

void ops_create_service(struct call *q, const json_t *in);
void ops_get_service(struct call *q, const json_t *in);
void ops_update_service(struct call *q, const json_t *in);
void ops_list_services(struct call *q, const json_t *in);
void ops_delete_service(struct call *q, const json_t *in);

void ops_get_service_attributes(struct call *q, const json_t *in);
void ops_update_service_attributes(struct call *q, const json_t *in);
void ops_delete_service_attributes(struct call *q, const json_t *in);

void ops_tag_resource(struct call *q, const json_t *in);
void ops_untag_resource(struct call *q, const json_t *in);
void ops_list_tags_for_resource(struct call *q, const json_t *in);

void ops_register_instance(struct call *q, const json_t *in);
void ops_deregister_instance(struct call *q, const json_t *in);
void ops_get_instance(struct call *q, const json_t *in);
void ops_list_instances(struct call *q, const json_t *in);
void ops_discover_instances(struct call *q, const json_t *in);
void ops_discover_instances_revision(struct call *q, const json_t *in);

void ops_get_instances_health_status(struct call *q, const json_t *in);
void ops_update_instance_custom_health_status(struct call *q, const json_t *in);

void ops_get_operation(struct call *q, const json_t *in);
void ops_list_operations(struct call *q, const json_t *in);

void ops_renew_leases(struct call *q, const json_t *in);
void ops_status(struct call *q, const json_t *in);
void ops_find_service(struct call *q, const json_t *in);
void ops_export_zone(struct call *q, const json_t *in);
void ops_list_leases(struct call *q, const json_t *in); /* Cmap_v1.ListInstances */

/* Members of in: borrowed; NULL where absent or null. */
const char *ops_string(const json_t *in, const char *name) CMAP_NONNULL;
const json_t *ops_member(const json_t *in, const char *name) CMAP_NONNULL;
int64_t ops_integer(const json_t *in, const char *name, int64_t otherwise) CMAP_NONNULL;
/* A copy for a struct of the model. */
char *ops_copy(const json_t *in, const char *name) CMAP_NONNULL;
/*
 * Tags as attributes of the caller's; empty if absent. false, with *f set and nothing to free, if a key is there twice
 * or a tag is not of their form.
 */
bool ops_tags(const json_t *in, struct attributes *out, struct fault *f) CMAP_NONNULL;
/* The same for what is to be created by that name, where too many are refused, too. */
bool ops_new_tags(const json_t *in, struct attributes *out,
	struct fault *f) CMAP_NONNULL;
/* CreatorRequestId; "" if there is none. */
char *ops_copy_creator(const json_t *in) CMAP_NONNULL;
/* The map name as attributes of the caller's; empty if absent. */
void ops_attributes(const json_t *in, const char *name,
	struct attributes *out) CMAP_NONNULL;

/* answer() of the operations that give {"OperationId":"..."} or {}. */
void ops_answer_operation(struct call *q, const struct command *c) CMAP_NONNULL;
void ops_answer_empty(struct call *q, const struct command *c) CMAP_NONNULL;

/*
 * One of a listing's Filters. Check: false, with *f set, if its Condition or the number of its Values is not
 * what it can have; prefixes: it knows BEGINS_WITH, too.
 */
bool ops_filter_check(const json_t *filter, bool prefixes,
	struct fault *f) CMAP_NONNULL;
bool ops_filter_meets(const json_t *filter, const char *value) CMAP_NONNULL;

#endif
