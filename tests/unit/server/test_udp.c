/* SPDX-License-Identifier: MIT */
#include "server/udp.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "live.h"
#include "octets.h"
#include "test.h"

static const struct question one = {.name = "one." TOWN, .type = DNS_A};
static const struct question web = {.name = "web." TOWN, .type = DNS_A};

Test(udp, answers)
{
	struct live l;
	int fd;

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0");
	fd = client_udp(&l.address);
	client_ask(fd, &one, 1);
	client_ask(fd, &web, 3);
	client_ask(fd, &(struct question){.name = "many." TOWN, .type = DNS_A}, 8);
	client_ask(fd, &(struct question){.name = "nope." TOWN, .type = DNS_A}, 0);
	client_ask(fd,
		&(struct question){.name = "many." TOWN, .type = DNS_SRV, .edns = 1232},
		8);
	cr_assert_eq(live_counter(&l, COUNTER_UDP_QUERIES), 5);
	close(fd);
	live_end(&l);
}

/* Asks host without connecting, and looks where the reply comes from. */
static void check_source(const struct live *l, const char *host)
{
	struct sock_addr to = client_address(host, &l->address), from;
	struct timeval patience = {.tv_sec = 20};
	int fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint8_t query[DNS_UDP_MIN], reply[DNS_UDP_MIN];
	size_t len = question_write(&one, query);
	char text[SOCK_ADDR_TEXT];

	memset(&from, 0, sizeof(from));
	from.len = sizeof(from.in6);
	cr_assert_geq(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	cr_assert_eq(sendto(fd, query, len, 0, &to.any, to.len), (ssize_t)len, "%s",
		host);
	cr_assert_gt(recvfrom(fd, reply, sizeof(reply), 0, &from.any, &from.len), 12,
		"%s: %s", host, strerror(errno));
	sock_addr_format(&from, text);
	cr_assert(sock_addr_equal(&from, &to), "%s was asked, %s answered", host, text);
	close(fd);
}

Test(udp, a_wildcard_socket_answers_from_the_address_asked)
{
	struct live l;

	live_init(&l, 8);
	live_start(&l, "0.0.0.0:0");
	for (int i = 1; i <= 9; i++) {
		char host[16];
		struct sock_addr to;
		int fd;

		snprintf(host, sizeof(host), "127.0.0.%d", i);
		check_source(&l, host);
		to = client_address(host, &l.address);
		fd = client_udp(&to);
		client_ask(fd, &one, 1);
		client_ask(fd, &web, 3);
		close(fd);
	}
	live_end(&l);
}

Test(udp, a_batch_is_answered_from_each_address_asked)
{
	enum { CLIENTS = 100 };
	struct live l;
	int fd[CLIENTS];

	live_init(&l, 8);
	live_start(&l, "0.0.0.0:0");
	for (int i = 0; i < CLIENTS; i++) {
		char host[16];
		struct sock_addr to;

		snprintf(host, sizeof(host), "127.0.%d.%d", i % 7, 1 + i);
		to = client_address(host, &l.address);
		fd[i] = client_udp(&to);
	}
	for (int i = 0; i < CLIENTS; i++)
		client_send(fd[i], &web, (uint16_t)i);
	for (int i = 0; i < CLIENTS; i++) {
		size_t len;

		client_expect(fd[i], &web, (uint16_t)i, &len);
		close(fd[i]);
	}
	live_end(&l);
}

Test(udp, the_ipv6_wildcard_answers_from_the_address_asked)
{
	struct live l;
	struct sock_addr to;
	int fd;

	if (!live_has_ipv6())
		cr_skip_test("no IPv6");
	live_init(&l, 8);
	live_start(&l, "[::]:0");
	check_source(&l, "::1");
	to = client_address("::1", &l.address);
	fd = client_udp(&to);
	client_ask(fd, &one, 1);
	close(fd);
	live_end(&l);
}

/* One port for both, as "listen 0.0.0.0:53" and "listen [::]:53" are one configuration. */
Test(udp, both_wildcards_may_have_one_port)
{
	struct live l;
	struct sock_addr v6;
	struct buf err = {.data = NULL};

	if (!live_has_ipv6())
		cr_skip_test("no IPv6");
	live_init(&l, 8);
	live_start(&l, "0.0.0.0:0");
	v6 = client_address("::", &l.address);
	cr_assert_eq(server_listen(l.server, &v6, &err), 0, "%s", buf_text(&err));
	cr_assert_eq(server_serve(l.server, &err), 0, "%s", buf_text(&err));
	check_source(&l, "127.0.0.5");
	check_source(&l, "::1");
	live_end(&l);
}

Test(udp, each_query_of_a_burst_gets_its_reply)
{
	enum { BURST = 150 }; /* the replies must fit into the client's buffer */
	struct live l;
	char seen[BURST] = {0};
	int fd;

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0");
	fd = client_udp(&l.address);
	for (int round = 0; round < 5; round++) {
		memset(seen, 0, sizeof(seen));
		for (uint16_t id = 0; id < BURST; id++)
			client_send(fd, id % 2 ? &one : &web, id);
		for (uint16_t i = 0; i < BURST; i++) {
			uint8_t reply[DNS_UDP_MIN];
			ssize_t n = recv(fd, reply, sizeof(reply), 0);
			uint16_t id;

			cr_assert_gt(n, 12, "%s", strerror(errno));
			id = dns_get16(reply);
			cr_assert_lt(id, BURST);
			cr_assert_eq(seen[id]++, 0, "%u twice", id);
			cr_assert_eq(dns_get16(reply + 6), id % 2 ? 1 : 3);
		}
	}
	cr_assert_eq(live_counter(&l, COUNTER_UDP_QUERIES), 5 * BURST);
	close(fd);
	live_end(&l);
}

Test(udp, all_threads_of_an_address_answer)
{
	enum { CLIENTS = 64 };
	struct live l;

	live_init(&l, 8);
	l.options.udp_threads = 4;
	live_start(&l, "127.0.0.1:0");
	for (int i = 0; i < CLIENTS; i++) {
		int fd = client_udp(&l.address);

		for (int k = 0; k < 4; k++)
			client_ask(fd, &one, 1);
		close(fd);
	}
	cr_assert_eq(live_counter(&l, COUNTER_UDP_QUERIES), 4 * CLIENTS);
	cr_assert_eq(live_counter(&l, COUNTER_NOERROR), 4 * CLIENTS);
	live_end(&l);
}

/* What comes behind them is the reply to the next good query. */
Test(udp, says_nothing_to_what_is_no_query)
{
	static const char *const none[] = {"", "12", "1234 0000 0001 0000 0000 00",
		"1234 8000 0001 0000 0000 0000 @one.corp.internal 0001 0001",
		"ffff ffff ffff ffff ffff ffff", "{4000 ff}"};
	struct live l;
	int fd;

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0");
	fd = client_udp(&l.address);
	for (size_t i = 0; i < CMAP_COUNT(none); i++) {
		uint8_t p[5000];
		size_t len = octets(none[i], p, sizeof(p));

		cr_assert_eq(send(fd, p, len, 0), (ssize_t)len);
		client_ask(fd, &one, 1);
	}
	cr_assert_eq(live_counter(&l, COUNTER_DROPPED), CMAP_COUNT(none));
	cr_assert_eq(live_counter(&l, COUNTER_UDP_QUERIES), CMAP_COUNT(none));
	close(fd);
	live_end(&l);
}

Test(udp, a_datagram_longer_than_any_query_does_no_harm)
{
	static uint8_t p[65507];
	struct live l;
	int fd;

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0");
	fd = client_udp(&l.address);
	for (size_t len = 4090; len < 4100; len++) {
		size_t reply_len;

		memset(p, 0, sizeof(p));
		question_write(&one, p);
		cr_assert_eq(send(fd, p, len, 0), (ssize_t)len);
		client_expect(fd, &one, 0x1234, &reply_len);
	}
	/* An OPT that is cut off is not there. */
	dns_put16(p + 10, 1);
	dns_put16(p + DNS_HEADER_LEN + 19 + 4 + 9, 60000);
	p[DNS_HEADER_LEN + 19 + 4 + 2] = DNS_OPT;
	cr_assert_eq(send(fd, p, sizeof(p), 0), (ssize_t)sizeof(p));
	cr_assert_gt(recv(fd, p, sizeof(p), 0), 12);
	cr_assert_eq(p[3] & 0xF, DNS_FORMERR);
	client_ask(fd, &one, 1);
	close(fd);
	live_end(&l);
}

Test(udp, the_clock_ends_leases)
{
	const struct question leased = {.name = "leased." TOWN, .type = DNS_A};
	struct live l;
	int fd;

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0");
	fd = client_udp(&l.address);
	client_ask(fd, &leased, 2);
	atomic_fetch_add(&l.clock.mono_ms, 9999);
	client_ask(fd, &leased, 2);
	atomic_fetch_add(&l.clock.mono_ms, 1);
	client_ask(fd, &leased, 1);
	atomic_fetch_add(&l.clock.mono_ms, 20000);
	client_ask(fd, &leased, 0);
	close(fd);
	live_end(&l);
}

/* Nobody is there to take the reply; the next in line gets his. */
Test(udp, clients_that_are_gone_cost_nothing)
{
	struct live l;
	int fd;

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0");
	fd = client_udp(&l.address);
	for (int i = 0; i < 200; i++) {
		int gone = client_udp(&l.address);

		client_send(gone, &one, 1);
		close(gone);
		if (i % 20 == 0)
			client_ask(fd, &one, 1);
	}
	client_ask(fd, &one, 1);
	close(fd);
	live_end(&l);
}

struct leavers {
	const struct live *live;
	pthread_t thread;
	atomic_uint gone, asked; /* by them, and by the one that stays */
};

enum { GONE = 20000 };

/*
 * Asks from one socket after the other, each closed before its reply can come: the kernel says "port
 * unreachable". As fast as the server takes them, so that none is lost in its queue.
 */
static void *leave(void *arg)
{
	enum { WAITING = 64 };
	struct leavers *l = arg;
	const struct sock_addr *to = &l->live->address;
	uint8_t query[DNS_UDP_MIN];
	size_t len = question_write(&web, query);

	for (unsigned int i = 0; i < GONE; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		while (live_counter(l->live, COUNTER_UDP_QUERIES) -
				atomic_load(&l->asked) + WAITING <
			i)
			sched_yield();
		if (sendto(fd, query, len, 0, &to->any, to->len) == (ssize_t)len)
			atomic_fetch_add(&l->gone, 1);
		close(fd);
	}
	return NULL;
}

/* Meanwhile another client asks, and gets his reply each time. */
Test(udp, thousands_that_are_gone_do_not_hurt_the_one_that_stays)
{
	struct leavers leavers = {.gone = 0};
	struct live l;
	unsigned int n = 0;
	int fd;

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0");
	leavers.live = &l;
	fd = client_udp(&l.address);
	cr_assert_eq(pthread_create(&leavers.thread, NULL, leave, &leavers), 0);
	while (atomic_load(&leavers.gone) < GONE) {
		client_ask(fd, &one, 1);
		atomic_store(&leavers.asked, ++n);
	}
	pthread_join(leavers.thread, NULL);
	client_ask(fd, &one, 1);
	/* The socket is not told of them: it is not connected. */
	cr_assert_eq(live_counter(&l, COUNTER_SEND_FAILED), 0);
	cr_assert_eq(live_counter(&l, COUNTER_UDP_QUERIES), GONE + n + 1);
	close(fd);
	live_end(&l);
}

/* ---- stopping --------------------------------------------------------------------------------- */

struct shooter {
	struct sock_addr to;
	pthread_t thread;
	atomic_bool stop;
	atomic_uint sent;
};

static void *shoot(void *arg)
{
	struct shooter *s = arg;
	uint8_t query[DNS_UDP_MIN];
	size_t len = question_write(&web, query);
	int fd = client_udp(&s->to);

	while (!atomic_load(&s->stop)) {
		uint8_t reply[DNS_UDP_MIN];

		(void)!send(fd, query, len, MSG_DONTWAIT); /* nobody may listen */
		(void)!recv(fd, reply, sizeof(reply), MSG_DONTWAIT);
		atomic_fetch_add(&s->sent, 1);
	}
	close(fd);
	return NULL;
}

Test(udp, stops_while_queries_come_in)
{
	enum { ROUNDS = 20 };
	struct shooter shooter[2] = {{.stop = false}};

	for (int round = 0; round < ROUNDS; round++) {
		struct live l;

		live_init(&l, 8);
		l.options.udp_threads = 2;
		live_start(&l, round % 2 ? "127.0.0.1:0" : "0.0.0.0:0");
		for (int i = 0; i < 2; i++) {
			shooter[i].to = client_address("127.0.0.1", &l.address);
			atomic_store(&shooter[i].stop, false);
			atomic_store(&shooter[i].sent, 0);
			cr_assert_eq(pthread_create(&shooter[i].thread, NULL, shoot,
					     &shooter[i]),
				0);
		}
		while (atomic_load(&shooter[0].sent) < 50 ||
			live_counter(&l, COUNTER_UDP_QUERIES) < 20)
			sched_yield();
		live_end(&l);
		for (int i = 0; i < 2; i++) {
			atomic_store(&shooter[i].stop, true);
			pthread_join(shooter[i].thread, NULL);
		}
	}
}

Test(udp, stops_when_nothing_has_come)
{
	for (int round = 0; round < 20; round++) {
		struct live l;

		live_init(&l, 8);
		l.options.udp_threads = 3;
		live_start(&l, "127.0.0.1:0");
		live_end(&l);
	}
}
