/* SPDX-License-Identifier: MIT */
/* Balance after the client's own sorting: glibc's and musl's, by RFC 6724 rule 9, replayed. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "test.h"
#include "wire/dns.h"
#include "zone/answer.h"
#include "zone/zone.h"

enum { MAX = 16 };

struct world {
	struct model model;
	struct zone *zone;
	struct rotation rotation;
	uint8_t len; /* octets of an address */
};

/* A namespace "local" with a service "s" whose instances have these addresses. */
static void open_world(struct world *w, const char *const *address, int n, bool fair,
	uint16_t answers)
{
	struct zone_options options = {
		.negative_ttl = 5, .answers = answers, .fair = fair};
	struct namespace *ns = xcalloc(1, sizeof(*ns));
	struct service *s = xcalloc(1, sizeof(*s));

	memset(w, 0, sizeof(*w));
	w->len = strchr(address[0], ':') != NULL ? 16 : 4;
	cr_assert_eq(dname_from_plain("localhost", &options.nameserver), CMAP_OK);
	model_init(&w->model, 16);
	w->zone = zone_new(&options);
	strcpy(ns->id, "ns-1");
	ns->type = NAMESPACE_DNS_PRIVATE;
	ns->name = xstrdup("local");
	ns->creator_request_id = xstrdup("");
	ns->soa_ttl = -1;
	model_put_namespace(&w->model, ns);
	zone_namespace_put(w->zone, ns);
	strcpy(s->id, "srv-1");
	strcpy(s->namespace_id, ns->id);
	s->name = xstrdup("s");
	s->creator_request_id = xstrdup("");
	s->records[s->n_records++] =
		(struct dns_record){w->len == 4 ? RECORD_A : RECORD_AAAA, 60};
	cr_assert_eq(model_put_service(&w->model, s), CMAP_OK);
	zone_service_put(w->zone, s);
	for (int i = 0; i < n; i++) {
		const struct attributes none = {.block = NULL};
		struct instance *in;
		char id[16];

		snprintf(id, sizeof(id), "i-%d", i);
		in = instance_new(id, "", &none);
		in->has_ipv4 = inet_pton(AF_INET, address[i], &in->ipv4) == 1;
		in->has_ipv6 = inet_pton(AF_INET6, address[i], &in->ipv6) == 1;
		in->lease_end_ms = MODEL_LEASE_NONE;
		model_put_instance(&w->model, s, in);
		zone_instance_put(w->zone, in);
	}
	zone_publish(w->zone, 1);
	rotation_fit(&w->rotation, zone_published(w->zone));
}

static void close_world(struct world *w)
{
	rotation_free(&w->rotation);
	zone_free(w->zone);
	model_free(&w->model);
}

/* The addresses of one answer, in its order. Returns how many. */
static int ask(struct world *w, const char *from, uint8_t out[MAX][16])
{
	static const uint8_t name[] = "\001s\005local";
	const struct published *p = zone_published(w->zone);
	const struct entry *e = published_find(p, name, sizeof(name));
	uint8_t octets[1232];
	struct reply reply = {.base = octets, .limit = sizeof(octets)};
	struct client client = {.len = w->len};
	struct answer a;

	cr_assert_eq(inet_pton(w->len == 4 ? AF_INET : AF_INET6, from, client.octets),
		1);
	cr_assert_not_null(e);
	answer_write(p, e, entry_find(e, w->len == 4 ? DNS_A : DNS_AAAA), &w->rotation,
		&client, 0, ENTRY_OWNER_POINTER, &reply, &a);
	for (int i = 0; i < a.n; i++)
		memcpy(out[i], octets + i * (12 + w->len) + 12, w->len);
	return a.n;
}

static int common_prefix(const uint8_t *a, const uint8_t *b, int len)
{
	for (int i = 0; i < len * 8; i++)
		if ((a[i / 8] ^ b[i / 8]) & 0x80 >> i % 8)
			return i;
	return len * 8;
}

