/* SPDX-License-Identifier: MIT */
#include "registry/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "fixture.h"
#include "test.h"
#include "wire/dname.h"
#include "zone/entry.h"

/* A world with a namespace and a service with an A record. */
static void open_with_service(struct fixture *f, struct outcome *ns,
	struct outcome *service)
{
	fixture_open(f, 1000);
	submit_namespace(f, "local", "", ns);
	fixture_settle(f);
	cr_assert_eq(ns->fault, FAULT_NONE);
	submit_service(f, ns->id, "a", "A", "", service);
	fixture_settle(f);
	cr_assert_eq(service->fault, FAULT_NONE);
}

Test(registry, answers_only_after_the_store)
{
	struct fixture f;
	struct outcome ns, service, o;

	open_with_service(&f, &ns, &service);
	submit_instance(&f, service.id, "i-1", "AWS_INSTANCE_IPV4 10.0.0.1\n", "", &o);
	cr_assert(!o.is_done);
	cr_assert_null(model_instance(model_service(registry_model(f.registry),
					      service.id),
		"i-1"));
	fixture_settle(&f);
	cr_assert(o.is_done);
	cr_assert_eq(o.fault, FAULT_NONE);
	cr_assert_not_null(model_instance(model_service(registry_model(f.registry),
						  service.id),
		"i-1"));
	cr_assert_not_null(model_operation(registry_model(f.registry), o.operation_id));
	fixture_close(&f);
}

Test(registry, commits_all_that_has_piled_up_at_once)
{
	struct fixture f;
	struct outcome ns, service, o[100];
	uint64_t before;
	char id[16];

	open_with_service(&f, &ns, &service);
	before = store_mem_commits(f.store);
	for (int i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		submit_instance(&f, service.id, id, "AWS_INSTANCE_IPV4 10.0.0.1\n", "",
			&o[i]);
	}
	fixture_settle(&f);
	for (int i = 0; i < 100; i++)
		cr_assert_eq(o[i].fault, FAULT_NONE);
	/* The first went alone; the other 99 had piled up behind it. */
	cr_assert_eq(store_mem_commits(f.store) - before, 2);
	cr_assert_eq(registry_model(f.registry)->n_instances, 100);
	fixture_close(&f);
}

Test(registry, decides_in_order_what_touches_the_same)
{
	struct fixture f;
	struct outcome ns, service, first, o[5];

	open_with_service(&f, &ns, &service);
	submit_instance(&f, service.id, "i-0", "AWS_INSTANCE_IPV4 10.0.0.9\n", "",
		&first);
	/* While that is with the store, these pile up; each depends on the one before. */
	submit_instance(&f, service.id, "i-1", "AWS_INSTANCE_IPV4 10.0.0.1\n", "",
		&o[0]);
	submit_delete(&f, COMMAND_DEREGISTER_INSTANCE, service.id, "i-1", &o[1]);
	submit_delete(&f, COMMAND_DEREGISTER_INSTANCE, service.id, "i-1", &o[2]);
	submit_instance(&f, service.id, "i-1", "AWS_INSTANCE_IPV4 10.0.0.2\n", "",
		&o[3]);
	submit_delete(&f, COMMAND_DELETE_SERVICE, service.id, NULL, &o[4]);
	fixture_settle(&f);
	cr_assert_eq(o[0].fault, FAULT_NONE);
	cr_assert_eq(o[1].fault, FAULT_NONE);
	cr_assert_eq(o[2].fault, FAULT_INSTANCE_NOT_FOUND);
	cr_assert_eq(o[3].fault, FAULT_NONE);
	cr_assert_eq(o[4].fault, FAULT_RESOURCE_IN_USE);
	fixture_close(&f);
}

Test(registry, one_of_two_that_want_the_same_name_gets_it)
{
	struct fixture f;
	struct outcome ns, service, busy, a, b, x, y;

	open_with_service(&f, &ns, &service);
	submit_instance(&f, service.id, "i-0", "AWS_INSTANCE_IPV4 10.0.0.9\n", "",
		&busy);
	submit_service(&f, ns.id, "twice", "A", "", &a);
	submit_service(&f, ns.id, "TWICE", "A", "", &b);
	submit_namespace(&f, "other", "", &x);
	submit_namespace(&f, "OTHER", "", &y);
	fixture_settle(&f);
	cr_assert_eq(a.fault, FAULT_NONE);
	cr_assert_eq(b.fault, FAULT_SERVICE_ALREADY_EXISTS);
	cr_assert_str_eq(b.existing_id, a.id);
	cr_assert_eq(x.fault, FAULT_NONE);
	cr_assert_eq(y.fault, FAULT_NAMESPACE_ALREADY_EXISTS);
	cr_assert_str_eq(y.existing_id, x.id);
	fixture_close(&f);
}

