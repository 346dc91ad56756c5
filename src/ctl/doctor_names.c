/* SPDX-License-Identifier: MIT */
/* doctor_names.c -- what cmapctl doctor tests with: the operands, or what the API tells. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "ctl/check.h"
#include "ctl/client.h"
#include "ctl/doctor.h"
#include "ctl/find.h"
#include "ctl/service.h"

#define ZONES_MAX 32 /* each is asked of each server */
#define NAMES_MAX 16 /* each costs some eight questions */

/* Asks all servers for name; true if one has it. The longest zone that it lies in is noted. */
static bool find(struct doctor *d, const char *name, bool *in_zone)
{
	char *best = NULL;
	bool found = false;

	for (size_t i = 0; i < d->n_servers; i++) {
		bool exists;
		char *zone = doctor_server_find(&d->servers[i], name, &exists);

		found |= exists;
		if (zone != NULL && (best == NULL || strlen(zone) > strlen(best))) {
			free(best);
			best = zone;
			zone = NULL;
		}
		free(zone);
	}
	*in_zone = best != NULL;
	if (best != NULL)
		doctor_words_add_once(&d->zones, best);
	free(best);
	return found;
}

/* Is name to be found below one of domains? */
static bool find_below(struct doctor *d, const char *name,
	const struct doctor_words *domains, const char **domain)
{
	bool found = false;

	for (size_t i = 0; i < domains->n && !found; i++) {
		char *full = xasprintf("%s.%s", name, domains->at[i]);
		bool in_zone;

		*domain = domains->at[i];
		found = find(d, full, &in_zone);
		if (found)
			doctor_words_add_once(&d->names, full);
		free(full);
	}
	return found;
}

/* A service's first label alone: resolv.conf has to say where it belongs. */
static bool add_short(struct doctor *d, const char *name)
{
	const struct resolv_conf *r = &d->host.resolv;
	struct doctor_words zones = {0};
	const char *domain = NULL;
	bool missing;

	if (find_below(d, name, &r->search, &domain))
		return true;
	for (size_t i = 0; i < d->zones.n; i++)
		doctor_words_add(&zones, d->zones.at[i]);
	for (size_t i = 0; i < d->registered.n; i++)
		doctor_words_add_once(&zones, d->registered.at[i]);
	missing = find_below(d, name, &zones, &domain);
	if (missing)
		doctor_report_add(&d->report, DOCTOR_NO_SEARCH,
			(struct doctor_change){DOCTOR_RESOLV,
				r->search_line.text != NULL ? &r->search_line : NULL,
				xasprintf("%s %s",
					r->search.n > 0 ? r->search_line.text
							: "search",
					domain)},
			"'%s' has no dot, and no search domain that has it", name);
	doctor_words_free(&zones);
	return missing;
}

/* Nobody knows name: the zone that it should be in, as the API tells or else by guess. */
static void add_guess(struct doctor *d, const char *name)
{
	const char *dot = strchr(name, '.');
	const char *zone = dot != NULL ? dot + 1 : name;
	size_t best = 0;

	for (size_t i = 0; i < d->registered.n; i++) {
		const char *one = d->registered.at[i];

		if (doctor_name_is_below(name, one) && strlen(one) > best) {
			best = strlen(one);
			zone = one;
		}
	}
	doctor_words_add_once(&d->zones, zone);
}

/* Notes name if it, or the zone that it should be in, is known. */
static bool add_known(struct doctor *d, const char *name)
{
	bool in_zone;

	if (find(d, name, &in_zone)) {
		doctor_words_add_once(&d->names, name);
		return true;
	}
	if (in_zone)
		doctor_report_add(&d->report, DOCTOR_NAME_UNKNOWN,
			(struct doctor_change){NULL, NULL,
				xasprintf("cmapctl register %s --ip ADDR", name)},
			"the namespace of '%s' is known, the name is not", name);
	return in_zone;
}

