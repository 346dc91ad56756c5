/* SPDX-License-Identifier: MIT */
/* Any octets as a config file: settings that dump and read back to the same, or one refusal. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "config/file.h"
#include "config/option.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that s has set, as a file. */
static void write_settings(const struct settings *s, struct buf *out)
{
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		const struct config_option *o = &config_options[i];
		const struct setting *set = &s->of[i];

		if (!set->where)
			continue;
		buf_printf(out, "%s = %s", o->name, o->type->list ? "{" : "");
		for (size_t k = 0; k < set->n; k++) {
			buf_add_text(out, k ? ", " : "");
			config_quote(set->text[k], out);
		}
		buf_add_text(out, o->type->list ? "}\n" : "\n");
	}
}

static void expect(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings first = {0}, second = {0};
	struct buf why = {0}, text = {0}, again = {0};

	if (file_parse("f", (const char *)data, size, &first, &why) == CMAP_OK) {
		expect(why.len == 0);
		write_settings(&first, &text);
		expect(file_parse("f", buf_text(&text), text.len, &second, &why) ==
			CMAP_OK);
		write_settings(&second, &again);
		expect(strcmp(buf_text(&text), buf_text(&again)) == 0);
	} else {
		expect(why.len > 0);
	}
	settings_free(&first);
	settings_free(&second);
	buf_free(&why);
	buf_free(&text);
	buf_free(&again);
	return 0;
}