/* "a" and "b" are views. */
static uint16_t views(void *arg, const struct namespace *ns)
{
	(void)arg;
	if (ns->type == NAMESPACE_DNS_PUBLIC)
		return VIEWS_ALL;
	if (strcmp(ns->vpc, "a") == 0)
		return 1;
	return strcmp(ns->vpc, "b") == 0 ? 2 : (uint16_t)~VIEW_OUTSIDE;
}

static const char *http_name(const struct fixture *f, const struct outcome *o)
{
	return namespace_http_name(model_namespace(registry_model(f->registry), o->id));
}

Test(registry, namespaces_of_one_name_are_for_different_views)
{
	static const struct {
		const char *vpc, *creator;
	} wished[] = {{"a", "1"}, {"b", "2"}, {"x", "3"}, {NULL, "4"}};
	struct zone_options options = {.negative_ttl = 5, .views = views};
	struct fixture f;
	struct outcome o[CMAP_COUNT(wished)], again, service, other;

	fixture_open(&f, 1000);
	cr_assert_eq(dname_from_plain("ns.test", &options.nameserver), CMAP_OK);
	zone_set_options(f.zone, &options);
	for (size_t i = 0; i < CMAP_COUNT(wished); i++) {
		submit_namespace_for(&f, i == 1 ? "Corp.test." : "corp.test",
			wished[i].vpc, wished[i].creator, &o[i]);
		fixture_settle(&f);
		cr_assert_eq(o[i].fault, FAULT_NONE, "%zu", i);
		cr_assert_eq(strcmp(http_name(&f, &o[i]), "corp.test") == 0, i == 0,
			"%zu", i);
		cr_assert_eq(strncmp(http_name(&f, &o[i]), "corp.test-", 10) == 0,
			i > 0, "%zu", i);
		submit_service(&f, o[i].id, "web", "A", "", &service);
		fixture_settle(&f);
		cr_assert_eq(service.fault, FAULT_NONE, "%zu", i);
	}
	/* The same request finds its own, another for the same clients finds whom it meets. */
	for (size_t i = 0; i < CMAP_COUNT(wished); i++) {
		submit_namespace_for(&f, i == 1 ? "Corp.test." : "corp.test",
			wished[i].vpc, wished[i].creator, &again);
		submit_namespace_for(&f, "corp.test",
			i == 2 ? "another" : wished[i].vpc, "", &other);
		fixture_settle(&f);
		cr_assert_str_eq(again.id, o[i].id, "%zu", i);
		cr_assert_eq(other.fault, FAULT_NAMESPACE_ALREADY_EXISTS);
		cr_assert_str_eq(other.existing_id, o[i].id, "%zu", i);
	}
	/* What one is called by is nobody else's name. */
	submit_namespace_for(&f, http_name(&f, &o[2]), "x", "", &other);
	fixture_settle(&f);
	cr_assert_eq(other.fault, FAULT_NAMESPACE_ALREADY_EXISTS);
	/* A namespace in one of them is in all; its name is free in each. */
	submit_namespace_for(&f, "web.corp.test", "a", "", &other);
	fixture_settle(&f);
	cr_assert_eq(other.fault, FAULT_INVALID_INPUT);
	submit_namespace_for(&f, "in.corp.test", "a", "", &other);
	fixture_settle(&f);
	cr_assert_eq(other.fault, FAULT_NONE);
	submit_service(&f, o[1].id, "web.in", "A", "", &service);
	fixture_settle(&f);
	cr_assert_eq(service.fault, FAULT_INVALID_INPUT);
	/* The first may go, and the others keep what they are called. */
	submit_delete(&f, COMMAND_DELETE_SERVICE,
		model_service_by_name(model_namespace(registry_model(f.registry),
					      o[0].id),
			"web")
			->id,
		NULL, &again);
	submit_delete(&f, COMMAND_DELETE_NAMESPACE, o[0].id, NULL, &other);
	fixture_settle(&f);
	cr_assert_eq(again.fault, FAULT_NONE);
	cr_assert_eq(other.fault, FAULT_NONE);
	fixture_restart(&f);
	for (size_t i = 1; i < CMAP_COUNT(wished); i++)
		cr_assert_str_neq(http_name(&f, &o[i]), "corp.test");
	/* The name it went by is free for the next one. */
	zone_set_options(f.zone, &options);
	submit_namespace_for(&f, "corp.test", "a", "", &again);
	fixture_settle(&f);
	cr_assert_eq(again.fault, FAULT_NONE);
	cr_assert_str_eq(http_name(&f, &again), "corp.test");
	fixture_close(&f);
}

