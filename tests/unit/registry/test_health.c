/* SPDX-License-Identifier: MIT */
/* What UpdateInstanceCustomHealthStatus says, when it is in effect, and that the DNS follows. */
#include <stdio.h>

#include "base/error.h"
#include "fixture.h"
#include "registry/discover.h"
#include "test.h"
#include "wire/dns.h"
#include "zone/table.h"

enum { DELAY_MS = 30000 };

struct world {
	struct fixture f;
	struct outcome ns, service;
};

/* a.local with custom health, and in it i-0 to i-2. */
static void open_world(struct world *w, int64_t delay_ms)
{
	struct outcome o;

	fixture_open(&w->f, 1000);
	w->f.options.health_delay_ms = delay_ms;
	fixture_restart(&w->f);
	submit_namespace(&w->f, "local", "", &w->ns);
	fixture_settle(&w->f);
	submit_service(&w->f, w->ns.id, "a", "A HEALTH", "", &w->service);
	fixture_settle(&w->f);
	cr_assert_eq(w->service.fault, FAULT_NONE);
	for (int i = 0; i < 3; i++) {
		char id[8], attributes[40];

		snprintf(id, sizeof(id), "i-%d", i);
		snprintf(attributes, sizeof(attributes),
			"AWS_INSTANCE_IPV4 10.0.0.%d\n", i);
		submit_instance(&w->f, w->service.id, id, attributes, "", &o);
		fixture_settle(&w->f);
		cr_assert_eq(o.fault, FAULT_NONE);
	}
}

static void say(struct world *w, const char *id, bool is_unhealthy)
{
	struct outcome o;

	submit_health(&w->f, w->service.id, id, is_unhealthy, &o);
	fixture_settle(&w->f);
	cr_assert(o.is_done);
	cr_assert_eq(o.fault, FAULT_NONE);
}

static void pass(struct world *w, int64_t ms)
{
	clock_fake_pass(&w->f.clock, ms);
	fixture_settle(&w->f);
}

static bool is_unhealthy(const struct world *w, const char *id)
{
	struct service *s = model_service(registry_model(w->f.registry), w->service.id);

	return instance_health(s, model_instance(s, id)) == HEALTH_STATUS_UNHEALTHY;
}

/* Addresses that a.local is answered with. */
static uint32_t published(const struct world *w)
{
	const struct entry *e = published_find(zone_published(w->f.zone),
		(const uint8_t *)"\001a\005local", 9);
	const struct rrset *s = e == NULL ? NULL : entry_find(e, DNS_A);

	return s == NULL ? 0 : s->n;
}

Test(health, without_a_delay_it_is_in_effect_when_answered)
{
	struct world w;

	open_world(&w, 0);
	cr_assert_eq(published(&w), 3);
	say(&w, "i-0", true);
	cr_assert(is_unhealthy(&w, "i-0"));
	cr_assert_eq(published(&w), 2);
	say(&w, "i-0", true);
	say(&w, "i-0", false);
	cr_assert(!is_unhealthy(&w, "i-0"));
	cr_assert_eq(published(&w), 3);
	fixture_close(&w.f);
}

Test(health, the_delay_runs_from_the_first_time_it_is_said)
{
	struct world w;

	open_world(&w, DELAY_MS);
	say(&w, "i-0", true);
	pass(&w, DELAY_MS - 1);
	say(&w, "i-0", true);
	cr_assert(!is_unhealthy(&w, "i-0"));
	cr_assert_eq(published(&w), 3);
	pass(&w, 1);
	cr_assert(is_unhealthy(&w, "i-0"));
	cr_assert_eq(published(&w), 2);
	fixture_close(&w.f);
}

Test(health, the_opposite_said_meanwhile_cancels_it)
{
	struct world w;

	open_world(&w, DELAY_MS);
	say(&w, "i-0", true);
	pass(&w, 10000);
	say(&w, "i-0", false);
	pass(&w, 10 * DELAY_MS);
	cr_assert(!is_unhealthy(&w, "i-0"));
	say(&w, "i-0", true);
	pass(&w, DELAY_MS);
	cr_assert(is_unhealthy(&w, "i-0"), "and can be said anew");
	fixture_close(&w.f);
}

