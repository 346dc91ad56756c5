/* SPDX-License-Identifier: MIT */
/* The names the API gives the values of the model's enums. */
#include <string.h>

#include "base/error.h"
#include "model/model.h"

static const char *const namespace_types[] = {
	[NAMESPACE_DNS_PUBLIC] = "DNS_PUBLIC",
	[NAMESPACE_DNS_PRIVATE] = "DNS_PRIVATE",
	[NAMESPACE_HTTP] = "HTTP",
};

static const char *const record_types[] = {
	[RECORD_A] = "A",
	[RECORD_AAAA] = "AAAA",
	[RECORD_SRV] = "SRV",
	[RECORD_CNAME] = "CNAME",
};

static const char *const routing_policies[] = {
	[ROUTING_MULTIVALUE] = "MULTIVALUE",
	[ROUTING_WEIGHTED] = "WEIGHTED",
};

static const char *const health_types[] = {
	[HEALTH_HTTP] = "HTTP",
	[HEALTH_HTTPS] = "HTTPS",
	[HEALTH_TCP] = "TCP",
};

static const char *const operation_types[] = {
	[OPERATION_CREATE_NAMESPACE] = "CREATE_NAMESPACE",
	[OPERATION_DELETE_NAMESPACE] = "DELETE_NAMESPACE",
	[OPERATION_UPDATE_NAMESPACE] = "UPDATE_NAMESPACE",
	[OPERATION_UPDATE_SERVICE] = "UPDATE_SERVICE",
	[OPERATION_REGISTER_INSTANCE] = "REGISTER_INSTANCE",
	[OPERATION_DEREGISTER_INSTANCE] = "DEREGISTER_INSTANCE",
};

/* The index of name in names, or -1. */
static int find_name(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

const char *namespace_type_name(enum namespace_type t)
{
	return namespace_types[t];
}

const char *record_type_name(enum record_type t)
{
	return record_types[t];
}

const char *routing_policy_name(enum routing_policy r)
{
	return routing_policies[r];
}

const char *health_type_name(enum health_type t)
{
	return health_types[t];
}

const char *operation_type_name(enum operation_type t)
{
	return operation_types[t];
}

int namespace_type_from_name(const char *name, enum namespace_type *out)
{
	int i = find_name(namespace_types, CMAP_COUNT(namespace_types), name);

	if (i < 0)
		return CMAP_E_INVALID;
	*out = (enum namespace_type)i;
	return CMAP_OK;
}

int record_type_from_name(const char *name, enum record_type *out)
{
	int i = find_name(record_types, CMAP_COUNT(record_types), name);

	if (i < 0)
		return CMAP_E_INVALID;
	*out = (enum record_type)i;
	return CMAP_OK;
}

int routing_policy_from_name(const char *name, enum routing_policy *out)
{
	int i = find_name(routing_policies, CMAP_COUNT(routing_policies), name);

	if (i < 0)
		return CMAP_E_INVALID;
	*out = (enum routing_policy)i;
	return CMAP_OK;
}

int health_type_from_name(const char *name, enum health_type *out)
{
	int i = find_name(health_types, CMAP_COUNT(health_types), name);

	if (i < 0)
		return CMAP_E_INVALID;
	*out = (enum health_type)i;
	return CMAP_OK;
}

int operation_type_from_name(const char *name, enum operation_type *out)
{
	int i = find_name(operation_types, CMAP_COUNT(operation_types), name);

	if (i < 0)
		return CMAP_E_INVALID;
	*out = (enum operation_type)i;
	return CMAP_OK;
}
