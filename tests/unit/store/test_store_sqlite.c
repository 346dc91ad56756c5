/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/mem.h"
#include "fixture.h"

/* One of each, with all that can be set. */
static void add_full(struct delta_batch *b)
{
	struct namespace *ns = add_namespace(b, "ns-full");
	struct service *s = add_service(b, "srv-full", "ns-full");
	struct instance *i = add_instance(b, "srv-full", "i full");
	struct operation *op = add_operation(b, 7);

	ns->description = xstrdup("it's; \"quoted\" -- \xc3\xa4 %s\t");
	ns->vpc = xstrdup("vpc-0123");
	ns->http_name = xstrdup("ns-full-2");
	ns->soa_ttl = 0;
	free(ns->creator_request_id);
	ns->creator_request_id = xstrdup("req 1");
	ns->updater_request_id = xstrdup("update 1");
	snprintf(ns->update_operation_id, sizeof(ns->update_operation_id), "op-update");
	attributes_set(&ns->tags, "cost center", "a\tb\n\\");
	attributes_set(&ns->tags, "stage", "");
	attributes_set(&s->tags, "\xc3\xa4", "1");
	attributes_set(&s->attributes, "", "\n");
	attributes_set(&s->attributes, "port", "80");
	s->description = xstrdup("");
	s->http_only = true;
	s->has_routing = true;
	s->routing = ROUTING_WEIGHTED;
	s->n_records = 4;
	s->records[0] = (struct dns_record){RECORD_SRV, 0};
	s->records[1] = (struct dns_record){RECORD_A, INT32_MAX};
	s->records[2] = (struct dns_record){RECORD_CNAME, 1};
	s->records[3] = (struct dns_record){RECORD_AAAA, 60};
	s->has_health_check = true;
	s->health_check = (struct health_check){HEALTH_HTTPS, xstrdup("/up?a=1"), 10};
	s->has_custom_health = true;
	attributes_set(&i->attributes, "AWS_INSTANCE_IPV6", "fd00::5");
	attributes_set(&i->attributes, "AWS_INSTANCE_PORT", "8080");
	attributes_set(&i->attributes, "CMAP_LEASE", "30s");
	attributes_set(&i->attributes, "empty", "");
	attributes_set(&i->attributes, "spaces", " two  words ");
	attributes_set(&i->attributes, "octets", "\x01\xff'\"\\%");
	i->has_ipv6 = true;
	i->ipv6.s6_addr[15] = 5;
	i->port = 8080;
	i->lease_ms = 30000;
	i->lease_end_ms = i->created_ms + i->lease_ms; /* as it comes back */
	snprintf(op->namespace_id, sizeof(op->namespace_id), "ns-full");
	snprintf(op->service_id, sizeof(op->service_id), "srv-full");
	op->instance_id = xstrdup("i full");
}

Test(store_sqlite, what_was_committed_is_loaded_after_a_restart)
{
	struct fixture f;
	struct delta_batch b = {.revision = 42};
	char *expected;

	fixture_init(&f);
	fixture_open(&f, 16);
	add_full(&b);
	expected = describe_batch(&b);
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	cr_assert_str_eq(fixture_reload(&f, 16), expected);
	cr_assert_eq(f.n_seen, 1);
	cr_assert_eq(f.seen[0].revision, 42);
	free(expected);
	fixture_free(&f);
}

Test(store_sqlite, what_is_optional_stays_absent)
{
	struct fixture f;
	struct delta_batch b = {.revision = 1};
	char *expected;

	fixture_init(&f);
	fixture_open(&f, 16);
	add_parents(&b);
	attributes_free(&add_instance(&b, "srv-1", "none")->attributes);
	b.deltas[2].instance->has_ipv4 = false;
	b.deltas[2].instance->ipv4.s_addr = 0;
	add_operation(&b, 0);
	expected = describe_batch(&b);
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	cr_assert_str_eq(fixture_reload(&f, 16), expected);
	free(expected);
	fixture_free(&f);
}

Test(store_sqlite, an_empty_store_loads_nothing_at_revision_0)
{
	struct fixture f;

	fixture_init(&f);
	fixture_open(&f, 16);
	cr_assert_str_eq(fixture_load(&f), "");
	cr_assert_eq(f.n_seen, 1);
	cr_assert(f.seen[0].last);
	cr_assert_eq(f.seen[0].revision, 0);
	fixture_free(&f);
}

