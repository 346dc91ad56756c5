/* SPDX-License-Identifier: MIT */
#include "server/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "live.h"
#include "octets.h"
#include "rng.h"
#include "test.h"

static const struct question one = {.name = "one." TOWN, .type = DNS_A, .is_tcp = true};
static const struct question web = {.name = "web." TOWN, .type = DNS_A, .is_tcp = true};
static const struct question many = {
	.name = "many." TOWN, .type = DNS_A, .is_tcp = true};

static void start(struct live *l, uint16_t answers)
{
	live_init(l, answers);
	live_start(l, "127.0.0.1:0");
}

/* The server has seen all that was sent before: it has answered on another connection. */
static void settle(int other)
{
	client_ask(other, &one, 1);
}

enum { IDLE_MS = 10000, GRAIN_MS = 16 };

static void pass(struct live *l, int64_t ms)
{
	atomic_fetch_add(&l->clock.mono_ms, ms);
}

/*
 * What is due by now has been done before anything that the caller does next is looked at. One question would not do:
 * it may still be read in a turn of the loop that began before the time had passed, as can a few behind it.
 */
static void turn(int other)
{
	enum { MORE_THAN_A_TURN_READS = 20 };

	for (int i = 0; i < MORE_THAN_A_TURN_READS; i++)
		settle(other);
}

/* In two steps: the other connection must not become idle itself. */
static void pass_idle_time(struct live *l, int other, int64_t idle_ms)
{
	settle(other);
	pass(l, idle_ms / 2);
	settle(other);
	pass(l, idle_ms / 2 + GRAIN_MS);
	turn(other);
}

Test(tcp, answers)
{
	struct live l;
	int fd;

	start(&l, 0);
	fd = client_tcp(&l.address);
	client_ask(fd, &one, 1);
	client_ask(fd, &many, 100);
	client_ask(fd, &(struct question){.name = "x.com", .type = DNS_A}, 0);
	client_ask(fd, &one, 1);
	cr_assert_eq(live_counter(&l, COUNTER_TCP_QUERIES), 4);
	cr_assert_eq(live_counter(&l, COUNTER_TCP_CONNECTIONS), 1);
	close(fd);
	live_end(&l);
}

Test(tcp, answers_at_wildcard_addresses)
{
	struct live l;

	live_init(&l, 8);
	live_start(&l, live_has_ipv6() ? "0.0.0.0:0 [::]:0" : "0.0.0.0:0");
	for (unsigned int i = 0; server_address(l.server, i) != NULL; i++) {
		const struct sock_addr *bound = server_address(l.server, i);
		struct sock_addr to =
			client_address(bound->any.sa_family == AF_INET ? "127.0.0.7"
								       : "::1",
				bound);
		int fd = client_tcp(&to);

		client_ask(fd, &one, 1);
		close(fd);
	}
	live_end(&l);
}

/* ---- framing ---------------------------------------------------------------------------------- */

Test(tcp, many_queries_in_one_segment_are_answered_in_order)
{
	enum { N = 500 };
	struct live l;
	uint8_t *all = xmalloc(N * 64), *at = all;
	int fd;

	start(&l, 8);
	for (uint16_t id = 0; id < N; id++) {
		uint8_t frame[2 + DNS_UDP_MIN];
		size_t len = client_frame(id % 3 ? &one : &web, id, frame);

		memcpy(at, frame, len);
		at += len;
	}
	fd = client_tcp(&l.address);
	client_send_octets(fd, all, (size_t)(at - all));
	for (uint16_t id = 0; id < N; id++) {
		size_t len;

		client_expect(fd, id % 3 ? &one : &web, id, &len);
	}
	cr_assert_eq(live_counter(&l, COUNTER_TCP_QUERIES), N);
	free(all);
	close(fd);
	live_end(&l);
}

static int64_t real_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * More queries than are read at once, so several sends. Were one held back until the client has
 * acknowledged the one before, each round would take the 40 ms of a delayed ACK.
 */
