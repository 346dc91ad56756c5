/* SPDX-License-Identifier: MIT */
/* Instances with one address and one port are given out once. */
#include <stdio.h>

#include "ask.h"
#include "test.h"
#include "wire/dns.h"

#define WEB "web.test"

static void add(struct fixture *f, const char *id, const char *attributes,
	int64_t lease_ms)
{
	world_instance(&f->world, WEB, id, attributes, lease_ms);
	world_publish(&f->world);
}

static void leave(struct fixture *f, const char *id)
{
	world_remove_instance(&f->world, WEB, id);
	world_publish(&f->world);
}

Test(endpoints, an_address_and_port_is_given_once)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60 SRV=60");
	add(&f, "a", "4=10.0.0.1 port=80", 0);
	add(&f, "b", "4=10.0.0.1 port=80", 0);
	add(&f, "c", "4=10.0.0.1 port=81", 0);
	add(&f, "d", "4=10.0.0.1 6=fd00::1 port=80", 0);
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_SRV), 3);
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_A), 1);
	cr_assert_str_eq(ask(&f.asker, "b.web.test", DNS_A), "A 60 10.0.0.1",
		"its own name stays");
	leave(&f, "a");
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_SRV), 3, "b stands for it");
	leave(&f, "b");
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_SRV), 2);
	fixture_end(&f);
}

Test(endpoints, the_one_whose_lease_ends_last_stands_for_all)
{
	struct fixture f;

	fixture_start(&f, WEB, "SRV=60");
	add(&f, "a", "4=10.0.0.1 port=80", 30000);
	add(&f, "b", "4=10.0.0.1 port=80", 60000);
	add(&f, "c", "4=10.0.0.1 port=80", 40000);
	cr_assert_str_eq(ask(&f.asker, WEB, DNS_SRV),
		"SRV 60 1:80:b.web.test. + A 60 10.0.0.1");
	add(&f, "d", "4=10.0.0.1 port=80", 0);
	cr_assert_str_eq(ask(&f.asker, WEB, DNS_SRV),
		"SRV 60 1:80:d.web.test. + A 60 10.0.0.1");
	fixture_end(&f);
}

Test(endpoints, a_healthy_one_stands_for_an_unhealthy_one)
{
	struct fixture f;

	fixture_start(&f, WEB, "SRV=60");
	add(&f, "a", "4=10.0.0.1 port=80 health=UNHEALTHY", 0);
	add(&f, "b", "4=10.0.0.1 port=80", 30000);
	cr_assert_str_eq(ask(&f.asker, WEB, DNS_SRV),
		"SRV 30 1:80:b.web.test. + A 30 10.0.0.1");
	fixture_end(&f);
}

/* So many that a registration is added to what is published, not compiled with it. */
Test(endpoints, twins_are_found_in_large_services_too)
{
	enum { N = 200 };
	struct fixture f;
	char id[16], attributes[64];

	fixture_start(&f, WEB, "SRV=60");
	for (int i = 0; i < N; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		snprintf(attributes, sizeof(attributes), "4=10.0.0.%d port=80", i + 1);
		world_instance(&f.world, WEB, id, attributes, 0);
	}
	world_publish(&f.world);
	add(&f, "twin", "4=10.0.0.7 port=80", 0);
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_SRV), N);
	add(&f, "other", "4=10.0.0.7 port=81", 0);
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_SRV), N + 1);
	leave(&f, "i-6");
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_SRV), N + 1);
	leave(&f, "twin");
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_SRV), N);
	/* Two that come together. */
	world_instance(&f.world, WEB, "x", "4=10.0.1.1 port=80", 0);
	world_instance(&f.world, WEB, "y", "4=10.0.1.1 port=80", 0);
	world_publish(&f.world);
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_SRV), N + 1);
	fixture_end(&f);
}
