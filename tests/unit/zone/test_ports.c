/* SPDX-License-Identifier: MIT */
#include "zone/ports.h"

#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "rng.h"
#include "test.h"
#include "wire/dns.h"

#define WEB  "web.test"
#define HTTP "_http._tcp." WEB

static void set_health(struct fixture *f, const char *id, bool is_unhealthy)
{
	struct instance *i = world_find(&f->world, WEB, id);

	i->is_unhealthy = is_unhealthy;
	zone_instance_health(f->world.zone, i);
	world_publish(&f->world);
}

Test(ports, bring_addresses_along)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60 AAAA=30");
	world_instance(&f.world, WEB, "a",
		"4=10.0.0.1 6=fd00::1 weight=7 CMAP_PORT_http=80", 0);
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, HTTP, DNS_SRV),
		"SRV 30 7:80:a.web.test. + A 30 10.0.0.1 AAAA 30 fd00::1");
	cr_assert_str_eq(ask(&f.asker, "a." WEB, DNS_A), "A 30 10.0.0.1");
	cr_assert_str_eq(ask(&f.asker, "_tcp." WEB, DNS_SRV), "nodata");
	fixture_end(&f);
}

Test(ports, are_those_of_the_healthy_unless_none_is)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 CMAP_PORT_http=1", 0);
	world_instance(&f.world, WEB, "b", "4=10.0.0.2 CMAP_PORT_http=2", 0);
	world_instance(&f.world, WEB, "c", "4=10.0.0.3", 0);
	world_publish(&f.world);
	cr_assert_eq(ask_count(&f.asker, HTTP, DNS_SRV), 2);
	set_health(&f, "a", true);
	cr_assert_str_eq(ask(&f.asker, HTTP, DNS_SRV),
		"SRV 60 1:2:b.web.test. + A 60 10.0.0.2");
	set_health(&f, "b", true);
	cr_assert_eq(ask_count(&f.asker, HTTP, DNS_SRV), 2,
		"that c is healthy is of no help: it has no such port");
	fixture_end(&f);
}

Test(ports, are_left_out_where_their_names_would_be_too_long)
{
	struct fixture f;
	char name[DNAME_MAX];
	uint32_t live;

	/* 250 octets on the wire: _a._tcp takes 8 more. */
	memset(name, 'x', sizeof(name));
	for (size_t at = 49; at < 240; at += 50)
		name[at] = '.';
	strcpy(name + 243, ".test");
	fixture_start(&f, name, "A=60");
	world_publish(&f.world);
	live = f.world.published->live;
	world_instance(&f.world, name, "a", "4=10.0.0.1 CMAP_PORT_a=1", 0);
	world_publish(&f.world);
	cr_assert_eq(ask_count(&f.asker, name, DNS_A), 1);
	cr_assert_eq(f.world.published->live, live + 1, "the instance's own name");
	world_remove_instance(&f.world, name, "a");
	world_publish(&f.world);
	cr_assert_eq(f.world.published->live, live);
	fixture_end(&f);
}

/* So many that an entry is changed, not compiled: see change.h. */
enum { NAMES = 3, IDS = 100, STEPS = 300, RUNS = 10 };

static const char *const keys[NAMES] = {
	"CMAP_PORT_http", "CMAP_PORT_dns.udp", "CMAP_PORT_dns"};
static const char *const names[NAMES] = {HTTP, "_dns._udp." WEB, "_dns._tcp." WEB};

/* Registers it with some of the ports, whose numbers are kept; 0: none. */
static void put(struct world *w, struct rng *rng, int id, int port[NAMES])
{
	char text[128], name[8];
	size_t at = (size_t)snprintf(text, sizeof(text), "4=10.0.0.%d", id + 1);

	for (int k = 0; k < NAMES; k++) {
		port[k] = (int)rng_below(rng, 3);
		if (port[k] > 0)
			at += (size_t)snprintf(text + at, sizeof(text) - at, " %s=%d",
				keys[k], port[k]);
	}
	snprintf(name, sizeof(name), "i-%d", id);
	world_instance(w, WEB, name, text, 0);
}

static void check_all(struct fixture *f, bool is_there[IDS], int port[IDS][NAMES])
{
	for (int k = 0; k < NAMES; k++) {
		uint32_t n = 0;
		const char *answer;

		for (int id = 0; id < IDS; id++)
			n += is_there[id] && port[id][k] > 0;
		cr_assert_eq(ask_count(&f->asker, names[k], DNS_SRV), n);
		answer = ask(&f->asker, names[k], DNS_SRV);
		if (n == 0)
			cr_assert_str_eq(answer, "none");
		for (int id = 0; id < IDS; id++) {
			char record[32];

			snprintf(record, sizeof(record), " 1:%d:i-%d.web.test.",
				port[id][k], id);
			cr_assert_eq(strstr(answer, record) != NULL,
				is_there[id] && port[id][k] > 0);
		}
	}
	for (int id = 0; id < IDS; id++) {
		bool has_name = is_there[id] && port[id][0] + port[id][1] + port[id][2];
		char target[32];

		snprintf(target, sizeof(target), "i-%d.%s", id, WEB);
		cr_assert_eq(ask_count(&f->asker, target, DNS_A), has_name ? 1 : 0);
	}
}

Test(ports, change_as_the_instances_do)
{
	for (uint32_t run = 0; run < RUNS; run++) {
		struct rng rng = {.state = run + 1};
		bool is_there[IDS] = {false};
		int port[IDS][NAMES] = {{0}};
		struct fixture f;
		char name[8];

		fixture_start(&f, WEB, "A=60");
		f.world.options.answers = 0;
		zone_set_options(f.world.zone, &f.world.options);
		for (uint32_t step = 0; step < STEPS; step++) {
			int id = step < IDS ? (int)step : (int)rng_below(&rng, IDS);

			snprintf(name, sizeof(name), "i-%d", id);
			if (is_there[id] && rng_below(&rng, 3) == 0) {
				world_remove_instance(&f.world, WEB, name);
				is_there[id] = false;
			} else {
				put(&f.world, &rng, id, port[id]);
				is_there[id] = true;
			}
			if (rng_below(&rng, 2) == 0)
				continue;
			world_publish(&f.world);
			check_all(&f, is_there, port);
		}
		for (int id = 0; id < IDS; id++) {
			snprintf(name, sizeof(name), "i-%d", id);
			if (is_there[id])
				world_remove_instance(&f.world, WEB, name);
		}
		world_publish(&f.world);
		cr_assert_eq(f.world.published->live, 2, "the namespace, the service");
		fixture_end(&f);
	}
}
