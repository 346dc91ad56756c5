/* SPDX-License-Identifier: MIT */
/* The shapes of cmap's own operations. */
#include "api/ops.h"
#include "api/shapes.h"

#define MEMBERS(array)                                                                 \
	{                                                                              \
		.kind = SHAPE_STRUCT, .members = (array)                               \
	}

static const struct shape_member no_members[] = {{NULL, NULL, false}};
const struct shape shape_empty = MEMBERS(no_members);

static const struct shape_member export_members[] = {{"NamespaceId", &shape_arn, true},
	{"NextToken", &shape_next_token, false}, {NULL, NULL, false}};
const struct shape shape_export_zone = MEMBERS(export_members);

/* A service's full name: a service's name, a dot, a namespace's. */
static const struct shape full_name = {
	.kind = SHAPE_STRING, .min = 1, .max = 127 + 1 + 1024};

static const struct shape_member find_members[] = {
	{"Name", &full_name, true}, {NULL, NULL, false}};
const struct shape shape_find_service = MEMBERS(find_members);

/* Which of ServiceId and ServiceName is there, RenewLeases sees for itself: item by item. */
static const struct shape_member lease_members[] = {{"ServiceId", &shape_arn, false},
	{"ServiceName", &full_name, false}, {"InstanceId", &shape_resource_id, true},
	{NULL, NULL, false}};
static const struct shape lease = MEMBERS(lease_members);
static const struct shape leases = {
	.kind = SHAPE_LIST, .min = 1, .max = RENEW_LEASES_MAX, .element = &lease};
static const struct shape instance_ids = {.kind = SHAPE_LIST,
	.min = 1,
	.max = RENEW_LEASES_MAX,
	.element = &shape_resource_id};
/* Leases, or a service and InstanceIds: RenewLeases sees for itself. */
static const struct shape_member renew_members[] = {{"Leases", &leases, false},
	{"ServiceId", &shape_arn, false}, {"ServiceName", &full_name, false},
	{"InstanceIds", &instance_ids, false}, {NULL, NULL, false}};
const struct shape shape_renew_leases = MEMBERS(renew_members);
