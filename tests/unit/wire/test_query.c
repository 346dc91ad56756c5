/* SPDX-License-Identifier: MIT */
#include "wire/query.h"

#include <stdlib.h>
#include <time.h>

#include "octets.h"
#include "rng.h"
#include "test.h"

/* A header of one question, no flags; ARCOUNT follows. */
#define HEADER "1234 0000 0001 0000 0000 "
#define WEB_A  " @web.local 0001 0001 "
#define OPT    " 00 0029 "

/* query_parse() of exactly the octets of text, in memory of their length. */
static enum query_verdict parse(const char *text, struct query *q, uint8_t **message)
{
	uint8_t out[70000];
	size_t len = octets(text, out, sizeof(out));

	*message = malloc(len > 0 ? len : 1);
	memcpy(*message, out, len);
	return query_parse(*message, len, q);
}

static enum query_verdict verdict(const char *text)
{
	struct query q;
	uint8_t *message;
	enum query_verdict v = parse(text, &q, &message);

	free(message);
	return v;
}

Test(query, reads_a_plain_question)
{
	struct query q;
	uint8_t *m;

	cr_assert_eq(parse("abcd 0130 0001 0000 0000 0000 @Web.LOCAL 001c 00ff", &q,
			     &m),
		QUERY_ANSWER);
	cr_assert_eq(q.id, 0xabcd);
	cr_assert_eq(q.flags, 0x0130);
	cr_assert_eq(q.qtype, DNS_AAAA);
	cr_assert_eq(q.qclass, DNS_CLASS_ANY);
	cr_assert_eq(q.udp_size, 512);
	cr_assert_not(q.has_edns);
	cr_assert_not(q.dnssec_ok);
	cr_assert_eq(q.edns_version, 0);
	cr_assert_eq(q.qname, m + 12);
	cr_assert_eq(q.qname_len, 11);
	cr_assert_arr_eq(q.qname, "\003Web\005LOCAL", 11, "as it came");
	cr_assert_arr_eq(q.name, "\003web\005local", 11, "in lower case");
	cr_assert_eq(query_question_len(&q), 15);
	free(m);
}

Test(query, reads_edns)
{
	static const struct {
		const char *opt;
		uint16_t size;
		uint8_t version;
		bool dnssec_ok;
	} cases[] = {
		{OPT "04d0 00000000 0000", 1232, 0, false},
		{OPT "04d0 00008000 0000", 1232, 0, true},
		{OPT "04d0 00007fff 0000", 1232, 0, false},
		{OPT "04d0 ff00ffff 0000", 1232, 0, true},
		{OPT "04d0 00010000 0000", 1232, 1, false},
		{OPT "04d0 00ff0000 0000", 1232, 255, false},
		{OPT "0000 00000000 0000", 512, 0, false},
		{OPT "01ff 00000000 0000", 512, 0, false},
		{OPT "0200 00000000 0000", 512, 0, false},
		{OPT "0201 00000000 0000", 513, 0, false},
		{OPT "ffff 00000000 0000", 65535, 0, false},
		{OPT "0200 00000000 0004 fde9 0000", 512, 0, false},
		{OPT "0200 00000000 0006 fde9 0002 6869", 512, 0, false},
		{OPT "0200 00000000 000c fde9 0002 6869 0003 0002 0000", 512, 0, false},
		{OPT "0200 00000000 00c8 {50 00030000}", 512, 0, false},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		char text[300] = HEADER "0001" WEB_A;
		struct query q;
		uint8_t *m;

		strcat(text, cases[i].opt);
		cr_assert_eq(parse(text, &q, &m), QUERY_ANSWER, "%s", cases[i].opt);
		cr_assert(q.has_edns, "%s", cases[i].opt);
		cr_assert_eq(q.udp_size, cases[i].size, "%s", cases[i].opt);
		cr_assert_eq(q.edns_version, cases[i].version, "%s", cases[i].opt);
		cr_assert_eq(q.dnssec_ok, cases[i].dnssec_ok, "%s", cases[i].opt);
		free(m);
	}
}

