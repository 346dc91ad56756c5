/* SPDX-License-Identifier: MIT */
/* File and command line together: one struct config, or one line that says why not. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "config/file.h"
#include "config/option.h"
#include "test.h"
#include "unit/config/load.h"

static struct config *load_file(const struct scratch *s, const char *text)
{
	struct config *c = NULL;
	struct config_error e;

	scratch_write(s, text);
	cr_assert_eq(load(&c, &e, "--config", s->file, NULL), CMAP_OK, "%s",
		buf_text(&e.text));
	return c;
}

/* The error of s->file holding text, with FILE in place of its path; status to *status. */
static char *load_error(const struct scratch *s, const char *text, int *status)
{
	struct config *c = NULL;
	struct config_error e;
	struct buf out = {0};
	char *at;

	scratch_write(s, text);
	cr_assert_eq(load(&c, &e, "--config", s->file, NULL), CMAP_E_INVALID,
		"taken: %s", text);
	*status = e.status;
	at = strstr(buf_text(&e.text), s->file);
	if (at) {
		buf_add(&out, e.text.data, (size_t)(at - e.text.data));
		buf_printf(&out, "FILE%s", at + strlen(s->file));
	} else {
		buf_add_text(&out, buf_text(&e.text));
	}
	buf_free(&e.text);
	return buf_take(&out);
}

Test(config, defaults_are_those_of_the_manual)
{
	struct config *c = NULL;
	struct config_error e;
	char text[SOCK_ADDR_TEXT];

	cr_assert_eq(load(&c, &e, "--config", "/dev/null", NULL), CMAP_OK);
	cr_assert_eq(c->listen.n, 1);
	sock_addr_format(&c->listen.at[0], text);
	cr_expect_str_eq(text, "127.0.0.1:53");
	cr_expect_str_eq(c->socket, RUNSTATEDIR "/cmap/cmap.sock");
	cr_expect_eq(c->socket_mode, 0660);
	cr_expect_eq(c->api.len, 0);
	cr_expect_not(c->api_without_keys);
	cr_expect_str_eq(c->access_keys, "");
	cr_expect_str_eq(c->api_name, "");
	cr_expect_str_eq(c->db, LOCALSTATEDIR "/lib/cmap/cmap.db");
	cr_expect_eq(c->namespaces.n, 0);
	cr_expect_str_eq(c->nameserver, "localhost.");
	cr_expect_eq(c->negative_ttl, 5);
	cr_expect_eq(c->answers, 8);
	cr_expect(c->fair_answers);
	cr_expect_eq(c->udp_size, 1232);
	cr_expect_not(c->forward_0x20);
	cr_expect_eq(c->udp_threads, 0);
	cr_expect_eq(c->tcp_connections, 1000);
	cr_expect_eq(c->tcp_idle_ms, 10000);
	cr_expect_eq(c->http_connections, 256);
	cr_expect_eq(c->http_deadline_ms, 10000);
	cr_expect_str_eq(c->account, "000000000000");
	cr_expect_str_eq(c->region, "us-east-1");
	cr_expect_eq(c->operations, 65536);
	cr_expect_eq(c->max_instances, 1000000);
	cr_expect_eq(c->health_delay_ms, 0);
	cr_expect_eq(c->log_level, LOG_LEVEL_INFO);
	config_free(c);
}

Test(config, the_file_replaces_defaults_and_the_command_line_the_file)
{
	struct scratch s;
	struct config *c = NULL;
	struct config_error e;

	scratch_init(&s);
	scratch_write(&s,
		"listen = {127.0.0.2:53, 127.0.0.3:53}\n"
		"namespace = {a, b}\ndb = \"/file/db\"\nsocket = \"/file/s\"\n");
	cr_assert_eq(load(&c, &e, "--namespace", "c", "--config", s.file, "--db",
			     "/line/db", NULL),
		CMAP_OK, "%s", buf_text(&e.text));
	cr_expect_eq(c->listen.n, 2);
	cr_assert_eq(c->namespaces.n, 1);
	cr_expect_str_eq(c->namespaces.at[0], "c");
	cr_expect_str_eq(c->db, "/line/db");
	cr_expect_str_eq(c->socket, "/file/s");
	cr_expect_str_eq(c->file, s.file);
	config_free(c);
	scratch_free(&s);
}

