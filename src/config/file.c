/* SPDX-License-Identifier: MIT */
#include "config/file.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "config/scan.h"

#define COMPLAINT_MAX 512

/* libconfuse hands its callbacks no pointer of ours. */
static _Thread_local struct buf *complaint;

CMAP_PRINTF(2, 0)
static void complain(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[COMPLAINT_MAX];

	/* The first complaint is the cause, the others follow from it. */
	if (complaint->len)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	buf_printf(complaint, "%s:%d: %s", cfg->filename, cfg->line, text);
}

/* Called with each value, a list's too, while libconfuse stands on its line. */
static int value_check(cfg_t *cfg, cfg_opt_t *opt)
{
	const struct config_option *o = config_option_find(cfg_opt_name(opt));
	const char *text = cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);
	struct buf why = {0};
	int err = config_option_check(o, text, &why);

	if (err != CMAP_OK)
		cfg_error(cfg, "%s: %s", o->name, buf_text(&why));
	buf_free(&why);
	return err == CMAP_OK ? 0 : -1;
}

/* All options are strings to libconfuse: its numbers are octal and its defaults not ours. */
static cfg_t *reader_new(void)
{
	cfg_opt_t opts[CONFIG_OPTIONS + 1];
	char *initial[CONFIG_OPTIONS] = {0};

	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];

		initial[i] =
			!o->initial ? xstrdup("{}") : xasprintf("{\"%s\"}", o->initial);
		if (o->type->list)
			opts[i] =
				(cfg_opt_t)CFG_STR_LIST(o->name, initial[i], CFGF_NONE);
		else
			opts[i] = (cfg_opt_t)CFG_STR(o->name, o->initial, CFGF_NONE);
	}
	opts[CONFIG_OPTIONS] = (cfg_opt_t)CFG_END();

	cfg_t *cfg = cfg_init(opts, CFGF_NONE);

	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		free(initial[i]);
		if (cfg)
			cfg_set_validate_func(cfg, config_options[i].name, value_check);
	}
	return cfg;
}

static int reader_run(cfg_t *cfg, const char *name, char *text, size_t len)
{
	FILE *fp = fmemopen(text, len, "r");
	int err;

	cfg->filename = strdup(name); /* cfg_free() frees it */
	if (!fp || !cfg->filename) {
		if (fp)
			fclose(fp);
		return CMAP_E_LIBRARY;
	}
	cfg_set_error_function(cfg, complain);
	err = cfg_parse_fp(cfg, fp);
	fclose(fp);
	return err == CFG_SUCCESS ? CMAP_OK : CMAP_E_INVALID;
}

static void settings_take(struct settings *out, cfg_t *cfg, const char *name,
	const unsigned int line[CONFIG_OPTIONS])
{
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];

		if (!line[i])
			continue;

		char *where = xasprintf("%s:%u", name, line[i]);

		settings_mark(out, o, where);
		for (unsigned int k = 0; k < cfg_size(cfg, o->name); k++)
			settings_add(out, o, cfg_getnstr(cfg, o->name, k), where);
		free(where);
	}
}

int file_parse(const char *name, const char *text, size_t len, struct settings *out,
	struct buf *why)
{
	unsigned int line[CONFIG_OPTIONS], at;
	char *copy = xmemdup(text, len);
	struct buf what = {0};
	cfg_t *cfg = NULL;
	int err = scan_clean(copy, len, line, &at, &what);

	if (err != CMAP_OK) {
		buf_printf(why, "%s:%u: %s", name, at, buf_text(&what));
		goto done;
	}
	if (len == 0) /* fmemopen() may refuse it */
		goto done;
	cfg = reader_new();
	complaint = &what;
	err = cfg ? reader_run(cfg, name, copy, len) : CMAP_E_LIBRARY;
	complaint = NULL;
	if (err == CMAP_OK) {
		settings_take(out, cfg, name, line);
	} else if (what.len) {
		buf_add_text(why, buf_text(&what));
	} else {
		buf_printf(why, "%s: libconfuse cannot read it", name);
		err = CMAP_E_INVALID;
	}
done:
	if (cfg)
		cfg_free(cfg);
	buf_free(&what);
	free(copy);
	return err;
}

/* A file, or /dev/null; not a directory, at which flex would end the process. */
static int file_open(const char *path)
{
	struct stat st = {0};
	/* A FIFO would hold up the whole process at a SIGHUP. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode)))
		return fd;
	close(fd);
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	return -1;
}

int file_load(const char *path, struct settings *out, struct buf *why)
{
	struct buf text = {0};
	char chunk[8192];
	ssize_t n;
	int err = CMAP_OK;
	int fd = file_open(path);
	int saved = errno;

	if (fd < 0) {
		buf_printf(why, "%s: %s", path,
			saved == EINVAL ? "Not a file" : strerror(saved));
		errno = saved;
		return CMAP_E_SYSTEM;
	}
	while ((n = read(fd, chunk, sizeof(chunk))) > 0 && text.len <= FILE_MAX)
		buf_add(&text, chunk, (size_t)n);
	saved = errno;
	if (n < 0) {
		buf_printf(why, "%s: %s", path, strerror(saved));
		err = CMAP_E_SYSTEM;
	} else if (text.len > FILE_MAX) {
		buf_printf(why, "%s: longer than %d bytes", path, FILE_MAX);
		err = CMAP_E_INVALID;
	} else {
		err = file_parse(path, buf_text(&text), text.len, out, why);
	}
	close(fd);
	buf_free(&text);
	errno = saved;
	return err;
}