Test(tcp, replies_do_not_wait_for_acknowledgements)
{
	enum { N = 150, ROUNDS = 20 };
	struct live l;
	uint8_t all[N * 64];
	size_t len = 0;
	int64_t fastest_ms = INT64_MAX;
	int fd, on = 1;

	start(&l, 8);
	for (uint16_t id = 0; id < N; id++)
		len += client_frame(&one, id, all + len);
	cr_assert_gt(len, 4098);
	fd = client_tcp(&l.address);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (int i = 0; i < 50; i++) /* the client's kernel learns to delay its ACKs */
		client_ask(fd, &one, 1);
	for (int round = 0; round < ROUNDS; round++) {
		int64_t start_ms = real_ms();

		client_send_octets(fd, all, len);
		for (int i = 0; i < N; i++)
			client_skip(fd);
		if (real_ms() - start_ms < fastest_ms)
			fastest_ms = real_ms() - start_ms;
	}
	cr_assert_lt(fastest_ms, 30);
	close(fd);
	live_end(&l);
}

Test(tcp, dribbled_octets_make_a_query)
{
	struct live l;
	uint8_t frame[2 + DNS_UDP_MIN];
	size_t len = client_frame(&one, 77, frame), reply_len;
	int fd, other, on = 1;

	start(&l, 8);
	fd = client_tcp(&l.address);
	other = client_tcp(&l.address);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < len; i++) {
			client_send_octets(fd, frame + i, 1);
			settle(other);
		}
		client_expect(fd, &one, 77, &reply_len);
	}
	close(other);
	close(fd);
	live_end(&l);
}

/* Queries of all lengths, sent in pieces of all lengths. */
Test(tcp, any_chunks_make_the_same_queries)
{
	enum { N = 400 };
	struct live l;
	struct rng r = {101};
	int fd, other, on = 1;

	start(&l, 8);
	other = client_tcp(&l.address);
	fd = client_tcp(&l.address);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (int round = 0; round < 10; round++) {
		uint8_t *all = xcalloc(N, 2 + 4096), *at = all;

		for (uint16_t id = 0; id < N; id++) {
			size_t len = client_frame(&one, id, at);

			/* What is behind the question is not looked at. */
			len += rng_below(&r, 8) == 0 ? rng_below(&r, 4096 - 40)
						     : rng_below(&r, 3);
			dns_put16(at, (uint16_t)(len - 2));
			at += len;
		}
		for (uint8_t *p = all; p < at;) {
			size_t len = 1 + rng_below(&r, round % 2 ? 8000 : 300);

			len = len > (size_t)(at - p) ? (size_t)(at - p) : len;
			client_send_octets(fd, p, len);
			p += len;
			if (rng_below(&r, 8) == 0)
				settle(other);
		}
		for (uint16_t id = 0; id < N; id++) {
			size_t len;

			client_expect(fd, &one, id, &len);
		}
		free(all);
	}
	close(fd);
	close(other);
	live_end(&l);
}

Test(tcp, a_half_closed_connection_gets_its_replies)
{
	struct live l;
	size_t len;
	int fd;

	start(&l, 0);
	fd = client_tcp(&l.address);
	client_send(fd, &one, 1);
	shutdown(fd, SHUT_WR);
	client_expect(fd, &one, 1, &len);
	client_expect_end(fd);
	close(fd);
	/* Also when they are more than it takes at once. */
	fd = client_tcp(&l.address);
	for (uint16_t id = 0; id < 100; id++)
		client_send(fd, &many, id);
	shutdown(fd, SHUT_WR);
	for (uint16_t id = 0; id < 100; id++)
		client_expect(fd, &many, id, &len);
	client_expect_end(fd);
	close(fd);
	/* And with half a query behind. */
	fd = client_tcp(&l.address);
	client_send(fd, &one, 2);
	client_send_octets(fd, (const uint8_t *)"\0\x20\x12", 3);
	shutdown(fd, SHUT_WR);
	client_expect(fd, &one, 2, &len);
	client_expect_end(fd);
	close(fd);
	live_end(&l);
}

/* What was asked before them is answered; then the connection ends. */
Test(tcp, frames_that_are_no_query_end_the_connection)
{
	static const char *const bad[] = {"0000", "0001 00", "000b {11 00}",
		"000c 1234 8000 0001 0000 0000 0000",
		"0023 1234 8000 0001 0000 0000 0000 @one.corp.internal 0001 0001"};
	struct live l;
	int other;

	start(&l, 8);
	other = client_tcp(&l.address);
	for (size_t i = 0; i < CMAP_COUNT(bad); i++) {
		for (int before = 0; before < 2; before++) {
			uint8_t p[100];
			size_t len = octets(bad[i], p, sizeof(p));
			int fd = client_tcp(&l.address);

			if (before == 1)
				client_send(fd, &one, 9);
			client_send_octets(fd, p, len);
			if (before == 1)
				client_expect(fd, &one, 9, &len);
			client_expect_end(fd);
			close(fd);
			settle(other);
		}
	}
	cr_assert_eq(live_counter(&l, COUNTER_DROPPED), 2 * CMAP_COUNT(bad));
	close(other);
	live_end(&l);
}

