/* SPDX-License-Identifier: MIT */
#include "ctl/find.h"

#include <string.h>

#include "ctl/request.h"

const char *find_text(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text != NULL ? text : "";
}

const char *find_http_name(const json_t *ns)
{
	const json_t *properties = json_object_get(ns, "Properties");
	const char *name =
		find_text(json_object_get(properties, "HttpProperties"), "HttpName");

	return name[0] != '\0' ? name : find_text(ns, "Name");
}

static int ask(struct ctl *c, const char *name, struct found *out, struct failure *f)
{
	int status = client_call(c, CLIENT_CMAP("FindService"),
		json_pack("{s:s}", "Name", name), &out->reply, f);

	if (status != CTL_OK)
		return status;
	out->ns = json_object_get(out->reply, "Namespace");
	out->service = json_object_get(out->reply, "Service");
	out->ns_id = find_text(out->ns, "Id");
	out->ns_name = find_text(out->ns, "Name");
	out->dns = strcmp(find_text(out->ns, "Type"), "HTTP") != 0;
	out->service_name = find_text(out->reply, "ServiceName");
	out->service_id = out->service != NULL ? find_text(out->service, "Id") : NULL;
	out->http_name = find_http_name(out->ns);
	if (out->ns_id[0] == '\0' || out->ns_name[0] == '\0' ||
		out->service_name[0] == '\0' ||
		(out->service_id != NULL && out->service_id[0] == '\0')) {
		*f = (struct failure){.status = CTL_NO,
			.message = "cmapd answered FindService without an id"};
		return f->status;
	}
	return CTL_OK;
}

int find_place(struct ctl *c, const char *name, struct found *out)
{
	struct failure f;
	int status;

	*out = (struct found){0};
	status = ask(c, name, out, &f);
	if (status != CTL_OK) {
		client_say(c, &f, name, NULL);
		find_free(out);
	}
	return status;
}

int find_name(struct ctl *c, const char *name, struct found *out)
{
	int status = find_place(c, name, out);

	if (status == CTL_OK && strcmp(out->service_name, ".") == 0 &&
		out->service == NULL) {
		status = ctl_fail(c, CTL_USAGE,
			"'%s' is a namespace; name a service in it: SERVICE.%s", name,
			name);
		find_free(out);
	}
	return status;
}

static int need_service(const struct ctl *c, const char *name, struct found *out)
{
	struct failure missing = {.status = CTL_NOT_FOUND, .type = "ServiceNotFound"};

	if (out->service != NULL)
		return CTL_OK;
	find_free(out);
	return client_say(c, &missing, name, NULL);
}

int find_service(struct ctl *c, const char *name, struct found *out)
{
	int status = find_name(c, name, out);

	return status == CTL_OK ? need_service(c, name, out) : status;
}

int find_namespace(struct ctl *c, const char *name, struct found *out)
{
	struct failure f;
	int status;

	*out = (struct found){0};
	status = ask(c, name, out, &f);
	if (status == CTL_OK && strcmp(out->service_name, ".") == 0)
		return CTL_OK;
	if (status == CTL_OK || strcmp(f.type, "NamespaceNotFound") == 0)
		status = ctl_fail(c, CTL_NOT_FOUND,
			"no namespace '%s'; create it with: cmapctl namespace create "
			"%s",
			name, name);
	else
		status = client_say(c, &f, name, NULL);
	find_free(out);
	return status;
}

int find_resource(struct ctl *c, const char *name, bool service, struct found *out,
	const char **arn)
{
	struct failure f;
	int status;

	if (service) {
		status = find_service(c, name, out);
	} else {
		*out = (struct found){0};
		status = ask(c, name, out, &f);
		if (status != CTL_OK) {
			client_say(c, &f, name, NULL);
			find_free(out);
		} else if (strcmp(out->service_name, ".") == 0) {
			*arn = find_text(out->ns, "Arn");
			return CTL_OK;
		} else {
			status = need_service(c, name, out);
		}
	}
	if (status == CTL_OK)
		*arn = find_text(out->service, "Arn");
	return status;
}

void find_free(struct found *found)
{
	json_decref(found->reply);
	*found = (struct found){0};
}

unsigned int find_records(const json_t *service, uint32_t *ttl_s)
{
	json_t *records =
		json_object_get(json_object_get(service, "DnsConfig"), "DnsRecords");
	unsigned int set = 0;
	json_t *record;
	size_t at;

	*ttl_s =
		(uint32_t)json_integer_value(json_object_get(json_array_get(records, 0),
			"TTL"));
	json_array_foreach (records, at, record)
		set |= request_record(find_text(record, "Type"));
	return set;
}
