/* SPDX-License-Identifier: MIT */
/*
 * respond_bench.c -- what one answer costs without sockets.
 *
 * Usage: respond_bench [QUERIES [SERVICES [MIX]]]
 *
 * Publishes SERVICES services of each kind, answers QUERIES queries of each mix in batches, or of the one given by its number,
 * and prints its name, nanoseconds a query, and octets a reply. Under callgrind, with --toggle-collect=measure, the
 * instructions are repeatable to the last one: see unit.sh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/mem.h"
#include "server/respond.h"
#include "zone/zone.h"

enum { QUERY_MAX = 128, DISTINCT = 65536, BATCH = 32 };

enum kind {
	KIND_ONE,
	KIND_EIGHT,
	KIND_HUNDRED,
	KIND_LEASED,
	KIND_SRV,
	KIND_NONE,
	KIND_N
};

struct query_text {
	size_t len;
	uint8_t wire[QUERY_MAX];
};

static const struct {
	const char *name;
	const char *service; /* its number follows */
	unsigned int instances;
	uint16_t qtype;
	bool leased, srv;
} kinds[KIND_N] = {
	[KIND_ONE] = {"one A", "one", 1, DNS_A, false, false},
	[KIND_EIGHT] = {"eight of eight A", "eight", 8, DNS_A, false, false},
	[KIND_HUNDRED] = {"eight of 100 A", "hundred", 100, DNS_A, false, false},
	[KIND_LEASED] = {"eight of 100 A, leased", "leased", 100, DNS_A, true, false},
	[KIND_SRV] = {"SRV of four, additional", "srv", 4, DNS_SRV, false, true},
	[KIND_NONE] = {"NXDOMAIN", "none", 0, DNS_A, false, false},
};

static struct model model;
static struct zone *zone;
static struct namespace *ns;

static void add_service(enum kind kind, unsigned int n)
{
	struct service *s = xcalloc(1, sizeof(*s));
	static unsigned int serial;

	snprintf(s->id, sizeof(s->id), "srv-%u", serial);
	strcpy(s->namespace_id, ns->id);
	s->name = xasprintf("%s-%u", kinds[kind].service, n);
	s->creator_request_id = xstrdup("");
	s->records[s->n_records++] = (struct dns_record){RECORD_A, 60};
	if (kinds[kind].srv)
		s->records[s->n_records++] = (struct dns_record){RECORD_SRV, 60};
	if (model_put_service(&model, s) != CMAP_OK)
		abort();
	zone_service_put(zone, s);
	for (unsigned int k = 0; k < kinds[kind].instances; k++) {
		const struct attributes none = {.block = NULL};
		char id[16];
		struct instance *i;

		snprintf(id, sizeof(id), "i-%u", k);
		i = instance_new(id, "", &none);
		i->has_ipv4 = true;
		i->ipv4.s_addr = htonl(0x0A000000u + serial * 128 + k + 1);
		i->port = 8080;
		i->weight = 1;
		i->lease_ms = kinds[kind].leased ? 3600000 : 0;
		i->lease_end_ms =
			kinds[kind].leased ? 1000000 + 3600000 : MODEL_LEASE_NONE;
		model_put_instance(&model, s, i);
		zone_instance_put(zone, i);
	}
	serial++;
}

static void publish(unsigned int services)
{
	struct zone_options options = {.negative_ttl = 5, .answers = 8};

	if (dname_from_plain("localhost", &options.nameserver) != CMAP_OK)
		abort();
	model_init(&model, 16);
	zone = zone_new(&options);
	ns = xcalloc(1, sizeof(*ns));
	strcpy(ns->id, "ns-bench");
	ns->type = NAMESPACE_DNS_PRIVATE;
	ns->name = xstrdup("bench.internal");
	ns->creator_request_id = xstrdup("");
	ns->soa_ttl = -1;
	model_put_namespace(&model, ns);
	zone_namespace_put(zone, ns);
	for (int kind = 0; kind < KIND_N; kind++)
		for (unsigned int i = 0; kind != KIND_NONE && i < services; i++)
			add_service((enum kind)kind, i);
	zone_publish(zone, 1);
}

static void make_query(struct query_text *q, enum kind kind, unsigned int n)
{
	static const uint8_t header[DNS_HEADER_LEN] = {
		0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
	char prefix[40], text[80];
	struct dname name;

	snprintf(prefix, sizeof(prefix), "%s-%u", kinds[kind].service, n);
	snprintf(text, sizeof(text), "%s.bench.internal", prefix);
	if (dname_from_plain(text, &name) != CMAP_OK)
		abort();
	memcpy(q->wire, header, sizeof(header));
	memcpy(q->wire + DNS_HEADER_LEN, name.wire, name.len);
	q->len = DNS_HEADER_LEN + name.len;
	dns_put16(q->wire + q->len, kinds[kind].qtype);
	dns_put16(q->wire + q->len + 2, DNS_IN);
	q->len += 4;
}

/* 70 % one A, 15 % eight A, 10 % SRV, 5 % NXDOMAIN. */
static enum kind mixed(unsigned int i)
{
	unsigned int percent = i * 37 % 100;

	return percent < 70   ? KIND_ONE
	       : percent < 85 ? KIND_EIGHT
	       : percent < 95 ? KIND_SRV
			      : KIND_NONE;
}

/* Apart, so that callgrind can count it alone. */
__attribute__((noinline)) static size_t measure(struct responder *r,
	const struct query_text *query, unsigned long n)
{
	static uint8_t reply[RESPOND_UDP_SIZE_MAX];
	static struct asked asked[BATCH];
	size_t octets = 0;

	for (unsigned long i = 0; i < n; i += BATCH) {
		const struct query_text *q = &query[i % DISTINCT];

		for (int k = 0; k < BATCH; k++)
			respond_read(r, q[k].wire, q[k].len, &asked[k]);
		for (int k = 0; k < BATCH; k++)
			respond_look(r, &asked[k]);
		for (int k = 0; k < BATCH; k++)
			octets += respond_answer(r, &asked[k], true, reply);
	}
	return octets;
}

static void run(const char *name, struct responder *r, struct query_text *query,
	unsigned long n)
{
	struct timespec a, b;
	size_t octets;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
	octets = measure(r, query, n);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
	printf("%-26s %7.1f ns, %zu octets\n", name,
		((double)(b.tv_sec - a.tv_sec) * 1e9 +
			(double)(b.tv_nsec - a.tv_nsec)) /
			(double)n,
		octets / n);
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000000;
	unsigned int services = argc > 2 ? (unsigned int)atoi(argv[2]) : 200;
	int only = argc > 3 ? atoi(argv[3]) : -1;
	struct query_text *query = xcalloc(DISTINCT, sizeof(*query));
	static struct counters counters;
	struct responder r = {.counters = &counters,
		.udp_size = RESPOND_UDP_SIZE,
		.client = {.len = 4, .octets = {127, 0, 0, 1}}};

	publish(services);
	r.published = zone_published(zone);
	responder_prepare(&r, 1000000);
	for (int kind = 0; kind <= KIND_N; kind++) {
		if (only >= 0 && kind != only)
			continue;
		for (unsigned int i = 0; i < DISTINCT; i++)
			make_query(&query[i],
				kind < KIND_N ? (enum kind)kind : mixed(i),
				i * 7919 % services);
		run(kind < KIND_N ? kinds[kind].name : "70/15/10/5", &r, query, n);
	}
	responder_free(&r);
	zone_free(zone);
	model_free(&model);
	free(query);
	return 0;
}