Test(tcp, the_longest_query_is_4096_octets)
{
	struct live l;
	uint8_t frame[2 + 5000] = {0};
	size_t len;
	int fd;

	start(&l, 8);
	fd = client_tcp(&l.address);
	client_frame(&one, 5, frame);
	dns_put16(frame, 4096);
	for (int i = 0; i < 3; i++) {
		client_send_octets(fd, frame, 2 + 4096);
		client_expect(fd, &one, 5, &len);
	}
	close(fd);
	/* One more: FORMERR, and the end. */
	for (size_t sent = 2 + 12; sent <= 2 + 4097; sent += 4085) {
		uint8_t reply[2 + 12];

		fd = client_tcp(&l.address);
		dns_put16(frame, 4097);
		client_send_octets(fd, frame, sent);
		cr_assert_eq(recv(fd, reply, sizeof(reply), MSG_WAITALL), 14, "%s",
			strerror(errno));
		cr_assert_arr_eq(reply,
			"\0\x0c"
			"\0\5\x80\1\0\0\0\0\0\0\0\0",
			14);
		client_expect_end(fd);
		close(fd);
	}
	live_end(&l);
}

/* ---- bounds ----------------------------------------------------------------------------------- */

/* A client that takes little at once, as its buffer says. */
static int narrow_client(const struct live *l)
{
	struct timeval patience = {.tv_sec = 20};
	int small = 4096, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	cr_assert_eq(connect(fd, &l->address.any, l->address.len), 0);
	return fd;
}

/* Sends queries for 1,636 octets each until the server takes no more. Returns how many. */
static unsigned int flood(int fd, unsigned int most)
{
	uint8_t frame[2 + DNS_UDP_MIN];
	size_t len = client_frame(&many, 3, frame), at = 0;
	unsigned int n = 0;

	while (n < most) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		ssize_t sent =
			send(fd, frame + at, len - at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN) {
			if (poll(&p, 1, 500) == 0)
				break;
			continue;
		}
		cr_assert_gt(sent, 0, "%s", strerror(errno));
		at += (size_t)sent;
		if (at == len) {
			at = 0;
			n++;
		}
	}
	return n;
}

Test(tcp, a_client_that_never_reads_is_held_up_and_closed)
{
	/*
	 * 64 MiB of replies. What is made of them before the client takes any: what it has room for, 64 KiB in
	 * the kernel, which books twice as much for it, and 32 KiB that wait, with the reply that was one too many.
	 */
	enum {
		MOST = 40000,
		REPLY = 2 + 36 + 100 * 16,
		MADE_MOST = (128 + 32 + 16) << 10
	};
	struct live l;
	unsigned int n;
	uint64_t answered;
	size_t taken = 0;
	uint8_t chunk[65536];
	ssize_t got;
	int fd, other;

	start(&l, 0);
	other = client_tcp(&l.address);
	fd = narrow_client(&l);
	n = flood(fd, MOST);
	cr_assert_lt(n, MOST, "the server takes whatever comes");
	settle(other);
	answered = live_counter(&l, COUNTER_TCP_QUERIES);
	settle(other);
	cr_assert_eq(live_counter(&l, COUNTER_TCP_QUERIES), answered + 1,
		"no more of its queries are read");
	cr_assert_lt((answered - 1) * REPLY, MADE_MOST, "%zu octets are kept",
		(size_t)answered * REPLY);
	/* It is closed at its time, however many queries are waiting. */
	pass_idle_time(&l, other, IDLE_MS);
	while ((got = recv(fd, chunk, sizeof(chunk), 0)) > 0)
		taken += (size_t)got;
	cr_assert(got == 0 || errno == ECONNRESET, "%s", strerror(errno));
	cr_assert_lt(taken, MADE_MOST);
	settle(other);
	close(fd);
	close(other);
	live_end(&l);
}

