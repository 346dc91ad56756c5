/* SPDX-License-Identifier: MIT */
#include "wire/zonetext.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "rng.h"
#include "test.h"
#include "wire/dns.h"

static int take(void *arg, const struct zonetext_record *r, struct buf *why)
{
	struct buf *out = arg, data = {.data = NULL};
	char owner[DNAME_TEXT], type[ZONETEXT_TYPE_NAME];

	(void)why;
	dname_to_text(r->owner->wire, owner);
	zonetext_write(r->type, r->rdata, r->rdata_len, type, &data);
	buf_printf(out, "%u %s %u %s %s\n", r->line, owner, (unsigned int)r->ttl, type,
		buf_text(&data));
	buf_free(&data);
	return CMAP_OK;
}

/* The records of text as "LINE OWNER TTL TYPE DATA\n"; an error as "LINE!WHY". Origin: zone.test. */
static char *read_text(const char *text)
{
	struct dname origin;
	struct buf out = {.data = NULL}, why = {.data = NULL};
	struct zonetext_reader reader = {.origin = &origin, .take = take, .arg = &out};
	unsigned int line;

	cr_assert_eq(dname_from_text("zone.test", &origin), CMAP_OK);
	if (zonetext_read(&reader, text, strlen(text), &line, &why) != CMAP_OK)
		buf_printf(&out, "%u!%s", line, buf_text(&why));
	buf_free(&why);
	return buf_take(&out);
}

static void check(const char *text, const char *expected)
{
	char *got = read_text(text);

	cr_expect_str_eq(got, expected, "%s", text);
	free(got);
}

static void check_part(const char *text, const char *part)
{
	char *got = read_text(text);

	cr_expect(strstr(got, part) != NULL, "%s", got);
	free(got);
}

/* One record of that type and data, at "a", whose data comes out as written. */
static void check_data(const char *data, const char *written)
{
	char text[512], expected[512];

	snprintf(text, sizeof(text), "a 60 %s", data);
	snprintf(expected, sizeof(expected), "1 a.zone.test. 60 %s\n", written);
	check(text, expected);
}

static void check_bad(const char *data, const char *why)
{
	char text[512], expected[512];

	snprintf(text, sizeof(text), "\na 60 %s", data);
	snprintf(expected, sizeof(expected), "2!%s", why);
	check(text, expected);
}

Test(zonetext, owners)
{
	check("@ 1 A 1.2.3.4", "1 zone.test. 1 A 1.2.3.4\n");
	check("a.b 1 A 1.2.3.4\n 2 A 1.2.3.5\n",
		"1 a.b.zone.test. 1 A 1.2.3.4\n2 a.b.zone.test. 2 A 1.2.3.5\n");
	check("a.other. 1 A 1.2.3.4", "1 a.other. 1 A 1.2.3.4\n");
	check(". 1 A 1.2.3.4", "1 . 1 A 1.2.3.4\n");
	check("*.X 1 A 1.2.3.4", "1 *.X.zone.test. 1 A 1.2.3.4\n");
	check("a\\.b\\046 1 A 1.2.3.4", "1 a\\.b\\..zone.test. 1 A 1.2.3.4\n");
	check("a\\\\. 1 A 1.2.3.4", "1 a\\\\. 1 A 1.2.3.4\n");
	check("\\@ 1 A 1.2.3.4", "1 \\@.zone.test. 1 A 1.2.3.4\n");
	check("\\000\\255 1 A 1.2.3.4", "1 \\000\\255.zone.test. 1 A 1.2.3.4\n");
	check("in 1 in in 1.2.3.4", "1!'in' is no type of record");
	check(" 1 A 1.2.3.4", "1!no owner, and no record before");
	check("\"a\" 1 A 1.2.3.4", "1!'a' is quoted where a name is due");
	check("a..b 1 A 1.2.3.4", "1!'a..b' is not a domain name");
}

Test(zonetext, names_have_their_limits)
{
	char text[700], label[64];

	memset(label, 'x', 63);
	label[63] = '\0';
	/* Three labels of 63 and one of 51 over zone.test are 255 octets. */
	snprintf(text, sizeof(text), "%s.%s.%s.%.51s 1 A 1.2.3.4", label, label, label,
		label);
	check_part(text, "1.2.3.4\n");
	snprintf(text, sizeof(text), "%s.%s.%s.%.52s 1 A 1.2.3.4", label, label, label,
		label);
	check_part(text, "too long a name below the origin");
	snprintf(text, sizeof(text), "%sx 1 A 1.2.3.4", label);
	check_part(text, "is not a domain name");
}

