/* SPDX-License-Identifier: MIT */
/* Replies made of an image, at every size; ldns reads each. */
#include "forward/request.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "octets.h"
#include "oracle.h"
#include "said.h"
#include "test.h"

#define OPT_TEXT "00 0029 04d0 00000000 0000"
/* With an option of four octets, of a number for local use. */
#define OPT_LONG "00 0029 04d0 00008000 0008 fdea 0004 01020304"

static struct image *image_of(const struct forward_question *q, const char *text)
{
	static uint8_t message[DNS_MESSAGE_MAX];
	size_t len = said(text, message);
	struct image *i = NULL;

	cr_assert_eq(image_read(q, SAID_ID, message, len, &i), IMAGE_OK, "%s", text);
	return i;
}

/* The reply to a, from memory of the size that it may have. It lives until the next call. */
static const uint8_t *reply(const struct asker *a, const struct image *i,
	const struct forward_saying *say, size_t *len)
{
	static uint8_t out[DNS_MESSAGE_MAX];
	uint8_t *exact = xmalloc(a->request.limit);

	*len = forward_reply(&a->request, i, say, exact);
	cr_assert_leq(*len, a->request.limit);
	memcpy(out, exact, *len);
	free(exact);
	return out;
}

/* As text, which lives until the next call. */
static const char *told(const struct asker *a, const struct image *i,
	const struct forward_saying *say)
{
	static char text[100000];
	struct buf out = {.data = NULL};
	size_t len;
	const uint8_t *p = reply(a, i, say, &len);

	oracle_describe(p, len, &out);
	cr_assert_lt(out.len, sizeof(text));
	strcpy(text, buf_text(&out));
	buf_free(&out);
	return text;
}

static bool has_line(const char *text, const char *line)
{
	return strstr(text, line) != NULL;
}

static const struct forward_saying plain = {.rcode = DNS_NOERROR};

/* ---- headers ---------------------------------------------------------------------------------- */

Test(request, the_question_stands_as_it_was_asked)
{
	struct forward_question q = asked_for("www.example.com", DNS_A);
	struct image *i = image_of(&q, "NOERROR aa ad\n? www.example.com. A\n= "
				       "www.example.com. 60 A 192.0.2.1\n");
	struct asker a;
	size_t len;
	const uint8_t *p;

	asker_init(&a, "wWw.Example.COM", &q, 0, NULL, NULL, 512);
	p = reply(&a, i, &plain, &len);
	cr_assert_eq(dns_get16(p), 0xBEEF);
	cr_assert_eq(dns_get16(p + 2), DNS_QR | DNS_RD | DNS_RA, "AA and AD stay");
	cr_assert_arr_eq(p + 12, "\3wWw\7Example\3COM", 17);
	cr_assert_str_eq(told(&a, i, &plain),
		"NOERROR qr rd ra\n? wWw.Example.COM. A\n= wWw.Example.COM. 60 A "
		"192.0.2.1\n");
	free(i);
}

Test(request, the_opt_comes_last_with_the_upper_bits_of_the_rcode)
{
	struct forward_question q = asked_for("a", DNS_A);
	struct image *i = image_of(&q, "NXDOMAIN\n? a. A\n");
	struct asker a;
	size_t len;
	const uint8_t *p;

	asker_init(&a, "a", &q, 0, NULL, OPT_LONG, 512);
	cr_assert_str_eq(told(&a, i, &(struct forward_saying){.rcode = DNS_NXDOMAIN}),
		"NXDOMAIN qr rd ra edns=1232 do\n? a. A\n");
	p = reply(&a, NULL, &(struct forward_saying){.rcode = 0x123}, &len);
	cr_assert_eq(len, 19u + 19);
	cr_assert_eq(p[3] & 0xF, 3);
	cr_assert_eq(p[19 + 5], 0x12);
	cr_assert_eq(dns_get16(p + 10), 1);
	cr_assert_arr_eq(p + 19 + 11, "\xfd\xea\0\4\1\2\3\4", 8);
	free(i);
}

Test(request, the_reason_is_told_where_there_is_room)
{
	struct forward_question q = asked_for("a", DNS_A);
	struct forward_saying say = {.rcode = DNS_SERVFAIL, .ede = 22};
	struct asker a;

	for (uint16_t limit = 19 + 11; limit < 19 + 11 + 12; limit++) {
		size_t len;
		const uint8_t *p;

		asker_init(&a, "a", &q, 0, NULL, OPT_TEXT, limit);
		p = reply(&a, NULL, &say, &len);
		cr_assert_eq(len, limit < 36 ? 30u : 36u, "%zu of %u", len, limit);
		cr_assert_eq(dns_get16(p + 19 + 9), len - 30);
		if (limit >= 36)
			cr_assert_arr_eq(p + 30, "\0\17\0\2\0\26", 6);
		cr_assert(has_line(told(&a, NULL, &say),
			"SERVFAIL qr rd ra edns=1232\n"));
	}
	/* Without EDNS there is nobody to tell it to. */
	asker_init(&a, "a", &q, 0, NULL, NULL, 512);
	cr_assert_str_eq(told(&a, NULL, &say), "SERVFAIL qr rd ra\n? a. A\n");
}

