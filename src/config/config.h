/* SPDX-License-Identifier: MIT */
/*
 * config.h -- what cmapd was told by its file and its command line, in one immutable struct.
 *
 * Order:  a default, which the file may replace, which the command line may replace; a list on the
 *         command line replaces the file's whole list.
 * Owner:  the caller of config_load(); nothing changes a struct config after that. On SIGHUP
 *         call config_load() again with the same arguments, compare, and free the old one.
 * Thread: one at a time calls config_load(); libconfuse and getopt keep state of their own.
 * Source: cmapd(8), cmapd.conf(5). The table of all options is option.c.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/log.h"
#include "base/prefix.h"
#include "base/sock.h"

#define CONFIG_UPSTREAMS_MAX 16
#define CONFIG_VIEWS_MAX     15
#define CONFIG_VIEW_NAME_MAX 64
#define CONFIG_VIEW_OUTSIDE  "outside" /* the name of what is in no view */
#define CONFIG_NETWORKS_MAX  64        /* that a list of them stands for */

#define CONFIG_FILE SYSCONFDIR "/cmap/cmapd.conf"

enum config_action {
	CONFIG_RUN,
	CONFIG_CHECK,   /* --check-config */
	CONFIG_DUMP,    /* --dump-config */
	CONFIG_VERSION, /* --version; the file is not read */
	CONFIG_HELP     /* --help; the file is not read */
};

struct config_addresses {
	struct sock_addr *at;
	size_t n;
};

struct config_names {
	char **at;
	size_t n;
};

struct config_upstreams {
	bool is_auto; /* those of resolv.conf; at is empty */
	struct config_addresses list;
};

struct config {
	enum config_action action;
	char *file; /* what was read; NULL if there is no file */

	struct config_addresses listen; /* at least one; each for UDP and TCP */
	char *socket;
	uint32_t socket_mode;
	struct sock_addr api; /* len 0: no TCP door */
	char *access_keys;    /* a file; "": requests to api need no signature */
	bool api_without_keys;
	char *api_name; /* a domain name as written; "": none */
	char *db;
	struct config_names namespaces; /* domain names as written, each once */
	char *zone_dir;                 /* of zone files; "": none */
	char *nameserver;               /* a domain name as written */
	struct config_names reverse;    /* networks, as forward_allow */
	struct config_names browse;     /* names of namespaces, as written */
	uint32_t negative_ttl;          /* seconds */
	uint32_t answers;               /* 0: all */
	bool fair_answers;
	uint32_t udp_size;
	bool cookies;
	char *cookie_secrets; /* a file; "": secrets of our own */
	char *server_id;      /* "": not told; so is server_version */
	char *server_version;
	uint32_t rate_limit; /* replies a second; 0: no limit */
	uint32_t rate_slip;
	struct config_names views;         /* as written; config_views() reads it */
	struct config_upstreams forward;   /* neither: names outside are refused */
	struct config_names forward_allow; /* as written; config_networks() reads it */
	uint32_t forward_queries;
	uint32_t forward_cache; /* MiB */
	int64_t forward_timeout_ms;
	int64_t forward_stale_ms;
	bool forward_0x20;
	uint32_t udp_threads; /* 0: one per CPU */
	uint32_t tcp_connections;
	int64_t tcp_idle_ms;
	uint32_t http_connections;
	int64_t http_deadline_ms;
	char *account; /* 12 digits */
	char *region;
	uint32_t operations;
	uint32_t max_instances;
	int64_t health_delay_ms;
	enum log_level log_level;
};

/* Why there is no configuration. */
struct config_error {
	int status; /* of the process, from sysexits.h: EX_USAGE, EX_NOINPUT or EX_CONFIG */
	struct buf text; /* one printable line without its end; the caller frees it */
};

/* CMAP_E_INVALID, with *error filled in, when the arguments or the file are refused. */
int config_load(int argc, char *const *argv, struct config **out,
	struct config_error *error) CMAP_NONNULL CMAP_MUST_USE;
void config_free(struct config *c);

/* Adds a file to out that config_load() reads back to the same values. */
void config_dump(const struct config *c, struct buf *out) CMAP_NONNULL;
/* The networks that a list stands for. Returns how many. */
size_t config_networks(const struct config_names *list,
	struct prefix out[CONFIG_NETWORKS_MAX]) CMAP_NONNULL;
/* A network of a view, and the place of that in the list. */
struct config_view_network {
	struct prefix prefix;
	size_t view;
};

/* The networks of all views. Returns how many. */
size_t config_views(const struct config_names *list,
	struct config_view_network out[CONFIG_NETWORKS_MAX]) CMAP_NONNULL;
/* The name of the view at that place in the list. */
void config_view_name(const struct config_names *list, size_t at,
	char out[CONFIG_VIEW_NAME_MAX + 1]) CMAP_NONNULL;
/* Adds the text of --help. */
void config_usage(struct buf *out) CMAP_NONNULL;

#endif
