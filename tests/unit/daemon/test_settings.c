/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/private.h"
#include "test.h"

#define SECRET_A "000102030405060708090a0b0c0d0e0f"
#define SECRET_B "FFfe0102030405060708090a0b0c0d0e"

static char no_text[] = "", api_name[] = "Cmap.Internal", nameserver[] = "ns.test.",
	    id[] = "ns1", version[] = "cmap 1";

/* What comes of a file of secrets with that content; *err is the caller's. */
static int load(const char *content, struct settings *out, struct buf *err)
{
	char path[] = "/tmp/cmap-secrets-XXXXXX";
	int fd = mkstemp(path), rc;
	struct config config = {.cookies = true,
		.api_name = no_text,
		.nameserver = nameserver,
		.cookie_secrets = path,
		.server_id = id,
		.server_version = version,
		.rate_limit = 7,
		.rate_slip = 3,
		.tcp_idle_ms = 10000};
	struct daemon d = {.config = &config, .start_config = &config};

	cr_assert(fd >= 0);
	cr_assert_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	close(fd);
	rc = daemon_settings(&d, &config, out, err);
	unlink(path);
	return rc;
}

Test(settings, come_from_the_configuration)
{
	struct settings s;
	struct buf err = {.data = NULL};

	cr_assert_eq(load(SECRET_A "\n", &s, &err), CMAP_OK);
	cr_assert_eq(s.rate_limit, 7);
	cr_assert_eq(s.rate_slip, 3);
	cr_assert_eq(s.keepalive_ds, 100);
	cr_assert_str_eq(s.server_id, "ns1");
	cr_assert_str_eq(s.version, "cmap 1");
	cr_assert_eq(s.cookies.n, 1);
	for (uint8_t i = 0; i < SIPHASH_KEY_LEN; i++)
		cr_assert_eq(s.cookies.secret[0][i], i);
}

Test(settings, take_one_or_two_secrets_and_say_which_line_is_wrong)
{
	static const struct {
		const char *content;
		int line; /* 0: taken */
		uint8_t n;
	} cases[] = {{SECRET_A, 0, 1}, {SECRET_A "\n" SECRET_B "\n", 0, 2},
		{SECRET_A " \r\n", 0, 1}, {"", 1, 0}, {"\n", 1, 0}, {"secret\n", 1, 0},
		{SECRET_A "0\n", 1, 0},
		{SECRET_A "\n" SECRET_B "\n" SECRET_A "\n", 3, 0},
		{SECRET_A "\n-1\n", 2, 0},
		{"0x0102030405060708090a0b0c0d0e0f\n", 1, 0}};

	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		struct settings s = {.rate_limit = 0};
		struct buf err = {.data = NULL};
		int rc = load(cases[i].content, &s, &err);
		char where[16];

		cr_assert_eq(rc, cases[i].line == 0 ? CMAP_OK : CMAP_E_INVALID,
			"case %zu", i);
		if (rc == CMAP_OK) {
			cr_assert_eq(s.cookies.n, cases[i].n);
		} else {
			snprintf(where, sizeof(where), ":%d: ", cases[i].line);
			cr_assert_not_null(strstr(buf_text(&err), where), "%s",
				buf_text(&err));
			cr_assert_null(strstr(buf_text(&err), "0102"),
				"a secret is told");
		}
		buf_free(&err);
	}
}

Test(settings, secrets_of_our_own_are_made_once)
{
	struct config config = {.cookies = true,
		.api_name = no_text,
		.nameserver = nameserver,
		.cookie_secrets = no_text,
		.server_id = no_text,
		.server_version = no_text};
	struct daemon d = {.config = &config, .start_config = &config};
	struct settings first, second;
	struct buf err = {.data = NULL};

	cr_assert_eq(daemon_settings(&d, &config, &first, &err), CMAP_OK);
	cr_assert_eq(daemon_settings(&d, &config, &second, &err), CMAP_OK);
	cr_assert_eq(first.cookies.n, 1);
	cr_assert_eq(memcmp(&first.cookies, &second.cookies, sizeof(first.cookies)), 0);
	config.cookies = false;
	cr_assert_eq(daemon_settings(&d, &config, &second, &err), CMAP_OK);
	cr_assert_eq(second.cookies.n, 0);
}

