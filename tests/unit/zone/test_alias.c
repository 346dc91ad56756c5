/* SPDX-License-Identifier: MIT */
/* Aliases: instances whose addresses are those of another name. */
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "test.h"
#include "wire/dns.h"

#define API "api.test"

/* Names that are wanted, in the order told: "+lb.example -lb.example ". */
static char told[256];

static void note(void *arg, const char *name, bool is_wanted)
{
	(void)arg;
	strcat(told, is_wanted ? "+" : "-");
	strcat(told, name);
	strcat(told, " ");
}

static void start(struct fixture *f)
{
	told[0] = '\0';
	fixture_start(f, API, "A=300 AAAA=300 WEIGHTED");
	zone_watch_aliases(f->world.zone, note, NULL);
}

static void alias(struct fixture *f, const char *id, const char *attributes)
{
	world_instance(&f->world, API, id, attributes, 0);
	world_publish(&f->world);
}

/* 10.9.0.1 and so on. */
static void set_ipv4(struct fixture *f, const char *name, uint32_t n, uint32_t ttl)
{
	uint8_t octets[16][4];

	for (uint32_t i = 0; i < n; i++)
		memcpy(octets[i], (uint8_t[]){10, 9, 0, (uint8_t)(i + 1)}, 4);
	zone_set_alias(f->world.zone, name, DNS_A, octets[0], n, ttl);
	world_publish(&f->world);
}

Test(alias, has_the_addresses_of_its_target)
{
	static const uint8_t ipv6[16] = {0xFD, [15] = 7};
	struct fixture f;

	start(&f);
	alias(&f, "lb", "alias=LB.Example.");
	cr_assert_str_eq(told, "+lb.example ");
	set_ipv4(&f, "lb.example", 2, 20);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "A 20 10.9.0.1 10.9.0.2");
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "A 20 10.9.0.2 10.9.0.1");
	zone_set_alias(f.world.zone, "lb.example", DNS_AAAA, ipv6, 1, 20);
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, API, DNS_AAAA), "AAAA 20 fd00::7");
	set_ipv4(&f, "lb.example", 0, 5);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "nodata");
	fixture_end(&f);
}

Test(alias, that_is_not_resolved_is_not_one_without_addresses)
{
	struct fixture f;

	start(&f);
	alias(&f, "lb", "alias=lb.example");
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "unknown 14");
	cr_assert_str_eq(ask(&f.asker, API, DNS_AAAA), "unknown 14");
	cr_assert_str_eq(ask(&f.asker, API, DNS_SRV), "nodata");
	set_ipv4(&f, "lb.example", 0, 5);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "nodata");
	cr_assert_str_eq(ask(&f.asker, API, DNS_AAAA), "unknown 14");
	set_ipv4(&f, "lb.example", 1, 5);
	zone_forget_alias(f.world.zone, "lb.example", DNS_A, DNS_EDE_NETWORK_ERROR);
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "unknown 23");
	set_ipv4(&f, "lb.example", 0, 5);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "nodata");
	fixture_end(&f);
}

Test(alias, that_is_not_resolved_gives_way_to_what_there_is)
{
	struct fixture f;

	start(&f);
	alias(&f, "lb", "alias=lb.example");
	alias(&f, "own", "4=10.0.0.1");
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "A 300 10.0.0.1");
	cr_assert_str_eq(ask(&f.asker, API, DNS_AAAA), "unknown 14");
	alias(&f, "other", "alias=other.example");
	set_ipv4(&f, "other.example", 0, 5);
	world_remove_instance(&f.world, API, "own");
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "unknown 14", "one may have some");
	world_remove_instance(&f.world, API, "lb");
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "nodata");
	fixture_end(&f);
}

/* A service that is large enough is published by its changes. */
Test(alias, stays_unknown_while_others_come)
{
	struct fixture f;

	start(&f);
	for (int i = 1; i <= 100; i++) {
		char id[16], attributes[32];

		snprintf(id, sizeof(id), "i-%d", i);
		snprintf(attributes, sizeof(attributes), "4=10.0.0.%d", i);
		world_instance(&f.world, API, id, attributes, 0);
	}
	alias(&f, "lb", "alias=lb.example");
	cr_assert_str_eq(ask(&f.asker, API, DNS_AAAA), "unknown 14");
	alias(&f, "last", "4=10.0.1.1");
	cr_assert_eq(ask_count(&f.asker, API, DNS_A), 101);
	cr_assert_str_eq(ask(&f.asker, API, DNS_AAAA), "unknown 14");
	fixture_end(&f);
}

