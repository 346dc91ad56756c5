/* SPDX-License-Identifier: MIT */
/* What a registry publishes, and what of it can be found. */
#include "zone/zone.h"

#include <stdio.h>

#include "ask.h"
#include "test.h"
#include "wire/dns.h"

#define CORP "corp.internal"

struct town {
	struct world world;
	struct asker asker;
};

static void start(struct town *t)
{
	world_init(&t->world);
	asker_init(&t->asker, &t->world);
	world_namespace(&t->world, CORP, -1);
}

static void end(struct town *t)
{
	asker_free(&t->asker);
	world_free(&t->world);
}

/* Publishes nothing: says what is published now. */
static void expect(struct town *t, const char *name, uint16_t type, const char *answer)
{
	const char *text = ask(&t->asker, name, type);

	cr_assert_str_eq(text, answer, "%s type %u: '%s', not '%s'", name, type, text,
		answer);
}

static enum zone_use use_of(const struct town *t, const char *name)
{
	return zone_name_use(t->world.zone,
		model_namespace_by_dns(&t->world.model, CORP), name);
}

Test(zone, the_apex_has_soa_and_ns)
{
	struct town t;

	start(&t);
	expect(&t, CORP, DNS_SOA, "none");
	world_publish(&t.world);
	expect(&t, CORP, DNS_SOA,
		"SOA 5 ns.test. hostmaster." CORP ". 1 7200 900 1209600 5");
	expect(&t, CORP, DNS_NS, "NS 3600 ns.test.");
	expect(&t, CORP, DNS_A, "nodata");
	expect(&t, "internal", DNS_SOA, "none");
	expect(&t, "www." CORP, DNS_A, "none");
	end(&t);
}

Test(zone, a_namespace_may_say_the_ttl_of_its_soa)
{
	struct town t;

	start(&t);
	world_namespace(&t.world, "a", 0);
	world_namespace(&t.world, "b", 86400);
	world_publish(&t.world);
	expect(&t, "a", DNS_SOA, "SOA 0 ns.test. hostmaster.a. 1 7200 900 1209600 0");
	expect(&t, "b", DNS_SOA,
		"SOA 86400 ns.test. hostmaster.b. 1 7200 900 1209600 86400");
	end(&t);
}

Test(zone, the_serial_moves_with_every_change_of_the_zone)
{
	struct town t;

	start(&t);
	world_namespace(&t.world, "other", -1);
	world_publish(&t.world);
	world_service(&t.world, "web." CORP, "A=60");
	world_publish(&t.world);
	expect(&t, CORP, DNS_SOA,
		"SOA 5 ns.test. hostmaster." CORP ". 2 7200 900 1209600 5");
	world_instance(&t.world, "web." CORP, "i", "4=10.0.0.1", 0);
	world_publish(&t.world);
	expect(&t, CORP, DNS_SOA,
		"SOA 5 ns.test. hostmaster." CORP ". 3 7200 900 1209600 5");
	world_remove_instance(&t.world, "web." CORP, "i");
	t.world.model.revision = UINT64_C(0x100000000) - 1;
	world_publish(&t.world);
	expect(&t, CORP, DNS_SOA,
		"SOA 5 ns.test. hostmaster." CORP ". 0 7200 900 1209600 5");
	expect(&t, "other", DNS_SOA,
		"SOA 5 ns.test. hostmaster.other. 1 7200 900 1209600 5");
	end(&t);
}

Test(zone, a_namespace_is_replaced)
{
	struct town t;

	start(&t);
	world_service(&t.world, "web." CORP, "A=60");
	world_instance(&t.world, "web." CORP, "i-1", "4=10.0.0.1", 0);
	world_publish(&t.world);
	world_namespace(&t.world, CORP, -1);
	world_publish(&t.world);
	expect(&t, CORP, DNS_SOA,
		"SOA 5 ns.test. hostmaster." CORP ". 1 7200 900 1209600 5");
	world_namespace(&t.world, CORP, 90);
	world_publish(&t.world);
	expect(&t, CORP, DNS_SOA,
		"SOA 90 ns.test. hostmaster." CORP ". 3 7200 900 1209600 90");
	expect(&t, "web." CORP, DNS_A, "A 60 10.0.0.1");
	end(&t);
}