Test(zonetext, origin_and_ttl)
{
	check("$ORIGIN sub\na 1 NS b\n$origin other.\na 1 NS @\n$ORIGIN x\n@ 1 NS y.",
		"2 a.sub.zone.test. 1 NS b.sub.zone.test.\n4 a.other. 1 NS other.\n"
		"6 x.other. 1 NS y.\n");
	check("$TTL 1h30m\na A 1.2.3.4\na 5 A 1.2.3.5\na A 1.2.3.6\n$TTL 7\na A "
	      "1.2.3.7",
		"2 a.zone.test. 5400 A 1.2.3.4\n3 a.zone.test. 5 A 1.2.3.5\n"
		"4 a.zone.test. 5400 A 1.2.3.6\n6 a.zone.test. 7 A 1.2.3.7\n");
	check("a 5 A 1.2.3.4\nb A 1.2.3.5",
		"1 a.zone.test. 5 A 1.2.3.4\n2 b.zone.test. 5 A 1.2.3.5\n");
	check("a A 1.2.3.4", "1!no TTL, and no $TTL before");
	check("@ SOA a b 1 2 3 4 5\na A 1.2.3.4",
		"1 zone.test. 5 SOA a.zone.test. b.zone.test. 1 2 3 4 5\n"
		"2 a.zone.test. 5 A 1.2.3.4\n");
	check("a IN 5 A 1.2.3.4\na 6 IN A 1.2.3.4\na CLASS1 A 1.2.3.4",
		"1 a.zone.test. 5 A 1.2.3.4\n2 a.zone.test. 6 A 1.2.3.4\n"
		"3 a.zone.test. 6 A 1.2.3.4\n");
	check("a 2147483647 A 1.2.3.4", "1 a.zone.test. 2147483647 A 1.2.3.4\n");
	check("a 0 A 1.2.3.4", "1 a.zone.test. 0 A 1.2.3.4\n");
	check("a 1w2d3h4m5s A 1.2.3.4", "1 a.zone.test. 788645 A 1.2.3.4\n");
}

Test(zonetext, lines_that_are_refused)
{
	check("a 1 A 1.2.3.4\n$INCLUDE x", "1 a.zone.test. 1 A 1.2.3.4\n2!'$INCLUDE' "
					   "is not supported: write the records here");
	check("$GENERATE 1-5 a A 1.2.3.$",
		"1!'$GENERATE' is not supported: write the records here");
	check("$FOO x", "1!'$FOO' is no directive");
	check("$TTL", "1!'$TTL' needs one word behind it");
	check("$TTL 1 2", "1!'$TTL' needs one word behind it");
	check("$TTL x", "1!'x' is no number of seconds");
	check("$TTL 1h2", "1!'1h2' is no number of seconds");
	check("$TTL h", "1!'h' is no number of seconds");
	check("$TTL 2147483648", "1!'2147483648' is more than 2147483647 seconds");
	check("$TTL 3550w8d", "1!'3550w8d' is more than 2147483647 seconds");
	check("$ORIGIN a..b", "1!'a..b' is not a domain name");
	check("a", "1!no type");
	check("a 1 IN", "1!no type");
	check("a 1 CH A 1.2.3.4", "1!'CH' is a class that is not served");
	check("a CLASS3 A 1.2.3.4", "1!'CLASS3' is a class that is not served");
	check("a 1 FOO 1.2.3.4", "1!'FOO' is no type of record");
	check("a 1 TYPE65536 \\# 0", "1!'TYPE65536' is no type of record");
	check("a 1 TYPE0 \\# 0", "1!'TYPE0' is no type of record");
	check("a 1 TYPE \\# 0", "1!'TYPE' is no type of record");
	check("a 1 OPT \\# 0", "1!'OPT' is no type of record");
	check("a 1 AXFR \\# 0", "1!'AXFR' is no type of record");
	check("a 1 TYPE255 \\# 0", "1!'TYPE255' is no type of record");
	check("a 1 A 1.2.3.4\nb \"x", "1 a.zone.test. 1 A 1.2.3.4\n"
				      "2!a quoted string does not end on its line");
}

Test(zonetext, data_that_is_written_as_it_was_read)
{
	static const char *const data[] = {"A 192.0.2.1", "AAAA 2001:db8::1",
		"NS ns.zone.test.", "CNAME .", "PTR a\\.b.zone.test.",
		"MX 65535 mx.zone.test.", "SRV 0 1 65535 .",
		"SOA a.b. c\\.d.e. 4294967295 0 1 2 2147483647",
		"TXT \"a\" \"\" \"b c\"", "TXT \"\\\"\\\\;()\\000\\255\"",
		"SPF \"v=spf1 -all\"", "HINFO \"PC\" \"Linux\"", "RP a.b. c.d.",
		"AFSDB 1 a.b.", "KX 1 a.b.",
		"NAPTR 1 2 \"u\" \"E2U+sip\" \"!^.*$!sip:x@y!\" .",
		"DS 12345 8 2 A0B1C2D3", "SSHFP 1 2 A0B1", "TLSA 3 1 1 A0B1",
		"CAA 0 issue \"ca.example; x=y\"", "URI 1 2 \"http://a/;b\"",
		"TYPE65400 \\# 4 DEADBEEF", "TYPE65400 \\# 0"};

	for (size_t i = 0; i < CMAP_COUNT(data); i++)
		check_data(data[i], data[i]);
}

