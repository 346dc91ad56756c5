/* SPDX-License-Identifier: MIT */
/* The forwarder's thread beside upstreams that the test speaks for. */
#include "forward/forward.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "octets.h"
#include "test.h"
#include "upper.h"

#define REPLY       "NOERROR qr rd ra edns=1232\n"
#define FAILED(q)   "SERVFAIL qr rd ra edns=1232\n" q
#define WEB         "? www.example.com. A\n"
#define WEB_A(ttl)  "= www.example.com. " ttl " A 192.0.2.1\n"
#define WEB_B(ttl)  "= www.example.com. " ttl " A 192.0.2.2\n"
#define OPT_AT(len) (12 + (len) + 4)

static const char www[] = "www.example.com";

static void wish_www(struct sky *s, struct wish *w)
{
	wish(s, w, www, DNS_A);
}

static void expect_www(struct sky *s, int upper, struct upper_query *q)
{
	upper_expect(&s->upper[upper], www, DNS_A, q);
}

/* Has www.example.com in the cache for 60 s. */
static void learn_www(struct sky *s, const char *ttl)
{
	struct upper_query q;
	struct wish w;
	char text[200];

	wish_www(s, &w);
	expect_www(s, 0, &q);
	snprintf(text, sizeof(text),
		"NOERROR\n" WEB "= www.example.com. %s A 192.0.2.1\n", ttl);
	upper_say(&q, text);
	(void)wish_told(&w);
}

/* ---- plain ------------------------------------------------------------------------------------ */

Test(forward, a_query_goes_up_and_its_answer_down)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 1);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	/* One OPT with our size and one mark, and nothing of the client's. */
	cr_assert_eq(dns_get16(q.octets + 10), 1);
	cr_assert_eq(q.len, OPT_AT(17u) + 11 + 4 + 8);
	cr_assert_eq(dns_get16(q.octets + OPT_AT(17) + 3), 1232);
	cr_assert_eq(dns_get32(q.octets + OPT_AT(17) + 5), 0);
	cr_assert_eq(dns_get16(q.octets + OPT_AT(17) + 11), DNS_OPTION_FORWARDERS);
	upper_say(&q, "NOERROR aa ad ra edns\n" WEB WEB_A("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_A("60"));
	cr_assert_eq(wish_reason(&w), 0);
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_QUERIES), 1);
	sky_stop(&s);
}

Test(forward, an_answer_is_kept_as_long_as_it_says)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 1);
	learn_www(&s, "60");
	sky_pass(&s, 59500);
	wish_www(&s, &w);
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_A("1"));
	upper_expect_nothing(&s.upper[0]);
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_CACHED), 1);
	sky_pass(&s, 500);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	upper_say(&q, "NOERROR\n" WEB WEB_B("7"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_B("7"));
	sky_stop(&s);
}

Test(forward, nothing_is_kept_without_a_cache)
{
	struct sky s;

	sky_start(&s, 1);
	s.options.cache_octets = 0;
	forward_set_options(s.forward, &s.options);
	sky_pass(&s, 0);
	for (int i = 0; i < 3; i++)
		learn_www(&s, "60");
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_CACHED), 0);
	sky_stop(&s);
}

Test(forward, equal_questions_share_one_query)
{
	enum { N = 50 };
	static struct wish w[N];
	struct sky s;
	struct upper_query q;

	sky_start(&s, 1);
	for (int i = 0; i < N; i++)
		wish(&s, &w[i], i % 2 ? "www.example.com" : "WWW.Example.com", DNS_A);
	expect_www(&s, 0, &q);
	sky_pass(&s, 0);
	upper_expect_nothing(&s.upper[0]);
	upper_say(&q, "NOERROR\n" WEB WEB_A("60") WEB_B("60"));
	for (int i = 0; i < N; i++) {
		const char *text = wish_told(&w[i]);

		cr_assert(strstr(text, i % 2 ? "? www.example.com. A\n"
					     : "? WWW.Example.com. A\n") != NULL,
			"%s", text);
		cr_assert(strstr(text, "192.0.2.1\n") && strstr(text, "192.0.2.2\n"));
	}
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_QUERIES), 1);
	sky_stop(&s);
}

