/* SPDX-License-Identifier: MIT */
/* update.c -- cmapctl namespace update, service update: what is changed in place. */
#include <string.h>

#include "ctl/check.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/find.h"
#include "ctl/request.h"

/* Reads --description and --TTL, at least one of them; *ttl_s < 0: it was not given. */
static int read_change(const struct ctl *c, const struct args *a, const char *ttl,
	int64_t *ttl_s)
{
	const char *text = args_value(a, ttl);
	uint32_t read_s;
	int status = CTL_OK;

	*ttl_s = -1;
	if (text == NULL && !args_has(a, "description"))
		return ctl_fail(c, CTL_USAGE,
			"what shall change of '%s'? --description or --%s",
			a->operands[0], ttl);
	if (text != NULL) {
		status = check_ttl(c, ttl, text, &read_s);
		if (status == CTL_OK)
			*ttl_s = read_s;
	}
	return status;
}

/* Each type of namespace has an operation of its own. */
static const char *update_operation(const struct found *found)
{
	if (!found->dns)
		return CLIENT_AWS("UpdateHttpNamespace");
	if (strcmp(find_text(found->ns, "Type"), "DNS_PUBLIC") == 0)
		return CLIENT_AWS("UpdatePublicDnsNamespace");
	return CLIENT_AWS("UpdatePrivateDnsNamespace");
}

int namespace_update(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	struct found found;
	int64_t ttl_s;
	int status = check_namespace_name(c, a->operands[0], false, name);

	if (status == CTL_OK)
		status = read_change(c, a, "soa-ttl", &ttl_s);
	if (status == CTL_OK)
		status = find_namespace(c, name, &found);
	if (status != CTL_OK)
		return status;
	if (ttl_s >= 0 && !found.dns)
		status = ctl_fail(c, CTL_NO,
			"namespace '%s' has no DNS, and so no --soa-ttl", name);
	else
		status = client_do(c, update_operation(&found),
			request_namespace_update(found.ns_id, ttl_s,
				args_value(a, "description")),
			name);
	find_free(&found);
	return status;
}

int service_update(struct ctl *c, const struct args *a)
{
	char name[CHECK_NAME_MAX + 1];
	struct found found;
	uint32_t old_s;
	int64_t ttl_s;
	int status = check_service_name(c, a->operands[0], name);

	if (status == CTL_OK)
		status = read_change(c, a, "ttl", &ttl_s);
	if (status == CTL_OK)
		status = find_service(c, name, &found);
	if (status != CTL_OK)
		return status;
	if (!found.dns)
		status = ctl_fail(c, CTL_NO,
			"service '%s' is in a namespace without DNS, where services "
			"cannot be updated",
			name);
	else if (ttl_s >= 0 && find_records(found.service, &old_s) == 0)
		status = ctl_fail(c, CTL_NO,
			"service '%s' has no records, and so no --ttl", name);
	else
		status = client_do(c, CLIENT_AWS("UpdateService"),
			request_service_update(found.service, ttl_s,
				args_value(a, "description")),
			name);
	find_free(&found);
	return status;
}
