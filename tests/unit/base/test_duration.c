/* SPDX-License-Identifier: MIT */
#include "base/duration.h"

#include "base/error.h"
#include "test.h"

Test(duration, reads_a_number_and_a_unit)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{"0", 0},
		{"0ms", 0},
		{"0s", 0},
		{"0d", 0},
		{"1ms", 1},
		{"500ms", 500},
		{"1s", 1000},
		{"30s", 30000},
		{"007s", 7000},
		{"5m", 300000},
		{"1h", 3600000},
		{"7d", 604800000},
		{"365d", DURATION_MAX_MS},
		{"8760h", DURATION_MAX_MS},
		{"525600m", DURATION_MAX_MS},
		{"31536000s", DURATION_MAX_MS},
		{"31536000000ms", DURATION_MAX_MS},
		{"31535999999ms", DURATION_MAX_MS - 1},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		int64_t ms = -1;

		cr_assert_eq(duration_parse(cases[i].text, &ms), CMAP_OK, "%s",
			cases[i].text);
		cr_assert_eq(ms, cases[i].ms, "%s: %lld", cases[i].text, (long long)ms);
	}
}

Test(duration, refuses_what_is_too_long)
{
	static const char *const cases[] = {"366d", "8761h", "525601m", "31536001s",
		"31536000001ms", "99999999999999999999999999999ms",
		"18446744073709551616ms", "9223372036854775808s", "106751991168d"};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		int64_t ms = -1;

		cr_assert_eq(duration_parse(cases[i], &ms), CMAP_E_RANGE, "%s",
			cases[i]);
		cr_assert_eq(ms, -1, "%s", cases[i]);
	}
}

Test(duration, refuses_what_is_no_duration)
{
	static const char *const cases[] = {"", "s", "ms", "1", "30", "00", "-1s",
		"+1s", " 1s", "1s ", "1 s", "1.5s", "1,5s", "1S", "1sec", "1m30s",
		"0x10s", "1e3s", "1s\n", "1w", "1y", "1us", "forever",
		"99999999999999999999999999999", "1mss", "1msm"};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		int64_t ms = -1;

		cr_assert_eq(duration_parse(cases[i], &ms), CMAP_E_INVALID, "%s",
			cases[i]);
		cr_assert_eq(ms, -1, "%s", cases[i]);
	}
}

Test(duration, is_written_in_the_largest_unit_that_fits)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{0, "0"},
		{1, "1ms"},
		{999, "999ms"},
		{1000, "1s"},
		{1001, "1001ms"},
		{59000, "59s"},
		{60000, "1m"},
		{61000, "61s"},
		{90000, "90s"},
		{3600000, "1h"},
		{5400000, "90m"},
		{86400000, "1d"},
		{90000000, "25h"},
		{DURATION_MAX_MS, "365d"},
		{INT64_MAX, "9223372036854775807ms"},
	};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		char text[DURATION_TEXT];

		duration_format(cases[i].ms, text);
		cr_assert_str_eq(text, cases[i].text, "%s", text);
	}
}

Test(duration, reads_back_what_it_wrote)
{
	char text[DURATION_TEXT];
	int64_t back;

	/* Steps of a seventh: all magnitudes, odd remainders. */
	for (int64_t ms = 1; ms <= DURATION_MAX_MS; ms += 1 + ms / 7) {
		duration_format(ms, text);
		cr_assert_eq(duration_parse(text, &back), CMAP_OK, "%s", text);
		cr_assert_eq(back, ms, "%s", text);
	}
}