Test(forward, do_and_cd_make_another_question)
{
	static struct wish w[4];
	struct forward_question question = asked_for(www, DNS_A);
	struct sky s;
	struct upper_query q;

	sky_start(&s, 1);
	for (int i = 0; i < 4; i++) {
		question.dnssec_ok = i & 1;
		question.checking_disabled = i & 2;
		wish_question(&s, &w[i], www, &question, "");
		expect_www(&s, 0, &q);
		cr_assert_eq((q.octets[OPT_AT(17) + 7] & 0x80) != 0, i & 1);
		cr_assert_eq((dns_get16(q.octets + 2) & DNS_CD) != 0, (i & 2) != 0);
	}
	sky_stop(&s);
}

Test(forward, ids_and_ports_differ)
{
	enum { N = 60 };
	static struct wish w[N];
	struct sky s;
	struct upper_query q;
	static uint16_t id[N], port[N];
	int same_id = 0, same_port = 0;

	sky_start(&s, 1);
	for (int i = 0; i < N; i++) {
		char name[20];

		snprintf(name, sizeof(name), "n%d.example", i);
		wish(&s, &w[i], name, DNS_A);
		upper_expect(&s.upper[0], name, DNS_A, &q);
		id[i] = dns_get16(q.octets);
		port[i] = sock_addr_port(&q.from);
		for (int k = 0; k < i; k++) {
			same_id += id[k] == id[i];
			same_port += port[k] == port[i];
		}
	}
	cr_assert_lt(same_id, 5);
	cr_assert_eq(same_port, 0, "all are outstanding");
	sky_stop(&s);
	for (int i = 0; i < N; i++)
		cr_assert_eq(w[i].len, 0);
}

/* ---- who answers ------------------------------------------------------------------------------ */

Test(forward, the_next_is_asked_when_one_is_silent)
{
	struct sky s;
	struct wish w;
	struct upper_query q, late;

	sky_start(&s, 2);
	wish_www(&s, &w);
	expect_www(&s, 0, &late);
	sky_pass(&s, 799);
	upper_expect_nothing(&s.upper[1]);
	sky_pass(&s, 20);
	expect_www(&s, 1, &q);
	cr_assert_neq(dns_get16(q.octets), dns_get16(late.octets), "another id");
	/* Who is late is not heard. */
	upper_say(&late, "NOERROR\n" WEB WEB_A("60"));
	sky_pass(&s, 0);
	cr_assert(wish_is_open(&w));
	upper_say(&q, "NOERROR\n" WEB WEB_B("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_B("60"));
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_TIMEOUTS), 1);
	sky_stop(&s);
}

Test(forward, the_next_is_asked_at_once_when_one_is_not_there)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 2);
	upper_close(&s.upper[0]);
	for (int i = 0; i < 5; i++) {
		char name[20], text[100];

		snprintf(name, sizeof(name), "n%d.example", i);
		snprintf(text, sizeof(text), "NXDOMAIN\n? %s. A\n", name);
		wish(&s, &w, name, DNS_A);
		upper_expect(&s.upper[1], name, DNS_A, &q);
		upper_say(&q, text);
		cr_assert(strstr(wish_told(&w), "NXDOMAIN") != NULL);
	}
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_TIMEOUTS), 0);
	/* Three times it was tried, then no more. */
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_QUERIES), 5 + 3);
	sky_stop(&s);
}

/* After three failures it is left alone, first for a second. */
Test(forward, who_fails_is_left_alone_for_a_while)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 2);
	for (int i = 0; i < 6; i++) {
		char name[20], text[100];
		bool is_down = i == 3 || i == 4;

		snprintf(name, sizeof(name), "n%d.example", i);
		snprintf(text, sizeof(text), "NXDOMAIN\n? %s. A\n", name);
		if (i == 5)
			sky_pass(&s, 1100);
		wish(&s, &w, name, DNS_A);
		if (!is_down) {
			upper_expect(&s.upper[0], name, DNS_A, &q);
			if (i == 5)
				break;
			sky_pass(&s, 820);
		}
		upper_expect(&s.upper[1], name, DNS_A, &q);
		upper_expect_nothing(&s.upper[0]);
		upper_say(&q, text);
		(void)wish_told(&w);
	}
	sky_stop(&s);
}