Test(alias, the_order_of_the_addresses_says_nothing)
{
	static const uint8_t one[] = {10, 9, 0, 2, 10, 9, 0, 1},
			     other[] = {10, 9, 0, 1, 10, 9, 0, 2};
	struct fixture f;
	const struct entry *e;

	start(&f);
	alias(&f, "lb", "alias=lb.example");
	zone_set_alias(f.world.zone, "lb.example", DNS_A, one, 2, 20);
	world_publish(&f.world);
	e = ask_find(&f.asker, API);
	zone_set_alias(f.world.zone, "lb.example", DNS_A, other, 2, 20);
	world_publish(&f.world);
	cr_assert_eq(ask_find(&f.asker, API), e, "not published again");
	fixture_end(&f);
}

Test(alias, answers_have_eight_of_many_addresses_each_first_in_its_turn)
{
	struct fixture f;
	char first[16];

	start(&f);
	alias(&f, "a", "alias=a.example");
	alias(&f, "b", "4=10.0.0.1");
	set_ipv4(&f, "a.example", 11, 20);
	for (unsigned int i = 0; i < 24; i++) {
		const char *text = ask(&f.asker, API, DNS_A);
		unsigned int n = 0;

		for (const char *at = text; *at != '\0'; at++)
			n += *at == ' ';
		cr_assert_eq(n - 1, 8, "%s", text);
		snprintf(first, sizeof(first), " 10.9.0.%u ", i % 12 + 1);
		if (i % 12 == 11)
			strcpy(first, " 10.0.0.1 ");
		cr_assert_eq(strncmp(text + strlen("A 20"), first, strlen(first)), 0,
			"%u: %s", i, text);
	}
	fixture_end(&f);
}

Test(alias, ttl_is_the_targets_up_to_a_minute_whatever_the_record_says)
{
	struct fixture f;

	start(&f);
	alias(&f, "a", "alias=a.example");
	set_ipv4(&f, "a.example", 1, 61);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "A 60 10.9.0.1");
	alias(&f, "b", "4=10.0.0.1");
	set_ipv4(&f, "a.example", 1, 7);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "A 7 10.9.0.1 10.0.0.1");
	fixture_end(&f);
}

Test(alias, a_target_is_wanted_as_long_as_somebody_has_it)
{
	struct fixture f;

	start(&f);
	alias(&f, "a", "alias=one.example");
	alias(&f, "b", "alias=One.example");
	world_service(&f.world, "other.test", "A=5 WEIGHTED");
	world_instance(&f.world, "other.test", "c", "alias=one.example", 0);
	world_publish(&f.world);
	cr_assert_str_eq(told, "+one.example ");
	set_ipv4(&f, "one.example", 1, 20);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "A 20 10.9.0.1");
	cr_assert_str_eq(ask(&f.asker, "other.test", DNS_A), "A 20 10.9.0.1");
	alias(&f, "a", "alias=two.example");
	world_remove_instance(&f.world, API, "b");
	cr_assert_str_eq(told, "+one.example +two.example ");
	world_remove_instance(&f.world, "other.test", "c");
	world_publish(&f.world);
	cr_assert_str_eq(told, "+one.example +two.example -one.example ");
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "unknown 14");
	/* Nobody has it any more. */
	set_ipv4(&f, "one.example", 1, 20);
	set_ipv4(&f, "two.example", 1, 20);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "A 20 10.9.0.1");
	fixture_end(&f);
}

