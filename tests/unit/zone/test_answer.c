/* SPDX-License-Identifier: MIT */
/* Which records an answer has, in which order, and for how long. */
#include "zone/answer.h"

#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "held.h"
#include "rng.h"
#include "test.h"
#include "wire/dns.h"

#define WEB "web.test"

static void expect(struct fixture *f, const char *name, uint16_t type,
	const char *answer)
{
	const char *text = ask(&f->asker, name, type);

	cr_assert_str_eq(text, answer, "%s type %u: '%s', not '%s'", name, type, text,
		answer);
}

/* Instance i-K with address 10.0.X.Y for K = 256 X + Y, port K. */
static void add(struct fixture *f, uint32_t k, int64_t lease_ms)
{
	char id[16], attributes[64];

	snprintf(id, sizeof(id), "i-%u", k);
	snprintf(attributes, sizeof(attributes), "4=10.0.%u.%u port=%u", k / 256,
		k % 256, k == 0 ? 65535 : k);
	world_instance(&f->world, WEB, id, attributes, lease_ms);
}

static void add_many(struct fixture *f, uint32_t n)
{
	for (uint32_t k = 0; k < n; k++)
		add(f, k, 0);
}

/* The numbers of the instances in an answer "A TTL 10.0.X.Y ...". Returns how many. */
static uint32_t read_answer(const char *text, uint32_t *k, uint32_t room)
{
	uint32_t n = 0;
	int skip = 0;

	if (sscanf(text, "A %*u%n", &skip), skip == 0)
		return 0;
	for (text += skip; *text != '\0'; n++) {
		unsigned int x, y;

		cr_assert_lt(n, room);
		cr_assert_eq(sscanf(text, " 10.0.%u.%u%n", &x, &y, &skip), 2, "%s",
			text);
		k[n] = x * 256 + y;
		text += skip;
	}
	return n;
}

/* ---- rotation --------------------------------------------------------------------------------- */

Test(answer, is_a_window_that_moves_on_by_one)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	add_many(&f, 10);
	world_publish(&f.world);
	for (uint32_t turn = 0; turn < 35; turn++) {
		uint32_t k[16];
		uint32_t n = read_answer(ask(&f.asker, WEB, DNS_A), k, 16);

		cr_assert_eq(n, 8);
		for (uint32_t i = 0; i < n; i++)
			cr_assert_eq(k[i], (turn + i) % 10, "turn %u place %u", turn,
				i);
	}
	fixture_end(&f);
}

Test(answer, each_record_heads_exactly_once_in_a_round)
{
	static const uint32_t sizes[] = {1, 2, 3, 7, 8, 9, 100, 1000};

	for (size_t s = 0; s < CMAP_COUNT(sizes); s++) {
		struct fixture f;
		uint32_t *heads = calloc(sizes[s], sizeof(*heads));
		uint32_t *given = calloc(sizes[s], sizeof(*given));

		fixture_start(&f, WEB, "A=60");
		add_many(&f, sizes[s]);
		world_publish(&f.world);
		for (uint32_t turn = 0; turn < sizes[s]; turn++) {
			uint32_t k[16];
			uint32_t n = read_answer(ask(&f.asker, WEB, DNS_A), k, 16);

			heads[k[0]]++;
			while (n-- > 0)
				given[k[n]]++;
		}
		for (uint32_t i = 0; i < sizes[s]; i++) {
			cr_assert_eq(heads[i], 1, "%u of %u", i, sizes[s]);
			cr_assert_eq(given[i], sizes[s] < 8 ? sizes[s] : 8);
		}
		free(heads);
		free(given);
		fixture_end(&f);
	}
}

