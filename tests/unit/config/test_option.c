/* SPDX-License-Identifier: MIT */
/* Every option at its limits, one short of them and one past them. */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/error.h"
#include "base/mem.h"
#include "config/option.h"
#include "test.h"

#define TEXT_58 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeefffffff1"
#define TEXT_63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"

/* why NULL: text is taken, and dumped as given after '>' if that differs. */
static const struct limit {
	const char *option;
	const char *text;
	const char *dumped;
	const char *why;
} limits[] = {
	{"listen", "127.0.0.1:53", "{\"127.0.0.1:53\"}", NULL},
	{"listen", "127.0.0.1", "{\"127.0.0.1:53\"}", NULL},
	{"listen", "::1", "{\"[::1]:53\"}", NULL},
	{"listen", "[::]:65535", "{\"[::]:65535\"}", NULL},
	{"listen", "127.0.0.1:0", "{\"127.0.0.1:0\"}", NULL},
	{"listen", "127.0.0.1:65536", NULL,
		"'127.0.0.1:65536' is not an address such as 127.0.0.1:53 or [::1]:53"},
	{"listen", "localhost:53", NULL,
		"'localhost:53' is not an address such as 127.0.0.1:53 or [::1]:53"},
	{"listen", "", NULL, "'' is not an address such as 127.0.0.1:53 or [::1]:53"},
	{"view", "office 10.0.0.0/8", "{\"office 10.0.0.0/8\"}", NULL},
	{"view", "outside any", "{\"outside any\"}", NULL},
	{"view", "vpc-1  private 203.0.113.0/24", "{\"vpc-1  private 203.0.113.0/24\"}",
		NULL},
	{"view", TEXT_63 "h any", "{\"" TEXT_63 "h any\"}", NULL},
	{"view", TEXT_63 "hi any", NULL,
		"'" TEXT_63 "hi' is not the name of a view and its networks, such as "
		"'office 10.0.0.0/8'"},
	{"view", "", NULL,
		"'' is not the name of a view and its networks, such as 'office "
		"10.0.0.0/8'"},
	{"view", "of/fice any", NULL,
		"'of/fice' is not the name of a view and its networks, such as 'office "
		"10.0.0.0/8'"},
	{"view", "office", NULL, "view 'office' has no networks"},
	{"view", "office 10.0.0.1/8", NULL, "'10.0.0.1/8' has bits behind its prefix"},
	{"view", "office ten", NULL,
		"'ten' is not a network such as 10.0.0.0/8 or fd00::/8, nor 'private' "
		"or "
		"'any'"},
	{"reverse", "172.31.0.0/20", "{\"172.31.0.0/20\"}", NULL},
	{"reverse", "private", "{\"private\"}", NULL},
	{"reverse", "172.31.0.1/16", NULL,
		"'172.31.0.1/16' has bits behind its prefix"},
	{"browse", "Corp.local.", "{\"Corp.local.\"}", NULL},
	{"browse", "_http._tcp.corp", "{\"_http._tcp.corp\"}", NULL},
	{"browse", "corp local", NULL, "'corp local' is not a domain name"},
	{"browse", "", NULL, "'' is not a domain name"},
	{"forward", "192.0.2.53", "{\"192.0.2.53:53\"}", NULL},
	{"forward", "[2001:db8::53]:5353", "{\"[2001:db8::53]:5353\"}", NULL},
	{"forward", "auto", "{\"auto\"}", NULL},
	{"forward", "dns.example", NULL,
		"'dns.example' is not an address such as 127.0.0.1:53 or [::1]:53"},
	{"forward_allow", "private", "{\"private\"}", NULL},
	{"forward_allow", "any", "{\"any\"}", NULL},
	{"forward_allow", "203.0.113.0/24", "{\"203.0.113.0/24\"}", NULL},
	{"forward_allow", "2001:db8::/32", "{\"2001:db8::/32\"}", NULL},
	{"forward_allow", "203.0.113.1/24", NULL,
		"'203.0.113.1/24' has bits behind its prefix"},
	{"forward_allow", "all", NULL,
		"'all' is not a network such as 10.0.0.0/8 or fd00::/8, nor 'private' "
		"or "
		"'any'"},
	{"forward_queries", "1", "1", NULL},
	{"forward_queries", "65536", "65536", NULL},
	{"forward_queries", "0", NULL, "'0' is not a number from 1 to 65536"},
	{"forward_queries", "65537", NULL, "'65537' is not a number from 1 to 65536"},
	{"forward_cache", "0", "0", NULL},
	{"forward_cache", "65536", "65536", NULL},
	{"forward_cache", "65537", NULL, "'65537' is not a number from 0 to 65536"},
	{"forward_timeout", "10ms", "\"10ms\"", NULL},
	{"forward_timeout", "5s", "\"5s\"", NULL},
	{"forward_timeout", "9ms", NULL, "'9ms' is not a duration from 10ms to 5s"},
	{"forward_timeout", "5001ms", NULL,
		"'5001ms' is not a duration from 10ms to 5s"},
	{"forward_stale", "0", "\"0\"", NULL},
	{"forward_stale", "7d", "\"7d\"", NULL},
	{"forward_stale", "169h", NULL, "'169h' is not a duration from 0 to 7d"},
	{"api", "", "\"\"", NULL},
	{"api", "[::1]:8053", "\"[::1]:8053\"", NULL},
	{"api", "127.0.0.1", NULL,
		"'127.0.0.1' is not an address with a port such as 127.0.0.1:8053 or "
		"[::1]:8053"},
	{"api_without_keys", "true", "true", NULL},
	{"api_without_keys", "false", "false", NULL},
	{"api_without_keys", "yes", NULL, "'yes' is neither true nor false"},
	{"access_keys", "", "\"\"", NULL},
	{"access_keys", "/etc/cmap/access_keys", "\"/etc/cmap/access_keys\"", NULL},
	{"access_keys", "/etc/\n", NULL, "a control character in '/etc/\n'"},
	{"api_name", "", "\"\"", NULL},
	{"api_name", "cmap.internal", "\"cmap.internal\"", NULL},
	{"api_name", "Cmap.Internal.", "\"Cmap.Internal.\"", NULL},
	{"api_name", ".", NULL, "'.' is not a domain name"},
	{"api_name", "a b", NULL, "'a b' is not a domain name"},
	{"api_name", TEXT_58, "\"" TEXT_58 "\"", NULL},
	{"api_name", TEXT_58 "e", NULL,
		"'" TEXT_58 "e' leaves no room for 'data-' in front of it"},
	{"socket_mode", "0000", "\"0000\"", NULL},
	{"socket_mode", "660", "\"0660\"", NULL},
	{"socket_mode", "0777", "\"0777\"", NULL},
	{"socket_mode", "1000", NULL, "'1000' is not a mode from 0000 to 0777"},
	{"socket_mode", "0668", NULL, "'0668' is not a mode from 0000 to 0777"},
	{"socket_mode", "60", NULL, "'60' is not a mode from 0000 to 0777"},
	{"namespace", "local", "{\"local\"}", NULL},
	{"namespace", "Prod.Example.", "{\"Prod.Example.\"}", NULL},
	{"namespace", TEXT_63, "{\"" TEXT_63 "\"}", NULL},
	{"namespace", TEXT_63 "h", NULL, "'" TEXT_63 "h' is not a domain name"},
	{"namespace", ".", NULL, "'.' is not a domain name"},
	{"namespace", "", NULL, "'' is not a domain name"},
	{"namespace", "a..b", NULL, "'a..b' is not a domain name"},
	{"namespace", ".a", NULL, "'.a' is not a domain name"},
	{"namespace", "a b", NULL, "'a b' is not a domain name"},
	{"nameserver", "ns1.example.", "\"ns1.example.\"", NULL},
	{"nameserver", "ns 1", NULL, "'ns 1' is not a domain name"},
	{"negative_ttl", "0", "\"0\"", NULL},
	{"negative_ttl", "1000ms", "\"1s\"", NULL},
	{"negative_ttl", "1d", "\"1d\"", NULL},
	{"negative_ttl", "86401s", NULL,
		"'86401s' is not a duration from 0 to 1d in whole seconds"},
	{"negative_ttl", "1500ms", NULL,
		"'1500ms' is not a duration from 0 to 1d in whole seconds"},
	{"negative_ttl", "5", NULL,
		"'5' is not a duration from 0 to 1d in whole seconds"},
	{"negative_ttl", "-1s", NULL,
		"'-1s' is not a duration from 0 to 1d in whole seconds"},
	{"answers", "0", "0", NULL},
	{"answers", "010", "10", NULL}, /* not octal */
	{"answers", "1000", "1000", NULL},
	{"answers", "1001", NULL, "'1001' is not a number from 0 to 1000"},
	{"answers", "-1", NULL, "'-1' is not a number from 0 to 1000"},
	{"answers", "0x8", NULL, "'0x8' is not a number from 0 to 1000"},
	{"answers", "18446744073709551624", NULL,
		"'18446744073709551624' is not a number from 0 to 1000"},
	{"forward_0x20", "true", "true", NULL},
	{"forward_0x20", "yes", NULL, "'yes' is neither true nor false"},
	{"fair_answers", "true", "true", NULL},
	{"fair_answers", "false", "false", NULL},
	{"fair_answers", "1", NULL, "'1' is neither true nor false"},
	{"udp_size", "511", NULL, "'511' is not a number from 512 to 4096"},
	{"udp_size", "512", "512", NULL},
	{"udp_size", "4096", "4096", NULL},
	{"udp_size", "4097", NULL, "'4097' is not a number from 512 to 4096"},
	{"udp_threads", "0", "0", NULL},
	{"udp_threads", "256", "256", NULL},
	{"udp_threads", "257", NULL, "'257' is not a number from 0 to 256"},
	{"tcp_connections", "0", NULL, "'0' is not a number from 1 to 65536"},
	{"tcp_connections", "1", "1", NULL},
	{"tcp_connections", "65536", "65536", NULL},
	{"tcp_connections", "65537", NULL, "'65537' is not a number from 1 to 65536"},
	{"tcp_idle", "999ms", NULL, "'999ms' is not a duration from 1s to 1h"},
	{"tcp_idle", "1s", "\"1s\"", NULL},
	{"tcp_idle", "1500ms", "\"1500ms\"", NULL},
	{"tcp_idle", "1h", "\"1h\"", NULL},
	{"tcp_idle", "3600001ms", NULL, "'3600001ms' is not a duration from 1s to 1h"},
	{"http_connections", "0", NULL, "'0' is not a number from 1 to 65536"},
	{"http_connections", "1", "1", NULL},
	{"http_connections", "65536", "65536", NULL},
	{"http_connections", "65537", NULL, "'65537' is not a number from 1 to 65536"},
	{"http_deadline", "999ms", NULL, "'999ms' is not a duration from 1s to 1h"},
	{"http_deadline", "1s", "\"1s\"", NULL},
	{"http_deadline", "60m", "\"1h\"", NULL},
	{"http_deadline", "61m", NULL, "'61m' is not a duration from 1s to 1h"},
	{"account", "12345678901", NULL, "'12345678901' is not 12 digits"},
	{"account", "123456789012", "\"123456789012\"", NULL},
	{"account", "1234567890123", NULL, "'1234567890123' is not 12 digits"},
	{"account", "12345678901x", NULL, "'12345678901x' is not 12 digits"},
	{"fair_answers", "false", "false", NULL},
	{"fair_answers", "no", NULL, "'no' is neither true nor false"},
	{"cookies", "false", "false", NULL},
	{"cookies", "1", NULL, "'1' is neither true nor false"},
	{"cookie_secrets", "/etc/cmap/secrets", "\"/etc/cmap/secrets\"", NULL},
	{"cookie_secrets", "/etc/\n", NULL, "a control character in '/etc/\n'"},
	{"zone_dir", "", "\"\"", NULL},
	{"zone_dir", "/etc/cmap/zones", "\"/etc/cmap/zones\"", NULL},
	{"zone_dir", "/etc/\n", NULL, "a control character in '/etc/\n'"},
	{"server_id", "", "\"\"", NULL},
	{"server_id", TEXT_63 TEXT_63 TEXT_63 TEXT_63 "123",
		"\"" TEXT_63 TEXT_63 TEXT_63 TEXT_63 "123\"", NULL},
	{"server_id", TEXT_63 TEXT_63 TEXT_63 TEXT_63 "1234", NULL,
		"a text of 256 bytes; 255 is the most"},
	{"server_version", "cmap", "\"cmap\"", NULL},
	{"server_version", "a\tb", NULL, "a control character in 'a\tb'"},
	{"rate_limit", "16384", "16384", NULL},
	{"rate_limit", "16385", NULL, "'16385' is not a number from 0 to 16384"},
	{"rate_slip", "0", "0", NULL},
	{"rate_slip", "10", "10", NULL},
	{"rate_slip", "11", NULL, "'11' is not a number from 0 to 10"},
	{"region", "eu-central-1", "\"eu-central-1\"", NULL},
	{"region", "abcdefghijabcdefghijabcdefghij12",
		"\"abcdefghijabcdefghijabcdefghij12\"", NULL},
	{"region", "abcdefghijabcdefghijabcdefghij123", NULL,
		"'abcdefghijabcdefghijabcdefghij123' is not a region such as "
		"us-east-1"},
	{"region", "", NULL, "'' is not a region such as us-east-1"},
	{"region", "EU", NULL, "'EU' is not a region such as us-east-1"},
	{"operations", "15", NULL, "'15' is not a number from 16 to 1000000"},
	{"operations", "16", "16", NULL},
	{"operations", "1000000", "1000000", NULL},
	{"operations", "1000001", NULL, "'1000001' is not a number from 16 to 1000000"},
	{"max_instances", "0", NULL, "'0' is not a number from 1 to 1000000"},
	{"max_instances", "1", "1", NULL},
	{"max_instances", "1000000", "1000000", NULL},
	{"max_instances", "1000001", NULL,
		"'1000001' is not a number from 1 to 1000000"},
	{"health_delay", "0s", "\"0\"", NULL},
	{"health_delay", "1h", "\"1h\"", NULL},
	{"health_delay", "3601s", NULL, "'3601s' is not a duration from 0 to 1h"},
	{"health_delay", "30", NULL, "'30' is not a duration from 0 to 1h"},
	{"log_level", "debug", "\"debug\"", NULL},
	{"log_level", "verbose", NULL,
		"'verbose' is not one of error, warning, info, debug"},
	{"socket", "a", "\"a\"", NULL},
	{"socket", "", NULL, "an empty path"},
	{"db", "/a $ \\ \"b\"", "\"/a \\$ \\\\ \\\"b\\\"\"", NULL},
	{"db", "", NULL, "an empty path"},
	{"db", "a\nb", NULL, "a control character in 'a\nb'"},
};

