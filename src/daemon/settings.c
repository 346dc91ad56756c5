/* SPDX-License-Identifier: MIT */
/* From the configuration to what the answering threads are told; the secrets of cookies. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/private.h"

enum { SECRET_LIFE_MS = 24 * 3600 * 1000, LINE_LEN = 256 };

static void make_secret(uint8_t secret[SIPHASH_KEY_LEN])
{
	if (getrandom(secret, SIPHASH_KEY_LEN, 0) != SIPHASH_KEY_LEN)
		abort();
}

/* The 32 digits of a line; CMAP_E_INVALID for anything else. */
static int parse_secret(const char *line, uint8_t secret[SIPHASH_KEY_LEN])
{
	for (int i = 0; i < SIPHASH_KEY_LEN; i++) {
		unsigned int octet;

		if (!isxdigit((unsigned char)line[2 * i]) ||
			!isxdigit((unsigned char)line[2 * i + 1]) ||
			sscanf(line + 2 * i, "%2x", &octet) != 1)
			return CMAP_E_INVALID;
		secret[i] = (uint8_t)octet;
	}
	line += 2 * SIPHASH_KEY_LEN;
	return line[strspn(line, " \t\r\n")] == '\0' ? CMAP_OK : CMAP_E_INVALID;
}

/* Reads the file; *err gets one line that names it, and the line that is wrong. */
static int read_secrets(const char *path, struct cookie_secrets *out, struct buf *err)
{
	struct cookie_secrets secrets = {.n = 0};
	char line[LINE_LEN];
	FILE *f = fopen(path, "re");
	int rc = CMAP_OK;

	if (f == NULL) {
		buf_printf(err, "cookie_secrets '%s': %s", path, strerror(errno));
		return CMAP_E_SYSTEM;
	}
	while (rc == CMAP_OK && fgets(line, sizeof(line), f) != NULL) {
		if (secrets.n == COOKIE_SECRETS)
			rc = CMAP_E_INVALID;
		else
			rc = parse_secret(line, secrets.secret[secrets.n]);
		secrets.n++;
	}
	fclose(f);
	explicit_bzero(line, sizeof(line));
	if (rc == CMAP_OK && secrets.n == 0)
		rc = CMAP_E_INVALID;
	if (rc == CMAP_OK)
		*out = secrets;
	else
		buf_printf(err, "%s:%u: not one or two lines of 32 hexadecimal digits",
			path, secrets.n == 0 ? 1u : (unsigned int)secrets.n);
	explicit_bzero(&secrets, sizeof(secrets));
	return rc;
}

/* Who is in which view: small networks stand before those that they lie in. */
static void set_networks(struct daemon *d, const struct config *c, struct settings *out)
{
	struct config_view_network all[CONFIG_NETWORKS_MAX];
	size_t n = config_views(&c->views, all);

	daemon_number_views(d, c);
	for (int bits = 128; bits >= 0; bits--) {
		for (size_t i = 0; i < n; i++) {
			if (all[i].prefix.bits != bits)
				continue;
			out->network[out->n_networks++] =
				(struct view_network){.prefix = all[i].prefix,
					.view = daemon_view(d, c, all[i].view)};
		}
	}
}

int daemon_settings(struct daemon *d, const struct config *c, struct settings *out,
	struct buf *err)
{
	memset(out, 0, sizeof(*out));
	out->rate_limit = c->rate_limit;
	out->rate_slip = c->rate_slip;
	out->keepalive_ds = c->tcp_idle_ms / 100 > UINT16_MAX
				    ? UINT16_MAX
				    : (uint16_t)(c->tcp_idle_ms / 100);
	snprintf(out->server_id, sizeof(out->server_id), "%s", c->server_id);
	snprintf(out->version, sizeof(out->version), "%s", c->server_version);
	out->n_forward_allow =
		(uint32_t)config_networks(&c->forward_allow, out->forward_allow);
	set_networks(d, c, out);
	if (daemon_own_names(d, c, &out->own) != CMAP_OK) {
		buf_printf(err, "api_name '%s' is no domain name", c->api_name);
		return CMAP_E_INVALID;
	}
	if (!c->cookies)
		return CMAP_OK;
	if (c->cookie_secrets[0] != '\0')
		return read_secrets(c->cookie_secrets, &out->cookies, err);
	if (d->own_secrets.n == 0) {
		make_secret(d->own_secrets.secret[0]);
		d->own_secrets.n = 1;
	}
	out->cookies = d->own_secrets;
	return CMAP_OK;
}

int daemon_access_keys(const struct config *c, struct access_keys **out,
	struct buf *err)
{
	*out = NULL;
	return c->access_keys[0] == '\0'
		       ? CMAP_OK
		       : access_keys_read(c->access_keys, geteuid(), out, err);
}

void daemon_take_keys(struct daemon *d, struct access_keys *keys)
{
	if (keys != NULL)
		log_info("access keys: %zu", keys->n);
	api_set_keys(d->api, keys);
}

int daemon_check_files(const struct config *config, struct buf *why)
{
	/* Root may look at the files of a daemon that runs as somebody else. */
	uid_t owner = geteuid() == 0 ? ACCESS_KEYS_OF_ANYBODY : geteuid();
	struct access_keys *keys = NULL;
	struct cookie_secrets secrets;
	int err = CMAP_OK;

	if (config->access_keys[0] != '\0')
		err = access_keys_read(config->access_keys, owner, &keys, why);
	access_keys_free(keys);
	if (err == CMAP_OK && config->cookie_secrets[0] != '\0')
		err = read_secrets(config->cookie_secrets, &secrets, why);
	explicit_bzero(&secrets, sizeof(secrets));
	return err == CMAP_OK ? daemon_check_zones(config, why) : err;
}

/* A new secret of our own takes over; cookies made with the old one are good for their hour. */
static void roll_secret(struct timer *t, int64_t now_ms)
{
	struct daemon *d = CONTAINER_OF(t, struct daemon, secret_timer);
	struct buf err = {.data = NULL};
	struct settings settings;

	loop_timer_set(&d->loop, t, now_ms + SECRET_LIFE_MS);
	if (d->own_secrets.n == 0)
		return;
	memcpy(d->own_secrets.secret[1], d->own_secrets.secret[0], SIPHASH_KEY_LEN);
	make_secret(d->own_secrets.secret[0]);
	d->own_secrets.n = COOKIE_SECRETS;
	if (daemon_settings(d, d->config, &settings, &err) == CMAP_OK)
		server_set_settings(d->server, &settings);
	buf_free(&err);
}

void daemon_watch_secrets(struct daemon *d)
{
	d->secret_timer.fire = roll_secret;
	loop_timer_set(&d->loop, &d->secret_timer,
		loop_now_ms(&d->loop) + SECRET_LIFE_MS);
}
