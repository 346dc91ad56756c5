/* SPDX-License-Identifier: MIT */
/* Filters, and pages that others change in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "test.h"

/* The values of all members "name" in text, with blanks between. */
static char *values_of(const char *text, const char *name)
{
	struct buf out = {0}, key = {0};

	buf_printf(&key, "\"%s\":\"", name);
	for (const char *p = text; (p = strstr(p, key.data));) {
		const char *end;

		p += key.len;
		end = strchr(p, '"');
		if (out.len > 0)
			buf_add(&out, " ", 1);
		buf_add(&out, p, (size_t)(end - p));
	}
	buf_free(&key);
	return buf_take(&out);
}

static void expect_names(struct fixture *f, const char *target, const char *body,
	const char *names)
{
	const char *answer = fixture_call(f, target, body);
	char *got = values_of(answer, "Name");

	cr_expect_eq(strncmp(answer, "200 ", 4), 0, "%s: %s", body, answer);
	cr_expect_str_eq(got, names, "%s", body);
	free(got);
}

Test(listings, namespaces_are_filtered)
{
#define FILTER(more) "{\"Filters\":[{" more "}]}"
	static const char *const table[][2] = {
		{"{}", "prod prod.example web/1"},
		{"{\"Filters\":null}", "prod prod.example web/1"},
		{"{\"Filters\":[]}", "prod prod.example web/1"},
		{FILTER("\"Name\":\"TYPE\",\"Values\":[\"HTTP\"]"), "web/1"},
		{FILTER("\"Name\":\"TYPE\",\"Values\":[\"DNS_PUBLIC\"],\"Condition\":"
			"\"EQ\""),
			"prod.example"},
		{FILTER("\"Name\":\"TYPE\",\"Values\":[\"DNS_\"],\"Condition\":"
			"\"BEGINS_WITH\""),
			"prod prod.example"},
		{FILTER("\"Name\":\"NAME\",\"Values\":[\"prod\"]"), "prod"},
		{FILTER("\"Name\":\"NAME\",\"Values\":[\"prod\"],\"Condition\":"
			"\"BEGINS_WITH\""),
			"prod prod.example"},
		{FILTER("\"Name\":\"HTTP_NAME\",\"Values\":[\"web/1\"]"), "web/1"},
		{FILTER("\"Name\":\"HTTP_NAME\",\"Values\":[\"w\"],\"Condition\":"
			"\"BEGINS_WITH\""),
			"web/1"},
		{FILTER("\"Name\":\"RESOURCE_OWNER\",\"Values\":[\"SELF\"]"),
			"prod prod.example web/1"},
		{FILTER("\"Name\":\"RESOURCE_OWNER\",\"Values\":[\"OTHER_ACCOUNTS\"]"),
			""},
		{"{\"Filters\":[{\"Name\":\"TYPE\",\"Values\":[\"DNS_PRIVATE\"]},"
		 "{\"Name\":\"NAME\",\"Values\":[\"prod\"],\"Condition\":\"BEGINS_"
		 "WITH\"}]}",
			"prod"},
	};
	struct fixture f;

	fixture_init(&f);
	fixture_call(&f, "CreatePrivateDnsNamespace",
		"{\"Name\":\"prod\",\"Vpc\":\"v\"}");
	fixture_pass(&f, 1);
	fixture_call(&f, "CreatePublicDnsNamespace", "{\"Name\":\"prod.example\"}");
	fixture_pass(&f, 1);
	fixture_call(&f, "CreateHttpNamespace", "{\"Name\":\"web/1\"}");
	for (size_t i = 0; i < CMAP_COUNT(table); i++)
		expect_names(&f, "ListNamespaces", table[i][0], table[i][1]);
	fixture_free(&f);
}

