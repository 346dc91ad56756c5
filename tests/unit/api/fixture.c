/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "test.h"

#define CLOUD_MAP "Route53AutoNaming_v20170314."

static void on_loaded(void *arg, const char *reason)
{
	*(bool *)arg = reason == NULL;
}

void fixture_init(struct fixture *f)
{
	static const struct registry_options registry = {.account = "123456789012",
		.region = "us-west-2",
		.operations = 1000,
		.max_instances = 2000};
	struct zone_options zone = {.negative_ttl = 5, .answers = 8};
	bool loaded = false;

	memset(f, 0, sizeof(*f));
	clock_fake_init(&f->clock, 1000000, INT64_C(1516925490087));
	cr_assert_eq(loop_init(&f->loop, &f->clock.clock), 0);
	f->disk = store_mem_disk_new();
	f->store = store_mem_open(f->disk);
	cr_assert_eq(dname_from_plain("ns.cmap.internal", &zone.nameserver), 0);
	f->zone = zone_new(&zone);
	f->registry = registry_new(&registry, &f->loop, f->store, f->zone);
	registry_load(f->registry, on_loaded, &loaded);
	while (store_mem_step(f->store))
		;
	cr_assert(loaded);
	f->options.version = "1.2.3";
	f->options.store_path = "/var/lib/cmap/cmap.db";
	f->context = (struct call_context){.registry = f->registry,
		.options = &f->options,
		.started_ms = registry_now_ms(f->registry)};
}

void fixture_free(struct fixture *f)
{
	api_free(f->api);
	store_close(f->store);
	registry_free(f->registry);
	zone_free(f->zone);
	store_mem_disk_free(f->disk);
	loop_free(&f->loop);
	buf_free(&f->text);
}

void fixture_put_ids(const struct fixture *f, const char *text, struct buf *out)
{
	static const char ns[] = "\"NSID\"", srv[] = "\"SRVID\"";

	while (*text) {
		if (strncmp(text, ns, sizeof(ns) - 1) == 0) {
			buf_printf(out, "\"%s\"", f->ns_id);
			text += sizeof(ns) - 1;
		} else if (strncmp(text, srv, sizeof(srv) - 1) == 0) {
			buf_printf(out, "\"%s\"", f->srv_id);
			text += sizeof(srv) - 1;
		} else {
			buf_add(out, text++, 1);
		}
	}
}

static size_t run_of(const char *text, const char *set)
{
	return strspn(text, set);
}

#define BASE32_LOWER "abcdefghijklmnopqrstuvwxyz234567"
#define BASE32_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define BASE36       "abcdefghijklmnopqrstuvwxyz0123456789"

/* An id with that prefix at text: its length, or 0. */
static size_t id_at(const char *text, const char *prefix, const char *set, size_t n)
{
	size_t len = strlen(prefix);

	if (strncmp(text, prefix, len) != 0 || run_of(text + len, set) < n)
		return 0;
	return len + n;
}

static const char *known_id(char kept[MODEL_ID_TEXT], const char *id, size_t len,
	const char *name, const char *other)
{
	if (kept[0] == '\0') {
		memcpy(kept, id, len);
		kept[len] = '\0';
	}
	return strncmp(kept, id, len) == 0 ? name : other;
}

void fixture_mask(struct fixture *f, const char *raw, struct buf *out)
{
	while (*raw) {
		size_t ns = id_at(raw, "ns-", BASE32_LOWER, 16);
		size_t srv = id_at(raw, "srv-", BASE32_LOWER, 16);
		size_t zone = id_at(raw, "Z", BASE32_UPPER, 16);
		size_t op = id_at(raw, "", BASE32_LOWER, 32);

		if (ns > 0) {
			buf_add_text(out, known_id(f->ns_id, raw, ns, "NSID", "ns-*"));
			raw += ns;
		} else if (srv > 0) {
			buf_add_text(out,
				known_id(f->srv_id, raw, srv, "SRVID", "srv-*"));
			raw += srv;
		} else if (zone > 0) {
			buf_add_text(out, "Z*");
			raw += zone;
		} else if (op > 0 && raw[op] == '-') {
			buf_add_text(out, "op-*");
			raw += op + 1 + run_of(raw + op + 1, BASE36);
		} else {
			buf_add(out, raw++, 1);
		}
	}
}