Test(zone, a_service_is_replaced_with_other_ttls)
{
	struct town t;

	start(&t);
	world_service(&t.world, "web." CORP, "A=60 AAAA=60 SRV=60");
	world_instance(&t.world, "web." CORP, "i-1", "4=10.0.0.1 port=80", 0);
	world_instance(&t.world, "web." CORP, "i-2", "6=fd00::1 port=81", 0);
	world_publish(&t.world);
	expect(&t, "i-1.web." CORP, DNS_A, "A 60 10.0.0.1");
	/* The same again is nothing new: the serial stays. */
	world_service(&t.world, "web." CORP, "A=60 AAAA=60 SRV=60");
	world_publish(&t.world);
	expect(&t, CORP, DNS_SOA,
		"SOA 5 ns.test. hostmaster." CORP ". 1 7200 900 1209600 5");
	world_service(&t.world, "web." CORP, "A=10 AAAA=20 SRV=30");
	world_publish(&t.world);
	expect(&t, CORP, DNS_SOA,
		"SOA 5 ns.test. hostmaster." CORP ". 3 7200 900 1209600 5");
	expect(&t, "web." CORP, DNS_A, "A 10 10.0.0.1");
	expect(&t, "web." CORP, DNS_AAAA, "AAAA 20 fd00::1");
	expect(&t, "i-1.web." CORP, DNS_A, "A 30 10.0.0.1");
	expect(&t, "i-2.web." CORP, DNS_AAAA, "AAAA 30 fd00::1");
	/* What was replaced is what instances come to and leave from now on. */
	world_remove_instance(&t.world, "web." CORP, "i-1");
	world_instance(&t.world, "web." CORP, "i-3", "4=10.0.0.3 port=80", 0);
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "A 10 10.0.0.3");
	expect(&t, "i-1.web." CORP, DNS_A, "none");
	end(&t);
}

Test(zone, a_service_that_loses_its_records_is_gone_with_its_instances)
{
	struct town t;

	start(&t);
	world_service(&t.world, "web." CORP, "A=60 SRV=60");
	world_instance(&t.world, "web." CORP, "i-1", "4=10.0.0.1 port=80", 30000);
	world_instance(&t.world, "web." CORP, "i-2", "4=10.0.0.1 port=81", 30000);
	world_instance(&t.world, "web." CORP, "i-3", "4=10.0.0.3 port=80", 0);
	world_publish(&t.world);
	expect(&t, "i-1.web." CORP, DNS_A, "A 30 10.0.0.1");
	world_service(&t.world, "web." CORP, "");
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "none");
	expect(&t, "i-1.web." CORP, DNS_A, "none");
	expect(&t, "i-3.web." CORP, DNS_A, "none");
	cr_assert_eq(use_of(&t, "web." CORP), ZONE_USE_NONE);
	/* Their leases go on, and end where nobody else's do. */
	world_service(&t.world, "other." CORP, "A=60");
	world_instance(&t.world, "other." CORP, "o-1", "4=10.0.0.9", 60000);
	world_instance(&t.world, "other." CORP, "o-2", "4=10.0.0.9", 60000);
	world_publish(&t.world);
	world_renew(&t.world, "web." CORP, "i-1");
	world_renew(&t.world, "web." CORP, "i-2");
	expect(&t, "other." CORP, DNS_A, "A 60 10.0.0.9");
	world_remove_instance(&t.world, "web." CORP, "i-1");
	world_remove_instance(&t.world, "web." CORP, "i-2");
	world_remove_instance(&t.world, "web." CORP, "i-3");
	world_remove_service(&t.world, "web." CORP);
	world_publish(&t.world);
	expect(&t, "other." CORP, DNS_A, "A 60 10.0.0.9");
	end(&t);
}

