/* SPDX-License-Identifier: MIT */
/* The command line: what is refused, with the very words and the status, and what it sets. */
#include <sysexits.h>

#include "base/error.h"
#include "test.h"
#include "unit/config/load.h"

#define LONG_100                                                                       \
	"0123456789012345678901234567890123456789012345678901234567890123456789"       \
	"012345678901234567890123456789"

static const struct {
	const char *arg[4];
	int status;
	const char *why;
} malformed[] = {
	{{"--lesae"}, EX_USAGE, "unknown option '--lesae'"},
	{{"--lesae=3"}, EX_USAGE, "unknown option '--lesae'"},
	{{"--forward", "auto", "--forward", "10.0.0.2"}, EX_USAGE,
		"--forward: 'auto' stands alone"},
	{{"--forward", "10.0.0.2", "--forward", "10.0.0.2:53"}, EX_USAGE,
		"--forward: '10.0.0.2:53' is there already"},
	{{"--answers", "8"}, EX_USAGE, "unknown option '--answers'"},
	{{"-c", "x"}, EX_USAGE, "unknown option '-c'"},
	{{"-"}, EX_USAGE, "unexpected argument '-'"},
	{{"start"}, EX_USAGE, "unexpected argument 'start'"},
	{{"--", "--help"}, EX_USAGE, "unexpected argument '--help'"},
	{{"--version", "now"}, EX_USAGE, "unexpected argument 'now'"},
	{{"x", "--version"}, EX_USAGE, "unexpected argument 'x'"},
	{{"--version=1"}, EX_USAGE, "--version takes no value"},
	{{"--check-config=f"}, EX_USAGE, "--check-config takes no value"},
	{{"--config"}, EX_USAGE, "--config needs a value"},
	{{"--version", "--db"}, EX_USAGE, "--db needs a value"},
	{{"--listen", "localhost"}, EX_USAGE,
		"--listen: 'localhost' is not an address such as 127.0.0.1:53 or "
		"[::1]:53"},
	{{"--listen="}, EX_USAGE,
		"--listen: '' is not an address such as 127.0.0.1:53 or [::1]:53"},
	{{"--listen", "127.0.0.1:x"}, EX_USAGE,
		"--listen: '127.0.0.1:x' is not an address such as 127.0.0.1:53 or "
		"[::1]:53"},
	{{"--listen", "127.0.0.1", "--listen", "127.0.0.1:53"}, EX_USAGE,
		"--listen: '127.0.0.1:53' is there already"},
	{{"--socket="}, EX_USAGE, "--socket: an empty path"},
	{{"--socket", "/" LONG_100 "1234567"}, EX_USAGE,
		"--socket: a path of 108 bytes; 107 is the most"},
	{{"--socket", "a\nb\x1B[1m\xC3"}, EX_USAGE,
		"--socket: a control character in 'a\\x0Ab\\x1B[1m\\xC3'"},
	{{"--api", "8053"}, EX_USAGE,
		"--api: '8053' is not an address with a port such as 127.0.0.1:8053 or "
		"[::1]:8053"},
	{{"--api", "0.0.0.0:8053"}, EX_USAGE,
		"--api: 0.0.0.0:8053 is not a loopback address; 'access_keys = FILE' "
		"or 'api_without_keys = true' in the file allows it"},
	{{"--api", "[2001:db8::1]:8053"}, EX_USAGE,
		"--api: [2001:db8::1]:8053 is not a loopback address; 'access_keys = "
		"FILE' or 'api_without_keys = true' in the file allows it"},
	{{"--api", "127.0.0.1:53"}, EX_USAGE,
		"--api: 127.0.0.1:53 is an address of listen, too"},
	{{"--db", ""}, EX_USAGE, "--db: an empty path"},
	{{"--namespace", "a..b"}, EX_USAGE, "--namespace: 'a..b' is not a domain name"},
	{{"--namespace", "a", "--namespace=A."}, EX_USAGE,
		"--namespace: 'A.' is there already"},
	{{"--config", ""}, EX_USAGE, "--config: an empty path"},
	{{"--config", "/nonexistent/f"}, EX_NOINPUT,
		"/nonexistent/f: No such file or directory"},
	{{"--config", "/"}, EX_NOINPUT, "/: Is a directory"},
};

