/* SPDX-License-Identifier: MIT */
/* fixture.h -- a registry over a memory store, whose events come when the test says so. */
#ifndef TEST_REGISTRY_FIXTURE_H
#define TEST_REGISTRY_FIXTURE_H

#include "base/clock.h"
#include "base/loop.h"
#include "registry/registry.h"
#include "store/store_mem.h"

struct fixture {
	struct clock_fake clock;
	struct loop loop;
	struct store_mem_disk *disk;
	struct store *store;
	struct zone *zone;
	struct registry *registry;
	struct registry_options options;
};

/* What became of a command; its own memory, so that it outlives the command. */
struct outcome {
	bool is_done;
	enum fault_code fault;
	char id[MODEL_ID_TEXT];
	char operation_id[MODEL_OPERATION_TEXT];
	char existing_id[MODEL_ID_TEXT];
};

void fixture_open(struct fixture *f, uint32_t max_instances);
void fixture_close(struct fixture *f);
/* Ends it, and starts it again on the same disk at the same time. */
void fixture_restart(struct fixture *f);
/* Delivers what the store has to say. */
void fixture_settle(struct fixture *f);

/* These submit without waiting; o is filled in when the answer comes. */
void submit_namespace(struct fixture *f, const char *name, const char *creator,
	struct outcome *o);
/* The same, with that Vpc; NULL: a public one. */
void submit_namespace_for(struct fixture *f, const char *name, const char *vpc,
	const char *creator, struct outcome *o);
/* types: "A", "A SRV HEALTH" (with a HealthCheckCustomConfig), "A WEIGHTED" ...; NULL: API only. TTL 5. */
void submit_service(struct fixture *f, const char *namespace_id, const char *name,
	const char *types, const char *creator, struct outcome *o);
/* attributes: "KEY VALUE\n" lines. */
void submit_instance(struct fixture *f, const char *service_id, const char *id,
	const char *attributes, const char *creator, struct outcome *o);
void submit_delete(struct fixture *f, enum command_type type, const char *id,
	const char *instance_id, struct outcome *o);

void submit_health(struct fixture *f, const char *service_id, const char *instance_id,
	bool is_unhealthy, struct outcome *o);

#endif
