/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <errno.h>
#include <unistd.h>

#include "base/error.h"
#include "oracle.h"
#include "test.h"

void place_set(struct place *p)
{
	server_set_settings(p->live.server, &p->settings);
}

void place_open(struct place *p, const char *addresses)
{
	memset(p, 0, sizeof(*p));
	live_init(&p->live, 8);
	live_start(&p->live, addresses);
	upper_open(&p->upper);
	p->options = (struct forward_options){.n_upstreams = 1,
		.upstream = {p->upper.address},
		.queries = 1000,
		.cache_octets = 1 << 20,
		.timeout_ms = 800};
	cr_assert_eq(server_set_forward(p->live.server, &p->options), CMAP_OK);
	p->settings.n_forward_allow = 1;
	cr_assert_eq(prefix_parse("127.0.0.0/30", &p->settings.forward_allow[0]),
		CMAP_OK);
	place_set(p);
}

void place_close(struct place *p)
{
	live_end(&p->live);
	upper_close(&p->upper);
}

struct question asking(const char *name, uint16_t flags)
{
	return (struct question){.name = name, .type = DNS_A, .flags = flags};
}

const char *told_octets(const uint8_t *reply, size_t len)
{
	static char text[8000];
	struct buf out = {.data = NULL};

	oracle_describe(reply, len, &out);
	cr_assert_lt(out.len, sizeof(text));
	strcpy(text, buf_text(&out));
	buf_free(&out);
	return text;
}

const char *told(int fd)
{
	uint8_t reply[4096];
	ssize_t n = recv(fd, reply, sizeof(reply), 0);

	cr_assert_gt(n, 0, "no reply: %s", strerror(errno));
	return told_octets(reply, (size_t)n);
}

const char *told_tcp(int fd, uint16_t *id)
{
	uint8_t reply[4096];
	size_t len = 2, had = 0;

	while (had < len) {
		ssize_t n = recv(fd, reply + had, len - had, 0);

		cr_assert_gt(n, 0, "no reply: %s",
			n == 0 ? "the connection has ended" : strerror(errno));
		had += (size_t)n;
		if (had == 2 && len == 2)
			len += dns_get16(reply);
		cr_assert_leq(len, sizeof(reply));
	}
	*id = dns_get16(reply + 2);
	return told_octets(reply + 2, len - 2);
}

const char *ask_once(const struct sock_addr *to, const struct question *q)
{
	int fd = client_udp(to);
	const char *text;

	client_send(fd, q, 7);
	text = told(fd);
	close(fd);
	return text;
}
