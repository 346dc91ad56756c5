/* SPDX-License-Identifier: MIT */
/* ListOperations: each filter with each condition, and pages that operations are added to in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "fixture.h"
#include "test.h"

#define F(name, values, more) "{\"Name\":\"" name "\",\"Values\":[" values "]" more "}"
#define IN                    ",\"Condition\":\"IN\""
#define EQ                    ",\"Condition\":\"EQ\""
#define BETWEEN               ",\"Condition\":\"BETWEEN\""
#define BEGINS                ",\"Condition\":\"BEGINS_WITH\""
#define ARN                   "arn:aws:servicediscovery:us-west-2:"

/* The answer to body with the ids of operations as they are; the caller frees it. */
static char *list(struct fixture *f, const char *body)
{
	struct call q = {.context = &f->context};
	struct buf text = {0};

	fixture_put_ids(f, body, &text);
	cr_assert(call_start(&q, "Route53AutoNaming_v20170314.ListOperations",
		buf_text(&text), text.len));
	buf_free(&text);
	if (q.fault.code != FAULT_NONE)
		buf_add_text(&text, q.fault.message);
	else
		buf_add_text(&text, buf_text(&q.out));
	call_end(&q);
	return buf_take(&text);
}

/* The initials of the types of the operations listed, in order: "Cn" for CREATE_NAMESPACE. */
static char *kinds(struct fixture *f, const char *answer)
{
	static const char *const names[] = {"Cn", "Dn", "Un", "Us", "Ri", "Di"};
	struct buf out = {0};

	for (const char *p = answer; (p = strstr(p, "{\"Id\":\""));) {
		char id[MODEL_OPERATION_TEXT] = {0};
		const struct operation *op;

		p += strlen("{\"Id\":\"");
		memcpy(id, p, strcspn(p, "\""));
		cr_assert_eq(strncmp(strchr(p, '"'), "\",\"Status\":\"SUCCESS\"}", 20),
			0, "%s", p);
		op = model_operation(registry_model(f->registry), id);
		cr_assert_not_null(op, "%s", id);
		buf_printf(&out, "%s%s", out.len > 0 ? " " : "", names[op->type]);
	}
	return buf_take(&out);
}

static void expect_kinds(struct fixture *f, const char *filters, const char *expected)
{
	struct buf body = {0};
	char *answer, *got;

	buf_printf(&body, "{\"Filters\":[%s]}", filters);
	answer = list(f, body.data);
	cr_expect_eq(strncmp(answer, "{\"Operations\":[", 15), 0, "%s: %s", filters,
		answer);
	got = kinds(f, answer);
	cr_expect_str_eq(got, expected, "%s", filters);
	free(got);
	free(answer);
	buf_free(&body);
}

/* At .087 of each second: CREATE_NAMESPACE in 90, REGISTER in 91, DEREGISTER in 92, then two in 93. */
static void fill(struct fixture *f)
{
	fixture_init(f);
	fixture_fill(f);
	fixture_pass(f, 1000);
	fixture_register(f, "i-1", "10.0.0.1", NULL);
	fixture_pass(f, 1000);
	fixture_call(f, "DeregisterInstance",
		"{\"ServiceId\":\"SRVID\",\"InstanceId\":\"i-1\"}");
	fixture_pass(f, 1000);
	fixture_call(f, "CreateHttpNamespace", "{\"Name\":\"web\"}");
	fixture_register(f, "i-2", "10.0.0.2", NULL);
}