Test(store_sqlite, a_second_put_replaces_and_keeps_the_place)
{
	struct fixture f;
	struct delta_batch b = {.revision = 1}, again = {.revision = 2};
	struct instance *i;

	fixture_init(&f);
	fixture_open(&f, 16);
	add_namespace(&b, "ns-b");
	add_namespace(&b, "ns-a");
	add_service(&b, "srv-b", "ns-a");
	add_service(&b, "srv-a", "ns-b");
	add_instance(&b, "srv-a", "z");
	add_instance(&b, "srv-a", "a");
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);

	add_namespace(&again, "ns-b")->soa_ttl = 9;
	add_service(&again, "srv-b", "ns-a")->http_only = true;
	i = add_instance(&again, "srv-a", "z");
	attributes_set(&i->attributes, "new", "1");
	i->created_ms = 5;
	cr_assert_eq(fixture_commit(&f, &again), STORE_APPLIED);

	cr_assert_str_eq(fixture_reload(&f, 16),
		"namespace ns-b DNS_PRIVATE name-of-ns-b.local [] (none) vpc=(none) "
		"soa=9 "
		"1700000000123 op-ns-b\n"
		"namespace ns-a DNS_PRIVATE name-of-ns-a.local [] (none) vpc=(none) "
		"soa=-1 "
		"1700000000123 op-ns-a\n"
		"service srv-b in ns-a name-of-srv-b [] (none) http_only=1 routing=0/0 "
		"custom=0 1700000000456\n"
		"service srv-a in ns-b name-of-srv-a [] (none) http_only=0 routing=0/0 "
		"custom=0 1700000000456\n"
		"instance z in srv-a [] AWS_INSTANCE_IPV4=10.0.0.1 new=1 "
		"ipv4=1/a000001 "
		"ipv6=0/0 port=0 5 lease=0\n"
		"instance a in srv-a [] AWS_INSTANCE_IPV4=10.0.0.1 ipv4=1/a000001 "
		"ipv6=0/0 port=0 1700000000789 lease=0\n");
	cr_assert_eq(f.seen[0].revision, 2);
	fixture_free(&f);
}

Test(store_sqlite, deletes_and_leases_are_kept)
{
	struct fixture f;
	struct delta_batch b = {.revision = 1}, change = {.revision = 2};

	fixture_init(&f);
	fixture_open(&f, 16);
	add_parents(&b);
	add_namespace(&b, "ns-2");
	add_service(&b, "srv-2", "ns-1");
	add_instance(&b, "srv-1", "stays");
	add_instance(&b, "srv-1", "goes");
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);

	add_delete_instance(&change, "srv-1", "goes");
	add_delete_instance(&change, "srv-1", "never was");
	add_delete_instance(&change, "srv-2", "stays");
	add_lease(&change, "srv-1", "stays", 1234);
	add_lease(&change, "srv-1", "goes", 1);
	strcpy(delta_batch_add(&change, DELTA_SERVICE_DELETE)->id, "srv-2");
	strcpy(delta_batch_add(&change, DELTA_NAMESPACE_DELETE)->id, "ns-2");
	cr_assert_eq(fixture_commit(&f, &change), STORE_APPLIED);

	cr_assert_str_eq(fixture_reload(&f, 16),
		"namespace ns-1 DNS_PRIVATE name-of-ns-1.local [] (none) vpc=(none) "
		"soa=-1 "
		"1700000000123 op-ns-1\n"
		"service srv-1 in ns-1 name-of-srv-1 [] (none) http_only=0 routing=0/0 "
		"custom=0 1700000000456\n"
		"instance stays in srv-1 [] AWS_INSTANCE_IPV4=10.0.0.1 ipv4=1/a000001 "
		"ipv6=0/0 port=0 1700000000789 lease=0 until 1234\n");
	fixture_free(&f);
}