static void limit_try(const struct limit *l)
{
	const struct config_option *o = config_option_find(l->option);
	struct config c = {0};
	struct buf why = {0}, dumped = {0};

	cr_assert(o, "no option '%s'", l->option);

	void *member = (char *)&c + o->offset;
	int err = o->type->parse(o, l->text, member, &why);

	cr_expect_eq(err, l->why ? CMAP_E_INVALID : CMAP_OK, "%s = %s", l->option,
		l->text);
	cr_expect_str_eq(buf_text(&why), l->why ? l->why : "", "%s: %s", l->option,
		buf_text(&why));
	if (err == CMAP_OK) {
		o->type->format(member, &dumped);
		cr_expect_str_eq(buf_text(&dumped), l->dumped, "%s: %s", l->option,
			buf_text(&dumped));
	}
	if (o->type->release)
		o->type->release(member);
	buf_free(&why);
	buf_free(&dumped);
}

Test(option, takes_its_limits_and_refuses_what_lies_past_them)
{
	for (size_t i = 0; i < CMAP_COUNT(limits); i++)
		limit_try(&limits[i]);
}

/* Nobody adds an option without its limits above. */
Test(option, is_tried_at_its_limits)
{
	for (size_t k = 0; k < CONFIG_OPTIONS; k++) {
		bool taken = false, refused = false;

		for (size_t i = 0; i < CMAP_COUNT(limits); i++) {
			if (strcmp(limits[i].option, config_options[k].name) != 0)
				continue;
			taken = taken || !limits[i].why;
			refused = refused || limits[i].why;
		}
		cr_expect(taken && refused, "%s", config_options[k].name);
	}
}

