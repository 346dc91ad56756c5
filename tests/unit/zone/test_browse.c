/* SPDX-License-Identifier: MIT */
#include "zone/browse.h"

#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "rng.h"
#include "test.h"
#include "wire/dns.h"

#define WEB      "web.test"
#define TYPES    "_services._dns-sd._udp.test"
#define HTTP     "_http._tcp.test"
#define INSTANCE "web._http._tcp.test"

static bool browses(void *arg, const struct namespace *ns)
{
	(void)arg;
	return strcmp(ns->dns_key, "test") == 0;
}

static void browse(struct world *w, bool is_on)
{
	w->options.browses = is_on ? browses : NULL;
	zone_set_options(w->zone, &w->options);
	world_publish(w);
}

static void start(struct fixture *f, const char *records)
{
	fixture_start(f, WEB, records);
	browse(&f->world, true);
}

Test(browse, instances_have_the_records_of_their_port)
{
	struct fixture f;

	start(&f, "A=60 AAAA=30");
	world_instance(&f.world, WEB, "a",
		"4=10.0.0.1 6=fd00::1 weight=7 CMAP_PORT_http=80", 0);
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, INSTANCE, DNS_SRV),
		"SRV 30 7:80:a.web.test. + A 30 10.0.0.1 AAAA 30 fd00::1");
	cr_assert_str_eq(ask(&f.asker, INSTANCE, DNS_TXT), "TXT 30 00");
	cr_assert_str_eq(ask(&f.asker, HTTP, DNS_PTR), "PTR 30 " INSTANCE ".");
	cr_assert_str_eq(ask(&f.asker, TYPES, DNS_PTR), "PTR 5 " HTTP ".");
	cr_assert_str_eq(ask(&f.asker, "_dns-sd._udp.test", DNS_PTR), "nodata");
	fixture_end(&f);
}

Test(browse, weights_and_health_decide_as_at_the_port)
{
	struct fixture f;
	uint32_t firsts = 0;

	start(&f, "A=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 weight=3 CMAP_PORT_http=1", 0);
	world_instance(&f.world, WEB, "b", "4=10.0.0.2 CMAP_PORT_http=2", 0);
	world_publish(&f.world);
	for (int i = 0; i < 40; i++)
		firsts += strstr(ask(&f.asker, INSTANCE, DNS_SRV), "SRV 60 3:1:a.") !=
			  NULL;
	cr_assert_eq(firsts, 30);
	world_find(&f.world, WEB, "a")->is_unhealthy = true;
	zone_instance_health(f.world.zone, world_find(&f.world, WEB, "a"));
	world_publish(&f.world);
	cr_assert_str_eq(ask(&f.asker, INSTANCE, DNS_SRV),
		"SRV 60 1:2:b.web.test. + A 60 10.0.0.2");
	cr_assert_eq(ask_count(&f.asker, HTTP, DNS_PTR), 1);
	fixture_end(&f);
}

/* A namespace inside may be called as one of the names of browsing: it is that namespace's, the others stay. */
Test(browse, names_of_namespaces_inside_are_theirs)
{
	static const char *const inside[] = {"b._dns-sd._udp.test",
		"lb._dns-sd._udp.test", "_services._dns-sd._udp.test",
		"_dns-sd._udp.test", "_udp.test", "_http._tcp.test", "_tcp.test",
		"web._http._tcp.test"};

	for (size_t i = 0; i < CMAP_COUNT(inside); i++) {
		struct fixture f;

		fixture_start(&f, WEB, "A=60");
		world_namespace(&f.world, inside[i], -1);
		browse(&f.world, true);
		world_instance(&f.world, WEB, "a", "4=10.0.0.1 CMAP_PORT_http=80", 0);
		world_publish(&f.world);
		cr_expect_str_eq(ask(&f.asker, inside[i], DNS_NS), "NS 3600 ns.test.",
			"%s", inside[i]);
		cr_expect_str_eq(ask(&f.asker, inside[i], DNS_PTR), "nodata", "%s",
			inside[i]);
		if (i != 1 && i != 3 && i != 4)
			cr_expect_str_eq(ask(&f.asker, "lb._dns-sd._udp.test", DNS_PTR),
				i == 2 ? "none" : "PTR 5 test.", "%s", inside[i]);
		browse(&f.world, false);
		browse(&f.world, true);
		world_remove_namespace(&f.world, inside[i]);
		world_publish(&f.world);
		cr_expect_str_eq(ask(&f.asker, "b._dns-sd._udp.test", DNS_PTR),
			"PTR 5 test.", "%s", inside[i]);
		cr_expect_str_eq(ask(&f.asker, HTTP, DNS_PTR), "PTR 60 " INSTANCE ".",
			"%s", inside[i]);
		fixture_end(&f);
	}
}

