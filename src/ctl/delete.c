/* SPDX-License-Identifier: MIT */
#include "ctl/delete.h"

#include "ctl/find.h"

/*
 * Calls operation with request (taken over); that its object is gone already counts as
 * done.
 */
static int call(struct ctl *c, const char *operation, json_t *request,
	struct failure *f)
{
	json_t *reply = NULL;
	int status = client_call(c, operation, request, &reply, f);

	json_decref(reply);
	return status == CTL_NOT_FOUND ? CTL_OK : status;
}

int delete_instances(struct ctl *c, const char *service_id, struct failure *f)
{
	json_t *list = NULL;
	json_t *instance;
	size_t at;
	int status = client_list(c, CLIENT_AWS("ListInstances"),
		json_pack("{s:s}", "ServiceId", service_id), "Instances", &list, f);

	json_array_foreach (list, at, instance) {
		if (status != CTL_OK)
			break;
		status = call(c, CLIENT_AWS("DeregisterInstance"),
			json_pack("{s:s, s:s}", "ServiceId", service_id, "InstanceId",
				find_text(instance, "Id")),
			f);
	}
	json_decref(list);
	return status == CTL_NOT_FOUND ? CTL_OK : status;
}

int delete_services(struct ctl *c, const char *namespace_id, struct failure *f)
{
	json_t *list = NULL;
	json_t *service;
	size_t at;
	int status = client_list(c, CLIENT_AWS("ListServices"),
		json_pack("{s:[{s:s, s:[s]}]}", "Filters", "Name", "NAMESPACE_ID",
			"Values", namespace_id),
		"Services", &list, f);

	json_array_foreach (list, at, service) {
		const char *id = find_text(service, "Id");

		if (status == CTL_OK)
			status = delete_instances(c, id, f);
		if (status == CTL_OK)
			status = call(c, CLIENT_AWS("DeleteService"),
				json_pack("{s:s}", "Id", id), f);
	}
	json_decref(list);
	return status;
}
