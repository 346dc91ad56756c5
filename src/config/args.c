/* SPDX-License-Identifier: MIT */
#include "config/args.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

#define FLAGS 4

static const struct {
	const char *name;
	enum config_action action;
} flags[FLAGS] = {{"check-config", CONFIG_CHECK}, {"dump-config", CONFIG_DUMP},
	{"version", CONFIG_VERSION}, {"help", CONFIG_HELP}};

/* What getopt_long() returns for the flag or the option i of its table. */
#define VALUE_FLAG   256
#define VALUE_OPTION 512
#define VALUE_CONFIG 1024

static void long_options(struct option all[CONFIG_OPTIONS + FLAGS + 2])
{
	struct option *next = all;

	for (size_t i = 0; i < FLAGS; i++)
		*next++ = (struct option){
			flags[i].name, no_argument, NULL, VALUE_FLAG + (int)i};
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		if (config_options[i].arg)
			*next++ = (struct option){config_options[i].name,
				required_argument, NULL, VALUE_OPTION + (int)i};
	}
	*next++ = (struct option){"config", required_argument, NULL, VALUE_CONFIG};
	*next = (struct option){0};
}

static int option_take(struct args *out, const struct config_option *o,
	const char *text, struct buf *why)
{
	char *where = xasprintf("--%s", o->name);
	struct buf what = {0};
	int err = config_option_check(o, text, &what);

	if (err == CMAP_OK)
		settings_add(&out->settings, o, text, where);
	else
		buf_printf(why, "%s: %s", where, buf_text(&what));
	buf_free(&what);
	free(where);
	return err;
}

/* --help wins over --version, --version over all else. */
static void action_take(struct args *out, enum config_action action)
{
	if (action > out->action)
		out->action = action;
}

/* What getopt_long() did not take: it says '?' to all but a missing value. */
static void option_refuse(const char *arg, struct buf *why)
{
	if (optopt >= VALUE_FLAG)
		buf_printf(why, "%.*s takes no value", (int)strcspn(arg, "="), arg);
	else if (optopt)
		buf_printf(why, "unknown option '-%c'", optopt);
	else
		buf_printf(why, "unknown option '%.*s'", (int)strcspn(arg, "="), arg);
}

int args_parse(int argc, char *const *argv, struct args *out, struct buf *why)
{
	struct option all[CONFIG_OPTIONS + FLAGS + 2];
	int value;

	long_options(all);
	*out = (struct args){0};
	optind = 0; /* GNU: start anew, we may have been here before */
	opterr = 0;
	/* '+': argv is not sorted; ':': tell a missing value from an unknown option. */
	while ((value = getopt_long(argc, argv, "+:", all, NULL)) != -1) {
		int err = CMAP_OK;

		if (value == ':') {
			buf_printf(why, "%s needs a value", argv[optind - 1]);
			err = CMAP_E_INVALID;
		} else if (value == '?') {
			option_refuse(argv[optind - 1], why);
			err = CMAP_E_INVALID;
		} else if (value >= VALUE_CONFIG) {
			out->file = optarg;
		} else if (value >= VALUE_OPTION) {
			err = option_take(out, &config_options[value - VALUE_OPTION],
				optarg, why);
		} else {
			action_take(out, flags[value - VALUE_FLAG].action);
		}
		if (err != CMAP_OK)
			return err;
	}
	if (optind < argc) {
		buf_printf(why, "unexpected argument '%s'", argv[optind]);
		return CMAP_E_INVALID;
	}
	return CMAP_OK;
}
