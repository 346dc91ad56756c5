/* SPDX-License-Identifier: MIT */
/* Replies at every size they may have. */
#include "server/respond.h"

#include <stdio.h>

#include "ask.h"
#include "test.h"

enum {
	QUESTION = 12 + 20 + 4, /* header, many.corp.internal, type and class */
	A_LEN = 16,
	SRV_LEN = 12 + 6 + 24, /* i-K.many.corp.internal for K below 10 */
	ADDRESSES = 16 + 28
};

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

/* The A records of the reply are 10.1.0.first, 10.1.0.(first + 1) and so on, n of them. */
static void check_window(const char *text, unsigned int first, unsigned int n)
{
	char expected[64];

	cr_assert_eq(count(text, "= many." TOWN ". 60 A "), n, "not %u: %s", n, text);
	for (unsigned int i = 0; i < n; i++) {
		snprintf(expected, sizeof(expected), "A 10.1.0.%u\n",
			(first + i) % 100);
		cr_assert_eq(count(text, expected), 1, "%s", text);
	}
}

static void check_a(struct town *t, const struct question *q, size_t limit,
	unsigned int turn)
{
	const char *text = town_ask(t, q);
	size_t fit = (limit - (q->edns > 0 ? 11 : 0) - QUESTION) / A_LEN;

	cr_assert_leq(t->reply_len, limit);
	check_window(text, turn, (unsigned int)(fit < 100 ? fit : 100));
	cr_assert_eq(strstr(text, " tc") != NULL, fit < 100, "%zu: %s", limit, text);
}

Test(respond_size, fills_what_the_client_takes)
{
	struct town t;
	unsigned int turn = 0;

	town_init(&t, 0);
	check_a(&t, &(struct question){.name = "many." TOWN, .type = DNS_A}, 512,
		turn++);
	for (uint16_t size = 512; size <= 1232; size++)
		check_a(&t,
			&(struct question){
				.name = "many." TOWN, .type = DNS_A, .edns = size},
			size, turn++);
	for (uint16_t size = 0; size < 512; size += 73)
		check_a(&t,
			&(struct question){.name = "many." TOWN,
				.type = DNS_A,
				.edns = size > 0 ? size : 1},
			512, turn++);
	check_a(&t,
		&(struct question){.name = "many." TOWN, .type = DNS_A, .edns = 65535},
		1232, turn++);
	cr_assert_eq(atomic_load(&t.counters.n[COUNTER_TRUNCATED]), turn);
	town_free(&t);
}

Test(respond_size, fills_what_the_server_sends)
{
	struct town t;
	unsigned int turn = 0;

	town_init(&t, 0);
	for (uint16_t size = 512; size <= RESPOND_UDP_SIZE_MAX; size += 31) {
		t.responder.udp_size = size;
		check_a(&t,
			&(struct question){
				.name = "many." TOWN, .type = DNS_A, .edns = 4096},
			size, turn++);
		check_a(&t, &(struct question){.name = "many." TOWN, .type = DNS_A},
			512, turn++);
	}
	town_free(&t);
}

Test(respond_size, has_all_over_tcp)
{
	struct town t;

	town_init(&t, 0);
	for (unsigned int turn = 0; turn < 10; turn++)
		check_a(&t,
			&(struct question){.name = "many." TOWN,
				.type = DNS_A,
				.edns = turn % 2 ? 512 : 0,
				.is_tcp = true},
			DNS_MESSAGE_MAX, turn);
	town_free(&t);
}

/* 5,000 addresses are more than a message can hold. */
Test(respond_size, is_cut_at_64_kib_over_tcp)
{
	struct question q = {.name = "big." TOWN, .type = DNS_A, .is_tcp = true};
	struct town t;
	uint8_t query[DNS_UDP_MIN];

	town_init(&t, 0);
	world_service(&t.world, "big." TOWN, "A=60");
	for (int i = 0; i < 5000; i++) {
		char id[16], address[32];

		snprintf(id, sizeof(id), "%d", i);
		snprintf(address, sizeof(address), "4=10.2.%d.%d", i / 250, i % 250);
		world_instance(&t.world, "big." TOWN, id, address, 0);
	}
	world_publish(&t.world);
	for (int edns = 0; edns < 2; edns++) {
		size_t len, fit = (65535 - (edns ? 11u : 0) - QUESTION + 1) / A_LEN;

		q.edns = edns ? 1232 : 0;
		len = question_write(&q, query);
		respond(&t.responder, query, len, false, t.reply);
		cr_assert_eq(dns_get16(t.reply + 6), fit);
		cr_assert(t.reply[2] & 0x02, "TC");
	}
	town_free(&t);
}

