/* SPDX-License-Identifier: MIT */
#include "ctl/command.h"

#include <stdint.h>
#include <string.h>

#define END                                                                            \
	{                                                                              \
		NULL, NULL, NULL, false                                                \
	}

static const struct args_option namespace_create_options[] = {
	{"http", NULL, "without DNS: found through the API alone", false},
	{"public", NULL, "a public DNS namespace; the default is a private one", false},
	{"vpc", "VIEW", "private, and seen in that view of the server alone", false},
	{"soa-ttl", "DURATION",
		"how long resolvers keep a \"no\" (server's default: 5s)", false},
	{"description", "TEXT", "what it is for", false},
	{"tag", "KEY=VALUE", "a tag", true},
	END,
};

static const struct args_option namespace_update_options[] = {
	{"description", "TEXT", "what it is for", false},
	{"soa-ttl", "DURATION", "how long resolvers keep a \"no\"", false},
	END,
};

static const struct args_option namespace_delete_options[] = {
	{"force", NULL, "delete its services and their instances first", false},
	END,
};

static const struct args_option service_create_options[] = {
	{"a", NULL, "publish A records", false},
	{"aaaa", NULL, "publish AAAA records", false},
	{"srv", NULL, "publish SRV records", false},
	{"cname", NULL, "publish one CNAME record", false},
	{"ttl", "DURATION", "how long resolvers keep an answer (default: 5s)", false},
	{"weighted", NULL, "answer one instance at a time", false},
	{"http", NULL, "no records: found through the API alone", false},
	{"custom-health", NULL, "health is told by: cmapctl health set", false},
	{"tag", "KEY=VALUE", "a tag", true},
	{"apex", NULL, "the name may be a namespace's own", false},
	END,
};

static const struct args_option service_update_options[] = {
	{"description", "TEXT", "what it is for", false},
	{"ttl", "DURATION", "how long resolvers keep an answer", false},
	END,
};

static const struct args_option service_delete_options[] = {
	{"force", NULL, "deregister its instances first", false},
	END,
};

static const struct args_option register_options[] = {
	{"id", "ID", "name of the instance (default: from address and port)", false},
	{"ip", "ADDR", "its IPv4 or IPv6 address; one of each may be given", true},
	{"port", "N", "its port; makes an SRV record", false},
	{"cname", "NAME", "publish this name in place of addresses", false},
	{"lease", "DURATION", "forget it unless it is renewed within this time", false},
	{"ttl", "DURATION",
		"TTL of the records, if the service is made now (default: 5s)", false},
	{"attr", "KEY=VALUE", "an attribute of its own", true},
	{"apex", NULL, "the name may be a namespace's own", false},
	{"weight", "N", "how often it comes first: 1 to 255 (default: 1)", false},
	{"unhealthy", NULL, "unhealthy until its health is told", false},
	END,
};

static const struct args_option alias_options[] = {
	{"to", "TARGET", "the domain name whose addresses are given", false},
	{"id", "ID", "name of the instance (default: from the target)", false},
	END,
};

static const struct args_option discover_options[] = {
	{"healthy", NULL, "only healthy instances", false},
	{"unhealthy", NULL, "only unhealthy instances", false},
	{"all", NULL, "whatever their health", false},
	{"healthy-or-all", NULL, "the healthy ones; if there are none, all", false},
	{"query", "KEY=VALUE", "only instances with this attribute", true},
	{"max", "N", "at most this many (default: 1000)", false},
	END,
};

static const struct args_option tag_options[] = {
	{"service", NULL, "NAME is a service, even if a namespace has it, too", false},
	END,
};

static const struct args_option operation_list_options[] = {
	{"service", "SERVICE.NAMESPACE", "what was done to it and its instances",
		false},
	{"namespace", "NAME", "what was done to it", false},
	{"max", "N", "the last N (default: 20)", false},
	END,
};

static const struct args_option resolve_options[] = {
	{"server", "ADDR[:PORT]",
		"the DNS server (default: CMAP_SERVER or 127.0.0.1:53)", false},
	{"tcp", NULL, "ask over TCP at once", false},
	END,
};

static const struct args_option doctor_options[] = {
	{"server", "ADDR[:PORT]", "cmapd's address, also asked", false},
	{"root", "DIR", "read the files of the host whose root is DIR", false},
	{"port", "N", "where the servers of resolv.conf listen (default: 53)", false},
	END,
};