Test(ops_operation, operations_are_filtered)
{
	static const char *const table[][2] = {
		{"", "Cn Ri Di Cn Ri"},
		{F("NAMESPACE_ID", "\"NSID\"", ""), "Cn"},
		{F("NAMESPACE_ID", "\"NSID\"", EQ), "Cn"},
		{F("NAMESPACE_ID", "\"ns-none\"", EQ), ""},
		{F("SERVICE_ID", "\"SRVID\"", ""), "Ri Di Ri"},
		{F("SERVICE_ID", "\"srv-none\"", ""), ""},
		{F("SERVICE_ID", "\"NSID\"", ""), ""},
		{F("STATUS", "\"SUCCESS\"", ""), "Cn Ri Di Cn Ri"},
		{F("STATUS", "\"SUCCEED\"", EQ), "Cn Ri Di Cn Ri"},
		{F("STATUS", "\"PENDING\"", ""), ""},
		{F("STATUS", "\"FAIL\",\"SUBMITTED\"", IN), ""},
		{F("STATUS", "\"FAIL\",\"SUCCESS\"", IN), "Cn Ri Di Cn Ri"},
		{F("TYPE", "\"CREATE_NAMESPACE\"", ""), "Cn Cn"},
		{F("TYPE", "\"REGISTER_INSTANCE\"", EQ), "Ri Ri"},
		{F("TYPE", "\"UPDATE_SERVICE\"", EQ), ""},
		{F("TYPE", "\"DEREGISTER_INSTANCE\"", IN), "Di"},
		{F("TYPE", "\"DEREGISTER_INSTANCE\",\"CREATE_NAMESPACE\"", IN),
			"Cn Di Cn"},
		/* Both ends count, to the millisecond. */
		{F("UPDATE_DATE", "\"1516925491.087\",\"1516925492.087\"", BETWEEN),
			"Ri Di"},
		{F("UPDATE_DATE", "\"1516925491.088\",\"1516925492.086\"", BETWEEN),
			""},
		{F("UPDATE_DATE", "\"1516925491.0870009\",\"1516925491.087\"", BETWEEN),
			"Ri"},
		{F("UPDATE_DATE", "\"0\",\"1516925491\"", BETWEEN), "Cn"},
		{F("UPDATE_DATE", "\"1516925493\",\"99999999999\"", BETWEEN), "Cn Ri"},
		{F("UPDATE_DATE", "\"1516925493\",\"1516925491\"", BETWEEN), ""},
		/* All must be met. */
		{F("TYPE", "\"REGISTER_INSTANCE\"", "") "," F("UPDATE_DATE",
			 "\"1516925492\",\"1516925494\"", BETWEEN),
			"Ri"},
		{F("TYPE", "\"REGISTER_INSTANCE\"", "") "," F("NAMESPACE_ID",
			 "\"NSID\"", ""),
			""},
	};
	struct fixture f;

	fill(&f);
	for (size_t i = 0; i < CMAP_COUNT(table); i++)
		expect_kinds(&f, table[i][0], table[i][1]);
	fixture_free(&f);
}

Test(ops_operation, filters_take_arns)
{
	struct buf filter = {0};
	struct fixture f;

	fill(&f);
	buf_printf(&filter, F("SERVICE_ID", "\"" ARN "123456789012:service/%s\"", ""),
		f.srv_id);
	expect_kinds(&f, filter.data, "Ri Di Ri");
	buf_free(&filter);
	buf_printf(&filter,
		F("NAMESPACE_ID", "\"" ARN "123456789012:namespace/%s\"", ""), f.ns_id);
	expect_kinds(&f, filter.data, "Cn");
	buf_free(&filter);
	buf_printf(&filter,
		F("NAMESPACE_ID", "\"" ARN "999999999999:namespace/%s\"", ""), f.ns_id);
	expect_kinds(&f, filter.data, "");
	buf_free(&filter);
	fixture_free(&f);
}

Test(ops_operation, filters_that_are_none_are_refused)
{
#define CANNOT(name, condition)                                                        \
	"The filter " name " cannot have the Condition " condition "."
#define MUST(name, n) "The filter " name " must have " n " of Values."
	static const char *const table[][2] = {
		{F("NAMESPACE_ID", "\"n\"", IN), CANNOT("NAMESPACE_ID", "IN")},
		{F("NAMESPACE_ID", "\"n\",\"n\"", BETWEEN),
			CANNOT("NAMESPACE_ID", "BETWEEN")},
		{F("NAMESPACE_ID", "\"n\"", BEGINS),
			CANNOT("NAMESPACE_ID", "BEGINS_WITH")},
		{F("NAMESPACE_ID", "", ""), MUST("NAMESPACE_ID", "exactly one")},
		{F("NAMESPACE_ID", "\"a\",\"b\"", EQ),
			MUST("NAMESPACE_ID", "exactly one")},
		{F("SERVICE_ID", "\"n\"", IN), CANNOT("SERVICE_ID", "IN")},
		{F("SERVICE_ID", "\"a\",\"b\"", ""), MUST("SERVICE_ID", "exactly one")},
		{F("STATUS", "\"SUCCESS\"", BEGINS), CANNOT("STATUS", "BEGINS_WITH")},
		{F("STATUS", "\"SUCCESS\",\"FAIL\"", EQ),
			MUST("STATUS", "exactly one")},
		{F("STATUS", "", IN), MUST("STATUS", "one or more")},
		{F("STATUS", "\"DONE\"", ""),
			"Values of the filter STATUS must be SUBMITTED, PENDING, "
			"SUCCESS or FAIL, not 'DONE'."},
		{F("TYPE", "\"CREATE_NAMESPACE\",\"MAKE\"", IN),
			"Values of the filter TYPE must be CREATE_NAMESPACE, "
			"DELETE_NAMESPACE, UPDATE_NAMESPACE, UPDATE_SERVICE, "
			"REGISTER_INSTANCE or DEREGISTER_INSTANCE, not 'MAKE'."},
		{F("TYPE", "\"CREATE_NAMESPACE\",\"CREATE_NAMESPACE\"", BETWEEN),
			CANNOT("TYPE", "BETWEEN")},
		{F("UPDATE_DATE", "\"1\",\"2\"", ""), CANNOT("UPDATE_DATE", "EQ")},
		{F("UPDATE_DATE", "\"1\",\"2\"", IN), CANNOT("UPDATE_DATE", "IN")},
		{F("UPDATE_DATE", "\"1\"", BETWEEN),
			MUST("UPDATE_DATE", "exactly two")},
		{F("UPDATE_DATE", "\"1\",\"2\",\"3\"", BETWEEN),
			MUST("UPDATE_DATE", "exactly two")},
		{F("UPDATE_DATE", "\"1\",\"yesterday\"", BETWEEN),
			"Values of the filter UPDATE_DATE must be seconds since 1970, "
			"not 'yesterday'."},
		{F("UPDATE_DATE", "\"1.\",\"2\"", BETWEEN),
			"Values of the filter UPDATE_DATE must be seconds since 1970, "
			"not '1.'."},
		{F("UPDATE_DATE", "\"1\",\"1000000000000000\"", BETWEEN),
			"Values of the filter UPDATE_DATE must be seconds since 1970, "
			"not '1000000000000000'."},
	};
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < CMAP_COUNT(table); i++) {
		struct buf body = {0};
		char *said;

		buf_printf(&body, "{\"Filters\":[%s]}", table[i][0]);
		said = list(&f, body.data);
		cr_expect_str_eq(said, table[i][1], "%s", table[i][0]);
		free(said);
		buf_free(&body);
	}
	fixture_expect(&f, "ListOperations", "{\"NextToken\":\"services/1\"}",
		"400 {\"__type\":\"InvalidInput\",\"Message\":\"NextToken is not one "
		"that this listing has given.\"}");
	fixture_free(&f);
}

