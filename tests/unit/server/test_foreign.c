/* SPDX-License-Identifier: MIT */
/* Names outside our zones, handed to upstreams that the test speaks for; its clients are real ones. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "octets.h"
#include "place.h"
#include "test.h"

#define WEB       "? www.example.com. A\n"
#define WEB_A     "= www.example.com. 60 A 192.0.2.1\n"
#define REFUSED   "REFUSED qr rd\n"
#define FORWARDED "NOERROR qr rd ra\n"

/* ---- who, and what ---------------------------------------------------------------------------- */

Test(foreign, a_name_outside_our_zones_is_forwarded)
{
	struct place p;
	struct upper_query q;
	struct question asked = asking("www.example.com", DNS_RD);
	int fd;

	place_open(&p, "127.0.0.1:0");
	fd = client_udp(&p.live.address);
	client_send(fd, &asked, 7);
	upper_expect(&p.upper, "www.example.com", DNS_A, &q);
	upper_say(&q, "NOERROR aa ad ra\n" WEB WEB_A);
	cr_assert_str_eq(told(fd), FORWARDED WEB WEB_A);
	/* Ours are answered as before, but RA is set; another class of ours is not forwarded. */
	asked = asking("one." TOWN, DNS_RD);
	client_send(fd, &asked, 8);
	cr_assert_str_eq(told(fd), "NOERROR qr aa rd ra\n? one." TOWN ". A\n= one." TOWN
				   ". 60 A 10.0.0.1\n");
	asked = asking("nope." TOWN, DNS_RD);
	client_send(fd, &asked, 8);
	cr_assert(strncmp(told(fd), "NXDOMAIN qr aa rd ra\n", 21) == 0);
	upper_expect_nothing(&p.upper);
	close(fd);
	place_close(&p);
}

Test(foreign, who_does_not_want_it_is_refused)
{
	struct place p;
	struct question asked = asking("www.example.com", 0);

	place_open(&p, "127.0.0.1:0");
	cr_assert_str_eq(ask_once(&p.live.address, &asked), "REFUSED qr ra\n" WEB);
	asked.edns = 1232;
	cr_assert_str_eq(ask_once(&p.live.address, &asked),
		"REFUSED qr ra edns=1232\n" WEB);
	upper_expect_nothing(&p.upper);
	place_close(&p);
}