Test(zone, new_options_compile_everything_anew)
{
	struct town t;
	struct zone_options o;

	start(&t);
	world_service(&t.world, "web." CORP, "A=60");
	for (int i = 0; i < 4; i++) {
		char id[8], address[32];

		snprintf(id, sizeof(id), "i-%d", i);
		snprintf(address, sizeof(address), "4=10.0.0.%d", i);
		world_instance(&t.world, "web." CORP, id, address, 0);
	}
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "A 60 10.0.0.0 10.0.0.1 10.0.0.2 10.0.0.3");
	o = t.world.options;
	o.answers = 2;
	o.negative_ttl = 77;
	cr_assert_eq(dname_from_plain("dns.corp", &o.nameserver), 0);
	zone_set_options(t.world.zone, &o);
	expect(&t, "web." CORP, DNS_A, "A 60 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.0");
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "A 60 10.0.0.2 10.0.0.3");
	expect(&t, CORP, DNS_NS, "NS 3600 dns.corp.");
	expect(&t, CORP, DNS_SOA,
		"SOA 77 dns.corp. hostmaster." CORP ". 2 7200 900 1209600 77");
	end(&t);
}

Test(zone, hostmaster_is_left_out_where_it_does_not_fit)
{
	static const char longest[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct town t;
	char expected[700];

	start(&t);
	/* 255 octets; 244 and 11 more are just right; one more is not. */
	for (size_t cut = 0; cut < 20; cut++) {
		world_namespace(&t.world, longest + cut, -1);
		world_publish(&t.world);
		snprintf(expected, sizeof(expected),
			"SOA 5 ns.test. %s%s. %zu 7200 900 1209600 5",
			cut >= 11 ? "hostmaster." : "", longest + cut, cut + 1);
		expect(&t, longest + cut, DNS_SOA, expected);
	}
	end(&t);
}

Test(zone, a_service_has_the_types_it_is_made_with)
{
	struct town t;

	start(&t);
	world_service(&t.world, "all." CORP, "A=60 AAAA=50 SRV=40");
	world_service(&t.world, "six." CORP, "AAAA=50");
	world_instance(&t.world, "all." CORP, "i", "4=10.0.0.1 6=fd00::1 port=80", 0);
	world_instance(&t.world, "six." CORP, "i", "4=10.0.0.1 6=fd00::1 port=80", 0);
	world_publish(&t.world);
	expect(&t, "all." CORP, DNS_A, "A 60 10.0.0.1");
	expect(&t, "all." CORP, DNS_AAAA, "AAAA 50 fd00::1");
	expect(&t, "all." CORP, DNS_SRV,
		"SRV 40 1:80:i.all." CORP ". + A 40 10.0.0.1 AAAA 40 fd00::1");
	expect(&t, "all." CORP, DNS_CNAME, "nodata");
	expect(&t, "i.all." CORP, DNS_A, "A 40 10.0.0.1");
	expect(&t, "i.all." CORP, DNS_AAAA, "AAAA 40 fd00::1");
	expect(&t, "six." CORP, DNS_A, "nodata");
	expect(&t, "six." CORP, DNS_AAAA, "AAAA 50 fd00::1");
	expect(&t, "six." CORP, DNS_SRV, "nodata");
	expect(&t, "i.six." CORP, DNS_AAAA, "none");
	end(&t);
}

Test(zone, an_instance_gives_what_it_has)
{
	struct town t;

	start(&t);
	world_service(&t.world, "web." CORP, "A=60 AAAA=60 SRV=60");
	world_instance(&t.world, "web." CORP, "four", "4=10.0.0.4 port=4", 0);
	world_instance(&t.world, "web." CORP, "six", "6=fd00::6 port=6", 0);
	world_instance(&t.world, "web." CORP, "portless", "4=10.0.0.9", 0);
	world_instance(&t.world, "web." CORP, "bare", "port=7", 0);
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "A 60 10.0.0.4 10.0.0.9");
	expect(&t, "web." CORP, DNS_AAAA, "AAAA 60 fd00::6");
	expect(&t, "web." CORP, DNS_SRV,
		"SRV 60 1:4:four.web." CORP ". 1:6:six.web." CORP ". 1:7:bare.web." CORP
		". + A 60 10.0.0.4 AAAA 60 fd00::6");
	expect(&t, "four.web." CORP, DNS_AAAA, "nodata");
	expect(&t, "six.web." CORP, DNS_A, "nodata");
	expect(&t, "portless.web." CORP, DNS_A, "A 60 10.0.0.9");
	expect(&t, "bare.web." CORP, DNS_A, "nodata");
	end(&t);
}