Test(registry, a_namespace_is_not_deleted_under_a_service_being_made)
{
	struct fixture f;
	struct outcome ns, service, busy, other, made, deleted;

	open_with_service(&f, &ns, &service);
	submit_namespace(&f, "other", "", &other);
	fixture_settle(&f);
	submit_instance(&f, service.id, "i-0", "AWS_INSTANCE_IPV4 10.0.0.9\n", "",
		&busy);
	submit_service(&f, other.id, "late", "A", "", &made);
	submit_delete(&f, COMMAND_DELETE_NAMESPACE, other.id, NULL, &deleted);
	fixture_settle(&f);
	cr_assert_eq(made.fault, FAULT_NONE);
	cr_assert_eq(deleted.fault, FAULT_RESOURCE_IN_USE);
	fixture_close(&f);
}

Test(registry, the_same_request_again_gives_the_same_answer)
{
	struct fixture f;
	struct outcome a, b, c, s, t, u, i, j, k;
	uint64_t revision;

	fixture_open(&f, 10);
	submit_namespace(&f, "local", "req-1", &a);
	fixture_settle(&f);
	submit_service(&f, a.id, "s", "A", "req-2", &s);
	fixture_settle(&f);
	submit_instance(&f, s.id, "i-1", "AWS_INSTANCE_IPV4 10.0.0.1\n", "req-3", &i);
	fixture_settle(&f);
	revision = registry_model(f.registry)->revision;
	submit_namespace(&f, "local", "req-1", &b);
	submit_service(&f, a.id, "s", "A", "req-2", &t);
	submit_instance(&f, s.id, "i-1", "AWS_INSTANCE_IPV4 10.0.0.1\n", "req-3", &j);
	cr_assert_str_eq(b.operation_id, a.operation_id);
	cr_assert_str_eq(t.id, s.id);
	cr_assert_str_eq(j.operation_id, i.operation_id);
	cr_assert_eq(registry_model(f.registry)->revision, revision,
		"nothing was written");
	/* Another request, or other content, is another matter. */
	submit_namespace(&f, "local", "req-9", &c);
	submit_service(&f, a.id, "s", "AAAA", "req-2", &u);
	submit_instance(&f, s.id, "i-1", "AWS_INSTANCE_IPV4 10.0.0.2\n", "req-3", &k);
	fixture_settle(&f);
	cr_assert_eq(c.fault, FAULT_NAMESPACE_ALREADY_EXISTS);
	cr_assert_eq(u.fault, FAULT_SERVICE_ALREADY_EXISTS);
	cr_assert_eq(k.fault, FAULT_NONE);
	cr_assert_str_neq(k.operation_id, i.operation_id);
	fixture_close(&f);
}

Test(registry, the_limit_of_instances_is_exact_under_load)
{
	struct fixture f;
	struct outcome ns, service, o[20];
	int refused = 0;
	char id[16];

	fixture_open(&f, 7);
	submit_namespace(&f, "local", "", &ns);
	fixture_settle(&f);
	submit_service(&f, ns.id, "a", "A", "", &service);
	fixture_settle(&f);
	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		submit_instance(&f, service.id, id, "AWS_INSTANCE_IPV4 10.0.0.1\n", "",
			&o[i]);
	}
	fixture_settle(&f);
	for (int i = 0; i < 20; i++) {
		cr_assert(o[i].is_done);
		refused += o[i].fault == FAULT_RESOURCE_LIMIT_EXCEEDED;
	}
	cr_assert_eq(refused, 13);
	cr_assert_eq(registry_model(f.registry)->n_instances, 7);
	fixture_close(&f);
}

Test(registry, what_waits_at_the_end_is_answered)
{
	struct fixture f;
	struct outcome ns, service, o[3];
	char id[16];

	open_with_service(&f, &ns, &service);
	store_mem_set_fault(f.store, STORE_MEM_HANGS);
	for (int i = 0; i < 3; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		submit_instance(&f, service.id, id, "AWS_INSTANCE_IPV4 10.0.0.1\n", "",
			&o[i]);
	}
	fixture_settle(&f);
	cr_assert(!o[0].is_done);
	fixture_close(&f);
	for (int i = 0; i < 3; i++) {
		cr_assert(o[i].is_done);
		cr_assert_eq(o[i].fault, FAULT_SERVICE_UNAVAILABLE);
	}
}

