/* SPDX-License-Identifier: MIT */
#include "daemon/daemon.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "config.h"
#include "daemon/private.h"
#include "store/store_sqlite.h"

enum { STOP_PATIENCE_MS = 5000, STOP_STEP_MS = 20, STOP_LAST_STEPS = 3 };

/* ---- stopping ---------------------------------------------------------------------------------- */

/* Requests under way get their answers, for a while; queries are answered meanwhile. */
static void stop(struct daemon *d)
{
	int64_t until_ms = loop_now_ms(&d->loop) + STOP_PATIENCE_MS;

	if (d->is_ready)
		notify_manager("STOPPING=1");
	if (d->api != NULL)
		api_stop_listening(d->api);
	while (d->is_ready && loop_now_ms(&d->loop) < until_ms &&
		!registry_is_idle(d->registry))
		loop_once(&d->loop, STOP_STEP_MS);
	for (int i = 0; d->is_ready && i < STOP_LAST_STEPS; i++)
		loop_once(&d->loop, STOP_STEP_MS); /* the replies leave */
}

/* Takes down what was built, in reverse. */
static void take_down(struct daemon *d)
{
	server_free(d->server);
	probe_free(d->probe);
	if (d->store != NULL)
		store_close(d->store);
	if (d->registry != NULL)
		registry_free(d->registry);
	api_free(d->api);
	zone_free(d->zone);
	if (d->socket_fd >= 0)
		close(d->socket_fd);
	if (d->api_fd >= 0)
		close(d->api_fd);
	for (unsigned int i = 0; d->listeners[i] != NULL; i++)
		free(d->listeners[i]);
	if (d->signals.fd >= 0) {
		loop_remove(&d->loop, &d->signals);
		close(d->signals.fd);
	}
	loop_free(&d->loop);
}

static void stop_soon(struct daemon *d, int status)
{
	d->status = status;
	loop_stop(&d->loop);
}

/* ---- signals ----------------------------------------------------------------------------------- */

static void signal_came(struct loop_io *io, uint32_t events)
{
	struct daemon *d = CONTAINER_OF(io, struct daemon, signals);
	struct signalfd_siginfo info;

	(void)events;
	while (read(io->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			daemon_reload(d);
			continue;
		}
		log_info("stopping on signal %u", (unsigned int)info.ssi_signo);
		stop_soon(d, EX_OK);
	}
}

/* Before any thread is started: they inherit the mask. */
static int watch_signals(struct daemon *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return CMAP_E_SYSTEM;
	d->signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	d->signals.ready = signal_came;
	if (d->signals.fd < 0)
		return CMAP_E_SYSTEM;
	return loop_add(&d->loop, &d->signals, EPOLLIN);
}

/* ---- starting ---------------------------------------------------------------------------------- */

static void ask(void *arg, const struct dname *name, uint16_t type,
	void (*done)(void *done_arg, const uint8_t *reply, size_t len), void *done_arg)
{
	struct daemon *d = arg;

	asker_ask(d->asker, name, type, true, done, done_arg);
}

/* What is found out about instances, by questions of our own. */
static int open_probe(struct daemon *d)
{
	struct probe_options options = {
		.ask = ask, .arg = d, .stale_ms = d->config->forward_stale_ms};

	if (server_asker(d->server, &d->loop, &d->asker) != CMAP_OK) {
		log_error("no event loop: %s", strerror(errno));
		return EX_OSERR;
	}
	d->probe = probe_new(&options, &d->loop, d->registry);
	return EX_OK;
}

static void serve(struct daemon *d)
{
	int status = d->has_bad_zone ? EX_CONFIG : daemon_serve(d);

	if (status == EX_OK)
		status = open_probe(d);
	if (status != EX_OK) {
		stop_soon(d, status);
		return;
	}
	d->is_ready = true;
	notify_manager("READY=1");
	log_info("ready");
	daemon_watch_own_names(d);
	daemon_tell_unread_zones(d);
	daemon_tell_unseen_namespaces(d);
	daemon_tell_unbrowsed_names(d);
}

static void registry_loaded(void *arg, const char *reason)
{
	struct daemon *d = arg;
	const struct model *m = registry_model(d->registry);

	if (reason != NULL) {
		log_error("'%s' cannot be read: %s", d->config->db, reason);
		stop_soon(d, EX_DATAERR);
		return;
	}
	log_info("loaded %llu instances from '%s', revision %llu",
		(unsigned long long)m->n_instances, d->config->db,
		(unsigned long long)m->revision);
	daemon_create_namespaces(d, d->config, serve);
}

static int open_store(struct daemon *d)
{
	struct buf err = {.data = NULL};
	int rc = store_sqlite_open(d->config->db, d->config->operations, &d->loop,
		&d->store, &err);

	if (rc == CMAP_OK)
		return EX_OK;
	log_error("%s", buf_text(&err));
	buf_free(&err);
	d->store = NULL;
	switch (rc) {
	case CMAP_E_EXISTS:
		return EX_TEMPFAIL;
	case CMAP_E_CORRUPT:
	case CMAP_E_VERSION:
		return EX_DATAERR;
	default:
		return EX_CANTCREAT;
	}
}

