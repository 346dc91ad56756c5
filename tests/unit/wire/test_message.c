/* SPDX-License-Identifier: MIT */
/* What is written is read by ldns, and says what ldns reads in what it was made from. */
#include "wire/message.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "octets.h"
#include "test.h"
#include "wire/dns.h"

/* The name at offset at in the octets of text, in memory of their length. Returns the offset behind it. */
static size_t name_at(const char *text, size_t at, struct dname *out)
{
	uint8_t room[70000];
	size_t len = octets(text, room, sizeof(room)), end;
	uint8_t *exact = xmemdup(room, len > 0 ? len : 1);

	end = message_name(exact, len, at, out);
	free(exact);
	return end;
}

static void check_name(const char *text, size_t at, size_t end, const char *want)
{
	struct dname d;
	char name[DNAME_TEXT];

	cr_assert_eq(name_at(text, at, &d), end, "%s", text);
	dname_to_text(d.wire, name);
	cr_assert_str_eq(name, want, "%s", text);
	cr_assert_eq(dname_wire_len(d.wire, d.len), d.len);
}

static void check_no_name(const char *text, size_t at)
{
	struct dname d;

	cr_assert_eq(name_at(text, at, &d), 0, "%s at %zu", text, at);
}

Test(message, names_come_out_whole_and_as_they_were_written)
{
	check_name("@Web.Local", 0, 11, "Web.Local.");
	check_name("00", 0, 1, ".");
	check_name("@Web.Local c000", 11, 13, "Web.Local.");
	check_name("@Web.Local 01'x' c004", 11, 15, "x.Local.");
	check_name("@a 01'b' c000 01'c' c003 c007", 11, 13, "c.b.a.");
	check_name("@a c000 c003 c005", 7, 9, "a.");
	check_name("00 c000", 1, 3, ".");
}

Test(message, pointers_lead_backward_or_nowhere)
{
	check_no_name("c000", 0);
	check_no_name("c002 00", 0);
	check_no_name("c002 c000", 0);
	check_no_name("c002 c000", 2);
	check_no_name("01'a' c000", 0);
	check_no_name("01'a' 01'b' c000", 0);
	check_no_name("01'a' 01'b' c002", 0);
	check_no_name("01'a' c000", 2);
	/* Back to what has been read, by way of another. */
	check_no_name("01'a' c006 01'b' c000", 4);
	check_no_name("c1ff", 0);
	/* To the last octet that a pointer can name, and no further. */
	check_name("{16383 01} 00 ffff", 16384, 16386, ".");
}

/* Else a message could have each of its records follow thousands. */
Test(message, more_pointers_than_labels_make_no_name)
{
	uint8_t m[1 + 2 * 128] = {0};
	struct dname d;

	for (size_t i = 0; i < 128; i++)
		dns_put16(m + 1 + 2 * i,
			(uint16_t)(DNS_POINTER | (i == 0 ? 0 : 2 * i - 1)));
	cr_assert_eq(message_name(m, sizeof(m), 1 + 2 * 126, &d), 1 + 2 * 127);
	cr_assert_eq(d.len, 1);
	cr_assert_eq(message_name(m, sizeof(m), 1 + 2 * 127, &d), 0);
}

Test(message, names_end_in_the_message)
{
	check_no_name("", 0);
	check_no_name("01", 0);
	check_no_name("01'a'", 0);
	check_no_name("02'a'", 0);
	check_no_name("c0", 0);
	check_no_name("00 c0", 1);
	check_no_name("@a", 3);
	check_no_name("@a", 4);
	check_no_name("01'a' c000 02", 4);
}

