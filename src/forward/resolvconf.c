/* SPDX-License-Identifier: MIT */
#include "forward/resolvconf.h"

#include <ares.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

enum { DNS_PORT = 53 };

static struct sock_addr address_of(const struct ares_addr_port_node *node)
{
	uint16_t port =
		htons((uint16_t)(node->udp_port != 0 ? node->udp_port : DNS_PORT));
	struct sock_addr a = {.len = sizeof(a.in)};

	if (node->family == AF_INET) {
		a.in.sin_family = AF_INET;
		a.in.sin_port = port;
		a.in.sin_addr = node->addr.addr4;
		return a;
	}
	a.len = sizeof(a.in6);
	a.in6.sin6_family = AF_INET6;
	a.in6.sin6_port = port;
	memcpy(&a.in6.sin6_addr, &node->addr.addr6, sizeof(a.in6.sin6_addr));
	return a;
}

int resolvconf_read(const char *path, struct sock_addr *out, size_t max, size_t *n)
{
	char *copy = xstrdup(path);
	struct ares_options options = {.resolvconf_path = copy};
	struct ares_addr_port_node *nodes = NULL;
	ares_channel channel;
	int status = ares_init_options(&channel, &options, ARES_OPT_RESOLVCONF);
	size_t count = 0;

	free(copy);
	if (status == ARES_SUCCESS) {
		status = ares_get_servers_ports(channel, &nodes);
		for (const struct ares_addr_port_node *i = nodes;
			i != NULL && count < max; i = i->next)
			out[count++] = address_of(i);
		ares_free_data(nodes);
		ares_destroy(channel);
	}
	if (status != ARES_SUCCESS) {
		log_error("'%s': c-ares: %s", path, ares_strerror(status));
		return CMAP_E_LIBRARY;
	}
	*n = count;
	return CMAP_OK;
}