Test(config, what_is_wrong_with_the_whole_is_told_with_its_line)
{
	static const struct {
		const char *text;
		const char *why;
	} table[] = {
		{"lesae = 3\n", "FILE:1: no such option 'lesae'"},
		{"\nlisten = {}\n", "FILE:2: listen: no address to listen on"},
		{"\nlisten = {127.0.0.1,\n127.0.0.1:53}\n",
			"FILE:2: listen: '127.0.0.1:53' is there already"},
		{"listen += {127.0.0.1:53}\n",
			"FILE:1: listen: '127.0.0.1:53' is there already"},
		{"namespace = {a, b, A.}\n",
			"FILE:1: namespace: 'A.' is there already"},
		{"\n\napi = 10.0.0.1:80\n", "FILE:3: api: 10.0.0.1:80 is not a "
					    "loopback address; 'access_keys = FILE' "
					    "or 'api_without_keys = true' in the file "
					    "allows it"},
		{"api_name = a.b\n",
			"FILE:1: api_name: there is no address to give for it; set "
			"api, too"},
		{"api = [::1]:53\nlisten = {[::1]:53}\n",
			"FILE:1: api: [::1]:53 is an address of listen, too"},
		{"'a\nb' = 3\n", "FILE:1: no closing quote"},
		{"\x1B[31m = 3\n", "FILE:1: no such option '\\x1B[31m'"},
	};
	struct scratch s;

	scratch_init(&s);
	for (size_t i = 0; i < CMAP_COUNT(table); i++) {
		int status = 0;
		char *got = load_error(&s, table[i].text, &status);

		cr_expect_str_eq(got, table[i].why, "%s", got);
		cr_expect_eq(status, EX_CONFIG, "%s: %d", table[i].text, status);
		free(got);
	}
	scratch_free(&s);
}

Test(config, an_error_stays_one_line_of_bounded_length)
{
	struct scratch s;
	struct buf text = {0};
	int status;
	char *got;

	scratch_init(&s);
	buf_add_text(&text, "answers = ");
	for (int i = 0; i < 100000; i++)
		buf_add_text(&text, "\xFF");
	got = load_error(&s, buf_text(&text), &status);
	cr_expect_leq(strlen(got), 4 * 400 + 3, "%zu", strlen(got));
	cr_expect_str_eq(got + strlen(got) - 3, "...");
	for (const char *p = got; *p; p++)
		cr_expect(*p >= ' ' && *p <= '~');
	free(got);
	buf_free(&text);
	scratch_free(&s);
}

Test(config, the_api_may_be_public_when_that_is_said)
{
	struct scratch s;
	struct config *c;

	scratch_init(&s);
	c = load_file(&s, "api_without_keys = true\napi = 10.0.0.1:80\n");
	cr_expect_eq(sock_addr_port(&c->api), 80);
	config_free(c);
	scratch_free(&s);
}

Test(config, port_0_may_stand_twice)
{
	struct scratch s;
	struct config *c;

	scratch_init(&s);
	c = load_file(&s, "listen = {127.0.0.1:0, 127.0.0.1:0}\napi = 127.0.0.1:0\n");
	cr_expect_eq(c->listen.n, 2);
	cr_expect_eq(c->api.len, sizeof(struct sockaddr_in));
	config_free(c);
	scratch_free(&s);
}

Test(config, what_is_no_file_is_refused)
{
	struct scratch s;
	struct config *c = NULL;
	struct config_error e;
	char *expected;

	scratch_init(&s);
	cr_assert_eq(mkfifo(s.file, 0600), 0);
	expected = xasprintf("%s: Not a file", s.file);
	cr_assert_eq(load(&c, &e, "--config", s.file, NULL), CMAP_E_INVALID);
	cr_expect_eq(e.status, EX_NOINPUT);
	cr_expect_str_eq(buf_text(&e.text), expected, "%s", buf_text(&e.text));
	buf_free(&e.text);
	free(expected);

	cr_assert_eq(load(&c, &e, "--config", "/dev/zero", NULL), CMAP_E_INVALID);
	cr_expect_eq(e.status, EX_CONFIG);
	cr_expect_str_eq(buf_text(&e.text), "/dev/zero: longer than 1048576 bytes");
	buf_free(&e.text);
	scratch_free(&s);
}

Test(config, a_file_may_be_a_megabyte_and_not_a_byte_more)
{
	struct scratch s;
	struct config *c = NULL;
	struct config_error e;
	char *text = xcalloc(FILE_MAX + 2, 1);

	scratch_init(&s);
	memset(text, '\n', FILE_MAX);
	memcpy(text + FILE_MAX - 12, "answers = 77", 12);
	c = load_file(&s, text);
	cr_expect_eq(c->answers, 77);
	config_free(c);
	c = NULL;
	text[FILE_MAX] = '7';
	scratch_write(&s, text);
	cr_expect_eq(load(&c, &e, "--config", s.file, NULL), CMAP_E_INVALID);
	buf_free(&e.text);
	free(text);
	scratch_free(&s);
}