Test(listings, services_are_filtered)
{
	static const char by_arn[] = FILTER("\"Name\":\"NAMESPACE_ID\",\"Values\":"
					    "[\"arn:aws:servicediscovery:us-west-2:"
					    "123456789012:namespace/%s\"]");
	static const char both[] =
		"{\"Filters\":[{\"Name\":\"NAMESPACE_ID\",\"Values\":[\"NSID\"]},"
		"{\"Name\":\"NAMESPACE_ID\",\"Values\":[\"ns-none\"]}]}";
	struct buf body = {0}, second = {0};
	const struct namespace *ns;
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_pass(&f, 1);
	fixture_call(&f, "CreateHttpNamespace", "{\"Name\":\"web\"}");
	ns = model_namespace_by_name(registry_model(f.registry), "web");
	buf_printf(&second, "{\"Name\":\"y\",\"NamespaceId\":\"%s\"}", ns->id);
	fixture_call(&f, "CreateService", second.data);
	expect_names(&f, "ListServices", "{}", "x y");
	expect_names(&f, "ListServices",
		FILTER("\"Name\":\"NAMESPACE_ID\",\"Values\":[\"NSID\"]"), "x");
	buf_printf(&body, by_arn, ns->id);
	expect_names(&f, "ListServices", body.data, "y");
	expect_names(&f, "ListServices",
		FILTER("\"Name\":\"NAMESPACE_ID\",\"Values\":[\"ns-none\"]"), "");
	expect_names(&f, "ListServices", both, "");
	expect_names(&f, "ListServices",
		FILTER("\"Name\":\"RESOURCE_OWNER\",\"Values\":[\"SELF\"]"), "x y");
	expect_names(&f, "ListServices",
		FILTER("\"Name\":\"RESOURCE_OWNER\",\"Values\":[\"OTHER_ACCOUNTS\"]"),
		"");
	buf_free(&body);
	buf_free(&second);
	fixture_free(&f);
}

Test(listings, filters_that_are_none_are_refused)
{
#define REFUSED "400 {\"__type\":\"InvalidInput\",\"Message\":\""
	static const char *const table[][3] = {
		{"ListNamespaces",
			FILTER("\"Name\":\"TYPE\",\"Values\":[\"HTTP\"],\"Condition\":"
			       "\"IN\""),
			REFUSED "The filter TYPE cannot have the Condition IN.\"}"},
		{"ListNamespaces",
			FILTER("\"Name\":\"NAME\",\"Values\":[\"a\",\"b\"],"
			       "\"Condition\":\"BETWEEN\""),
			REFUSED
			"The filter NAME cannot have the Condition BETWEEN.\"}"},
		{"ListNamespaces",
			FILTER("\"Name\":\"RESOURCE_OWNER\",\"Values\":[\"S\"],"
			       "\"Condition\":\"BEGINS_WITH\""),
			REFUSED "The filter RESOURCE_OWNER cannot have the Condition "
				"BEGINS_WITH.\"}"},
		{"ListNamespaces", FILTER("\"Name\":\"NAME\",\"Values\":[\"a\",\"b\"]"),
			REFUSED "The filter NAME must have exactly one of Values.\"}"},
		{"ListNamespaces", FILTER("\"Name\":\"NAME\",\"Values\":[]"),
			REFUSED "The filter NAME must have exactly one of Values.\"}"},
		{"ListServices",
			FILTER("\"Name\":\"NAMESPACE_ID\",\"Values\":[\"n\"],"
			       "\"Condition\":\"BEGINS_WITH\""),
			REFUSED "The filter NAMESPACE_ID cannot have the Condition "
				"BEGINS_WITH.\"}"},
		{"ListServices",
			FILTER("\"Name\":\"NAMESPACE_ID\",\"Values\":[\"a\",\"b\"]"),
			REFUSED
			"The filter NAMESPACE_ID must have exactly one of Values.\"}"},
		{"ListServices", "{\"NextToken\":\"namespaces/1\"}",
			REFUSED "NextToken is not one that this listing has given.\"}"},
	};
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < CMAP_COUNT(table); i++)
		fixture_expect(&f, table[i][0], table[i][1], table[i][2]);
	fixture_free(&f);
}