/* ---- time ------------------------------------------------------------------------------------- */

Test(request, ttls_grow_less_to_nothing)
{
	struct forward_question q = asked_for("_s.example", DNS_SRV);
	struct image *i = image_of(&q,
		"NOERROR\n? _s.example. SRV\n= _s.example. 60 SRV 1 2 3 b.example.\n"
		"+ b.example. 30 A 192.0.2.1\n");
	struct asker a;
	const char *text;

	asker_init(&a, "_s.example", &q, 0, NULL, NULL, 512);
	text = told(&a, i, &(struct forward_saying){.age = 20});
	cr_assert(has_line(text, "= _s.example. 40 SRV"), "%s", text);
	cr_assert(has_line(text, "+ b.example. 10 A"), "%s", text);
	text = told(&a, i, &(struct forward_saying){.age = 31});
	cr_assert(has_line(text, "= _s.example. 29 SRV"), "%s", text);
	cr_assert(has_line(text, "+ b.example. 0 A"), "%s", text);
	text = told(&a, i, &(struct forward_saying){.age = 99, .ttl = 30});
	cr_assert(has_line(text, "= _s.example. 30 SRV"), "%s", text);
	cr_assert(has_line(text, "+ b.example. 30 A"), "%s", text);
	free(i);
}

/* ---- turns ------------------------------------------------------------------------------------ */

#define WEB       "? www.example.com. A\n"
#define WEB_ALIAS "= www.example.com. 9 CNAME lb.example.com.\n"
#define LB        "= lb.example.com. 60 A 192.0.2."

Test(request, addresses_move_on_by_one_each_time)
{
	static const char *const want[] = {LB "1\n" LB "2\n" LB "3\n",
		LB "2\n" LB "3\n" LB "1\n", LB "3\n" LB "1\n" LB "2\n"};
	struct forward_question q = asked_for("www.example.com", DNS_A);
	struct image *i =
		image_of(&q, "NOERROR\n" WEB WEB_ALIAS LB "1\n" LB "2\n" LB "3\n");
	struct asker a;

	asker_init(&a, "www.example.com", &q, 0, NULL, NULL, 512);
	for (uint32_t turn = 0; turn < 7; turn++) {
		char text[500];

		snprintf(text, sizeof(text), "NOERROR qr rd ra\n" WEB WEB_ALIAS "%s",
			want[turn % 3]);
		cr_assert_str_eq(told(&a, i, &(struct forward_saying){.turn = turn}),
			text, "turn %u", turn);
	}
	/* Where one is left out, it is the last of that turn. */
	asker_init(&a, "www.example.com", &q, 0, NULL, NULL, 33 + 17 + 32);
	cr_assert_str_eq(told(&a, i, &(struct forward_saying){.turn = 2}),
		"NOERROR qr tc rd ra\n" WEB WEB_ALIAS LB "3\n" LB "1\n");
	free(i);
}

/* Each address comes first as often as the others, and none is lost or doubled. */
Test(request, every_turn_has_every_address)
{
	enum { N = 100 };
	struct forward_question q = asked_for("a", DNS_AAAA);
	char text[6000];
	int at = sprintf(text, "NOERROR\n? a. AAAA\n");
	struct image *i;
	struct asker a;

	for (int n = 0; n < N; n++)
		at += sprintf(text + at, "= a. %d AAAA 2001:db8::%x\n", 1000 + n, n);
	i = image_of(&q, text);
	asker_init(&a, "a", &q, 0, NULL, NULL, DNS_MESSAGE_MAX);
	for (uint32_t turn = 0; turn < N; turn++) {
		size_t len;
		const uint8_t *p = reply(&a, i,
			&(struct forward_saying){.turn = turn, .age = 10}, &len);

		cr_assert_eq(len, 19u + N * 28);
		for (uint32_t n = 0; n < N; n++) {
			const uint8_t *rr = p + 19 + n * 28;

			cr_assert_eq(rr[27], (turn + n) % N);
			cr_assert_eq(dns_get32(rr + 6), 990 + (turn + n) % N);
		}
	}
	free(i);
}

/* ---- sizes ------------------------------------------------------------------------------------ */

static uint16_t count_of(const uint8_t *p, int section)
{
	return dns_get16(p + 6 + 2 * section);
}

