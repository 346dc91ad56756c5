/* SPDX-License-Identifier: MIT */
/* What a well-formed query gets. */
#include "server/respond.h"

#include <stdio.h>

#include "ask.h"
#include "octets.h"
#include "rng.h"
#include "test.h"

#define SOA(apex, ttl, serial)                                                         \
	"- " apex ". " ttl " SOA ns.test. hostmaster." apex ". " serial                \
	" 7200 900 1209600 " ttl "\n"
#define TOWN_NEGATIVE SOA(TOWN, "5", "1")

static void expect(struct town *t, const struct question *q, const char *expected)
{
	const char *text = town_ask(t, q);

	cr_assert_str_eq(text, expected, "%s %u:\n%snot\n%s", q->name, q->type, text,
		expected);
}

static void expect_plain(struct town *t, const char *name, uint16_t type,
	const char *expected)
{
	expect(t, &(struct question){.name = name, .type = type}, expected);
}

Test(respond, gives_what_is_registered)
{
	static const struct {
		const char *name;
		uint16_t type;
		const char *reply;
	} cases[] = {
		{"one." TOWN, DNS_A,
			"NOERROR qr aa\n? one." TOWN ". A\n= one." TOWN
			". 60 A 10.0.0.1\n"},
		{"six." TOWN, DNS_AAAA,
			"NOERROR qr aa\n? six." TOWN ". AAAA\n= six." TOWN
			". 60 AAAA fd00::1\n"},
		{"web." TOWN, DNS_A,
			"NOERROR qr aa\n? web." TOWN ". A\n= web." TOWN
			". 60 A 10.0.1.1\n= web." TOWN ". 60 A 10.0.1.2\n= web." TOWN
			". 60 A 10.0.1.3\n"},
		{"api." TOWN, DNS_SRV,
			"NOERROR qr aa\n? api." TOWN ". SRV\n= api." TOWN
			". 30 SRV 1 1 8001 i-1.api." TOWN ".\n= api." TOWN
			". 30 SRV 1 1 8002 i-2.api." TOWN ".\n+ i-1.api." TOWN
			". 30 A 10.0.2.1\n+ i-2.api." TOWN
			". 30 A 10.0.2.2\n+ i-2.api." TOWN ". 30 AAAA fd00::2:2\n"},
		{"i-2.api." TOWN, DNS_AAAA,
			"NOERROR qr aa\n? i-2.api." TOWN ". AAAA\n= i-2.api." TOWN
			". 30 AAAA fd00::2:2\n"},
		{TOWN, DNS_SOA,
			"NOERROR qr aa\n? " TOWN ". SOA\n= " TOWN
			". 5 SOA ns.test. " TOWN_SOA ". 1 7200 900 1209600 5\n"},
		{TOWN, DNS_NS,
			"NOERROR qr aa\n? " TOWN ". NS\n= " TOWN
			". 3600 NS ns.test.\n"},
		{"_http._tcp.ent." TOWN, DNS_A,
			"NOERROR qr aa\n? _http._tcp.ent." TOWN
			". A\n= _http._tcp.ent." TOWN ". 60 A 10.0.4.1\n"},
		{"web.inner." TOWN, DNS_A,
			"NOERROR qr aa\n? web.inner." TOWN ". A\n= web.inner." TOWN
			". 60 A 10.9.9.9\n"},
		{"alias." TOWN, DNS_CNAME,
			"NOERROR qr aa\n? alias." TOWN ". CNAME\n= alias." TOWN
			". 10 CNAME one." TOWN ".\n"},
	};
	struct town t;

	town_init(&t, 8);
	for (size_t i = 0; i < CMAP_COUNT(cases); i++)
		expect_plain(&t, cases[i].name, cases[i].type, cases[i].reply);
	town_free(&t);
}