/* operation is asked with one filter that has n times value, and a condition unless that is NULL. */
static void expect_filter(struct fixture *f, const char *operation, const char *filter,
	const char *value, const char *condition, int n, bool is_taken)
{
	static const char refused[] = REFUSED "The filter ";
	const char *answer, *begin = is_taken ? "200 {" : refused;
	struct buf body = {0};

	buf_printf(&body, "{\"Filters\":[{\"Name\":\"%s\",\"Values\":[", filter);
	for (int i = 0; i < n; i++)
		buf_printf(&body, "%s\"%s\"", i > 0 ? "," : "", value);
	buf_add_text(&body, "]");
	if (condition)
		buf_printf(&body, ",\"Condition\":\"%s\"", condition);
	buf_add_text(&body, "}]}");
	answer = fixture_call(f, operation, body.data);
	cr_expect_eq(strncmp(answer, begin, strlen(begin)), 0, "%s %s: %s", operation,
		body.data, answer);
	buf_free(&body);
}

Test(listings, each_filter_is_tried_with_each_condition)
{
	static const char *const conditions[] = {
		NULL, "EQ", "IN", "BETWEEN", "BEGINS_WITH"};
	/* How many values it takes with each condition: 0 is none, 9 one or more. */
	static const struct {
		const char *operation, *filter, *value, *takes;
	} table[] = {
		{"ListNamespaces", "TYPE", "HTTP", "11001"},
		{"ListNamespaces", "NAME", "prod", "11001"},
		{"ListNamespaces", "HTTP_NAME", "prod", "11001"},
		{"ListNamespaces", "RESOURCE_OWNER", "SELF", "11000"},
		{"ListServices", "NAMESPACE_ID", "ns-1", "11000"},
		{"ListServices", "RESOURCE_OWNER", "SELF", "11000"},
		{"ListOperations", "NAMESPACE_ID", "ns-1", "11000"},
		{"ListOperations", "SERVICE_ID", "srv-1", "11000"},
		{"ListOperations", "STATUS", "SUCCESS", "11900"},
		{"ListOperations", "TYPE", "UPDATE_SERVICE", "11900"},
		{"ListOperations", "UPDATE_DATE", "1516925490.087", "00020"},
	};
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < CMAP_COUNT(table); i++) {
		for (size_t c = 0; c < CMAP_COUNT(conditions); c++) {
			int takes = table[i].takes[c] - '0';

			for (int n = 0; n <= 3; n++)
				expect_filter(&f, table[i].operation, table[i].filter,
					table[i].value, conditions[c], n,
					n > 0 && (n == takes || takes == 9));
		}
	}
	fixture_free(&f);
}

/* ---- pages ---- */

#define STAYING 1000

/* One page of SRVID's instances: counts each in seen, and leads token on. */
static bool list_page(struct fixture *f, struct buf *token, int seen[STAYING])
{
	struct buf body = {0};
	const char *answer, *p;
	char *ids, *next;
	int n;

	buf_add_text(&body, "{\"ServiceId\":\"SRVID\",\"MaxResults\":20");
	if (token->len > 0)
		buf_printf(&body, ",\"NextToken\":\"%s/%s\"", f->srv_id, token->data);
	buf_add_text(&body, "}");
	answer = fixture_call(f, "ListInstances", body.data);
	cr_assert_eq(strncmp(answer, "200 ", 4), 0, "%s", answer);
	ids = values_of(answer, "Id");
	for (p = ids; (p = strstr(p, "stays-")); p++) {
		n = atoi(p + 6);
		seen[n]++;
	}
	free(ids);
	next = values_of(answer, "NextToken");
	buf_free(token);
	if (next[0] != '\0')
		buf_add_text(token, strchr(next, '/') + 1);
	free(next);
	buf_free(&body);
	return token->len > 0;
}

static void deregister(struct fixture *f, const char *id)
{
	char body[200];

	snprintf(body, sizeof(body), "{\"ServiceId\":\"SRVID\",\"InstanceId\":\"%s\"}",
		id);
	fixture_call(f, "DeregisterInstance", body);
}