Test(zone, a_service_without_instances_is_there)
{
	struct town t;

	start(&t);
	world_service(&t.world, "web." CORP, "A=60 SRV=60");
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "nodata");
	expect(&t, "web." CORP, DNS_SRV, "nodata");
	world_instance(&t.world, "web." CORP, "i", "4=10.0.0.1 port=1", 0);
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "A 60 10.0.0.1");
	world_remove_instance(&t.world, "web." CORP, "i");
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "nodata");
	expect(&t, "i.web." CORP, DNS_A, "none");
	end(&t);
}

Test(zone, a_service_may_stand_at_the_apex)
{
	struct town t;

	start(&t);
	world_service(&t.world, CORP, "A=60 SRV=60");
	world_instance(&t.world, CORP, "i", "4=10.0.0.1 port=80", 0);
	world_publish(&t.world);
	expect(&t, CORP, DNS_A, "A 60 10.0.0.1");
	expect(&t, CORP, DNS_SRV, "SRV 60 1:80:i." CORP ". + A 60 10.0.0.1");
	expect(&t, "i." CORP, DNS_A, "A 60 10.0.0.1");
	expect(&t, CORP, DNS_NS, "NS 3600 ns.test.");
	expect(&t, CORP, DNS_SOA,
		"SOA 5 ns.test. hostmaster." CORP ". 1 7200 900 1209600 5");
	world_remove_instance(&t.world, CORP, "i");
	world_remove_service(&t.world, CORP);
	world_publish(&t.world);
	expect(&t, CORP, DNS_A, "nodata");
	expect(&t, CORP, DNS_NS, "NS 3600 ns.test.");
	expect(&t, "i." CORP, DNS_A, "none");
	end(&t);
}

Test(zone, cnames_are_given_one_at_a_time)
{
	struct town t;

	start(&t);
	world_service(&t.world, "db." CORP, "CNAME=10 WEIGHTED");
	world_instance(&t.world, "db." CORP, "a", "cname=a.example.com", 0);
	world_instance(&t.world, "db." CORP, "b", "cname=B.example.com.", 0);
	world_publish(&t.world);
	expect(&t, "db." CORP, DNS_CNAME, "CNAME 10 a.example.com.");
	expect(&t, "db." CORP, DNS_CNAME, "CNAME 10 B.example.com.");
	expect(&t, "db." CORP, DNS_CNAME, "CNAME 10 a.example.com.");
	expect(&t, "db." CORP, DNS_A, "nodata");
	world_remove_instance(&t.world, "db." CORP, "a");
	world_publish(&t.world);
	expect(&t, "db." CORP, DNS_CNAME, "CNAME 10 B.example.com.");
	expect(&t, "db." CORP, DNS_CNAME, "CNAME 10 B.example.com.");
	end(&t);
}

