/* SPDX-License-Identifier: MIT */
/*
 * Any body to any operation: a line that is the target, then the body. NSID and SRVID in quotes stand for the ids of a
 * namespace "prod" and a service "x" in it. Whatever comes, the answer is one JSON object.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/operations.h"
#include "base/clock.h"
#include "store/store_mem.h"
#include "zone/zone.h"

#define ROUNDS 500 /* inputs to one registry, so that it stays small */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct world {
	struct clock_fake clock;
	struct loop loop;
	struct store_mem_disk *disk;
	struct store *store;
	struct zone *zone;
	struct registry *registry;
	struct api_options options;
	struct call_context context;
	char ns_id[MODEL_ID_TEXT], srv_id[MODEL_ID_TEXT];
	unsigned int rounds;
} w;

static void on_loaded(void *arg, const char *reason)
{
	(void)arg;
	if (reason)
		abort();
}

static void on_done(struct call *q)
{
	*(bool *)q->arg = true;
}

static void call(const char *target, const char *body, size_t len)
{
	struct call q = {.context = &w.context, .done = on_done};
	struct buf fault = {0};
	json_t *answer;
	bool done;

	q.arg = &done;
	done = call_start(&q, target, body, len);
	while (!done && store_mem_step(w.store))
		;
	if (!done || q.fault.code == FAULT_INTERNAL_FAILURE)
		abort();
	if (q.fault.code != FAULT_NONE)
		call_write_fault(&w.context, &q.fault, &fault);
	answer = json_loads(buf_text(fault.len > 0 ? &fault : &q.out), 0, NULL);
	if (!json_is_object(answer) || (fault.len > 0 && q.out.len > 0))
		abort();
	json_decref(answer);
	buf_free(&fault);
	call_end(&q);
}

static void make_world(void)
{
	static const struct registry_options registry = {.account = "123456789012",
		.region = "us-west-2",
		.operations = 100,
		.max_instances = 2000};
	struct zone_options zone = {.negative_ttl = 5, .answers = 8};
	const struct model *m;
	char body[200];

	clock_fake_init(&w.clock, 1000000, INT64_C(1516925490087));
	if (loop_init(&w.loop, &w.clock.clock) ||
		dname_from_plain("ns.cmap.internal", &zone.nameserver))
		abort();
	w.disk = store_mem_disk_new();
	w.store = store_mem_open(w.disk);
	w.zone = zone_new(&zone);
	w.registry = registry_new(&registry, &w.loop, w.store, w.zone);
	registry_load(w.registry, on_loaded, NULL);
	while (store_mem_step(w.store))
		;
	w.context =
		(struct call_context){.registry = w.registry, .options = &w.options};
	m = registry_model(w.registry);
#define CLOUD_MAP "Route53AutoNaming_v20170314."
	strcpy(body, "{\"Name\":\"prod\",\"Vpc\":\"v\"}");
	call(CLOUD_MAP "CreatePrivateDnsNamespace", body, strlen(body));
	memcpy(w.ns_id, m->namespaces->id, sizeof(w.ns_id));
	snprintf(body, sizeof(body),
		"{\"Name\":\"x\",\"NamespaceId\":\"%s\",\"DnsConfig\":{\"DnsRecords\":"
		"[{\"Type\":\"A\",\"TTL\":60},{\"Type\":\"SRV\",\"TTL\":60}]}}",
		w.ns_id);
	call(CLOUD_MAP "CreateService", body, strlen(body));
	memcpy(w.srv_id, m->services->id, sizeof(w.srv_id));
}

static void end_world(void)
{
	store_close(w.store);
	registry_free(w.registry);
	zone_free(w.zone);
	store_mem_disk_free(w.disk);
	loop_free(&w.loop);
	memset(&w, 0, sizeof(w));
}

/* data with the ids put in. */
static void put_ids(const char *data, size_t size, struct buf *out)
{
	for (size_t i = 0; i < size;) {
		if (size - i >= 6 && memcmp(data + i, "\"NSID\"", 6) == 0) {
			buf_printf(out, "\"%s\"", w.ns_id);
			i += 6;
		} else if (size - i >= 7 && memcmp(data + i, "\"SRVID\"", 7) == 0) {
			buf_printf(out, "\"%s\"", w.srv_id);
			i += 7;
		} else {
			buf_add(out, data + i++, 1);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
	struct buf target = {0}, body = {0};

	if (!line)
		return 0;
	if (w.rounds == 0)
		make_world();
	buf_add(&target, data, (size_t)(line - data));
	put_ids((const char *)line + 1, size - (size_t)(line + 1 - data), &body);
	call(target.data, buf_text(&body), body.len);
	clock_fake_pass(&w.clock, 100);
	loop_once(&w.loop, 0);
	while (store_mem_step(w.store))
		;
	buf_free(&target);
	buf_free(&body);
	if (++w.rounds == ROUNDS)
		end_world();
	return 0;
}
