/* SPDX-License-Identifier: MIT */
/* What is taken over from an upstream's message: each image is told as the reply that is made of it. */
#include "forward/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "octets.h"
#include "oracle.h"
#include "said.h"
#include "test.h"

static const char *const verdicts[] = {[IMAGE_OK] = "ok",
	[IMAGE_FOREIGN] = "foreign",
	[IMAGE_CUT] = "cut",
	[IMAGE_BROKEN] = "broken",
	[IMAGE_NO_EDNS] = "no edns",
	[IMAGE_REFUSED] = "refused"};

/* The reply made of i as text. It lives until the next call. */
static const char *told(const struct forward_question *q, const struct image *i)
{
	static char text[DNS_MESSAGE_MAX * 4];
	static uint8_t reply[DNS_MESSAGE_MAX];
	struct buf out = {.data = NULL};
	char name[DNAME_TEXT];
	struct asker a;
	size_t len;

	dname_to_text(q->name.wire, name);
	asker_init(&a, name, q, 0, NULL, NULL, DNS_MESSAGE_MAX);
	len = forward_reply(&a.request, i, &(struct forward_saying){.rcode = i->rcode},
		reply);
	oracle_describe(reply, len, &out);
	cr_assert_lt(out.len, sizeof(text));
	strcpy(text, buf_text(&out));
	buf_free(&out);
	return text;
}

/* From memory of its length. */
static enum image_verdict read_octets(const struct forward_question *q, uint16_t id,
	const uint8_t *message, size_t len, struct image **out)
{
	uint8_t *exact = xmemdup(message, len > 0 ? len : 1);
	enum image_verdict v;

	*out = NULL;
	v = image_read(q, id, exact, len, out);
	free(exact);
	cr_assert_eq(v == IMAGE_OK, *out != NULL);
	return v;
}

static struct image *read_said(const struct forward_question *q, const char *text)
{
	static uint8_t message[DNS_MESSAGE_MAX];
	size_t len = said(text, message);
	struct image *i;

	cr_assert_eq(read_octets(q, SAID_ID, message, len, &i), IMAGE_OK, "%s", text);
	return i;
}

/* text, an upstream's message, becomes an image that may be kept for ttl seconds, and this reply. */
static void check(const struct forward_question *q, const char *text, const char *want,
	uint32_t ttl)
{
	struct image *i = read_said(q, text);

	cr_assert_str_eq(told(q, i), want);
	cr_assert_eq(i->ttl, ttl, "it is kept for %u s", i->ttl);
	cr_assert_eq(image_size(i), sizeof(*i) +
					    image_records(i) * sizeof(i->record[0]) +
					    (i->end - i->begin));
	free(i);
}

static void check_not(const struct forward_question *q, const char *text,
	enum image_verdict want)
{
	static uint8_t message[DNS_MESSAGE_MAX];
	size_t len = said(text, message);
	struct image *i;
	enum image_verdict v = read_octets(q, SAID_ID, message, len, &i);

	free(i);
	cr_assert_eq(v, want, "%s: %s", verdicts[v], text);
}

static void check_octets(const struct forward_question *q, const char *text,
	enum image_verdict want)
{
	static uint8_t message[DNS_MESSAGE_MAX];
	size_t len = octets(text, message, sizeof(message));
	struct image *i;
	enum image_verdict v = read_octets(q, SAID_ID, message, len, &i);

	free(i);
	cr_assert_eq(v, want, "%s: %s", verdicts[v], text);
}

#define SOA_TEXT    "ns.example. host.example. 1 2 3 4 "
#define WWW         "? www.example.com. A\n"
#define WWW_AT(ttl) "= www.example.com. " ttl " A 192.0.2.1\n"
#define OK          "NOERROR qr rd ra\n"
#define NX          "NXDOMAIN qr rd ra\n"

static struct forward_question www(void)
{
	return asked_for("www.example.com", DNS_A);
}

/* ---- answers ---------------------------------------------------------------------------------- */

