/* SPDX-License-Identifier: MIT */
/*
 * test_resolve.c -- cmapctl resolve against a DNS server of a few lines, made with
 * ldns.
 */
#include "test.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/mem.h"
#include "run.h"

/* How the server answers over UDP; over TCP it is always well-behaved. */
enum manner { PLAIN, TRUNCATED, WRONG_ID_FIRST, GARBAGE };

struct dns {
	enum manner manner;
	uint8_t rcode;      /* LDNS_RCODE_... */
	const char *answer; /* zone text, one record; NULL: none */
	const char *authority;
	uint16_t port;
	int udp;
	int tcp;
	int stop[2];
	pthread_t thread;
	size_t edns_size; /* that the last query offered */
	bool rd;
};

static void push(ldns_pkt *p, ldns_pkt_section section, const char *text)
{
	ldns_rr *rr = NULL;

	if (text == NULL)
		return;
	cr_assert_eq(ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL), LDNS_STATUS_OK);
	ldns_pkt_push_rr(p, section, rr);
}

/* The caller frees the bytes. */
static uint8_t *make_reply(struct dns *d, const uint8_t *query, size_t len, bool udp,
	size_t *out)
{
	ldns_pkt *q = NULL;
	ldns_pkt *p = ldns_pkt_new();
	uint8_t *wire = NULL;

	cr_assert_eq(ldns_wire2pkt(&q, query, len), LDNS_STATUS_OK);
	d->edns_size = ldns_pkt_edns_udp_size(q);
	d->rd = ldns_pkt_rd(q);
	ldns_pkt_set_id(p, ldns_pkt_id(q));
	ldns_pkt_set_qr(p, true);
	ldns_pkt_set_aa(p, true);
	ldns_pkt_set_rd(p, true);
	ldns_pkt_set_rcode(p, d->rcode);
	ldns_pkt_set_edns_udp_size(p, 1232);
	ldns_pkt_push_rr(p, LDNS_SECTION_QUESTION,
		ldns_rr_clone(ldns_rr_list_rr(ldns_pkt_question(q), 0)));
	if (udp && d->manner == TRUNCATED) {
		ldns_pkt_set_tc(p, true);
	} else {
		push(p, LDNS_SECTION_ANSWER, d->answer);
		push(p, LDNS_SECTION_AUTHORITY, d->authority);
	}
	cr_assert_eq(ldns_pkt2wire(&wire, p, out), LDNS_STATUS_OK);
	ldns_pkt_free(p);
	ldns_pkt_free(q);
	return wire;
}

static void serve_udp(struct dns *d)
{
	uint8_t query[1500];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(d->udp, query, sizeof(query), 0, (struct sockaddr *)&from,
		&from_len);
	size_t len;
	uint8_t *reply;

	if (n < 12)
		return;
	reply = make_reply(d, query, (size_t)n, true, &len);
	if (d->manner == WRONG_ID_FIRST) {
		reply[0] ^= 0xFF;
		reply[3] ^= LDNS_RCODE_NXDOMAIN;
		sendto(d->udp, reply, len, 0, (const struct sockaddr *)&from, from_len);
		reply[3] ^= LDNS_RCODE_NXDOMAIN;
		reply[0] ^= 0xFF;
		sendto(d->udp, reply, 5, 0, (const struct sockaddr *)&from, from_len);
		sendto(d->udp, query, (size_t)n, 0, (const struct sockaddr *)&from,
			from_len);
	}
	if (d->manner == GARBAGE)
		memset(reply + 12, 0xFF, len - 12);
	sendto(d->udp, reply, len, 0, (const struct sockaddr *)&from, from_len);
	free(reply);
}

static void serve_tcp(struct dns *d)
{
	uint8_t buf[1500];
	int fd = accept(d->tcp, NULL, NULL);
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n > 14) {
		size_t len;
		uint8_t *reply = make_reply(d, buf + 2, (size_t)n - 2, false, &len);
		uint8_t head[2] = {(uint8_t)(len >> 8), (uint8_t)len};

		cr_assert_eq(write(fd, head, 2), 2);
		cr_assert_eq(write(fd, reply, len), (ssize_t)len);
		free(reply);
	}
	close(fd);
}