Test(store_sqlite, told_health_follows_its_instance_until_it_is_put_again)
{
	struct fixture f;
	struct delta_batch b = {.revision = 1}, told = {.revision = 2},
			   again = {.revision = 3};
	const char *text;

	fixture_init(&f);
	fixture_open(&f, 16);
	add_parents(&b);
	add_instance(&b, "srv-1", "a");
	add_instance(&b, "srv-1", "b");
	add_instance(&b, "srv-1", "c");
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	add_health(&told, "srv-1", "a", true, 0);
	add_health(&told, "srv-1", "b", false, 1700000009999);
	add_health(&told, "srv-1", "c", true, 0);
	add_health(&told, "srv-1", "never was", true, 0);
	cr_assert_eq(fixture_commit(&f, &told), STORE_APPLIED);
	add_instance(&again, "srv-1", "c");
	cr_assert_eq(fixture_commit(&f, &again), STORE_APPLIED);

	text = strstr(fixture_reload(&f, 16), "instance a");
	cr_assert_not_null(text);
	cr_assert_str_eq(text,
		"instance a in srv-1 [] AWS_INSTANCE_IPV4=10.0.0.1 ipv4=1/a000001 "
		"ipv6=0/0 port=0 1700000000789 lease=0\n"
		"health a in srv-1 unhealthy=1 due 0\n"
		"instance b in srv-1 [] AWS_INSTANCE_IPV4=10.0.0.1 ipv4=1/a000001 "
		"ipv6=0/0 port=0 1700000000789 lease=0\n"
		"health b in srv-1 unhealthy=0 due 1700000009999\n"
		"instance c in srv-1 [] AWS_INSTANCE_IPV4=10.0.0.1 ipv4=1/a000001 "
		"ipv6=0/0 port=0 1700000000789 lease=0\n");
	fixture_close(&f);
	fixture_sql(&f, "UPDATE instance SET health = 'ill' WHERE id = 'a'");
	fixture_open(&f, 16);
	cr_assert_not_null(strstr(fixture_fail_load(&f, "health 'ill'"),
		"column health is neither HEALTHY nor UNHEALTHY"));
	fixture_free(&f);
}

Test(store_sqlite, a_batch_that_would_leave_an_orphan_is_refused_whole)
{
	struct fixture f;
	struct delta_batch b = {.revision = 1}, orphan = {.revision = 2}, del = {0};
	char *expected;

	fixture_init(&f);
	fixture_open(&f, 16);
	add_parents(&b);
	add_instance(&b, "srv-1", "a");
	expected = describe_batch(&b);
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);

	add_instance(&orphan, "srv-1", "b");
	add_instance(&orphan, "srv-none", "c");
	cr_assert_eq(fixture_commit(&f, &orphan), STORE_REFUSED);
	cr_assert_not_null(strstr(fixture_reason(&f), "FOREIGN KEY"), "%s",
		fixture_reason(&f));
	cr_assert_not_null(strstr(fixture_reason(&f), f.path));

	del.revision = 2;
	strcpy(delta_batch_add(&del, DELTA_SERVICE_DELETE)->id, "srv-1");
	cr_assert_eq(fixture_commit(&f, &del), STORE_REFUSED);
	cr_assert_not_null(strstr(fixture_reason(&f), "FOREIGN KEY"), "%s",
		fixture_reason(&f));

	cr_assert_str_eq(fixture_reload(&f, 16), expected);
	cr_assert_eq(f.seen[0].revision, 1);
	free(expected);
	fixture_close(&f);
	cr_assert_eq(fixture_sql_int(&f,
			     "SELECT value FROM meta WHERE key = 'failed_commits'"),
		0, "a refusal is no reason to reopen");
	fixture_free(&f);
}

Test(store_sqlite, a_parent_may_follow_its_child_in_a_batch)
{
	struct fixture f;
	struct delta_batch b = {.revision = 1};

	fixture_init(&f);
	fixture_open(&f, 16);
	add_instance(&b, "srv-1", "a");
	add_service(&b, "srv-1", "ns-1");
	add_namespace(&b, "ns-1");
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	fixture_free(&f);
}

static char *operations_text(uint64_t from, uint64_t to)
{
	struct delta_batch b = {0};
	char *text;

	for (uint64_t n = from; n <= to; n++)
		add_operation(&b, n);
	text = describe_batch(&b);
	delta_batch_clear(&b);
	return text;
}

static void commit_operations(struct fixture *f, uint64_t from, uint64_t to)
{
	struct delta_batch b = {.revision = to};

	for (uint64_t n = from; n <= to; n++)
		add_operation(&b, n);
	cr_assert_eq(fixture_commit(f, &b), STORE_APPLIED);
}

static void expect_operations(struct fixture *f, uint32_t operations, uint64_t from,
	uint64_t to)
{
	char *expected = operations_text(from, to);

	cr_assert_str_eq(fixture_reload(f, operations), expected);
	free(expected);
}

Test(store_sqlite, only_the_newest_operations_are_kept)
{
	struct fixture f;

	fixture_init(&f);
	fixture_open(&f, 4);
	commit_operations(&f, 0, 9);
	expect_operations(&f, 4, 6, 9);
	fixture_free(&f);
}