Test(respond, says_what_is_missing_with_the_soa)
{
	static const struct {
		const char *name;
		uint16_t type;
		bool exists;
	} cases[] = {
		{"one." TOWN, DNS_AAAA, true},
		{"one." TOWN, DNS_TXT, true},
		{"one." TOWN, 65400, true},
		{"one." TOWN, 0, true},
		{"one." TOWN, DNS_SOA, true},
		{"one." TOWN, DNS_NS, true},
		{"api." TOWN, DNS_A, true},
		{"empty." TOWN, DNS_A, true},
		{"i-1.api." TOWN, DNS_AAAA, true},
		{"i-1.api." TOWN, DNS_SRV, true},
		{TOWN, DNS_A, true},
		{"ent." TOWN, DNS_A, true},
		{"_tcp.ent." TOWN, DNS_A, true},
		{"nope." TOWN, DNS_A, false},
		{"x.y.z." TOWN, DNS_A, false},
		{"x.one." TOWN, DNS_A, false},
		{"_udp.ent." TOWN, DNS_SRV, false},
		{"x._tcp.ent." TOWN, DNS_A, false},
		{"i-3.api." TOWN, DNS_A, false},
		{"i.one." TOWN, DNS_A, false},
		{"*." TOWN, DNS_A, false},
	};
	struct town t;

	town_init(&t, 8);
	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		const char *text = town_ask_plain(&t, cases[i].name, cases[i].type);
		size_t skip = strcspn(text, "\n");

		cr_assert_eq(strncmp(text,
				     cases[i].exists ? "NOERROR qr aa\n"
						     : "NXDOMAIN qr aa\n",
				     skip + 1),
			0, "%s %u: %s", cases[i].name, cases[i].type, text);
		skip += 1 + strcspn(text + skip + 1, "\n");
		cr_assert_str_eq(text + skip + 1, TOWN_NEGATIVE, "%s %u: %s",
			cases[i].name, cases[i].type, text);
	}
	expect_plain(&t, "x.inner." TOWN, DNS_A,
		"NXDOMAIN qr aa\n? x.inner." TOWN ". A\n" SOA("inner." TOWN, "7", "1"));
	expect_plain(&t, "inner." TOWN, DNS_A,
		"NOERROR qr aa\n? inner." TOWN ". A\n" SOA("inner." TOWN, "7", "1"));
	town_free(&t);
}

Test(respond, follows_aliases_in_its_own_zones)
{
	struct town t;

	town_init(&t, 8);
	expect_plain(&t, "alias." TOWN, DNS_A,
		"NOERROR qr aa\n? alias." TOWN ". A\n= alias." TOWN
		". 10 CNAME one." TOWN ".\n= one." TOWN ". 60 A 10.0.0.1\n");
	expect_plain(&t, "alias2." TOWN, DNS_A,
		"NOERROR qr aa\n? alias2." TOWN ". A\n= alias2." TOWN
		". 10 CNAME Alias." TOWN ".\n= Alias." TOWN ". 10 CNAME one." TOWN
		".\n= one." TOWN ". 60 A 10.0.0.1\n");
	/* At its end: nothing of the type, an outside name, no such name. */
	expect_plain(&t, "alias." TOWN, DNS_AAAA,
		"NOERROR qr aa\n? alias." TOWN ". AAAA\n= alias." TOWN
		". 10 CNAME one." TOWN ".\n" TOWN_NEGATIVE);
	expect_plain(&t, "hollow." TOWN, DNS_A,
		"NOERROR qr aa\n? hollow." TOWN ". A\n= hollow." TOWN
		". 10 CNAME empty." TOWN ".\n" TOWN_NEGATIVE);
	expect_plain(&t, "foreign." TOWN, DNS_A,
		"NOERROR qr aa\n? foreign." TOWN ". A\n= foreign." TOWN
		". 10 CNAME www.example.com.\n");
	expect_plain(&t, "broken." TOWN, DNS_A,
		"NXDOMAIN qr aa\n? broken." TOWN ". A\n= broken." TOWN
		". 10 CNAME nope." TOWN ".\n" TOWN_NEGATIVE);
	town_free(&t);
}