static int open_registry(struct daemon *d)
{
	struct zone_options zone;
	struct buf why = {.data = NULL};

	if (daemon_check_zone_dir(d->config, &why) != CMAP_OK) {
		log_error("%s", buf_text(&why));
		buf_free(&why);
		return EX_CONFIG;
	}
	if (daemon_zone_options(d, d->config, &zone) != CMAP_OK) {
		log_error("nameserver '%s' is no domain name", d->config->nameserver);
		return EX_CONFIG;
	}
	d->zone = zone_new(&zone);
	d->registry_options = (struct registry_options){.account = d->config->account,
		.region = d->config->region,
		.operations = d->config->operations,
		.max_instances = d->config->max_instances,
		.health_delay_ms = d->config->health_delay_ms};
	d->registry = registry_new(&d->registry_options, &d->loop, d->store, d->zone);
	return EX_OK;
}

static void sum_counters(void *arg, uint64_t sum[COUNTER_N])
{
	const struct daemon *d = arg;

	server_counters(d->server, sum);
}

static void count_aliases(void *arg, struct api_aliases *out)
{
	const struct daemon *d = arg;
	struct probe_counts n;

	if (d->probe == NULL)
		return;
	probe_count(d->probe, &n);
	*out = (struct api_aliases){.n_new = n.n_new,
		.n_good = n.n_good,
		.n_stale = n.n_stale,
		.n_lost = n.n_lost};
}

static unsigned int cpu_count(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0
		       ? (unsigned int)CPU_COUNT(&set)
		       : 1;
}

static int open_doors(struct daemon *d)
{
	struct server_options options = {.udp_threads = d->config->udp_threads,
		.udp_size = (uint16_t)d->config->udp_size,
		.tcp = daemon_tcp_options(d->config)};
	struct access_keys *keys = NULL;
	struct buf err = {.data = NULL};

	if (daemon_settings(d, d->config, &options.settings, &err) != CMAP_OK ||
		daemon_access_keys(d->config, &keys, &err) != CMAP_OK) {
		log_error("%s", buf_text(&err));
		buf_free(&err);
		return EX_CONFIG;
	}
	daemon_watch_secrets(d);
	if (options.udp_threads == 0)
		options.udp_threads = cpu_count();
	if (server_new(&options, zone_published(d->zone), &clock_system, &d->server) !=
		CMAP_OK) {
		log_error("cannot start a thread: %s", strerror(errno));
		access_keys_free(keys);
		return EX_OSERR;
	}
	if (daemon_set_forward(d, d->config) != CMAP_OK) {
		log_error("cannot start a thread: %s", strerror(errno));
		access_keys_free(keys);
		return EX_OSERR;
	}
	server_set_settings(d->server, &options.settings);
	daemon_watch_forward(d);
	d->api_options =
		(struct api_options){.max_connections = d->config->http_connections,
			.request_deadline_ms = d->config->http_deadline_ms,
			.version = PACKAGE_VERSION,
			.store_path = d->config->db,
			.listeners = (const char *const *)d->listeners,
			.counters = sum_counters,
			.aliases = count_aliases,
			.counters_arg = d};
	d->api = api_new(&d->api_options, &d->loop, d->registry);
	if (d->api == NULL) {
		access_keys_free(keys);
		return EX_OSERR;
	}
	daemon_take_keys(d, keys);
	return daemon_bind(d);
}

static int start(struct daemon *d)
{
	int status;

	daemon_raise_file_limit();
	if (watch_signals(d) != CMAP_OK) {
		log_error("cannot watch signals: %s", strerror(errno));
		return EX_OSERR;
	}
	status = open_store(d);
	if (status == EX_OK)
		status = open_registry(d);
	if (status == EX_OK)
		status = open_doors(d);
	if (status == EX_OK)
		registry_load(d->registry, registry_loaded, d);
	return status;
}

int daemon_run(struct config *config, int argc, char *const *argv)
{
	struct daemon d = {.config = config,
		.start_config = config,
		.argc = argc,
		.argv = argv,
		.signals = {.fd = -1},
		.socket_fd = -1,
		.api_fd = -1};

	log_open("cmapd", config->log_level);
	if (loop_init(&d.loop, &clock_system) != CMAP_OK) {
		log_error("no event loop: %s", strerror(errno));
		config_free(config);
		return EX_OSERR;
	}
	d.status = start(&d);
	if (d.status == EX_OK)
		loop_run(&d.loop);
	stop(&d);
	if (d.is_ready)
		unlink(d.start_config->socket);
	take_down(&d);
	if (d.config != d.start_config)
		config_free(d.config);
	config_free(d.start_config);
	return d.status;
}
