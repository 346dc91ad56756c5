/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/error.h"
#include "config.h"
#include "config/config.h"
#include "daemon/daemon.h"

/* Writes text to stdout; a full disk or a closed pipe is an error like any other. */
static int print(struct buf *text)
{
	bool ok = fputs(buf_text(text), stdout) >= 0 && fflush(stdout) == 0;

	buf_free(text);
	if (!ok)
		perror("cmapd: stdout");
	return ok ? EX_OK : EX_IOERR;
}

int main(int argc, char **argv)
{
	struct config_error error = {.status = EX_OK};
	struct config *config = NULL;
	struct buf text = {.data = NULL};
	int status = EX_OK;

	if (config_load(argc, argv, &config, &error) != CMAP_OK) {
		fprintf(stderr, "cmapd: %s\n", buf_text(&error.text));
		buf_free(&error.text);
		return error.status;
	}
	switch (config->action) {
	case CONFIG_CHECK:
		if (daemon_check_files(config, &text) != CMAP_OK) {
			fprintf(stderr, "cmapd: %s\n", buf_text(&text));
			buf_free(&text);
			status = EX_CONFIG;
		}
		break;
	case CONFIG_DUMP:
		config_dump(config, &text);
		status = print(&text);
		break;
	case CONFIG_VERSION:
		buf_add_text(&text, "cmapd " PACKAGE_VERSION "\n");
		status = print(&text);
		break;
	case CONFIG_HELP:
		config_usage(&text);
		status = print(&text);
		break;
	case CONFIG_RUN:
		return daemon_run(config, argc, argv);
	}
	config_free(config);
	return status;
}
