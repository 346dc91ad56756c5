/* SPDX-License-Identifier: MIT */
/* Names and data of any octets, from a zone file to the reply, octet for octet. Packets as in octets.h. */
#include <stdio.h>

#include "base/error.h"
#include "octets.h"
#include "test.h"
#include "town.h"
#include "zone/static.h"

#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
/* 3 * 64 and 60, and 3 of "z": 255 octets. */
#define LONGEST                                                                        \
	LABEL_63 "." LABEL_63 "." LABEL_63                                             \
		 ".bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define LONGEST_OCTETS " {3 3f {63 'a'}} 3b {59 'b'} 01 'z' 00 "
#define TEN            "a.a.a.a.a.a.a.a.a.a."

static const char zone_text[] =
	"$TTL 60\n"
	"nul\\000nul A 192.0.2.1\n"
	"\\255\\032\\127 A 192.0.2.2\n"
	"dot\\.dot A 192.0.2.3\n"
	"back\\\\slash A 192.0.2.4\n"
	"UPPER A 192.0.2.5\n"
	"\\[\\@\\] A 192.0.2.6\n"
	"under_score A 192.0.2.7\n"
	"x\\042 A 192.0.2.8\n" /* an asterisk, but no wildcard's */
	LONGEST " A 192.0.2.9\n" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
	"a.a.a.a.a.a A 192.0.2.10\n"
	"unk TYPE65400 \\# 4 DEADBEEF\n"
	"empty TYPE65401 \\# 0\n"
	"srv SRV 1 2 3 srv\n"
	"none SRV 0 0 0 .\n"
	"case CNAME tArGeT.CaSe\n"
	"tArGeT.CaSe TXT \"\\000\\255\" \"\"\n";

static void start(struct town *t)
{
	struct static_zone *z;
	struct buf why = {.data = NULL};
	struct dname apex;

	town_init(t, 8);
	world_namespace(&t->world, "z", -1);
	cr_assert_eq(dname_from_plain("z", &apex), CMAP_OK);
	cr_assert_eq(static_read_text("z.zone", zone_text, strlen(zone_text), &apex, &z,
			     &why),
		CMAP_OK, "%s", buf_text(&why));
	zone_set_static(t->world.zone, model_namespace_by_dns(&t->world.model, "z"), z);
	world_publish(&t->world);
}

/* The reply to a question of these octets holds it and then these. */
static void expect(struct town *t, const char *question, uint16_t flags, uint16_t n,
	const char *answer)
{
	uint8_t query[DNS_UDP_MIN] = {0x12, 0x34, [5] = 1}, expected[DNS_UDP_MIN];
	size_t len = 12 + octets(question, query + 12, sizeof(query) - 12);
	size_t expected_len;

	memcpy(expected, query, len);
	dns_put16(expected + 2, flags);
	dns_put16(expected + 6, n);
	expected_len = len + octets(answer, expected + len, sizeof(expected) - len);
	for (int udp = 0; udp < 2; udp++) {
		town_respond(t, query, len, udp == 1);
		cr_assert(t->reply_len == expected_len &&
				  memcmp(t->reply, expected, expected_len) == 0,
			"%s:\n%s", question, octets_text(t->reply, t->reply_len));
	}
}

Test(respond_static, names_are_any_octets)
{
	static const char *const names[] = {
		"07 'nul' 00 'nul' 01 'z' 00",
		"03 ff207f 01 'z' 00",
		"07 'dot.dot' 01 'z' 00",
		"0a 'back' 5c 'slash' 01 'z' 00",
		"05 'Upper' 01 'Z' 00",
		"03 '[@]' 01 'z' 00",
		"0b 'UNDER_score' 01 'z' 00",
		"02 'X*' 01 'z' 00",
		LONGEST_OCTETS,
		"{126 01 'a'} 01 'z' 00",
	};
	struct town t;

	start(&t);
	for (size_t i = 0; i < CMAP_COUNT(names); i++) {
		char question[200], answer[100];

		snprintf(question, sizeof(question), "%s 0001 0001", names[i]);
		snprintf(answer, sizeof(answer),
			"c00c 0001 0001 0000003c 0004 c00002%02zx", i + 1);
		expect(&t, question, DNS_QR | DNS_AA, 1, answer);
	}
	town_free(&t);
}

/* What they are cut to elsewhere is another name. */
Test(respond_static, names_do_not_end_at_odd_octets)
{
	static const char *const names[] = {"03 'nul' 01 'z' 00",
		"07 'nul' 00 'nuk' 01 'z' 00", "03 ff20ff 01 'z' 00",
		"03 'dot' 03 'dot' 01 'z' 00", "09 'backslash' 01 'z' 00",
		"03 '{' 60 '}' 01 'z' 00", "0b 'under' 7f 'score' 01 'z' 00",
		"02 'a' 00 01 'z' 00"};
	struct town t;

	start(&t);
	for (size_t i = 0; i < CMAP_COUNT(names); i++) {
		uint8_t query[DNS_UDP_MIN] = {0x12, 0x34, [5] = 1};
		size_t len = 12 + octets(names[i], query + 12, 200);

		dns_put16(query + len, DNS_A);
		dns_put16(query + len + 2, DNS_IN);
		town_respond(&t, query, len + 4, true);
		cr_assert_eq(t.reply[3], DNS_NXDOMAIN, "%s:\n%s", names[i],
			octets_text(t.reply, t.reply_len));
		cr_assert_eq(memcmp(t.reply + 12, query + 12, len + 4 - 12), 0);
	}
	town_free(&t);
}

/* RFC 3597: what we know nothing of goes as it is. */
Test(respond_static, types_are_any)
{
	struct town t;

	start(&t);
	expect(&t, "@unk.z ff78 0001", DNS_QR | DNS_AA, 1,
		"c00c ff78 0001 0000003c 0004 deadbeef");
	expect(&t, "@unk.z 00ff 0001", DNS_QR | DNS_AA, 1,
		"c00c ff78 0001 0000003c 0004 deadbeef");
	expect(&t, "@empty.z ff79 0001", DNS_QR | DNS_AA, 1,
		"c00c ff79 0001 0000003c 0000");
	expect(&t, "@case.z 0010 0001", DNS_QR | DNS_AA, 2,
		"c00c 0005 0001 0000003c 000f @tArGeT.CaSe.z "
		"c024 0010 0001 0000003c 0004 02 00ff 00");
	town_free(&t);
}

/* RFC 2782: the target is spelt in full, and may be the root. */
Test(respond_static, targets_of_srv_are_not_compressed)
{
	struct town t;

	start(&t);
	expect(&t, "@srv.z 0021 0001", DNS_QR | DNS_AA, 1,
		"c00c 0021 0001 0000003c 000d 0001 0002 0003 @srv.z");
	expect(&t, "@none.z 0021 0001", DNS_QR | DNS_AA, 1,
		"c00c 0021 0001 0000003c 0007 0000 0000 0000 00");
	town_free(&t);
}