const struct command command_table[] = {
	{"namespace create", "NAME", 1, 1, "make a namespace", namespace_create_options,
		namespace_create},
	{"namespace list", "", 0, 0, "list the namespaces", NULL, namespace_list},
	{"namespace show", "NAME", 1, 1, "tell all about a namespace", NULL,
		namespace_show},
	{"namespace update", "NAME", 1, 1, "change a namespace",
		namespace_update_options, namespace_update},
	{"namespace delete", "NAME", 1, 1, "delete a namespace",
		namespace_delete_options, namespace_delete},
	{"service create", "SERVICE.NAMESPACE", 1, 1, "make a service",
		service_create_options, service_create},
	{"service list", "[NAMESPACE]", 0, 1, "list the services", NULL, service_list},
	{"service show", "SERVICE.NAMESPACE", 1, 1, "tell all about a service", NULL,
		service_show},
	{"service update", "SERVICE.NAMESPACE", 1, 1, "change a service",
		service_update_options, service_update},
	{"service delete", "SERVICE.NAMESPACE", 1, 1, "delete a service",
		service_delete_options, service_delete},
	{"register", "SERVICE.NAMESPACE", 1, 1,
		"register an instance (and a missing service)", register_options,
		instance_register},
	{"alias", "SERVICE.NAMESPACE", 1, 1,
		"answer with the addresses of another name", alias_options,
		instance_alias},
	{"renew", "SERVICE.NAMESPACE ID...", 2, SIZE_MAX,
		"give leases their full term again", NULL, instance_renew},
	{"deregister", "SERVICE.NAMESPACE ID...", 2, SIZE_MAX, "forget instances", NULL,
		instance_deregister},
	{"list", "[SERVICE.NAMESPACE]", 0, 1, "list what is registered", NULL,
		instance_list},
	{"discover", "SERVICE.NAMESPACE", 1, 1,
		"find instances by health and attributes", discover_options,
		instance_discover},
	{"health show", "SERVICE.NAMESPACE [ID...]", 1, SIZE_MAX,
		"tell the health of instances", NULL, health_show},
	{"health set", "SERVICE.NAMESPACE healthy|unhealthy ID...", 3, SIZE_MAX,
		"say how healthy instances are", NULL, health_set},
	{"tag list", "NAME", 1, 1, "list the tags of a namespace or service",
		tag_options, tag_list},
	{"tag set", "NAME KEY=VALUE...", 2, SIZE_MAX, "add or replace tags",
		tag_options, tag_set},
	{"tag remove", "NAME KEY...", 2, SIZE_MAX, "remove tags", tag_options,
		tag_remove},
	{"attribute list", "SERVICE.NAMESPACE", 1, 1, "list a service's own attributes",
		NULL, attribute_list},
	{"attribute set", "SERVICE.NAMESPACE KEY=VALUE...", 2, SIZE_MAX,
		"add or replace attributes of a service", NULL, attribute_set},
	{"attribute remove", "SERVICE.NAMESPACE KEY...", 2, SIZE_MAX,
		"remove attributes of a service", NULL, attribute_remove},
	{"operation list", "", 0, 0, "list the last operations", operation_list_options,
		operation_list},
	{"operation show", "ID", 1, 1, "tell all about an operation", NULL,
		operation_show},
	{"export", "NAMESPACE", 1, 1, "write a namespace as a zone file", NULL,
		export_zone},
	{"resolve", "NAME [TYPE]", 1, 2, "ask a DNS server", resolve_options,
		resolve_run},
	{"doctor", "[NAME...]", 0, SIZE_MAX,
		"tell why names do not resolve on this host", doctor_options,
		doctor_run},
	{"status", "", 0, 0, "tell how cmapd is doing", NULL, status_run},
	{NULL, NULL, 0, 0, NULL, NULL, NULL},
};

const struct command *command_find(const char *name)
{
	for (const struct command *m = command_table; m->name != NULL; m++) {
		if (strcmp(m->name, name) == 0)
			return m;
	}
	return NULL;
}

const char *command_group(const char *word)
{
	static const char *const groups[] = {
		"namespace", "service", "health", "tag", "attribute", "operation"};

	for (size_t i = 0; i < CMAP_COUNT(groups); i++) {
		if (strcmp(groups[i], word) == 0)
			return groups[i];
	}
	return NULL;
}
