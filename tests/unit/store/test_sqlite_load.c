/* SPDX-License-Identifier: MIT */
/*
 * Nothing is lost silently: a row that cannot be understood ends the load, and is
 * named.
 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "fixture.h"

/* Namespace ns-1, services srv-1 and srv-2, instances, operations; closed again. */
static void make_registry(struct fixture *f)
{
	struct delta_batch b = {.revision = 1};
	struct service *s;

	unlink(f->path);
	fixture_open(f, 16);
	add_parents(&b);
	s = add_service(&b, "srv-2", "ns-1");
	s->has_routing = true;
	s->n_records = 1;
	s->records[0] = (struct dns_record){RECORD_A, 60};
	s->has_health_check = true;
	s->health_check = (struct health_check){HEALTH_TCP, NULL, 1};
	add_instance(&b, "srv-1", "i-1");
	add_instance(&b, "srv-2", "i-2");
	add_operation(&b, 5);
	cr_assert_eq(fixture_commit(f, &b), STORE_APPLIED);
	fixture_close(f);
}

Test(sqlite_load, a_row_that_cannot_be_understood_is_named)
{
	/* What is done to the file, and what the reason says of it. */
	static const char *const cases[][2] = {
		{"UPDATE namespace SET type = 'DNS'",
			"table namespace, seq 1, id \"ns-1\": column type is no type"},
		{"UPDATE namespace SET id = 'ns-123456789012345678901'",
			"column id is too long"},
		{"UPDATE namespace SET soa_ttl = -2", "column soa_ttl is out of range"},
		{"UPDATE namespace SET soa_ttl = 2147483648",
			"column soa_ttl is out of range"},
		{"UPDATE namespace SET name = 'a' || char(0) || 'b'",
			"column name is no text"},
		{"UPDATE service SET namespace_id = 'ns-2' WHERE id = 'srv-2'",
			"table service, seq 2, id \"srv-2\": column namespace_id names "
			"no "
			"namespace"},
		{"DELETE FROM namespace", "table service, seq 1, id \"srv-1\""},
		{"UPDATE service SET http_only = 2",
			"column http_only is out of range"},
		{"UPDATE service SET routing = 'multivalue'", "column routing is no"},
		{"UPDATE service SET records = 'A 60'", "column records is not"},
		{"UPDATE service SET records = 'A' || char(10)",
			"column records is not"},
		{"UPDATE service SET records = 'A ' || char(10)",
			"column records is not"},
		{"UPDATE service SET records = 'A -1' || char(10)",
			"column records is not"},
		{"UPDATE service SET records = 'A 1x' || char(10)",
			"column records is not"},
		{"UPDATE service SET records = 'MX 1' || char(10)",
			"column records is not"},
		{"UPDATE service SET records = 'A 2147483648' || char(10)",
			"column records is not"},
		{"UPDATE service SET records = 'A 1' || char(10) || 'A 2' || char(10)",
			"column records is not"},
		{"UPDATE service SET records = 'A 1' || char(10, 10)",
			"column records is not"},
		{"UPDATE service SET records = 'A 00000000000000000000000000000001' || "
		 "char(10)",
			"column records is not"},
		{"UPDATE service SET health_type = 'ICMP'", "column health_type is no"},
		{"UPDATE service SET health_threshold = 11",
			"column health_threshold is out"},
		{"UPDATE service SET health_threshold = NULL",
			"column health_threshold is no"},
		{"UPDATE service SET custom_health = -1",
			"column custom_health is out"},
		{"UPDATE namespace SET tags = 'key'", "column tags is not made"},
		{"UPDATE namespace SET update_operation_id = hex(zeroblob(24))",
			"column update_operation_id is too long"},
		{"UPDATE service SET tags = 'a' || char(9) || char(10) || 'a' || "
		 "char(9, 10)",
			"column tags is not made"},
		{"UPDATE service SET attributes = 'a' || char(9) || '\\x' || char(10)",
			"column attributes is not made"},
		{"UPDATE instance SET service_id = 'srv-3' WHERE id = 'i-2'",
			"table instance, seq 2, id \"i-2\": column service_id names no "
			"service"},
		{"DELETE FROM service WHERE id = 'srv-2'",
			"table instance, seq 2, id \"i-2\""},
		{"UPDATE instance SET attributes = 'key' WHERE id = 'i-1'",
			"table instance, seq 1, id \"i-1\": column attributes is not"},
		{"UPDATE instance SET attributes = 'key value'",
			"column attributes is not"},
		{"UPDATE instance SET attributes = 'a 1' || char(10) || 'a 2' || "
		 "char(10)",
			"column attributes is not"},
		{"UPDATE instance SET attributes = 'AWS_INSTANCE_IPV4 1.2.3' || "
		 "char(10)",
			"column attributes has an address"},
		{"UPDATE instance SET attributes = 'CMAP_LEASE 1' || char(10)",
			"column attributes has an address, port or lease"},
		{"UPDATE operation SET type = 'X'",
			"table operation, slot 5, id \"op-5\""},
		{"UPDATE operation SET sequence = -1",
			"column sequence is out of range"},
		{"UPDATE operation SET id = hex(zeroblob(24))",
			"column id is too long"},
		{"PRAGMA writable_schema = ON;"
		 "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '');"
		 "PRAGMA writable_schema = RESET;"
		 "UPDATE instance SET created_ms = 'yesterday'",
			"column created_ms is no number"},
		{"PRAGMA writable_schema = ON;"
		 "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '');"
		 "PRAGMA writable_schema = RESET;"
		 "UPDATE instance SET attributes = x'4120310a'",
			"column attributes is no text"},
	};
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		const char *reason;

		make_registry(&f);
		fixture_sql(&f, cases[i][0]);
		fixture_open(&f, 16);
		reason = fixture_fail_load(&f, cases[i][0]);
		cr_assert_not_null(strstr(reason, cases[i][1]), "%s: %s", cases[i][0],
			reason);
		cr_assert_not_null(strstr(reason, f.path), "%s", reason);
		fixture_close(&f);
	}
	fixture_free(&f);
}

