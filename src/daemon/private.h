/* SPDX-License-Identifier: MIT */
/* private.h -- what the files of this room share; nobody else includes it. */
#ifndef DAEMON_PRIVATE_H
#define DAEMON_PRIVATE_H

#include <sys/stat.h>

#include "api/api.h"
#include "base/loop.h"
#include "config/config.h"
#include "probe/probe.h"
#include "registry/registry.h"
#include "server/server.h"
#include "store/store.h"
#include "zone/entry.h"
#include "zone/zone.h"

#define DAEMON_LISTENERS_MAX 256

struct zone_files;

struct daemon {
	struct config *config; /* the one in force */
	struct config *
		start_config; /* what cannot change while running; others borrow from it */
	int argc;
	char *const *argv;
	int status; /* what the process ends with */

	struct loop loop;
	struct loop_io signals;
	struct store *store;
	struct zone *zone;
	struct registry *registry;
	struct server *server;
	struct asker *asker;
	struct probe *probe;
	struct api *api;
	int socket_fd, api_fd; /* bound, not yet given to api; -1 */
	struct sock_addr api_addr;
	struct registry_options registry_options;
	struct api_options api_options;
	char *listeners[DAEMON_LISTENERS_MAX + 1]; /* for Status; NULL ends it */
	unsigned int n_creating; /* namespaces of the configuration on their way */
	bool is_ready, is_stopping;
	bool has_bad_zone;                 /* a zone file was refused since the start */
	struct cookie_secrets own_secrets; /* when no file gives them */
	struct timer secret_timer;
	struct forward_options forward_options; /* in force */
	struct stat resolv_conf;                /* as it was read */
	struct timer forward_timer;
	char view_name[VIEWS_MAX][CONFIG_VIEW_NAME_MAX + 1]; /* by bit; "": no view's */
	bool own_name_gave_way[OWN_NAMES];                   /* when last looked at */
	struct timer own_names_timer;
};

/* Binds all that config names; nothing is served yet. The status to end with, or EX_OK. (listen.c) */
int daemon_bind(struct daemon *d) CMAP_NONNULL;
/* Gives what was bound to those who serve it. (listen.c) */
int daemon_serve(struct daemon *d) CMAP_NONNULL;
/* Writes down who is listened to, for Status and the log. (listen.c) */
void daemon_list_listeners(struct daemon *d) CMAP_NONNULL;

/*
 * What the threads are told. CMAP_E_INVALID, CMAP_E_SYSTEM with a line in *err if the file of secrets cannot be
 * used. (settings.c)
 */
int daemon_settings(struct daemon *d, const struct config *c, struct settings *out,
	struct buf *err) CMAP_NONNULL CMAP_MUST_USE;
/*
 * Gives each view of c a bit, if it has none: c is in force or may come into force. (views.c)
 */
void daemon_number_views(struct daemon *d, const struct config *c) CMAP_NONNULL;
/* The view of that place in c's list, as zone/entry.h has it. */
uint16_t daemon_view(const struct daemon *d, const struct config *c,
	size_t at) CMAP_NONNULL;
/*
 * Who sees a namespace: a public one all; a private one the view that its Vpc names, or, where that is none, all but
 * those outside.
 */
uint16_t daemon_namespace_views(void *arg, const struct namespace *ns) CMAP_NONNULL;
/* Renews secrets of our own each day. */
void daemon_watch_secrets(struct daemon *d) CMAP_NONNULL;

/* The access keys that c names, NULL if it names none; otherwise as daemon_settings(). (settings.c) */
int daemon_access_keys(const struct config *c, struct access_keys **out,
	struct buf *err) CMAP_NONNULL CMAP_MUST_USE;

/* The API asks for them from now on. */
void daemon_take_keys(struct daemon *d, struct access_keys *keys)
	__attribute__((nonnull(1)));

/* The names of the API, c's, with the addresses that it has been bound to. (own_names.c) */
int daemon_own_names(const struct daemon *d, const struct config *c,
	struct own_names *out) CMAP_NONNULL CMAP_MUST_USE;
/* Logs which of them give way to what is registered; and again every minute. */
void daemon_look_at_own_names(struct daemon *d) CMAP_NONNULL;
void daemon_watch_own_names(struct daemon *d) CMAP_NONNULL;

/* Whether an interface of the machine has that address; its port does not matter. (own_names.c) */
bool daemon_has_address(const struct sock_addr *a) CMAP_NONNULL;

/*
 * Names outside our zones are forwarded as c says, once the settings are set; CMAP_E_SYSTEM if the kernel gives no
 * thread. (forward.c)
 */
int daemon_set_forward(struct daemon *d,
	const struct config *c) CMAP_NONNULL CMAP_MUST_USE;
/* Looks every 5 s whether resolv.conf has changed. (forward.c) */
void daemon_watch_forward(struct daemon *d) CMAP_NONNULL;
/* As many open files as the system allows. (forward.c) */
void daemon_raise_file_limit(void);

/* Makes the namespaces that config names and that are missing; ready() when they are there. (namespaces.c) */
void daemon_create_namespaces(struct daemon *d, const struct config *config,
	void (*ready)(struct daemon *d)) CMAP_NONNULL;

/* Reads every zone file; CMAP_E_INVALID with a line in *why if one is bad. (zonefiles.c) */
int daemon_check_zones(const struct config *config,
	struct buf *why) CMAP_NONNULL CMAP_MUST_USE;
/* CMAP_E_SYSTEM with *why if zone_dir is given and cannot be read. (zonefiles.c) */
int daemon_check_zone_dir(const struct config *config,
	struct buf *why) CMAP_NONNULL CMAP_MUST_USE;
/*
 * Where the zones get their static records from: zone_dir/NAME.zone. (zonefiles.c)
 *
 * daemon_read_statics() is struct zone_options' statics, arg a struct daemon: what is wrong is logged, and
 * has_bad_zone set.
 */
struct static_zone *daemon_read_statics(void *arg, const char *name,
	const struct dname *apex) CMAP_NONNULL;
/*
 * The files of all namespaces, read for config. CMAP_E_INVALID with *why and nothing kept if one is bad or zone_dir is
 * no directory.
 */
int daemon_read_zones(const struct daemon *d, const struct config *config,
	struct zone_files **out, struct buf *why) CMAP_NONNULL CMAP_MUST_USE;
/* Gives them to the zones; publishing is the caller's. NULL is fine to free. */
void daemon_set_zones(struct daemon *d, struct zone_files *files) CMAP_NONNULL;
void daemon_free_zones(struct zone_files *files);
/* Logs the files of zone_dir that no namespace reads. */
void daemon_tell_unread_zones(struct daemon *d) CMAP_NONNULL;
/* Warns of each namespace that others of its name hide from everybody: the views have changed since they were made. */
void daemon_tell_unseen_namespaces(const struct daemon *d) CMAP_NONNULL;
/* Warns of each name of the option browse that no namespace has. */
void daemon_tell_unbrowsed_names(const struct daemon *d) CMAP_NONNULL;

/* Reads the configuration again and takes over what can change while running. (reload.c) */
void daemon_reload(struct daemon *d) CMAP_NONNULL;
int daemon_zone_options(struct daemon *d, const struct config *c,
	struct zone_options *out) CMAP_NONNULL CMAP_MUST_USE;
struct tcp_options daemon_tcp_options(const struct config *c) CMAP_NONNULL;

/* Tells the service manager, if there is one: sd_notify(3)'s protocol. (notify.c) */
void notify_manager(const char *state) CMAP_NONNULL;

#endif
