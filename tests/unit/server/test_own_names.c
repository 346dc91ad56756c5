/* SPDX-License-Identifier: MIT */
/* The names of the API: answered with its addresses, unless somebody has them already. */
#include "server/own_names.h"

#include <stdio.h>

#include "ask.h"
#include "base/error.h"
#include "test.h"

struct place {
	struct town town;
	struct settings settings;
	_Atomic(struct settings *) published;
};

/* name, and "data-" of it, with n IPv4 or IPv6 addresses. */
static void own(struct place *p, const char *name, uint16_t type, uint8_t n)
{
	struct own_names *o = &p->settings.own;
	char data[DNAME_MAX];

	*o = (struct own_names){
		.n = OWN_NAMES, .type = type, .n_addresses = n, .negative_ttl = 7};
	snprintf(data, sizeof(data), "data-%s", name);
	cr_assert_eq(dname_from_plain(name, &o->name[0]), CMAP_OK);
	cr_assert_eq(dname_from_plain(data, &o->name[1]), CMAP_OK);
	cr_assert_eq(dname_from_plain("ns.test", &o->nameserver), CMAP_OK);
	for (uint8_t i = 0; i < n; i++) {
		o->address[i][0] = type == DNS_A ? 10 : 0xFD;
		o->address[i][type == DNS_A ? 3 : 15] = (uint8_t)(i + 1);
	}
}

static void place_init(struct place *p)
{
	memset(p, 0, sizeof(*p));
	town_init(&p->town, 8);
	atomic_init(&p->published, &p->settings);
	p->town.responder.settings = &p->published;
	responder_prepare(&p->town.responder, p->town.world.now_ms);
}

static void expect(struct place *p, const char *name, uint16_t type, const char *text)
{
	struct question q = {.name = name, .type = type};

	for (int tcp = 0; tcp < 2; tcp++) {
		q.is_tcp = tcp == 1;
		cr_expect_str_eq(town_ask(&p->town, &q), text, "%s %u gave\n%s", name,
			type, town_ask(&p->town, &q));
	}
}

Test(own_names, have_the_addresses_of_the_api)
{
	struct place p;

	place_init(&p);
	own(&p, "cmap.test", DNS_A, 1);
	expect(&p, "cmap.test", DNS_A,
		"NOERROR qr aa\n? cmap.test. A\n= cmap.test. 60 A 10.0.0.1\n");
	expect(&p, "data-CMAP.Test", DNS_A,
		"NOERROR qr aa\n? data-CMAP.Test. A\n= data-CMAP.Test. 60 A "
		"10.0.0.1\n");
	expect(&p, "cmap.test", DNS_ANY,
		"NOERROR qr aa\n? cmap.test. ANY\n= cmap.test. 60 A 10.0.0.1\n");
	own(&p, "cmap.test", DNS_AAAA, 2);
	expect(&p, "data-cmap.test", DNS_AAAA,
		"NOERROR qr aa\n? data-cmap.test. AAAA\n= data-cmap.test. 60 AAAA "
		"fd00::1\n= data-cmap.test. 60 AAAA fd00::2\n");
	town_free(&p.town);
}

#define OWN_SOA(mark, name)                                                            \
	mark " " name ". 7 SOA ns.test. hostmaster." name ". 1 7200 900 1209600 7\n"

Test(own_names, have_nothing_else)
{
	struct place p;

	place_init(&p);
	own(&p, "cmap.test", DNS_A, 1);
	expect(&p, "cmap.test", DNS_AAAA,
		"NOERROR qr aa\n? cmap.test. AAAA\n" OWN_SOA("-", "cmap.test"));
	expect(&p, "data-cmap.test", DNS_TXT,
		"NOERROR qr aa\n? data-cmap.test. TXT\n" OWN_SOA("-",
			"data-cmap.test"));
	expect(&p, "cmap.test", DNS_SOA,
		"NOERROR qr aa\n? cmap.test. SOA\n" OWN_SOA("=", "cmap.test"));
	expect(&p, "test", DNS_A, "REFUSED qr\n? test. A\n");
	expect(&p, "x.cmap.test", DNS_A, "REFUSED qr\n? x.cmap.test. A\n");
	expect(&p, "data-data-cmap.test", DNS_A,
		"REFUSED qr\n? data-data-cmap.test. A\n");
	own(&p, "cmap.test", DNS_A, 0);
	expect(&p, "cmap.test", DNS_A,
		"NOERROR qr aa\n? cmap.test. A\n" OWN_SOA("-", "cmap.test"));
	p.settings.own.n = 0;
	expect(&p, "cmap.test", DNS_A, "REFUSED qr\n? cmap.test. A\n");
	town_free(&p.town);
}

#define TOWN_NEGATIVE                                                                  \
	"- " TOWN ". 5 SOA ns.test. hostmaster." TOWN ". 1 7200 900 1209600 5\n"