/* Overwrites len bytes at offset of the closed file. */
static void damage(struct fixture *f, off_t offset, size_t len)
{
	int fd = open(f->path, O_WRONLY);
	char junk[4096];

	memset(junk, 0x5a, sizeof(junk));
	cr_assert_eq(pwrite(fd, junk, len, offset), (ssize_t)len);
	close(fd);
}

Test(sqlite_load, a_damaged_page_is_never_taken_for_an_empty_table)
{
	struct fixture f;
	int64_t pages;

	fixture_init(&f);
	make_registry(&f);
	pages = fixture_sql_int(&f, "PRAGMA page_count");
	cr_assert_gt(pages, 5);
	for (int64_t page = 0; page < pages; page++) {
		char *reason;
		int result;

		make_registry(&f);
		damage(&f, page * 4096, 4096);
		result = fixture_try_open(&f, &reason);
		if (result == CMAP_OK) {
			/* Indexes are not read by a load: all rows must be there. */
			store_load(f.store);
			do
				fixture_wait(&f, f.n_seen + 1);
			while (!f.seen[f.n_seen - 1].last);
			if (!f.seen[f.n_seen - 1].reason)
				cr_assert_eq(f.seen[f.n_seen - 1].n, 6, "page %d",
					(int)page);
			fixture_close(&f);
			fixture_forget(&f);
		} else {
			cr_assert_eq(result, CMAP_E_CORRUPT, "%s", reason);
		}
		free(reason);
	}
	fixture_free(&f);
}

Test(sqlite_load, a_file_cut_short_is_refused)
{
	struct fixture f;
	int64_t pages;

	fixture_init(&f);
	make_registry(&f);
	pages = fixture_sql_int(&f, "PRAGMA page_count");
	for (int64_t page = 1; page < pages; page++) {
		char *reason;

		make_registry(&f);
		cr_assert_eq(truncate(f.path, page * 4096), 0);
		if (fixture_try_open(&f, &reason) == CMAP_OK) {
			fixture_fail_load(&f, "cut short");
			fixture_close(&f);
		} else {
			cr_assert_not_null(strstr(reason, f.path), "%s", reason);
		}
		free(reason);
	}
	fixture_free(&f);
}