Test(forward, the_next_is_asked_when_one_refuses)
{
	static const char *const refusals[] = {"SERVFAIL\n" WEB, "REFUSED\n" WEB,
		"NOERROR\n" WEB "- com. 9 NS a.gtld.\n",
		"NOERROR\n" WEB "= www.example.com. 9 CNAME www.example.com.\n"};
	struct sky s;
	struct wish w;
	struct upper_query q;

	for (size_t i = 0; i < CMAP_COUNT(refusals); i++) {
		sky_start(&s, 2);
		wish_www(&s, &w);
		expect_www(&s, 0, &q);
		upper_say(&q, refusals[i]);
		expect_www(&s, 1, &q);
		upper_say(&q, "NOERROR\n" WEB WEB_B("60"));
		cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_B("60"));
		sky_stop(&s);
	}
}

Test(forward, a_truncated_reply_is_asked_for_over_tcp)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 1);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	upper_say(&q, "NOERROR tc\n" WEB WEB_A("60"));
	upper_expect_tcp(&s.upper[0], www, DNS_A, &q);
	upper_say(&q, "NOERROR\n" WEB WEB_A("60") WEB_B("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_A("60") WEB_B("60"));
	/* And once more, by the same channel. */
	wish(&s, &w, "b.example", DNS_A);
	upper_expect(&s.upper[0], "b.example", DNS_A, &q);
	upper_say(&q, "NOERROR tc\n? b.example. A\n");
	upper_expect_tcp(&s.upper[0], "b.example", DNS_A, &q);
	upper_say(&q, "NOERROR\n? b.example. A\n= b.example. 9 A 192.0.2.3\n");
	cr_assert_str_eq(wish_told(&w),
		REPLY "? b.example. A\n= b.example. 9 A 192.0.2.3\n");
	sky_stop(&s);
}

Test(forward, tcp_that_ends_without_a_reply_is_a_failure)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 2);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	upper_say(&q, "NOERROR tc\n" WEB);
	upper_expect_tcp(&s.upper[0], www, DNS_A, &q);
	close(q.fd);
	expect_www(&s, 1, &q);
	upper_say(&q, "NOERROR\n" WEB WEB_B("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_B("60"));
	sky_stop(&s);
}

Test(forward, who_does_not_know_edns_is_asked_without)
{
	static const char *const replies[] = {"FORMERR\n" WEB, "NOTIMPL\n" WEB};
	struct sky s;
	struct wish w;
	struct upper_query q;

	for (size_t i = 0; i < CMAP_COUNT(replies); i++) {
		sky_start(&s, 2);
		wish_www(&s, &w);
		expect_www(&s, 0, &q);
		upper_say(&q, replies[i]);
		expect_www(&s, 0, &q);
		cr_assert_eq(dns_get16(q.octets + 10), 0);
		cr_assert_eq(q.len, OPT_AT(17u));
		upper_say(&q, "NOERROR\n" WEB WEB_A("60"));
		cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_A("60"));
		sky_stop(&s);
	}
}