Test(query, judges)
{
	static const struct {
		const char *text;
		enum query_verdict verdict;
	} cases[] = {
		/* names */
		{HEADER "0000 00 0001 0001", QUERY_ANSWER},
		{HEADER "0000 {127 01 'a'} 00 0001 0001", QUERY_ANSWER},
		{HEADER "0000 {128 01 'a'} 00 0001 0001", QUERY_FORMERR},
		{HEADER "0000 3f {63 'a'} 00 0001 0001", QUERY_ANSWER},
		{HEADER "0000 {3 3f {63 'a'}} 3d {61 'a'} 00 0001 0001", QUERY_ANSWER},
		{HEADER "0000 {3 3f {63 'a'}} 3e {62 'a'} 00 0001 0001", QUERY_FORMERR},
		{HEADER "0000 04 00ff2e20 00 0001 0001", QUERY_ANSWER},
		{HEADER "0000 40 {64 'a'} 00 0001 0001", QUERY_FORMERR},
		{HEADER "0000 41 {65 'a'} 00 0001 0001", QUERY_FORMERR},
		{HEADER "0000 80 00 0001 0001", QUERY_FORMERR},
		{HEADER "0000 bf {63 'a'} 00 0001 0001", QUERY_FORMERR},
		/* pointers: to itself, onward, back to the header, to each other */
		{HEADER "0000 c00c 0001 0001", QUERY_FORMERR},
		{HEADER "0000 c00e 03 'web' 00 0001 0001", QUERY_FORMERR},
		{HEADER "0000 c000 0001 0001", QUERY_FORMERR},
		{HEADER "0000 03 'web' c00c 0001 0001", QUERY_FORMERR},
		{HEADER "0000 c00e c00c 0001 0001", QUERY_FORMERR},
		{HEADER "0000 ffff 0001 0001", QUERY_FORMERR},
		{HEADER "0000 03 'web' c0", QUERY_FORMERR},
		/* a question cut short */
		{HEADER "0000", QUERY_FORMERR},
		{HEADER "0000 03 'we'", QUERY_FORMERR},
		{HEADER "0000 03 'web'", QUERY_FORMERR},
		{HEADER "0000 03 'web' 00", QUERY_FORMERR},
		{HEADER "0000 03 'web' 00 00", QUERY_FORMERR},
		{HEADER "0000 03 'web' 00 0001", QUERY_FORMERR},
		{HEADER "0000 03 'web' 00 0001 00", QUERY_FORMERR},
		/* counts */
		{"1234 0000 0000 0000 0000 0000", QUERY_FORMERR},
		{"1234 0000 0000 0000 0000 0000" WEB_A, QUERY_FORMERR},
		{"1234 0000 0002 0000 0000 0000" WEB_A WEB_A, QUERY_FORMERR},
		{"1234 0000 ffff 0000 0000 0000" WEB_A, QUERY_FORMERR},
		{"1234 0000 0001 0001 0000 0000" WEB_A, QUERY_FORMERR},
		{"1234 0000 0001 0000 0001 0000" WEB_A, QUERY_FORMERR},
		{"1234 0000 0001 0100 0000 0000" WEB_A, QUERY_FORMERR},
		{"1234 0000 0001 0000 0100 0000" WEB_A, QUERY_FORMERR},
		{HEADER "0001" WEB_A, QUERY_FORMERR},
		{HEADER "0002" WEB_A OPT "0200 00000000 0000", QUERY_FORMERR},
		{HEADER "ffff" WEB_A OPT "0200 00000000 0000", QUERY_FORMERR},
		/* octets behind what is counted */
		{HEADER "0000" WEB_A "00", QUERY_ANSWER},
		{HEADER "0000" WEB_A "{400 ff}", QUERY_ANSWER},
		{HEADER "0000" WEB_A OPT "0200 00000000 0000", QUERY_ANSWER},
		{HEADER "0001" WEB_A OPT "0200 00000000 0000 00", QUERY_ANSWER},
		/* OPT: two, not at the root, cut short, its length and its options' */
		{HEADER "0002" WEB_A OPT "0200 00000000 0000" OPT "0200 00000000 0000",
			QUERY_FORMERR},
		{HEADER "0001" WEB_A "01 'a' 00 0029 0200 00000000 0000",
			QUERY_FORMERR},
		{HEADER "0001" WEB_A "c00c 0029 0200 00000000 0000", QUERY_FORMERR},
		{HEADER "0001" WEB_A "00", QUERY_FORMERR},
		{HEADER "0001" WEB_A "00 0029", QUERY_FORMERR},
		{HEADER "0001" WEB_A OPT "0200 00000000 00", QUERY_FORMERR},
		{HEADER "0001" WEB_A OPT "0200 00000000 0001", QUERY_FORMERR},
		{HEADER "0001" WEB_A OPT "0200 00000000 ffff 00", QUERY_FORMERR},
		{HEADER "0001" WEB_A OPT "0200 00000000 0001 00", QUERY_FORMERR},
		{HEADER "0001" WEB_A OPT "0200 00000000 0003 000300", QUERY_FORMERR},
		{HEADER "0001" WEB_A OPT "0200 00000000 0004 0003 0001", QUERY_FORMERR},
		{HEADER "0001" WEB_A OPT "0200 00000000 0005 0003 0002 00",
			QUERY_FORMERR},
		{HEADER "0001" WEB_A OPT "0200 00000000 0006 0003 ffff 0000",
			QUERY_FORMERR},
		{HEADER "0001" WEB_A OPT "0200 00000000 0007 0003 0002 0000 00",
			QUERY_FORMERR},
		/* other records in the additional section are stepped over */
		{HEADER "0001" WEB_A "c00c 0001 0001 0000003c 0004 7f000001",
			QUERY_ANSWER},
		{HEADER "0001" WEB_A "@key 00fa 00ff 00000000 0000", QUERY_ANSWER},
		{HEADER "0001" WEB_A "03 'web' c00c 0001 0001 0000003c 0000",
			QUERY_ANSWER},
		{HEADER "0001" WEB_A "40 {64 'a'} 00 0001 0001 0000003c 0000",
			QUERY_FORMERR},
		{HEADER "0001" WEB_A "c0", QUERY_FORMERR},
		{HEADER "0001" WEB_A "03 'we'", QUERY_FORMERR},
		{HEADER "0001" WEB_A "c00c 0001 0001 0000003c 0005 7f000001",
			QUERY_FORMERR},
		{HEADER "0003" WEB_A "c00c 0001 0001 0000003c 0000" OPT
			"0200 00000000 0000 c00c 0001 0001 0000003c 0000",
			QUERY_ANSWER},
		/* opcodes */
		{"1234 0800 0001 0000 0000 0000" WEB_A, QUERY_NOTIMP},
		{"1234 2800 0001 0000 0000 0000" WEB_A, QUERY_NOTIMP},
		{"1234 7800 0000 0000 0000 0000", QUERY_NOTIMP},
		/* nothing is said to what is itself an answer */
		{"1234 8000 0001 0000 0000 0000" WEB_A, QUERY_SILENCE},
		{"1234 f800 0001 0000 0000 0000" WEB_A, QUERY_SILENCE},
		{"1234 ffff ffff ffff ffff ffff", QUERY_SILENCE},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++)
		cr_assert_eq(verdict(cases[i].text), cases[i].verdict, "%s: %d",
			cases[i].text, (int)verdict(cases[i].text));
}