/* Nobody may remember that there are none: an alias (AWS_ALIAS_DNS_NAME) whose target has not been asked for. */
Test(respond, fails_while_addresses_are_not_known)
{
	static const char front[] = "front." TOWN;
	struct town t;

	town_init(&t, 8);
	world_service(&t.world, front, "A=60 AAAA=60 WEIGHTED");
	world_instance(&t.world, front, "lb", "alias=lb.example", 0);
	world_service(&t.world, "link." TOWN, "CNAME=10 WEIGHTED");
	world_instance(&t.world, "link." TOWN, "i", "cname=front." TOWN, 0);
	world_publish(&t.world);
	expect_plain(&t, front, DNS_A, "SERVFAIL qr\n? front." TOWN ". A\n");
	expect_plain(&t, front, DNS_AAAA, "SERVFAIL qr\n? front." TOWN ". AAAA\n");
	expect_plain(&t, front, DNS_ANY, "SERVFAIL qr\n? front." TOWN ". ANY\n");
	expect_plain(&t, front, DNS_MX,
		"NOERROR qr aa\n? front." TOWN ". MX\n" SOA(TOWN, "5", "2"));
	expect_plain(&t, "link." TOWN, DNS_A, "SERVFAIL qr\n? link." TOWN ". A\n");
	zone_set_alias(t.world.zone, "lb.example", DNS_A, NULL, 0, 5);
	world_publish(&t.world);
	expect_plain(&t, front, DNS_A,
		"NOERROR qr aa\n? front." TOWN ". A\n" SOA(TOWN, "5", "3"));
	expect_plain(&t, front, DNS_AAAA, "SERVFAIL qr\n? front." TOWN ". AAAA\n");
	expect_plain(&t, front, DNS_ANY, "SERVFAIL qr\n? front." TOWN ". ANY\n");
	town_free(&t);
}

