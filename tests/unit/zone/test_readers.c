/* SPDX-License-Identifier: MIT */
/* Readers beside a control thread that registers, renews, deregisters and publishes. */
#include <pthread.h>
#include <stdio.h>

#include "ask.h"
#include "rng.h"
#include "test.h"
#include "wire/dns.h"

enum { READERS = 2, SERVICES = 20, INSTANCES = 6, STEPS = 3000, LOOKS = 1000 };

struct run {
	struct world world;
	atomic_bool stop;
};

struct reader {
	struct run *run;
	pthread_t thread;
	uint32_t seed;
	_Atomic uint64_t answers;
	_Atomic(const char *) wrong;
};

/* Every service has an instance that stays, 10.9.9.9; it must be in every answer. */
static const char *check(struct reader *r, struct rotation *rotation, const char *name,
	size_t len)
{
	const struct published *p = r->run->world.published;
	const struct entry *e = published_find(p, (const uint8_t *)name, len);
	uint8_t message[1232];
	struct reply reply = {.base = message, .len = 12, .limit = sizeof(message)};
	const struct rrset *s = e == NULL ? NULL : entry_find(e, DNS_A);
	struct client client = {.len = 0};
	struct answer a;
	bool steady = false;

	if (s == NULL)
		return "a service that stays is not there";
	answer_write(p, e, s, rotation, &client, 1000000, ENTRY_OWNER_POINTER, &reply,
		&a);
	for (uint16_t i = 0; i < a.n; i++)
		if (memcmp(message + 12 + 16 * i + 12, "\012\011\011\011", 4) == 0)
			steady = true;
	r->answers++;
	if (reply.len != 12 + 16u * a.n || a.n > INSTANCES + 1)
		return "an answer of the wrong length";
	return steady ? NULL : "an instance that stays is not in the answer";
}

static void *read_on(void *arg)
{
	struct reader *r = arg;
	struct rotation rotation = {.n = 0};
	struct rng rng = {r->seed};

	reader_register();
	while (!atomic_load(&r->run->stop) && r->wrong == NULL) {
		rotation_fit(&rotation, r->run->world.published);
		for (int i = 0; i < 64 && r->wrong == NULL; i++) {
			char name[32];
			int len = snprintf(name, sizeof(name), "\003s%02u\004test",
				rng_below(&rng, SERVICES));

			r->wrong = check(r, &rotation, name, (size_t)len + 1);
		}
		reader_quiescent();
	}
	reader_unregister();
	rotation_free(&rotation);
	return NULL;
}

static void change(struct world *w, struct rng *r, bool there[SERVICES][INSTANCES])
{
	uint32_t s = rng_below(r, SERVICES), i = rng_below(r, INSTANCES);
	char service[32], id[8], attributes[64];

	snprintf(service, sizeof(service), "s%02u.test", s);
	snprintf(id, sizeof(id), "i-%u", i);
	if (!there[s][i]) {
		/* Often the address of the one that stays. */
		snprintf(attributes, sizeof(attributes), "4=%s port=1",
			rng_below(r, 2) ? "10.9.9.9" : "10.0.0.1");
		world_instance(w, service, id, attributes,
			rng_below(r, 2) ? 100000 : 0);
		there[s][i] = true;
	} else if (rng_below(r, 2)) {
		world_remove_instance(w, service, id);
		there[s][i] = false;
	} else if (world_find(w, service, id)->lease_ms > 0) {
		world_renew(w, service, id);
	}
}

static bool have_looked(const struct reader *reader)
{
	for (int i = 0; i < READERS; i++)
		if (atomic_load(&reader[i].answers) < LOOKS && reader[i].wrong == NULL)
			return false;
	return true;
}

Test(readers, never_miss_what_stays)
{
	struct run run = {.stop = false};
	struct reader reader[READERS] = {{.seed = 81}, {.seed = 82}};
	static bool there[SERVICES][INSTANCES];
	struct rng r = {83};

	world_init(&run.world);
	world_namespace(&run.world, "test", -1);
	for (int s = 0; s < SERVICES; s++) {
		char service[32];

		snprintf(service, sizeof(service), "s%02d.test", s);
		world_service(&run.world, service, "A=60 SRV=60");
		world_instance(&run.world, service, "steady", "4=10.9.9.9 port=1",
			s % 2 == 0 ? 0 : 100000);
	}
	world_publish(&run.world);
	for (int i = 0; i < READERS; i++) {
		reader[i].run = &run;
		cr_assert_eq(pthread_create(&reader[i].thread, NULL, read_on,
				     &reader[i]),
			0);
	}
	for (int step = 0; step < STEPS || !have_looked(reader); step++) {
		change(&run.world, &r, there);
		if (step % 4 == 0)
			world_publish(&run.world);
	}
	world_publish(&run.world);
	atomic_store(&run.stop, true);
	for (int i = 0; i < READERS; i++) {
		pthread_join(reader[i].thread, NULL);
		cr_assert_null(reader[i].wrong, "%s", reader[i].wrong);
	}
	world_free(&run.world);
}