Test(zone, weighted_services_give_one_record_in_turn)
{
	struct town t;

	start(&t);
	world_service(&t.world, "web." CORP, "A=60 SRV=30 WEIGHTED");
	world_instance(&t.world, "web." CORP, "a", "4=10.0.0.1 port=1", 0);
	world_instance(&t.world, "web." CORP, "b", "4=10.0.0.2 port=2", 0);
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "A 60 10.0.0.1");
	expect(&t, "web." CORP, DNS_A, "A 60 10.0.0.2");
	expect(&t, "web." CORP, DNS_A, "A 60 10.0.0.1");
	expect(&t, "web." CORP, DNS_SRV, "SRV 30 1:1:a.web." CORP ". + A 30 10.0.0.1");
	expect(&t, "web." CORP, DNS_SRV, "SRV 30 1:2:b.web." CORP ". + A 30 10.0.0.2");
	end(&t);
}

Test(zone, instances_change_in_place)
{
	struct town t;

	start(&t);
	world_service(&t.world, "web." CORP, "A=60 SRV=60");
	world_instance(&t.world, "web." CORP, "a", "4=10.0.0.1 port=1", 0);
	world_instance(&t.world, "web." CORP, "b", "4=10.0.0.2 port=2", 0);
	world_publish(&t.world);
	world_instance(&t.world, "web." CORP, "a", "4=10.9.9.9 port=99", 0);
	expect(&t, "a.web." CORP, DNS_A, "A 60 10.0.0.1");
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "A 60 10.9.9.9 10.0.0.2");
	expect(&t, "a.web." CORP, DNS_A, "A 60 10.9.9.9");
	expect(&t, "web." CORP, DNS_SRV,
		"SRV 60 1:99:a.web." CORP ". 1:2:b.web." CORP
		". + A 60 10.9.9.9 10.0.0.2");
	/* Gone and back in one batch. */
	world_remove_instance(&t.world, "web." CORP, "a");
	world_instance(&t.world, "web." CORP, "a", "4=10.8.8.8 port=88", 0);
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "A 60 10.8.8.8 10.0.0.2");
	expect(&t, "a.web." CORP, DNS_A, "A 60 10.8.8.8");
	end(&t);
}

Test(zone, instance_ids_with_dots_make_more_labels)
{
	struct town t;

	start(&t);
	world_service(&t.world, "web." CORP, "SRV=60");
	world_instance(&t.world, "web." CORP, "a.b@c:1/2", "4=10.0.0.1 port=1", 0);
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_SRV,
		"SRV 60 1:1:a.b\\@c:1/2.web." CORP ". + A 60 10.0.0.1");
	expect(&t, "A.B@C:1/2.web." CORP, DNS_A, "A 60 10.0.0.1");
	expect(&t, "b@c:1/2.web." CORP, DNS_A, "nodata");
	expect(&t, "c:1/2.web." CORP, DNS_A, "none");
	world_remove_instance(&t.world, "web." CORP, "a.b@c:1/2");
	world_publish(&t.world);
	expect(&t, "b@c:1/2.web." CORP, DNS_A, "none");
	end(&t);
}