Test(query, is_silent_below_12_octets)
{
	const uint8_t message[12] = {0x12, 0x34};
	struct query q;

	for (size_t len = 0; len < 12; len++)
		cr_assert_eq(query_parse(message, len, &q), QUERY_SILENCE, "%zu", len);
	cr_assert_eq(query_parse(message, 12, &q), QUERY_FORMERR);
}

Test(query, every_opcode_but_query_is_not_implemented)
{
	for (uint8_t opcode = 0; opcode < 16; opcode++) {
		uint8_t message[40];
		size_t len = octets(HEADER "0000" WEB_A, message, sizeof(message));
		struct query q;

		message[2] = (uint8_t)(opcode << 3);
		cr_assert_eq(query_parse(message, len, &q),
			opcode == 0 ? QUERY_ANSWER : QUERY_NOTIMP, "%u", opcode);
		cr_assert_eq(q.id, 0x1234);
		cr_assert_eq(q.flags >> 11, opcode);
	}
}

/* What an error reply is built from. */
Test(query, keeps_what_an_error_reply_needs)
{
	struct query q;
	uint8_t *m;

	/* The question parses, the OPT behind it does not: both are known. */
	cr_assert_eq(parse(HEADER "0001" WEB_A OPT "0400 00008000 0001 00", &q, &m),
		QUERY_FORMERR);
	cr_assert_eq(query_question_len(&q), 15);
	cr_assert(q.has_edns);
	cr_assert(q.dnssec_ok);
	cr_assert_eq(q.udp_size, 1024);
	free(m);
	/* No question that parses: nothing to echo. */
	cr_assert_eq(parse(HEADER "0000 c00c 0001 0001", &q, &m), QUERY_FORMERR);
	cr_assert_eq(query_question_len(&q), 0);
	cr_assert_not(q.has_edns);
	cr_assert_eq(q.udp_size, 512);
	free(m);
	cr_assert_eq(parse("1234 0000 0002 0000 0000 0000" WEB_A WEB_A, &q, &m),
		QUERY_FORMERR);
	cr_assert_eq(query_question_len(&q), 0);
	free(m);
}