static void on_done(struct call *q)
{
	*(bool *)q->arg = true;
}

const char *fixture_call_bytes(struct fixture *f, const char *target, const char *body,
	size_t len)
{
	struct call q = {.context = &f->context, .done = on_done, .arg = &f->answered};
	struct buf raw = {0};

	f->answered = call_start(&q, target, body, len);
	while (!f->answered && !f->stuck && store_mem_step(f->store))
		;
	buf_free(&f->text);
	if (!f->answered) {
		buf_add_text(&f->text, "waiting");
	} else if (q.fault.code != FAULT_NONE) {
		call_write_fault(&f->context, &q.fault, &raw);
		buf_printf(&f->text, "%d ", fault_http_status(q.fault.code));
		fixture_mask(f, buf_text(&raw), &f->text);
	} else {
		buf_add_text(&f->text, "200 ");
		fixture_mask(f, buf_text(&q.out), &f->text);
	}
	call_end(&q);
	buf_free(&raw);
	return buf_text(&f->text);
}

const char *fixture_call(struct fixture *f, const char *target, const char *body)
{
	struct buf full = {0}, text = {0};
	const char *answer;

	if (target)
		buf_printf(&full, "%s%s", strchr(target, '.') ? "" : CLOUD_MAP, target);
	fixture_put_ids(f, body, &text);
	answer = fixture_call_bytes(f, target ? full.data : NULL, buf_text(&text),
		text.len);
	buf_free(&full);
	buf_free(&text);
	return answer;
}

const char *fixture_ask(struct fixture *f, const char *target, const char *body)
{
	char *quoted = xstrdup(body);
	const char *answer;

	for (char *p = quoted; (p = strchr(p, '\''));)
		*p = '"';
	answer = fixture_call(f, target, quoted);
	free(quoted);
	return answer;
}

void fixture_expect_ask(struct fixture *f, const char *target, const char *body,
	const char *answer)
{
	char *quoted = xstrdup(answer);
	const char *got = fixture_ask(f, target, body);

	if (strncmp(got, "200", 3) == 0)
		for (char *p = quoted; (p = strchr(p, '\''));)
			*p = '"';
	cr_expect(strncmp(got, quoted, strlen(quoted)) == 0,
		"%s %s\n   gave %s\n    not %s", target, body, got, quoted);
	free(quoted);
}

void fixture_expect(struct fixture *f, const char *target, const char *body,
	const char *answer)
{
	const char *got = fixture_call(f, target, body);

	cr_expect_str_eq(got, answer, "%s %s\n   gave %s\n    not %s",
		target ? target : "no target", body, got, answer);
}

void fixture_fill(struct fixture *f)
{
	const char *answer;

	fixture_call(f, "CreatePrivateDnsNamespace",
		"{\"Name\":\"prod\",\"Vpc\":\"v\",\"CreatorRequestId\":\"n-1\"}");
	fixture_call(f, "ListNamespaces", "{}"); /* tells NSID */
	answer = fixture_call(f, "CreateService",
		"{\"Name\":\"x\",\"NamespaceId\":\"NSID\",\"CreatorRequestId\":\"s-1\","
		"\"DnsConfig\":{\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":60}]}}");
	cr_assert_eq(strncmp(answer, "200 ", 4), 0, "%s", answer);
}

void fixture_register(struct fixture *f, const char *id, const char *ip,
	const char *lease)
{
	struct buf body = {0};
	const char *answer;

	buf_printf(&body,
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"%s\",\"Attributes\":"
		"{\"AWS_INSTANCE_IPV4\":\"%s\"%s%s%s}}",
		id, ip, lease ? ",\"CMAP_LEASE\":\"" : "", lease ? lease : "",
		lease ? "\"" : "");
	answer = fixture_call(f, "RegisterInstance", body.data);
	cr_assert_eq(strncmp(answer, "200 ", 4), 0, "%s", answer);
	buf_free(&body);
}

void fixture_pass(struct fixture *f, int64_t ms)
{
	clock_fake_pass(&f->clock, ms);
	fixture_pump(f);
}

void fixture_pump(struct fixture *f)
{
	/* Each round serves what is ready; what it leads to in the kernel is ready in the next. */
	for (int i = 0; i < 20; i++) {
		loop_once(&f->loop, 0);
		while (!f->stuck && store_mem_step(f->store))
			;
	}
}