Test(answer, types_and_names_rotate_by_themselves)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60 AAAA=60 SRV=60");
	world_service(&f.world, "db.test", "A=60");
	for (int i = 0; i < 2; i++) {
		char id[8], text[64];

		snprintf(id, sizeof(id), "%d", i);
		snprintf(text, sizeof(text), "4=10.0.0.%d 6=fd00::%d port=%d", i + 1,
			i + 1, i + 1);
		world_instance(&f.world, WEB, id, text, 0);
		world_instance(&f.world, "db.test", id, text, 0);
	}
	world_publish(&f.world);
	expect(&f, WEB, DNS_A, "A 60 10.0.0.1 10.0.0.2");
	expect(&f, WEB, DNS_AAAA, "AAAA 60 fd00::1 fd00::2");
	expect(&f, "db.test", DNS_A, "A 60 10.0.0.1 10.0.0.2");
	expect(&f, WEB, DNS_A, "A 60 10.0.0.2 10.0.0.1");
	expect(&f, WEB, DNS_SRV,
		"SRV 60 1:1:0." WEB ". 1:2:1." WEB
		". + A 60 10.0.0.1 AAAA 60 fd00::1 A 60 10.0.0.2 AAAA 60 fd00::2");
	expect(&f, WEB, DNS_AAAA, "AAAA 60 fd00::2 fd00::1");
	expect(&f, "db.test", DNS_A, "A 60 10.0.0.2 10.0.0.1");
	fixture_end(&f);
}

Test(answer, each_thread_rotates_by_itself)
{
	struct fixture f;
	struct asker other;

	fixture_start(&f, WEB, "A=60");
	add_many(&f, 2);
	world_publish(&f.world);
	asker_init(&other, &f.world);
	expect(&f, WEB, DNS_A, "A 60 10.0.0.0 10.0.0.1");
	expect(&f, WEB, DNS_A, "A 60 10.0.0.1 10.0.0.0");
	cr_assert_str_eq(ask(&other, WEB, DNS_A), "A 60 10.0.0.0 10.0.0.1");
	asker_free(&other);
	fixture_end(&f);
}

Test(answer, rotation_survives_changes_of_the_ring)
{
	struct fixture f;
	struct rng r = {71};
	bool there[40] = {false};
	uint32_t live = 0;

	fixture_start(&f, WEB, "A=60");
	for (int step = 0; step < 2000; step++) {
		uint32_t which = rng_below(&r, 40), k[16], n;
		char id[16];

		if (there[which]) {
			snprintf(id, sizeof(id), "i-%u", which);
			world_remove_instance(&f.world, WEB, id);
			live--;
		} else {
			add(&f, which, 0);
			live++;
		}
		there[which] = !there[which];
		world_publish(&f.world);
		n = read_answer(ask(&f.asker, WEB, DNS_A), k, 16);
		cr_assert_eq(n, live < 8 ? live : 8);
		for (uint32_t i = 0; i < n; i++) {
			cr_assert(there[k[i]]);
			for (uint32_t j = 0; j < i; j++)
				cr_assert_neq(k[i], k[j], "%u twice", k[i]);
		}
	}
	fixture_end(&f);
}

/* Counters of names that are gone serve new ones, and are no more than there were names at once. */
Test(answer, rotation_counters_are_used_again)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	for (int i = 0; i < 1000; i++) {
		world_service(&f.world, "x.test", "A=60");
		world_instance(&f.world, "x.test", "a", "4=10.0.0.1", 0);
		world_instance(&f.world, "x.test", "b", "4=10.0.0.2", 0);
		world_publish(&f.world);
		ask(&f.asker, "x.test", DNS_A);
		world_remove_instance(&f.world, "x.test", "a");
		world_remove_instance(&f.world, "x.test", "b");
		world_remove_service(&f.world, "x.test");
		world_publish(&f.world);
	}
	cr_assert_leq(atomic_load(&f.world.published->n_rotations), 4);
	fixture_end(&f);
}