/* That one does not know it says nothing of others. */
Test(forward, the_next_is_asked_with_edns_again)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 2);
	wish_www(&s, &w);
	for (int i = 0; i < 2; i++) {
		expect_www(&s, 0, &q);
		cr_assert_eq(dns_get16(q.octets + 10), i == 0);
		upper_say(&q, "NOTIMPL\n" WEB);
	}
	expect_www(&s, 1, &q);
	cr_assert_eq(dns_get16(q.octets + 10), 1);
	upper_say(&q, "NOERROR\n" WEB WEB_B("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_B("60"));
	sky_stop(&s);
}

Test(forward, what_is_no_reply_to_the_question_is_not_heard)
{
	static const char *const lies[] = {"NOERROR\n? www.example.net. A\n",
		"NOERROR\n? www.example.com. AAAA\n", "NOERROR\n"};
	struct sky s;
	struct wish w;
	struct upper_query q;
	static uint8_t message[DNS_MESSAGE_MAX];
	size_t len;
	struct upper_query liar;

	sky_start(&s, 1);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	for (size_t i = 0; i < CMAP_COUNT(lies); i++)
		upper_say(&q, lies[i]);
	len = said("NOERROR\n" WEB WEB_A("66"), message);
	for (int bit = 0; bit < 4; bit++) {
		dns_put16(message, (uint16_t)(dns_get16(q.octets) ^ 1u << 5 * bit));
		upper_send(&q, message, len);
	}
	/* The right one, from another address and from another port. */
	memcpy(message, q.octets, 2);
	liar = q;
	liar.upper = &s.upper[1];
	upper_send(&liar, message, len);
	sky_pass(&s, 0);
	cr_assert(wish_is_open(&w));
	upper_say(&q, "NOERROR\n" WEB WEB_B("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_B("60"));
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_UNWANTED), 7);
	sky_stop(&s);
}

/* Somebody guesses the id: the eighth time the question goes over TCP, and nothing more is heard over UDP. */
Test(forward, where_somebody_guesses_it_is_asked_over_tcp)
{
	static uint8_t message[DNS_MESSAGE_MAX];
	struct sky s;
	struct wish w;
	struct upper_query q, tcp;
	size_t len = said("NOERROR\n" WEB WEB_A("66"), message);

	sky_start(&s, 1);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	for (uint16_t i = 1; i <= 8; i++) {
		dns_put16(message, dns_get16(q.octets) ^ i);
		upper_send(&q, message, len);
	}
	upper_expect_tcp(&s.upper[0], www, DNS_A, &tcp);
	dns_put16(message, dns_get16(q.octets));
	upper_send(&q, message, len);
	sky_pass(&s, 0);
	cr_assert(wish_is_open(&w));
	upper_say(&tcp, "NOERROR\n" WEB WEB_B("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_B("60"));
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_UNWANTED), 8);
	sky_stop(&s);
}

/* What has no octets is no reply either, and not the end. */
Test(forward, empty_datagrams_are_guesses)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 1);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	for (int i = 0; i < 7; i++)
		upper_send(&q, q.octets, 0);
	sky_pass(&s, 0);
	upper_say(&q, "NOERROR\n" WEB WEB_B("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_B("60"));
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_UNWANTED), 7);
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_QUERIES), 1);
	sky_stop(&s);
}

#define LONG   "a.long.name.with.many.letters.in.it.example"
#define LONG_A "? " LONG ". A\n= " LONG ". 60 A 192.0.2.1\n"

static void start_0x20(struct sky *s)
{
	sky_start(s, 1);
	s->options.is_0x20 = true;
	forward_set_options(s->forward, &s->options);
	sky_pass(s, 0);
}

Test(forward, a_name_in_random_case_comes_back_in_it)
{
	struct sky s;
	struct wish w;
	struct upper_query q;
	uint8_t first[sizeof(LONG)];
	const struct forward_question plain = asked_for(LONG, DNS_A);

	start_0x20(&s);
	wish(&s, &w, LONG, DNS_A);
	upper_expect(&s.upper[0], LONG, DNS_A, &q);
	memcpy(first, q.octets + 12, sizeof(first));
	cr_assert_arr_neq(first, plain.name.wire, sizeof(first));
	upper_say_echo(&q, "SERVFAIL\n" LONG_A);
	(void)wish_told(&w);
	sky_pass(&s, 2000);
	wish(&s, &w, LONG, DNS_A);
	upper_expect(&s.upper[0], LONG, DNS_A, &q);
	cr_assert_arr_neq(first, q.octets + 12, sizeof(first), "another each time");
	upper_say_echo(&q, "NOERROR\n" LONG_A);
	cr_assert_str_eq(wish_told(&w), REPLY LONG_A, "clients see their own");
	wish(&s, &w, LONG, DNS_A);
	cr_assert_str_eq(wish_told(&w), REPLY LONG_A);
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_UNWANTED), 0);
	sky_stop(&s);
}

