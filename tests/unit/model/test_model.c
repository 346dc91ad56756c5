/* SPDX-License-Identifier: MIT */
#include "model/model.h"

#include <stdlib.h>

#include "base/error.h"
#include "make.h"
#include "test.h"

Test(model, empty_finds_nothing)
{
	struct model m;
	char *name = NULL;

	model_init(&m, 0);
	cr_assert_eq(m.n_ring, 1, "at least one");
	cr_assert_null(model_namespace(&m, "ns-1"));
	cr_assert_null(model_namespace(&m, ""));
	cr_assert_null(model_namespace_by_name(&m, "n"));
	cr_assert_null(model_namespace_by_dns(&m, "n"));
	cr_assert_null(model_namespace_above(&m, "s.n", &name));
	cr_assert_null(name);
	cr_assert_null(model_service(&m, "srv-1"));
	cr_assert_null(model_operation(&m, "op"));
	model_free(&m);
}

Test(model, free_takes_everything_along)
{
	struct service *s = make_service("srv-1", "ns-1", "a");
	struct model m;
	char id[24];

	model_init(&m, 4);
	model_put_namespace(&m, make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "one"));
	model_put_namespace(&m, make_namespace("ns-2", NAMESPACE_HTTP, "two"));
	cr_assert_eq(model_put_service(&m, s), CMAP_OK);
	cr_assert_eq(model_put_service(&m, make_service("srv-2", "ns-2", "a")),
		CMAP_OK);
	for (int i = 0; i < 10; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		model_put_instance(&m, s, make_instance(id));
		model_put_operation(&m, make_operation(id, (uint64_t)i));
	}
	model_free(&m);
	model_init(&m, 1);
	model_free(&m);
}

static struct namespace *put_beside(struct model *m, const char *id, const char *name,
	const char *http_name)
{
	struct namespace *ns = make_namespace(id, NAMESPACE_DNS_PRIVATE, name);

	ns->http_name = http_name ? xstrdup(http_name) : NULL;
	model_put_namespace(m, ns);
	return ns;
}

Test(model, namespaces_of_one_name_go_by_their_http_names)
{
	struct model m;
	struct namespace *first, *second, *third;
	char *service;

	model_init(&m, 1);
	second = put_beside(&m, "ns-2", "corp", "corp-2");
	cr_assert_eq(model_namespace_by_dns(&m, "corp"), second);
	third = put_beside(&m, "ns-3", "CORP", "CORP-3");
	first = put_beside(&m, "ns-1", "corp", NULL);
	cr_assert_eq(model_namespace_by_dns(&m, "Corp."), first);
	cr_assert_eq(first->same_name, second);
	cr_assert_eq(second->same_name, third);
	cr_assert_null(third->same_name);
	cr_assert_eq(model_namespace_by_name(&m, "corp"), first);
	cr_assert_eq(model_namespace_by_name(&m, "corp-2"), second);
	cr_assert_eq(model_namespace_above(&m, "web.corp-2", &service), second);
	free(service);
	cr_assert_eq(model_namespace_called(&m, "CORP."), first);
	cr_assert_eq(model_namespace_called(&m, "Corp-2."), second);
	cr_assert_eq(model_namespace_called(&m, "CORP-3"), third);
	cr_assert_null(model_namespace_called(&m, "corp-4"));
	cr_assert_eq(model_namespace_above(&m, "web.corp", &service), first);
	free(service);
	/* Each may be replaced, and each may go first. */
	second = put_beside(&m, "ns-2", "corp", "corp-2");
	cr_assert_eq(first->same_name, third);
	cr_assert_eq(third->same_name, second);
	first = put_beside(&m, "ns-1", "corp", NULL);
	cr_assert_eq(model_namespace_by_dns(&m, "corp"), first);
	cr_assert_eq(first->same_name, third);
	model_delete_namespace(&m, third);
	cr_assert_eq(first->same_name, second);
	model_delete_namespace(&m, first);
	cr_assert_eq(model_namespace_by_dns(&m, "corp"), second);
	/* Whoever deletes the first of that name twice does not delete another. */
	cr_assert_null(model_namespace_called(&m, "corp"));
	cr_assert_null(model_namespace_above(&m, "web.corp", &service));
	model_delete_namespace(&m, second);
	cr_assert_null(model_namespace_by_dns(&m, "corp"));
	model_free(&m);
}

Test(model, namespaces_by_name_are_exact_and_by_dns_are_not)
{
	struct model m;
	struct namespace *dns, *http;

	model_init(&m, 1);
	dns = make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "Prod.Example");
	http = make_namespace("ns-2", NAMESPACE_HTTP, "Prod");
	model_put_namespace(&m, dns);
	model_put_namespace(&m, http);
	cr_assert_str_eq(dns->dns_key, "prod.example");
	cr_assert_null(http->dns_key);
	cr_assert_eq(model_namespace(&m, "ns-1"), dns);
	cr_assert_eq(model_namespace_by_name(&m, "Prod.Example"), dns);
	cr_assert_null(model_namespace_by_name(&m, "prod.example"));
	cr_assert_eq(model_namespace_by_dns(&m, "PROD.example."), dns);
	cr_assert_eq(model_namespace_by_name(&m, "Prod"), http);
	cr_assert_null(model_namespace_by_dns(&m, "Prod"));
	model_free(&m);
}