/* A path of len 'a's. */
static int path_try(const char *option, size_t len, struct buf *why)
{
	char *path = xcalloc(len + 1, 1);
	int err;

	memset(path, 'a', len);
	err = config_option_check(config_option_find(option), path, why);
	free(path);
	return err;
}

Test(option, takes_paths_up_to_what_the_system_takes)
{
	struct buf why = {0};

	cr_expect_eq(path_try("socket", 107, &why), CMAP_OK);
	cr_expect_eq(path_try("socket", 108, &why), CMAP_E_INVALID);
	cr_expect_str_eq(buf_text(&why), "a path of 108 bytes; 107 is the most");
	buf_free(&why);
	cr_expect_eq(path_try("db", 4095, &why), CMAP_OK);
	cr_expect_eq(path_try("db", 4096, &why), CMAP_E_INVALID);
	cr_expect_str_eq(buf_text(&why), "a path of 4096 bytes; 4095 is the most");
	buf_free(&why);
}

Test(option, takes_names_of_253_characters)
{
	const char *most = TEXT_63
		"." TEXT_63 "." TEXT_63
		".aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1";
	char over[300];
	struct buf why = {0};
	const struct config_option *o = config_option_find("namespace");

	cr_assert_eq(strlen(most), 253);
	cr_expect_eq(config_option_check(o, most, &why), CMAP_OK);
	snprintf(over, sizeof(over), "%s.", most);
	cr_expect_eq(config_option_check(o, over, &why), CMAP_OK);
	snprintf(over, sizeof(over), "%s2", most);
	cr_expect_eq(config_option_check(o, over, &why), CMAP_E_INVALID);
	buf_free(&why);
}