Test(image, an_answer_is_taken_over)
{
	struct forward_question q = www();

	check(&q, "NOERROR ra\n" WWW WWW_AT("60"), OK WWW WWW_AT("60"), 60);
	check(&q, "NOERROR aa ad ra edns\n" WWW WWW_AT("0"), OK WWW WWW_AT("0"), 0);
	check(&q, "NOERROR\n" WWW WWW_AT("86400"), OK WWW WWW_AT("86400"), 86400);
	check(&q, "NOERROR\n" WWW WWW_AT("60") "= www.example.com. 50 A 192.0.2.2\n",
		OK WWW WWW_AT("60") "= www.example.com. 50 A 192.0.2.2\n", 50);
	q = asked_for(".", DNS_NS);
	check(&q, "NOERROR\n? . NS\n= . 9 NS a.root.\n",
		OK "? . NS\n= . 9 NS a.root.\n", 9);
	/* RFC 8767 s4: longer than a day is not believed. */
	q = www();
	check(&q, "NOERROR\n" WWW WWW_AT("604800"), OK WWW WWW_AT("604800"), 86400);
}

Test(image, the_name_may_come_in_any_case)
{
	struct forward_question q = asked_for("WWW.example.COM", DNS_A);

	check(&q, "NOERROR\n? wWw.eXample.com. A\n= WWW.EXAMPLE.COM. 60 A 192.0.2.1\n",
		OK WWW WWW_AT("60"), 60);
}

Test(image, types_and_data_are_passed_on_whatever_they_are)
{
	struct forward_question q = asked_for("x.example", 65400);

	check(&q,
		"NOERROR\n? x.example. TYPE65400\n= x.example. 5 TYPE65400 \\# 2 "
		"c00c\n",
		OK "? x.example. TYPE65400\n= x.example. 5 TYPE65400 \\# 2 c00c\n", 5);
	q = asked_for("x.example", DNS_ANY);
	check(&q,
		"NOERROR\n? x.example. ANY\n= x.example. 5 A 192.0.2.1\n"
		"= x.example. 6 MX 1 y.example.\n= y.example. 6 A 192.0.2.2\n",
		OK "? x.example. ANY\n= x.example. 5 A 192.0.2.1\n"
		   "= x.example. 6 MX 1 y.example.\n",
		5);
}

Test(image, a_chain_is_followed_in_whatever_order_it_comes)
{
	struct forward_question q = www();
	static const char want[] = OK WWW "= www.example.com. 60 CNAME a.example.net.\n"
					  "= a.example.net. 50 CNAME b.example.org.\n"
					  "= b.example.org. 40 A 192.0.2.1\n"
					  "= b.example.org. 40 A 192.0.2.2\n";

	check(&q,
		"NOERROR\n" WWW "= www.example.com. 60 CNAME a.example.net.\n"
		"= a.example.net. 50 CNAME b.example.org.\n"
		"= b.example.org. 40 A 192.0.2.1\n= b.example.org. 40 A 192.0.2.2\n",
		want, 40);
	check(&q,
		"NOERROR\n" WWW "= b.example.org. 40 A 192.0.2.1\n"
		"= a.example.net. 50 CNAME b.example.org.\n"
		"= b.example.org. 40 A 192.0.2.2\n"
		"= www.example.com. 60 CNAME a.example.net.\n",
		want, 40);
	q.type = DNS_CNAME;
	check(&q,
		"NOERROR\n? www.example.com. CNAME\n"
		"= www.example.com. 60 CNAME a.example.net.\n"
		"= a.example.net. 50 CNAME b.example.org.\n",
		OK "? www.example.com. CNAME\n"
		   "= www.example.com. 60 CNAME a.example.net.\n",
		60);
}

Test(image, a_chain_that_does_not_end_is_no_answer)
{
	struct forward_question q = www();
	char text[4000];
	int at;

	check_not(&q, "NOERROR\n" WWW "= www.example.com. 60 CNAME www.example.com.\n",
		IMAGE_BROKEN);
	check_not(&q,
		"NOERROR\n" WWW "= www.example.com. 60 CNAME a.example.com.\n"
		"= a.example.com. 60 CNAME www.example.com.\n",
		IMAGE_BROKEN);
	/* Sixteen are followed, seventeen are not. */
	for (int links = 16; links <= 17; links++) {
		struct image *i;
		static uint8_t message[DNS_MESSAGE_MAX];
		size_t len;

		at = sprintf(text, "NOERROR\n" WWW "= www.example.com. 9 CNAME c1.\n");
		for (int n = 1; n < links; n++)
			at += sprintf(text + at, "= c%d. 9 CNAME c%d.\n", n, n + 1);
		sprintf(text + at, "= c%d. 9 A 192.0.2.1\n", links);
		len = said(text, message);
		cr_assert_eq(read_octets(&q, SAID_ID, message, len, &i),
			links == 16 ? IMAGE_OK : IMAGE_BROKEN);
		if (i != NULL)
			cr_assert_eq(i->n_answer, 17);
		free(i);
	}
}

