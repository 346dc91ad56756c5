/* SPDX-License-Identifier: MIT */
#include "city.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "zone/static.h"

#define LABEL_60 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"
#define BROWSED  "browsed.local"
#define LONG     LABEL_60 "." LABEL_60 "." LABEL_60

/* What it is to have besides stands in add_long_records(). */
static const char zone_text[] =
	"$TTL 60\n"
	"@ SOA ns1 host 1 3600 600 86400 30\n"
	"@ NS ns1\n"
	"@ NS ns.elsewhere.test.\n"
	"@ MX 10 mail\n"
	"@ TXT \"apex\"\n"
	"ns1 A 192.0.2.1\n"
	"ns1 AAAA fd00::1\n"
	"mail 5 A 192.0.2.2\n"
	"mail 5 A 192.0.2.3\n"
	"all A 192.0.2.4\n"
	"all AAAA fd00::4\n"
	"all MX 1 mail\n"
	"all TXT \"a\" \"\" \"\\000\\255\"\n"
	"all CAA 0 issue \"ca.test\"\n"
	"all TYPE65400 \\# 4 DEADBEEF\n"
	"all TYPE65401 \\# 0\n"
	"all LOC 52 22 23 N 4 53 32 E -2m\n"
	"srv SRV 1 1 53 ns1\n"
	"srv SRV 1 1 53 mail\n"
	"srv SRV 1 1 53 none\n"
	"srv SRV 1 1 53 ns.elsewhere.test.\n"
	"srv SRV 0 0 0 .\n"
	/* wildcards */
	"*.w A 192.0.2.5\n"
	"*.w TXT \"wild\"\n"
	"a.ent.w A 192.0.2.6\n"
	"*.cw CNAME all\n"
	"*.lw CNAME x.lw\n"
	"*.lw2 CNAME a.*.lw2\n"
	"*.sw SRV 1 1 53 ns1\n"
	"sub.w NS ns1\n"
	/* delegations */
	"sub NS ns.sub\n"
	"sub NS ns1\n"
	"sub NS ns.lone\n"
	"sub NS ns.elsewhere.test.\n"
	"sub DS 1 8 2 "
	"A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0\n"
	"ns.sub A 192.0.2.7\n"
	"ns.sub AAAA fd00::7\n"
	"lone NS ns.elsewhere.test.\n"
	/* aliases */
	"into CNAME deep.x.sub\n"
	"out CNAME www.example.com.\n"
	"town CNAME one." TOWN ".\n"
	"gone CNAME gone.none\n"
	"k0 CNAME k1\nk1 CNAME k2\nk2 CNAME k3\nk3 CNAME k4\nk4 CNAME k5\nk5 CNAME k6\n"
	"k6 CNAME k7\nk7 CNAME k8\nk8 CNAME k9\nk9 CNAME k10\nk10 CNAME k11\n"
	"k11 CNAME k12\nk12 CNAME k13\nk13 CNAME k14\nk14 CNAME k15\nk15 CNAME k16\n"
	"k16 CNAME k17\nk17 CNAME all\n"
	"c1 CNAME c2\nc2 CNAME c1\n"
	/* names of any octets, and long ones */
	"n\\000l A 192.0.2.8\n"
	"\\255\\.x A 192.0.2.9\n" LONG " CNAME x." LONG "\n"
	"x." LONG " CNAME y." LONG "\n"
	"y." LONG " CNAME z." LONG "\n"
	"z." LONG " CNAME big\n";