/* The values are before, a number from 1 on, and after; one is a value more. */
static void list_try(const char *name, const char *before, const char *after,
	size_t most, const char *one, const char *over)
{
	const struct config_option *o = config_option_find(name);
	struct config c = {0};
	void *member = (char *)&c + o->offset;
	struct buf why = {0};
	char text[64];

	for (size_t i = 0; i < most; i++) {
		snprintf(text, sizeof(text), "%s%zu%s", before, i + 1, after);
		cr_assert_eq(o->type->parse(o, text, member, &why), CMAP_OK, "%s",
			text);
	}
	cr_expect_eq(o->type->parse(o, one, member, &why), CMAP_E_INVALID);
	cr_expect_str_eq(buf_text(&why), over, "%s", buf_text(&why));
	o->type->release(member);
	buf_free(&why);
}

Test(option, takes_lists_up_to_their_most)
{
	list_try("listen", "127.0.1.1:", "", 64, "127.0.0.1", "more than 64 addresses");
	list_try("namespace", "n", "", 1000, "n", "more than 1000 names");
	list_try("forward", "127.0.1.1:", "", 16, "127.0.0.1",
		"more than 16 addresses");
	list_try("forward_allow", "10.0.", ".0/24", 48, "any", "more than 48 networks");
	list_try("view", "v", " 10.0.1.0/24 10.0.2.0/24", 15, "v 10.0.0.0/8",
		"more than 15 views");
	list_try("view", "v", " private private 10.0.0.0/8 10.1.0.0/16", 3, "v private",
		"all views have more than 64 networks");
}