/* It may be a guess; it may be one who does not keep the case, and is believed over TCP. */
Test(forward, what_comes_in_another_case_is_asked_over_tcp)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	start_0x20(&s);
	wish(&s, &w, LONG, DNS_A);
	upper_expect(&s.upper[0], LONG, DNS_A, &q);
	upper_say(&q, "NOERROR\n? " LONG ". A\n= " LONG ". 60 A 192.0.2.66\n");
	upper_expect_tcp(&s.upper[0], LONG, DNS_A, &q);
	cr_assert(wish_is_open(&w));
	upper_say(&q, "NOERROR\n" LONG_A);
	cr_assert_str_eq(wish_told(&w), REPLY LONG_A);
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_UNWANTED), 1);
	sky_stop(&s);
}

/* ---- when nobody does ------------------------------------------------------------------------- */

/* Every upstream is silent until there is a reply. */
static void be_silent(struct sky *s, struct wish *w)
{
	for (int i = 0; wish_is_open(w); i++) {
		cr_assert_lt(i, 20);
		sky_pass(s, 1000);
	}
}

Test(forward, a_failure_is_told_and_remembered_for_two_seconds)
{
	struct sky s;
	struct wish w;
	struct upper_query q;
	uint64_t queries;

	sky_start(&s, 1);
	wish_www(&s, &w);
	be_silent(&s, &w);
	cr_assert_str_eq(wish_told(&w), FAILED(WEB));
	cr_assert_eq(wish_reason(&w), DNS_EDE_NETWORK_ERROR);
	queries = sky_counter(&s, COUNTER_FORWARD_QUERIES);
	cr_assert_leq(queries, 3);
	upper_drain(&s.upper[0]);
	for (int i = 0; i < 100; i++) {
		wish_www(&s, &w);
		cr_assert_str_eq(wish_told(&w), FAILED(WEB));
		cr_assert_eq(wish_reason(&w), DNS_EDE_CACHED_ERROR);
	}
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_QUERIES), queries);
	sky_pass(&s, 2000);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	upper_say(&q, "NOERROR\n" WEB WEB_A("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_A("60"));
	sky_stop(&s);
}

Test(forward, who_all_refuse_are_not_asked_again)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 2);
	wish_www(&s, &w);
	for (int i = 0; i < 2; i++) {
		expect_www(&s, i, &q);
		upper_say(&q, "SERVFAIL\n" WEB);
	}
	cr_assert_str_eq(wish_told(&w), FAILED(WEB));
	cr_assert_eq(wish_reason(&w), DNS_EDE_NO_REACHABLE_AUTHORITY);
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_QUERIES), 2);
	sky_stop(&s);
}

Test(forward, nobody_there_at_all_is_told_at_once)
{
	struct sky s;
	struct wish w;

	sky_start(&s, 2);
	upper_close(&s.upper[0]);
	upper_close(&s.upper[1]);
	wish_www(&s, &w);
	cr_assert_str_eq(wish_told(&w), FAILED(WEB));
	cr_assert_eq(wish_reason(&w), DNS_EDE_NETWORK_ERROR);
	cr_assert_leq(sky_counter(&s, COUNTER_FORWARD_QUERIES), 4);
	sky_stop(&s);
}

Test(forward, an_old_answer_serves_when_nobody_answers)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 1);
	learn_www(&s, "60");
	upper_close(&s.upper[0]);
	sky_pass(&s, 61000);
	wish_www(&s, &w);
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_A("30"));
	cr_assert_eq(wish_reason(&w), DNS_EDE_STALE_ANSWER);
	wish_www(&s, &w);
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_A("30"));
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_STALE), 2);
	/* Not for ever. */
	sky_pass(&s, 86400000);
	wish_www(&s, &w);
	cr_assert_str_eq(wish_told(&w), FAILED(WEB));
	sky_stop(&s);
	/* A name that was not there says so. */
	sky_start(&s, 1);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	upper_say(&q, "NXDOMAIN\n" WEB "- com. 9 SOA a. b. 1 2 3 4 9\n");
	(void)wish_told(&w);
	upper_close(&s.upper[0]);
	sky_pass(&s, 10000);
	wish_www(&s, &w);
	cr_assert_str_eq(wish_told(&w),
		"NXDOMAIN qr rd ra edns=1232\n" WEB "- com. 30 SOA a. b. 1 2 3 4 9\n");
	cr_assert_eq(wish_reason(&w), DNS_EDE_STALE_NXDOMAIN);
	sky_stop(&s);
}