static const char *const names[] = {".", "test", "internal", "f", "F", "none.f",
	"ns1.f", "mail.f", "all.f", "srv.f", "w.f", "*.w.f", "a.w.f", "a.b.w.f",
	"ent.w.f", "a.ent.w.f", "b.ent.w.f", "sub.w.f", "a.sub.w.f", "a.cw.f", "a.lw.f",
	"a.lw2.f", "a.sw.f", "sub.f", "a.sub.f", "ns.sub.f", "a.ns.sub.f", "lone.f",
	"ns.lone.f", "fat.f", "a.fat.f", "n7." LONG ".fat.f", "into.f", "out.f",
	"town.f", "gone.f", "k0.f", "k1.f", "k2.f", "c1.f", "big.f", LONG ".f",
	"x." LONG ".f", "y." LONG ".f", "z." LONG ".f", TOWN, "one." TOWN, "web." TOWN,
	"six." TOWN, "api." TOWN, "i-2.api." TOWN, "empty." TOWN, "leased." TOWN,
	"_http._tcp.ent." TOWN, "ent." TOWN, "many." TOWN, "i-77.many." TOWN,
	"alias2." TOWN, "foreign." TOWN, "broken." TOWN, "hollow." TOWN, "loop-a." TOWN,
	"self." TOWN, "c-0." TOWN, "c-3." TOWN, "c-4." TOWN, "none." TOWN,
	"inner." TOWN, "web.inner." TOWN, "s-5.a.b." TOWN, "s-11." TOWN, "s-12." TOWN,
	"s-17." TOWN, "s-22." TOWN, "s-23." TOWN, "s-24." TOWN, "s-38." TOWN,
	"s-51." TOWN, "s-103." TOWN, "i-5.s-51." TOWN, "a.b." TOWN, "id.server",
	"hostname.bind", "version.bind", "version.server", "in-addr.arpa",
	"10.in-addr.arpa", "0.0.10.in-addr.arpa", "1.0.0.10.in-addr.arpa",
	"2.0.1.10.in-addr.arpa", "200.0.1.10.in-addr.arpa", "d.f.ip6.arpa",
	"0.0.d.f.ip6.arpa",
	"3.0.0.0.4.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa",
	"_http._tcp.ported." TOWN, "_tcp.ported." TOWN, "p-1.ported." TOWN, "local",
	"printer.local", "in.local", "_http._tcp." BROWSED,
	"_services._dns-sd._udp." BROWSED, "b._dns-sd._udp." BROWSED,
	"db._dns-sd._udp." BROWSED, "_udp." BROWSED, "ported._http._tcp." BROWSED,
	"shop-3._http._tcp." BROWSED, "alias." BROWSED, "_dns._udp." BROWSED,
	"ported._dns._udp." BROWSED, "v", "web.v", "x.web.v", "x.v", "y.x.v",
	"www.y.x.v", "i.www.v", "_http._tcp.www.v", "sub.v", "a.sub.v", "a.w.v",
	"1.0.9.10.in-addr.arpa"};

const char *const *city_names(size_t *n)
{
	*n = CMAP_COUNT(names);
	return names;
}

/* Services s-0 to s-299 of all kinds, with up to 12 instances each. */
static void add_services(struct world *world)
{
	static const char *const records[] = {"A=60", "AAAA=30", "A=60 AAAA=60",
		"SRV=60", "A=10 SRV=20", "A=1 AAAA=2 SRV=3", "A=60 WEIGHTED",
		"CNAME=60 WEIGHTED"};

	for (unsigned int s = 0; s < CITY_SERVICES; s++) {
		char name[64], id[16], attributes[128];

		snprintf(name, sizeof(name), "s-%u.%s" TOWN, s, s % 5 ? "" : "a.b.");
		world_service(world, name, records[s % CMAP_COUNT(records)]);
		for (unsigned int i = 0; i < s % 13; i++) {
			snprintf(id, sizeof(id), i % 4 ? "i-%u" : "i.%u", i);
			snprintf(attributes, sizeof(attributes),
				"4=10.%u.0.%u 6=fd00::%x:%x port=%u "
				"cname=s-%u." TOWN,
				s % 3, i, s, i % 4, i + 1, (s * 7 + i) % CITY_SERVICES);
			world_instance(world, name, id, attributes,
				(s + i) % 3 ? 0 : 1000 * (i + 1));
		}
	}
}

/* A delegation that fits no UDP reply, and an RRset that just fits a message, behind which a CNAME is too much. */
static void add_long_records(struct buf *text)
{
	for (int i = 0; i < 13; i++) {
		buf_printf(text, "fat NS n%d." LONG ".fat\n", i);
		buf_printf(text, "n%d." LONG ".fat A 192.0.2.%d\n", i, 100 + i);
	}
	buf_add_text(text, "big TXT");
	for (int i = 0; i < 234; i++) /* of 256 octets */
		buf_printf(text, " \"%d%0252d\"", i % 10, 0);
	buf_add_text(text, "\n");
	for (int i = 0; i < 19; i++)
		buf_printf(text, "big TXT \"%d%0240d\"\n", i, 0);
}

/* Networks whose addresses have names, named ports, and a namespace below local. */
static void add_made_names(struct world *world)
{
	struct zone_options *o = &world->options;

	if (prefix_parse("10.0.0.0/8", &o->reverse[o->n_reverse++]) != CMAP_OK ||
		prefix_parse("fd00::/8", &o->reverse[o->n_reverse++]) != CMAP_OK)
		abort();
	zone_set_options(world->zone, o);
	world_service(world, "ported." TOWN, "A=60 AAAA=30");
	world_instance(world, "ported." TOWN, "p-1", "4=10.0.0.1 CMAP_PORT_http=80", 0);
	world_instance(world, "ported." TOWN, "p-2",
		"4=10.0.0.2 6=fd00::2 weight=9 CMAP_PORT_http=81", 5000);
	world_namespace(world, "in.local", -1);
}

static bool browses(void *arg, const struct namespace *ns)
{
	(void)arg;
	return strcmp(ns->dns_key, BROWSED) == 0;
}