/*
 * At every limit from the prefix and the OPT to the whole: ldns reads the reply, more room never makes it less, TC
 * says that answers or authority are missing and nothing else, and the OPT is there.
 */
static void check_sizes(struct asker *a, const char *name,
	const struct forward_question *q, uint16_t n_cnames, const char *prefix,
	const char *opt, const struct image *i, size_t whole)
{
	uint16_t least, had = 0;
	const struct forward_saying say = {.ede = 3, .turn = 1};
	bool came_whole = false;

	asker_init(a, name, q, n_cnames, prefix, opt, 1);
	least = (uint16_t)(a->request.prefix_len + a->request.opt_len);
	for (size_t limit = least; limit <= whole + 20; limit++) {
		size_t len;
		const uint8_t *p;
		uint16_t n, missed;
		bool tc;

		a->request.limit = (uint16_t)limit;
		p = reply(a, i, &say, &len);
		cr_assert_not(has_line(told(a, i, &say), "no message"), "%zu:%s", limit,
			octets_text(p, len));
		tc = (p[2] & 2) != 0;
		n = (uint16_t)(count_of(p, 0) - n_cnames + count_of(p, 1));
		missed = (uint16_t)(i->n_answer + i->n_authority - n);
		cr_assert_eq(tc, missed > 0, "%zu: %u missing", limit, missed);
		n = (uint16_t)(n + count_of(p, 2) - (opt != NULL));
		cr_assert_geq(n, had, "%zu", limit);
		had = n;
		cr_assert_eq(has_line(told(a, i, &say), "edns="), opt != NULL);
		came_whole = n == image_records(i);
		cr_assert(!came_whole || limit >= whole - 6, "%zu", limit);
	}
	cr_assert(came_whole);
	cr_assert_eq(had, image_records(i));
}

static void check_all_sizes(const char *name, uint16_t type, const char *text)
{
	struct forward_question q = asked_for(name, type);
	struct image *i = image_of(&q, text);
	size_t octets_of = (size_t)i->end;
	struct asker a;

	check_sizes(&a, name, &q, 0, NULL, NULL, i, octets_of);
	check_sizes(&a, name, &q, 0, NULL, OPT_TEXT, i, octets_of + 11 + 6);
	check_sizes(&a, name, &q, 0, NULL, OPT_LONG, i, octets_of + 19 + 6);
	free(i);
}

Test(request, is_whole_at_every_size)
{
	check_all_sizes("www.example.com", DNS_A,
		"NOERROR\n" WEB WEB_ALIAS LB "1\n" LB "2\n" LB "3\n");
	check_all_sizes("www.example.com", DNS_A,
		"NXDOMAIN\n" WEB WEB_ALIAS
		"- example.com. 60 SOA ns.example.net. host.example.net. 1 2 3 4 60\n");
	check_all_sizes("_s.example.com", DNS_SRV,
		"NOERROR\n? _s.example.com. SRV\n"
		"= _s.example.com. 9 SRV 1 2 3 a.example.com.\n"
		"= _s.example.com. 9 SRV 1 2 3 b.example.com.\n"
		"+ a.example.com. 9 A 192.0.2.1\n+ a.example.com. 9 AAAA 2001:db8::1\n"
		"+ b.example.com. 9 A 192.0.2.2\n");
	check_all_sizes("example.com", DNS_TXT,
		"NOERROR\n? example.com. TXT\n= example.com. 9 TXT \"one\"\n"
		"= example.com. 9 TXT \"two and more\"\n= example.com. 9 TXT "
		"\"three\"\n");
	check_all_sizes(".", DNS_A,
		"NOERROR\n? . A\n= . 9 A 192.0.2.1\n= . 9 A 192.0.2.2\n");
}

/* ---- behind CNAMEs of our own ------------------------------------------------------------------ */

/* A reply to app.corp.internal, which is a CNAME to www.example.com. */
#define CHAIN "c00c 0005 0001 0000000a 0011 @www.example.com"
#define APP   "? app.corp.internal. A\n= app.corp.internal. 10 CNAME www.example.com.\n"