/* A client's address is that of the loopback interface that it binds to. */
static int client_from(const char *host, const struct sock_addr *to)
{
	struct sock_addr from;
	struct timeval patience = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	cr_assert_eq(sock_addr_parse(host, 0, &from), CMAP_OK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	cr_assert_eq(bind(fd, &from.any, from.len), 0);
	cr_assert_eq(connect(fd, &to->any, to->len), 0);
	return fd;
}

Test(foreign, who_may_not_is_refused)
{
	struct place p;
	struct upper_query q;
	struct question asked = asking("www.example.com", DNS_RD);
	int fd;

	place_open(&p, "127.0.0.1:0");
	fd = client_from("127.0.0.4:0", &p.live.address);
	client_send(fd, &asked, 7);
	cr_assert_str_eq(told(fd), REFUSED WEB);
	asked = asking("one." TOWN, DNS_RD);
	client_send(fd, &asked, 7);
	cr_assert(strncmp(told(fd), "NOERROR qr aa rd\n", 17) == 0);
	asked = asking("foreign." TOWN, DNS_RD);
	client_send(fd, &asked, 7);
	cr_assert_str_eq(told(fd),
		"NOERROR qr aa rd\n? foreign." TOWN ". A\n= foreign." TOWN
		". 10 CNAME www.example.com.\n");
	upper_expect_nothing(&p.upper);
	close(fd);
	fd = client_from("127.0.0.3:0", &p.live.address);
	asked = asking("www.example.com", DNS_RD);
	client_send(fd, &asked, 7);
	upper_expect(&p.upper, "www.example.com", DNS_A, &q);
	upper_say(&q, "NOERROR\n" WEB WEB_A);
	cr_assert_str_eq(told(fd), FORWARDED WEB WEB_A);
	close(fd);
	place_close(&p);
}

Test(foreign, forwarding_ends_and_begins_with_the_settings)
{
	struct place p;
	struct upper_query q;
	struct question asked = asking("www.example.com", DNS_RD);
	int fd;

	place_open(&p, "127.0.0.1:0");
	fd = client_udp(&p.live.address);
	client_send(fd, &asked, 7);
	upper_expect(&p.upper, "www.example.com", DNS_A, &q);
	cr_assert_eq(server_set_forward(p.live.server, NULL), CMAP_OK);
	place_set(&p);
	/* What is under way is still answered. */
	upper_say(&q, "NOERROR\n" WEB WEB_A);
	cr_assert_str_eq(told(fd), FORWARDED WEB WEB_A);
	client_send(fd, &asked, 7);
	cr_assert_str_eq(told(fd), REFUSED WEB);
	cr_assert_eq(server_set_forward(p.live.server, &p.options), CMAP_OK);
	place_set(&p);
	client_send(fd, &asked, 7);
	cr_assert_str_eq(told(fd), FORWARDED WEB WEB_A, "from the cache");
	close(fd);
	place_close(&p);
}

Test(foreign, cd_comes_back_and_ad_does_not)
{
	struct place p;
	struct upper_query q;
	struct question asked = asking("www.example.com", DNS_RD | DNS_CD | DNS_AD);
	uint8_t reply[512];
	int fd;

	place_open(&p, "127.0.0.1:0");
	asked.edns = 1232;
	asked.dnssec_ok = true;
	fd = client_udp(&p.live.address);
	client_send(fd, &asked, 7);
	upper_expect(&p.upper, "www.example.com", DNS_A, &q);
	cr_assert_eq(dns_get16(q.octets + 2), DNS_RD | DNS_CD);
	cr_assert_eq(q.octets[33 + 7] & 0x80, 0x80, "DO goes up");
	upper_say(&q, "NOERROR ad edns do\n" WEB WEB_A);
	cr_assert_gt(recv(fd, reply, sizeof(reply), 0), 12);
	cr_assert_eq(dns_get16(reply + 2), DNS_QR | DNS_RD | DNS_RA | DNS_CD);
	close(fd);
	place_close(&p);
}

Test(foreign, a_cname_of_ours_leads_there)
{
	struct place p;
	struct upper_query q;
	struct question asked = asking("foreign." TOWN, DNS_RD);
	int fd;

	place_open(&p, "127.0.0.1:0");
	fd = client_udp(&p.live.address);
	client_send(fd, &asked, 7);
	upper_expect(&p.upper, "www.example.com", DNS_A, &q);
	upper_say(&q, "NOERROR\n" WEB WEB_A);
	cr_assert_str_eq(told(fd),
		"NOERROR qr aa rd ra\n? foreign." TOWN ". A\n= foreign." TOWN
		". 10 CNAME www.example.com.\n" WEB_A);
	/* Without RD, the CNAME is all there is. */
	asked.flags = 0;
	client_send(fd, &asked, 7);
	cr_assert_str_eq(told(fd),
		"NOERROR qr aa ra\n? foreign." TOWN ". A\n= foreign." TOWN
		". 10 CNAME www.example.com.\n");
	close(fd);
	place_close(&p);
}

Test(foreign, where_too_many_wait_it_fails_at_once)
{
	struct place p;
	struct upper_query q;
	struct question asked = asking("www.example.com", DNS_RD);
	uint8_t reply[512];
	ssize_t n;
	int fd;

	place_open(&p, "127.0.0.1:0");
	p.options.queries = 1;
	cr_assert_eq(server_set_forward(p.live.server, &p.options), CMAP_OK);
	fd = client_udp(&p.live.address);
	client_send(fd, &asked, 7);
	upper_expect(&p.upper, "www.example.com", DNS_A, &q);
	asked = asking("b.example", DNS_RD);
	asked.edns = 1232;
	client_send(fd, &asked, 8);
	n = recv(fd, reply, sizeof(reply), 0);
	cr_assert_gt(n, 12);
	cr_assert_eq(dns_get16(reply), 8);
	cr_assert_eq(reply[3] & 0xF, DNS_SERVFAIL);
	cr_assert_arr_eq(reply + n - 6, "\0\17\0\2\0\16", 6, "EDE 14");
	/* Ours never wait. */
	asked = asking("one." TOWN, DNS_RD);
	client_send(fd, &asked, 9);
	cr_assert(strncmp(told(fd), "NOERROR qr aa", 13) == 0);
	upper_say(&q, "NOERROR\n" WEB WEB_A);
	cr_assert_str_eq(told(fd), FORWARDED WEB WEB_A);
	close(fd);
	place_close(&p);
}

/* ---- UDP -------------------------------------------------------------------------------------- */

Test(foreign, a_forwarded_reply_comes_from_the_address_asked)
{
	struct place p;
	struct upper_query q;
	struct question asked = asking("www.example.com", DNS_RD);

	place_open(&p, "0.0.0.0:0");
	for (int i = 1; i < 4; i++) {
		char host[16];
		struct sock_addr to;
		int fd;

		snprintf(host, sizeof(host), "127.0.0.%d", i);
		to = client_address(host, &p.live.address);
		fd = client_udp(&to); /* hears nobody else */
		client_send(fd, &asked, 7);
		if (i == 1) {
			upper_expect(&p.upper, "www.example.com", DNS_A, &q);
			upper_say(&q, "NOERROR\n" WEB WEB_A);
		}
		cr_assert_str_eq(told(fd), FORWARDED WEB WEB_A);
		close(fd);
	}
	place_close(&p);
}

/* It is asked no more, but what it owes it pays. */
Test(foreign, an_address_that_is_given_up_still_answers_what_is_under_way)
{
	struct place p;
	struct upper_query q;
	struct question asked = asking("www.example.com", DNS_RD);
	struct sock_addr any;
	int fd;

	place_open(&p, "127.0.0.1:0");
	fd = client_udp(&p.live.address);
	client_send(fd, &asked, 7);
	upper_expect(&p.upper, "www.example.com", DNS_A, &q);
	cr_assert_eq(sock_addr_parse("127.0.0.1:0", 0, &any), CMAP_OK);
	cr_assert(server_unlisten(p.live.server, &any));
	upper_say(&q, "NOERROR\n" WEB WEB_A);
	cr_assert_str_eq(told(fd), FORWARDED WEB WEB_A);
	close(fd);
	place_close(&p);
}

/* Until the last reply is out its socket is there, but what comes to the address is for those who have it now. */
Test(foreign, an_address_that_is_taken_again_loses_no_query)
{
	enum { N = 64 };
	struct place p;
	struct upper_query q;
	struct question owed = asking("www.example.com", DNS_RD);
	struct question local = asking("one." TOWN, DNS_RD);
	struct sock_addr again, any;
	struct buf err = {.data = NULL};
	static const char *const addresses[] = {"127.0.0.1:0", "0.0.0.0:0"};
	int fd;

	for (size_t i = 0; i < CMAP_COUNT(addresses); i++) {
		place_open(&p, addresses[i]);
		again = p.live.address;
		fd = client_udp(&p.live.address);
		client_send(fd, &owed, 7);
		upper_expect(&p.upper, "www.example.com", DNS_A, &q);
		cr_assert_eq(sock_addr_parse(addresses[i], 0, &any), CMAP_OK);
		cr_assert(server_unlisten(p.live.server, &any));
		cr_assert_eq(server_listen(p.live.server, &again, &err), CMAP_OK, "%s",
			buf_text(&err));
		cr_assert_eq(server_serve(p.live.server, &err), CMAP_OK);
		for (int k = 0; k < N; k++)
			cr_assert(strncmp(ask_once(&again, &local), "NOERROR", 7) == 0);
		upper_say(&q, "NOERROR\n" WEB WEB_A);
		cr_assert_str_eq(told(fd), FORWARDED WEB WEB_A);
		close(fd);
		place_close(&p);
	}
}

/* ---- how many, and what for ------------------------------------------------------------------- */

/* Has "www.example.com" in the cache. */
static void learn(struct place *p)
{
	struct question asked = asking("www.example.com", DNS_RD);
	struct upper_query q;
	int fd = client_udp(&p->live.address);

	client_send(fd, &asked, 7);
	upper_expect(&p->upper, "www.example.com", DNS_A, &q);
	upper_say(&q, "NOERROR\n" WEB WEB_A);
	cr_assert_str_eq(told(fd), FORWARDED WEB WEB_A);
	close(fd);
}

/* As replies of our own: so many whole ones, then every second cut short. */
Test(foreign, forwarded_replies_have_the_same_limit)
{
	enum { RATE = 10, OVER = 40 };
	struct place p;
	struct question asked = asking("www.example.com", DNS_RD);
	struct question local = asking("one." TOWN, DNS_RD);
	uint16_t id;
	int fd, tcp;

	place_open(&p, "127.0.0.1:0");
	p.settings.rate_limit = RATE;
	p.settings.rate_slip = 2;
	place_set(&p);
	learn(&p);
	fd = client_udp(&p.live.address);
	for (int i = 1; i < RATE; i++) {
		client_send(fd, &asked, 7);
		cr_assert_str_eq(told(fd), FORWARDED WEB WEB_A);
	}
	for (uint16_t i = 0; i < OVER; i++)
		client_send(fd, &asked, 7);
	for (int i = 0; i < OVER / 2; i++)
		cr_assert_str_eq(told(fd), "NOERROR qr tc rd ra\n" WEB);
	cr_assert_eq(live_counter(&p.live, COUNTER_RATE_LIMITED), OVER);
	/* It is one limit for both. */
	client_send(fd, &local, 7);
	client_send(fd, &local, 7);
	cr_assert(strncmp(told(fd), "NOERROR qr tc rd ra\n", 20) == 0);
	tcp = client_tcp(&p.live.address);
	client_send(tcp, &asked, 7);
	cr_assert_str_eq(told_tcp(tcp, &id), FORWARDED WEB WEB_A);
	close(tcp);
	close(fd);
	place_close(&p);
}

/* What the forwarder has not answered counts, too: late, stale, and that there is none. */
Test(foreign, what_is_forwarded_is_counted_by_its_rcode)
{
	static const struct {
		const char *reply;
		enum counter which;
	} cases[] = {{"NXDOMAIN\n", COUNTER_NXDOMAIN}, {"NOERROR\n", COUNTER_NODATA},
		{"SERVFAIL\n", COUNTER_OTHER_RCODE}};
	struct place p;
	struct upper_query q;
	uint16_t id;

	place_open(&p, "127.0.0.1:0");
	learn(&p);
	cr_assert_eq(live_counter(&p.live, COUNTER_NOERROR), 1);
	for (size_t i = 0; i < CMAP_COUNT(cases) * 2; i++) {
		char name[20], text[100];
		struct question asked = asking(name, DNS_RD);
		bool is_tcp = i % 2;
		int fd;

		asked.is_tcp = is_tcp;
		snprintf(name, sizeof(name), "n%zu.example", i);
		snprintf(text, sizeof(text), "%s? %s. A\n", cases[i / 2].reply, name);
		fd = (is_tcp ? client_tcp : client_udp)(&p.live.address);
		client_send(fd, &asked, 7);
		upper_expect(&p.upper, name, DNS_A, &q);
		upper_say(&q, text);
		(void)(is_tcp ? told_tcp(fd, &id) : told(fd));
		cr_assert_eq(live_counter(&p.live, cases[i / 2].which), i % 2 + 1);
		close(fd);
	}
	cr_assert_eq(live_counter(&p.live, COUNTER_NOERROR), 1);
	place_close(&p);
}

/* RFC 6895 s3.1: whoever made them up, they are not for resolvers. ANY and what nobody knows is. */
Test(foreign, types_of_messages_are_not_forwarded)
{
	struct place p;
	struct upper_query q;
	struct question asked = asking("www.example.com", DNS_RD);
	int fd;

	place_open(&p, "127.0.0.1:0");
	for (uint16_t type = 128; type < DNS_ANY; type++) {
		const char *text;

		asked.type = type;
		text = ask_once(&p.live.address, &asked);
		cr_assert(strncmp(text, type == 128 ? "FORMERR " : "NOTIMPL ", 8) == 0,
			"%u: %s", type, text);
	}
	asked.type = 0;
	cr_assert(strncmp(ask_once(&p.live.address, &asked), "NOTIMPL ", 8) == 0);
	upper_expect_nothing(&p.upper);
	fd = client_udp(&p.live.address);
	asked.type = 127;
	client_send(fd, &asked, 7);
	upper_expect(&p.upper, "www.example.com", 127, &q);
	asked.type = DNS_ANY;
	client_send(fd, &asked, 7);
	upper_expect(&p.upper, "www.example.com", DNS_ANY, &q);
	close(fd);
	place_close(&p);
}

Test(foreign, stopping_leaves_nothing)
{
	struct place p;

	for (int round = 0; round < 10; round++) {
		struct question asked = asking("www.example.com", DNS_RD);
		struct upper_query q;
		int udp, tcp;

		place_open(&p, "127.0.0.1:0");
		udp = client_udp(&p.live.address);
		tcp = client_tcp(&p.live.address);
		for (uint16_t i = 0; i < 20; i++) {
			client_send(udp, &asked, i);
			client_send(tcp, &asked, i);
		}
		if (round % 2)
			upper_expect(&p.upper, "www.example.com", DNS_A, &q);
		if (round % 3 == 0)
			close(tcp);
		place_close(&p);
		close(udp);
		if (round % 3 != 0)
			close(tcp);
	}
}

/* ---- TCP -------------------------------------------------------------------------------------- */

Test(foreign, replies_over_tcp_come_as_they_are_known)
{
	struct place p;
	struct upper_query a, b;
	struct question first = asking("www.example.com", DNS_RD);
	struct question second = asking("b.example", DNS_RD);
	struct question ours = asking("one." TOWN, DNS_RD);
	uint16_t id;
	int fd;

	place_open(&p, "127.0.0.1:0");
	fd = client_tcp(&p.live.address);
	client_send(fd, &first, 1);
	upper_expect(&p.upper, "www.example.com", DNS_A, &a);
	client_send(fd, &second, 2);
	upper_expect(&p.upper, "b.example", DNS_A, &b);
	client_send(fd, &ours, 3);
	cr_assert(strstr(told_tcp(fd, &id), "10.0.0.1") != NULL);
	cr_assert_eq(id, 3);
	upper_say(&b, "NXDOMAIN\n? b.example. A\n");
	cr_assert_str_eq(told_tcp(fd, &id), "NXDOMAIN qr rd ra\n? b.example. A\n");
	cr_assert_eq(id, 2);
	upper_say(&a, "NOERROR\n" WEB WEB_A);
	cr_assert_str_eq(told_tcp(fd, &id), FORWARDED WEB WEB_A);
	cr_assert_eq(id, 1);
	close(fd);
	place_close(&p);
}

Test(foreign, a_half_closed_connection_gets_its_replies)
{
	struct place p;
	struct upper_query a, b;
	struct question first = asking("www.example.com", DNS_RD);
	struct question second = asking("b.example", DNS_RD);
	uint16_t id;
	int fd;

	place_open(&p, "127.0.0.1:0");
	fd = client_tcp(&p.live.address);
	client_send(fd, &first, 1);
	client_send(fd, &second, 2);
	shutdown(fd, SHUT_WR);
	upper_expect(&p.upper, "www.example.com", DNS_A, &a);
	upper_expect(&p.upper, "b.example", DNS_A, &b);
	upper_say(&b, "NXDOMAIN\n? b.example. A\n");
	(void)told_tcp(fd, &id);
	cr_assert_eq(id, 2);
	upper_say(&a, "NOERROR\n" WEB WEB_A);
	cr_assert_str_eq(told_tcp(fd, &id), FORWARDED WEB WEB_A);
	client_expect_end(fd);
	close(fd);
	place_close(&p);
}

Test(foreign, a_client_that_is_gone_costs_nobody_else)
{
	struct place p;
	struct upper_query a, b;
	struct question first = asking("www.example.com", DNS_RD);
	struct question second = asking("b.example", DNS_RD);
	struct linger reset = {.l_onoff = 1};
	uint16_t id;
	int fd, gone;

	place_open(&p, "127.0.0.1:0");
	fd = client_tcp(&p.live.address);
	gone = client_tcp(&p.live.address);
	client_send(gone, &first, 1);
	upper_expect(&p.upper, "www.example.com", DNS_A, &a);
	client_send(fd, &second, 2);
	upper_expect(&p.upper, "b.example", DNS_A, &b);
	setsockopt(gone, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(gone);
	upper_say(&a, "NOERROR\n" WEB WEB_A);
	upper_say(&b, "NXDOMAIN\n? b.example. A\n");
	(void)told_tcp(fd, &id);
	cr_assert_eq(id, 2);
	close(fd);
	place_close(&p);
}

/* No more is read while a hundred wait; then it goes on, and nothing is lost. */
Test(foreign, a_connection_may_have_any_number_of_queries)
{
	enum { N = 350 };
	struct place p;
	static struct upper_query q[N];
	bool seen[N] = {false};
	uint8_t *all = xmalloc(N * 64);
	size_t len = 0;
	int fd;

	place_open(&p, "127.0.0.1:0");
	for (uint16_t i = 0; i < N; i++) {
		char name[20];
		struct question asked;
		uint8_t frame[2 + DNS_UDP_MIN];
		size_t n;

		snprintf(name, sizeof(name), "n%u.example", i);
		asked = asking(name, DNS_RD);
		n = client_frame(&asked, i, frame);
		memcpy(all + len, frame, n);
		len += n;
	}
	fd = client_tcp(&p.live.address);
	client_send_octets(fd, all, len);
	shutdown(fd, SHUT_WR);
	for (int i = 0; i < N; i++) {
		char name[20], text[60];
		uint16_t id;

		snprintf(name, sizeof(name), "n%d.example", i);
		snprintf(text, sizeof(text), "NXDOMAIN\n? %s. A\n", name);
		upper_expect(&p.upper, name, DNS_A, &q[i]);
		if (i == 99) /* the hundred and first is not asked for */
			upper_expect_nothing(&p.upper);
		if (i < 99)
			continue;
		/* One is answered, and the next comes. */
		snprintf(name, sizeof(name), "n%d.example", i - 99);
		snprintf(text, sizeof(text), "NXDOMAIN\n? %s. A\n", name);
		upper_say(&q[i - 99], text);
		(void)told_tcp(fd, &id);
		cr_assert_lt(id, N);
		cr_assert_not(seen[id]);
		seen[id] = true;
	}
	for (int i = N - 99; i < N; i++) {
		char text[60];
		uint16_t id;

		snprintf(text, sizeof(text), "NXDOMAIN\n? n%d.example. A\n", i);
		upper_say(&q[i], text);
		(void)told_tcp(fd, &id);
		cr_assert_not(seen[id]);
		seen[id] = true;
	}
	client_expect_end(fd);
	close(fd);
	free(all);
	place_close(&p);
}