Test(args, malformed_are_refused_with_what_is_wrong)
{
	for (size_t i = 0; i < CMAP_COUNT(malformed); i++) {
		struct config *c = NULL;
		struct config_error e;
		int err = load(&c, &e, malformed[i].arg[0], malformed[i].arg[1],
			malformed[i].arg[2], malformed[i].arg[3], NULL);

		cr_assert_eq(err, CMAP_E_INVALID, "%s is taken", malformed[i].arg[0]);
		cr_expect_null(c);
		cr_expect_eq(e.status, malformed[i].status, "%s: %d",
			malformed[i].arg[0], e.status);
		cr_expect_str_eq(buf_text(&e.text), malformed[i].why, "%s",
			buf_text(&e.text));
		buf_free(&e.text);
	}
}

/* c and its error are freed. */
static enum config_action action_of(int err, struct config *c, struct config_error *e)
{
	enum config_action action = CONFIG_RUN;

	cr_expect_eq(err, CMAP_OK, "%s", buf_text(&e->text));
	if (err == CMAP_OK)
		action = c->action;
	config_free(c);
	buf_free(&e->text);
	return action;
}

Test(args, say_what_to_do)
{
	struct config *c = NULL;
	struct config_error e;
	int err;

	err = load(&c, &e, "--config=/dev/null", NULL);
	cr_expect_eq(action_of(err, c, &e), CONFIG_RUN);
	err = load(&c, &e, "--config=/dev/null", "--check-config", NULL);
	cr_expect_eq(action_of(err, c, &e), CONFIG_CHECK);
	err = load(&c, &e, "--check-config", "--dump-config", "--config=/dev/null",
		NULL);
	cr_expect_eq(action_of(err, c, &e), CONFIG_DUMP);
	err = load(&c, &e, "--help", "--version", "--dump-config", NULL);
	cr_expect_eq(action_of(err, c, &e), CONFIG_HELP);
}

Test(args, ask_for_help_and_version_without_a_file)
{
	struct config *c = NULL;
	struct config_error e;
	int err;

	err = load(&c, &e, "--config", "/nonexistent/f", "--help", NULL);
	cr_expect_eq(action_of(err, c, &e), CONFIG_HELP);
	err = load(&c, &e, "--version", "--config", "/", NULL);
	cr_expect_eq(action_of(err, c, &e), CONFIG_VERSION);
}

Test(args, win_over_defaults_and_are_read_again)
{
	for (int round = 0; round < 2; round++) {
		struct config *c = NULL;
		struct config_error e;
		char text[SOCK_ADDR_TEXT];
		int err = load(&c, &e, "--config", "/dev/null", "--listen",
			"127.0.0.2:5300", "--listen=::1", "--socket=/x/s", "--socket",
			"/y/s", "--api", "127.0.0.1:8053", "--db", "d", "--namespace",
			"local", NULL);

		cr_assert_eq(err, CMAP_OK, "%s", buf_text(&e.text));
		cr_assert_eq(c->listen.n, 2);
		sock_addr_format(&c->listen.at[0], text);
		cr_expect_str_eq(text, "127.0.0.2:5300");
		sock_addr_format(&c->listen.at[1], text);
		cr_expect_str_eq(text, "[::1]:53");
		cr_expect_str_eq(c->socket, "/y/s");
		cr_expect_eq(sock_addr_port(&c->api), 8053);
		cr_expect_str_eq(c->db, "d");
		cr_assert_eq(c->namespaces.n, 1);
		cr_expect_str_eq(c->namespaces.at[0], "local");
		cr_expect_str_eq(c->file, "/dev/null");
		config_free(c);
	}
}