Test(model, service_names_fold_in_dns_namespaces_only)
{
	struct model m;
	struct namespace *dns, *http;
	struct service *a, *b, *c;

	model_init(&m, 1);
	dns = make_namespace("ns-1", NAMESPACE_DNS_PUBLIC, "example.com");
	http = make_namespace("ns-2", NAMESPACE_HTTP, "n");
	model_put_namespace(&m, dns);
	model_put_namespace(&m, http);
	a = make_service("srv-1", "ns-1", "Api");
	b = make_service("srv-2", "ns-2", "Api");
	c = make_service("srv-3", "ns-2", "api");
	cr_assert_eq(model_put_service(&m, a), CMAP_OK);
	cr_assert_eq(model_put_service(&m, b), CMAP_OK);
	cr_assert_eq(model_put_service(&m, c), CMAP_OK);
	cr_assert_eq(model_service_by_name(dns, "aPI"), a);
	cr_assert_eq(model_service_by_name(http, "Api"), b);
	cr_assert_eq(model_service_by_name(http, "api"), c);
	cr_assert_null(model_service_by_name(http, "aPI"));
	cr_assert_eq(model_service(&m, "srv-3"), c);
	cr_assert_eq(model_service_count(dns), 1);
	cr_assert_eq(model_service_count(http), 2);
	cr_assert_eq(model_instance_count(a), 0);
	model_free(&m);
}

Test(model, the_longest_namespace_above_is_found)
{
	static const struct {
		const char *full_name;
		const char *namespace_id; /* NULL: none */
		const char *service;
	} cases[] = {
		{"api.local", "ns-1", "api"},
		{"_http._tcp.local", "ns-1", "_http._tcp"},
		{"local", "ns-1", "."},
		{"LOCAL.", "ns-1", "."},
		{"Api.LOCAL.", "ns-1", "Api"},
		{"api.eu.local", "ns-2", "api"},
		{"a.b.Eu.Local", "ns-2", "a.b"},
		{"eu.local", "ns-2", "."},
		{"aeu.local", "ns-1", "aeu"},
		{"api.Team", "ns-3", "api"},
		{"api.with.dot", "ns-4", "api"},
		{"with.dot", "ns-4", "."},
		{".local", "ns-1", ""},
		{"api.team", NULL, NULL},
		{"api.notlocal", NULL, NULL},
		{"local.api", NULL, NULL},
		{"", NULL, NULL},
		{".", NULL, NULL},
		{"..", NULL, NULL},
	};
	struct model m;

	model_init(&m, 1);
	model_put_namespace(&m, make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "local"));
	model_put_namespace(&m,
		make_namespace("ns-2", NAMESPACE_DNS_PRIVATE, "eu.local."));
	model_put_namespace(&m, make_namespace("ns-3", NAMESPACE_HTTP, "Team"));
	model_put_namespace(&m, make_namespace("ns-4", NAMESPACE_HTTP, "with.dot"));
	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		char *service = NULL;
		struct namespace *ns =
			model_namespace_above(&m, cases[i].full_name, &service);

		if (cases[i].namespace_id) {
			cr_assert(ns && strcmp(ns->id, cases[i].namespace_id) == 0,
				"%s", cases[i].full_name);
			cr_assert_str_eq(service, cases[i].service);
		} else {
			cr_assert(!ns && !service, "%s", cases[i].full_name);
		}
		free(service);
	}
	model_free(&m);
}

Test(model, a_namespace_of_a_longer_name_hides_no_service)
{
	static const struct {
		const char *full_name, *namespace_id, *service;
	} cases[] = {
		{"web.eu.local", "ns-1", "web.eu"}, /* there is none in eu.local */
		{"WEB.eu.LOCAL", "ns-1", "WEB.eu"},
		{"api.eu.local", "ns-2", "api"},
		{"eu.local", "ns-1", "eu"}, /* as ns-2 has no service '.' */
		{"new.eu.local", "ns-2", "new"},
		{"both", "ns-3", "."},
		{"x.both", "ns-4",
			"x"}, /* the namespace of HTTP beside that of the DNS */
		{"y.both", "ns-3", "y"},
		{"new.both", "ns-3", "new"},
	};
	static const char *const services[][2] = {{"ns-1", "web.eu"}, {"ns-1", "eu"},
		{"ns-2", "api"}, {"ns-3", "y"}, {"ns-4", "x"}, {"ns-4", "y"}};
	struct model m;

	model_init(&m, 1);
	model_put_namespace(&m, make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "local"));
	model_put_namespace(&m, make_namespace("ns-2", NAMESPACE_HTTP, "eu.local"));
	model_put_namespace(&m, make_namespace("ns-3", NAMESPACE_DNS_PRIVATE, "Both"));
	model_put_namespace(&m, make_namespace("ns-4", NAMESPACE_HTTP, "both"));
	for (size_t i = 0; i < CMAP_COUNT(services); i++) {
		char id[24];

		snprintf(id, sizeof(id), "srv-%zu", i);
		cr_assert_eq(model_put_service(&m,
				     make_service(id, services[i][0], services[i][1])),
			CMAP_OK);
	}
	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		char *service = NULL;
		struct namespace *ns =
			model_namespace_above(&m, cases[i].full_name, &service);

		cr_assert(ns && strcmp(ns->id, cases[i].namespace_id) == 0 &&
				  strcmp(service, cases[i].service) == 0,
			"'%s' gives '%s' of '%s'", cases[i].full_name, service,
			ns ? ns->id : "none");
		free(service);
	}
	model_free(&m);
}