Test(zone, targets_too_long_for_a_name_are_left_out)
{
	static const char sixty_three[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct town t;
	char service[300];

	start(&t);
	/* 3 * 64 and 15 for the apex are 207: 48 are left. */
	snprintf(service, sizeof(service), "%s.%s.%s." CORP, sixty_three, sixty_three,
		sixty_three);
	world_service(&t.world, service, "A=60 SRV=60");
	world_instance(&t.world, service, sixty_three + 63 - 47, "4=10.0.0.1 port=1",
		0);
	world_instance(&t.world, service, sixty_three + 63 - 48, "4=10.0.0.2 port=2",
		0);
	world_publish(&t.world);
	expect(&t, service, DNS_A, "A 60 10.0.0.1 10.0.0.2");
	cr_assert_eq(ask_count(&t.asker, service, DNS_SRV), 1);
	world_remove_instance(&t.world, service, sixty_three + 63 - 47);
	world_publish(&t.world);
	expect(&t, service, DNS_SRV, "nodata");
	world_remove_instance(&t.world, service, sixty_three + 63 - 48);
	world_publish(&t.world);
	end(&t);
}

Test(zone, empty_non_terminals_come_and_go)
{
	struct town t;

	start(&t);
	world_service(&t.world, "_http._tcp.web." CORP, "A=60");
	world_publish(&t.world);
	expect(&t, "_http._tcp.web." CORP, DNS_A, "nodata");
	expect(&t, "_tcp.web." CORP, DNS_A, "nodata");
	expect(&t, "web." CORP, DNS_A, "nodata");
	expect(&t, "x._tcp.web." CORP, DNS_A, "none");
	expect(&t, "tcp.web." CORP, DNS_A, "none");
	/* A second leaf keeps the branch. */
	world_service(&t.world, "_grpc._tcp.web." CORP, "A=60");
	world_publish(&t.world);
	world_remove_service(&t.world, "_http._tcp.web." CORP);
	world_publish(&t.world);
	expect(&t, "_http._tcp.web." CORP, DNS_A, "none");
	expect(&t, "_tcp.web." CORP, DNS_A, "nodata");
	/* A service on the branch itself. */
	world_service(&t.world, "web." CORP, "A=60");
	world_instance(&t.world, "web." CORP, "i", "4=10.0.0.1", 0);
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "A 60 10.0.0.1");
	world_remove_service(&t.world, "_grpc._tcp.web." CORP);
	world_publish(&t.world);
	expect(&t, "_tcp.web." CORP, DNS_A, "none");
	expect(&t, "web." CORP, DNS_A, "A 60 10.0.0.1");
	/* The branch outlives its service. */
	world_service(&t.world, "x.web." CORP, "A=60");
	world_remove_instance(&t.world, "web." CORP, "i");
	world_remove_service(&t.world, "web." CORP);
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "nodata");
	world_remove_service(&t.world, "x.web." CORP);
	world_publish(&t.world);
	expect(&t, "web." CORP, DNS_A, "none");
	expect(&t, CORP, DNS_NS, "NS 3600 ns.test.");
	end(&t);
}

/* All that goes in one batch, in whatever order the nodes are listed. */
Test(zone, whole_branches_go_at_once)
{
	static const char *const services[] = {
		"a." CORP, "b.a." CORP, "c.b.a." CORP, "e.d.b.a." CORP, "f." CORP};
	struct town t;

	start(&t);
	for (int round = 0; round < 10; round++) {
		for (size_t i = 0; i < CMAP_COUNT(services); i++) {
			world_service(&t.world, services[i], "A=60 SRV=60");
			world_instance(&t.world, services[i], "x.y",
				"4=10.0.0.1 port=1", 1000);
		}
		world_publish(&t.world);
		for (size_t i = 0; i < CMAP_COUNT(services); i++)
			expect(&t, services[i], DNS_A, "A 1 10.0.0.1");
		expect(&t, "d.b.a." CORP, DNS_A, "nodata");
		for (size_t i = 0; i < CMAP_COUNT(services); i++) {
			size_t at = (i * 2 + (size_t)round) % CMAP_COUNT(services);

			world_remove_instance(&t.world, services[at], "x.y");
			world_remove_service(&t.world, services[at]);
		}
		world_publish(&t.world);
		for (size_t i = 0; i < CMAP_COUNT(services); i++)
			expect(&t, services[i], DNS_A, "none");
		expect(&t, "d.b.a." CORP, DNS_A, "none");
	}
	world_remove_namespace(&t.world, CORP);
	world_publish(&t.world);
	expect(&t, CORP, DNS_SOA, "none");
	cr_assert_eq(t.world.published->live, 0);
	end(&t);
}