/* An error whose message is laid out as messages are has an OPT if the message had one (RFC 6891 s6.1.1). */
Test(query, an_opt_is_found_in_what_is_not_answered)
{
#define SOME_OPT OPT "0400 00008000 0000"
#define RR       " c00c 0001 0001 0000003c 0004 7f000001 "
	static const struct {
		const char *text;
		enum query_verdict verdict;
		bool has_edns;
	} cases[] = {
		/* NOTIFY with its SOA, UPDATE with a prerequisite, STATUS without anything */
		{"1234 2000 0001 0001 0000 0001" WEB_A RR SOME_OPT, QUERY_NOTIMP, true},
		{"1234 2800 0001 0001 0001 0001" WEB_A RR RR SOME_OPT, QUERY_NOTIMP,
			true},
		{"1234 1000 0000 0000 0000 0001" SOME_OPT, QUERY_NOTIMP, true},
		{"1234 2000 0001 0000 0000 0000" WEB_A, QUERY_NOTIMP, false},
		{"1234 0000 0002 0000 0000 0001" WEB_A WEB_A SOME_OPT, QUERY_FORMERR,
			true},
		{"1234 0000 0001 0001 0000 0001" WEB_A RR SOME_OPT, QUERY_FORMERR,
			true},
		{"1234 0000 0001 0000 0002 0002" WEB_A RR RR RR SOME_OPT, QUERY_FORMERR,
			true},
		{HEADER "0001 c00c 0001 0001" SOME_OPT, QUERY_FORMERR, true},
		/* not in its place */
		{"1234 0000 0001 0001 0000 0000" WEB_A SOME_OPT, QUERY_FORMERR, false},
		{"1234 2000 0001 0000 0001 0000" WEB_A SOME_OPT, QUERY_NOTIMP, false},
		{"1234 2000 0001 0000 0000 0001" WEB_A
		 "01 'a' 00 0029 0400 00008000 0000",
			QUERY_NOTIMP, false},
		/* not laid out as a message: DSO, counts that lie */
		{"1234 3000 0000 0000 0000 0000 0001 0004 00000000", QUERY_NOTIMP,
			false},
		{"1234 2000 ffff ffff ffff ffff" WEB_A RR SOME_OPT, QUERY_NOTIMP,
			false},
		{"1234 0000 0003 0000 0000 0001" WEB_A WEB_A SOME_OPT, QUERY_FORMERR,
			false},
		{"1234 0000 0001 0002 0000 0001" WEB_A RR "c00c 0001 0001 0000003c",
			QUERY_FORMERR, false},
		{HEADER "0001 83 'web' 00 0001 0001" SOME_OPT, QUERY_FORMERR, false},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct query q;
		uint8_t *m;

		cr_assert_eq(parse(cases[i].text, &q, &m), cases[i].verdict, "%s",
			cases[i].text);
		cr_assert_eq(q.has_edns, cases[i].has_edns, "%s", cases[i].text);
		cr_assert_eq(q.dnssec_ok, cases[i].has_edns, "%s", cases[i].text);
		cr_assert_eq(query_question_len(&q), 0, "%s", cases[i].text);
		free(m);
	}
#undef SOME_OPT
#undef RR
}

