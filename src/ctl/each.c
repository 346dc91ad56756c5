/* SPDX-License-Identifier: MIT */
#include "ctl/each.h"

#include "ctl/client.h"

int each_read(const struct ctl *c, const struct args *a, size_t first,
	char name[CHECK_NAME_MAX + 1])
{
	int status = check_service_name(c, a->operands[0], name);

	for (size_t i = first; i < a->n_operands && status == CTL_OK; i++)
		status = check_instance_id(c, a->operands[i]);
	return status;
}

int each_call(struct ctl *c, const struct args *a, size_t first, const char *operation,
	json_t *request, const char *member)
{
	json_t *done = json_array();
	int status = CTL_OK;

	for (size_t i = first; i < a->n_operands; i++) {
		const char *id = a->operands[i];
		json_t *reply = NULL;
		struct failure f;
		int part;

		json_object_set_new(request, "InstanceId", json_string(id));
		part = client_call(c, operation, json_incref(request), &reply, &f);
		if (part == CTL_OK) {
			json_object_set_new(reply, "InstanceId", json_string(id));
			json_array_append_new(done, reply);
		} else {
			client_say(c, &f, a->operands[0], id);
			status = status == CTL_OK ? part : status;
		}
	}
	json_decref(request);
	if (c->json) {
		json_t *shown = json_pack("{s:O}", member, done);

		ctl_print_json(c, shown);
		json_decref(shown);
	}
	json_decref(done);
	return status;
}