Test(zonetext, data_is_read_in_its_other_forms)
{
	check_data("A \\# 4 0a000001", "A 10.0.0.1");
	check_data("TYPE1 10.0.0.1", "A 10.0.0.1");
	check_data("type65400 \\# 4 DE AD ( be\n ef )", "TYPE65400 \\# 4 DEADBEEF");
	check_data("txt a \"b\" c\\;\\032d", "TXT \"a\" \"b\" \"c; d\"");
	check_data("TXT (a\n b)", "TXT \"a\" \"b\"");
	check_data("NS @", "NS zone.test.");
	check_data("NS \\@", "NS \\@.zone.test.");
	check_data("SOA @ . 1 1h 15m 2w 5s", "SOA zone.test. . 1 3600 900 1209600 5");
	check_data("DS 1 8 2 A0 b1 C2", "DS 1 8 2 A0B1C2");
	check_data("CAA 0 issue ca.example", "CAA 0 issue \"ca.example\"");
	check_data("CNAME \\# 3 016100", "CNAME a.");
	/* What others may write otherwise comes out as octets. */
	check_data("LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
		"TYPE29 \\# 16 000016138B3CF018810CBCE0009895B8");
	check_data("DNSKEY 257 3 8 AwEA AQ==", "TYPE48 \\# 8 0101030803010001");
	check_data("APL 1:10.0.0.0/8 !2:fd00::/8",
		"TYPE42 \\# 10 000108010A00020881FD");
	check_data("HTTPS 1 . alpn=\"h2\" port=8443",
		"TYPE65 \\# 16 000100000100030268320003000220FB");
	check_data("APL", "TYPE42 \\# 0");
	check_data("EUI48 00-00-5e-00-53-2a", "TYPE108 \\# 6 00005E00532A");
}

Test(zonetext, data_that_is_refused)
{
	check_bad("A 1.2.3", "'1.2.3' is no IPv4 address");
	check_bad("A \"1.2.3.4\"", "'1.2.3.4' is no IPv4 address");
	check_bad("A", "a record of type A holds more than this");
	check_bad("A 1.2.3.4 5", "'5' is more than this record holds");
	check_bad("AAAA 1.2.3.4", "'1.2.3.4' is no IPv6 address");
	check_bad("SRV 1 1 65536 x", "'65536' is no number from 0 to 65535");
	check_bad("SRV 1 1 -1 x", "'-1' is no number from 0 to 65535");
	check_bad("SRV 1 1 80", "a record of type SRV holds more than this");
	check_bad("DS 1 8 256 00", "'256' is no number from 0 to 255");
	check_bad("DS 1 8 2 0g", "'0g' is not what this type of record holds");
	check_bad("SOA a b 4294967296 1 1 1 1",
		"'4294967296' is no number from 0 to 4294967295");
	check_bad("SOA a b 1 1 1 1 x", "'x' is no number of seconds");
	check_bad("MX 1 \"a\"", "'a' is quoted where a name is due");
	check_bad("NS a..b", "'a..b' is not a domain name");
	check_bad("TXT", "a record of type TXT holds more than this");
	check_bad("TYPE65400 x", "data of this type must be given as \\# LENGTH HEX");
	check_bad("NULL x", "'x' is not what this type of record holds");
	check_bad("TYPE65400 \\#", "behind \\# the number of octets is due, then they "
				   "in hexadecimal");
	check_bad("TYPE65400 \\# 65536", "behind \\# the number of octets is due, then "
					 "they in hexadecimal");
	check_bad("TYPE65400 \\# 2 A0", "2 octets are announced, 1 follow");
	check_bad("TYPE65400 \\# 1 A0B", "1 octets are announced, 1 and a half follow");
	check_bad("TYPE65400 \\# 1 xx", "'xx' is not hexadecimal");
	check_bad("A \\# 3 0A0000", "this is no data of a record of type A");
	check_bad("CNAME \\# 2 C00C", "this is no data of a record of type CNAME");
	check_bad("NS \\# 2 0161", "this is no data of a record of type NS");
	check_bad("MX \\# 5 000A0161FF", "this is no data of a record of type MX");
}