/* A thread that has not made room for the newest counters yet answers all the same. */
Test(answer, works_without_a_counter)
{
	struct fixture f;
	struct rotation none = {.n = 0};
	struct client client = {.len = 0};
	uint8_t message[512];
	struct reply reply = {.base = message, .len = 12, .limit = sizeof(message)};
	struct answer a;
	const struct entry *e;

	fixture_start(&f, WEB, "A=60");
	add_many(&f, 3);
	world_publish(&f.world);
	e = ask_find(&f.asker, WEB);
	answer_write(f.world.published, e, entry_find(e, DNS_A), &none, &client,
		f.world.now_ms, ENTRY_OWNER_POINTER, &reply, &a);
	cr_assert_eq(a.n, 3);
	cr_assert_eq(reply.len, 12 + 3 * 16);
	rotation_free(&none);
	fixture_end(&f);
}

Test(answer, all_records_are_given_where_answers_is_0)
{
	struct fixture f;
	struct zone_options o;
	uint32_t k[300];

	fixture_start(&f, WEB, "A=60");
	add_many(&f, 300);
	o = f.world.options;
	o.answers = 0;
	zone_set_options(f.world.zone, &o);
	world_publish(&f.world);
	cr_assert_eq(read_answer(ask(&f.asker, WEB, DNS_A), k, 300), 300);
	fixture_end(&f);
}

/* ---- leases ----------------------------------------------------------------------------------- */

Test(answer, the_ttl_is_never_above_the_remaining_lease)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	add(&f, 1, 30000);
	world_publish(&f.world);
	expect(&f, WEB, DNS_A, "A 30 10.0.0.1");
	f.world.now_ms += 1;
	expect(&f, WEB, DNS_A, "A 29 10.0.0.1");
	f.world.now_ms += 28999;
	expect(&f, WEB, DNS_A, "A 1 10.0.0.1");
	f.world.now_ms += 1;
	expect(&f, WEB, DNS_A, "A 0 10.0.0.1");
	f.world.now_ms += 998;
	expect(&f, WEB, DNS_A, "A 0 10.0.0.1");
	f.world.now_ms += 1;
	expect(&f, WEB, DNS_A, "empty");
	f.world.now_ms += 1000000;
	expect(&f, WEB, DNS_A, "empty");
	fixture_end(&f);
}

Test(answer, a_long_lease_leaves_the_ttl_of_the_records)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	add(&f, 1, 60999);
	world_publish(&f.world);
	expect(&f, WEB, DNS_A, "A 60 10.0.0.1");
	f.world.now_ms += 999;
	expect(&f, WEB, DNS_A, "A 60 10.0.0.1");
	f.world.now_ms += 1;
	expect(&f, WEB, DNS_A, "A 59 10.0.0.1");
	fixture_end(&f);
}

Test(answer, all_records_have_the_least_ttl_of_those_in_it)
{
	struct fixture f;
	struct zone_options o;

	fixture_start(&f, WEB, "A=60");
	add(&f, 1, 40000);
	add(&f, 2, 20000);
	add(&f, 3, 0);
	add(&f, 4, 50000);
	o = f.world.options;
	o.answers = 2;
	zone_set_options(f.world.zone, &o);
	world_publish(&f.world);
	expect(&f, WEB, DNS_A, "A 20 10.0.0.1 10.0.0.2");
	expect(&f, WEB, DNS_A, "A 20 10.0.0.2 10.0.0.3");
	expect(&f, WEB, DNS_A, "A 50 10.0.0.3 10.0.0.4");
	expect(&f, WEB, DNS_A, "A 40 10.0.0.4 10.0.0.1");
	fixture_end(&f);
}

Test(answer, the_expired_are_passed_over_before_they_are_taken_out)
{
	struct fixture f;
	struct zone_options o;

	fixture_start(&f, WEB, "A=60");
	for (uint32_t k = 0; k < 6; k++)
		add(&f, k, k % 2 == 0 ? 10000 : 20000);
	o = f.world.options;
	o.answers = 2;
	zone_set_options(f.world.zone, &o);
	world_publish(&f.world);
	f.world.now_ms += 10000;
	expect(&f, WEB, DNS_A, "A 10 10.0.0.1 10.0.0.3");
	expect(&f, WEB, DNS_A, "A 10 10.0.0.1 10.0.0.3");
	expect(&f, WEB, DNS_A, "A 10 10.0.0.3 10.0.0.5");
	expect(&f, WEB, DNS_A, "A 10 10.0.0.3 10.0.0.5");
	expect(&f, WEB, DNS_A, "A 10 10.0.0.5 10.0.0.1");
	f.world.now_ms += 9999;
	expect(&f, WEB, DNS_A, "A 0 10.0.0.5 10.0.0.1");
	f.world.now_ms += 1;
	expect(&f, WEB, DNS_A, "empty");
	fixture_end(&f);
}

