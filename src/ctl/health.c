/* SPDX-License-Identifier: MIT */
/* health.c -- cmapctl health show, set. */
#include <string.h>

#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/each.h"
#include "ctl/find.h"
#include "ctl/pairs.h"
#include "ctl/table.h"

static void print_health(const struct ctl *c, json_t *all)
{
	static const char *const headings[] = {"ID", "HEALTH"};
	struct table *t = table_new(headings, CMAP_COUNT(headings));
	const char *id;
	json_t *health;

	json_object_foreach (all, id, health)
		table_add(t, (const char *const[]){id, json_string_value(health)});
	table_finish(t, c->out);
}

int health_show(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	struct found found;
	struct failure f;
	json_t *request;
	json_t *all = NULL;
	int status = each_read(c, a, 1, name);

	if (status == CTL_OK)
		status = find_service(c, name, &found);
	if (status != CTL_OK)
		return status;
	request = json_pack("{s:s}", "ServiceId", found.service_id);
	if (a->n_operands > 1)
		json_object_set_new(request, "Instances", pairs_keys(a));
	status = client_list(c, CLIENT_AWS("GetInstancesHealthStatus"), request,
		"Status", &all, &f);
	find_free(&found);
	if (status != CTL_OK)
		return client_say(c, &f, name, NULL);
	if (c->json) {
		json_t *shown = json_pack("{s:O}", "Status", all);

		ctl_print_json(c, shown);
		json_decref(shown);
	} else {
		print_health(c, all);
	}
	json_decref(all);
	return CTL_OK;
}

int health_set(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	const char *word = a->operands[1];
	const char *health = strcmp(word, "healthy") == 0     ? "HEALTHY"
			     : strcmp(word, "unhealthy") == 0 ? "UNHEALTHY"
							      : NULL;
	struct found found;
	int status;

	if (health == NULL)
		return ctl_fail(c, CTL_USAGE, "'%s' is neither healthy nor unhealthy",
			word);
	status = each_read(c, a, 2, name);
	if (status == CTL_OK)
		status = find_service(c, name, &found);
	if (status != CTL_OK)
		return status;
	status = each_call(c, a, 2, CLIENT_AWS("UpdateInstanceCustomHealthStatus"),
		json_pack("{s:s, s:s}", "ServiceId", found.service_id, "Status",
			health),
		"Updated");
	find_free(&found);
	return status;
}
