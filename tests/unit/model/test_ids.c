/* SPDX-License-Identifier: MIT */
#include "model/ids.h"

#include <stdlib.h>

#include "make.h"
#include "test.h"

static bool only(const char *s, const char *of)
{
	return s[strspn(s, of)] == '\0';
}

#define BASE32 "abcdefghijklmnopqrstuvwxyz234567"
#define BASE36 "0123456789abcdefghijklmnopqrstuvwxyz"

Test(ids, made_ones_have_cloud_maps_form)
{
	char id[MODEL_ID_TEXT];
	bool seen[256] = {false};

	for (int i = 0; i < 1000; i++) {
		id_make("srv-", id);
		cr_assert_eq(strlen(id), 20);
		cr_assert_eq(strncmp(id, "srv-", 4), 0);
		cr_assert(only(id + 4, BASE32), "%s", id);
		for (const char *p = id + 4; *p; p++)
			seen[(unsigned char)*p] = true;
	}
	for (const char *p = BASE32; *p; p++)
		cr_assert(seen[(unsigned char)*p], "%c never came", *p);
	id_make("ns-", id);
	cr_assert_eq(strlen(id), 19);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

Test(ids, made_ones_differ)
{
	static char ids[4096][MODEL_ID_TEXT];

	for (size_t i = 0; i < CMAP_COUNT(ids); i++)
		id_make("ns-", ids[i]);
	qsort(ids, CMAP_COUNT(ids), sizeof(ids[0]), by_text);
	for (size_t i = 1; i < CMAP_COUNT(ids); i++)
		cr_assert_str_neq(ids[i - 1], ids[i]);
}

Test(ids, operations_carry_their_time)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		/* The pair from Cloud Map's own documentation. */
		{INT64_C(1587055860121), "k9302yzd"},
		{0, "0"},
		{35, "z"},
		{36, "10"},
		{-1, "0"},
		{INT64_MAX, "1y2p0ij32e8e7"},
	};
	char id[MODEL_OPERATION_TEXT];

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		id_make_operation("ns-1", cases[i].ms, id);
		cr_assert_str_eq(id + 33, cases[i].text);
		cr_assert_eq(id[32], '-');
		id[32] = '\0';
		cr_assert(only(id, BASE32), "%s", id);
	}
}

Test(ids, operations_of_one_target_begin_alike)
{
	char a[MODEL_OPERATION_TEXT], b[MODEL_OPERATION_TEXT], c[MODEL_OPERATION_TEXT];

	id_make_operation("srv-1/i-1", 1000, a);
	id_make_operation("srv-1/i-1", 2000, b);
	id_make_operation("srv-1/i-2", 1000, c);
	cr_assert_eq(memcmp(a, b, 32), 0);
	cr_assert_str_neq(a, b);
	cr_assert_neq(memcmp(a, c, 32), 0);
	/* The same on every machine and in every run: operations outlive the process. */
	id_make_operation("", 0, a);
	cr_assert_str_eq(a, "z5rgwvj6jvwnoltucnmioqtpecpbsuao-0");
	id_make_operation("srv-p5zdwlg5uvvzjita/i-1", 0, a);
	cr_assert_str_eq(a, "peftxta4ccbmxdwwekz5nobg3w3ct4lx-0");
}

Test(ids, zones_follow_from_namespaces)
{
	char id[MODEL_ID_TEXT];

	id_make_zone("ns-uejictsjen2i4eeg", id);
	cr_assert_str_eq(id, "ZUEJICTSJEN2I4EEG");
	id_make_zone("ns-", id);
	cr_assert_str_eq(id, "Z");
	id_make_zone("ns-abcdefghijklmnopqrstuvwxyz", id);
	cr_assert_str_eq(id, "ZABCDEFGHIJKLMNOP");
	id_make_zone("plain", id);
	cr_assert_str_eq(id, "ZPLAIN");
}

Test(ids, uuids_are_version_4)
{
	char a[37], b[37];

	id_make_uuid(b);
	for (int i = 0; i < 200; i++) {
		id_make_uuid(a);
		cr_assert_eq(strlen(a), 36);
		cr_assert(only(a, "0123456789abcdef-"));
		cr_assert(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-',
			"%s", a);
		cr_assert_eq(a[14], '4');
		cr_assert_not_null(strchr("89ab", a[19]));
		cr_assert_str_neq(a, b);
		memcpy(b, a, sizeof(b));
	}
}

Test(ids, arns_are_made_and_read_back)
{
	char arn[ID_ARN_TEXT];

	id_make_arn("eu-west-1", "123456789012", "service", "srv-p5zdwlg5uvvzjita",
		arn);
	cr_assert_str_eq(arn, "arn:aws:servicediscovery:eu-west-1:123456789012:service/"
			      "srv-p5zdwlg5uvvzjita");
	cr_assert_str_eq(id_from_arn(arn, "123456789012", "service"),
		"srv-p5zdwlg5uvvzjita");
	id_make_arn(make_run('r', 400), "1", "service", "srv-1", arn);
	cr_assert_eq(strlen(arn), ID_ARN_TEXT - 1, "cut, not overrun");
}

Test(ids, from_arn_takes_its_own_kind_and_account)
{
	static const char *const cases[][2] = {
		{"ns-1", "ns-1"},
		{"", ""},
		{"srv-1", "srv-1"},
		{"ARN:x", "ARN:x"},
		{"arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-1",
			"ns-1"},
		{"arn:aws:servicediscovery::123456789012:namespace/ns-1", "ns-1"},
		{"arn:aws:servicediscovery:us-east-1:123456789012:namespace/", ""},
		{"arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1", NULL},
		{"arn:aws:servicediscovery:us-east-1:210987654321:namespace/ns-1",
			NULL},
		{"arn:aws:servicediscovery:us-east-1:12345678901:namespace/ns-1", NULL},
		{"arn:aws:servicediscovery:us-east-1:1234567890123:namespace/ns-1",
			NULL},
		{"arn:aws:servicediscovery:us-east-1:123456789012:namespaces/ns-1",
			NULL},
		{"arn:aws:servicediscovery:us-east-1:123456789012:namespace", NULL},
		{"arn:aws:servicediscovery:us-east-1:123456789012", NULL},
		{"arn:aws:servicediscovery:us-east-1", NULL},
		{"arn:aws:servicediscovery:", NULL},
		{"arn:aws:ecs:us-east-1:123456789012:namespace/ns-1", NULL},
		{"arn:", NULL},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		const char *id = id_from_arn(cases[i][0], "123456789012", "namespace");

		if (cases[i][1])
			cr_assert(id && strcmp(id, cases[i][1]) == 0, "%s",
				cases[i][0]);
		else
			cr_assert_null(id, "%s", cases[i][0]);
	}
}