Test(answer, expired_srv_records_take_their_addresses_along)
{
	struct fixture f;

	fixture_start(&f, WEB, "SRV=60");
	add(&f, 1, 10000);
	add(&f, 2, 20000);
	world_publish(&f.world);
	expect(&f, WEB, DNS_SRV,
		"SRV 10 1:1:i-1." WEB ". 1:2:i-2." WEB ". + A 10 10.0.0.1 10.0.0.2");
	f.world.now_ms += 10000;
	expect(&f, WEB, DNS_SRV, "SRV 10 1:2:i-2." WEB ". + A 10 10.0.0.2");
	expect(&f, "i-1." WEB, DNS_A, "empty");
	expect(&f, "i-2." WEB, DNS_A, "A 10 10.0.0.2");
	fixture_end(&f);
}

Test(answer, expired_cnames_are_passed_over)
{
	struct fixture f;

	fixture_start(&f, WEB, "CNAME=60 WEIGHTED");
	world_instance(&f.world, WEB, "a", "cname=a.example", 10000);
	world_instance(&f.world, WEB, "b", "cname=b.example", 20000);
	world_publish(&f.world);
	expect(&f, WEB, DNS_CNAME, "CNAME 10 a.example.");
	expect(&f, WEB, DNS_CNAME, "CNAME 20 b.example.");
	f.world.now_ms += 10000;
	expect(&f, WEB, DNS_CNAME, "CNAME 10 b.example.");
	expect(&f, WEB, DNS_CNAME, "CNAME 10 b.example.");
	fixture_end(&f);
}

Test(answer, a_renewal_is_seen_without_publishing)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60 SRV=60");
	add(&f, 1, 30000);
	world_publish(&f.world);
	f.world.now_ms += 29000;
	expect(&f, WEB, DNS_A, "A 1 10.0.0.1");
	world_renew(&f.world, WEB, "i-1");
	expect(&f, WEB, DNS_A, "A 30 10.0.0.1");
	expect(&f, WEB, DNS_SRV, "SRV 30 1:1:i-1." WEB ". + A 30 10.0.0.1");
	expect(&f, "i-1." WEB, DNS_A, "A 30 10.0.0.1");
	f.world.now_ms += 30000;
	expect(&f, WEB, DNS_A, "empty");
	/* Late, but before anybody has noticed. */
	world_renew(&f.world, WEB, "i-1");
	expect(&f, WEB, DNS_A, "A 30 10.0.0.1");
	fixture_end(&f);
}

Test(answer, deregistration_is_seen_before_publication)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	add(&f, 1, 30000);
	add(&f, 2, 30000);
	world_publish(&f.world);
	world_remove_instance(&f.world, WEB, "i-1");
	expect(&f, WEB, DNS_A, "A 30 10.0.0.2");
	world_publish(&f.world);
	expect(&f, WEB, DNS_A, "A 30 10.0.0.2");
	fixture_end(&f);
}

Test(answer, leases_may_come_and_go_with_registration)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	add(&f, 1, 30000);
	world_publish(&f.world);
	add(&f, 1, 10000); /* a shorter one */
	expect(&f, WEB, DNS_A, "A 10 10.0.0.1");
	world_publish(&f.world);
	expect(&f, WEB, DNS_A, "A 10 10.0.0.1");
	add(&f, 1, 0);
	world_publish(&f.world);
	f.world.now_ms += 1000000;
	expect(&f, WEB, DNS_A, "A 60 10.0.0.1");
	add(&f, 1, 5000);
	world_publish(&f.world);
	expect(&f, WEB, DNS_A, "A 5 10.0.0.1");
	f.world.now_ms += 5000;
	expect(&f, WEB, DNS_A, "empty");
	fixture_end(&f);
}