Test(listings, pages_neither_lose_nor_repeat_what_stays)
{
	static int seen[STAYING];
	struct buf token = {0};
	struct fixture f;
	char id[40];
	int round = 0;

	fixture_init(&f);
	fixture_fill(&f);
	for (int i = 0; i < STAYING; i++) {
		snprintf(id, sizeof(id), "stays-%03d", (i * 97) % STAYING);
		fixture_register(&f, id, "10.0.0.1", NULL);
		snprintf(id, sizeof(id), "goes-%03d", i);
		fixture_register(&f, id, "10.0.0.1", NULL);
	}
	while (list_page(&f, &token, seen)) {
		/* Between two pages, some go (one of them the last that was listed), some come, and some
		 * register again. */
		if (strncmp(token.data, "goes", 4) == 0)
			deregister(&f, token.data);
		snprintf(id, sizeof(id), "goes-%03d", round * 7 % STAYING);
		deregister(&f, id);
		snprintf(id, sizeof(id), "new-%03d", round);
		fixture_register(&f, id, "10.0.0.2", NULL);
		snprintf(id, sizeof(id), "stays-%03d", round * 31 % STAYING);
		fixture_register(&f, id, "10.0.0.3", NULL);
		round++;
	}
	cr_assert(round >= 60, "%d pages", round);
	for (int i = 0; i < STAYING; i++)
		cr_expect_eq(seen[i], 1, "stays-%03d was listed %d times", i, seen[i]);
	fixture_free(&f);
}

Test(listings, a_hundred_is_what_a_page_holds_unless_asked)
{
	struct fixture f;
	char id[40], *ids;

	fixture_init(&f);
	fixture_fill(&f);
	for (int i = 0; i < 101; i++) {
		snprintf(id, sizeof(id), "i-%03d", i);
		fixture_register(&f, id, "10.0.0.1", NULL);
	}
	ids = values_of(fixture_call(&f, "ListInstances", "{\"ServiceId\":\"SRVID\"}"),
		"NextToken");
	cr_expect_str_eq(ids, "SRVID/i-099");
	free(ids);
	ids = values_of(fixture_call(&f, "DiscoverInstances",
				"{\"NamespaceName\":\"prod\",\"ServiceName\":\"x\"}"),
		"InstanceId");
	cr_expect_eq(strlen(ids), 100u * 6 - 1);
	free(ids);
	ids = values_of(fixture_call(&f, "DiscoverInstances",
				"{\"NamespaceName\":\"prod\",\"ServiceName\":\"x\","
				"\"MaxResults\":1000}"),
		"InstanceId");
	cr_expect_eq(strlen(ids), 101u * 6 - 1);
	free(ids);
	fixture_free(&f);
}

Test(listings, namespaces_and_services_come_in_pages_in_the_order_of_creation)
{
	struct fixture f;
	char body[120], name[4] = "zA";
	struct buf token = {0}, all = {0};
	const char *answer;
	char *names, *next;

	fixture_init(&f);
	fixture_call(&f, "CreatePrivateDnsNamespace",
		"{\"Name\":\"prod\",\"Vpc\":\"v\"}");
	fixture_call(&f, "ListNamespaces", "{}");
	for (int i = 0; i < 7; i++) {
		name[0] = (char)('z' - i);
		fixture_pass(&f, 1);
		snprintf(body, sizeof(body),
			"{\"Name\":\"%s\",\"NamespaceId\":\"NSID\"}", name);
		fixture_call(&f, "CreateService", body);
	}
	do {
		buf_printf(&all, "%s", all.len > 0 ? " | " : "");
		if (token.len > 0)
			snprintf(body, sizeof(body),
				"{\"MaxResults\":3,\"NextToken\":\"%s\"}", token.data);
		else
			snprintf(body, sizeof(body), "{\"MaxResults\":3}");
		answer = fixture_call(&f, "ListServices", body);
		names = values_of(answer, "Name");
		buf_add_text(&all, names);
		free(names);
		next = values_of(answer, "NextToken");
		buf_free(&token);
		/* The id at its end is masked; what stands before it leads to the same place but for one item of
		 * the same millisecond, of which there are none. */
		if (next[0] != '\0')
			buf_printf(&token, "%.*s~", (int)(strrchr(next, '-') - next),
				next);
		free(next);
	} while (token.len > 0);
	cr_assert_str_eq(buf_text(&all), "zA yA xA | wA vA uA | tA");
	buf_free(&all);
	fixture_free(&f);
}
