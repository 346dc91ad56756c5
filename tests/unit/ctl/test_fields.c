/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/compiler.h"
#include "ctl/fields.h"

Test(fields, time_left_is_short)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {{0, "0ms"}, {999, "999ms"}, {1000, "1s"}, {59999, "59s"},
		{60000, "1m 0s"}, {3599999, "59m 59s"}, {3600000, "1h 0m"},
		{86399999, "23h 59m"}, {86400000, "1d 0h"},
		{INT64_C(31536000000), "365d 0h"}, {INT64_MAX, "106751991167d 7h"}};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		char text[FIELDS_TIME_TEXT];

		fields_time_left(cases[i].ms, text);
		cr_expect_str_eq(text, cases[i].text, "%s", text);
	}
}