Test(settings, a_missing_file_is_named)
{
	char path[] = "/nonexistent/secrets";
	struct config config = {.cookies = true,
		.api_name = no_text,
		.nameserver = nameserver,
		.cookie_secrets = path,
		.server_id = no_text,
		.server_version = no_text};
	struct daemon d = {.config = &config, .start_config = &config};
	struct settings s;
	struct buf err = {.data = NULL};

	cr_assert_eq(daemon_settings(&d, &config, &s, &err), CMAP_E_SYSTEM);
	cr_assert_str_eq(buf_text(&err),
		"cookie_secrets '/nonexistent/secrets': No such file or directory");
	buf_free(&err);
}

/* ---- the names of the API ---- */

static void listen_api(struct config *c, const char *address)
{
	*c = (struct config){.api_name = api_name,
		.nameserver = nameserver,
		.cookie_secrets = no_text,
		.server_id = no_text,
		.server_version = no_text,
		.negative_ttl = 5};
	if (address != NULL)
		cr_assert_eq(sock_addr_parse(address, 0, &c->api), CMAP_OK);
}

static void expect_name(const struct dname *name, const char *text)
{
	char got[DNAME_TEXT];

	dname_to_text(name->wire, got);
	cr_expect_str_eq(got, text);
}

Test(settings, give_the_names_of_the_api_its_address)
{
	struct config config;
	struct daemon d = {.config = &config, .start_config = &config};
	struct settings s;
	struct buf err = {.data = NULL};

	listen_api(&config, "192.0.2.7:8053");
	cr_assert_eq(daemon_settings(&d, &config, &s, &err), CMAP_OK);
	cr_assert_eq(s.own.n, 2);
	expect_name(&s.own.name[0], "cmap.internal.");
	expect_name(&s.own.name[1], "data-cmap.internal.");
	expect_name(&s.own.nameserver, "ns.test.");
	cr_expect_eq(s.own.type, DNS_A);
	cr_expect_eq(s.own.n_addresses, 1);
	cr_expect_arr_eq(s.own.address[0], "\xc0\x00\x02\x07", 4);
	listen_api(&config, "[fd00::1]:8053");
	cr_assert_eq(daemon_settings(&d, &config, &s, &err), CMAP_OK);
	cr_expect_eq(s.own.type, DNS_AAAA);
	cr_expect_eq(s.own.n_addresses, 1);
	cr_expect_eq(s.own.address[0][0], 0xFD);
	cr_expect_eq(s.own.address[0][15], 1);
	listen_api(&config, NULL);
	cr_assert_eq(daemon_settings(&d, &config, &s, &err), CMAP_OK);
	cr_expect_eq(s.own.n, 0);
	listen_api(&config, "192.0.2.7:8053");
	config.api_name = no_text;
	cr_assert_eq(daemon_settings(&d, &config, &s, &err), CMAP_OK);
	cr_expect_eq(s.own.n, 0);
}

/* The file may say something else by now; the API is where it has been bound. */
Test(settings, go_by_the_address_of_the_start)
{
	struct config start, now;
	struct daemon d = {.config = &now, .start_config = &start};
	struct own_names own;

	listen_api(&start, "192.0.2.7:8053");
	listen_api(&now, "192.0.2.8:8053");
	cr_assert_eq(daemon_own_names(&d, &now, &own), CMAP_OK);
	cr_expect_eq(own.address[0][3], 7);
}

/* What the machine has is not known here, but it has a loopback address, which others could not use. */
Test(settings, stand_for_all_addresses_where_the_api_does)
{
	struct config config;
	struct daemon d = {.config = &config, .start_config = &config};
	struct own_names own;

	listen_api(&config, "0.0.0.0:8053");
	cr_assert_eq(daemon_own_names(&d, &config, &own), CMAP_OK);
	cr_expect_eq(own.type, DNS_A);
	cr_expect(own.n_addresses <= OWN_ADDRESSES_MAX);
	for (uint8_t i = 0; i < own.n_addresses; i++) {
		cr_expect(own.address[i][0] != 127 || own.n_addresses == i + 1);
		cr_expect_neq(own.address[i][0], 0);
		cr_expect_not(own.address[i][0] == 169 && own.address[i][1] == 254);
	}
}
