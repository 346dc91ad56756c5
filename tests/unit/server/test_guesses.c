/* SPDX-License-Identifier: MIT */
/*
 * Somebody who cannot see our queries, but causes them, sends replies from the upstream's address and port. What he has
 * to guess is port and id, and he may have found out the port. CMAP_GUESSES (1,000,000) replies, in make torture ten
 * times 10^7, in a network of their own, since they go to ports of anybody.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "octets.h"
#include "place.h"
#include "rng.h"
#include "test.h"

enum {
	PORT_MIN = 32768, /* of Linux's ephemeral ports, which the new network has */
	PORT_MAX = 60999,
	BATCH = 64,
	NAMES = 16, /* that are asked for at a time */
	HEARD = 8,  /* guesses that a socket hears before it is given up */
	LIE_LEN = 4 /* octets at the end of one */
};

#define LIE "203.0.113.66"

static uint64_t guesses(void)
{
	const char *n = getenv("CMAP_GUESSES");

	return n == NULL ? 1000000 : strtoull(n, NULL, 10);
}

/* Whoever is not allowed to make one skips the test. */
static void enter_own_network(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd;

	if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		cr_skip_test("no network can be made: %s", strerror(errno));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	cr_assert_eq(ioctl(fd, SIOCSIFFLAGS, &lo), 0, "%s", strerror(errno));
	close(fd);
}

/* ---- local answers meanwhile ------------------------------------------------------------------ */

struct local {
	pthread_t thread;
	struct sock_addr address;
	atomic_bool is_over;
	uint64_t n;
};

static void *ask_local(void *arg)
{
	struct local *l = arg;
	struct question one = {.name = "one." TOWN, .type = DNS_A};
	int fd = client_udp(&l->address);

	while (!atomic_load(&l->is_over)) {
		uint8_t reply[DNS_UDP_MIN];

		client_send(fd, &one, 7);
		cr_assert_gt(recv(fd, reply, sizeof(reply), 0), 12);
		cr_assert_eq(dns_get16(reply + 6), 1);
		l->n++;
		usleep(1000); /* the others want to do something, too */
	}
	close(fd);
	return NULL;
}

static void start_local(struct local *l, const struct place *p)
{
	memset(l, 0, sizeof(*l));
	l->address = p->live.address;
	cr_assert_eq(pthread_create(&l->thread, NULL, ask_local, l), 0);
}

static void end_local(struct local *l)
{
	atomic_store(&l->is_over, true);
	pthread_join(l->thread, NULL);
	cr_assert_gt(l->n, 0);
}

/* ---- guesses ---------------------------------------------------------------------------------- */

/* A batch of forged replies to one question. */
struct forgery {
	struct sockaddr_in to[BATCH];
	uint8_t octets[BATCH][512];
	struct iovec vec[BATCH];
	struct mmsghdr out[BATCH];
};

