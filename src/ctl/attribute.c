/* SPDX-License-Identifier: MIT */
/* attribute.c -- cmapctl attribute list, set, remove: what a service has of its own. */
#include "ctl/check.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/find.h"
#include "ctl/pairs.h"

static int read_service(struct ctl *c, const struct args *a, struct found *found)
{
	char name[CHECK_NAME_MAX + 1];
	int status = check_service_name(c, a->operands[0], name);

	return status == CTL_OK ? find_service(c, name, found) : status;
}

int attribute_list(struct ctl *c, const struct args *a)
{
	struct found found;
	struct failure f;
	json_t *reply = NULL;
	int status = read_service(c, a, &found);

	if (status != CTL_OK)
		return status;
	status = client_call(c, CLIENT_AWS("GetServiceAttributes"),
		json_pack("{s:s}", "ServiceId", found.service_id), &reply, &f);
	find_free(&found);
	if (status != CTL_OK)
		return client_say(c, &f, a->operands[0], NULL);
	if (c->json)
		ctl_print_json(c, reply);
	else
		pairs_print(c,
			json_object_get(json_object_get(reply, "ServiceAttributes"),
				"Attributes"));
	json_decref(reply);
	return CTL_OK;
}

int attribute_set(struct ctl *c, const struct args *a)
{
	json_t *attributes = json_object();
	struct found found = {0};
	int status = pairs_add_operands(c, a, attributes);

	if (status == CTL_OK)
		status = read_service(c, a, &found);
	if (status == CTL_OK)
		status = client_do(c, CLIENT_AWS("UpdateServiceAttributes"),
			json_pack("{s:s, s:O}", "ServiceId", found.service_id,
				"Attributes", attributes),
			a->operands[0]);
	find_free(&found);
	json_decref(attributes);
	return status;
}

int attribute_remove(struct ctl *c, const struct args *a)
{
	struct found found;
	int status = read_service(c, a, &found);

	if (status != CTL_OK)
		return status;
	status = client_do(c, CLIENT_AWS("DeleteServiceAttributes"),
		json_pack("{s:s, s:o}", "ServiceId", found.service_id, "Attributes",
			pairs_keys(a)),
		a->operands[0]);
	find_free(&found);
	return status;
}