Test(zonetext, a_string_has_255_octets_and_a_record_65535)
{
	struct buf text = {.data = NULL};
	char x[256];
	char *got;

	memset(x, 'x', sizeof(x));
	buf_printf(&text, "a 1 TXT \"%.255s\"", x);
	got = read_text(buf_text(&text));
	cr_expect_eq(strncmp(got, "1 a.zone.test. 1 TXT \"xxx", 24), 0);
	free(got);
	buf_free(&text);
	buf_printf(&text, "a 1 TXT \"%.256s\"", x);
	got = read_text(buf_text(&text));
	cr_expect(strstr(got, "is longer than 255 octets") != NULL);
	free(got);
	buf_free(&text);

	/* 255 strings of 255 octets and one of 254 are 65,535 with their lengths. */
	buf_add_text(&text, "a 1 TXT");
	for (int i = 0; i < 255; i++)
		buf_printf(&text, " \"%.255s\"", x);
	buf_printf(&text, " \"%.254s\"", x);
	got = read_text(buf_text(&text));
	cr_expect(strstr(got, "!") == NULL && strlen(got) > 65535, "%.100s", got);
	free(got);
	buf_add_text(&text, " \"\"");
	got = read_text(buf_text(&text));
	cr_expect_str_eq(got, "1!more than 65535 octets of data");
	free(got);
	buf_free(&text);
}

static int stop(void *arg, const struct zonetext_record *r, struct buf *why)
{
	(void)r;
	if (++*(int *)arg < 2)
		return CMAP_OK;
	buf_add_text(why, "enough");
	return CMAP_E_ROOM;
}

Test(zonetext, a_type_has_a_name_for_messages)
{
	char name[ZONETEXT_TYPE_NAME];

	zonetext_type_name(DNS_AAAA, name);
	cr_expect_str_eq(name, "AAAA");
	zonetext_type_name(29, name);
	cr_expect_str_eq(name, "LOC");
	zonetext_type_name(54, name);
	cr_expect_str_eq(name, "TYPE54");
	zonetext_type_name(65535, name);
	cr_expect_str_eq(name, "TYPE65535");
}

Test(zonetext, who_takes_may_stop)
{
	struct dname origin;
	struct buf why = {.data = NULL};
	int n = 0;
	struct zonetext_reader reader = {.origin = &origin, .take = stop, .arg = &n};
	const char *text = "a 1 A 1.2.3.4\n\nb 1 A (\n1.2.3.4 )\nc 1 A 1.2.3.4";
	unsigned int line;

	cr_assert_eq(dname_from_text("zone.test", &origin), CMAP_OK);
	cr_assert_eq(zonetext_read(&reader, text, strlen(text), &line, &why),
		CMAP_E_ROOM);
	cr_expect_eq(n, 2);
	cr_expect_eq(line, 3);
	cr_expect_str_eq(buf_text(&why), "enough");
	buf_free(&why);
}

static int keep(void *arg, const struct zonetext_record *r, struct buf *why)
{
	struct buf *out = arg;

	(void)why;
	buf_free(out);
	buf_add(out, r->rdata, r->rdata_len);
	return CMAP_OK;
}

/* Whatever octets are in a record of whatever type: what is written is read back as the same octets. */
Test(zonetext, all_that_is_written_is_read_back)
{
	struct rng r = {7};
	struct dname origin;
	struct buf back = {.data = NULL};
	struct zonetext_reader reader = {.origin = &origin, .take = keep, .arg = &back};

	cr_assert_eq(dname_from_text("zone.test", &origin), CMAP_OK);
	for (int i = 0; i < 60000; i++) {
		uint16_t type = (uint16_t)(1 + rng_below(&r, 120));
		uint16_t len = (uint16_t)rng_below(&r, 24);
		uint8_t rdata[24];
		char name[ZONETEXT_TYPE_NAME];
		struct buf text = {.data = NULL}, data = {.data = NULL},
			   why = {.data = NULL};
		unsigned int line;
		bool generic;

		if (type == DNS_OPT)
			continue;
		for (uint16_t k = 0; k < len; k++)
			rdata[k] = (uint8_t)(rng_below(&r, 3) == 0 ? rng_below(&r, 256)
								   : rng_below(&r, 5));
		zonetext_write(type, rdata, len, name, &data);
		buf_printf(&text, "a 1 %s %s", name, buf_text(&data));
		buf_free(&data);
		generic = strstr(buf_text(&text), "\\#") != NULL;
		if (zonetext_read(&reader, text.data, text.len, &line, &why) == CMAP_OK)
			cr_assert(back.len == len &&
					  memcmp(buf_text(&back), rdata, len) == 0,
				"%s", buf_text(&text));
		else
			cr_assert(generic, "%s: %s", buf_text(&text), buf_text(&why));
		buf_free(&text);
		buf_free(&why);
	}
	buf_free(&back);
}
