/* SPDX-License-Identifier: MIT */
/* What lists of services bring along, and their sizes. */
#include <stdio.h>

#include "ask.h"
#include "test.h"

#define HTTP "_http._tcp." TOWN

enum { SERVICES = 1000 };

static bool browses(void *arg, const struct namespace *ns)
{
	(void)arg;
	return strcmp(ns->dns_key, TOWN) == 0;
}

static void start(struct town *t)
{
	town_init(t, 8);
	t->world.options.browses = browses;
	zone_set_options(t->world.zone, &t->world.options);
}

static void publish(struct town *t)
{
	world_publish(&t->world);
	responder_prepare(&t->responder, t->world.now_ms);
}

static void add(struct town *t, const char *name, const char *attributes,
	int64_t lease_ms)
{
	world_service(&t->world, name, "A=60 AAAA=60");
	world_instance(&t->world, name, "i", attributes, lease_ms);
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

Test(respond_browse, lists_bring_along_what_they_name)
{
	struct town t;

	start(&t);
	add(&t, "Shop." TOWN, "4=10.7.0.1 6=fd00::7 CMAP_PORT_http=80", 20000);
	publish(&t);
	cr_assert_str_eq(town_ask_plain(&t, HTTP, DNS_PTR),
		"NOERROR qr aa\n"
		"? " HTTP ". PTR\n"
		"= " HTTP ". 20 PTR Shop." HTTP ".\n"
		"+ Shop." HTTP ". 20 SRV 1 1 80 i.shop." TOWN ".\n"
		"+ Shop." HTTP ". 20 TXT \"\"\n"
		"+ i.shop." TOWN ". 20 A 10.7.0.1\n"
		"+ i.shop." TOWN ". 20 AAAA fd00::7\n");
	cr_assert_str_eq(town_ask_plain(&t, "_services._dns-sd._udp." TOWN, DNS_PTR),
		"NOERROR qr aa\n"
		"? _services._dns-sd._udp." TOWN ". PTR\n"
		"= _services._dns-sd._udp." TOWN ". 5 PTR " HTTP ".\n");
	cr_assert_str_eq(town_ask_plain(&t, "shop." HTTP, DNS_SRV),
		"NOERROR qr aa\n"
		"? shop." HTTP ". SRV\n"
		"= shop." HTTP ". 20 SRV 1 1 80 i.shop." TOWN ".\n"
		"+ i.shop." TOWN ". 20 A 10.7.0.1\n"
		"+ i.shop." TOWN ". 20 AAAA fd00::7\n");
	t.world.now_ms += 20000;
	responder_prepare(&t.responder, t.world.now_ms);
	cr_assert_eq(count(town_ask_plain(&t, HTTP, DNS_PTR), "\n= "), 0,
		"the lease has ended, and nobody has told the zone");
	town_free(&t);
}

/* Through a CNAME, and with ANY, they are no other. */
Test(respond_browse, lists_are_found_by_other_ways)
{
	struct town t;
	const char *text;

	start(&t);
	add(&t, "shop." TOWN, "4=10.7.0.1 CMAP_PORT_http=80", 0);
	world_service(&t.world, "list." TOWN, "CNAME=10 WEIGHTED");
	world_instance(&t.world, "list." TOWN, "i", "cname=" HTTP, 0);
	publish(&t);
	text = town_ask_plain(&t, "list." TOWN, DNS_PTR);
	cr_assert_eq(count(text, "= " HTTP ". 60 PTR shop." HTTP ".\n"), 1, "%s", text);
	cr_assert_eq(count(text, "+ shop." HTTP ". 60 SRV "), 1, "%s", text);
	text = town_ask_plain(&t, HTTP, DNS_ANY);
	cr_assert_eq(count(text, "+ shop." HTTP ". 60 SRV "), 1, "%s", text);
	town_free(&t);
}

/* At each size: RRsets that are brought along are whole, and it is no truncation if they are left out. */
Test(respond_browse, what_does_not_fit_is_left_out)
{
	struct town t;
	unsigned int most = 0;

	start(&t);
	for (int k = 0; k < 5; k++) {
		char name[64], attributes[64];

		snprintf(name, sizeof(name), "shop-%d." TOWN, k);
		snprintf(attributes, sizeof(attributes),
			"4=10.7.0.%d CMAP_PORT_http=80", k + 1);
		add(&t, name, attributes, 0);
		attributes[7] = '8';
		world_instance(&t.world, name, "j", attributes, 0);
	}
	publish(&t);
	for (uint16_t size = 512; size <= 1232; size++) {
		const char *text = town_ask(&t,
			&(struct question){
				.name = HTTP, .type = DNS_PTR, .edns = size});
		unsigned int srv = count(text, " SRV "), txt = count(text, " TXT ");

		cr_assert_leq(t.reply_len, size);
		cr_assert_null(strstr(text, " tc"), "%s", text);
		cr_assert_eq(count(text, " PTR shop-"), 5, "%s", text);
		cr_assert(srv == 2 * txt || srv == 2 * txt + 2, "%s", text);
		cr_assert_geq(srv, most > 2 ? most - 2 : 0, "%s", text);
		most = srv > most ? srv : most;
	}
	cr_assert_eq(most, 10);
	town_free(&t);
}

/* So many instances of the namespace's own service, whose port has the list's name, that the entry is changed. */
Test(respond_browse, a_list_stays_one_when_its_name_changes)
{
	struct town t;
	char id[16], attributes[64];
	const char *text;

	start(&t);
	world_service(&t.world, TOWN, "A=60");
	for (int k = 0; k < 80; k++) {
		snprintf(id, sizeof(id), "i-%d", k);
		snprintf(attributes, sizeof(attributes),
			"4=10.7.0.%d CMAP_PORT_http=80", k + 1);
		world_instance(&t.world, TOWN, id, attributes, 0);
		if (k > 70)
			publish(&t);
	}
	text = town_ask(&t,
		&(struct question){.name = HTTP, .type = DNS_PTR, .edns = 1232});
	cr_assert_eq(count(text, "= " HTTP ". 60 PTR corp\\.internal\\.." HTTP ".\n"),
		1, "%s", text);
	cr_assert_eq(count(text, " SRV "), 8, "%s", text);
	cr_assert_eq(count(town_ask_plain(&t, HTTP, DNS_SRV), "= " HTTP ". 60 SRV"), 8);
	town_free(&t);
}

Test(respond_browse, a_thousand_services_are_listed_over_tcp)
{
	struct town t;
	uint8_t query[DNS_UDP_MIN];
	const char *text;
	size_t len;

	start(&t);
	for (int k = 0; k < SERVICES; k++) {
		char name[64], attributes[64];

		snprintf(name, sizeof(name), "payments-%d." TOWN, k);
		snprintf(attributes, sizeof(attributes),
			"4=10.7.%d.%d CMAP_PORT_http=80", k / 250, k % 250 + 1);
		add(&t, name, attributes, 0);
	}
	publish(&t);
	text = town_ask_plain(&t, HTTP, DNS_PTR);
	cr_assert_not_null(strstr(text, " tc"));
	cr_assert_leq(t.reply_len, 512);
	cr_assert_null(strstr(text, "\n+ "));
	len = question_write(&(struct question){.name = HTTP,
				     .type = DNS_PTR,
				     .is_tcp = true},
		query);
	town_respond(&t, query, len, false);
	cr_assert_eq(dns_get16(t.reply + 2) & DNS_TC, 0);
	cr_assert_eq(dns_get16(t.reply + 6), SERVICES);
	cr_assert_gt(dns_get16(t.reply + 10), 0);
	town_free(&t);
}