Test(forward, an_old_answer_serves_after_1800_ms)
{
	struct sky s;
	struct wish w, next;
	struct upper_query q;

	sky_start(&s, 1);
	learn_www(&s, "60");
	sky_pass(&s, 61000);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	sky_pass(&s, 790);
	cr_assert(wish_is_open(&w));
	sky_pass(&s, 20);
	expect_www(&s, 0, &q); /* once more */
	sky_pass(&s, 970);
	cr_assert(wish_is_open(&w));
	sky_pass(&s, 40);
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_A("30"));
	cr_assert_eq(wish_reason(&w), DNS_EDE_STALE_ANSWER);
	wish_www(&s, &next);
	cr_assert_str_eq(wish_told(&next), REPLY WEB WEB_A("30"),
		"it is not waited for again");
	/* What comes then is the answer, for the next as well. */
	upper_say(&q, "NXDOMAIN\n" WEB "- com. 9 SOA a. b. 1 2 3 4 9\n");
	do {
		wish_www(&s, &next);
	} while (strstr(wish_told(&next), "NXDOMAIN") == NULL);
	cr_assert_eq(wish_reason(&next), 0);
	sky_stop(&s);
}

/* An alias keeps its addresses by itself, and is to know how old they are. */
Test(forward, who_wants_a_fresh_answer_gets_no_old_one)
{
	struct sky s;
	struct wish w, fresh;
	struct upper_query q;

	sky_start(&s, 1);
	learn_www(&s, "60");
	wish_fresh(&s, &fresh, www, DNS_A);
	expect_www(&s, 0, &q);
	upper_say(&q, "NOERROR\n" WEB WEB_B("60"));
	cr_assert_str_eq(wish_told(&fresh), REPLY WEB WEB_B("60"));
	sky_pass(&s, 61000);
	wish_fresh(&s, &fresh, www, DNS_A);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	sky_pass(&s, 810);
	expect_www(&s, 0, &q);
	sky_pass(&s, 1000);
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_B("30"));
	cr_assert(wish_is_open(&fresh), "it waits for what may come");
	upper_say(&q, "NOERROR\n" WEB WEB_A("60"));
	cr_assert_str_eq(wish_told(&fresh), REPLY WEB WEB_A("60"));
	upper_close(&s.upper[0]);
	wish_fresh(&s, &fresh, www, DNS_A);
	cr_assert_str_eq(wish_told(&fresh), FAILED(WEB));
	wish_fresh(&s, &fresh, www, DNS_A);
	(void)wish_told(&fresh);
	cr_assert_eq(wish_reason(&fresh), DNS_EDE_CACHED_ERROR);
	sky_stop(&s);
}

/* Its header says: TTL 0, not at all. */
Test(forward, what_must_not_be_kept_is_no_old_answer)
{
	struct sky s;
	struct wish w;

	sky_start(&s, 1);
	learn_www(&s, "0");
	upper_close(&s.upper[0]);
	sky_pass(&s, 1000);
	wish_www(&s, &w);
	cr_assert_str_eq(wish_told(&w), FAILED(WEB));
	sky_stop(&s);
}

/* ---- loops ------------------------------------------------------------------------------------ */