/* A view says which networks are its own; "outside" is none. */
Test(option, views_are_networks_with_the_place_of_their_view)
{
	static const char *const texts[] = {
		"a 10.0.0.0/8 fd00::/8", "outside 10.9.0.0/16", "b any"};
	const struct config_option *o = config_option_find("view");
	struct config_view_network all[CONFIG_NETWORKS_MAX];
	struct buf why = {0}, seen = {0};
	struct config c = {0};
	char text[PREFIX_TEXT];
	char name[CONFIG_VIEW_NAME_MAX + 1];
	size_t n;

	for (size_t i = 0; i < CMAP_COUNT(texts); i++)
		cr_assert_eq(o->type->parse(o, texts[i], &c.views, &why), CMAP_OK);
	cr_assert_eq(o->type->parse(o, "a any", &c.views, &why), CMAP_E_INVALID);
	cr_assert_str_eq(buf_text(&why), "view 'a' is there already");
	n = config_views(&c.views, all);
	for (size_t i = 0; i < n; i++) {
		prefix_format(&all[i].prefix, text);
		buf_printf(&seen, "%s %zu, ", text, all[i].view);
	}
	cr_assert_str_eq(buf_text(&seen), "10.0.0.0/8 0, fd00::/8 0, 10.9.0.0/16 1, "
					  "0.0.0.0/0 2, ::/0 2, ");
	config_view_name(&c.views, 2, name);
	cr_assert_str_eq(name, "b");
	o->type->release(&c.views);
	buf_free(&seen);
	buf_free(&why);
}

Test(option, has_a_default_that_it_takes_itself)
{
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];
		struct buf why = {0};

		cr_expect(o->initial || o->type->list, "%s", o->name);
		if (o->initial)
			cr_expect_eq(config_option_check(o, o->initial, &why), CMAP_OK,
				"%s: %s", o->name, buf_text(&why));
		buf_free(&why);
	}
}