/* Pages of size, an instance being registered after each of them, until the first n are there. */
static char *walk(struct fixture *f, int size, int n)
{
	struct buf token = {0}, body = {0}, all = {0};
	int pages = 0;

	do {
		char *answer, *got, *next, id[20];

		buf_printf(&body, "{\"MaxResults\":%d", size);
		if (token.len > 0)
			buf_printf(&body, ",\"NextToken\":\"%s\"", token.data);
		buf_add_text(&body, "}");
		answer = list(f, body.data);
		got = kinds(f, answer);
		buf_printf(&all, "%s%s", all.len > 0 ? "|" : "", got);
		next = strstr(answer, "\"NextToken\":\"");
		buf_free(&token);
		buf_free(&body);
		if (next) {
			next += strlen("\"NextToken\":\"");
			buf_add(&token, next, strcspn(next, "\""));
		}
		snprintf(id, sizeof(id), "n-%d", pages);
		if (++pages <= n)
			fixture_register(f, id, "10.0.0.9", NULL);
		free(got);
		free(answer);
	} while (token.len > 0);
	return buf_take(&all);
}

Test(ops_operation, pages_go_on_with_what_is_added)
{
	struct fixture f;
	char *all;

	fill(&f);
	all = walk(&f, 2, 0);
	cr_expect_str_eq(all, "Cn Ri|Di Cn|Ri");
	free(all);
	all = walk(&f, 5, 0);
	cr_expect_str_eq(all, "Cn Ri Di Cn Ri");
	free(all);
	all = walk(&f, 2, 2);
	cr_expect_str_eq(all, "Cn Ri|Di Cn|Ri Ri|Ri");
	free(all);
	fixture_free(&f);
}

/* Of the ring's 1,000 the oldest go, and a token for what has gone leads to the oldest that is there. */
Test(ops_operation, no_more_than_the_ring_is_listed)
{
	struct fixture f;
	const struct model *m;
	char *answer, id[20];

	fill(&f);
	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "r-%d", i);
		fixture_register(&f, id, "10.0.0.1", NULL);
	}
	m = registry_model(f.registry);
	cr_assert_eq(m->next_sequence, 1005u);
	answer = list(&f, "{\"MaxResults\":1,\"NextToken\":"
			  "\"operations/00000000000000000001\"}");
	cr_expect_not_null(strstr(answer, m->ring[5]->id), "%s", answer);
	cr_expect_not_null(strstr(answer, "operations/00000000000000000005"), "%s",
		answer);
	free(answer);
	answer = list(&f, "{\"NextToken\":\"operations/00000000000000000904\"}");
	cr_expect_not_null(strstr(answer, m->ring[1004 % 1000]->id), "%s", answer);
	cr_expect_null(strstr(answer, "NextToken"), "%s", answer);
	free(answer);
	fixture_free(&f);
}