/* Each entry is replaced when it is compiled anew, so one that is the same has not been. */
Test(browse, lists_stay_while_their_services_do)
{
	struct fixture f;
	const struct entry *list, *types;

	start(&f, "A=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 CMAP_PORT_http=1", 0);
	world_publish(&f.world);
	list = ask_find(&f.asker, HTTP);
	types = ask_find(&f.asker, TYPES);
	world_instance(&f.world, WEB, "a", "4=10.0.0.9 CMAP_PORT_http=2", 0);
	world_publish(&f.world);
	world_instance(&f.world, WEB, "b", "4=10.0.0.2 CMAP_PORT_http=1", 5000);
	world_publish(&f.world);
	world_remove_instance(&f.world, WEB, "a");
	world_publish(&f.world);
	world_find(&f.world, WEB, "b")->is_unhealthy = true;
	zone_instance_health(f.world.zone, world_find(&f.world, WEB, "b"));
	world_publish(&f.world);
	cr_assert_eq(ask_find(&f.asker, HTTP), list);
	world_service(&f.world, "api.test", "A=60");
	world_instance(&f.world, "api.test", "c", "4=10.0.1.1 CMAP_PORT_http=1", 0);
	world_publish(&f.world);
	cr_assert_neq(ask_find(&f.asker, HTTP), list);
	cr_assert_eq(ask_find(&f.asker, TYPES), types);
	cr_assert_eq(ask_count(&f.asker, HTTP, DNS_PTR), 2);
	fixture_end(&f);
}

/* "one" is seen by the first view alone; of "twin" there are two, of which the first view sees the second. */
static uint16_t views(void *arg, const struct namespace *ns)
{
	(void)arg;
	if (strcmp(ns->dns_key, "test") == 0)
		return VIEWS_ALL;
	return strcmp(ns->dns_key, "one") == 0 || ns->vpc != NULL
		       ? 1
		       : (uint16_t)~VIEW_OUTSIDE;
}

static bool browses_all(void *arg, const struct namespace *ns)
{
	(void)arg;
	return ns != NULL;
}

static const char *ask_from(struct fixture *f, uint16_t view, const char *name,
	uint16_t type)
{
	struct dname d;
	const struct entry *e;

	cr_assert_eq(dname_from_plain(name, &d), 0);
	e = published_find_view(f->world.published, d.wire, d.len, view);
	return e == NULL ? "none" : ask_entry(&f->asker, e, type);
}

static void add(struct world *w, const char *service, const char *attributes)
{
	world_service(w, service, "A=60");
	world_instance(w, service, "a", attributes, 0);
	world_publish(w);
}

Test(browse, is_for_those_who_see_the_namespace)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	f.world.options.views = views;
	f.world.options.browses = browses_all;
	zone_set_options(f.world.zone, &f.world.options);
	world_namespace(&f.world, "one", -1);
	world_namespace(&f.world, "twin", -1);
	world_namespace_beside(&f.world, "twin", "twin-2", "vpc");
	add(&f.world, WEB, "4=10.0.0.1 public4=192.0.2.1 CMAP_PORT_http=80");
	add(&f.world, "a.one", "4=10.0.0.2 CMAP_PORT_http=80");
	add(&f.world, "x.twin", "4=10.0.0.3 CMAP_PORT_http=80");
	add(&f.world, "y.twin-2", "4=10.0.0.4 CMAP_PORT_http=80");
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, INSTANCE, DNS_SRV),
		"SRV 60 1:80:a.web.test. + A 60 192.0.2.1");
	cr_assert_str_eq(ask_from(&f, 1, INSTANCE, DNS_SRV),
		"SRV 60 1:80:a.web.test. + A 60 10.0.0.1");
	cr_assert_str_eq(ask_from(&f, VIEW_OUTSIDE, HTTP, DNS_PTR),
		"PTR 60 " INSTANCE ".");
	cr_assert_str_eq(ask_from(&f, 1, "_http._tcp.one", DNS_PTR),
		"PTR 60 a._http._tcp.one.");
	for (uint16_t view = 2; view != 0; view = (uint16_t)(view << 1)) {
		cr_assert_str_eq(ask_from(&f, view, "_http._tcp.one", DNS_PTR), "none");
		cr_assert_str_eq(ask_from(&f, view, "b._dns-sd._udp.one", DNS_PTR),
			"none");
	}
	cr_assert_str_eq(ask_from(&f, 1, "_http._tcp.twin", DNS_PTR),
		"PTR 60 y._http._tcp.twin.");
	cr_assert_str_eq(ask_from(&f, 2, "_http._tcp.twin", DNS_PTR),
		"PTR 60 x._http._tcp.twin.");
	world_remove_instance(&f.world, "y.twin-2", "a");
	world_remove_service(&f.world, "y.twin-2");
	world_remove_namespace(&f.world, "twin-2");
	world_publish(&f.world);
	cr_assert_str_eq(ask_from(&f, 1, "_http._tcp.twin", DNS_PTR),
		"PTR 60 x._http._tcp.twin.");
	fixture_end(&f);
}

/* ---- against a plain account of what there is ------------------------------------------------------ */

enum { SERVICES = 4, IDS = 30, BIG = 90, STEPS = 300, RUNS = 6, PORTS = 3 };

static const char *const keys[PORTS] = {
	"CMAP_PORT_http", "CMAP_PORT_dns.udp", "CMAP_PORT_dns"};