/* RFC 8914: not ready, then that the network has failed. */
Test(respond, tells_why_addresses_are_not_known)
{
	static const uint8_t query[] = "\1\2\1\0\0\1\0\0\0\0\0\1\5front\4corp"
				       "\10internal\0\0\1\0\1\0\0\51\4\320\0\0\0\0\0";
	struct town t;

	town_init(&t, 8);
	world_service(&t.world, "front." TOWN, "A=60 WEIGHTED");
	world_instance(&t.world, "front." TOWN, "lb", "alias=lb.example", 0);
	world_publish(&t.world);
	town_respond(&t, query, sizeof(query), true);
	cr_assert_arr_eq(t.reply + t.reply_len - 6, "\0\17\0\2\0\16", 6, "EDE 14");
	zone_forget_alias(t.world.zone, "lb.example", DNS_A, DNS_EDE_NETWORK_ERROR);
	world_publish(&t.world);
	town_respond(&t, query, sizeof(query), true);
	cr_assert_arr_eq(t.reply + t.reply_len - 6, "\0\17\0\2\0\27", 6, "EDE 23");
	town_free(&t);
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

Test(respond, follows_chains_to_their_bound)
{
	struct town t;

	town_init(&t, 8);
	for (int from = TOWN_CHAIN - 1; from >= 0; from--) {
		struct question q = {.type = DNS_A, .is_tcp = true};
		unsigned int links = (unsigned int)(TOWN_CHAIN - from);
		char name[64];
		const char *text;

		snprintf(name, sizeof(name), "c-%d." TOWN, from);
		q.name = name;
		text = town_ask(&t, &q);
		cr_assert_eq(strncmp(text, "NOERROR qr aa\n", 14), 0, "%s", text);
		cr_assert_eq(count(text, "10 CNAME"),
			links <= RESPOND_CNAME_MAX ? links : RESPOND_CNAME_MAX + 1,
			"%s", text);
		cr_assert_eq(count(text, "60 A 10.0.0.1"),
			links <= RESPOND_CNAME_MAX ? 1 : 0, "%s", text);
	}
	town_free(&t);
}

/* Each record of the loop once. */
Test(respond, ends_loops_of_aliases)
{
	struct town t;

	town_init(&t, 8);
	expect_plain(&t, "self." TOWN, DNS_A,
		"NOERROR qr aa\n? self." TOWN ". A\n= self." TOWN
		". 10 CNAME SELF." TOWN ".\n");
	expect_plain(&t, "loop-a." TOWN, DNS_A,
		"NOERROR qr aa\n? loop-a." TOWN ". A\n= loop-a." TOWN
		". 10 CNAME loop-b." TOWN ".\n= loop-b." TOWN ". 10 CNAME loop-a." TOWN
		".\n");
	expect_plain(&t, "self." TOWN, DNS_CNAME,
		"NOERROR qr aa\n? self." TOWN ". CNAME\n= self." TOWN
		". 10 CNAME SELF." TOWN ".\n");
	town_free(&t);
}

/* RFC 8482 s4.1: one RRset, never more. */
Test(respond, gives_one_rrset_for_any)
{
	struct town t;

	town_init(&t, 8);
	expect_plain(&t, "one." TOWN, DNS_ANY,
		"NOERROR qr aa\n? one." TOWN ". ANY\n= one." TOWN ". 60 A 10.0.0.1\n");
	expect_plain(&t, "alias." TOWN, DNS_ANY,
		"NOERROR qr aa\n? alias." TOWN ". ANY\n= alias." TOWN
		". 10 CNAME one." TOWN ".\n");
	expect_plain(&t, TOWN, DNS_ANY,
		"NOERROR qr aa\n? " TOWN ". ANY\n= " TOWN ". 5 SOA ns.test. " TOWN_SOA
		". 1 7200 900 1209600 5\n");
	expect_plain(&t, "empty." TOWN, DNS_ANY,
		"NOERROR qr aa\n? empty." TOWN ". ANY\n" TOWN_NEGATIVE);
	expect_plain(&t, "nope." TOWN, DNS_ANY,
		"NXDOMAIN qr aa\n? nope." TOWN ". ANY\n" TOWN_NEGATIVE);
	town_free(&t);
}

Test(respond, refuses_what_is_not_its_own)
{
	static const char *const names[] = {"example.com", "internal", ".", "com",
		"corp.internal.com", "xcorp.internal", "corp.internalx"};
	struct town t;

	town_init(&t, 8);
	for (size_t i = 0; i < CMAP_COUNT(names); i++) {
		char expected[100];

		snprintf(expected, sizeof(expected), "REFUSED qr\n? %s%s A\n", names[i],
			names[i][0] == '.' ? "" : ".");
		expect_plain(&t, names[i], DNS_A, expected);
	}
	town_free(&t);
}

Test(respond, says_edns_where_edns_was_said)
{
	struct town t;
	const char *text;

	town_init(&t, 8);
	expect(&t, &(struct question){"one." TOWN, DNS_A, .edns = 4096},
		"NOERROR qr aa edns=1232\n? one." TOWN ". A\n= one." TOWN
		". 60 A 10.0.0.1\n");
	expect(&t,
		&(struct question){"one." TOWN, DNS_A, .edns = 512, .dnssec_ok = true},
		"NOERROR qr aa edns=1232 do\n? one." TOWN ". A\n= one." TOWN
		". 60 A 10.0.0.1\n");
	expect(&t,
		&(struct question){"nope." TOWN, DNS_A, .edns = 1, .flags = DNS_RD,
			.is_tcp = true},
		"NXDOMAIN qr aa rd edns=1232\n? nope." TOWN ". A\n" TOWN_NEGATIVE);
	expect(&t, &(struct question){"example.com", DNS_A, .edns = 1232},
		"REFUSED qr edns=1232\n? example.com. A\n");
	text = "NOERROR qr edns=1232 extended=1\n? one." TOWN ". A\n";
	expect(&t, &(struct question){"one." TOWN, DNS_A, .edns = 1232, .version = 1},
		text);
	expect(&t, &(struct question){"one." TOWN, DNS_A, .edns = 1232, .version = 255},
		text);
	town_free(&t);
}

Test(respond, advertises_its_own_size)
{
	struct town t;

	town_init(&t, 8);
	for (uint16_t size = 512; size <= RESPOND_UDP_SIZE_MAX; size += 512) {
		char expected[200];

		t.responder.udp_size = size;
		snprintf(expected, sizeof(expected),
			"NOERROR qr aa edns=%u\n? one." TOWN ". A\n= one." TOWN
			". 60 A 10.0.0.1\n",
			size);
		expect(&t, &(struct question){"one." TOWN, DNS_A, .edns = 65535},
			expected);
	}
	town_free(&t);
}

Test(respond, rotates_by_one_a_query)
{
	struct town t;

	town_init(&t, 8);
	for (int turn = 0; turn < 7; turn++) {
		char expected[300];

		snprintf(expected, sizeof(expected),
			"NOERROR qr aa\n? web." TOWN ". A\n= web." TOWN
			". 60 A 10.0.1.%d\n= web." TOWN ". 60 A 10.0.1.%d\n= web." TOWN
			". 60 A 10.0.1.%d\n",
			turn % 3 + 1, (turn + 1) % 3 + 1, (turn + 2) % 3 + 1);
		expect_plain(&t, "web." TOWN, DNS_A, expected);
	}
	town_free(&t);
}

/* Over many turns each of 100 comes first, and at all, as often as any other, and never twice in an answer. */
Test(respond, gives_each_its_turn_and_none_twice)
{
	enum { QUERIES = 100000, INSTANCES = 100, ANSWERS = 8, A_LEN = 16 };
	const struct question q = {.name = "many." TOWN, .type = DNS_A};
	unsigned int first[INSTANCES] = {0}, given[INSTANCES] = {0};
	uint8_t query[DNS_UDP_MIN];
	size_t len = question_write(&q, query);
	struct town t;

	town_init(&t, ANSWERS);
	for (int i = 0; i < QUERIES; i++) {
		bool seen[INSTANCES] = {false};

		cr_assert_eq(respond(&t.responder, query, len, true, t.reply),
			len + ANSWERS * A_LEN);
		for (int k = 0; k < ANSWERS; k++) {
			uint8_t which = t.reply[len + (size_t)k * A_LEN + A_LEN - 1];

			cr_assert_lt(which, INSTANCES);
			cr_assert_not(seen[which], "10.1.0.%u twice", which);
			seen[which] = true;
			given[which]++;
			first[which] += k == 0;
		}
	}
	for (int i = 0; i < INSTANCES; i++) {
		cr_assert_eq(first[i], QUERIES / INSTANCES, "10.1.0.%d: %u", i,
			first[i]);
		cr_assert_eq(given[i], QUERIES / INSTANCES * ANSWERS, "10.1.0.%d: %u",
			i, given[i]);
	}
	town_free(&t);
}

/*
 * 100,000 registrations, with ids that would make fine TTLs: what is answered is the least of what the service says
 * and of what is left of the leases, at most 2^31 - 1, and nothing else.
 */
Test(respond, never_takes_a_ttl_from_anything_but_ttl_and_leases)
{
	enum { SERVICES = 200, INSTANCES = 500, A_LEN = 16 };
	struct question q = {.type = DNS_A, .is_tcp = true};
	struct rng r = {35};
	struct town t;
	uint32_t expected[SERVICES];

	town_init(&t, 0);
	for (uint32_t s = 0; s < SERVICES; s++) {
		char name[64], records[32];

		expected[s] = s % 4 ? rng_below(&r, 1u << 20) : INT32_MAX - s;
		snprintf(name, sizeof(name), "%u." TOWN, 4294967295u - s);
		snprintf(records, sizeof(records), "A=%u", expected[s]);
		world_service(&t.world, name, records);
		for (uint32_t i = 0; i < INSTANCES; i++) {
			uint32_t lease_s = 1 + rng_below(&r, 1u << (4 + s % 20));
			char id[32], attributes[32];

			if (s % 8 == 0)
				lease_s = 0;
			else if (lease_s < expected[s])
				expected[s] = lease_s;
			snprintf(id, sizeof(id), "%u", rng_next(&r) / 500 * 500 + i);
			snprintf(attributes, sizeof(attributes), "4=10.3.%u.%u",
				i / 250, i % 250);
			world_instance(&t.world, name, id, attributes,
				(int64_t)lease_s * 1000);
		}
	}
	world_publish(&t.world);
	responder_prepare(&t.responder, t.world.now_ms);
	for (uint32_t s = 0; s < SERVICES; s++) {
		uint8_t query[DNS_UDP_MIN];
		char name[64];
		size_t len;

		snprintf(name, sizeof(name), "%u." TOWN, 4294967295u - s);
		q.name = name;
		len = question_write(&q, query);
		cr_assert_eq(respond(&t.responder, query, len, false, t.reply),
			len + INSTANCES * A_LEN, "%s", name);
		for (size_t i = 0; i < INSTANCES; i++)
			cr_assert_eq(dns_get32(t.reply + len + i * A_LEN + 6),
				expected[s], "%s", name);
	}
	town_free(&t);
}

/* RFC 2782: no name compression for the target, though it ends as the question does. */
Test(respond, spells_targets_of_srv_in_full)
{
	static const char *const rdata[] = {
		"001d 0001 0001 1f41 @i-1.api.corp.internal",
		"001d 0001 0001 1f42 @i-2.api.corp.internal"};
	struct town t;

	town_init(&t, 8);
	town_ask_plain(&t, "api." TOWN, DNS_SRV);
	for (size_t i = 0; i < CMAP_COUNT(rdata); i++) {
		uint8_t expected[64];
		size_t len = octets(rdata[i], expected, sizeof(expected));

		cr_assert_not_null(memmem(t.reply, t.reply_len, expected, len), "%s",
			rdata[i]);
	}
	town_free(&t);
}

Test(respond, never_gives_what_has_expired)
{
	struct town t;

	town_init(&t, 8);
	expect_plain(&t, "leased." TOWN, DNS_A,
		"NOERROR qr aa\n? leased." TOWN ". A\n= leased." TOWN
		". 10 A 10.0.3.1\n= leased." TOWN ". 10 A 10.0.3.2\n");
	responder_prepare(&t.responder, t.world.now_ms + 10000);
	expect_plain(&t, "leased." TOWN, DNS_A,
		"NOERROR qr aa\n? leased." TOWN ". A\n= leased." TOWN
		". 20 A 10.0.3.2\n");
	responder_prepare(&t.responder, t.world.now_ms + 30000);
	expect_plain(&t, "leased." TOWN, DNS_A,
		"NOERROR qr aa\n? leased." TOWN ". A\n" TOWN_NEGATIVE);
	expect_plain(&t, "leased." TOWN, DNS_ANY,
		"NOERROR qr aa\n? leased." TOWN ". ANY\n" TOWN_NEGATIVE);
	town_free(&t);
}

Test(respond, counts)
{
	static const struct {
		struct question question;
		enum counter counter;
	} cases[] = {
		{{.name = "one." TOWN, .type = DNS_A}, COUNTER_NOERROR},
		{{.name = "one." TOWN, .type = DNS_AAAA}, COUNTER_NODATA},
		{{.name = "hollow." TOWN, .type = DNS_A}, COUNTER_NOERROR},
		{{.name = "nope." TOWN, .type = DNS_A}, COUNTER_NXDOMAIN},
		{{.name = "broken." TOWN, .type = DNS_A}, COUNTER_NXDOMAIN},
		{{.name = "example.com", .type = DNS_A}, COUNTER_REFUSED},
		{{.name = "one." TOWN, .type = DNS_OPT}, COUNTER_FORMERR},
		{{.name = "one." TOWN, .type = DNS_A, .flags = 0x2800}, COUNTER_NOTIMP},
		{{.name = "one." TOWN, .type = DNS_A, .edns = 512, .version = 1},
			COUNTER_OTHER_RCODE},
		{{.name = "one." TOWN, .type = DNS_A, .flags = DNS_QR},
			COUNTER_DROPPED},
	};
	struct town t;

	town_init(&t, 8);
	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		uint64_t before[COUNTER_N] = {0}, after[COUNTER_N] = {0};
		struct question q = cases[i].question;

		for (int tcp = 0; tcp < 2; tcp++) {
			counters_sum(&t.counters, before);
			q.is_tcp = tcp == 1;
			town_ask(&t, &q);
			counters_sum(&t.counters, after);
			for (int k = 0; k < COUNTER_N; k++) {
				bool expected = k == (int)cases[i].counter;

				if (cases[i].counter != COUNTER_DROPPED)
					expected |= k == (tcp ? COUNTER_TCP_QUERIES
							      : COUNTER_UDP_QUERIES);
				cr_assert_eq(after[k] - before[k], expected,
					"case %zu: %s", i,
					counter_name((enum counter)k));
			}
			memset(before, 0, sizeof(before));
			memset(after, 0, sizeof(after));
		}
	}
	cr_assert_eq(atomic_load(&t.counters.n[COUNTER_TRUNCATED]), 0);
	town_free(&t);
}
