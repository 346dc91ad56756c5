/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "test.h"

static void loaded(void *arg, const char *reason)
{
	*(bool *)arg = reason == NULL;
}

static void start(struct fixture *f)
{
	struct zone_options zone = {.negative_ttl = 5, .answers = 8};
	bool is_loaded = false;

	cr_assert_eq(dname_from_plain("localhost", &zone.nameserver), CMAP_OK);
	f->store = store_mem_open(f->disk);
	f->zone = zone_new(&zone);
	f->registry = registry_new(&f->options, &f->loop, f->store, f->zone);
	registry_load(f->registry, loaded, &is_loaded);
	fixture_settle(f);
	cr_assert(is_loaded);
}

static void stop(struct fixture *f)
{
	store_close(f->store);
	registry_free(f->registry);
	zone_free(f->zone);
}

void fixture_open(struct fixture *f, uint32_t max_instances)
{
	f->options = (struct registry_options){.account = "123456789012",
		.region = "eu-test-1",
		.operations = 1000,
		.max_instances = max_instances};
	clock_fake_init(&f->clock, 1000000, INT64_C(1700000000000));
	cr_assert_eq(loop_init(&f->loop, &f->clock.clock), CMAP_OK);
	f->disk = store_mem_disk_new();
	start(f);
}

void fixture_restart(struct fixture *f)
{
	stop(f);
	start(f);
}

void fixture_close(struct fixture *f)
{
	stop(f);
	loop_free(&f->loop);
	store_mem_disk_free(f->disk);
}

void fixture_settle(struct fixture *f)
{
	do {
		loop_once(&f->loop, 0);
	} while (store_mem_step(f->store));
}

static void answered(struct command *c)
{
	struct outcome *o = c->arg;

	cr_assert(!o->is_done, "a command is answered once");
	o->is_done = true;
	o->fault = c->fault.code;
	strcpy(o->id, c->created_id);
	strcpy(o->operation_id, c->operation_id);
	if (c->fault.existing_id != NULL)
		strcpy(o->existing_id, c->fault.existing_id);
	command_free(c);
}

static void submit(struct fixture *f, struct command *c, struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	c->done = answered;
	c->arg = o;
	registry_submit(f->registry, c);
}

void submit_namespace_for(struct fixture *f, const char *name, const char *vpc,
	const char *creator, struct outcome *o)
{
	struct command *c = command_new(COMMAND_CREATE_NAMESPACE);

	c->ns = xcalloc(1, sizeof(*c->ns));
	c->ns->type = vpc == NULL ? NAMESPACE_DNS_PUBLIC : NAMESPACE_DNS_PRIVATE;
	c->ns->name = xstrdup(name);
	c->ns->creator_request_id = xstrdup(creator);
	c->ns->vpc = vpc == NULL ? NULL : xstrdup(vpc);
	c->ns->soa_ttl = -1;
	submit(f, c, o);
}

void submit_namespace(struct fixture *f, const char *name, const char *creator,
	struct outcome *o)
{
	submit_namespace_for(f, name, "vpc", creator, o);
}

void submit_service(struct fixture *f, const char *namespace_id, const char *name,
	const char *types, const char *creator, struct outcome *o)
{
	struct command *c = command_new(COMMAND_CREATE_SERVICE);
	struct service *s = c->service = xcalloc(1, sizeof(*s));
	char *words = xstrdup(types == NULL ? "" : types);

	strcpy(s->namespace_id, namespace_id);
	s->name = xstrdup(name);
	s->creator_request_id = xstrdup(creator);
	s->http_only = types == NULL;
	for (char *w = strtok(words, " "); w != NULL; w = strtok(NULL, " ")) {
		if (strcmp(w, "HEALTH") == 0) {
			s->has_custom_health = true;
			continue;
		}
		if (strcmp(w, "WEIGHTED") == 0) {
			s->has_routing = true;
			s->routing = ROUTING_WEIGHTED;
			continue;
		}
		cr_assert_eq(record_type_from_name(w, &s->records[s->n_records].type),
			CMAP_OK);
		s->records[s->n_records++].ttl = 5;
	}
	free(words);
	submit(f, c, o);
}

void submit_instance(struct fixture *f, const char *service_id, const char *id,
	const char *attributes, const char *creator, struct outcome *o)
{
	struct command *c = command_new(COMMAND_REGISTER_INSTANCE);

	struct attributes pairs = {.block = NULL};

	strcpy(c->id, service_id);
	cr_assert_eq(attributes_from_text(&pairs, attributes, strlen(attributes)),
		CMAP_OK);
	c->instance = instance_new(id, creator, &pairs);
	attributes_free(&pairs);
	submit(f, c, o);
}

void submit_delete(struct fixture *f, enum command_type type, const char *id,
	const char *instance_id, struct outcome *o)
{
	struct command *c = command_new(type);

	strcpy(c->id, id);
	if (instance_id != NULL)
		c->instance_id = xstrdup(instance_id);
	submit(f, c, o);
}

void submit_health(struct fixture *f, const char *service_id, const char *instance_id,
	bool is_unhealthy, struct outcome *o)
{
	struct command *c = command_new(COMMAND_UPDATE_HEALTH);

	strcpy(c->id, service_id);
	c->instance_id = xstrdup(instance_id);
	c->is_unhealthy = is_unhealthy;
	submit(f, c, o);
}