/* ---- equal addresses -------------------------------------------------------------------------- */

Test(answer, equal_addresses_are_given_once)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60 AAAA=60 SRV=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 6=fd00::1 port=1", 0);
	world_instance(&f.world, WEB, "b", "4=10.0.0.1 6=fd00::2 port=2", 0);
	world_instance(&f.world, WEB, "c", "4=10.0.0.2 6=fd00::1 port=3", 0);
	world_instance(&f.world, WEB, "d", "4=10.0.0.1 port=4", 0);
	world_publish(&f.world);
	expect(&f, WEB, DNS_A, "A 60 10.0.0.1 10.0.0.2");
	expect(&f, WEB, DNS_A, "A 60 10.0.0.2 10.0.0.1");
	expect(&f, WEB, DNS_AAAA, "AAAA 60 fd00::1 fd00::2");
	cr_assert_eq(ask_count(&f.asker, WEB, DNS_SRV), 4,
		"all containers of a host are kept apart by their ports");
	fixture_end(&f);
}

Test(answer, an_equal_address_lives_as_long_as_any_that_has_it)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60 AAAA=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 6=fd00::1", 10000);
	world_instance(&f.world, WEB, "b", "4=10.0.0.1 6=fd00::2", 30000);
	world_instance(&f.world, WEB, "c", "4=10.0.0.1 6=fd00::1", 20000);
	world_publish(&f.world);
	expect(&f, WEB, DNS_A, "A 30 10.0.0.1");
	expect(&f, WEB, DNS_AAAA, "AAAA 20 fd00::1 fd00::2");
	f.world.now_ms += 15000;
	expect(&f, WEB, DNS_A, "A 15 10.0.0.1");
	expect(&f, WEB, DNS_AAAA, "AAAA 5 fd00::2 fd00::1");
	f.world.now_ms += 14999;
	expect(&f, WEB, DNS_A, "A 0 10.0.0.1");
	expect(&f, WEB, DNS_AAAA, "AAAA 0 fd00::2");
	f.world.now_ms += 1;
	expect(&f, WEB, DNS_A, "empty");
	expect(&f, WEB, DNS_AAAA, "empty");
	fixture_end(&f);
}

Test(answer, renewing_any_keeps_an_equal_address)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60 AAAA=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1 6=fd00::1", 10000);
	world_instance(&f.world, WEB, "b", "4=10.0.0.1 6=fd00::1", 30000);
	world_publish(&f.world);
	f.world.now_ms += 9000;
	world_renew(&f.world, WEB, "a"); /* until 19 s; b lives longer */
	expect(&f, WEB, DNS_A, "A 21 10.0.0.1");
	f.world.now_ms += 5000;
	world_renew(&f.world, WEB, "b"); /* until 44 s */
	expect(&f, WEB, DNS_A, "A 30 10.0.0.1");
	expect(&f, WEB, DNS_AAAA, "AAAA 30 fd00::1");
	f.world.now_ms += 29999;
	expect(&f, WEB, DNS_A, "A 0 10.0.0.1");
	f.world.now_ms += 1;
	expect(&f, WEB, DNS_A, "empty");
	fixture_end(&f);
}

Test(answer, deregistering_one_leaves_an_equal_address_to_the_other)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1", 30000);
	world_instance(&f.world, WEB, "b", "4=10.0.0.1", 10000);
	world_publish(&f.world);
	world_remove_instance(&f.world, WEB, "a");
	cr_assert_eq(memcmp(ask(&f.asker, WEB, DNS_A), "A ", 2), 0, "b is still there");
	world_publish(&f.world);
	expect(&f, WEB, DNS_A, "A 10 10.0.0.1");
	world_renew(&f.world, WEB, "b");
	f.world.now_ms += 9999;
	expect(&f, WEB, DNS_A, "A 0 10.0.0.1");
	f.world.now_ms += 1;
	expect(&f, WEB, DNS_A, "empty");
	fixture_end(&f);
}