Test(image, two_cnames_at_a_name_are_no_answer)
{
	struct forward_question q = www();

	check_not(&q,
		"NOERROR\n" WWW "= www.example.com. 60 CNAME a.example.com.\n"
		"= www.example.com. 60 CNAME b.example.com.\n"
		"= a.example.com. 60 A 192.0.2.1\n",
		IMAGE_BROKEN);
}

/* ---- what is not there ------------------------------------------------------------------------ */

Test(image, a_name_that_is_not_there_is_kept_as_long_as_its_soa_says)
{
	struct forward_question q = www();

	check(&q, "NXDOMAIN\n" WWW "- example.com. 100 SOA " SOA_TEXT "30\n",
		NX WWW "- example.com. 30 SOA " SOA_TEXT "30\n", 30);
	check(&q, "NXDOMAIN\n" WWW "- com. 20 SOA " SOA_TEXT "30\n",
		NX WWW "- com. 20 SOA " SOA_TEXT "30\n", 20);
	check(&q, "NXDOMAIN\n" WWW "- . 90000 SOA " SOA_TEXT "90000\n",
		NX WWW "- . 90000 SOA " SOA_TEXT "90000\n", 3600);
	check(&q, "NOERROR\n" WWW "- www.example.com. 100 SOA " SOA_TEXT "0\n",
		OK WWW "- www.example.com. 0 SOA " SOA_TEXT "0\n", 0);
	check(&q, "NOERROR aa\n" WWW "- example.com. 100 SOA " SOA_TEXT "30\n",
		OK WWW "- example.com. 30 SOA " SOA_TEXT "30\n", 30);
	/* RFC 2308 s5: without one, it is not kept. */
	check(&q, "NXDOMAIN\n" WWW, NX WWW, 0);
	check(&q, "NOERROR\n" WWW, OK WWW, 0);
}

Test(image, the_soa_belongs_to_the_end_of_the_chain)
{
	struct forward_question q = www();

	check(&q,
		"NXDOMAIN\n" WWW "= www.example.com. 60 CNAME a.example.net.\n"
		"- example.net. 100 SOA " SOA_TEXT "30\n",
		NX WWW "= www.example.com. 60 CNAME a.example.net.\n"
		       "- example.net. 30 SOA " SOA_TEXT "30\n",
		30);
	check(&q,
		"NXDOMAIN\n" WWW "= www.example.com. 60 CNAME a.example.net.\n"
		"- example.com. 100 SOA " SOA_TEXT "30\n",
		NX WWW "= www.example.com. 60 CNAME a.example.net.\n", 0);
	check(&q, "NXDOMAIN\n" WWW "- below.www.example.com. 100 SOA " SOA_TEXT "30\n",
		NX WWW, 0);
	check_not(&q,
		"NXDOMAIN\n" WWW "- example.com. 100 SOA " SOA_TEXT "30\n"
		"- com. 100 SOA " SOA_TEXT "30\n",
		IMAGE_BROKEN);
}

Test(image, who_only_knows_who_to_ask_is_of_no_use)
{
	struct forward_question q = www();

	check_not(&q,
		"NOERROR\n" WWW "- com. 100 NS a.gtld.\n+ a.gtld. 9 A 192.0.2.9\n",
		IMAGE_REFUSED);
	check_not(&q,
		"NOERROR\n" WWW "= www.example.com. 60 CNAME a.example.net.\n"
		"- example.net. 100 NS a.gtld.\n",
		IMAGE_REFUSED);
	/* With AA, it is of nothing there. */
	check(&q, "NOERROR aa\n" WWW "- example.com. 100 NS a.gtld.\n", OK WWW, 0);
}

/* ---- what is left behind ---------------------------------------------------------------------- */

Test(image, what_was_not_asked_for_is_left_behind)
{
	struct forward_question q = www();

	check(&q,
		"NOERROR ra\n" WWW "= bank.example. 9 A 192.0.2.66\n" WWW_AT(
			"60") "= www.example.com. 9 AAAA 2001:db8::66\n"
			      "= www.example.com. 9 CH A 192.0.2.66\n"
			      "= example.com. 9 NS evil.example.\n"
			      "- example.com. 9 NS evil.example.\n"
			      "- bank.example. 9 NS evil.example.\n"
			      "- example.com. 9 SOA " SOA_TEXT "30\n"
			      "+ evil.example. 9 A 192.0.2.66\n"
			      "+ bank.example. 9 A 192.0.2.66\n",
		OK WWW WWW_AT("60"), 60);
}

