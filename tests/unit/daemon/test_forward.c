/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/private.h"
#include "test.h"

static char no_text[] = "";

/* As much of a cmapd as forwards. */
struct host {
	struct config config;
	struct clock_fake clock;
	struct daemon daemon;
	struct zone_options zone;
};

static void host_start(struct host *h)
{
	struct server_options options = {.udp_threads = 1, .udp_size = 1232};
	struct daemon *d = &h->daemon;

	memset(h, 0, sizeof(*h));
	h->config = (struct config){.api_name = no_text,
		.nameserver = no_text,
		.cookie_secrets = no_text,
		.server_id = no_text,
		.server_version = no_text,
		.forward_queries = 7,
		.forward_cache = 2,
		.forward_timeout_ms = 300,
		.forward_stale_ms = 4000,
		.forward_0x20 = true};
	clock_fake_init(&h->clock, 1000000, 0);
	d->config = d->start_config = &h->config;
	cr_assert_eq(loop_init(&d->loop, &h->clock.clock), CMAP_OK);
	d->zone = zone_new(&h->zone);
	cr_assert_eq(server_new(&options, zone_published(d->zone), &h->clock.clock,
			     &d->server),
		CMAP_OK);
}

static void host_stop(struct host *h)
{
	struct daemon *d = &h->daemon;

	free(h->config.forward.list.at);
	free(h->config.listen.at);
	server_free(d->server);
	zone_free(d->zone);
	loop_free(&d->loop);
}

/* Puts the addresses in text, separated by blanks, to out. */
static void set_addresses(struct config_addresses *out, const char *text)
{
	char *copy = strdup(text), *rest;

	free(out->at);
	out->at = NULL;
	out->n = 0;
	for (char *word = strtok_r(copy, " ", &rest); word != NULL;
		word = strtok_r(NULL, " ", &rest)) {
		out->at = realloc(out->at, (out->n + 1) * sizeof(*out->at));
		cr_assert_eq(sock_addr_parse(word, 53, &out->at[out->n++]), CMAP_OK);
	}
	free(copy);
}

/* The upstreams in force, as set_addresses() takes them. It lives until the next call. */
static const char *upstreams(const struct host *h)
{
	static char out[2000];
	const struct forward_options *o = &h->daemon.forward_options;
	size_t at = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < o->n_upstreams; i++) {
		char text[SOCK_ADDR_TEXT];

		sock_addr_format(&o->upstream[i], text);
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%s",
			i > 0 ? " " : "", text);
	}
	return out;
}

static void configure(struct host *h)
{
	cr_assert_eq(daemon_set_forward(&h->daemon, &h->config), CMAP_OK);
}

Test(forward, options_come_from_the_configuration)
{
	struct host h;
	const struct forward_options *o = &h.daemon.forward_options;

	host_start(&h);
	configure(&h);
	cr_assert_eq(o->n_upstreams, 0);
	set_addresses(&h.config.forward.list, "192.0.2.1 [2001:db8::1]:5353");
	configure(&h);
	cr_assert_str_eq(upstreams(&h), "192.0.2.1:53 [2001:db8::1]:5353");
	cr_assert_eq(o->queries, 7);
	cr_assert_eq(o->cache_octets, 2 << 20);
	cr_assert_eq(o->timeout_ms, 300);
	cr_assert_eq(o->stale_ms, 4000);
	cr_assert(o->is_0x20);
	/* Whoever writes us down himself means it: a query that comes back is found by its mark. */
	set_addresses(&h.config.listen, "192.0.2.1");
	configure(&h);
	cr_assert_str_eq(upstreams(&h), "192.0.2.1:53 [2001:db8::1]:5353");
	host_stop(&h);
}

/* ---- resolv.conf ------------------------------------------------------------------------------- */

/* A file that this process alone sees as the host's; its name is put to path. */
static void own_resolv_conf(char path[])
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
	if (unshare(CLONE_NEWNS) != 0 ||
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount(path, "/etc/resolv.conf", NULL, MS_BIND, NULL) != 0)
		cr_skip_test("no file can be mounted: %s", strerror(errno));
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
}

Test(forward, auto_takes_those_of_resolv_conf_but_ourselves)
{
	static const struct {
		const char *listen, *file, *want;
	} cases[] = {
		{"127.0.0.1", "nameserver 127.0.0.1\nnameserver 192.0.2.1\n",
			"192.0.2.1:53"},
		{"127.0.0.1:5300", "nameserver 127.0.0.1\n", "127.0.0.1:53"},
		{"127.0.0.2", "nameserver 127.0.0.1\n", "127.0.0.1:53"},
		/* A wildcard is each address that the machine has. */
		{"0.0.0.0", "nameserver 127.0.0.1\nnameserver 192.0.2.1\n",
			"192.0.2.1:53"},
		{"0.0.0.0:5300", "nameserver 127.0.0.1\n", "127.0.0.1:53"},
		{"[::]", "nameserver 127.0.0.1\n", "127.0.0.1:53"},
		{"192.0.2.9 127.0.0.1", "nameserver 127.0.0.1\n", ""},
	};
	char path[] = "/tmp/cmap-resolvconf-XXXXXX";
	struct host h;

	own_resolv_conf(path);
	host_start(&h);
	h.config.forward.is_auto = true;
	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		set_addresses(&h.config.listen, cases[i].listen);
		write_file(path, cases[i].file);
		configure(&h);
		cr_assert_str_eq(upstreams(&h), cases[i].want, "%zu: %s", i,
			upstreams(&h));
	}
	host_stop(&h);
	unlink(path);
}

Test(forward, resolv_conf_is_looked_at_every_five_seconds)
{
	char path[] = "/tmp/cmap-resolvconf-XXXXXX";
	struct host h;

	own_resolv_conf(path);
	write_file(path, "nameserver 192.0.2.1\n");
	host_start(&h);
	h.config.forward.is_auto = true;
	configure(&h);
	daemon_watch_forward(&h.daemon);
	write_file(path, "nameserver 192.0.2.22\n");
	for (int i = 0; i < 2; i++) {
		cr_assert_str_eq(upstreams(&h), "192.0.2.1:53");
		h.clock.now_mono_ms += i == 0 ? 4900 : 200;
		loop_once(&h.daemon.loop, 0);
	}
	cr_assert_str_eq(upstreams(&h), "192.0.2.22:53");
	/* Who is no longer told to does not. */
	h.config.forward.is_auto = false;
	write_file(path, "nameserver 192.0.2.3\n");
	h.clock.now_mono_ms += 5100;
	loop_once(&h.daemon.loop, 0);
	cr_assert_str_eq(upstreams(&h), "192.0.2.22:53");
	host_stop(&h);
	unlink(path);
}