Test(answer, an_equal_address_without_a_lease_stays)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1", 10000);
	world_instance(&f.world, WEB, "b", "4=10.0.0.1", 0);
	world_instance(&f.world, WEB, "c", "4=10.0.0.1", 20000);
	world_publish(&f.world);
	f.world.now_ms += 1000000;
	expect(&f, WEB, DNS_A, "A 60 10.0.0.1");
	world_remove_instance(&f.world, WEB, "b");
	world_publish(&f.world);
	expect(&f, WEB, DNS_A, "empty");
	fixture_end(&f);
}

/*
 * A reader may hold an entry while its successor is published. What it gives until it lets go must be
 * what one of the two would give, never less.
 */
Test(answer, a_replaced_entry_still_gives_equal_addresses)
{
	struct fixture f;
	struct held h;
	const struct entry *before;

	fixture_start(&f, WEB, "A=60");
	world_instance(&f.world, WEB, "a", "4=10.0.0.1", 30000);
	world_instance(&f.world, WEB, "b", "4=10.0.0.1", 30000);
	world_publish(&f.world);
	held_start(&h);
	before = ask_find(&f.asker, WEB);
	world_instance(&f.world, WEB, "c", "4=10.0.0.3", 30000);
	world_publish(&f.world);
	cr_assert_neq(ask_find(&f.asker, WEB), before);
	cr_assert_str_eq(ask_entry(&f.asker, before, DNS_A), "A 30 10.0.0.1");
	held_stop(&h);
	fixture_end(&f);
}

Test(answer, a_replaced_entry_still_gives_what_has_lost_its_lease)
{
	struct fixture f;
	struct held h;
	const struct entry *before;

	fixture_start(&f, WEB, "A=60");
	add(&f, 1, 30000);
	world_publish(&f.world);
	held_start(&h);
	before = ask_find(&f.asker, WEB);
	add(&f, 1, 0);
	world_publish(&f.world);
	cr_assert_str_eq(ask_entry(&f.asker, before, DNS_A), "A 30 10.0.0.1");
	expect(&f, WEB, DNS_A, "A 60 10.0.0.1");
	held_stop(&h);
	fixture_end(&f);
}

/* Nor may its slots belong to others before it is let go. */
Test(answer, a_replaced_entry_never_gives_the_deregistered)
{
	struct fixture f;
	struct held h;
	const struct entry *before;

	fixture_start(&f, WEB, "A=60");
	for (uint32_t k = 0; k < 20; k++)
		add(&f, k, 30000);
	world_publish(&f.world);
	held_start(&h);
	before = ask_find(&f.asker, WEB);
	for (uint32_t k = 0; k < 20; k++) {
		char id[16];

		snprintf(id, sizeof(id), "i-%u", k);
		world_remove_instance(&f.world, WEB, id);
		add(&f, k + 1000, 30000);
		world_publish(&f.world);
	}
	cr_assert_str_eq(ask_entry(&f.asker, before, DNS_A), "empty");
	held_stop(&h);
	fixture_end(&f);
}

Test(answer, slots_are_given_back)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60 SRV=60");
	for (int i = 0; i < 60; i++) {
		uint64_t epoch;

		world_instance(&f.world, WEB, "a", "4=10.0.0.1 port=1", 30000);
		world_instance(&f.world, WEB, "b", "4=10.0.0.1 port=2", 30000);
		world_publish(&f.world);
		world_remove_instance(&f.world, WEB, "a");
		world_remove_instance(&f.world, WEB, "b");
		world_publish(&f.world);
		epoch = f.world.published->grace.epoch;
		wait_for_epoch(&f.world.published->grace, epoch);
	}
	cr_assert_leq(f.world.published->leases.n, 1 + 6, "%u slots",
		f.world.published->leases.n);
	fixture_end(&f);
}