static void forge(struct forgery *f, const char *name)
{
	static uint8_t message[DNS_MESSAGE_MAX];
	char text[200];
	size_t len;

	snprintf(text, sizeof(text), "NOERROR ra\n? %s. A\n= %s. 60 A " LIE "\n", name,
		name);
	len = said(text, message);
	for (int i = 0; i < BATCH; i++) {
		f->to[i] = (struct sockaddr_in){.sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		memcpy(f->octets[i], message, len);
		f->vec[i] = (struct iovec){f->octets[i], len};
		f->out[i].msg_hdr = (struct msghdr){.msg_name = &f->to[i],
			.msg_namelen = sizeof(f->to[i]),
			.msg_iov = &f->vec[i],
			.msg_iovlen = 1};
	}
}

/* Sends the batch from the upstream, to port or, if that is 0, to any. */
static void guess(struct forgery *f, const struct upper *from, uint16_t port,
	struct rng *random)
{
	for (int i = 0; i < BATCH; i++) {
		uint32_t any = PORT_MIN + rng_below(random, PORT_MAX - PORT_MIN + 1);

		dns_put16(f->octets[i], (uint16_t)rng_next(random));
		f->to[i].sin_port = htons(port != 0 ? port : (uint16_t)any);
	}
	cr_assert_eq(sendmmsg(from->udp, f->out, BATCH, 0), BATCH, "%s",
		strerror(errno));
}

static bool is_lie(const uint8_t *reply, ssize_t len)
{
	return len > LIE_LEN &&
	       memcmp(reply + len - LIE_LEN, "\xcb\x00\x71\x42", LIE_LEN) == 0;
}

/* Has name asked for by fd; *q is what the upstream gets. */
static void cause(struct place *p, int fd, uint16_t id, const char *name,
	struct upper_query *q, struct forgery *f)
{
	struct question asked = asking(name, DNS_RD);

	forge(f, name);
	client_send(fd, &asked, id);
	upper_expect(&p->upper, name, DNS_A, q);
}

/* Time passes, and the forwarder sees that: a query that has come by too many is answered by it, at once. */
static void pass(struct place *p)
{
	uint8_t query[DNS_UDP_MIN];
	size_t len = octets("0007 0100 0001 0000 0000 0001 05'nudge'00 0001 0001"
			    "00 0029 04d0 00000000 0084 fe1d 0080 {128 'm'}",
		query, sizeof(query));
	int fd = client_udp(&p->live.address);

	atomic_fetch_add(&p->live.clock.mono_ms, 2000);
	for (int i = 0; i < 2; i++) {
		client_send_octets(fd, query, len);
		(void)told(fd);
	}
	close(fd);
}

/* What has come to u, and is of no interest. */
static void drain(struct upper *u)
{
	struct pollfd tcp = {.fd = u->tcp, .events = POLLIN};

	upper_drain(u);
	while (poll(&tcp, 1, 0) > 0)
		close(accept(u->tcp, NULL, NULL));
}

/* n guesses at NAMES names that nobody answers. Returns how many were believed. */
static int guess_ports(struct place *p, uint64_t n, int round, struct rng *random)
{
	static struct forgery f[NAMES];
	struct upper_query q;
	int fd = client_udp(&p->live.address), believed = 0, left = NAMES;

	for (uint16_t i = 0; i < NAMES; i++) {
		char name[40];

		snprintf(name, sizeof(name), "n%d-%d.example", round, i);
		cause(p, fd, i, name, &q, &f[i]);
	}
	for (uint64_t i = 0; i < n; i += BATCH)
		guess(&f[i / BATCH % NAMES], &p->upper, 0, random);
	while (left > 0) { /* only time brings them another reply */
		uint8_t reply[4096];
		ssize_t len;

		pass(p);
		for (; (len = recv(fd, reply, sizeof(reply), MSG_DONTWAIT)) > 0; left--)
			believed += is_lie(reply, len);
	}
	close(fd);
	drain(&p->upper);
	return believed;
}

Test(guesses, ports_and_ids_are_too_many)
{
	enum { ROUND = 1 << 20 };
	struct place p;
	struct local local;
	struct rng random = {1};
	uint64_t n = guesses();
	int believed = 0;

	enter_own_network();
	place_open(&p, "127.0.0.1:0");
	start_local(&local, &p);
	for (uint64_t done = 0; done < n; done += ROUND)
		believed += guess_ports(&p, n - done < ROUND ? n - done : ROUND,
			(int)(done / ROUND), &random);
	/* Each is right once in 28,232 * 65,536 times: of 10^8, one in twenty runs. */
	cr_assert_leq(believed, 1, "%d were believed", believed);
	if (n > 100000) /* they did come to where they could do harm */
		cr_assert_gt(live_counter(&p.live, COUNTER_FORWARD_UNWANTED), 0);
	end_local(&local);
	place_close(&p);
}

/* One batch at the port of a query for name. Whether one was believed, else it has gone over TCP. */
static bool guess_ids(struct place *p, int fd, const char *name, struct rng *random)
{
	static struct forgery f;
	struct upper_query q;
	struct pollfd ready[] = {
		{.fd = fd, .events = POLLIN}, {.fd = p->upper.tcp, .events = POLLIN}};
	uint8_t reply[4096];
	char text[60];

	cause(p, fd, 1, name, &q, &f);
	guess(&f, &p->upper, sock_addr_port(&q.from), random);
	cr_assert_gt(poll(ready, CMAP_COUNT(ready), 20000), 0);
	if (!(ready[0].revents & POLLIN)) {
		snprintf(text, sizeof(text), "NXDOMAIN\n? %s. A\n", name);
		upper_expect_tcp(&p->upper, name, DNS_A, &q);
		upper_say(&q, text);
	}
	return is_lie(reply, recv(fd, reply, sizeof(reply), 0));
}

/* Once the port is known, eight guesses remain. */
Test(guesses, ids_alone_are_guessed_no_more_often_than_by_chance)
{
	struct place p;
	struct local local;
	struct rng random = {2};
	uint64_t n = guesses() / 8 / BATCH;
	double chance = (double)n * HEARD / 65536;
	double over;
	int fd, believed = 0;

	enter_own_network();
	place_open(&p, "127.0.0.1:0");
	start_local(&local, &p);
	fd = client_udp(&p.live.address);
	for (uint64_t i = 0; i < n; i++) {
		char name[40];

		snprintf(name, sizeof(name), "n%u.example", (unsigned int)i);
		believed += guess_ids(&p, fd, name, &random);
	}
	over = believed - chance - 3; /* in 5 standard deviations */
	cr_assert(over <= 0 || over * over <= 25 * chance,
		"%d were believed, %.1f by chance", believed, chance);
	cr_assert_geq(live_counter(&p.live, COUNTER_FORWARD_UNWANTED),
		(n - (uint64_t)believed) * HEARD);
	close(fd);
	end_local(&local);
	place_close(&p);
}