Test(zone, made_and_gone_in_one_batch_leaves_nothing)
{
	struct town t;

	start(&t);
	world_publish(&t.world);
	world_service(&t.world, "a.b." CORP, "A=60 SRV=60");
	world_instance(&t.world, "a.b." CORP, "i", "4=10.0.0.1 port=1", 5000);
	world_remove_instance(&t.world, "a.b." CORP, "i");
	world_remove_service(&t.world, "a.b." CORP);
	world_publish(&t.world);
	expect(&t, "a.b." CORP, DNS_A, "none");
	expect(&t, "b." CORP, DNS_A, "none");
	cr_assert_eq(t.world.published->live, 1);
	end(&t);
}

Test(zone, inner_namespaces_are_zones_of_their_own)
{
	struct town t;

	start(&t);
	world_namespace(&t.world, "prod." CORP, 7);
	world_service(&t.world, "web.prod." CORP, "A=60");
	world_service(&t.world, "web." CORP, "A=30");
	world_publish(&t.world);
	expect(&t, "prod." CORP, DNS_SOA,
		"SOA 7 ns.test. hostmaster.prod." CORP ". 1 7200 900 1209600 7");
	cr_assert_eq(ask_find(&t.asker, "web.prod." CORP)->apex_len,
		ask_find(&t.asker, "prod." CORP)->name_len);
	cr_assert_eq(ask_find(&t.asker, "web." CORP)->apex_len,
		ask_find(&t.asker, CORP)->name_len);
	cr_assert(entry_is_apex(ask_find(&t.asker, CORP)));
	cr_assert_not(entry_is_apex(ask_find(&t.asker, "web." CORP)));
	world_remove_service(&t.world, "web.prod." CORP);
	world_remove_namespace(&t.world, "prod." CORP);
	world_publish(&t.world);
	expect(&t, "prod." CORP, DNS_SOA, "none");
	expect(&t, "web." CORP, DNS_A, "nodata");
	end(&t);
}

Test(zone, knows_how_names_are_used)
{
	struct town t;

	start(&t);
	world_service(&t.world, "a.web." CORP, "SRV=60");
	world_instance(&t.world, "a.web." CORP, "i", "4=10.0.0.1 port=1", 0);
	cr_assert_eq(use_of(&t, "CORP.internal."), ZONE_USE_APEX);
	cr_assert_eq(use_of(&t, "web." CORP), ZONE_USE_EMPTY);
	cr_assert_eq(use_of(&t, "A.WEB." CORP), ZONE_USE_SERVICE);
	cr_assert_eq(use_of(&t, "i.a.web." CORP), ZONE_USE_TARGET);
	cr_assert_eq(use_of(&t, "j.a.web." CORP), ZONE_USE_NONE);
	cr_assert_eq(use_of(&t, "internal"), ZONE_USE_NONE);
	cr_assert_eq(use_of(&t, ".."), ZONE_USE_NONE);
	world_remove_instance(&t.world, "a.web." CORP, "i");
	cr_assert_eq(use_of(&t, "i.a.web." CORP), ZONE_USE_NONE);
	world_remove_service(&t.world, "a.web." CORP);
	world_publish(&t.world);
	cr_assert_eq(use_of(&t, "a.web." CORP), ZONE_USE_NONE);
	cr_assert_eq(use_of(&t, "web." CORP), ZONE_USE_NONE);
	end(&t);
}

Test(zone, what_publishes_nothing_does_no_harm)
{
	struct town t;
	struct service *s;

	start(&t);
	s = world_service(&t.world, "api." CORP, "");
	world_instance(&t.world, "api." CORP, "i", "4=10.0.0.1 port=1", 5000);
	world_publish(&t.world);
	expect(&t, "api." CORP, DNS_A, "none");
	cr_assert_eq(model_instance(s, "i")->lease_slot, 0);
	world_renew(&t.world, "api." CORP, "i");
	world_remove_instance(&t.world, "api." CORP, "i");
	world_remove_service(&t.world, "api." CORP);
	world_publish(&t.world);
	cr_assert_eq(t.world.published->live, 1);
	zone_free(NULL);
	end(&t);
}