Test(forward, a_query_of_our_own_that_comes_back_is_a_loop)
{
	struct sky s;
	struct wish w, back;
	struct upper_query q;
	char marks[64];

	sky_start(&s, 1);
	wish_marked(&s, &w, www, DNS_A, "0102030405060708");
	expect_www(&s, 0, &q);
	/* Our mark comes first, then the others. */
	cr_assert_eq(q.len, OPT_AT(17u) + 11 + 4 + 16);
	cr_assert_arr_eq(q.octets + q.len - 8, "\1\2\3\4\5\6\7\10", 8);
	/* It comes back by another forwarder, which adds its own. */
	snprintf(marks, sizeof(marks), "2122232425262728 %s",
		octets_text(q.octets + q.len - 16, 16));
	wish_marked(&s, &back, www, DNS_A, marks);
	cr_assert_str_eq(wish_told(&back), FAILED(WEB));
	cr_assert_eq(wish_reason(&back), DNS_EDE_NETWORK_ERROR);
	cr_assert_eq(sky_counter(&s, COUNTER_FORWARD_LOOPS), 1);
	/* Who waits still gets an answer. */
	upper_say(&q, "NOERROR\n" WEB WEB_A("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_A("60"));
	/* One that is kept is given to no loop either. */
	wish_marked(&s, &back, www, DNS_A, marks);
	cr_assert_str_eq(wish_told(&back), FAILED(WEB));
	sky_stop(&s);
}

Test(forward, fifteen_forwarders_are_enough)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 1);
	wish_marked(&s, &w, www, DNS_A, "{120 'm'}");
	expect_www(&s, 0, &q);
	cr_assert_eq(q.len, OPT_AT(17u) + 11 + 4 + 128);
	upper_say(&q, "NOERROR\n" WEB WEB_A("60"));
	(void)wish_told(&w);
	wish_marked(&s, &w, www, DNS_A, "{121 'm'}");
	cr_assert_str_eq(wish_told(&w), FAILED(WEB));
	/* What is not whole marks is passed on all the same. */
	wish_marked(&s, &w, "b.example", DNS_A, "{7 'm'}");
	upper_expect(&s.upper[0], "b.example", DNS_A, &q);
	cr_assert_eq(q.len, OPT_AT(11u) + 11 + 4 + 15);
	sky_stop(&s);
}

/* A loop costs no memory, however many names it has. */
Test(forward, loops_leave_nothing_behind)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 1);
	s.options.cache_octets = 20000;
	forward_set_options(s.forward, &s.options);
	learn_www(&s, "60");
	for (int i = 0; i < 200; i++) {
		char name[20];

		snprintf(name, sizeof(name), "n%d.example", i);
		wish_marked(&s, &w, name, DNS_A, "{128 'm'}");
		(void)wish_told(&w);
	}
	wish(&s, &w, "b.example", DNS_A);
	upper_expect(&s.upper[0], "b.example", DNS_A, &q);
	upper_say(&q, "NXDOMAIN\n? b.example. A\n");
	(void)wish_told(&w);
	wish_www(&s, &w);
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_A("60"), "it was forgotten");
	sky_stop(&s);
}

/* ---- options ---------------------------------------------------------------------------------- */