Test(request, stands_behind_cnames_of_our_own)
{
	struct forward_question q = asked_for("www.example.com", DNS_A);
	struct image *i = image_of(&q, "NOERROR\n" WEB WEB_ALIAS LB "1\n" LB "2\n");
	struct asker a;

	asker_init(&a, "app.corp.internal", &q, 1, CHAIN, OPT_TEXT, 512);
	cr_assert_str_eq(told(&a, i, &(struct forward_saying){.age = 5}),
		"NOERROR qr rd ra edns=1232\n" APP
		"= www.example.com. 4 CNAME lb.example.com.\n"
		"= lb.example.com. 55 A 192.0.2.1\n= lb.example.com. 55 A 192.0.2.2\n");
	cr_assert_str_eq(told(&a, NULL,
				 &(struct forward_saying){.rcode = DNS_SERVFAIL}),
		"SERVFAIL qr rd ra edns=1232\n" APP);
	free(i);
	i = image_of(&q,
		"NXDOMAIN\n" WEB "- com. 60 SOA ns.com. host.com. 1 2 3 4 60\n");
	cr_assert_str_eq(told(&a, i,
				 &(struct forward_saying){
					 .rcode = DNS_NXDOMAIN, .age = 99, .ttl = 30}),
		"NXDOMAIN qr rd ra edns=1232\n" APP
		"- com. 30 SOA ns.com. host.com. 1 2 3 4 60\n");
	free(i);
}

/* What is cut to nothing says nothing of ours either, and so is no answer of ours: no AA. */
Test(request, what_is_cut_to_nothing_keeps_the_question_and_the_opt)
{
	static const char *const opts[] = {OPT_TEXT, NULL};
	struct forward_question q = asked_for("www.example.com", DNS_A);
	uint8_t out[512];

	for (size_t i = 0; i < CMAP_COUNT(opts); i++) {
		struct buf text = {.data = NULL};
		struct asker a;
		size_t len;

		asker_init(&a, "app.corp.internal", &q, 1, CHAIN, opts[i], 512);
		dns_put16(a.octets + 2, dns_get16(a.octets + 2) | DNS_AA);
		len = forward_reply_cut(&a.request, out);
		oracle_describe(out, len, &text);
		cr_assert_str_eq(buf_text(&text),
			i == 0 ? "NOERROR qr tc rd ra edns=1232\n? app.corp.internal. "
				 "A\n"
			       : "NOERROR qr tc rd ra\n? app.corp.internal. A\n");
		buf_free(&text);
	}
}

Test(request, is_whole_at_every_size_behind_cnames_of_our_own)
{
	struct forward_question q = asked_for("www.example.com", DNS_A);
	struct image *i =
		image_of(&q, "NOERROR\n" WEB WEB_ALIAS LB "1\n" LB "2\n" LB "3\n");
	struct asker a;
	size_t len;

	asker_init(&a, "app.corp.internal", &q, 1, CHAIN, NULL, DNS_MESSAGE_MAX);
	(void)reply(&a, i, &plain, &len);
	check_sizes(&a, "app.corp.internal", &q, 1, CHAIN, NULL, i, len);
	check_sizes(&a, "app.corp.internal", &q, 1, CHAIN, OPT_LONG, i, len + 19 + 6);
	free(i);
	q = asked_for("_s.example.com", DNS_SRV);
	i = image_of(&q,
		"NOERROR\n? _s.example.com. SRV\n"
		"= _s.example.com. 9 SRV 1 2 3 a.example.com.\n"
		"= _s.example.com. 9 SRV 1 2 3 b.example.com.\n"
		"+ a.example.com. 9 A 192.0.2.1\n+ b.example.com. 9 A 192.0.2.2\n");
	asker_init(&a, "s.corp.internal", &q, 1,
		"c00c 0005 0001 0000000a 0010 @_s.example.com", NULL, DNS_MESSAGE_MAX);
	(void)reply(&a, i, &plain, &len);
	check_sizes(&a, "s.corp.internal", &q, 1,
		"c00c 0005 0001 0000000a 0010 @_s.example.com", OPT_TEXT, i,
		len + 11 + 6);
	free(i);
}

/* What just fits behind the question may not behind the CNAMEs. */
Test(request, the_longest_image_is_cut_behind_cnames_of_our_own)
{
	static uint8_t message[DNS_MESSAGE_MAX];
	size_t len = octets("1234 8180 0001 0ffe 0000 0000 @a 0001 0001"
			    "{4094 c00c 0001 0001 0000003c 0004 c0000201}",
		message, sizeof(message));
	struct forward_question q = asked_for("a", DNS_A);
	struct image *i = NULL;
	const uint8_t *p;
	struct asker a;

	cr_assert_eq(image_read(&q, SAID_ID, message, len, &i), IMAGE_OK);
	asker_init(&a, "app.corp.internal", &q, 1, "c00c 0005 0001 0000000a 0003 @a",
		OPT_TEXT, DNS_MESSAGE_MAX);
	p = reply(&a, i, &plain, &len);
	cr_assert_gt(len, DNS_MESSAGE_MAX - 40);
	cr_assert(p[2] & 2, "no TC");
	cr_assert_lt(count_of(p, 0), 4095);
	cr_assert_not(has_line(told(&a, i, &plain), "no message"));
	free(i);
}
