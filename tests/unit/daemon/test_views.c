/* SPDX-License-Identifier: MIT */
/* Which bits views have, before and after a reload. */
#include <stdio.h>

#include "daemon/private.h"
#include "test.h"

/* A configuration with these views, NULL at the end. */
#define CONFIG_OF(...)                                                                 \
	{                                                                              \
		.views = {                                                             \
			.at = (char *[]){__VA_ARGS__},                                 \
			.n = CMAP_COUNT(((char *[]){__VA_ARGS__}))                     \
		}                                                                      \
	}

static char a[] = "a 10.0.0.0/8", b[] = "b 172.16.0.0/12", c[] = "c 192.168.0.0/16",
	    outside[] = "outside any";

static uint16_t seen_by(struct daemon *d, const char *vpc)
{
	struct namespace ns = {
		.type = NAMESPACE_DNS_PRIVATE, .vpc = (char *)(uintptr_t)vpc};

	return daemon_namespace_views(d, &ns);
}

Test(views, keep_their_bits_whatever_else_comes_and_goes)
{
	struct config first = CONFIG_OF(a, outside, b), second = CONFIG_OF(c, b),
		      third = CONFIG_OF(a, b);
	struct daemon d = {.config = &first};
	uint16_t bit_a, bit_b, bit_c;

	daemon_number_views(&d, &first);
	bit_a = daemon_view(&d, &first, 0);
	bit_b = daemon_view(&d, &first, 2);
	cr_assert_eq(daemon_view(&d, &first, 1), VIEW_OUTSIDE);
	cr_assert_neq(bit_a, bit_b);
	cr_assert_eq(seen_by(&d, "a"), bit_a);
	cr_assert_eq(seen_by(&d, "b"), bit_b);
	cr_assert_eq(seen_by(&d, "outside"), (uint16_t)~VIEW_OUTSIDE);
	/* a is still in force: c does not take its bit, nor does b move. */
	daemon_number_views(&d, &second);
	bit_c = daemon_view(&d, &second, 0);
	cr_assert_eq(daemon_view(&d, &second, 1), bit_b);
	cr_assert_eq(bit_c & (bit_a | bit_b | VIEW_OUTSIDE), 0);
	cr_assert_eq(seen_by(&d, "a"), bit_a, "that reload may yet be refused");
	d.config = &second;
	cr_assert_eq(seen_by(&d, "a"), (uint16_t)~VIEW_OUTSIDE, "no view any more");
	cr_assert_eq(seen_by(&d, "c"), bit_c);
	daemon_number_views(&d, &third);
	d.config = &third;
	cr_assert_eq(seen_by(&d, "b"), bit_b);
	cr_assert_neq(seen_by(&d, "a"), bit_b);
}

Test(views, are_as_many_as_there_are_bits_also_when_all_change)
{
	static char text[2][VIEWS_MAX][16];
	char *names[2][VIEWS_MAX];
	struct config all[2];
	struct daemon d = {.config = &all[0]};

	for (int k = 0; k < 2; k++) {
		for (int i = 0; i < VIEWS_MAX; i++) {
			snprintf(text[k][i], sizeof(text[k][i]), "v%d-%d any", k, i);
			names[k][i] = text[k][i];
		}
		all[k] = (struct config){.views = {.at = names[k], .n = VIEWS_MAX}};
	}
	for (int k = 0; k < 2; k++) {
		uint16_t bits = 0;

		daemon_number_views(&d, &all[k]);
		d.config = &all[k];
		for (size_t i = 0; i < VIEWS_MAX; i++)
			bits |= daemon_view(&d, &all[k], i);
		cr_assert_eq(bits, (uint16_t)~VIEW_OUTSIDE, "%d", k);
	}
}