#define COOKIE " 000a 0008 'abcdefgh' "

Test(query, notes_the_options_that_are_known)
{
	struct query q;
	uint8_t *m;

	cr_assert_eq(parse(HEADER "0001" WEB_A OPT "0200 00000000 0000", &q, &m),
		QUERY_ANSWER);
	cr_assert_null(q.cookie);
	cr_assert_not(q.wants_nsid);
	cr_assert_not(q.wants_keepalive);
	free(m);
	/* The first of several cookies counts. */
	cr_assert_eq(parse(HEADER "0001" WEB_A OPT "0200 00000000 002e 0003 0000 fde9 "
				  "0000 000b 0002 1234" COOKIE "000a 0010 {16 'x'}",
			     &q, &m),
		QUERY_ANSWER);
	cr_assert(q.wants_nsid);
	cr_assert(q.wants_keepalive);
	cr_assert_eq(q.cookie_len, 8);
	cr_assert_arr_eq(q.cookie, "abcdefgh", 8);
	free(m);
}

Test(query, takes_cookies_of_8_and_of_16_to_40_octets)
{
	for (unsigned int len = 0; len <= 64; len++) {
		uint8_t m[200] = {0};
		size_t at =
			octets(HEADER "0001" WEB_A OPT "0200 00000000 0000 000a 0000",
				m, sizeof(m));
		bool good = len == 8 || (len >= 16 && len <= 40);
		struct query q;

		dns_put16(m + at - 6, (uint16_t)(4 + len));
		dns_put16(m + at - 2, (uint16_t)len);
		cr_assert_eq(query_parse(m, at + len, &q),
			good ? QUERY_ANSWER : QUERY_FORMERR, "%u", len);
		if (good)
			cr_assert_eq(q.cookie_len, len);
	}
}

/* RFC 7873 s5.4: a cookie, and no question. */
Test(query, a_cookie_may_come_alone)
{
	static const struct {
		const char *text;
		enum query_verdict verdict;
	} cases[] = {
		{"1234 0000 0000 0000 0000 0001" OPT "0200 00000000 000c" COOKIE,
			QUERY_COOKIE},
		{"1234 0000 0000 0000 0000 0001" OPT "0200 00000000 000c" COOKIE "ff",
			QUERY_COOKIE},
		{"1234 0000 0000 0000 0000 0001" OPT "0200 00000000 0000",
			QUERY_FORMERR},
		{"1234 0000 0000 0000 0000 0001" OPT "0200 00000000 0004 0003 0000",
			QUERY_FORMERR},
		{"1234 0000 0000 0000 0000 0001" OPT "0200 00000000 000d" COOKIE "ff",
			QUERY_FORMERR},
		{"1234 0000 0000 0000 0000 0000" OPT "0200 00000000 000c" COOKIE,
			QUERY_FORMERR},
		{"1234 0000 0000 0001 0000 0001" OPT "0200 00000000 000c" COOKIE,
			QUERY_FORMERR},
		{"1234 0000 0000 0000 0000 0002" OPT "0200 00000000 000c" COOKIE OPT
		 "0200 00000000 000c" COOKIE,
			QUERY_FORMERR},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct query q;
		uint8_t *m;

		cr_assert_eq(parse(cases[i].text, &q, &m), cases[i].verdict, "%s",
			cases[i].text);
		cr_assert_eq(query_question_len(&q), 0);
		free(m);
	}
}