static void *serve(void *arg)
{
	struct dns *d = arg;

	for (;;) {
		struct pollfd p[3] = {{d->udp, POLLIN, 0}, {d->tcp, POLLIN, 0},
			{d->stop[0], POLLIN, 0}};

		poll(p, 3, -1);
		if (p[0].revents != 0)
			serve_udp(d);
		if (p[1].revents != 0)
			serve_tcp(d);
		if (p[2].revents != 0)
			return NULL;
	}
}

/* One port, free for UDP and TCP. */
static void dns_start(struct dns *d)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(in);
	int err = -1;

	for (int i = 0; i < 20 && err != 0; i++) {
		in.sin_port = 0;
		d->udp = socket(AF_INET, SOCK_DGRAM, 0);
		d->tcp = socket(AF_INET, SOCK_STREAM, 0);
		cr_assert_eq(bind(d->udp, (const struct sockaddr *)&in, len), 0);
		cr_assert_eq(getsockname(d->udp, (struct sockaddr *)&in, &len), 0);
		err = bind(d->tcp, (const struct sockaddr *)&in, len);
		if (err != 0) {
			close(d->udp);
			close(d->tcp);
		}
	}
	cr_assert_eq(err, 0);
	cr_assert_eq(listen(d->tcp, 4), 0);
	cr_assert_eq(pipe(d->stop), 0);
	d->port = ntohs(in.sin_port);
	cr_assert_eq(pthread_create(&d->thread, NULL, serve, d), 0);
}

static void dns_stop(struct dns *d)
{
	close(d->stop[1]);
	pthread_join(d->thread, NULL);
	close(d->stop[0]);
	close(d->udp);
	close(d->tcp);
}

static void ask(struct dns *d, struct run *r, const char *line)
{
	char *full;

	dns_start(d);
	full = xasprintf("resolve %s --server 127.0.0.1:%u", line, d->port);
	run_line(r, NULL, full);
	free(full);
	dns_stop(d);
}