Test(image, addresses_of_services_come_along)
{
	struct forward_question q = asked_for("_s._tcp.example.com", DNS_SRV);
	static const char want[] =
		OK "? _s._tcp.example.com. SRV\n"
		   "= _s._tcp.example.com. 60 SRV 1 2 80 a.example.com.\n"
		   "= _s._tcp.example.com. 60 SRV 1 2 80 b.example.com.\n"
		   "+ a.example.com. 50 A 192.0.2.1\n"
		   "+ b.example.com. 40 AAAA 2001:db8::1\n";

	check(&q,
		"NOERROR\n? _s._tcp.example.com. SRV\n"
		"= _s._tcp.example.com. 60 SRV 1 2 80 a.example.com.\n"
		"= _s._tcp.example.com. 60 SRV 1 2 80 b.example.com.\n"
		"- example.com. 9 NS ns.example.com.\n"
		"+ A.example.com. 50 A 192.0.2.1\n"
		"+ a.example.com. 9 TXT \"no\"\n"
		"+ b.example.com. 40 AAAA 2001:db8::1\n"
		"+ ns.example.com. 9 A 192.0.2.9\n",
		want, 40);
	q = asked_for("example.com", DNS_MX);
	check(&q,
		"NOERROR\n? example.com. MX\n= example.com. 60 MX 1 a.example.com.\n"
		"+ a.example.com. 50 A 192.0.2.1\n+ c.example.com. 9 A 192.0.2.1\n",
		OK "? example.com. MX\n= example.com. 60 MX 1 a.example.com.\n"
		   "+ a.example.com. 50 A 192.0.2.1\n",
		50);
}

/* Who gives a name must itself be part of the answer. */
Test(image, addresses_of_services_that_nobody_asked_for_stay)
{
	struct forward_question q = asked_for("example.com", DNS_MX);

	check(&q,
		"NOERROR\n? example.com. MX\n= example.com. 60 MX 1 a.example.com.\n"
		"= evil.example. 60 MX 1 bank.example.\n"
		"= example.com. 60 SRV 1 2 3 bank.example.\n"
		"+ bank.example. 9 A 192.0.2.66\n",
		OK "? example.com. MX\n= example.com. 60 MX 1 a.example.com.\n", 60);
}

/* ---- DNSSEC ----------------------------------------------------------------------------------- */

#define SIGNED(owner, type)                                                            \
	owner " 60 RRSIG " type                                                        \
	      " 8 3 60 20300101000000 20200101000000 1 example.com. AAAA\n"

Test(image, signatures_come_with_do_and_only_then)
{
	struct forward_question q = www();
	static const char text[] =
		"NOERROR edns\n" WWW WWW_AT("60") "= " SIGNED("www.example.com.",
			"A") "= " SIGNED("www.example.com.", "AAAA");

	check(&q, text, OK WWW WWW_AT("60"), 60);
	q.dnssec_ok = true;
	check(&q, text, OK WWW WWW_AT("60") "= " SIGNED("www.example.com.", "A"), 60);
}

Test(image, what_proves_that_nothing_is_there_comes_with_do)
{
	struct forward_question q = www();
	static const char text[] =
		"NXDOMAIN edns\n" WWW "- example.com. 60 SOA " SOA_TEXT "60\n"
		"- " SIGNED("example.com.",
			"SOA") "- a.example.com. 60 NSEC z.example.com. A RRSIG NSEC \n"
			       "- " SIGNED("a.example.com.",
				       "NSEC") "- example.com. 9 NS ns.example.com.\n";
	struct image *i = read_said(&q, text);

	cr_assert_eq(i->n_authority, 1);
	free(i);
	q.dnssec_ok = true;
	i = read_said(&q, text);
	cr_assert_eq(i->n_authority, 4, "%s", told(&q, i));
	cr_assert_eq(i->ttl, 60);
	free(i);
	q.type = DNS_RRSIG;
	q.dnssec_ok = false;
	check(&q,
		"NOERROR\n? www.example.com. RRSIG\n= " SIGNED("www.example.com.", "A"),
		OK "? www.example.com. RRSIG\n= " SIGNED("www.example.com.", "A"), 60);
}