Test(own_names, lie_in_a_zone_like_names_of_it)
{
	struct place p;

	place_init(&p);
	own(&p, "cmap." TOWN, DNS_A, 1);
	expect(&p, "cmap." TOWN, DNS_A,
		"NOERROR qr aa\n? cmap." TOWN ". A\n= cmap." TOWN ". 60 A 10.0.0.1\n");
	expect(&p, "cmap." TOWN, DNS_AAAA,
		"NOERROR qr aa\n? cmap." TOWN ". AAAA\n" TOWN_NEGATIVE);
	expect(&p, "cmap." TOWN, DNS_SOA,
		"NOERROR qr aa\n? cmap." TOWN ". SOA\n" TOWN_NEGATIVE);
	expect(&p, "cmaps." TOWN, DNS_A,
		"NXDOMAIN qr aa\n? cmaps." TOWN ". A\n" TOWN_NEGATIVE);
	/* An apex and an empty non-terminal have no addresses of theirs. */
	own(&p, TOWN, DNS_A, 1);
	expect(&p, TOWN, DNS_A,
		"NOERROR qr aa\n? " TOWN ". A\n= " TOWN ". 60 A 10.0.0.1\n");
	expect(&p, TOWN, DNS_NS,
		"NOERROR qr aa\n? " TOWN ". NS\n= " TOWN ". 3600 NS ns.test.\n");
	expect(&p, TOWN, DNS_AAAA, "NOERROR qr aa\n? " TOWN ". AAAA\n" TOWN_NEGATIVE);
	own(&p, "ent." TOWN, DNS_A, 1);
	expect(&p, "ent." TOWN, DNS_A,
		"NOERROR qr aa\n? ent." TOWN ". A\n= ent." TOWN ". 60 A 10.0.0.1\n");
	expect(&p, "_http._tcp.ent." TOWN, DNS_A,
		"NOERROR qr aa\n? _http._tcp.ent." TOWN ". A\n= _http._tcp.ent." TOWN
		". 60 A 10.0.4.1\n");
	town_free(&p.town);
}

Test(own_names, give_way_to_what_is_registered)
{
	static const char *const names[] = {
		"one." TOWN, "six." TOWN, "alias." TOWN, "empty." TOWN};
	const struct published *published;
	struct place p;
	struct dname name;

	place_init(&p);
	published = p.town.world.published;
	own(&p, "one." TOWN, DNS_A, 2);
	expect(&p, "one." TOWN, DNS_A,
		"NOERROR qr aa\n? one." TOWN ". A\n= one." TOWN ". 60 A 10.0.0.1\n");
	expect(&p, "data-one." TOWN, DNS_A,
		"NOERROR qr aa\n? data-one." TOWN ". A\n= data-one." TOWN
		". 60 A 10.0.0.1\n= data-one." TOWN ". 60 A 10.0.0.2\n");
	/* Not half of each. */
	own(&p, "six." TOWN, DNS_A, 1);
	expect(&p, "six." TOWN, DNS_A,
		"NOERROR qr aa\n? six." TOWN ". A\n" TOWN_NEGATIVE);
	own(&p, "alias." TOWN, DNS_A, 1);
	expect(&p, "alias." TOWN, DNS_A,
		"NOERROR qr aa\n? alias." TOWN ". A\n= alias." TOWN
		". 10 CNAME one." TOWN ".\n= one." TOWN ". 60 A 10.0.0.1\n");
	for (size_t i = 0; i < CMAP_COUNT(names); i++) {
		cr_assert_eq(dname_from_plain(names[i], &name), CMAP_OK);
		cr_expect_eq(own_name_gives_way(published_find(published, name.wire,
				     name.len)),
			i < 3, "%s", names[i]);
	}
	cr_expect_not(own_name_gives_way(NULL));
	town_free(&p.town);
}

/* foreign.corp.internal is an alias of www.example.com. */
Test(own_names, are_found_at_the_end_of_an_alias)
{
	struct place p;

	place_init(&p);
	own(&p, "www.example.com", DNS_A, 1);
	expect(&p, "foreign." TOWN, DNS_A,
		"NOERROR qr aa\n? foreign." TOWN ". A\n= foreign." TOWN
		". 10 CNAME www.example.com.\n= www.example.com. 60 A 10.0.0.1\n");
	town_free(&p.town);
}

Test(own_names, are_cut_short_where_they_do_not_fit)
{
	struct place p;
	struct question q = {.name = "cmap.test", .type = DNS_AAAA};
	struct reply reply = {.base = p.town.reply, .len = 20};

	place_init(&p);
	own(&p, "cmap.test", DNS_AAAA, OWN_ADDRESSES_MAX);
	town_ask(&p.town, &q);
	cr_expect_eq(p.town.reply_len, 12u + 11 + 4 + OWN_ADDRESSES_MAX * 28u);
	for (size_t room = 0; room < 60; room++) {
		reply.len = 20;
		reply.limit = 20 + room;
		cr_expect_eq(own_names_write(&p.settings.own, 0xC00C, &reply),
			room / 28);
		cr_expect_eq(reply.len, 20 + room / 28 * 28);
		reply.len = 20;
		cr_expect_eq(own_names_write_soa(&p.settings.own, 0xC00C, &reply),
			room >= 12 + 9 + 13 + 20);
	}
	town_free(&p.town);
}