/* The address a client takes: rule 9 puts the longest prefix first, and otherwise keeps the order. */
static int client_choice(const uint8_t *self, uint8_t address[MAX][16], int n, int len)
{
	int best = 0;

	for (int i = 1; i < n; i++)
		if (common_prefix(self, address[i], len) >
			common_prefix(self, address[best], len))
			best = i;
	return best;
}

/* Asks n * 1000 times; each of the n instances must be taken 1000 times. */
static void check_even(const char *const *address, int n, const char *from, bool even)
{
	int taken[MAX] = {0}, uneven = 0;
	struct world w;
	uint8_t self[16];

	open_world(&w, address, n, even, 8);
	cr_assert_eq(inet_pton(w.len == 4 ? AF_INET : AF_INET6, from, self), 1);
	for (int round = 0; round < n * 1000; round++) {
		uint8_t got[MAX][16], wanted[16];
		int count = ask(&w, from, got);
		int choice;

		cr_assert(count >= 1 && count <= 8);
		choice = client_choice(self, got, count, w.len);
		for (int i = 0; i < n; i++) {
			inet_pton(w.len == 4 ? AF_INET : AF_INET6, address[i], wanted);
			taken[i] += memcmp(wanted, got[choice], w.len) == 0;
		}
	}
	for (int i = 0; i < n; i++)
		uneven += taken[i] != 1000;
	if (even)
		cr_assert_eq(uneven, 0, "%d of %d not even for %s", uneven, n, from);
	else
		cr_assert(uneven > 0, "without the rule %s would be even, too", from);
	close_world(&w);
}

static const char *const picture[] = {"172.31.16.1", "172.31.16.2", "172.31.32.1"};

Test(fairness, each_instance_of_the_picture_is_taken_as_often)
{
	static const char *const clients[] = {"172.31.16.3", "172.31.32.9", "10.9.9.9",
		"172.31.16.1", "127.0.0.1", "172.31.48.1", "0.0.0.0",
		"255.255.255.255"};

	for (size_t i = 0; i < CMAP_COUNT(clients); i++)
		check_even(picture, 3, clients[i], true);
}

/* So the test can fail: this is what happens without. */
Test(fairness, plain_rotation_is_not_even_inside_the_subnets)
{
	check_even(picture, 3, "172.31.16.3", false);
	check_even(picture, 3, "172.31.32.9", false);
}

Test(fairness, holds_for_ipv6_down_to_the_last_bit)
{
	static const char *const address[] = {
		"fd00:16::1", "fd00:16::2", "fd00:32::1", "2001:db8::1"};
	static const char *const clients[] = {
		"fd00:16::3", "fd00:16::2", "fd00:32::9", "2001:db8::1:1", "::1"};

	for (size_t i = 0; i < CMAP_COUNT(clients); i++)
		check_even(address, 4, clients[i], true);
}

Test(fairness, holds_for_more_instances_than_an_answer_has_records)
{
	static const char *const address[] = {"10.0.0.1", "10.0.0.2", "10.0.1.1",
		"10.0.2.1", "10.1.0.1", "10.2.0.1", "172.16.0.1", "172.31.0.1",
		"192.168.0.1", "192.168.1.1", "10.0.0.130", "10.0.0.200"};
	static const char *const clients[] = {
		"10.0.0.3", "10.0.0.129", "10.1.0.9", "192.168.1.7", "172.16.0.2"};

	for (size_t i = 0; i < CMAP_COUNT(clients); i++)
		check_even(address, 12, clients[i], true);
}

Test(fairness, costs_no_records_where_none_is_nearer)
{
	struct world w;
	uint8_t got[MAX][16];

	open_world(&w, picture, 3, true, 8);
	for (int i = 0; i < 9; i++)
		cr_assert_eq(ask(&w, "10.9.9.9", got), 3);
	close_world(&w);
}

Test(fairness, leaves_an_answer_of_all_complete)
{
	struct world w;
	uint8_t got[MAX][16];

	open_world(&w, picture, 3, true, 0);
	for (int i = 0; i < 9; i++)
		cr_assert_eq(ask(&w, "172.31.16.3", got), 3);
	close_world(&w);
}
