/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "live.h"
#include "rng.h"
#include "test.h"

static const struct question one = {.name = "one." TOWN, .type = DNS_A};

Test(server, port_0_becomes_one_port_for_udp_and_tcp)
{
	struct live l;
	int udp, tcp;

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0 127.0.0.2:0");
	for (unsigned int i = 0; i < 2; i++) {
		const struct sock_addr *a = server_address(l.server, i);

		cr_assert_neq(sock_addr_port(a), 0);
		udp = client_udp(a);
		tcp = client_tcp(a);
		client_ask(udp, &one, 1);
		client_ask(tcp, &one, 1);
		close(udp);
		close(tcp);
	}
	cr_assert_null(server_address(l.server, 2));
	live_end(&l);
}

Test(server, a_busy_address_is_told_in_one_line)
{
	struct live l;
	struct server *other;
	struct sock_addr busy;
	struct buf err = {.data = NULL};
	char expected[200], address[SOCK_ADDR_TEXT];

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0");
	busy = l.address;
	sock_addr_format(&busy, address);
	snprintf(expected, sizeof(expected), "cannot listen on %s: %s", address,
		strerror(EADDRINUSE));
	cr_assert_eq(server_new(&l.options, zone_published(l.town.world.zone),
			     &l.clock.clock, &other),
		0);
	cr_assert_neq(server_listen(other, &busy, &err), 0);
	cr_assert_str_eq(buf_text(&err), expected);
	cr_assert_null(server_address(other, 0));
	buf_free(&err);
	/* An address that this machine has not. */
	cr_assert_eq(sock_addr_parse("198.51.100.7:5300", 0, &busy), 0);
	cr_assert_neq(server_listen(other, &busy, &err), 0);
	snprintf(expected, sizeof(expected), "cannot listen on 198.51.100.7:5300: %s",
		strerror(EADDRNOTAVAIL));
	cr_assert_str_eq(buf_text(&err), expected);
	buf_free(&err);
	server_free(other);
	live_end(&l);
}

/* What had come before the address was given up is answered. */
Test(server, an_address_that_is_given_up_answers_what_has_come)
{
	enum { N = 200, ROUNDS = 20 }; /* more do not fit the client's socket */
	struct live l;
	struct sock_addr a;
	struct buf err = {.data = NULL};

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0");
	cr_assert_eq(sock_addr_parse("127.0.0.2:0", 0, &a), 0);
	for (int round = 0; round < ROUNDS; round++) {
		uint8_t reply[DNS_UDP_MIN];
		int fd;

		cr_assert_eq(server_listen(l.server, &a, &err), 0);
		fd = client_udp(server_address(l.server, 1));
		for (uint16_t i = 0; i < N; i++)
			client_send(fd, &one, i);
		if (round % 2) /* else they have waited unserved */
			cr_assert_eq(server_serve(l.server, &err), 0);
		cr_assert(server_unlisten(l.server, &a));
		for (int i = 0; round % 2 && i < N; i++)
			cr_assert_gt(recv(fd, reply, sizeof(reply), 0), 0, "%d", i);
		close(fd);
	}
	cr_assert_eq(live_counter(&l, COUNTER_DROPPED), 0);
	live_end(&l);
}

Test(server, bound_is_not_served)
{
	struct live l;
	struct sock_addr a;
	struct buf err = {.data = NULL};
	int fd;
	uint8_t reply[DNS_UDP_MIN];

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0");
	cr_assert_eq(sock_addr_parse("127.0.0.2:0", 0, &a), 0);
	cr_assert_eq(server_listen(l.server, &a, &err), 0);
	fd = client_udp(server_address(l.server, 1));
	client_send(fd, &one, 1);
	cr_assert_eq(recv(fd, reply, sizeof(reply), MSG_DONTWAIT), -1);
	cr_assert_eq(errno, EAGAIN);
	/* The query has waited. */
	cr_assert_eq(server_serve(l.server, &err), 0);
	cr_assert_gt(recv(fd, reply, sizeof(reply), 0), 12);
	close(fd);
	live_end(&l);
}