/* Random registrations of few addresses, against a list. */
Test(answer, agrees_with_a_naive_registry)
{
	enum { INSTANCES = 24, ADDRESSES = 6, STEPS = 3000 };
	struct {
		uint32_t address;
		int64_t end_ms, lease_ms; /* end 0: not there; lease 0: none */
	} list[INSTANCES] = {{0}};
	struct fixture f;
	struct rng r = {72};

	fixture_start(&f, WEB, "A=60 SRV=60");
	for (int step = 0; step < STEPS; step++) {
		uint32_t i = rng_below(&r, INSTANCES), expected = 0;
		char id[8], attributes[40];
		int64_t least = INT64_MAX;

		snprintf(id, sizeof(id), "%u", i);
		f.world.now_ms += rng_below(&r, 3000);
		switch (rng_below(&r, 4)) {
		case 0:
		case 1:
			list[i].address = rng_below(&r, ADDRESSES);
			list[i].lease_ms =
				rng_below(&r, 8) == 0 ? 0 : 1000 + rng_below(&r, 80000);
			list[i].end_ms = list[i].lease_ms == 0
						 ? INT64_MAX
						 : f.world.now_ms + list[i].lease_ms;
			snprintf(attributes, sizeof(attributes), "4=10.0.0.%u port=1",
				list[i].address);
			world_instance(&f.world, WEB, id, attributes, list[i].lease_ms);
			break;
		case 2:
			if (list[i].end_ms != 0)
				world_remove_instance(&f.world, WEB, id);
			list[i].end_ms = 0;
			break;
		default:
			if (list[i].end_ms == 0 || list[i].lease_ms == 0)
				break;
			world_renew(&f.world, WEB, id);
			list[i].end_ms = f.world.now_ms + list[i].lease_ms;
		}
		world_publish(&f.world);
		for (uint32_t a = 0; a < ADDRESSES; a++) {
			int64_t latest = 0;

			for (i = 0; i < INSTANCES; i++)
				if (list[i].address == a && list[i].end_ms > latest)
					latest = list[i].end_ms;
			if (latest <= f.world.now_ms)
				continue;
			expected |= 1u << a;
			if (latest < least)
				least = latest;
		}
		const char *text = ask(&f.asker, WEB, DNS_A);
		uint32_t k[16], n = read_answer(text, k, 16), seen = 0, ttl = 60;

		while (n-- > 0) {
			cr_assert_eq(seen & 1u << k[n], 0, "twice: %s", text);
			seen |= 1u << k[n];
		}
		cr_assert_eq(seen, expected, "step %d: %s", step, text);
		if (expected == 0)
			continue;
		if (least != INT64_MAX && (least - f.world.now_ms) / 1000 < ttl)
			ttl = (uint32_t)((least - f.world.now_ms) / 1000);
		cr_assert_eq(strtoul(text + 2, NULL, 10), ttl, "step %d: %s", step,
			text);
	}
	fixture_end(&f);
}

/* ---- room ------------------------------------------------------------------------------------- */

Test(answer, is_cut_between_records_at_every_limit)
{
	struct fixture f;

	fixture_start(&f, WEB, "A=60");
	add_many(&f, 8);
	world_publish(&f.world);
	for (f.asker.limit = 0; f.asker.limit < 150; f.asker.limit++) {
		uint32_t k[16];
		size_t fit = f.asker.limit / 16 < 8 ? f.asker.limit / 16 : 8;
		const char *text = ask(&f.asker, WEB, DNS_A);

		cr_assert_eq(read_answer(text, k, 16), fit, "%zu: %s", f.asker.limit,
			text);
		cr_assert_eq(f.asker.truncated, fit < 8, "%zu", f.asker.limit);
	}
	fixture_end(&f);
}