/* Operands are namespaces, services in one, or first labels of services. */
static int find_operands(struct doctor *d, const struct args *a)
{
	struct doctor_words unknown = {0};
	char name[CHECK_NAME_MAX + 1];
	int status = CTL_OK;

	for (size_t i = 0; i < a->n_operands && status == CTL_OK; i++) {
		status = check_namespace_name(d->ctl, a->operands[i], true, name);
		if (status == CTL_OK && !add_known(d, name))
			doctor_words_add(&unknown, name);
	}
	/* Last, because they may lie in the zones of the others. */
	for (size_t i = 0; i < unknown.n; i++) {
		const char *one = unknown.at[i];

		if (strchr(one, '.') != NULL || !add_short(d, one))
			add_guess(d, one);
	}
	doctor_words_free(&unknown);
	return status;
}

/* Where cmapd listens for DNS, if it says so of one address; every address is this host's own. */
static void read_listeners(struct doctor *d, const json_t *reply)
{
	const json_t *one;
	size_t at;

	json_array_foreach (json_object_get(reply, "Listeners"), at, one) {
		const char *text = json_string_value(one);
		struct sock_addr addr;

		if (d->cmapd.len != 0 || text == NULL ||
			strncmp(text, "udp ", 4) != 0 ||
			sock_addr_parse(text + 4, 0, &addr) != CMAP_OK)
			continue;
		if (sock_addr_is_wildcard(&addr) && addr.any.sa_family == AF_INET)
			addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		if (sock_addr_is_wildcard(&addr))
			addr.in6.sin6_addr = in6addr_loopback;
		d->cmapd = addr;
	}
}

static void read_namespaces(struct doctor *d, const json_t *namespaces)
{
	const json_t *one;
	size_t at;

	json_array_foreach (namespaces, at, one) {
		if (d->registered.n < ZONES_MAX &&
			strncmp(find_text(one, "Type"), "DNS_", 4) == 0)
			doctor_words_add_once(&d->registered, find_text(one, "Name"));
	}
}

/* Fills registered and cmapd; *told: somebody did tell. Who has named a door is told that it is shut. */
static int ask_api(struct doctor *d, const struct args *a, bool *told)
{
	struct failure f;
	json_t *reply = NULL;
	json_t *namespaces = NULL;
	int status =
		client_call(d->ctl, CLIENT_CMAP("Status"), json_object(), &reply, &f);

	if (status == CTL_OK) {
		if (d->cmapd.len == 0)
			read_listeners(d, reply);
		json_decref(reply);
		status = client_list(d->ctl, CLIENT_AWS("ListNamespaces"),
			json_object(), "Namespaces", &namespaces, &f);
	}
	*told = status == CTL_OK;
	if (status != CTL_OK && (args_has(a, "socket") || args_has(a, "api")))
		return client_say(d->ctl, &f, NULL, NULL);
	if (status == CTL_OK)
		read_namespaces(d, namespaces);
	json_decref(namespaces);
	return CTL_OK;
}

/* All that is registered. */
static int find_registered(struct doctor *d)
{
	json_t *services = NULL;
	const json_t *one;
	size_t at;
	int status = service_collect(d->ctl, NULL, &services);

	for (size_t i = 0; i < d->registered.n; i++)
		doctor_words_add(&d->zones, d->registered.at[i]);
	json_array_foreach (services, at, one) {
		const char *ns = find_text(one, "NamespaceName");
		uint32_t ttl;
		char *full;

		if (d->names.n >= NAMES_MAX || !doctor_words_hold(&d->zones, ns) ||
			find_records(one, &ttl) == 0)
			continue;
		full = xasprintf("%s.%s", find_text(one, "Name"), ns);
		doctor_words_add_once(&d->names, full);
		free(full);
	}
	json_decref(services);
	return status;
}

int doctor_names_find(struct doctor *d, const struct args *a)
{
	bool told;
	int status = ask_api(d, a, &told);

	if (status != CTL_OK)
		return status;
	if (a->n_operands > 0)
		return find_operands(d, a);
	if (told)
		return find_registered(d);
	ctl_warn(d->ctl,
		"no NAME is given and no cmapd tells any; only what needs none is "
		"looked at");
	return CTL_OK;
}