Test(store_sqlite, operations_survive_a_changed_limit)
{
	struct fixture f;

	fixture_init(&f);
	fixture_open(&f, 4);
	commit_operations(&f, 0, 9);
	expect_operations(&f, 3, 7, 9);
	expect_operations(&f, 7, 7, 9);
	commit_operations(&f, 10, 14);
	expect_operations(&f, 7, 8, 14);
	expect_operations(&f, 1, 14, 14);
	expect_operations(&f, 10000, 14, 14);
	fixture_free(&f);
}

Test(store_sqlite, a_load_comes_in_batches_with_the_last_one_marked)
{
	enum { N = 2 * STORE_LOAD_MAX + 5 };
	struct fixture f;
	struct delta_batch b = {.revision = 3};
	char id[16];

	fixture_init(&f);
	fixture_open(&f, 16);
	add_parents(&b);
	for (int i = 0; i < N - 2; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		add_instance(&b, "srv-1", id);
	}
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	fixture_load(&f);
	cr_assert_eq(f.n_seen, 3);
	for (uint32_t i = 0; i < 3; i++) {
		cr_assert_eq(f.seen[i].n, i < 2 ? STORE_LOAD_MAX : 5);
		cr_assert_eq(f.seen[i].last, i == 2);
		cr_assert_eq(f.seen[i].revision, 3);
	}
	fixture_free(&f);
}

/* Nobody takes the events, so the store's thread has to stop and wait; and then to end. */
Test(store_sqlite, close_ends_a_load_that_waits)
{
	enum { N = (STORE_SQLITE_AHEAD + 2) * STORE_LOAD_MAX };
	struct fixture f;
	struct delta_batch b = {.revision = 2};
	struct pollfd ready = {.events = POLLIN};
	char id[16];

	fixture_init(&f);
	fixture_open(&f, 16);
	add_parents(&b);
	for (int i = 0; i < N; i++) {
		snprintf(id, sizeof(id), "i-%d", i);
		add_instance(&b, "srv-1", id);
	}
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	fixture_forget(&f);
	store_load(f.store);
	ready.fd = f.loop.epoll_fd;
	cr_assert_eq(poll(&ready, 1, FIXTURE_PATIENCE_MS), 1, "it is under way");
	fixture_close(&f);
	cr_assert_eq(f.n_seen, 0);
	fixture_open(&f, 16);
	fixture_load(&f);
	cr_assert_eq(f.n_seen, STORE_SQLITE_AHEAD + 3);
	fixture_free(&f);
}

Test(store_sqlite, close_finishes_what_is_under_way_and_gives_no_event)
{
	enum { N = 20 };
	struct fixture f;
	struct delta_batch b[N + 1] = {{.revision = 1}};
	char id[16];

	fixture_init(&f);
	fixture_open(&f, 16);
	add_parents(&b[0]);
	for (int i = 1; i <= N; i++) {
		b[i].revision = (uint64_t)i + 1;
		snprintf(id, sizeof(id), "i-%d", i);
		add_instance(&b[i], "srv-1", id);
	}
	for (int i = 0; i <= N; i++)
		store_commit(f.store, &b[i]);
	store_load(f.store);
	fixture_close(&f);
	cr_assert_eq(f.n_seen, 0);
	for (int i = 0; i <= N; i++) {
		cr_assert_gt(b[i].n, 0);
		delta_batch_clear(&b[i]);
	}

	fixture_open(&f, 16);
	fixture_load(&f);
	cr_assert_eq(f.seen[0].n, N + 2);
	cr_assert_eq(f.seen[0].revision, N + 1);
	fixture_free(&f);
}

Test(store_sqlite, a_clean_close_leaves_one_file_with_its_mode)
{
	struct fixture f;
	struct delta_batch b = {.revision = 1};
	char *wal;
	struct stat st;

	fixture_init(&f);
	umask(022);
	fixture_open(&f, 16);
	add_parents(&b);
	cr_assert_eq(fixture_commit(&f, &b), STORE_APPLIED);
	wal = xasprintf("%s-wal", f.path);
	cr_assert_eq(stat(wal, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0640);
	fixture_close(&f);
	cr_assert_neq(stat(wal, &st), 0);
	cr_assert_eq(stat(f.path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0640);
	cr_assert_eq(fixture_sql_int(&f,
			     "SELECT value FROM meta WHERE key = 'revision'"),
		1);
	free(wal);
	fixture_free(&f);
}
