/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/error.h"
#include "base/mem.h"
#include "config/args.h"
#include "config/file.h"
#include "config/option.h"

#define ERROR_TEXT_MAX 400 /* bytes of what is quoted from outside may be many more */

static int refuse(struct config_error *error, int status, const char *text)
{
	error->status = status;
	error->text = (struct buf){0};
	for (size_t i = 0; text[i]; i++) {
		if (i == ERROR_TEXT_MAX) {
			buf_add_text(&error->text, "...");
			break;
		}
		if (text[i] < ' ' ||
			text[i] == 0x7F) /* char is signed: 0x80 and up, too */
			buf_printf(&error->text, "\\x%02X", (unsigned char)text[i]);
		else
			buf_add(&error->text, &text[i], 1);
	}
	return CMAP_E_INVALID;
}

/* The file that args name, or the usual one if it is there, to from_file; its name to *name. */
static int file_take(const struct args *args, struct settings *from_file, char **name,
	struct config_error *error)
{
	const char *path = args->file ? args->file : CONFIG_FILE;
	struct buf why = {0};
	int err;

	if (args->action == CONFIG_HELP || args->action == CONFIG_VERSION)
		return CMAP_OK;
	if (!*path)
		return refuse(error, EX_USAGE, "--config: an empty path");
	err = file_load(path, from_file, &why);
	if (err == CMAP_OK)
		*name = xstrdup(path);
	else if (err == CMAP_E_SYSTEM && !args->file &&
		 (errno == ENOENT || errno == ENOTDIR))
		err = CMAP_OK;
	else
		err = refuse(error, err == CMAP_E_SYSTEM ? EX_NOINPUT : EX_CONFIG,
			buf_text(&why));
	buf_free(&why);
	return err;
}

/* Where o comes from: the command line, else the file, else NULL for its default. */
static const struct setting *source(const struct config_option *o,
	struct settings *from_args, struct settings *from_file)
{
	struct setting *a = settings_of(from_args, o);
	struct setting *f = settings_of(from_file, o);

	return a->where ? a : f->where ? f : NULL;
}

static int complain(const struct setting *from, const char *name, const char *what,
	struct config_error *error)
{
	bool option = strncmp(from->where, "--", 2) == 0;
	char *text = option ? xasprintf("%s: %s", from->where, what)
			    : xasprintf("%s: %s: %s", from->where, name, what);
	int err = refuse(error, option ? EX_USAGE : EX_CONFIG, text);

	free(text);
	return err;
}

static int option_set(struct config *c, const struct config_option *o,
	const struct setting *from, struct config_error *error)
{
	void *member = (char *)c + o->offset;
	struct buf why = {0};
	int err = CMAP_OK;

	for (size_t i = 0; from && err == CMAP_OK && i < from->n; i++)
		err = o->type->parse(o, from->text[i], member, &why);
	if (!from && o->initial)
		err = o->type->parse(o, o->initial, member, &why);
	if (err != CMAP_OK)
		err = complain(from, o->name, buf_text(&why), error);
	buf_free(&why);
	return err;
}

/* Whoever reaches the API may change everything, so strangers need a key, or leave of the operator. */
static int api_check(const struct config *c, const struct setting *api,
	struct config_error *error)
{
	char address[SOCK_ADDR_TEXT];
	char *text;
	int err;

	if (sock_addr_is_loopback(&c->api) || c->access_keys[0] != '\0' ||
		c->api_without_keys)
		return CMAP_OK;
	sock_addr_format(&c->api, address);
	text = xasprintf("%s is not a loopback address; 'access_keys = FILE' or "
			 "'api_without_keys = true' in the file allows it",
		address);
	err = complain(api, "api", text, error);
	free(text);
	return err;
}

/* What no option can tell by itself. */
static int whole_check(const struct config *c, struct settings *from_args,
	struct settings *from_file, struct config_error *error)
{
	const struct setting *listen =
		source(config_option_find("listen"), from_args, from_file);
	const struct setting *api =
		source(config_option_find("api"), from_args, from_file);
	const struct setting *api_name =
		source(config_option_find("api_name"), from_args, from_file);
	char address[SOCK_ADDR_TEXT];
	char *text;
	int err;

	if (c->listen.n == 0)
		return complain(listen, "listen", "no address to listen on", error);
	if (c->api.len == 0 && c->api_name[0] != '\0')
		return complain(api_name, "api_name",
			"there is no address to give for it; set api, too", error);
	if (c->api.len == 0)
		return CMAP_OK;
	sock_addr_format(&c->api, address);
	for (size_t i = 0; i < c->listen.n; i++) {
		if (sock_addr_port(&c->api) &&
			sock_addr_equal(&c->api, &c->listen.at[i])) {
			text = xasprintf("%s is an address of listen, too", address);
			err = complain(api, "api", text, error);
			free(text);
			return err;
		}
	}
	return api_check(c, api, error);
}

static int config_build(struct config *c, struct settings *from_args,
	struct settings *from_file, struct config_error *error)
{
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];
		int err = option_set(c, o, source(o, from_args, from_file), error);

		if (err != CMAP_OK)
			return err;
	}
	return whole_check(c, from_args, from_file, error);
}

int config_load(int argc, char *const *argv, struct config **out,
	struct config_error *error)
{
	struct args args;
	struct settings from_file = {0};
	struct buf why = {0};
	struct config *c = xcalloc(1, sizeof(*c));
	int err = args_parse(argc, argv, &args, &why);

	c->action = args.action;
	if (err != CMAP_OK)
		err = refuse(error, EX_USAGE, buf_text(&why));
	else
		err = file_take(&args, &from_file, &c->file, error);
	if (err == CMAP_OK)
		err = config_build(c, &args.settings, &from_file, error);
	if (err == CMAP_OK)
		*out = c;
	else
		config_free(c);
	buf_free(&why);
	settings_free(&from_file);
	settings_free(&args.settings);
	return err;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];

		if (o->type->release)
			o->type->release((char *)c + o->offset);
	}
	free(c->file);
	free(c);
}

void config_dump(const struct config *c, struct buf *out)
{
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];

		buf_printf(out, "%s = ", o->name);
		o->type->format((const char *)c + o->offset, out);
		buf_add_text(out, "\n");
	}
}

static void usage_line(struct buf *out, const char *name, const char *arg,
	const char *what)
{
	char *left = xasprintf("--%s%s%s", name, *arg ? " " : "", arg);

	buf_printf(out, "  %-20s %s\n", left, what);
	free(left);
}

void config_usage(struct buf *out)
{
	buf_add_text(out, "Usage: cmapd [OPTION]...\n"
			  "A DNS server whose zones are a service registry.\n\n");
	usage_line(out, "config", "FILE", "read FILE in place of " CONFIG_FILE);
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];

		if (o->arg)
			usage_line(out, o->name, o->arg, o->what);
	}
	usage_line(out, "check-config", "",
		"check the command line and the file, then stop");
	usage_line(out, "dump-config", "",
		"write what is in effect as a file, then stop");
	usage_line(out, "version", "", "write the version, then stop");
	usage_line(out, "help", "", "write this, then stop");
	buf_add_text(out, "\nMore in cmapd(8) and cmapd.conf(5).\n");
}
