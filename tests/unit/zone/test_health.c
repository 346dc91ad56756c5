/* SPDX-License-Identifier: MIT */
/* Which instances are given, and how often each comes first. */
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "test.h"
#include "wire/dns.h"
#include "zone/schedule.h"

#define WEB "web.test"

static void set_health(struct fixture *f, const char *id, bool is_unhealthy)
{
	struct instance *i = world_find(&f->world, WEB, id);

	i->is_unhealthy = is_unhealthy;
	zone_instance_health(f->world.zone, i);
	world_publish(&f->world);
}

Test(health, the_unhealthy_are_given_only_if_all_are)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1", 0);
	world_instance(&f.world, WEB, "b", "4=10.0.0.2 health=UNHEALTHY", 0);
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, WEB, DNS_A), "A 60 10.0.0.1");
	set_health(&f, "b", false);
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_A), 2);
	set_health(&f, "a", true);
	cr_assert_str_eq(ask(&f.asker, WEB, DNS_A), "A 60 10.0.0.2");
	set_health(&f, "b", true);
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_A), 2,
		"none is healthy: all are given");
	set_health(&f, "a", false);
	cr_assert_str_eq(ask(&f.asker, WEB, DNS_A), "A 60 10.0.0.1");
	fixture_end(&f);
}

Test(health, each_type_looks_for_healthy_ones_of_its_own)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60 AAAA=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1", 0);
	world_instance(&f.world, WEB, "b", "6=fd00::2 health=UNHEALTHY", 0);
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, WEB, DNS_AAAA), "AAAA 60 fd00::2");
	world_instance(&f.world, WEB, "c", "6=fd00::3", 0);
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, WEB, DNS_AAAA), "AAAA 60 fd00::3");
	fixture_end(&f);
}

Test(health, an_address_is_given_if_any_that_has_it_is_healthy)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60 SRV=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 port=80", 0);
	world_instance(&f.world, WEB, "b", "4=10.0.0.1 port=81 health=UNHEALTHY", 5000);
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, WEB, DNS_A), "A 60 10.0.0.1");
	cr_assert_str_eq(ask(&f.asker, WEB, DNS_SRV),
		"SRV 60 1:80:a.web.test. + A 60 10.0.0.1");
	set_health(&f, "b", false);
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_SRV), 2);
	fixture_end(&f);
}

/* How often each of three addresses comes first in n answers. */
static void count_heads(struct fixture *f, uint32_t n, uint32_t first[3])
{
	memset(first, 0, 3 * sizeof(*first));
	for (uint32_t i = 0; i < n; i++) {
		const char *text = ask(&f->asker, WEB, DNS_A);

		first[strncmp(text, "A 60 10.0.0.1", 13) == 0     ? 0
			: strncmp(text, "A 60 10.0.0.2", 13) == 0 ? 1
								  : 2]++;
	}
}

Test(health, weights_say_how_often_each_comes_first)
{
	static const char *const records[] = {"A=60 WEIGHTED", "A=60"};

	for (int k = 0; k < 2; k++) {
		struct fixture f;
		uint32_t first[3];

		fixture_start(&f, WEB, records[k]);
		world_instance(&f.world, WEB, "a", "4=10.0.0.1 weight=200", 0);
		world_instance(&f.world, WEB, "b", "4=10.0.0.2 weight=40", 0);
		world_instance(&f.world, WEB, "c", "4=10.0.0.3", 0);
		world_publish(&f.world);
		count_heads(&f, 241, first);
		cr_assert_eq(first[0], 200);
		cr_assert_eq(first[1], 40);
		cr_assert_eq(first[2], 1);
		/* And with equal weights each in its turn. */
		world_instance(&f.world, WEB, "a", "4=10.0.0.1 weight=9", 0);
		world_instance(&f.world, WEB, "b", "4=10.0.0.2 weight=9", 0);
		world_instance(&f.world, WEB, "c", "4=10.0.0.3 weight=9", 0);
		world_publish(&f.world);
		count_heads(&f, 300, first);
		cr_assert_eq(first[0], 100);
		cr_assert_eq(first[1], 100);
		fixture_end(&f);
	}
}

Test(health, srv_records_carry_the_weight)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60 SRV=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 port=80 weight=255", 0);
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, WEB, DNS_SRV),
		"SRV 60 255:80:a.web.test. + A 60 10.0.0.1");
	fixture_end(&f);
}

/* The one that is due has expired, unnoticed by the writer: the next in the ring takes its turn. */
Test(health, the_turn_of_an_expired_one_goes_to_the_next)
{
	struct fixture f;
	uint32_t first[3];

	fixture_start(&f, WEB, "A=60 WEIGHTED");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 weight=8", 1000);
	world_instance(&f.world, WEB, "b", "4=10.0.0.2", 0);
	world_publish(&f.world);
	f.world.now_ms += 1000;
	count_heads(&f, 18, first);
	cr_assert_eq(first[1], 18);
	fixture_end(&f);
}