Test(message, other_label_types_are_no_names)
{
	check_no_name("40 {64 'a'} 00", 0);
	check_no_name("41 00", 0);
	check_no_name("80 {128 'a'} 00", 0);
	check_no_name("bf 00", 0);
	check_name("3f {63 'a'} 00", 0, 65,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.");
	check_no_name("01'a' 40 00", 0);
}

Test(message, names_have_255_octets_at_most)
{
	struct dname d;

	cr_assert_eq(name_at("{3 3f {63 'a'}} 3d {61 'a'} 00", 0, &d), 255);
	cr_assert_eq(d.len, 255);
	check_no_name("{3 3f {63 'a'}} 3e {62 'a'} 00", 0);
	cr_assert_eq(name_at("{127 01'a'} 00", 0, &d), 255);
	check_no_name("{128 01'a'} 00", 0);
	/* By a pointer, too. */
	cr_assert_eq(name_at("{3 3f {63 'a'}} 00 3d {61 'a'} c000", 193, &d), 257);
	cr_assert_eq(d.len, 255);
	check_no_name("{3 3f {63 'a'}} 00 3e {62 'a'} c000", 193);
	/* And round in a circle that is none. */
	check_no_name("{126 01'a'} 00 01'b' 01'b' c000", 253);
}

/* ---- records ---------------------------------------------------------------------------------- */

static bool reads(const char *text, struct message_record *out)
{
	uint8_t room[2000];
	size_t len = octets(text, room, sizeof(room));
	uint8_t *exact = xmemdup(room, len > 0 ? len : 1);
	struct message_reader r = {.base = exact, .len = len};
	bool ok = message_read(&r, out);

	cr_assert_eq(ok, !r.bad);
	if (ok)
		cr_assert_eq(r.at, out->rdata + out->rdata_len);
	else
		cr_assert_not(message_read(&r, out), "it has become good again");
	free(exact);
	return ok;
}

Test(message, reads_a_record)
{
	struct message_record rec;

	cr_assert(reads("@X.y 0001 0003 00000e10 0004 0a000001", &rec));
	cr_assert_eq(rec.owner.len, 5);
	cr_assert_arr_eq(rec.owner.wire, "\1X\1y", 5);
	cr_assert_eq(rec.type, DNS_A);
	cr_assert_eq(rec.class, DNS_CH);
	cr_assert_eq(rec.ttl, 3600);
	cr_assert_eq(rec.rdata, 15);
	cr_assert_eq(rec.rdata_len, 4);
	cr_assert(reads("00 0001 0001 7fffffff 0000", &rec));
	cr_assert_eq(rec.ttl, INT32_MAX);
	cr_assert(reads("00 0001 0001 80000000 0000", &rec));
	cr_assert_eq(rec.ttl, 0);
}

Test(message, a_record_that_is_cut_anywhere_is_none)
{
	struct message_record rec;
	uint8_t room[64];
	size_t len =
		octets("@X.y 0001 0003 00000e10 0004 0a000001", room, sizeof(room));

	for (size_t n = 0; n <= len; n++) {
		uint8_t *exact = xmemdup(room, n > 0 ? n : 1);
		struct message_reader r = {.base = exact, .len = n};

		cr_assert_eq(message_read(&r, &rec), n == len, "%zu octets", n);
		free(exact);
	}
}

/* ---- copies ----------------------------------------------------------------------------------- */

enum { ROOM = 2048 };

/*
 * A message with the question "www.example.com. A", made by hand, whose records (rest: in octets.h's notation, the first
 * at offset 33) are copied behind one with the same question; into limit octets.
 */
struct copy {
	uint8_t in[ROOM], out[ROOM];
	struct message_reader r;
	struct message_writer w;
	uint16_t n; /* records copied */
	size_t ttl_at;
};

#define QUESTION "@www.example.com 0001 0001 "

static void copy_records(struct copy *c, const char *rest, uint16_t n, size_t limit)
{
	uint8_t *exact;
	size_t len;

	memset(c, 0, sizeof(*c));
	len = octets("1234 8180 0001 0000 0000 0000" QUESTION, c->in, ROOM);
	c->r = (struct message_reader){.base = c->in, .at = len};
	c->r.len = len + octets(rest, c->in + len, ROOM - len);
	dns_put16(c->in + 6, n);
	exact = xmalloc(limit); /* a step beyond is seen */
	memcpy(exact, c->in, len);
	c->w = (struct message_writer){.base = exact, .len = len, .limit = limit};
	message_know_name(&c->w, DNS_HEADER_LEN);
	while (c->n < n) {
		struct message_record rec;

		if (!message_read(&c->r, &rec) ||
			!message_write(&c->w, &c->r, &rec, &c->ttl_at))
			break;
		cr_assert_eq(dns_get32(exact + c->ttl_at), rec.ttl);
		c->n++;
	}
	dns_put16(exact + 6, c->n);
	memcpy(c->out, exact, c->w.len);
	free(exact);
}

static ldns_pkt *parse(const uint8_t *p, size_t len)
{
	ldns_pkt *pkt = NULL;

	cr_assert_eq(ldns_wire2pkt(&pkt, p, len), LDNS_STATUS_OK, "ldns:%s",
		octets_text(p, len));
	return pkt;
}

/* In lower case: names are equal whatever their case, and one that is pointed at has its own (RFC 4343). */
static char *lower_text(char *text)
{
	for (char *p = text; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return text;
}

/* ldns reads the same first n records in both. */
static void check_same(const struct copy *c)
{
	ldns_pkt *in = parse(c->in, c->r.len), *out = parse(c->out, c->w.len);

	cr_assert_eq(ldns_pkt_ancount(out), c->n);
	for (size_t i = 0; i < c->n; i++) {
		char *a = ldns_rr2str(ldns_rr_list_rr(ldns_pkt_answer(in), i));
		char *b = ldns_rr2str(ldns_rr_list_rr(ldns_pkt_answer(out), i));

		cr_assert_str_eq(lower_text(a), lower_text(b));
		free(a);
		free(b);
	}
	ldns_pkt_free(in);
	ldns_pkt_free(out);
}

/* A record of that type at www.example.com with that data, which is copied; the copy has copied_len octets. */
static void check_data(const char *type, const char *data, size_t copied_len)
{
	static struct copy c;
	char rest[1500];
	uint8_t octet[1200];

	snprintf(rest, sizeof(rest), "c00c %s 0001 0000003c %04zx %s", type,
		octets(data, octet, sizeof(octet)), data);
	copy_records(&c, rest, 1, ROOM);
	cr_assert_eq(c.n, 1, "type %s: %s", type, data);
	cr_assert_eq(c.w.len, 33 + 12 + copied_len, "type %s: %zu octets of data", type,
		c.w.len - 45);
	check_same(&c);
}

Test(message, names_in_data_are_written_as_its_type_allows)
{
	/* Those of RFC 1035 are compressed. */
	check_data("0002", "c00c", 2);
	check_data("0002", "@ns.example.com", 5);
	check_data("0003", "@ns.example.com", 5);
	check_data("0004", "@ns.example.com", 5);
	check_data("0005", "@ns.EXAMPLE.com", 5);
	check_data("0006", "@ns.example.com @hostmaster.example.com {5 00000001}",
		5 + 13 + 20);
	check_data("0007", "@ns.example.com", 5);
	check_data("0008", "@ns.example.com", 5);
	check_data("0009", "@ns.example.com", 5);
	check_data("000c", "@org", 5);
	check_data("000e", "@a.example.com @b.example.com", 8);
	check_data("000f", "000a @mx.example.com", 7);
	/* Others are written whole: RFC 3597 s4. */
	check_data("0011", "c00c 01'x' c010", 17 + 15);
	check_data("0012", "0001 c00c", 19);
	check_data("0015", "0001 c00c", 19);
	check_data("001a", "0001 c00c c010", 2 + 17 + 13);
	check_data("0021", "0001 0002 0003 c00c", 23);
	check_data("0024", "0001 c00c", 19);
	check_data("0027", "c00c", 17);
	check_data("0023", "0001 0002 01'u' 00 03'abc' c010", 4 + 2 + 1 + 4 + 13);
	check_data("0023", "0001 0002 00 00 00 00", 4 + 3 + 1);
	/* And what is not known to hold names is not looked at. */
	check_data("fff0", "c00c c00c", 4);
	check_data("fff0", "", 0);
	check_data("0010", "03'abc' 00", 5);
	check_data("0001", "0a000001", 4);
	check_data("001c", "{16 fd}", 16);
}

/* ldns knows no SIG and NXT of RFC 2535 whose names are compressed. */
Test(message, names_in_old_signatures_are_written_whole)
{
	static struct copy c;

	copy_records(&c,
		"c00c 0018 0001 0000003c 0018 {18 01} c010 'sign' "
		"c00c 001e 0001 0000003c 0006 c010 40000000",
		2, ROOM);
	cr_assert_eq(c.n, 2);
	cr_assert_eq(c.w.len, 33u + 12 + 18 + 13 + 4 + 12 + 13 + 4);
	cr_assert_arr_eq(c.out + 33 + 12 + 18, "\7example\3com", 13);
	cr_assert_arr_eq(c.out + 33 + 12 + 31, "sign", 4);
}

/* A record of that type with that data is no record; nothing is written. */
static void check_no_data(const char *type, const char *data)
{
	static struct copy c;
	char rest[1500];
	uint8_t octet[1200];

	/* Behind it stands what a name could run into. */
	snprintf(rest, sizeof(rest), "c00c %s 0001 0000003c %04zx %s {300 00}", type,
		octets(data, octet, sizeof(octet)), data);
	copy_records(&c, rest, 1, ROOM);
	cr_assert_eq(c.n, 0, "type %s: %s", type, data);
	cr_assert(c.r.bad, "type %s: %s", type, data);
	cr_assert_not(c.w.full);
	cr_assert_eq(c.w.len, 33);
}

Test(message, data_that_is_not_of_its_type_is_not_copied)
{
	static const char *const one_name[] = {
		"0002", "0003", "0004", "0005", "0007", "0008", "0009", "000c", "0027"};
	static const char *const two[] = {"000f", "0012", "0015", "0024"};

	for (size_t i = 0; i < CMAP_COUNT(one_name); i++) {
		check_no_data(one_name[i], "");
		check_no_data(one_name[i], "01");
		check_no_data(one_name[i], "01'a'");
		check_no_data(one_name[i], "c0");
		check_no_data(one_name[i], "c0ff");
		check_no_data(one_name[i], "40");
		check_no_data(one_name[i], "c00c 00");
		check_no_data(one_name[i], "00 00");
	}
	for (size_t i = 0; i < CMAP_COUNT(two); i++) {
		check_no_data(two[i], "");
		check_no_data(two[i], "00");
		check_no_data(two[i], "0001");
		check_no_data(two[i], "0001 01'a'");
		check_no_data(two[i], "0001 c00c 00");
	}
	check_no_data("0006", "c00c");
	check_no_data("0006", "c00c c00c");
	check_no_data("0006", "c00c c00c {19 00}");
	check_no_data("0006", "c00c c00c {21 00}");
	check_no_data("0006", "{5 00000001} 'abc'");
	check_no_data("000e", "c00c");
	check_no_data("0011", "c00c");
	check_no_data("0018", "{18 00}");
	check_no_data("001a", "0001 c00c");
	check_no_data("0021", "0001 0002 0003");
	check_no_data("0021", "0001 0002 00");
	check_no_data("0021", "0001 0002 0003 c00c 00");
	check_no_data("0023", "0001 0002");
	check_no_data("0023", "0001 0002 00 00");
	check_no_data("0023", "0001 0002 00 00 00");
	check_no_data("0023", "0001 0002 05'abc'");
	check_no_data("0023", "0001 0002 00 00 02'a'");
	check_no_data("0023", "0001 0002 00 00 01'a' 01");
	check_no_data("0023", "0001 0002 00 00 00 00 00");
	check_no_data("0001", "");
	check_no_data("0001", "0a0000");
	check_no_data("0001", "0a00000102");
	check_no_data("001c", "{15 fd}");
	check_no_data("001c", "{17 fd}");
}

/* ---- room ------------------------------------------------------------------------------------- */

#define MANY                                                                           \
	"c00c 0005 0001 0000003c 0009 03'CDN' c010 00 "                                \
	"c00c 0005 0001 0000003c 0002 c010 "                                           \
	"@Deep.cdn.Example.COM 0001 0001 0000003c 0004 0a000001 "                      \
	"c00c 0006 0001 0000003c 0018 c00c c010 {5 00000001} "                         \
	"c00c 0021 0001 0000003c 0008 0001 0002 0003 c010 "                            \
	"c00c 0010 0001 0000003c 0004 03'abc' "                                        \
	"@other.org 000f 0001 0000003c 0007 000a 02'mx' c00c"

/* Of the seven above, the first does not parse. */
#define SIX (&MANY[sizeof("c00c 0005 0001 0000003c 0009 03'CDN' c010 00 ") - 1])

Test(message, at_every_size_what_fits_is_whole)
{
	static struct copy c;
	uint16_t most = 0;

	copy_records(&c, MANY, 7, ROOM);
	cr_assert_eq(c.n, 0);
	for (size_t limit = 33; limit < 300; limit++) {
		size_t before;

		copy_records(&c, SIX, 6, limit);
		cr_assert_leq(c.w.len, limit);
		cr_assert_geq(c.n, most, "less fits into %zu than into less", limit);
		most = c.n;
		cr_assert_eq(c.w.full, c.n < 6);
		cr_assert_not(c.r.bad);
		check_same(&c);
		if (!c.w.full)
			continue;
		/* It stays full, for a small one, too. */
		before = c.w.len;
		c.r = (struct message_reader){.base = c.in, .len = c.r.len, .at = 33};
		struct message_record rec;
		cr_assert(message_read(&c.r, &rec));
		cr_assert_not(message_write(&c.w, &c.r, &rec, &c.ttl_at));
		cr_assert_eq(c.w.len, before);
	}
	cr_assert_eq(most, 6);
}

/* More names than are remembered, each with more labels; and offsets beyond a pointer's reach. */
Test(message, names_are_compressed_right_however_many_there_are)
{
	enum { N = 400, BIG = 65535 };
	uint8_t *in = xmalloc(BIG), *out = xmalloc(BIG);
	struct message_reader r = {.base = in};
	struct message_writer w = {.base = out, .limit = BIG};
	struct message_record rec;
	size_t at, ttl_at;

	at = octets("1234 8180 0001 0000 0000 0000" QUESTION, in, BIG);
	memcpy(out, in, at);
	r.at = w.len = at;
	message_know_name(&w, DNS_HEADER_LEN);
	for (int i = 0; i < N; i++) {
		char text[300];

		snprintf(text, sizeof(text),
			"@%s%d.Node.%s.com 000f 0001 0000003c 002b 000a "
			"@n%03d.very.long.name.of.host%03d.example%d",
			i % 2 ? "a" : "A", i % 90, i % 3 ? "example" : "EXAMPLE", i, i,
			i % 7);
		at += octets(text, in + at, BIG - at);
		at += octets("c00c 0010 0001 0000003c 0040 3f {63 'x'}", in + at,
			BIG - at);
	}
	r.len = at;
	dns_put16(in + 6, 2 * N);
	dns_put16(out + 6, 2 * N);
	for (int i = 0; i < 2 * N; i++) {
		cr_assert(message_read(&r, &rec));
		cr_assert(message_write(&w, &r, &rec, &ttl_at), "%d", i);
	}
	cr_assert_gt(w.len, DNS_POINTER_MAX);
	cr_assert_lt(w.len, at, "nothing was compressed");
	{
		ldns_pkt *a = parse(in, at), *b = parse(out, w.len);
		char *x = ldns_rr_list2str(ldns_pkt_answer(a));
		char *y = ldns_rr_list2str(ldns_pkt_answer(b));

		cr_assert_str_eq(lower_text(x), lower_text(y));
		free(x);
		free(y);
		ldns_pkt_free(a);
		ldns_pkt_free(b);
	}
	free(in);
	free(out);
}

Test(message, data_that_grows_beyond_its_length_field_does_not_fit)
{
	/* An RP with names of 255 octets is the longest that can grow: it never does. */
	static struct copy c;

	copy_records(&c,
		"{3 3f {63 'a'}} 3d {61 'a'} 00 0011 0001 0000003c 0004 c021 c021", 1,
		ROOM);
	cr_assert_eq(c.n, 1);
	cr_assert_eq(c.w.len, 33u + 255 + 10 + 510);
	check_same(&c);
}