Test(alias, keeps_its_addresses_when_it_is_registered_again)
{
	struct fixture f;

	start(&f);
	alias(&f, "a", "alias=one.example");
	set_ipv4(&f, "one.example", 1, 20);
	alias(&f, "a", "alias=One.example weight=3");
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "A 20 10.9.0.1");
	cr_assert_str_eq(told, "+one.example ");
	world_remove_instance(&f.world, API, "a");
	alias(&f, "b", "alias=one.example");
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "A 20 10.9.0.1");
	world_remove_instance(&f.world, API, "b");
	world_publish(&f.world);
	cr_assert_str_eq(told, "+one.example -one.example ");
	alias(&f, "b", "alias=one.example");
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "unknown 14");
	/* It goes twice before that is published. */
	told[0] = '\0';
	world_instance(&f.world, API, "b", "alias=one.example weight=2", 0);
	world_remove_instance(&f.world, API, "b");
	world_publish(&f.world);
	cr_assert_str_eq(told, "-one.example ");
	fixture_end(&f);
}

static void service_with(struct fixture *f, const char *name, const char *records,
	const char *attributes)
{
	world_service(&f->world, name, records);
	world_instance(&f->world, name, "i", attributes, 0);
}

Test(alias, loops_are_seen)
{
	struct fixture f;

	start(&f);
	service_with(&f, "a.test", "A=5 WEIGHTED", "alias=B.test.");
	service_with(&f, "b.test", "A=5 WEIGHTED", "alias=c.test");
	service_with(&f, "c.test", "CNAME=5 WEIGHTED", "cname=a.test");
	service_with(&f, "self.test", "A=5 WEIGHTED", "alias=self.test");
	service_with(&f, "to-loop.test", "A=5 WEIGHTED", "alias=a.test");
	service_with(&f, "plain.test", "A=5 WEIGHTED", "4=10.0.0.1");
	service_with(&f, "out.test", "A=5 WEIGHTED", "alias=lb.example");
	service_with(&f, "link.test", "CNAME=5 WEIGHTED", "cname=out.test");
	cr_assert(zone_alias_is_loop(f.world.zone, "a.test"));
	cr_assert(zone_alias_is_loop(f.world.zone, "b.test"));
	cr_assert(zone_alias_is_loop(f.world.zone, "c.test"));
	cr_assert(zone_alias_is_loop(f.world.zone, "self.test"));
	cr_assert_not(zone_alias_is_loop(f.world.zone, "to-loop.test"));
	cr_assert_not(zone_alias_is_loop(f.world.zone, "plain.test"));
	cr_assert_not(zone_alias_is_loop(f.world.zone, "link.test"));
	cr_assert_not(zone_alias_is_loop(f.world.zone, "lb.example"));
	world_instance(&f.world, "b.test", "j", "alias=to-loop.test", 0);
	cr_assert(zone_alias_is_loop(f.world.zone, "to-loop.test"));
	fixture_end(&f);
}

Test(alias, whoever_watches_later_is_told_of_those_there_are)
{
	struct fixture f;

	start(&f);
	alias(&f, "a", "alias=one.example");
	told[0] = '\0';
	zone_watch_aliases(f.world.zone, note, NULL);
	cr_assert_str_eq(told, "+one.example ");
	fixture_end(&f);
}

Test(alias, an_unhealthy_one_gives_way_to_one_whose_target_has_addresses)
{
	struct fixture f;

	start(&f);
	alias(&f, "a", "alias=a.example health=UNHEALTHY");
	alias(&f, "b", "alias=b.example");
	set_ipv4(&f, "a.example", 2, 20);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "A 20 10.9.0.1 10.9.0.2");
	set_ipv4(&f, "b.example", 1, 30);
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "A 20 10.9.0.1");
	fixture_end(&f);
}

Test(alias, many_addresses_and_a_service_that_loses_its_records)
{
	struct fixture f;
	struct service *s;

	start(&f);
	alias(&f, "a", "alias=a.example");
	set_ipv4(&f, "a.example", 16, 20);
	cr_assert_eq(ask_count(&f.asker, API, DNS_A), 16);
	alias(&f, "b", "alias=a.example weight=3");
	cr_assert_eq(ask_count(&f.asker, API, DNS_A), 16, "each is given once");
	s = world_service(&f.world, API, "");
	cr_assert_eq(s->n_records, 0);
	world_publish(&f.world);
	cr_assert_str_eq(told, "+a.example -a.example ");
	cr_assert_str_eq(ask(&f.asker, API, DNS_A), "none");
	fixture_end(&f);
}
