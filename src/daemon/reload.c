/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sysexits.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/private.h"

int daemon_zone_options(struct daemon *d, const struct config *c,
	struct zone_options *out)
{
	out->statics = daemon_read_statics;
	out->statics_arg = d;
	out->negative_ttl = c->negative_ttl;
	out->answers = (uint16_t)c->answers;
	out->fair = c->fair_answers;
	return dname_from_text(c->nameserver, &out->nameserver);
}

struct tcp_options daemon_tcp_options(const struct config *c)
{
	return (struct tcp_options){
		.max_connections = c->tcp_connections, .idle_ms = c->tcp_idle_ms};
}

static bool has_address(const struct config_addresses *list, const struct sock_addr *a)
{
	for (size_t i = 0; i < list->n; i++)
		if (sock_addr_equal(&list->at[i], a))
			return true;
	return false;
}

/* Binds the addresses that are new; if one fails, those bound before it are let go again. */
static bool bind_new(struct daemon *d, const struct config_addresses *old,
	const struct config_addresses *new)
{
	struct buf err = {.data = NULL};

	for (size_t i = 0; i < new->n; i++) {
		if (has_address(old, &new->at[i]))
			continue;
		if (server_listen(d->server, &new->at[i], &err) == CMAP_OK)
			continue;
		log_error("reload refused: %s", buf_text(&err));
		buf_free(&err);
		while (i-- > 0)
			if (!has_address(old, &new->at[i]))
				server_unlisten(d->server, &new->at[i]);
		return false;
	}
	return true;
}

static void serve_new(struct daemon *d, const struct config_addresses *old,
	const struct config_addresses *new)
{
	struct buf err = {.data = NULL};

	if (server_serve(d->server, &err) != CMAP_OK)
		log_error("%s", buf_text(&err));
	buf_free(&err);
	for (size_t i = 0; i < old->n; i++)
		if (!has_address(new, &old->at[i]))
			server_unlisten(d->server, &old->at[i]);
}

/* Says of each option that has changed and cannot change now that it waits for a restart. */
static void warn_of_rest(const struct config *old, const struct config *new)
{
	const struct {
		const char *name;
		bool differs;
	} rest[] = {
		{"socket", strcmp(old->socket, new->socket) != 0},
		{"socket_mode", old->socket_mode != new->socket_mode},
		{"api", old->api.len != new->api.len ||
				(old->api.len != 0 &&
					!sock_addr_equal(&old->api, &new->api))},
		{"db", strcmp(old->db, new->db) != 0},
		{"udp_size", old->udp_size != new->udp_size},
		{"udp_threads", old->udp_threads != new->udp_threads},
		{"http_connections", old->http_connections != new->http_connections},
		{"http_deadline", old->http_deadline_ms != new->http_deadline_ms},
		{"account", strcmp(old->account, new->account) != 0},
		{"region", strcmp(old->region, new->region) != 0},
		{"operations", old->operations != new->operations},
		{"max_instances", old->max_instances != new->max_instances},
		{"health_delay", old->health_delay_ms != new->health_delay_ms},
	};

	for (size_t i = 0; i < CMAP_COUNT(rest); i++)
		if (rest[i].differs)
			log_warning("'%s' has changed; it takes effect at the next "
				    "start",
				rest[i].name);
}

static void namespaces_there(struct daemon *d)
{
	daemon_tell_unread_zones(d);
	log_info("reloaded");
	notify_manager("READY=1");
}

/* new takes the place of the configuration in force. */
static void take_over(struct daemon *d, struct config *new,
	const struct settings *settings, struct zone_files *zones)
{
	struct config *old = d->config;
	struct tcp_options tcp = daemon_tcp_options(new);
	struct zone_options zone;

	log_set_level(new->log_level);
	server_set_tcp_options(d->server, &tcp);
	server_set_settings(d->server, settings);
	daemon_set_zones(d, zones);
	if (daemon_zone_options(d, new, &zone) == CMAP_OK)
		zone_set_options(d->zone, &zone);
	zone_publish(d->zone, registry_model(d->registry)->revision);
	warn_of_rest(d->start_config, new);
	d->config = new;
	if (old != d->start_config)
		config_free(old);
	daemon_list_listeners(d);
	daemon_create_namespaces(d, new, namespaces_there);
}

/* Reads all that new leads to. CMAP_OK, or a line in *err. */
static int prepare(struct daemon *d, const struct config *new,
	struct settings *settings, struct zone_files **zones, struct buf *err)
{
	int rc = daemon_settings(d, new, settings, err);

	return rc == CMAP_OK ? daemon_read_zones(d, new, zones, err) : rc;
}

void daemon_reload(struct daemon *d)
{
	struct config_error error = {.status = EX_OK};
	struct buf err = {.data = NULL};
	struct settings settings;
	struct zone_files *zones = NULL;
	struct config *new = NULL;

	if (!d->is_ready || d->n_creating > 0) {
		log_warning("reload refused: the last start or reload has not ended");
		return;
	}
	notify_manager("RELOADING=1");
	if (config_load(d->argc, d->argv, &new, &error) != CMAP_OK) {
		log_error("reload refused: %s", buf_text(&error.text));
		buf_free(&error.text);
		notify_manager("READY=1");
		return;
	}
	if (prepare(d, new, &settings, &zones, &err) != CMAP_OK) {
		log_error("reload refused: %s", buf_text(&err));
		buf_free(&err);
		config_free(new);
		notify_manager("READY=1");
		return;
	}
	if (!bind_new(d, &d->config->listen, &new->listen)) {
		daemon_free_zones(zones);
		config_free(new);
		notify_manager("READY=1");
		return;
	}
	serve_new(d, &d->config->listen, &new->listen);
	take_over(d, new, &settings, zones);
}