static const char *const types[PORTS] = {"_http._tcp", "_dns._udp", "_dns._tcp"};

/* port[...]: its number, 0 for none. */
struct account {
	bool is_there[SERVICES][BIG];
	int port[SERVICES][BIG][PORTS];
};

static void service_name(int s, char out[32])
{
	snprintf(out, 32, s == 3 ? "a.b%d.test" : "s%d.test", s);
}

static void put(struct world *w, struct account *a, struct rng *rng, int s, int id)
{
	char text[160], name[32], i[8];
	size_t at = (size_t)snprintf(text, sizeof(text), "4=10.0.%d.%d", s, id + 1);

	for (int k = 0; k < PORTS; k++) {
		int *port = &a->port[s][id][k];

		*port = (int)rng_below(rng, 3);
		if (*port > 0)
			at += (size_t)snprintf(text + at, sizeof(text) - at, " %s=%d",
				keys[k], *port);
	}
	snprintf(i, sizeof(i), "i-%d", id);
	service_name(s, name);
	world_instance(w, name, i, text, rng_below(rng, 3) == 0 ? 5000 : 0);
	a->is_there[s][id] = true;
}

static void take(struct world *w, struct account *a, int s, int id)
{
	char name[32], i[8];

	snprintf(i, sizeof(i), "i-%d", id);
	service_name(s, name);
	world_remove_instance(w, name, i);
	a->is_there[s][id] = false;
}

/* The instance's name in escaped text, as PTR records show it, and its entry. */
static const struct entry *find_instance(struct fixture *f, int s, int k, char text[64])
{
	struct dname d;
	int err;

	snprintf(text, 64, s == 3 ? "a\\.b%d.%s.test." : "s%d.%s.test.", s, types[k]);
	err = dname_from_text(text, &d);
	cr_assert_eq(err, 0);
	return published_find(f->world.published, d.wire, d.len);
}

static void check_port(struct fixture *f, const struct account *a, int k, bool is_on)
{
	char list[32], own[64], text[64], name[32];
	uint32_t listed = 0;

	snprintf(list, sizeof(list), "%s.test", types[k]);
	for (int s = 0; s < SERVICES; s++) {
		const struct entry *e = find_instance(f, s, k, text);
		const struct rrset *srv = e == NULL ? NULL : entry_find(e, DNS_SRV);
		uint32_t n = 0;

		for (int id = 0; id < BIG; id++)
			n += a->is_there[s][id] && a->port[s][id][k] > 0;
		service_name(s, name);
		snprintf(own, sizeof(own), "%s.%s", types[k], name);
		cr_assert_eq(ask_count(&f->asker, own, DNS_SRV), n);
		cr_assert_eq(srv == NULL ? 0 : srv->n, is_on ? n : 0);
		cr_assert_eq(e != NULL && entry_find(e, DNS_TXT) != NULL,
			is_on && n > 0);
		listed += is_on && n > 0;
		cr_assert_eq(strstr(ask(&f->asker, list, DNS_PTR), text) != NULL,
			is_on && n > 0);
	}
	cr_assert_eq(ask_count(&f->asker, list, DNS_PTR), listed);
	if (listed == 0)
		cr_assert_str_eq(ask(&f->asker, list, DNS_PTR), "none");
	cr_assert_eq(strstr(ask(&f->asker, TYPES, DNS_PTR), list) != NULL, listed > 0);
}

/* One service has so many instances that its entries are changed, not compiled: see change.h. */
static void run(struct rng *rng)
{
	struct account a = {0};
	bool is_on = true;
	struct fixture f;
	char name[32];

	start(&f, "A=60");
	f.world.options.answers = 0;
	browse(&f.world, is_on);
	for (int s = 0; s < SERVICES; s++) {
		service_name(s, name);
		world_service(&f.world, name, "A=60");
	}
	for (int step = 0; step < STEPS; step++) {
		int s = step < BIG ? 0 : (int)rng_below(rng, SERVICES);
		int id = step < BIG ? step
				    : (int)rng_below(rng, s == 0   ? BIG
							  : s == 1 ? 1
								   : IDS);

		if (a.is_there[s][id] && rng_below(rng, 2) == 0)
			take(&f.world, &a, s, id);
		else
			put(&f.world, &a, rng, s, id);
		if (rng_below(rng, 40) == 0)
			browse(&f.world, is_on = !is_on);
		if (rng_below(rng, 2) == 0)
			continue;
		world_publish(&f.world);
		for (int k = 0; k < PORTS; k++)
			check_port(&f, &a, k, is_on);
	}
	for (int s = 0; s < SERVICES; s++)
		for (int id = 0; id < BIG; id++)
			if (a.is_there[s][id])
				take(&f.world, &a, s, id);
	browse(&f.world, false);
	cr_assert_eq(f.world.published->live, 3 + SERVICES,
		"the namespace, the services and b3");
	fixture_end(&f);
}

Test(browse, is_what_the_registry_says)
{
	for (uint32_t i = 0; i < RUNS; i++) {
		struct rng rng = {.state = i + 1};

		run(&rng);
	}
}
