/* SPDX-License-Identifier: MIT */
/* ExportZone: a zone as the records of a zone file. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "test.h"

Test(export_zone, records_come_in_sets)
{
	struct fixture f;
	char *expected;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_register(&f, "i-1", "10.0.0.1", NULL);
	fixture_register(&f, "i-2", "10.0.0.2", "30s");
	fixture_pass(&f, 11000);
	expected = xasprintf("\"Revision\":%llu,\"RecordSets\":[",
		(unsigned long long)registry_model(f.registry)->revision);
	cr_assert(strstr(fixture_call(&f, "Cmap_v1.ExportZone",
				 "{\"NamespaceId\":\"NSID\"}"),
			  expected) != NULL,
		"%s", buf_text(&f.text));
	cr_expect(strstr(buf_text(&f.text),
			  ",{\"Name\":\"x.prod.\",\"Type\":\"A\",\"TTL\":19,\"Data\":["
			  "\"10.0.0.1\",\"10.0.0.2\"]}]}") != NULL,
		"%s", buf_text(&f.text));
	fixture_pass(&f, 19000);
	cr_expect(strstr(fixture_call(&f, "Cmap_v1.ExportZone",
				 "{\"NamespaceId\":\"NSID\"}"),
			  "{\"Name\":\"x.prod.\",\"Type\":\"A\",\"TTL\":60,\"Data\":["
			  "\"10.0.0.1\"]}]}") != NULL,
		"%s", buf_text(&f.text));
	free(expected);
	fixture_free(&f);
}

Test(export_zone, an_empty_zone_has_soa_and_ns)
{
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_call(&f, "Cmap_v1.ExportZone", "{\"NamespaceId\":\"NSID\"}");
	cr_expect_eq(strncmp(buf_text(&f.text), "200 {\"NamespaceId\":\"NSID\",", 26),
		0, "%s", buf_text(&f.text));
	cr_expect(strstr(buf_text(&f.text), "\"Type\":\"SOA\"") != NULL);
	cr_expect(strstr(buf_text(&f.text), "\"Type\":\"NS\"") != NULL);
	cr_expect(strstr(buf_text(&f.text), "NextToken") == NULL);
	fixture_free(&f);
}

Test(export_zone, a_long_zone_comes_in_pages)
{
	struct fixture f;
	char body[200];
	const char *token, *end;

	fixture_init(&f);
	fixture_fill(&f);
	for (int i = 0; i < 2100; i++) {
		snprintf(body, sizeof(body),
			"{\"Name\":\"s-%d\",\"NamespaceId\":\"NSID\",\"DnsConfig\":{"
			"\"DnsRecords\":[{\"Type\":\"A\",\"TTL\":5}]}}",
			i);
		fixture_call(&f, "CreateService", body);
	}
	token = strstr(fixture_call(&f, "Cmap_v1.ExportZone",
			       "{\"NamespaceId\":\"NSID\"}"),
		"],\"NextToken\":\"");
	cr_assert_not_null(token);
	token += 15;
	end = strchr(token, '"');
	snprintf(body, sizeof(body),
		"{\"NamespaceId\":\"NSID\",\"NextToken\":\"%.*s\"}", (int)(end - token),
		token);
	fixture_call(&f, "Cmap_v1.ExportZone", body);
	cr_expect(strstr(buf_text(&f.text), "NextToken") == NULL);
	cr_expect(strstr(buf_text(&f.text), "\"RecordSets\":[]}") != NULL,
		"services without instances have no records: %s", buf_text(&f.text));
	fixture_free(&f);
}

Test(export_zone, refused)
{
	struct fixture f;

	fixture_init(&f);
	fixture_fill(&f);
	fixture_expect(&f, "Cmap_v1.ExportZone", "{\"NamespaceId\":\"ns-x\"}",
		"400 {\"__type\":\"NamespaceNotFound\",\"Message\":\"No namespace has "
		"the id 'ns-x'.\"}");
	fixture_expect(&f, "Cmap_v1.ExportZone",
		"{\"NamespaceId\":\"NSID\",\"NextToken\":\"x\"}",
		"400 {\"__type\":\"InvalidInput\",\"Message\":\"NextToken is not one "
		"that "
		"this listing has given.\"}");
	fixture_free(&f);

	fixture_init(&f);
	fixture_call(&f, "CreateHttpNamespace", "{\"Name\":\"things\"}");
	strcpy(f.ns_id, registry_model(f.registry)->namespaces->id);
	fixture_expect(&f, "Cmap_v1.ExportZone", "{\"NamespaceId\":\"NSID\"}",
		"400 {\"__type\":\"InvalidInput\",\"Message\":\"Namespace 'things' has "
		"no "
		"DNS, and so no zone.\"}");
	fixture_free(&f);
}