Test(tcp, a_client_that_reads_late_gets_everything)
{
	struct live l;
	unsigned int n;
	int fd, other;

	start(&l, 0);
	other = client_tcp(&l.address);
	fd = narrow_client(&l);
	n = flood(fd, 40000);
	settle(other);
	for (unsigned int i = 0; i < n; i++) {
		size_t len;

		if (i % 64 == 0)
			client_expect(fd, &many, 3, &len);
		else
			cr_assert_eq(client_skip(fd), 12 + 24 + 100 * 16);
		if (i % 64 == 0) /* its time begins anew with what it takes */
			atomic_fetch_add(&l.clock.mono_ms, 100);
	}
	close(fd);
	close(other);
	live_end(&l);
}

Test(tcp, connections_are_limited)
{
	enum { MOST = 10 };
	struct live l;
	int fd[MOST];

	live_init(&l, 8);
	l.options.tcp.max_connections = MOST;
	live_start(&l, "127.0.0.1:0");
	for (int i = 0; i < MOST; i++) {
		fd[i] = client_tcp(&l.address);
		client_ask(fd[i], &one, 1);
	}
	for (int i = 0; i < 20; i++) {
		int more = client_tcp(&l.address);

		client_expect_end(more);
		close(more);
	}
	for (int round = 0; round < 20; round++) {
		close(fd[round % MOST]);
		settle(fd[(round + 1) % MOST]);
		fd[round % MOST] = client_tcp(&l.address);
		client_ask(fd[round % MOST], &web, 3);
	}
	for (int i = 0; i < MOST; i++) {
		client_ask(fd[i], &one, 1);
		close(fd[i]);
	}
	cr_assert_eq(live_counter(&l, COUNTER_TCP_CONNECTIONS), MOST + 20 + 20);
	live_end(&l);
}

/* ---- idle time -------------------------------------------------------------------------------- */

Test(tcp, idle_connections_are_closed)
{
	struct live l;
	int idle, other;

	start(&l, 8);
	idle = client_tcp(&l.address);
	other = client_tcp(&l.address);
	client_ask(idle, &one, 1);
	pass(&l, IDLE_MS - 1);
	settle(other);
	client_ask(idle, &one, 1); /* which begins its time anew */
	pass(&l, IDLE_MS - 1);
	settle(other);
	client_ask(idle, &one, 1);
	pass_idle_time(&l, other, IDLE_MS);
	client_expect_end(idle);
	settle(other);
	close(idle);
	close(other);
	live_end(&l);
}

Test(tcp, a_connection_that_asks_nothing_is_closed)
{
	struct live l;
	int idle, other;

	start(&l, 8);
	other = client_tcp(&l.address);
	idle = client_tcp(&l.address);
	settle(other);
	pass_idle_time(&l, other, IDLE_MS);
	client_expect_end(idle);
	close(idle);
	close(other);
	live_end(&l);
}

/* Octets of a query that never ends do not count. */
Test(tcp, a_slow_query_does_not_keep_a_connection)
{
	struct live l;
	uint8_t frame[2 + DNS_UDP_MIN];
	int slow, other;

	start(&l, 8);
	slow = client_tcp(&l.address);
	other = client_tcp(&l.address);
	client_ask(slow, &one, 1);
	client_frame(&one, 1, frame);
	for (int i = 0; i < 10; i++) {
		client_send_octets(slow, frame + i, 1);
		settle(other);
		pass(&l, IDLE_MS / 10 + GRAIN_MS);
		settle(other);
	}
	client_expect_end(slow);
	close(slow);
	close(other);
	live_end(&l);
}

/*
 * Beyond four fifths, a tenth: of as many connections those that stay are the ones that moved last, and the
 * first, which asks again.
 */
static void idle_time_falls(uint32_t most, uint32_t stay)
{
	struct live l;
	int fd[32];

	live_init(&l, 8);
	l.options.tcp.max_connections = most;
	live_start(&l, "127.0.0.1:0");
	for (uint32_t i = 0; i < most; i++) {
		fd[i] = client_tcp(&l.address);
		client_ask(fd[i], &one, 1);
		pass(&l, GRAIN_MS);
	}
	pass_idle_time(&l, fd[0], IDLE_MS / 10 - GRAIN_MS);
	for (uint32_t i = 1; i <= most - stay; i++)
		client_expect_end(fd[i]);
	for (uint32_t i = most - stay + 1; i < most; i++)
		client_ask(fd[i], &one, 1);
	/* There is room again, and the time is as long as ever. */
	pass(&l, IDLE_MS - GRAIN_MS);
	settle(fd[0]);
	for (uint32_t i = most - stay + 1; i < most; i++)
		client_ask(fd[i], &one, 1);
	for (uint32_t i = 0; i < most; i++)
		close(fd[i]);
	live_end(&l);
}