Test(registry, state_of_the_store_is_told)
{
	struct fixture f;
	struct outcome ns, service, o;

	open_with_service(&f, &ns, &service);
	cr_assert_str_eq(registry_store_state(f.registry), "ok");
	store_mem_set_fault(f.store, STORE_MEM_HANGS);
	submit_instance(&f, service.id, "i-1", "AWS_INSTANCE_IPV4 10.0.0.1\n", "", &o);
	clock_fake_pass(&f.clock, 1001);
	cr_assert_str_eq(registry_store_state(f.registry), "waiting");
	cr_assert(!registry_is_idle(f.registry));
	store_mem_set_fault(f.store, STORE_MEM_WORKS);
	fixture_settle(&f);
	cr_assert(o.is_done);
	cr_assert_str_eq(registry_store_state(f.registry), "ok");
	store_mem_set_fault(f.store, STORE_MEM_REFUSES);
	submit_instance(&f, service.id, "i-2", "AWS_INSTANCE_IPV4 10.0.0.1\n", "", &o);
	fixture_settle(&f);
	cr_assert_eq(o.fault, FAULT_SERVICE_UNAVAILABLE);
	cr_assert_str_eq(registry_store_state(f.registry), "failing");
	fixture_close(&f);
}

/* The end of a lease reaches the store some time later, and only then. */
Test(registry, renewals_are_written_lazily)
{
	struct fixture f;
	struct outcome ns, service, o;
	struct service *s;
	uint64_t commits;

	open_with_service(&f, &ns, &service);
	submit_instance(&f, service.id, "i-1",
		"AWS_INSTANCE_IPV4 10.0.0.1\nCMAP_LEASE 1h\n", "", &o);
	fixture_settle(&f);
	clock_fake_pass(&f.clock, 20000);
	fixture_settle(&f);
	commits = store_mem_commits(f.store);
	s = model_service(registry_model(f.registry), service.id);
	for (int i = 0; i < 1000; i++)
		cr_assert_eq(registry_renew(f.registry, model_instance(s, "i-1")),
			CMAP_OK);
	fixture_settle(&f);
	cr_assert_eq(store_mem_commits(f.store), commits);
	clock_fake_pass(&f.clock, 20000);
	fixture_settle(&f);
	cr_assert_eq(store_mem_commits(f.store), commits + 1);
	clock_fake_pass(&f.clock, 20000);
	fixture_settle(&f);
	cr_assert_eq(store_mem_commits(f.store), commits + 1, "nothing new to tell");
	fixture_close(&f);
}

Test(registry, thousands_of_leases_end_together)
{
	enum { N = 10000 };
	struct fixture f;
	struct outcome ns, service, *o = calloc(N, sizeof(*o));
	char id[16];

	fixture_open(&f, N);
	submit_namespace(&f, "local", "", &ns);
	fixture_settle(&f);
	submit_service(&f, ns.id, "a", "A", "", &service);
	fixture_settle(&f);
	for (int i = 0; i < N; i++) {
		char text[80];

		snprintf(id, sizeof(id), "i-%d", i);
		snprintf(text, sizeof(text),
			"AWS_INSTANCE_IPV4 10.%d.%d.1\nCMAP_LEASE 30s\n", i / 250,
			i % 250);
		submit_instance(&f, service.id, id, text, "", &o[i]);
	}
	fixture_settle(&f);
	cr_assert_eq(registry_model(f.registry)->n_leased, N);
	clock_fake_pass(&f.clock, 30100);
	fixture_settle(&f);
	cr_assert_eq(registry_model(f.registry)->n_instances, 0);
	cr_assert_eq(registry_model(f.registry)->n_leased, 0);
	free(o);
	fixture_close(&f);
}

Test(registry, finds_by_id_and_by_arn)
{
	struct fixture f;
	struct outcome ns, service;
	struct fault fault = {.code = FAULT_NONE};
	char arn[128];

	open_with_service(&f, &ns, &service);
	snprintf(arn, sizeof(arn),
		"arn:aws:servicediscovery:eu-test-1:123456789012:service/%s",
		service.id);
	cr_assert_not_null(registry_find_service(f.registry, service.id, &fault));
	cr_assert_not_null(registry_find_service(f.registry, arn, &fault));
	cr_assert_eq(fault.code, FAULT_NONE);
	snprintf(arn, sizeof(arn),
		"arn:aws:servicediscovery:eu-test-1:999999999999:service/%s",
		service.id);
	cr_assert_null(registry_find_service(f.registry, arn, &fault));
	cr_assert_eq(fault.code, FAULT_SERVICE_NOT_FOUND);
	fault_free(&fault);
	cr_assert_null(registry_find_namespace(f.registry, service.id, &fault));
	cr_assert_eq(fault.code, FAULT_NAMESPACE_NOT_FOUND);
	fault_free(&fault);
	fixture_close(&f);
}
