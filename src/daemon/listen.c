/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/private.h"

enum { API_BACKLOG = 511 };

static int bind_socket(struct daemon *d)
{
	const char *path = d->config->socket;
	int err = sock_listen_unix(path, d->config->socket_mode, &d->socket_fd);

	if (err == CMAP_OK)
		return EX_OK;
	d->socket_fd = -1;
	if (err == CMAP_E_EXISTS)
		log_error("cannot listen on '%s': another process does, or it is no "
			  "socket",
			path);
	else
		log_error("cannot listen on '%s': %s", path,
			err == CMAP_E_SYSTEM ? strerror(errno)
					     : "the path is too long");
	return EX_CANTCREAT;
}

static int bind_api(struct daemon *d)
{
	char text[SOCK_ADDR_TEXT];

	if (d->config->api.len == 0)
		return EX_OK;
	d->api_addr = d->config->api;
	sock_addr_format(&d->api_addr, text);
	if (sock_listen_tcp(&d->api_addr, API_BACKLOG, &d->api_fd) != CMAP_OK) {
		d->api_fd = -1;
		log_error("cannot listen on %s: %s", text, strerror(errno));
		return EX_UNAVAILABLE;
	}
	if (getsockname(d->api_fd, &d->api_addr.any, &d->api_addr.len) != 0)
		log_debug("getsockname: %s", strerror(errno));
	return EX_OK;
}

int daemon_bind(struct daemon *d)
{
	struct buf err = {.data = NULL};
	int status = EX_OK;

	for (size_t i = 0; i < d->config->listen.n; i++) {
		if (server_listen(d->server, &d->config->listen.at[i], &err) == CMAP_OK)
			continue;
		log_error("%s", buf_text(&err));
		buf_free(&err);
		return EX_UNAVAILABLE;
	}
	status = bind_socket(d);
	return status == EX_OK ? bind_api(d) : status;
}

void daemon_list_listeners(struct daemon *d)
{
	const struct sock_addr *a;
	char text[SOCK_ADDR_TEXT];
	unsigned int n = 0;

	for (unsigned int i = 0; d->listeners[i] != NULL; i++) {
		free(d->listeners[i]);
		d->listeners[i] = NULL;
	}
	for (unsigned int i = 0; (a = server_address(d->server, i)) != NULL; i++) {
		if (n + 4 > DAEMON_LISTENERS_MAX)
			break;
		sock_addr_format(a, text);
		d->listeners[n++] = xasprintf("udp %s", text);
		d->listeners[n++] = xasprintf("tcp %s", text);
	}
	d->listeners[n++] = xasprintf("unix %s", d->start_config->socket);
	if (d->start_config->api.len != 0) {
		sock_addr_format(&d->api_addr, text);
		d->listeners[n++] = xasprintf("http %s", text);
	}
}

int daemon_serve(struct daemon *d)
{
	struct buf err = {.data = NULL};

	if (server_serve(d->server, &err) != CMAP_OK) {
		log_error("%s", buf_text(&err));
		buf_free(&err);
		return EX_OSERR;
	}
	if (api_listen(d->api, d->socket_fd) != CMAP_OK ||
		(d->api_fd >= 0 && api_listen(d->api, d->api_fd) != CMAP_OK)) {
		log_error("the registration sockets cannot be watched: %s",
			strerror(errno));
		return EX_OSERR;
	}
	d->socket_fd = d->api_fd = -1;
	daemon_list_listeners(d);
	for (unsigned int i = 0; d->listeners[i] != NULL; i++)
		log_info("listening on %s", d->listeners[i]);
	return EX_OK;
}
