/* SPDX-License-Identifier: MIT */
#include "live.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "octets.h"
#include "oracle.h"
#include "test.h"

enum { PATIENCE_S = 20, LISTENERS = 4 };

/* clock is the first member of struct live_clock. */
static int64_t live_mono_ms(const struct clock *c)
{
	return atomic_load(&((const struct live_clock *)(const void *)c)->mono_ms);
}

static int64_t live_wall_ms(const struct clock *c)
{
	return live_mono_ms(c) + INT64_C(1700000000000);
}

void live_init(struct live *l, uint16_t answers)
{
	memset(l, 0, sizeof(*l));
	town_init(&l->town, answers);
	l->clock.clock = (struct clock){live_mono_ms, live_wall_ms};
	atomic_init(&l->clock.mono_ms, l->town.world.now_ms);
	l->options = (struct server_options){.udp_threads = 1,
		.udp_size = RESPOND_UDP_SIZE,
		.tcp = {.max_connections = 1000, .idle_ms = 10000}};
}

void live_start(struct live *l, const char *addresses)
{
	struct buf err = {.data = NULL};
	char *text = xstrdup(addresses), *rest;

	cr_assert_eq(server_new(&l->options, zone_published(l->town.world.zone),
			     &l->clock.clock, &l->server),
		CMAP_OK);
	for (char *word = strtok_r(text, " ", &rest); word != NULL;
		word = strtok_r(NULL, " ", &rest)) {
		struct sock_addr a;

		cr_assert_eq(sock_addr_parse(word, 0, &a), CMAP_OK, "%s", word);
		cr_assert_eq(server_listen(l->server, &a, &err), CMAP_OK, "%s",
			buf_text(&err));
	}
	cr_assert_eq(server_serve(l->server, &err), CMAP_OK, "%s", buf_text(&err));
	l->address = *server_address(l->server, 0);
	free(text);
}

void live_end(struct live *l)
{
	server_free(l->server);
	town_free(&l->town);
}

uint64_t live_counter(const struct live *l, enum counter which)
{
	uint64_t sum[COUNTER_N] = {0};

	server_counters(l->server, sum);
	return sum[which];
}

bool live_has_ipv6(void)
{
	struct sock_addr a;
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	bool has;

	cr_assert_eq(sock_addr_parse("[::1]:0", 0, &a), CMAP_OK);
	has = fd >= 0 && bind(fd, &a.any, a.len) == 0;
	if (fd >= 0)
		close(fd);
	return has;
}

/* ---- clients ---------------------------------------------------------------------------------- */

static int client(int type, const struct sock_addr *to)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int fd = socket(to->any.sa_family, type | SOCK_CLOEXEC, 0);

	cr_assert_geq(fd, 0, "%s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	cr_assert_eq(connect(fd, &to->any, to->len), 0, "%s", strerror(errno));
	return fd;
}

int client_udp(const struct sock_addr *to)
{
	return client(SOCK_DGRAM, to);
}

int client_tcp(const struct sock_addr *to)
{
	return client(SOCK_STREAM, to);
}

struct sock_addr client_address(const char *host, const struct sock_addr *a)
{
	struct sock_addr out;

	cr_assert_eq(sock_addr_parse(host, sock_addr_port(a), &out), CMAP_OK, "%s",
		host);
	return out;
}

static bool is_tcp(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	cr_assert_eq(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
	return type == SOCK_STREAM;
}

size_t client_frame(const struct question *q, uint16_t id, uint8_t out[2 + DNS_UDP_MIN])
{
	size_t len = question_write(q, out + 2);

	dns_put16(out, (uint16_t)len);
	dns_put16(out + 2, id);
	return len + 2;
}

void client_send_octets(int fd, const uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		cr_assert_gt(n, 0, "%s", strerror(errno));
		p += n;
		len -= (size_t)n;
	}
}

void client_send(int fd, const struct question *q, uint16_t id)
{
	uint8_t frame[2 + DNS_UDP_MIN];
	size_t len = client_frame(q, id, frame), skip = is_tcp(fd) ? 0 : 2;

	client_send_octets(fd, frame + skip, len - skip);
}

/* Receives exactly len octets. */
static void receive(int fd, uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = recv(fd, p, len, 0);

		cr_assert_gt(n, 0, "%zu octets are missing: %s", len,
			n == 0 ? "the connection has ended" : strerror(errno));
		p += n;
		len -= (size_t)n;
	}
}

const uint8_t *client_expect(int fd, const struct question *q, uint16_t id, size_t *len)
{
	static _Thread_local uint8_t reply[DNS_MESSAGE_MAX];
	uint8_t frame[2 + DNS_UDP_MIN], prefix[2];
	struct oracle_case c = {.query = frame + 2,
		.query_len = client_frame(q, id, frame) - 2,
		.is_udp = !is_tcp(fd),
		.udp_size = RESPOND_UDP_SIZE,
		.reply = reply};
	const char *fault;

	if (c.is_udp) {
		ssize_t n = recv(fd, reply, sizeof(reply), 0);

		cr_assert_geq(n, 0, "no reply to %u: %s", id, strerror(errno));
		c.reply_len = (size_t)n;
	} else {
		receive(fd, prefix, sizeof(prefix));
		c.reply_len = dns_get16(prefix);
		receive(fd, reply, c.reply_len);
	}
	fault = oracle_fault(&c);
	cr_assert_null(fault, "%s %u, id %u: %s:%s", q->name, q->type, id, fault,
		octets_text(reply, c.reply_len));
	*len = c.reply_len;
	return reply;
}

size_t client_skip(int fd)
{
	static _Thread_local uint8_t reply[DNS_MESSAGE_MAX];
	uint8_t prefix[2];

	receive(fd, prefix, sizeof(prefix));
	receive(fd, reply, dns_get16(prefix));
	return dns_get16(prefix);
}

void client_ask(int fd, const struct question *q, uint16_t n)
{
	static _Atomic uint16_t id;
	uint16_t this_id = ++id;
	const uint8_t *reply;
	size_t len;

	client_send(fd, q, this_id);
	reply = client_expect(fd, q, this_id, &len);
	cr_assert_eq(dns_get16(reply + 6), n, "%s: %u answers", q->name,
		dns_get16(reply + 6));
}

void client_expect_end(int fd)
{
	uint8_t octet;
	ssize_t n = recv(fd, &octet, 1, 0);

	cr_assert(n == 0 || (n < 0 && errno == ECONNRESET), "%s",
		n > 0 ? "an octet came" : strerror(errno));
}