Test(tcp, idle_time_falls_when_connections_run_short)
{
	idle_time_falls(10, 8);
	idle_time_falls(25, 20);
}

Test(tcp, few_connections_are_not_short_from_the_first_on)
{
	idle_time_falls(2, 1);
	idle_time_falls(3, 2);
	idle_time_falls(4, 3);
	idle_time_falls(9, 7);
}

/* Also for those that have become idle when there was room for them. */
Test(tcp, long_idle_connections_make_room_for_new_ones)
{
	enum { MOST = 20, IDLE = 16 };
	struct live l;
	int fd[MOST], fresh[MOST - IDLE];

	live_init(&l, 8);
	l.options.tcp.max_connections = MOST;
	live_start(&l, "127.0.0.1:0");
	for (int i = 0; i < IDLE; i++) {
		fd[i] = client_tcp(&l.address);
		client_ask(fd[i], &one, 1);
	}
	for (int i = 0; i < 5; i++) { /* half of the time, and all of it for none */
		pass(&l, IDLE_MS / 10);
		settle(fd[0]);
	}
	for (int i = IDLE; i < MOST; i++) {
		fd[i] = client_tcp(&l.address);
		client_ask(fd[i], &one, 1);
	}
	pass(&l, IDLE_MS / 10 - GRAIN_MS);
	for (int i = IDLE; i < MOST; i++)
		client_ask(fd[i], &one, 1);
	settle(fd[0]);
	pass(&l, 2 * GRAIN_MS);
	turn(fd[0]);
	/* Four of the fifteen that are idle are gone: which, all being equally old, nobody has promised. */
	for (int i = 0; i < MOST - IDLE; i++) {
		fresh[i] = client_tcp(&l.address);
		client_ask(fresh[i], &one, 1);
	}
	for (int i = IDLE; i < MOST; i++)
		client_ask(fd[i], &one, 1);
	for (int i = 0; i < MOST; i++)
		close(fd[i]);
	for (int i = 0; i < MOST - IDLE; i++)
		close(fresh[i]);
	live_end(&l);
}

Test(tcp, options_change_while_it_runs)
{
	struct live l;
	struct tcp_options o;
	int idle, other;

	start(&l, 8);
	idle = client_tcp(&l.address);
	other = client_tcp(&l.address);
	o = l.options.tcp;
	o.idle_ms = 1000;
	server_set_tcp_options(l.server, &o);
	settle(other);
	client_ask(idle, &one, 1);
	settle(other);
	client_ask(idle, &one, 1);
	pass_idle_time(&l, other, 1000);
	client_expect_end(idle);
	close(idle);
	close(other);
	live_end(&l);
}

/* ---- ends ------------------------------------------------------------------------------------- */

Test(tcp, clients_that_reset_cost_nothing)
{
	const struct linger reset = {.l_onoff = 1};
	struct live l;
	int other;

	start(&l, 0);
	other = client_tcp(&l.address);
	for (int i = 0; i < 100; i++) {
		int fd = client_tcp(&l.address);

		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		for (int k = 0; k < i % 7; k++)
			client_send(fd, &many, 1);
		if (i % 3 == 0)
			settle(other);
		close(fd);
	}
	settle(other);
	close(other);
	live_end(&l);
}

Test(tcp, stops_with_connections_in_every_state)
{
	for (int round = 0; round < 10; round++) {
		struct live l;
		int fd[4];

		start(&l, 0);
		for (int i = 0; i < 4; i++)
			fd[i] = i == 3 ? narrow_client(&l) : client_tcp(&l.address);
		client_ask(fd[0], &one, 1);
		client_send_octets(fd[1], (const uint8_t *)"\0\x20\x12", 3);
		for (int i = 0; i < 200; i++)
			client_send(fd[3], &many, 1);
		live_end(&l);
		for (int i = 0; i < 4; i++)
			close(fd[i]);
	}
}

