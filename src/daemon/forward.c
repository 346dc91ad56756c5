/* SPDX-License-Identifier: MIT */
/* From the configuration to who resolves names outside our zones. */
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/private.h"
#include "forward/resolvconf.h"

#define RESOLV_CONF "/etc/resolv.conf"

enum { LOOK_MS = 5000, MIB = 1 << 20 };

_Static_assert(CONFIG_NETWORKS_MAX <= SETTINGS_PREFIXES_MAX,
	"a list fits the settings");
_Static_assert(CONFIG_UPSTREAMS_MAX <= UPSTREAMS_MAX, "a list fits the forwarder");

/* Whether queries to a would come to us: a query to ourselves goes round in circles. */
static bool is_us(const struct config *c, const struct sock_addr *a)
{
	for (size_t i = 0; i < c->listen.n; i++) {
		const struct sock_addr *l = &c->listen.at[i];

		if (sock_addr_equal(l, a) ||
			(sock_addr_is_wildcard(l) &&
				l->any.sa_family == a->any.sa_family &&
				sock_addr_port(l) == sock_addr_port(a) &&
				daemon_has_address(a)))
			return true;
	}
	return false;
}

static void add_upstream(const struct config *c, const struct sock_addr *a,
	struct forward_options *out)
{
	char text[SOCK_ADDR_TEXT];

	if (c->forward.is_auto && is_us(c, a))
		return;
	sock_addr_format(a, text);
	log_debug("forward: to %s", text);
	out->upstream[out->n_upstreams++] = *a;
}

static void add_resolv_conf(const struct config *c, struct forward_options *out)
{
	struct sock_addr found[UPSTREAMS_MAX];
	size_t n = 0;

	if (resolvconf_read(RESOLV_CONF, found, UPSTREAMS_MAX, &n) != CMAP_OK)
		return;
	for (size_t i = 0; i < n; i++)
		add_upstream(c, &found[i], out);
	if (out->n_upstreams == 0)
		log_warning("forward: '" RESOLV_CONF
			    "' names no server but this one; names outside our zones "
			    "are refused");
}

static void read_options(const struct config *c, struct forward_options *out)
{
	memset(out, 0, sizeof(*out));
	out->queries = c->forward_queries;
	out->cache_octets = (size_t)c->forward_cache * MIB;
	out->timeout_ms = c->forward_timeout_ms;
	out->is_0x20 = c->forward_0x20;
	out->stale_ms = c->forward_stale_ms;
	if (c->forward.is_auto)
		add_resolv_conf(c, out);
	for (size_t i = 0; i < c->forward.list.n; i++)
		add_upstream(c, &c->forward.list.at[i], out);
}

int daemon_set_forward(struct daemon *d, const struct config *c)
{
	struct forward_options options;

	read_options(c, &options);
	if (memcmp(&options, &d->forward_options, sizeof(options)) == 0)
		return CMAP_OK;
	d->forward_options = options;
	return server_set_forward(d->server, &options);
}

static bool has_changed(const struct stat *a, const struct stat *b)
{
	return a->st_ino != b->st_ino || a->st_size != b->st_size ||
	       a->st_mtim.tv_sec != b->st_mtim.tv_sec ||
	       a->st_mtim.tv_nsec != b->st_mtim.tv_nsec;
}

/* Whatever runs the host's network may write another resolv.conf. */
static void look_again(struct timer *t, int64_t now_ms)
{
	struct daemon *d = CONTAINER_OF(t, struct daemon, forward_timer);
	struct buf err = {.data = NULL};
	struct settings settings;
	struct stat now = {0};

	loop_timer_set(&d->loop, t, now_ms + LOOK_MS);
	(void)stat(RESOLV_CONF, &now);
	if (!has_changed(&now, &d->resolv_conf))
		return;
	d->resolv_conf = now;
	if (!d->config->forward.is_auto)
		return;
	if (daemon_set_forward(d, d->config) != CMAP_OK)
		log_error("forward: cannot start a thread");
	else if (daemon_settings(d, d->config, &settings, &err) == CMAP_OK)
		server_set_settings(d->server, &settings);
	buf_free(&err);
}

void daemon_watch_forward(struct daemon *d)
{
	(void)stat(RESOLV_CONF, &d->resolv_conf);
	d->forward_timer.fire = look_again;
	loop_timer_set(&d->loop, &d->forward_timer, loop_now_ms(&d->loop) + LOOK_MS);
}

void daemon_raise_file_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}
