/* SPDX-License-Identifier: MIT */
#include "config/option.h"

#include <string.h>
#include <sys/un.h>

#include "config/value.h"

#define AT(member) offsetof(struct config, member)
#define SECOND     1000
#define MINUTE     (60 * SECOND)
#define HOUR       (60 * MINUTE)
#define DAY        (24 * HOUR)

/* A path of a Unix socket must leave room for its NUL. */
#define SOCKET_PATH_MAX ((int64_t)sizeof(((struct sockaddr_un *)0)->sun_path) - 1)

/* clang-format off */
const struct config_option config_options[CONFIG_OPTIONS] = {
	{"listen", &config_type_addresses, "127.0.0.1:53", 0, 0, AT(listen),
		"ADDR:PORT", "answer DNS queries here, over UDP and TCP; may be repeated"},
	{"socket", &config_type_path, RUNSTATEDIR "/cmap/cmap.sock", 1, SOCKET_PATH_MAX,
		AT(socket), "PATH", "the Unix socket of the API"},
	{"socket_mode", &config_type_mode, "0660", 0, 0, AT(socket_mode), NULL, NULL},
	{"api", &config_type_address, "", 0, 0, AT(api),
		"ADDR:PORT", "the API on TCP, too"},
	{"access_keys", &config_type_text, "", 0, CONFIG_VALUE_MAX, AT(access_keys), NULL,
		NULL},
	{"api_without_keys", &config_type_bool, "false", 0, 0, AT(api_without_keys), NULL,
		NULL},
	{"api_name", &config_type_api_name, "", 0, 0, AT(api_name), NULL, NULL},
	{"db", &config_type_path, LOCALSTATEDIR "/lib/cmap/cmap.db", 1, CONFIG_VALUE_MAX,
		AT(db), "FILE", "where registrations are kept"},
	{"namespace", &config_type_names, NULL, 0, 0, AT(namespaces),
		"NAME", "make this namespace if it is missing; may be repeated"},
	{"zone_dir", &config_type_text, "", 0, CONFIG_VALUE_MAX, AT(zone_dir), NULL, NULL},
	{"nameserver", &config_type_name, "localhost.", 0, 0, AT(nameserver), NULL, NULL},
	{"reverse", &config_type_networks, NULL, 0, CONFIG_NETWORKS_MAX - 16, AT(reverse), NULL,
		NULL},
	{"browse", &config_type_names, NULL, 0, 0, AT(browse), NULL, NULL},
	{"negative_ttl", &config_type_seconds, "5s", 0, DAY, AT(negative_ttl), NULL, NULL},
	{"answers", &config_type_number, "8", 0, 1000, AT(answers), NULL, NULL},
	{"fair_answers", &config_type_bool, "true", 0, 0, AT(fair_answers), NULL, NULL},
	{"udp_size", &config_type_number, "1232", 512, 4096, AT(udp_size), NULL, NULL},
	{"cookies", &config_type_bool, "true", 0, 0, AT(cookies), NULL, NULL},
	{"cookie_secrets", &config_type_text, "", 0, CONFIG_VALUE_MAX, AT(cookie_secrets),
		NULL, NULL},
	{"server_id", &config_type_text, "", 0, 255, AT(server_id), NULL, NULL},
	{"server_version", &config_type_text, "", 0, 255, AT(server_version),
		NULL, NULL},
	{"rate_limit", &config_type_number, "0", 0, 16384, AT(rate_limit), NULL, NULL},
	{"rate_slip", &config_type_number, "2", 0, 10, AT(rate_slip), NULL, NULL},
	{"view", &config_type_views, NULL, 0, CONFIG_VIEWS_MAX, AT(views), NULL, NULL},
	{"forward", &config_type_upstreams, NULL, 0, CONFIG_UPSTREAMS_MAX, AT(forward),
		"ADDR:PORT", "have names outside our zones resolved there; may be repeated"},
	{"forward_allow", &config_type_networks, "private", 0, CONFIG_NETWORKS_MAX - 16,
		AT(forward_allow), NULL, NULL},
	{"forward_queries", &config_type_number, "1000", 1, 65536, AT(forward_queries), NULL,
		NULL},
	{"forward_cache", &config_type_number, "16", 0, 65536, AT(forward_cache), NULL, NULL},
	{"forward_timeout", &config_type_duration, "500ms", 10, 5 * SECOND,
		AT(forward_timeout_ms), NULL, NULL},
	{"forward_stale", &config_type_duration, "1d", 0, 7 * DAY, AT(forward_stale_ms), NULL,
		NULL},
	{"forward_0x20", &config_type_bool, "false", 0, 0, AT(forward_0x20), NULL, NULL},
	{"udp_threads", &config_type_number, "0", 0, 256, AT(udp_threads), NULL, NULL},
	{"tcp_connections", &config_type_number, "1000", 1, 65536, AT(tcp_connections),
		NULL, NULL},
	{"tcp_idle", &config_type_duration, "10s", SECOND, HOUR, AT(tcp_idle_ms), NULL, NULL},
	{"http_connections", &config_type_number, "256", 1, 65536, AT(http_connections),
		NULL, NULL},
	{"http_deadline", &config_type_duration, "10s", SECOND, HOUR, AT(http_deadline_ms),
		NULL, NULL},
	{"account", &config_type_account, "000000000000", 0, 0, AT(account), NULL, NULL},
	{"region", &config_type_region, "us-east-1", 0, 0, AT(region), NULL, NULL},
	{"operations", &config_type_number, "65536", 16, 1000000, AT(operations), NULL, NULL},
	{"max_instances", &config_type_number, "1000000", 1, 1000000, AT(max_instances),
		NULL, NULL},
	{"health_delay", &config_type_duration, "0s", 0, HOUR, AT(health_delay_ms), NULL, NULL},
	{"log_level", &config_type_level, "info", 0, 0, AT(log_level), NULL, NULL},
};
/* clang-format on */

const struct config_option *config_option_find(const char *name)
{
	for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
		if (strcmp(config_options[i].name, name) == 0)
			return &config_options[i];
	}
	return NULL;
}

int config_option_check(const struct config_option *o, const char *text,
	struct buf *why)
{
	struct config scratch = {0};
	void *member = (char *)&scratch + o->offset;
	int err = o->type->parse(o, text, member, why);

	if (o->type->release)
		o->type->release(member);
	return err;
}

void config_quote(const char *text, struct buf *out)
{
	buf_add(out, "\"", 1);
	for (; *text; text++) {
		/* $: libconfuse would put the environment in place of "${X}". */
		if (strchr("\"\\$", *text))
			buf_add(out, "\\", 1);
		buf_add(out, text, 1);
	}
	buf_add(out, "\"", 1);
}
