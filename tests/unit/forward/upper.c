/* SPDX-License-Identifier: MIT */
#include "upper.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "octets.h"
#include "oracle.h"
#include "test.h"

enum { PATIENCE_S = 20 };

static int64_t sky_mono_ms(const struct clock *c)
{
	return atomic_load(&((const struct sky *)(const void *)c)->now_ms);
}

/* ---- upstreams -------------------------------------------------------------------------------- */

void upper_open(struct upper *u)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};

	for (int tries = 0; tries < 20; tries++) {
		cr_assert_eq(sock_addr_parse("127.0.0.1:0", 0, &u->address), CMAP_OK);
		u->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		cr_assert_geq(u->udp, 0);
		cr_assert_eq(bind(u->udp, &u->address.any, u->address.len), 0);
		cr_assert_eq(getsockname(u->udp, &u->address.any, &u->address.len), 0);
		u->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (bind(u->tcp, &u->address.any, u->address.len) == 0)
			break;
		close(u->udp);
		close(u->tcp);
		u->tcp = -1;
	}
	cr_assert_geq(u->tcp, 0);
	cr_assert_eq(listen(u->tcp, 16), 0);
	setsockopt(u->udp, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(u->tcp, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

void upper_close(struct upper *u)
{
	if (u->udp >= 0)
		close(u->udp);
	if (u->tcp >= 0)
		close(u->tcp);
	u->udp = u->tcp = -1;
}

static void check_question(const struct upper_query *q, const char *name, uint16_t type)
{
	struct forward_question want = asked_for(name, type);
	uint8_t lower[DNAME_MAX];

	cr_assert_geq(q->len, 12u + want.name.len + 4);
	cr_assert_eq(dns_get16(q->octets + 2) & ~DNS_CD, DNS_RD);
	cr_assert_eq(dns_get16(q->octets + 4), 1);
	dname_lower(q->octets + 12, want.name.len, lower);
	cr_assert_arr_eq(lower, want.name.wire, want.name.len, "%s:%s", name,
		octets_text(q->octets, q->len));
	cr_assert_eq(dns_get16(q->octets + 12 + want.name.len), type);
	cr_assert_eq(dns_get16(q->octets + 14 + want.name.len), DNS_IN);
}

void upper_expect(struct upper *u, const char *name, uint16_t type,
	struct upper_query *out)
{
	ssize_t n;

	*out = (struct upper_query){.upper = u, .fd = -1};
	out->from.len = sizeof(out->from.in6);
	n = recvfrom(u->udp, out->octets, sizeof(out->octets), 0, &out->from.any,
		&out->from.len);
	cr_assert_gt(n, 0, "no query for %s came: %s", name, strerror(errno));
	out->len = (size_t)n;
	check_question(out, name, type);
}

static void receive(int fd, uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = recv(fd, p, len, 0);

		cr_assert_gt(n, 0, "%s", strerror(errno));
		p += n;
		len -= (size_t)n;
	}
}

void upper_expect_tcp(struct upper *u, const char *name, uint16_t type,
	struct upper_query *out)
{
	uint8_t prefix[2];

	*out = (struct upper_query){.upper = u};
	out->fd = accept(u->tcp, NULL, NULL);
	cr_assert_geq(out->fd, 0, "%s", strerror(errno));
	receive(out->fd, prefix, 2);
	out->len = dns_get16(prefix);
	cr_assert_leq(out->len, sizeof(out->octets));
	receive(out->fd, out->octets, out->len);
	check_question(out, name, type);
}

void upper_expect_nothing(struct upper *u)
{
	uint8_t octet;

	cr_assert_lt(recv(u->udp, &octet, 1, MSG_DONTWAIT), 0, "a query came");
}

void upper_drain(struct upper *u)
{
	uint8_t octet;

	while (recv(u->udp, &octet, 1, MSG_DONTWAIT) >= 0)
		;
}

void upper_send(const struct upper_query *q, const uint8_t *p, size_t len)
{
	uint8_t prefix[2];

	if (q->fd < 0) {
		cr_assert_eq(sendto(q->upper->udp, p, len, 0, &q->from.any,
				     q->from.len),
			(ssize_t)len);
		return;
	}
	dns_put16(prefix, (uint16_t)len);
	cr_assert_eq(send(q->fd, prefix, 2, MSG_NOSIGNAL), 2);
	cr_assert_eq(send(q->fd, p, len, MSG_NOSIGNAL), (ssize_t)len);
	close(q->fd);
}

/* Sends text with q's id, and behind the header the first n octets of q's question in place of its own. */
static void say(const struct upper_query *q, const char *text, size_t n)
{
	static uint8_t message[DNS_MESSAGE_MAX];
	size_t len = said(text, message);

	memcpy(message, q->octets, 2);
	memcpy(message + 12, q->octets + 12, n);
	upper_send(q, message, len);
}

void upper_say(const struct upper_query *q, const char *text)
{
	say(q, text, 0);
}

void upper_say_echo(const struct upper_query *q, const char *text)
{
	say(q, text, dname_wire_len(q->octets + 12, q->len - 12));
}

/* ---- the forwarder ---------------------------------------------------------------------------- */

void sky_start(struct sky *s, uint32_t n)
{
	memset(s, 0, sizeof(*s));
	s->clock = (struct clock){sky_mono_ms, sky_mono_ms};
	atomic_init(&s->now_ms, 1000000);
	s->options = (struct forward_options){.n_upstreams = n,
		.queries = 100,
		.cache_octets = 1 << 20,
		.timeout_ms = 800,
		.stale_ms = 86400000};
	for (uint32_t i = 0; i < UPPERS; i++) {
		upper_open(&s->upper[i]);
		s->options.upstream[i] = s->upper[i].address;
	}
	cr_assert_eq(forward_start(&s->options, &s->clock, &s->forward), CMAP_OK);
}

void sky_stop(struct sky *s)
{
	forward_stop(s->forward);
	for (uint32_t i = 0; i < UPPERS; i++)
		upper_close(&s->upper[i]);
}

/* A query that is answered at once, for it has come by too many. */
static void nudge(struct sky *s)
{
	struct wish w;

	wish_marked(s, &w, "nudge", DNS_A, "{128 'm'}");
	(void)wish_told(&w);
}

/* In two: the forwarder looks at its clock before it answers the first, and at its timers behind it. */
void sky_pass(struct sky *s, int64_t ms)
{
	atomic_fetch_add(&s->now_ms, ms);
	for (int i = 0; i < 3; i++)
		nudge(s);
}

uint64_t sky_counter(const struct sky *s, enum counter which)
{
	uint64_t sum[COUNTER_N] = {0};

	forward_counters(s->forward, sum);
	return sum[which];
}

/* ---- clients ---------------------------------------------------------------------------------- */

/* On the forwarder's thread. */
static void wish_done(struct forward_request *r, const uint8_t *reply, size_t len)
{
	/* request is the first member of the asker, which is that of the wish. */
	struct wish *w = (struct wish *)(void *)r;

	if (len <= sizeof(w->reply) && len > 0)
		memcpy(w->reply, reply, len);
	w->len = len;
	atomic_fetch_add(&w->n_done, 1);
	sem_post(&w->done);
}

static void make_wish(struct wish *w, const char *name,
	const struct forward_question *q, const char *marks)
{
	memset(w, 0, sizeof(*w));
	sem_init(&w->done, 0, 0);
	asker_init(&w->asker, name, q, 0, NULL, "00 0029 04d0 00000000 0000", 4096);
	asker_mark(&w->asker, marks);
	w->asker.request.done = wish_done;
}

void wish_question(struct sky *s, struct wish *w, const char *name,
	const struct forward_question *q, const char *marks)
{
	make_wish(w, name, q, marks);
	forward_submit(s->forward, &w->asker.request);
}

void wish_fresh(struct sky *s, struct wish *w, const char *name, uint16_t type)
{
	struct forward_question q = asked_for(name, type);

	make_wish(w, name, &q, "");
	w->asker.request.wants_fresh = true;
	forward_submit(s->forward, &w->asker.request);
}

void wish_marked(struct sky *s, struct wish *w, const char *name, uint16_t type,
	const char *marks)
{
	struct forward_question q = asked_for(name, type);

	wish_question(s, w, name, &q, marks);
}

void wish(struct sky *s, struct wish *w, const char *name, uint16_t type)
{
	wish_marked(s, w, name, type, "");
}

const char *wish_told(struct wish *w)
{
	static char text[20000];
	struct buf out = {.data = NULL};
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_S;
	cr_assert_eq(sem_timedwait(&w->done, &end), 0, "no reply came");
	cr_assert_eq(atomic_load(&w->n_done), 1);
	cr_assert_leq(w->len, sizeof(w->reply));
	oracle_describe(w->reply, w->len, &out);
	cr_assert_lt(out.len, sizeof(text));
	strcpy(text, buf_text(&out));
	buf_free(&out);
	return text;
}

uint16_t wish_reason(const struct wish *w)
{
	const uint8_t *end = w->reply + w->len;

	if (w->len > 6 && dns_get16(end - 6) == DNS_OPTION_EDE)
		return dns_get16(end - 2);
	return 0;
}

bool wish_is_open(struct wish *w)
{
	return atomic_load(&w->n_done) == 0;
}