Test(health, it_survives_a_restart_with_the_time_that_is_left)
{
	struct world w;

	open_world(&w, DELAY_MS);
	say(&w, "i-0", true);
	pass(&w, DELAY_MS);
	say(&w, "i-1", true);
	pass(&w, 10000);
	fixture_restart(&w.f);
	cr_assert(is_unhealthy(&w, "i-0"));
	cr_assert(!is_unhealthy(&w, "i-1"));
	cr_assert_eq(published(&w), 2);
	pass(&w, DELAY_MS - 10001);
	cr_assert(!is_unhealthy(&w, "i-1"));
	pass(&w, 1);
	cr_assert(is_unhealthy(&w, "i-1"));
	cr_assert_eq(published(&w), 1);
	fixture_close(&w.f);
}

Test(health, who_registers_again_begins_anew)
{
	struct world w;
	struct outcome o, other;

	open_world(&w, DELAY_MS);
	say(&w, "i-0", true);
	pass(&w, DELAY_MS);
	say(&w, "i-1", true);
	submit_instance(&w.f, w.service.id, "i-0", "AWS_INSTANCE_IPV4 10.0.0.9\n", "",
		&o);
	submit_instance(&w.f, w.service.id, "i-1", "AWS_INSTANCE_IPV4 10.0.0.1\n", "",
		&other);
	fixture_settle(&w.f);
	cr_assert(!is_unhealthy(&w, "i-0"));
	pass(&w, DELAY_MS);
	cr_assert(!is_unhealthy(&w, "i-1"), "what waited for the old one is gone");
	submit_delete(&w.f, COMMAND_DEREGISTER_INSTANCE, w.service.id, "i-2", &o);
	fixture_settle(&w.f);
	cr_assert_eq(published(&w), 2);
	fixture_close(&w.f);
}

Test(health, one_that_leaves_while_it_waits_takes_that_along)
{
	struct world w;
	struct outcome o;

	open_world(&w, DELAY_MS);
	say(&w, "i-0", true);
	submit_delete(&w.f, COMMAND_DEREGISTER_INSTANCE, w.service.id, "i-0", &o);
	fixture_settle(&w.f);
	pass(&w, DELAY_MS);
	cr_assert_eq(published(&w), 2);
	fixture_close(&w.f);
}

Test(health, a_store_that_refuses_is_asked_again)
{
	struct world w;

	open_world(&w, DELAY_MS);
	say(&w, "i-0", true);
	store_mem_set_fault(w.f.store, STORE_MEM_REFUSES);
	pass(&w, DELAY_MS);
	cr_assert(!is_unhealthy(&w, "i-0"));
	store_mem_set_fault(w.f.store, STORE_MEM_WORKS);
	pass(&w, 1000);
	cr_assert(is_unhealthy(&w, "i-0"));
	fixture_close(&w.f);
}

Test(health, who_tells_of_its_health_renews_its_lease)
{
	struct world w;
	struct outcome o;

	open_world(&w, 0);
	submit_instance(&w.f, w.service.id, "i-9",
		"AWS_INSTANCE_IPV4 10.0.0.9\nCMAP_LEASE 10s\n", "", &o);
	fixture_settle(&w.f);
	pass(&w, 9000);
	say(&w, "i-9", false);
	pass(&w, 9000);
	cr_assert_eq(published(&w), 4);
	pass(&w, 1000);
	cr_assert_eq(published(&w), 3);
	fixture_close(&w.f);
}

Test(health, it_is_told_of_instances_with_custom_health_only)
{
	struct world w;
	struct outcome plain, o;

	open_world(&w, 0);
	submit_health(&w.f, w.service.id, "nobody", true, &o);
	fixture_settle(&w.f);
	cr_assert_eq(o.fault, FAULT_INSTANCE_NOT_FOUND);
	submit_health(&w.f, "srv-none", "i-0", true, &o);
	fixture_settle(&w.f);
	cr_assert_eq(o.fault, FAULT_SERVICE_NOT_FOUND);
	submit_service(&w.f, w.ns.id, "plain", "A", "", &plain);
	fixture_settle(&w.f);
	submit_instance(&w.f, plain.id, "i-0", "AWS_INSTANCE_IPV4 10.0.0.1\n", "", &o);
	fixture_settle(&w.f);
	submit_health(&w.f, plain.id, "i-0", true, &o);
	fixture_settle(&w.f);
	cr_assert_eq(o.fault, FAULT_CUSTOM_HEALTH_NOT_FOUND);
	fixture_close(&w.f);
}