Test(image, a_dname_comes_with_do_beside_the_cname_it_makes)
{
	struct forward_question q = www();
	static const char text[] =
		"NOERROR edns\n" WWW "= example.com. 60 DNAME example.net.\n"
		"= example.org. 60 DNAME example.net.\n"
		"= www.example.com. 60 CNAME www.example.net.\n"
		"= www.example.net. 60 A 192.0.2.1\n";

	check(&q, text,
		OK WWW "= www.example.com. 60 CNAME www.example.net.\n"
		       "= www.example.net. 60 A 192.0.2.1\n",
		60);
	q.dnssec_ok = true;
	check(&q, text,
		OK WWW "= example.com. 60 DNAME example.net.\n"
		       "= www.example.com. 60 CNAME www.example.net.\n"
		       "= www.example.net. 60 A 192.0.2.1\n",
		60);
}

/* ---- what is no answer ------------------------------------------------------------------------ */

#define HEAD(flags, counts) "1234 " flags " " counts " "
#define Q_WWW               "@www.example.com 0001 0001 "
#define A_WWW               "c00c 0001 0001 0000003c 0004 c0000201 "

Test(image, a_reply_is_to_the_question)
{
	struct forward_question q = www();
	struct image *i;
	uint8_t message[200];
	size_t len = octets(HEAD("8180", "0001 0001 0000 0000") Q_WWW A_WWW, message,
		sizeof(message));

	cr_assert_eq(read_octets(&q, SAID_ID, message, len, &i), IMAGE_OK);
	free(i);
	for (uint32_t id = 0; id <= 0xFFFF; id++) {
		enum image_verdict v;

		if (id == SAID_ID)
			continue;
		v = image_read(&q, (uint16_t)id, message, len, &i);
		cr_assert_eq(v, IMAGE_FOREIGN, "id %u", id);
	}
	check_octets(&q, HEAD("0180", "0001 0001 0000 0000") Q_WWW A_WWW,
		IMAGE_FOREIGN);
	check_octets(&q, HEAD("a180", "0001 0001 0000 0000") Q_WWW A_WWW,
		IMAGE_FOREIGN);
	check_octets(&q, HEAD("8180", "0000 0001 0000 0000") A_WWW, IMAGE_FOREIGN);
	check_octets(&q, HEAD("8180", "0002 0001 0000 0000") Q_WWW Q_WWW A_WWW,
		IMAGE_FOREIGN);
	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0000") "@www.example.net 0001 0001" A_WWW,
		IMAGE_FOREIGN);
	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0000") "@example.com 0001 0001" A_WWW,
		IMAGE_FOREIGN);
	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0000") "@www.example.com 001c 0001" A_WWW,
		IMAGE_FOREIGN);
	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0000") "@www.example.com 0001 0003" A_WWW,
		IMAGE_FOREIGN);
	check_octets(&q, HEAD("8183", "0000 0000 0000 0000"), IMAGE_FOREIGN);
}

Test(image, a_reply_that_is_cut_anywhere_is_none)
{
	struct forward_question q = www();
	uint8_t message[300];
	size_t len = octets(HEAD("8180", "0001 0002 0001 0001") Q_WWW A_WWW A_WWW
		"c010 0006 0001 0000003c 0018 c00c c00c {20 01}"
		"00 0029 04d0 00000000 0000",
		message, sizeof(message));
	struct image *i;

	for (size_t n = 0; n <= len; n++) {
		enum image_verdict v = read_octets(&q, SAID_ID, message, n, &i);
		enum image_verdict want = n < 12 + 21 ? IMAGE_FOREIGN
					  : n < len   ? IMAGE_BROKEN
						      : IMAGE_OK;

		free(i);
		cr_assert_eq(v, want, "%zu octets: %s", n, verdicts[v]);
	}
}

