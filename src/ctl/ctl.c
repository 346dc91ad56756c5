/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ctl/ctl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/buf.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/help.h"

#define DEFAULT_SOCKET RUNSTATEDIR "/cmap/cmap.sock"

void ctl_add_printable(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text >= ' ' && *text <= '~')
			buf_add(b, text, 1);
		else
			buf_printf(b, "\\x%02X", (unsigned char)*text);
	}
}

CMAP_PRINTF(2, 0) static void say(const struct ctl *c, const char *fmt, va_list ap)
{
	char text[2048];
	struct buf line = {0};

	vsnprintf(text, sizeof(text), fmt, ap);
	buf_add_text(&line, "cmapctl: ");
	ctl_add_printable(&line, text);
	buf_add_text(&line, "\n");
	fputs(buf_text(&line), c->err);
	buf_free(&line);
}

int ctl_fail(const struct ctl *c, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, fmt, ap);
	va_end(ap);
	return status;
}

void ctl_warn(const struct ctl *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, fmt, ap);
	va_end(ap);
}

void ctl_print_json(const struct ctl *c, const json_t *value)
{
	/*
	 * 15 digits give back every decimal that was sent, such as the dates
	 * 1516925490.087.
	 */
	json_dumpf(value, c->out, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	fputc('\n', c->out);
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* Options go before the environment, and CMAP_API before CMAP_SOCKET. */
static int choose_door(struct ctl *c, const struct args *a)
{
	const char *socket_path = args_value(a, "socket");
	const char *api_url = args_value(a, "api");

	if (socket_path != NULL && api_url != NULL)
		return ctl_fail(c, CTL_USAGE,
			"options '--socket' and '--api' exclude each other");
	if (socket_path == NULL && api_url == NULL) {
		api_url = environment("CMAP_API");
		socket_path = environment("CMAP_SOCKET");
	}
	if (api_url != NULL) {
		const char *host = strstr(api_url, "://");

		if ((strncmp(api_url, "http://", 7) != 0 &&
			    strncmp(api_url, "https://", 8) != 0) ||
			host[3] == '\0')
			return ctl_fail(c, CTL_USAGE,
				"'%s' is not a URL of the API; write it as "
				"http://ADDR:PORT",
				api_url);
		c->api_url = api_url;
		return CTL_OK;
	}
	c->socket_path = socket_path != NULL ? socket_path : DEFAULT_SOCKET;
	if (strlen(c->socket_path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return ctl_fail(c, CTL_USAGE,
			"socket path '%s' is longer than %zu bytes", c->socket_path,
			sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	if (c->socket_path[0] == '\0')
		return ctl_fail(c, CTL_USAGE, "option '--socket' has an empty path");
	return CTL_OK;
}

static int run(struct ctl *c, const struct args *a)
{
	int status;

	c->json = args_has(a, "json");
	if (args_has(a, "help")) {
		help_print(c->out, a);
		return CTL_OK;
	}
	if (args_has(a, "version")) {
		fprintf(c->out, "cmapctl %s\n", PACKAGE_VERSION);
		return CTL_OK;
	}
	status = args_check(c, a);
	if (status != CTL_OK)
		return status;
	status = choose_door(c, a);
	if (status != CTL_OK)
		return status;
	return a->command->run(c, a);
}

int ctl_main(int argc, char **argv, FILE *out, FILE *err)
{
	struct ctl c = {.out = out, .err = err};
	struct args a;
	int status = args_parse(&c, argc, argv, &a);

	if (status == CTL_OK)
		status = run(&c, &a);
	client_free(c.client);
	args_free(&a);
	/* A result that did not arrive (full disk) must not pass for success. */
	errno = 0;
	if ((fflush(out) != 0 || ferror(out)) && status == CTL_OK)
		status = ctl_fail(&c, CTL_NO, "cannot write the result: %s",
			errno != 0 ? strerror(errno) : "output error");
	return status;
}
