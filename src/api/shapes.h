/* SPDX-License-Identifier: MIT */
/*
 * shapes.h -- the input shapes of all operations.
 *
 * Source: Cloud Map's service model (lengths, patterns, required members); cmap's own for the Cmap_v1 ones.
 */
#ifndef API_SHAPES_H
#define API_SHAPES_H

#include "api/shape.h"

/* Shared by both tables. */
extern const struct shape shape_arn; /* an id or an ARN */
extern const struct shape
	shape_resource_id; /* an instance's id where it only names one */
extern const struct shape shape_next_token;
extern const struct shape shape_page_size; /* MaxResults of a listing */

extern const struct shape shape_create_private_dns_namespace;
extern const struct shape shape_create_public_dns_namespace;
extern const struct shape shape_create_http_namespace;
extern const struct shape shape_create_service;
extern const struct shape shape_update_private_dns_namespace;
extern const struct shape shape_update_public_dns_namespace;
extern const struct shape shape_update_http_namespace;
extern const struct shape shape_update_service;
extern const struct shape shape_tag_resource;
extern const struct shape shape_untag_resource;
extern const struct shape shape_list_tags;
extern const struct shape shape_get_service_attributes;
extern const struct shape shape_update_service_attributes;
extern const struct shape shape_delete_service_attributes;
extern const struct shape shape_by_id; /* Get and Delete of a namespace or service */
extern const struct shape shape_list_namespaces;
extern const struct shape shape_list_services;
extern const struct shape shape_register_instance;
extern const struct shape shape_instance_key; /* GetInstance, DeregisterInstance */
extern const struct shape shape_list_instances;
extern const struct shape shape_discover_instances;
extern const struct shape shape_discover_instances_revision;
extern const struct shape shape_get_instances_health_status;
extern const struct shape shape_update_instance_custom_health_status;
extern const struct shape shape_get_operation;
extern const struct shape shape_list_operations;

extern const struct shape shape_empty; /* an object of which nothing is asked */
extern const struct shape shape_export_zone;
extern const struct shape shape_find_service;
extern const struct shape shape_renew_leases;

#endif