Test(forward, what_is_in_flight_is_asked_anew_when_options_change)
{
	struct sky s;
	struct wish w, other;
	struct upper_query q, old;

	sky_start(&s, 1);
	wish_www(&s, &w);
	expect_www(&s, 0, &old);
	wish(&s, &other, "b.example", DNS_A);
	upper_expect(&s.upper[0], "b.example", DNS_A, &q);
	s.options.upstream[0] = s.upper[2].address;
	forward_set_options(s.forward, &s.options);
	upper_expect(&s.upper[2], "b.example", DNS_A, &q);
	upper_say(&q, "NXDOMAIN\n? b.example. A\n");
	(void)wish_told(&other);
	expect_www(&s, 2, &q);
	upper_say(&old, "NOERROR\n" WEB WEB_A("60"));
	sky_pass(&s, 0);
	cr_assert(wish_is_open(&w));
	upper_say(&q, "NOERROR\n" WEB WEB_B("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_B("60"));
	sky_stop(&s);
}

/* That others have refused says nothing of the new ones. */
Test(forward, new_upstreams_are_all_asked)
{
	struct sky s;
	struct wish w;
	struct upper_query q;

	sky_start(&s, 2);
	wish_www(&s, &w);
	expect_www(&s, 0, &q);
	upper_say(&q, "SERVFAIL\n" WEB);
	expect_www(&s, 1, &q);
	s.options.upstream[0] = s.upper[2].address;
	s.options.upstream[1] = s.upper[0].address;
	forward_set_options(s.forward, &s.options);
	expect_www(&s, 2, &q);
	upper_say(&q, "SERVFAIL\n" WEB);
	expect_www(&s, 0, &q);
	upper_say(&q, "NOERROR\n" WEB WEB_B("60"));
	cr_assert_str_eq(wish_told(&w), REPLY WEB WEB_B("60"));
	sky_stop(&s);
}

Test(forward, without_upstreams_every_query_fails)
{
	struct sky s;
	struct wish w, open;
	struct upper_query q;

	sky_start(&s, 1);
	wish(&s, &open, "b.example", DNS_A);
	upper_expect(&s.upper[0], "b.example", DNS_A, &q);
	s.options.n_upstreams = 0;
	forward_set_options(s.forward, &s.options);
	cr_assert(strstr(wish_told(&open), "SERVFAIL") != NULL);
	wish_www(&s, &w);
	cr_assert_str_eq(wish_told(&w), FAILED(WEB));
	sky_stop(&s);
}

Test(forward, so_many_can_wait)
{
	enum { N = 5 };
	static struct wish w[N];
	struct sky s;
	struct upper_query q;

	sky_start(&s, 1);
	s.options.queries = N;
	forward_set_options(s.forward, &s.options);
	sky_pass(&s, 0);
	for (int i = 0; i < N; i++) {
		cr_assert(forward_has_room(s.forward), "%d", i);
		wish_www(&s, &w[i]);
	}
	cr_assert_not(forward_has_room(s.forward));
	expect_www(&s, 0, &q);
	upper_say(&q, "NOERROR\n" WEB WEB_A("60"));
	for (int i = 0; i < N; i++)
		(void)wish_told(&w[i]);
	cr_assert(forward_has_room(s.forward));
	s.options.queries = 0;
	forward_set_options(s.forward, &s.options);
	cr_assert_not(forward_has_room(s.forward));
	sky_stop(&s);
}

/* ---- the end ---------------------------------------------------------------------------------- */

Test(forward, stopping_gives_back_what_waits)
{
	enum { N = 40 };
	static struct wish w[N];
	struct sky s;

	for (int round = 0; round < 20; round++) {
		sky_start(&s, 1);
		for (int i = 0; i < N; i++) {
			char name[20];

			snprintf(name, sizeof(name), "n%d.example", i / 2);
			wish(&s, &w[i], name, DNS_A);
		}
		if (round % 2)
			sky_pass(&s, 0);
		sky_stop(&s);
		for (int i = 0; i < N; i++) {
			cr_assert_eq(atomic_load(&w[i].n_done), 1);
			cr_assert_eq(w[i].len, 0);
		}
	}
	forward_stop(NULL);
}

struct crowd {
	struct sky *sky;
	struct wish wish[200];
};

static void *submit(void *arg)
{
	struct crowd *c = arg;

	for (size_t i = 0; i < CMAP_COUNT(c->wish); i++) {
		char name[20];

		snprintf(name, sizeof(name), "n%zu.example", i % 20);
		wish(c->sky, &c->wish[i], name, DNS_A);
	}
	return NULL;
}

/* Queries from several threads, while options change and upstreams answer. */
Test(forward, many_threads_hand_over)
{
	enum { THREADS = 4 };
	struct crowd *crowd = calloc(THREADS, sizeof(*crowd));
	pthread_t thread[THREADS];
	struct sky s;

	sky_start(&s, 2);
	for (int i = 0; i < THREADS; i++) {
		crowd[i].sky = &s;
		cr_assert_eq(pthread_create(&thread[i], NULL, submit, &crowd[i]), 0);
	}
	for (int i = 0; i < 20; i++) {
		s.options.n_upstreams = 1 + i % 2;
		forward_set_options(s.forward, &s.options);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	sky_stop(&s);
	for (int i = 0; i < THREADS; i++)
		for (size_t k = 0; k < CMAP_COUNT(crowd[i].wish); k++)
			cr_assert_eq(atomic_load(&crowd[i].wish[k].n_done), 1);
	free(crowd);
}