/* A chain may end at a name that is not there; its end, or anything else, is not there then. */
Test(image, a_name_that_is_not_there_has_no_records)
{
	struct forward_question q = www();
	struct forward_question alias = asked_for("www.example.com", DNS_CNAME);
	struct forward_question any = asked_for("www.example.com", DNS_ANY);
	static const char *const bad[] = {"= www.example.com. 60 A 192.0.2.1\n",
		"= www.example.net. 60 A 192.0.2.1\n", "= www.example.com. 60 TXT a\n",
		("= www.example.com. 60 CNAME a.example.net.\n"
		 "= a.example.net. 60 A 192.0.2.1\n")};
	char text[400];

	for (size_t i = 0; i < CMAP_COUNT(bad); i++) {
		snprintf(text, sizeof(text),
			"NXDOMAIN\n" WWW "%s- . 60 SOA " SOA_TEXT "60\n", bad[i]);
		check_not(&q, text, IMAGE_BROKEN);
	}
	check(&q,
		"NXDOMAIN\n" WWW "= www.example.com. 60 CNAME a.example.net.\n"
		"= b.example.org. 60 A 192.0.2.1\n- net. 60 SOA " SOA_TEXT "60\n",
		NX WWW "= www.example.com. 60 CNAME a.example.net.\n"
		       "- net. 60 SOA " SOA_TEXT "60\n",
		60);
	check_not(&alias,
		"NXDOMAIN\n? www.example.com. CNAME\n"
		"= www.example.com. 60 CNAME a.example.net.\n",
		IMAGE_BROKEN);
	check_not(&any,
		"NXDOMAIN\n? www.example.com. ANY\n= www.example.com. 60 TXT a\n",
		IMAGE_BROKEN);
}

Test(image, a_truncated_reply_is_cut)
{
	struct forward_question q = www();

	check_not(&q, "NOERROR tc\n" WWW WWW_AT("60"), IMAGE_CUT);
	check_not(&q, "NOERROR tc\n" WWW, IMAGE_CUT);
	check_not(&q, "NXDOMAIN tc\n" WWW, IMAGE_CUT);
}

Test(image, other_rcodes_are_no_answer)
{
	struct forward_question q = www();

	check_not(&q, "SERVFAIL\n" WWW, IMAGE_REFUSED);
	check_not(&q, "REFUSED edns\n" WWW, IMAGE_REFUSED);
	check_not(&q, "NOTAUTH\n" WWW WWW_AT("60"), IMAGE_REFUSED);
	check_not(&q, "FORMERR\n" WWW, IMAGE_NO_EDNS);
	check_not(&q, "NOTIMPL\n" WWW, IMAGE_NO_EDNS);
	check_not(&q, "FORMERR edns\n" WWW, IMAGE_REFUSED);
	check_not(&q, "NOTIMPL edns\n" WWW, IMAGE_REFUSED);
	/* The upper bits are in the OPT record. */
	check_not(&q, "NOERROR edns extended=1\n" WWW WWW_AT("60"), IMAGE_NO_EDNS);
	check_not(&q, "NXDOMAIN edns extended=1\n" WWW, IMAGE_REFUSED);
	check_not(&q, "NOERROR edns extended=127\n" WWW WWW_AT("60"), IMAGE_REFUSED);
	check_not(&q, "NOERROR edns extended=128\n" WWW WWW_AT("60"), IMAGE_REFUSED);
	check_not(&q, "NOERROR edns extended=255\n" WWW WWW_AT("60"), IMAGE_REFUSED);
}

Test(image, a_message_with_odd_opt_records_is_none)
{
	struct forward_question q = www();

	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0002") Q_WWW A_WWW
		"{2 00 0029 04d0 00000000 0000}",
		IMAGE_BROKEN);
	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0001") Q_WWW A_WWW
		"c00c 0029 04d0 00000000 0000",
		IMAGE_BROKEN);
	check_octets(&q,
		HEAD("8180", "0001 0002 0000 0000") Q_WWW A_WWW
		"00 0029 04d0 00000000 0000",
		IMAGE_BROKEN);
	check_octets(&q,
		HEAD("8180", "0001 0001 0001 0000") Q_WWW A_WWW
		"00 0029 04d0 00000000 0000",
		IMAGE_BROKEN);
}