Test(resolve, prints_like_dig)
{
	struct dns d = {
		.answer = "web.prod. 5 IN A 192.0.2.1", .rcode = LDNS_RCODE_NOERROR};
	struct run r;
	char *server;

	ask(&d, &r, "web.prod");
	cr_assert_eq(r.status, 0, "%d %s", r.status, r.err);
	cr_assert_str_eq(r.err, "");
	cr_expect(run_begins(r.out,
			  ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: "),
		"%s", r.out);
	cr_expect_not_null(strstr(r.out, ";; flags: qr aa rd; QUERY: 1, ANSWER: 1, "
					 "AUTHORITY: 0, ADDITIONAL: 1\n"),
		"%s", r.out);
	cr_expect_not_null(strstr(r.out, "; EDNS: version: 0, flags:; udp: 1232\n"));
	cr_expect_not_null(strstr(r.out,
		"\n;; QUESTION SECTION:\n;web.prod.\t\tIN\tA\n"));
	cr_expect_not_null(strstr(r.out,
		"\n\n;; ANSWER SECTION:\nweb.prod.\t5\tIN\tA\t192.0.2.1\n\n"));
	cr_expect_not_null(strstr(r.out, "\n;; Query time: "));
	server = xasprintf("\n;; SERVER: 127.0.0.1:%u (UDP)\n;; MSG SIZE  rcvd: 53\n",
		d.port);
	cr_expect_not_null(strstr(r.out, server), "%s", r.out);
	cr_expect_eq(d.edns_size, 1232);
	cr_expect(d.rd);
	free(server);
	run_free(&r);
}

Test(resolve, no_such_name_and_no_data_end_with_1)
{
	static const uint8_t rcodes[] = {LDNS_RCODE_NXDOMAIN, LDNS_RCODE_NOERROR};

	for (size_t i = 0; i < CMAP_COUNT(rcodes); i++) {
		struct dns d = {.rcode = rcodes[i],
			.authority = "prod. 5 IN SOA ns.prod. root.prod. 1 2 3 4 5"};
		struct run r;

		ask(&d, &r, "gone.prod SRV");
		cr_expect_eq(r.status, 1);
		cr_expect_str_eq(r.err, "");
		cr_expect_not_null(strstr(r.out,
			i == 0 ? "status: NXDOMAIN" : "status: NOERROR"));
		cr_expect_not_null(strstr(r.out,
					   ";; AUTHORITY "
					   "SECTION:\nprod.\t5\tIN\tSOA\tns.prod. "),
			"%s", r.out);
		run_free(&r);
	}
}

Test(resolve, servers_that_fail_or_refuse_are_told_apart)
{
	struct dns d = {.rcode = LDNS_RCODE_SERVFAIL};
	struct run r;

	ask(&d, &r, "web.prod");
	cr_expect_eq(r.status, 75);
	run_free(&r);
	d = (struct dns){.rcode = LDNS_RCODE_REFUSED};
	ask(&d, &r, "web.prod");
	cr_expect_eq(r.status, 1);
	cr_expect_not_null(strstr(r.out, "status: REFUSED"));
	run_free(&r);
}

Test(resolve, a_truncated_answer_is_asked_for_over_tcp)
{
	struct dns d = {
		.manner = TRUNCATED, .answer = "web.prod. 5 IN SRV 1 1 80 i.web.prod."};
	struct run r;

	ask(&d, &r, "web.prod srv");
	cr_expect_eq(r.status, 0, "%s", r.err);
	cr_expect(run_begins(r.out, ";; truncated over UDP, asked again over TCP\n"),
		"%s", r.out);
	cr_expect_not_null(strstr(r.out, "\tSRV\t1 1 80 i.web.prod.\n"));
	cr_expect_not_null(strstr(r.out, " (TCP)\n"));
	run_free(&r);
}

Test(resolve, tcp_at_once_when_asked)
{
	struct dns d = {.manner = GARBAGE, .answer = "web.prod. 5 IN A 192.0.2.1"};
	struct run r;

	ask(&d, &r, "web.prod --tcp");
	cr_expect_eq(r.status, 0, "%s", r.err);
	cr_expect_not_null(strstr(r.out, " (TCP)\n"));
	run_free(&r);
}

Test(resolve, what_is_no_reply_to_the_question_is_not_heard)
{
	struct dns d = {
		.manner = WRONG_ID_FIRST, .answer = "web.prod. 5 IN A 192.0.2.1"};
	struct run r;

	ask(&d, &r, "web.prod");
	cr_expect_eq(r.status, 0, "%s", r.err);
	cr_expect_not_null(strstr(r.out, "\tA\t192.0.2.1\n"));
	run_free(&r);
}

Test(resolve, a_reply_of_garbage_is_no_answer)
{
	struct dns d = {.manner = GARBAGE};
	struct run r;

	ask(&d, &r, "web.prod");
	cr_expect_eq(r.status, 69);
	cr_expect(run_begins(r.err, "cmapctl: the DNS server's reply cannot be read: "),
		"%s", r.err);
	cr_expect_str_eq(r.out, "");
	run_free(&r);
}

Test(resolve, a_closed_port_is_unreachable)
{
	struct dns d = {0};
	struct run r;
	char *line;
	char *want;

	dns_start(&d);
	dns_stop(&d);
	line = xasprintf("resolve web.prod A --server 127.0.0.1:%u", d.port);
	want = xasprintf("cmapctl: cannot ask DNS server 127.0.0.1:%u: Connection "
			 "refused; is cmapd running there?\n",
		d.port);
	run_line(&r, NULL, line);
	cr_expect_str_eq(r.err, want, "%s", r.err);
	cr_expect_eq(r.status, 69);
	run_free(&r);
	free(line);
	free(want);
}

Test(resolve, json_holds_the_sections)
{
	struct dns d = {.answer = "web.prod. 5 IN A 192.0.2.1"};
	struct run r;

	ask(&d, &r, "web.prod --json");
	cr_expect_eq(r.status, 0);
	cr_expect(run_begins(r.out, "{\n  \"Status\": \"NOERROR\",\n  \"Flags\": ["),
		"%s", r.out);
	cr_expect_not_null(strstr(r.out, "\"Answer\": [\n    {\n      \"Name\": "
					 "\"web.prod.\",\n      \"Type\": \"A\",\n     "
					 " \"TTL\": 5,\n"
					 "      \"Data\": \"192.0.2.1\"\n    }\n  ]"),
		"%s", r.out);
	run_free(&r);
}