/* Whatever a client may do next; false: it has left. */
static bool do_anything(struct live *l, struct rng *r, int fd)
{
	static const char *const pieces[] = {"0000", "0001 00", "00", "ffff",
		"000c 1234 0000 0001 0000 0000 0000", "1001", "{300 00}"};
	const struct linger reset = {.l_onoff = 1};
	struct question q = rng_below(r, 2) ? one : many;
	uint8_t octets_out[2 + DNS_UDP_MIN], chunk[4096];
	size_t len;

	switch (rng_below(r, 10)) {
	case 0:
	case 1:
	case 2:
	case 3: /* some queries, and perhaps half of one */
		for (uint32_t n = rng_below(r, 30); n > 0; n--) {
			len = client_frame(&q, (uint16_t)n, octets_out);
			len = n == 1 ? rng_below(r, (uint32_t)len + 1) : len;
			(void)!send(fd, octets_out, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		}
		return true;
	case 4:
		len = octets(pieces[rng_below(r, CMAP_COUNT(pieces))], octets_out,
			sizeof(octets_out));
		(void)!send(fd, octets_out, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		return true;
	case 5:
	case 6:
		(void)!recv(fd, chunk, 1 + rng_below(r, sizeof(chunk) - 1),
			MSG_DONTWAIT);
		return true;
	case 7:
		shutdown(fd, rng_below(r, 2) ? SHUT_WR : SHUT_RD);
		return true;
	case 8:
		if (rng_below(r, 2))
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		return false;
	default:
		pass(l, rng_below(r, 8) ? 1 : IDLE_MS / 20);
		return true;
	}
}

/* A client for whom there is room, as soon as those who have left are noticed. */
static int client_with_a_place(const struct live *l)
{
	for (;;) {
		int fd = client_tcp(&l->address);
		uint8_t query[2 + DNS_UDP_MIN], reply[2 + DNS_UDP_MIN];

		(void)!send(fd, query, client_frame(&one, 1, query), MSG_NOSIGNAL);
		if (recv(fd, reply, sizeof(reply), 0) > 0)
			return fd;
		close(fd);
		sched_yield();
	}
}

/*
 * More clients than there is room for do anything, in any order. Then the next ones find all places free, and
 * each is answered.
 */
Test(tcp, nothing_is_left_behind_whatever_clients_do)
{
	enum { PLACES = 16, CLIENTS = 24, STEPS = 6000 };
	struct live l;
	struct rng r = {71};
	int fd[CLIENTS];

	live_init(&l, 0);
	l.options.tcp.max_connections = PLACES;
	live_start(&l, "127.0.0.1:0");
	for (int i = 0; i < CLIENTS; i++)
		fd[i] = rng_below(&r, 4) ? client_tcp(&l.address) : narrow_client(&l);
	for (int step = 0; step < STEPS; step++) {
		uint32_t i = rng_below(&r, CLIENTS);

		if (do_anything(&l, &r, fd[i]))
			continue;
		close(fd[i]);
		fd[i] = rng_below(&r, 4) ? client_tcp(&l.address) : narrow_client(&l);
	}
	for (int i = 0; i < CLIENTS; i++)
		close(fd[i]);
	for (int i = 0; i < PLACES; i++)
		fd[i] = client_with_a_place(&l);
	for (int i = 0; i < PLACES; i++) {
		client_ask(fd[i], &many, 100);
		close(fd[i]);
	}
	live_end(&l);
}

Test(tcp, what_is_open_stays_when_the_address_goes)
{
	struct live l;
	struct sock_addr asked;
	int fd, fresh = -1;

	start(&l, 8);
	fd = client_tcp(&l.address);
	client_ask(fd, &one, 1);
	cr_assert_eq(sock_addr_parse("127.0.0.1:0", 0, &asked), 0);
	cr_assert(server_unlisten(l.server, &asked));
	cr_assert_not(server_unlisten(l.server, &asked));
	/* The thread is told by a message; it has acted on it when it refuses. */
	for (int i = 0; i < 1000; i++) {
		client_ask(fd, &one, 1);
		fresh = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fresh, &l.address.any, l.address.len) != 0)
			break;
		close(fresh);
		fresh = -1;
	}
	cr_assert_geq(fresh, 0, "new connections are still taken");
	close(fresh);
	client_ask(fd, &web, 3);
	cr_assert_geq(live_counter(&l, COUNTER_TCP_QUERIES), 3);
	close(fd);
	live_end(&l);
}