Test(image, records_that_do_not_parse_are_no_answer)
{
	struct forward_question q = www();

	/* An A record of 0, 3 and 5 octets. */
	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0000") Q_WWW
		"c00c 0001 0001 0000003c 0000",
		IMAGE_BROKEN);
	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0000") Q_WWW
		"c00c 0001 0001 0000003c 0003 c00002",
		IMAGE_BROKEN);
	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0000") Q_WWW
		"c00c 0001 0001 0000003c 0005 c000020100",
		IMAGE_BROKEN);
	/* CNAMEs to nowhere, and one with an octet to spare. */
	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0000") Q_WWW
		"c00c 0005 0001 0000003c 0000",
		IMAGE_BROKEN);
	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0000") Q_WWW
		"c00c 0005 0001 0000003c 0002 c0ff",
		IMAGE_BROKEN);
	check_octets(&q,
		HEAD("8180", "0001 0001 0000 0000") Q_WWW
		"c00c 0005 0001 0000003c 0003 c01000",
		IMAGE_BROKEN);
	/* A SOA that is too short for its MINIMUM. */
	check_octets(&q,
		HEAD("8183", "0001 0000 0001 0000") Q_WWW
		"c010 0006 0001 0000003c 0014 00 00 {18 01}",
		IMAGE_BROKEN);
	check_octets(&q,
		HEAD("8183", "0001 0000 0001 0000") Q_WWW
		"c010 0006 0001 0000003c 0017 00 00 {21 01}",
		IMAGE_BROKEN);
	/* A record behind the last. */
	check_octets(&q, HEAD("8180", "0001 ffff 0000 0000") Q_WWW A_WWW, IMAGE_BROKEN);
}

/* ---- sizes ------------------------------------------------------------------------------------ */

#define SIXTY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG  SIXTY "aa." SIXTY "aa." SIXTY "aa." SIXTY /* 255 octets */

/* A message of n records of that text behind the question, and what it makes. Returns the verdict. */
static enum image_verdict read_many(const struct forward_question *q, unsigned int n,
	const char *record, struct image **out)
{
	static uint8_t message[DNS_MESSAGE_MAX];
	char *text = xasprintf("1234 8180 0001 %04x 0000 0000 @a %04x 0001 {%u %s}", n,
		q->type, n, record);
	size_t len = octets(text, message, sizeof(message));

	free(text);
	return read_octets(q, SAID_ID, message, len, out);
}

Test(image, a_message_may_have_64_kib)
{
	struct forward_question q = asked_for("a", DNS_A);
	struct image *i;

	cr_assert_eq(read_many(&q, 4094, "c00c 0001 0001 0000003c 0004 c0000201", &i),
		IMAGE_OK);
	cr_assert_eq(i->n_answer, 4094);
	cr_assert_eq(i->n_ring, 4094);
	cr_assert_eq(i->end, 19 + 4094 * 16);
	cr_assert_not_null(strstr(told(&q, i), "192.0.2.1"));
	free(i);
	/* The most records that there can be. */
	q.type = 65400;
	cr_assert_eq(read_many(&q, 5459, "c00c ff78 0001 0000003c 0000", &i), IMAGE_OK);
	cr_assert_eq(i->n_answer, 5459);
	cr_assert_eq(i->n_ring, 0);
	free(i);
	q = asked_for(".", 65400);
	{
		static uint8_t message[DNS_MESSAGE_MAX];
		size_t len = octets("1234 8180 0001 1744 0000 0000 00 ff78 0001"
				    "{5956 00 ff78 0001 0000003c 0000}",
			message, sizeof(message));

		cr_assert_eq(read_octets(&q, SAID_ID, message, len, &i), IMAGE_OK);
		cr_assert_eq(i->n_answer, 5956);
		free(i);
	}
	/* Names that are written whole would make it longer than any message. */
	q = asked_for(LONG, DNS_SRV);
	check_octets(&q,
		"1234 8180 0001 012c 0000 0000 {3 3f {63 'a'}} 3d {61 'a'} 00 0021 0001"
		"{300 c00c 0021 0001 0000003c 0008 {3 0001} c00c}",
		IMAGE_BROKEN);
}

static void check_ring(const char *text, uint16_t n, uint16_t size)
{
	struct forward_question q = www();
	struct image *i;

	q.type = DNS_ANY;
	i = read_said(&q, text);
	cr_assert_eq(i->n_ring, n, "%s: %u", text, i->n_ring);
	cr_assert_eq(i->ring_size, size);
	free(i);
}

Test(image, addresses_at_the_end_can_change_places)
{
#define ANY_WWW "NOERROR\n? www.example.com. ANY\n"
	check_ring(ANY_WWW WWW_AT("60"), 1, 16);
	check_ring(ANY_WWW WWW_AT("60") WWW_AT("60"), 2, 16);
	check_ring(ANY_WWW "= www.example.com. 1 TXT \"t\"\n" WWW_AT("60"), 1, 16);
	check_ring(ANY_WWW WWW_AT("60") "= www.example.com. 1 TXT \"t\"\n", 0, 0);
	check_ring(ANY_WWW WWW_AT("60") "= www.example.com. 1 AAAA 2001:db8::1\n", 1,
		28);
	check_ring(ANY_WWW "= www.example.com. 1 AAAA 2001:db8::1\n"
			   "= www.example.com. 1 AAAA 2001:db8::2\n",
		2, 28);
}