/* Cut anywhere, a message with all there is in it is refused, and nothing behind its end is read. */
Test(query, every_cut_is_noticed)
{
	static const char text[] =
		HEADER "0002" WEB_A "03 'key' c00c 00fa 00ff 00000000 0003 010203" OPT
		       "04d0 00008000 0008 0003 0000 fde9 0000";
	uint8_t whole[200];
	size_t len = octets(text, whole, sizeof(whole));
	struct query q;

	cr_assert_eq(query_parse(whole, len, &q), QUERY_ANSWER);
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *m = malloc(cut > 0 ? cut : 1);

		memcpy(m, whole, cut);
		cr_assert_eq(query_parse(m, cut, &q),
			cut < 12 ? QUERY_SILENCE : QUERY_FORMERR, "%zu", cut);
		free(m);
	}
}

/*
 * The most names a message can have, and the longest: reading it costs what its octets cost, whatever it holds. 1 ms of
 * the processor each, ten times what it takes.
 */
Test(query, thousands_of_names_are_read_in_no_time)
{
	enum { ROUNDS = 200, PATIENCE_MS = ROUNDS };
	static const char *const records[] = {"{5955 00 0001 0001 00000000 0000}",
		"{5039 c00c 0001 0001 00000000 0001 00}",
		"{248 {126 01 'a'} 00 0001 0001 00000000 0000}",
		"{1 {32000 01 'a'} 00}"};
	uint8_t *message = malloc(65535);

	for (size_t i = 0; i < CMAP_COUNT(records); i++) {
		struct timespec t0, t1;
		struct query q;
		size_t len = octets(HEADER "ffff" WEB_A, message, 65535);

		len += octets(records[i], message + len, 65535 - len);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
		for (int round = 0; round < ROUNDS; round++) {
			message[2] = (uint8_t)(round % 2 << 5); /* NOTIFY, too */
			cr_assert_neq(query_parse(message, len, &q), QUERY_ANSWER);
		}
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
		cr_assert_lt((t1.tv_sec - t0.tv_sec) * 1000 +
				     (t1.tv_nsec - t0.tv_nsec) / 1000000,
			PATIENCE_MS, "%s", records[i]);
	}
	free(message);
}

/* Whatever comes: no read outside (the sanitizers see it), and results within their bounds. */
Test(query, random_octets_are_judged_within_bounds)
{
	struct rng r = {22};

	for (int i = 0; i < 200000; i++) {
		size_t len = rng_below(&r, 120);
		uint8_t *m = malloc(len > 0 ? len : 1);
		struct query q;

		for (size_t j = 0; j < len; j++)
			m[j] = rng_below(&r, 3) == 0 ? (uint8_t)rng_next(&r)
						     : (uint8_t)rng_below(&r, 3);
		if (rng_below(&r, 4) > 0 && len >= 12)
			octets("0000 0000 0001 0000 0000 0001", m, 12);
		if (query_parse(m, len, &q) == QUERY_ANSWER) {
			cr_assert_gt(q.qname_len, 0);
			cr_assert_eq(q.qname, m + 12);
			cr_assert_leq(12 + query_question_len(&q), len);
			cr_assert_eq(dname_wire_len(q.name, q.qname_len), q.qname_len);
			cr_assert_geq(q.udp_size, 512);
		}
		free(m);
	}
}