/* Services that are listed: more than fit a UDP reply, some of them for a time. */
static void add_browsed(struct world *world)
{
	char name[64], attributes[96];

	world->options.browses = browses;
	zone_set_options(world->zone, &world->options);
	world_namespace(world, BROWSED, -1);
	for (int k = 0; k < 40; k++) {
		snprintf(name, sizeof(name), "shop-%d." BROWSED, k);
		snprintf(attributes, sizeof(attributes),
			"4=10.9.0.%d 6=fd00::9:%d CMAP_PORT_http=%d", k + 1, k, k + 1);
		world_service(world, name, k % 2 ? "A=60 SRV=30" : "AAAA=10");
		world_instance(world, name, "i", attributes,
			k % 3 ? 0 : 1000 * k + 1000);
	}
	attributes_set(&world_service(world, "Ported." BROWSED, "A=5")->attributes,
		"path", "/a b");
	world_instance(world, "Ported." BROWSED, "a.b",
		"4=10.9.1.1 CMAP_PORT_http=80 CMAP_PORT_dns.udp=53", 0);
	world_instance(world, "Ported." BROWSED, "c",
		"4=10.9.1.2 weight=9 CMAP_PORT_dns.udp=54", 5000);
	world_service(world, "alias." BROWSED, "CNAME=60 WEIGHTED");
	world_instance(world, "alias." BROWSED, "i", "cname=_dns._udp." BROWSED, 0);
}

/* A namespace without a Vpc is seen by all, others by one view, or by all but those outside. */
static uint16_t views(void *arg, const struct namespace *ns)
{
	(void)arg;
	if (ns->vpc == NULL)
		return VIEWS_ALL;
	if (strcmp(ns->vpc, "in") == 0)
		return (uint16_t)~VIEW_OUTSIDE;
	return ns->vpc[0] == 'a' ? 1 : 2;
}

static struct static_zone *read_statics(void *arg, const char *name,
	const struct dname *apex)
{
	static const char text[] = "*.w 60 A 192.0.2.1\n"
				   "sub 60 NS ns.sub\n"
				   "ns.sub 60 A 192.0.2.2\n"
				   "x.web 60 CNAME www\n";
	struct static_zone *z = NULL;
	struct buf why = {.data = NULL};

	(void)arg;
	if (strcmp(name, "v") == 0 &&
		static_read_text(name, text, strlen(text), apex, &z, &why) != CMAP_OK)
		abort();
	return z;
}

/* Namespaces of one name for different views, and one inside them in two. */
static void add_views(struct world *world)
{
	static const char *const vpcs[] = {"", "in", "a", "b"};

	world->options.views = views;
	world->options.statics = read_statics;
	zone_set_options(world->zone, &world->options);
	for (size_t i = 0; i < CMAP_COUNT(vpcs); i++) {
		char name[16], service[32], attributes[128];

		snprintf(name, sizeof(name), "v-%zu", i);
		world_namespace_beside(world, "v", name, vpcs[i]);
		snprintf(service, sizeof(service), "%s.%s", i % 2 ? "web" : "www",
			name);
		snprintf(attributes, sizeof(attributes),
			"4=10.9.0.1 6=fd09::%zu port=%zu public4=192.0.2.%zu "
			"CMAP_PORT_http=80",
			i, i + 1, i + 10);
		world_service(world, service, "A=60 AAAA=60 SRV=60");
		world_instance(world, service, "i", attributes, i % 2 ? 0 : 9000);
	}
	for (size_t i = 2; i < CMAP_COUNT(vpcs); i++) {
		char name[16], service[32];

		snprintf(name, sizeof(name), "y-%zu", i);
		world_namespace_beside(world, "y.x.v", name, vpcs[i]);
		snprintf(service, sizeof(service), "www.%s", name);
		world_service(world, service, "CNAME=60 WEIGHTED");
		world_instance(world, service, "i", "cname=web.v", 0);
	}
}

static void add_file(struct world *world)
{
	struct buf text = {.data = NULL}, why = {.data = NULL};
	struct static_zone *z = NULL;
	struct dname apex;

	buf_add_text(&text, zone_text);
	add_long_records(&text);
	if (dname_from_plain(CITY_FILE, &apex) != CMAP_OK ||
		static_read_text(CITY_FILE, text.data, text.len, &apex, &z, &why) !=
			CMAP_OK) {
		fprintf(stderr, "%s\n", buf_text(&why));
		abort();
	}
	buf_free(&text);
	buf_free(&why);
	world_namespace(world, CITY_FILE, -1);
	zone_set_static(world->zone, model_namespace_by_dns(&world->model, CITY_FILE),
		z);
}

void city_init(struct town *t)
{
	struct world *world = &t->world;

	town_init(t, 8);
	world->options.fair = true;
	add_services(world);
	add_file(world);
	add_made_names(world);
	add_browsed(world);
	add_views(world);
	world_publish(world);
}
