/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/private.h"

_Static_assert(ZONE_REVERSE_MAX >= CONFIG_NETWORKS_MAX, "zone takes all networks");

static bool browses(void *arg, const struct namespace *ns)
{
	const struct daemon *d = arg;
	const struct config_names *list = &d->config->browse;
	struct dname name, other;

	if (dname_from_plain(ns->name, &name) != CMAP_OK)
		return false;
	for (size_t i = 0; i < list->n; i++)
		if (dname_from_plain(list->at[i], &other) == CMAP_OK &&
			dname_equal(&name, &other))
			return true;
	return false;
}

int daemon_zone_options(struct daemon *d, const struct config *c,
	struct zone_options *out)
{
	out->statics = daemon_read_statics;
	out->arg = d;
	out->views = c->views.n > 0 ? daemon_namespace_views : NULL;
	out->n_reverse = (uint32_t)config_networks(&c->reverse, out->reverse);
	out->browses = c->browse.n > 0 ? browses : NULL;
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
	daemon_tell_unseen_namespaces(d);
	daemon_tell_unbrowsed_names(d);
	log_info("reloaded");
	notify_manager("READY=1");
}

/* All that a new configuration leads to, read and not yet in force. */
struct change {
	struct config *config;
	struct settings settings;
	struct access_keys *keys;
	struct zone_files *zones;
};

/* It takes the place of the configuration in force. */
static void take_over(struct daemon *d, const struct change *new)
{
	struct config *old = d->config;
	struct tcp_options tcp = daemon_tcp_options(new->config);
	struct zone_options zone;

	d->config = new->config;
	log_set_level(new->config->log_level);
	server_set_tcp_options(d->server, &tcp);
	if (daemon_set_forward(d, new->config) != CMAP_OK)
		log_error("forward: cannot start a thread: %s", strerror(errno));
	server_set_settings(d->server, &new->settings);
	probe_set_stale(d->probe, new->config->forward_stale_ms);
	daemon_take_keys(d, new->keys);
	daemon_set_zones(d, new->zones);
	if (daemon_zone_options(d, new->config, &zone) == CMAP_OK)
		zone_set_options(d->zone, &zone);
	zone_publish(d->zone, registry_model(d->registry)->revision);
	warn_of_rest(d->start_config, new->config);
	if (old != d->start_config)
		config_free(old);
	daemon_list_listeners(d);
	daemon_look_at_own_names(d);
	daemon_create_namespaces(d, new->config, namespaces_there);
}

/* The API stays where it listens since the start: what the new file says of its address is not enough. */
static int check_api(const struct daemon *d, const struct change *new, struct buf *err)
{
	const struct sock_addr *api = &d->start_config->api;

	if (api->len == 0 || sock_addr_is_loopback(api) || new->keys != NULL ||
		new->config->api_without_keys)
		return CMAP_OK;
	buf_add_text(err, "access_keys is gone, and the API listens on an address that "
			  "is not a loopback address until the next start");
	return CMAP_E_INVALID;
}

/* Reads all that new->config leads to. CMAP_OK, or a line in *err. */
static int prepare(struct daemon *d, struct change *new, struct buf *err)
{
	int rc = daemon_settings(d, new->config, &new->settings, err);

	if (rc == CMAP_OK)
		rc = daemon_access_keys(new->config, &new->keys, err);
	if (rc == CMAP_OK)
		rc = check_api(d, new, err);
	return rc == CMAP_OK ? daemon_read_zones(d, new->config, &new->zones, err) : rc;
}

/* Nothing has changed; *why is freed, and told if it holds anything. */
static void refuse(struct change *new, struct buf *why)
{
	if (why->len > 0)
		log_error("reload refused: %s", buf_text(why));
	buf_free(why);
	access_keys_free(new->keys);
	daemon_free_zones(new->zones);
	config_free(new->config);
	notify_manager("READY=1");
}

void daemon_reload(struct daemon *d)
{
	struct config_error error = {.status = EX_OK};
	struct change new = {.config = NULL};
	struct buf err = {.data = NULL};

	if (!d->is_ready || d->n_creating > 0) {
		log_warning("reload refused: the last start or reload has not ended");
		return;
	}
	notify_manager("RELOADING=1");
	if (config_load(d->argc, d->argv, &new.config, &error) != CMAP_OK) {
		refuse(&new, &error.text);
		return;
	}
	if (prepare(d, &new, &err) != CMAP_OK ||
		!bind_new(d, &d->config->listen, &new.config->listen)) {
		refuse(&new, &err);
		return;
	}
	serve_new(d, &d->config->listen, &new.config->listen);
	take_over(d, &new);
}