/* A server id of every length leaves every room that there is at the end of 64 KiB. */
Test(respond_size, has_every_size_up_to_64_kib_over_tcp)
{
	enum { FEW = 4050, MOST = 4110 };
	struct question q = {
		.name = "big." TOWN, .type = DNS_A, .edns = 1232, .is_tcp = true};
	struct settings settings = {.rate_slip = 0};
	_Atomic(struct settings *) published = &settings;
	uint8_t query[DNS_UDP_MIN];
	size_t len = question_write(&q, query), longest = 0;
	struct town t;

	dns_put16(query + len - 2, 4); /* NSID */
	dns_put32(query + len, 3u << 16);
	len += 4;
	town_init(&t, 0);
	t.responder.settings = &published;
	world_service(&t.world, "big." TOWN, "A=60");
	for (int i = 0; i < MOST; i++) {
		char id[16], address[32];

		snprintf(id, sizeof(id), "%d", i);
		snprintf(address, sizeof(address), "4=10.2.%d.%d", i / 250, i % 250);
		world_instance(&t.world, "big." TOWN, id, address, 0);
		if (i < FEW)
			continue;
		world_publish(&t.world);
		for (size_t n = 0; n <= SETTINGS_TEXT_MAX; n += 1 + n % 3) {
			size_t fixed = QUESTION - 1 + 11 + (n == 0 ? 0 : 4 + n);
			size_t fit = (DNS_MESSAGE_MAX - fixed) / A_LEN;
			size_t due = (size_t)i + 1 < fit ? (size_t)i + 1 : fit;

			memset(settings.server_id, 'n', n);
			settings.server_id[n] = '\0';
			responder_prepare(&t.responder, t.world.now_ms);
			t.reply_len = respond(&t.responder, query, len, false, t.reply);
			cr_assert_eq(t.reply_len, fixed + due * A_LEN, "%d, %zu", i, n);
			cr_assert_eq(dns_get16(t.reply + 6), due);
			cr_assert_eq((t.reply[2] & 0x02) != 0, due < (size_t)i + 1);
			longest = t.reply_len > longest ? t.reply_len : longest;
		}
	}
	cr_assert_eq(longest, DNS_MESSAGE_MAX);
	town_free(&t);
}

/* What is left over is for addresses; that they do not fit is no truncation. */
Test(respond_size, leaves_additional_records_out_first)
{
	struct town t;
	size_t answer = QUESTION + 8 * SRV_LEN + 11;

	town_init(&t, 8);
	for (uint16_t size = 512; size <= 1232; size++) {
		size_t left = size - answer;
		unsigned int pairs = (unsigned int)(left / ADDRESSES);
		unsigned int single = left % ADDRESSES >= 16;
		const char *text;

		/* Always the same window, of single-digit ids. */
		t.responder.rotation.n = 0;
		text = town_ask(&t,
			&(struct question){
				.name = "many." TOWN, .type = DNS_SRV, .edns = size});
		if (pairs >= 8)
			pairs = 8, single = 0;
		cr_assert_null(strstr(text, " tc"), "%u: %s", size, text);
		cr_assert_eq(count(text, " SRV 1 1 "), 8, "%u: %s", size, text);
		cr_assert_eq(count(text, " 60 A "), pairs + single, "%u: %s", size,
			text);
		cr_assert_eq(count(text, " 60 AAAA "), pairs, "%u: %s", size, text);
	}
	town_free(&t);
}

Test(respond_size, has_no_additional_records_beside_a_cut_answer)
{
	struct town t;

	town_init(&t, 0);
	for (uint16_t size = 512; size <= 1232; size += 11) {
		const char *text = town_ask(&t,
			&(struct question){
				.name = "many." TOWN, .type = DNS_SRV, .edns = size});

		cr_assert_not_null(strstr(text, " tc"), "%u: %s", size, text);
		cr_assert_null(strstr(text, "\n+"), "%u: %s", size, text);
		cr_assert_geq(count(text, " SRV 1 1 "), (size - 47u) / (SRV_LEN + 1),
			"%s", text);
	}
	town_free(&t);
}

/* Names of every length in a small zone: the SOA fits, or TC says that it does not. */
Test(respond_size, a_soa_that_does_not_fit_is_truncation)
{
	static const char label[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	char apex[300], name[400];
	struct town t;

	town_init(&t, 8);
	/* 3 * 64 + 1 octets: the SOA alone has 12 + 9 + 204 + 20. */
	snprintf(apex, sizeof(apex), "%s.%s.%s", label, label, label);
	world_namespace(&t.world, apex, -1);
	world_publish(&t.world);
	for (size_t len = 1; len <= 61; len++) {
		const char *text;
		size_t needed = 12 + 193 + 1 + len + 4 + 12 + 9 + 11 + 193 + 20;

		snprintf(name, sizeof(name), "%s.%s", label + 63 - len, apex);
		text = town_ask_plain(&t, name, DNS_A);
		cr_assert_eq(strncmp(text, "NXDOMAIN qr aa", 14), 0, "%s", text);
		cr_assert_eq(strstr(text, "SOA") != NULL, needed <= 512, "%zu: %s",
			needed, text);
		cr_assert_eq(strstr(text, " tc") != NULL, needed > 512, "%s", text);
		text = town_ask(&t,
			&(struct question){
				.name = name, .type = DNS_A, .is_tcp = true});
		cr_assert_not_null(strstr(text, "SOA"), "%s", text);
	}
	town_free(&t);
}

Test(respond_size, a_chain_that_does_not_fit_is_truncation)
{
	struct town t;
	bool cut = false;

	town_init(&t, 8);
	for (int from = 0; from < TOWN_CHAIN; from++) {
		char name[64];
		const char *text;

		snprintf(name, sizeof(name), "c-%d." TOWN, from);
		text = town_ask_plain(&t, name, DNS_A);
		if (strstr(text, " tc") != NULL) {
			cut = true;
			cr_assert_null(strstr(text, "A 10.0.0.1"), "%s", text);
			cr_assert_geq(t.reply_len, 512 - 12 - 20);
		}
	}
	cr_assert(cut, "the chains are too short for this test");
	town_free(&t);
}