/* Every option away from its default, with all that needs care in quotes. */
static const char unusual[] = "listen = {\"[::1]:5300\", \"127.0.0.2:53\"}\n"
			      "socket = \"/a \\\"b\\\" \\\\ \\${HOME} 'c' # d\"\n"
			      "socket_mode = \"0600\"\n"
			      "api = \"10.0.0.1:8053\"\n"
			      "access_keys = \"/k\"\n"
			      "api_without_keys = true\n"
			      "api_name = \"cmap.internal\"\n"
			      "db = \"/d\"\n"
			      "namespace = {\"Local.\", \"prod.example\"}\n"
			      "zone_dir = \"/z\"\n"
			      "nameserver = \"ns1.example\"\n"
			      "reverse = {\"172.31.0.0/20\", \"fd00::/64\"}\n"
			      "browse = {\"Local.\", \"prod.example\"}\n"
			      "negative_ttl = \"0\"\n"
			      "answers = 0\n"
			      "fair_answers = false\n"
			      "udp_size = 4096\n"
			      "cookies = false\n"
			      "cookie_secrets = \"/s\"\n"
			      "server_id = \"a\"\n"
			      "server_version = \"1\"\n"
			      "rate_limit = 200\n"
			      "rate_slip = 1\n"
			      "view = {\"office 10.0.0.0/8\", \"outside any\"}\n"
			      "forward = {\"192.0.2.53:53\", \"[2001:db8::1]:5353\"}\n"
			      "forward_allow = {\"10.0.0.0/8\", \"any\"}\n"
			      "forward_queries = 2000\n"
			      "forward_cache = 0\n"
			      "forward_timeout = \"250ms\"\n"
			      "forward_stale = \"0\"\n"
			      "forward_0x20 = true\n"
			      "udp_threads = 3\n"
			      "tcp_connections = 5\n"
			      "tcp_idle = \"1500ms\"\n"
			      "http_connections = 7\n"
			      "http_deadline = \"2m\"\n"
			      "account = \"123456789012\"\n"
			      "region = \"eu-west-1\"\n"
			      "operations = 16\n"
			      "max_instances = 9\n"
			      "health_delay = \"30s\"\n"
			      "log_level = \"debug\"\n";

Test(config, a_dump_is_a_file_that_says_the_same)
{
	struct scratch s;
	struct buf dump = {0};
	struct config *c;

	scratch_init(&s);
	c = load_file(&s, unusual);
	config_dump(c, &dump);
	cr_expect_str_eq(buf_text(&dump), unusual, "%s", buf_text(&dump));
	buf_free(&dump);
	config_free(c);
	scratch_free(&s);
}

Test(config, a_dump_of_the_defaults_reads_back_to_them)
{
	struct scratch s;
	struct buf first = {0}, second = {0};
	struct config *c = NULL;
	struct config_error e;

	scratch_init(&s);
	cr_assert_eq(load(&c, &e, "--config", "/dev/null", NULL), CMAP_OK);
	config_dump(c, &first);
	config_free(c);
	c = load_file(&s, buf_text(&first));
	config_dump(c, &second);
	cr_expect_str_eq(buf_text(&first), buf_text(&second));
	config_free(c);
	buf_free(&first);
	buf_free(&second);
	scratch_free(&s);
}

Test(config, a_file_is_read_anew_each_time)
{
	struct scratch s;
	struct config *c;
	int status;

	scratch_init(&s);
	c = load_file(&s, "answers = 3\n");
	cr_expect_eq(c->answers, 3);
	config_free(c);
	free(load_error(&s, "answers = \"3\n", &status));
	c = load_file(&s, "answers = 4\n");
	cr_expect_eq(c->answers, 4);
	config_free(c);
	scratch_free(&s);
}

Test(config, help_names_every_option_of_the_command_line)
{
	static const char *const others[] = {
		"config FILE", "check-config", "dump-config", "version", "help"};
	struct buf text = {0};

	config_usage(&text);
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];
		char *line = xasprintf("\n  --%s %s ", o->name, o->arg ? o->arg : "");

		cr_expect_eq(strstr(buf_text(&text), line) != NULL, o->arg != NULL,
			"%s", o->name);
		free(line);
	}
	for (size_t i = 0; i < CMAP_COUNT(others); i++) {
		char *line = xasprintf("\n  --%s ", others[i]);

		cr_expect(strstr(buf_text(&text), line), "%s", others[i]);
		free(line);
	}
	buf_free(&text);
}