Test(server, counts_of_addresses_that_are_gone_stay)
{
	struct live l;
	struct sock_addr asked;
	uint64_t sum[COUNTER_N] = {0};
	int fd;

	live_init(&l, 8);
	live_start(&l, "127.0.0.1:0 127.0.0.2:0");
	fd = client_udp(&l.address);
	for (int i = 0; i < 10; i++)
		client_ask(fd, &one, 1);
	close(fd);
	cr_assert_eq(sock_addr_parse("127.0.0.1:0", 0, &asked), 0);
	cr_assert(server_unlisten(l.server, &asked));
	fd = client_udp(server_address(l.server, 0));
	client_ask(fd, &one, 1);
	server_counters(l.server, sum);
	cr_assert_eq(sum[COUNTER_UDP_QUERIES], 11);
	close(fd);
	live_end(&l);
}

Test(server, starts_and_stops_without_an_address)
{
	struct live l;

	live_init(&l, 8);
	for (int i = 0; i < 20; i++) {
		cr_assert_eq(server_new(&l.options, zone_published(l.town.world.zone),
				     &l.clock.clock, &l.server),
			0);
		server_free(l.server);
	}
	l.server = NULL;
	server_free(NULL);
	live_end(&l);
}

/* ---- beside changes --------------------------------------------------------------------------- */

struct asker {
	const struct live *live;
	pthread_t thread;
	atomic_bool *stop;
	bool is_tcp;
	atomic_uint asked;
	_Atomic(const char *) wrong;
};

static void *ask_on(void *arg)
{
	struct asker *a = arg;
	int fd = a->is_tcp ? client_tcp(&a->live->address)
			   : client_udp(&a->live->address);
	uint8_t frame[2 + DNS_UDP_MIN], reply[2 + DNS_MESSAGE_MAX];
	size_t len = client_frame(&one, 7, frame), skip = a->is_tcp ? 0 : 2;

	while (!atomic_load(a->stop) && a->wrong == NULL) {
		ssize_t n;

		client_send_octets(fd, frame + skip, len - skip);
		n = recv(fd, reply + skip, sizeof(reply) - skip, 0);
		/* one has 10.0.0.1 whatever happens. */
		if (n < (ssize_t)(len - skip + 16) || dns_get16(reply + 2 + 6) < 1)
			a->wrong = "no answer where one stays registered";
		a->asked++;
	}
	close(fd);
	return NULL;
}

static bool have_asked(const struct asker *asker, int n)
{
	for (int i = 0; i < n; i++)
		if (atomic_load(&asker[i].asked) < 100 && asker[i].wrong == NULL)
			return false;
	return true;
}

Test(server, answers_while_all_changes)
{
	enum { STEPS = 300, ASKERS = 4 };
	struct live l;
	struct asker asker[ASKERS];
	atomic_bool stop = false;
	struct settings settings = {.rate_slip = 1, .keepalive_ds = 100};
	struct rng r = {111};

	live_init(&l, 8);
	l.options.udp_threads = 2;
	live_start(&l, "127.0.0.1:0");
	for (int i = 0; i < ASKERS; i++) {
		asker[i] =
			(struct asker){.live = &l, .stop = &stop, .is_tcp = i % 2 == 1};
		cr_assert_eq(pthread_create(&asker[i].thread, NULL, ask_on, &asker[i]),
			0);
	}
	for (int step = 0; step < STEPS || !have_asked(asker, ASKERS); step++) {
		char attributes[64];

		snprintf(attributes, sizeof(attributes), "4=10.5.0.%u",
			rng_below(&r, 200));
		world_instance(&l.town.world, "one." TOWN, "moving", attributes,
			step % 3 == 0 ? 5000 : 0);
		world_publish(&l.town.world);
		if (step % 5 == 0) {
			world_remove_instance(&l.town.world, "one." TOWN, "moving");
			world_publish(&l.town.world);
		}
		if (step % 7 == 0) {
			settings.cookies.n = step % 2 ? 1 : 0;
			server_set_settings(l.server, &settings);
		}
		sched_yield();
	}
	atomic_store(&stop, true);
	for (int i = 0; i < ASKERS; i++) {
		pthread_join(asker[i].thread, NULL);
		cr_assert_null(asker[i].wrong, "%s", asker[i].wrong);
	}
	live_end(&l);
}