/* ---- time ------------------------------------------------------------------------------------- */

/*
 * A message that costs as much as it can: a chain of n pointers, to whose end the owners of all records point; names
 * that are given, and addresses of another. Returns its octets.
 */
static size_t make_costly(int n, uint8_t m[DNS_MESSAGE_MAX])
{
	size_t at = octets("1234 8180 0001 0000 0000 0000 @a 000f 0001", m,
		DNS_MESSAGE_MAX);
	uint16_t answers = 1, additional = 0;
	uint16_t previous = DNS_HEADER_LEN;

	/* Data of a TXT record: pointers, each to the one before. */
	at += octets("00 0010 0001 0000003c 0000", m + at, DNS_MESSAGE_MAX - at);
	dns_put16(m + at - 2, (uint16_t)(2 * n));
	for (; n > 0; n--, at += 2) {
		dns_put16(m + at, (uint16_t)(DNS_POINTER | previous));
		previous = (uint16_t)at;
	}
	for (; at + 17 < DNS_MESSAGE_MAX / 2; answers++, at += 17) {
		octets("0000 000f 0001 0000003c 0005 0001 01'b' 00", m + at, 17);
		dns_put16(m + at, (uint16_t)(DNS_POINTER | previous));
	}
	for (; at + 16 < DNS_MESSAGE_MAX; additional++, at += 16) {
		octets("0000 0001 0001 0000003c 0004 c0000201", m + at, 16);
		dns_put16(m + at, (uint16_t)(DNS_POINTER | previous));
	}
	dns_put16(m + 6, answers);
	dns_put16(m + 10, additional);
	return at;
}

/* How long it takes to read, in CPU time. */
static int64_t read_ms(const struct forward_question *q, const uint8_t *m, size_t len,
	struct image **out)
{
	struct timespec begin, end;

	*out = NULL;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	(void)!image_read(q, SAID_ID, m, len, out);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	return (end.tv_sec - begin.tv_sec) * 1000 +
	       (end.tv_nsec - begin.tv_nsec) / 1000000;
}

/* Names of as many labels as there can be, of which hardly any tail has been written before: CVE-2024-8508. */
Test(image, names_made_to_be_compressed_cost_no_time)
{
	enum { N = 240, AT = 19, LONG_LEN = 253, PTR_FIXED = 12 };
	struct forward_question q = asked_for("a", DNS_PTR);
	static uint8_t m[DNS_MESSAGE_MAX];
	size_t at = octets("1234 8180 0001 00f0 0000 0000 @a 000c 0001"
			   "c00c 000c 0001 0000003c 00fd {126 01'x'} 00"
			   "c00c 000c 0001 0000003c 00fd {126 01'y'} 00",
		m, sizeof(m));
	struct image *i;

	for (int n = 2; n < N; n++) {
		at += octets("c00c 000c 0001 0000003c 0004 01'z' 0000", m + at,
			sizeof(m) - at);
		m[at - 3] = (uint8_t)n;
		dns_put16(m + at - 2,
			DNS_POINTER | (AT + PTR_FIXED + LONG_LEN + PTR_FIXED + 2));
	}
	cr_assert_lt(read_ms(&q, m, at, &i), 400);
	cr_assert_not_null(i);
	cr_assert_eq(i->n_answer, N);
	cr_assert_not_null(strstr(told(&q, i), "y.y.y."));
	free(i);
}

/* Whoever makes one does not hold up the forwarder. */
Test(image, a_message_made_to_cost_time_does_not)
{
	static const int hops[] = {1, 126, 7000};
	struct forward_question q = asked_for("a", DNS_MX);
	static uint8_t m[DNS_MESSAGE_MAX];

	for (size_t k = 0; k < CMAP_COUNT(hops); k++) {
		size_t len = make_costly(hops[k], m);
		struct image *i;

		cr_assert_lt(read_ms(&q, m, len, &i), 500, "%d pointers", hops[k]);
		cr_assert_eq(i != NULL, hops[k] < 127);
		cr_assert(i == NULL || i->n_additional == 0);
		free(i);
	}
}
