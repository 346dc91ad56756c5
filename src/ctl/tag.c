/* SPDX-License-Identifier: MIT */
/* tag.c -- cmapctl tag list, set, remove: of a namespace or a service. */
#include "ctl/check.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/find.h"
#include "ctl/pairs.h"
#include "ctl/request.h"

/* Finds what the first operand names. The texts live as long as found. */
static int read_resource(struct ctl *c, const struct args *a, struct found *found,
	const char **arn)
{
	char name[CHECK_NAME_MAX + 1];
	bool service = args_has(a, "service");
	int status = service ? check_service_name(c, a->operands[0], name)
			     : check_namespace_name(c, a->operands[0], false, name);

	return status == CTL_OK ? find_resource(c, name, service, found, arn) : status;
}

int tag_list(struct ctl *c, const struct args *a)
{
	const char *arn;
	struct found found;
	struct failure f;
	json_t *reply = NULL;
	int status = read_resource(c, a, &found, &arn);

	if (status != CTL_OK)
		return status;
	status = client_call(c, CLIENT_AWS("ListTagsForResource"),
		json_pack("{s:s}", "ResourceARN", arn), &reply, &f);
	find_free(&found);
	if (status != CTL_OK)
		return client_say(c, &f, a->operands[0], NULL);
	if (c->json) {
		ctl_print_json(c, reply);
	} else {
		json_t *tags = json_object();
		json_t *tag;
		size_t at;

		json_array_foreach (json_object_get(reply, "Tags"), at, tag)
			json_object_set(tags, find_text(tag, "Key"),
				json_object_get(tag, "Value"));
		pairs_print(c, tags);
		json_decref(tags);
	}
	json_decref(reply);
	return CTL_OK;
}

int tag_set(struct ctl *c, const struct args *a)
{
	json_t *tags = json_object();
	const char *arn;
	struct found found = {0};
	int status = pairs_add_operands(c, a, tags);

	if (status == CTL_OK)
		status = read_resource(c, a, &found, &arn);
	if (status == CTL_OK)
		status = client_do(c, CLIENT_AWS("TagResource"),
			json_pack("{s:s, s:o}", "ResourceARN", arn, "Tags",
				request_tags(tags)),
			a->operands[0]);
	find_free(&found);
	json_decref(tags);
	return status;
}

int tag_remove(struct ctl *c, const struct args *a)
{
	const char *arn;
	struct found found;
	int status = read_resource(c, a, &found, &arn);

	if (status != CTL_OK)
		return status;
	status = client_do(c, CLIENT_AWS("UntagResource"),
		json_pack("{s:s, s:o}", "ResourceARN", arn, "TagKeys", pairs_keys(a)),
		a->operands[0]);
	find_free(&found);
	return status;
}
