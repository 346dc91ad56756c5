/* SPDX-License-Identifier: MIT */
#include "registry/discover.h"

#include <stdio.h>

#include "fixture.h"
#include "test.h"

enum { N = 20 };

/* A service with N instances; every other has "stage blue", i-0 alone "canary yes". */
static struct service *open_world(struct fixture *f)
{
	struct outcome ns, service, o;
	char id[16], text[160];

	fixture_open(f, 1000);
	submit_namespace(f, "local", "", &ns);
	fixture_settle(f);
	submit_service(f, ns.id, "a", "A", "", &service);
	fixture_settle(f);
	for (int i = 0; i < N; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		snprintf(text, sizeof(text),
			"AWS_INSTANCE_IPV4 10.0.0.%d\nstage %s\n%s%s", i + 1,
			i % 2 == 0 ? "blue" : "green", i == 0 ? "canary yes\n" : "",
			i == 1 ? "CMAP_LEASE 10s\n" : "");
		submit_instance(f, service.id, id, text, "", &o);
		fixture_settle(f);
		cr_assert_eq(o.fault, FAULT_NONE);
	}
	return model_service(registry_model(f->registry), service.id);
}

static uint32_t discover(struct fixture *f, struct discover_request *request,
	struct instance **found)
{
	uint32_t n = registry_discover(f->registry, request, found);

	attributes_free(&request->query);
	attributes_free(&request->optional);
	return n;
}

Test(discover, gives_each_instance_once)
{
	struct fixture f;
	struct discover_request request = {.service = open_world(&f),
		.max_results = 100,
		.health = DISCOVER_HEALTHY};
	struct instance *found[100];
	uint32_t n = discover(&f, &request, found);

	cr_assert_eq(n, N);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = i + 1; k < n; k++)
			cr_assert(found[i] != found[k]);
	fixture_close(&f);
}

Test(discover, chooses_evenly)
{
	struct fixture f;
	struct discover_request request = {
		.service = open_world(&f), .max_results = 1, .health = DISCOVER_ALL};
	int times[N] = {0};
	struct instance *found[1];

	for (int i = 0; i < 20000; i++) {
		cr_assert_eq(registry_discover(f.registry, &request, found), 1);
		times[ntohl(found[0]->ipv4.s_addr) % 256 - 1]++;
	}
	for (int i = 0; i < N;
		i++) /* 1,000 each, give or take six standard deviations */
		cr_assert(times[i] > 815 && times[i] < 1185, "i-%d: %d", i, times[i]);
	fixture_close(&f);
}

Test(discover, matches_all_of_the_query)
{
	struct fixture f;
	struct service *s = open_world(&f);
	struct instance *found[100];
	struct discover_request request = {.service = s, .max_results = 100};

	attributes_set(&request.query, "stage", "blue");
	cr_assert_eq(discover(&f, &request, found), N / 2);
	request = (struct discover_request){.service = s, .max_results = 100};
	attributes_set(&request.query, "stage", "blue");
	attributes_set(&request.query, "AWS_INSTANCE_IPV4", "10.0.0.3");
	cr_assert_eq(discover(&f, &request, found), 1);
	cr_assert_str_eq(found[0]->id, "i-2");
	request = (struct discover_request){.service = s, .max_results = 100};
	attributes_set(&request.query, "stage", "red");
	cr_assert_eq(discover(&f, &request, found), 0);
	fixture_close(&f);
}

Test(discover, optional_parameters_narrow_only_if_they_can)
{
	struct fixture f;
	struct service *s = open_world(&f);
	struct instance *found[100];
	struct discover_request request = {.service = s, .max_results = 100};

	attributes_set(&request.query, "stage", "blue");
	attributes_set(&request.optional, "canary", "yes");
	cr_assert_eq(discover(&f, &request, found), 1);
	cr_assert_str_eq(found[0]->id, "i-0");
	request = (struct discover_request){.service = s, .max_results = 100};
	attributes_set(&request.query, "stage", "green");
	attributes_set(&request.optional, "canary", "yes");
	cr_assert_eq(discover(&f, &request, found), N / 2);
	fixture_close(&f);
}

Test(discover, leaves_out_what_has_expired)
{
	struct fixture f;
	struct discover_request request = {
		.service = open_world(&f), .max_results = 100};
	struct instance *found[100];

	store_mem_set_fault(f.store, STORE_MEM_HANGS);
	clock_fake_pass(&f.clock, 10000);
	cr_assert_eq(discover(&f, &request, found), N - 1);
	fixture_close(&f);
}