Test(answer, additional_addresses_fill_what_is_left)
{
	struct fixture f;
	size_t srv = 12 + 6 + 14;

	fixture_start(&f, WEB, "SRV=60");
	world_instance(&f.world, WEB, "i-1", "4=10.0.0.1 6=fd00::1 port=1", 0);
	world_publish(&f.world);
	f.asker.limit = srv - 1;
	expect(&f, WEB, DNS_SRV, "empty");
	cr_assert(f.asker.truncated);
	for (f.asker.limit = srv; f.asker.limit < srv + 60; f.asker.limit++) {
		size_t left = f.asker.limit - srv;

		expect(&f, WEB, DNS_SRV,
			left < 16        ? "SRV 60 1:1:i-1." WEB ". +"
			: left < 16 + 28 ? "SRV 60 1:1:i-1." WEB ". + A 60 10.0.0.1"
					 : "SRV 60 1:1:i-1." WEB
					   ". + A 60 10.0.0.1 AAAA 60 fd00::1");
		cr_assert_not(f.asker.truncated);
	}
	fixture_end(&f);
}

Test(answer, additional_addresses_are_of_the_first_targets_only)
{
	struct fixture f;
	struct zone_options o;
	const char *text;
	uint32_t n = 0;

	fixture_start(&f, WEB, "SRV=60");
	for (uint32_t k = 1; k <= 100; k++)
		add(&f, k, 0);
	o = f.world.options;
	o.answers = 0;
	zone_set_options(f.world.zone, &o);
	world_publish(&f.world);
	text = ask(&f.asker, WEB, DNS_SRV);
	cr_assert_not(f.asker.truncated);
	text = strstr(text, " + A 60");
	cr_assert_not_null(text);
	for (text += 8; (text = strstr(text, "10.0.0.")) != NULL; text++)
		n++;
	cr_assert_eq(n, ANSWER_TARGETS_MAX);
	fixture_end(&f);
}

/* A pointer has 14 bits: targets behind that are not named in ADDITIONAL. */
Test(answer, targets_beyond_a_pointers_reach_have_no_addresses)
{
	struct fixture f;
	uint8_t message[20000];
	struct rotation rotation = {.n = 0};
	struct client client = {.len = 0};
	struct answer a;

	fixture_start(&f, WEB, "SRV=60");
	add(&f, 1, 0);
	world_publish(&f.world);
	for (size_t at = 0x3FFF - 18 - 2; at <= 0x3FFF - 18 + 2; at++) {
		const struct entry *e = ask_find(&f.asker, WEB);
		struct reply reply = {
			.base = message, .len = at, .limit = sizeof(message)};

		answer_write(f.world.published, e, entry_find(e, DNS_SRV), &rotation,
			&client, f.world.now_ms, ENTRY_OWNER_POINTER, &reply, &a);
		cr_assert_eq(a.n, 1);
		cr_assert_eq(a.n_targets, at + 18 <= 0x3FFF ? 1 : 0, "%zu", at);
		if (a.n_targets > 0)
			cr_assert_arr_eq(message + a.targets[0].offset,
				"\003i-1\003web\004test", 14);
	}
	fixture_end(&f);
}

Test(answer, owners_may_be_other_names)
{
	struct fixture f;
	uint8_t message[200];
	struct reply reply = {.base = message, .len = 20, .limit = sizeof(message)};
	struct rotation rotation = {.n = 0};
	struct client client = {.len = 0};
	struct answer a;
	const struct entry *e;

	fixture_start(&f, WEB, "A=60");
	add_many(&f, 3);
	world_publish(&f.world);
	e = ask_find(&f.asker, WEB);
	answer_write(f.world.published, e, entry_find(e, DNS_A), &rotation, &client,
		f.world.now_ms, 0xC123, &reply, &a);
	cr_assert_eq(reply.len, 20 + 48);
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(dns_get16(message + 20 + 16 * i), 0xC123);
		cr_assert_eq(dns_get32(message + 20 + 16 * i + 6), 60);
	}
	fixture_end(&f);
}
