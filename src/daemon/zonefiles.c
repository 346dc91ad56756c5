/* SPDX-License-Identifier: MIT */
/* zone_dir/NAME.zone: the static records of the namespace NAME. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/daemon.h"
#include "daemon/private.h"

#define SUFFIX ".zone"

/* One namespace's file, and what it holds; NULL if there is none. */
struct zone_file {
	const struct namespace *ns;
	struct static_zone *zone;
	struct zone_file *next;
};

struct zone_files {
	struct zone_file *first;
};

/*
 * The records for the namespace name, *out NULL if it has no file. A name of a private namespace may hold a slash;
 * no file is looked for elsewhere on its account.
 */
static int read_zone(const struct config *config, const char *name,
	const struct dname *apex, struct static_zone **out, struct buf *why)
{
	char *path;
	int err;

	*out = NULL;
	if (config->zone_dir[0] == '\0' || strchr(name, '/') != NULL)
		return CMAP_OK;
	path = xasprintf("%s/%s" SUFFIX, config->zone_dir, name);
	err = static_read_file(path, apex, out, why);
	free(path);
	return err == CMAP_E_NOT_FOUND ? CMAP_OK : err;
}

static void tell_read(const struct static_zone *zone)
{
	if (zone != NULL)
		log_info("zone file '%s': %u names", zone->path,
			(unsigned int)HASH_COUNT(zone->owners));
}

struct static_zone *daemon_read_statics(void *arg, const char *name,
	const struct dname *apex)
{
	struct daemon *d = arg;
	struct static_zone *zone;
	struct buf why = {.data = NULL};

	if (read_zone(d->config, name, apex, &zone, &why) == CMAP_OK) {
		tell_read(zone);
		return zone;
	}
	log_error("%s", buf_text(&why));
	if (d->is_ready)
		log_error("namespace '%s' is without static records until the file is "
			  "mended and cmapd told to reload",
			name);
	buf_free(&why);
	d->has_bad_zone = true;
	return NULL;
}

/* ---- all at once ------------------------------------------------------------------------------ */

/* Calls see() for each NAME.zone. CMAP_E_SYSTEM with *why if there is no such directory. */
static int for_each_file(const char *dir,
	int (*see)(void *arg, const char *name, struct buf *why), void *arg,
	struct buf *why)
{
	const size_t suffix = strlen(SUFFIX);
	DIR *d = opendir(dir);
	const struct dirent *e;
	int err = CMAP_OK;

	if (d == NULL) {
		buf_printf(why, "zone_dir '%s': %s", dir, strerror(errno));
		return CMAP_E_SYSTEM;
	}
	while (err == CMAP_OK && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);
		char *name;

		if (len <= suffix || e->d_name[0] == '.' ||
			strcmp(e->d_name + len - suffix, SUFFIX) != 0)
			continue;
		name = xstrndup(e->d_name, len - suffix);
		err = see(arg, name, why);
		free(name);
	}
	closedir(d);
	return err;
}

/* A file that no namespace could have is a mistake in its name. */
static int check_file(void *arg, const char *name, struct buf *why)
{
	const struct config *config = arg;
	struct static_zone *zone;
	struct dname apex;
	int err;

	if (dname_from_plain(name, &apex) != CMAP_OK || name[strlen(name) - 1] == '.' ||
		strpbrk(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL) {
		buf_printf(why,
			"%s/%s" SUFFIX ": a zone file is called like its namespace, in "
			"lower case and without a dot at the end",
			config->zone_dir, name);
		return CMAP_E_INVALID;
	}
	err = read_zone(config, name, &apex, &zone, why);
	if (err == CMAP_OK)
		static_free(zone);
	return err;
}

int daemon_check_zones(const struct config *config, struct buf *why)
{
	struct config copy = *config;

	if (config->zone_dir[0] == '\0')
		return CMAP_OK;
	return for_each_file(config->zone_dir, check_file, &copy, why);
}

static int see_nothing(void *arg, const char *name, struct buf *why)
{
	(void)arg;
	(void)name;
	(void)why;
	return CMAP_OK;
}

int daemon_check_zone_dir(const struct config *config, struct buf *why)
{
	return config->zone_dir[0] == '\0'
		       ? CMAP_OK
		       : for_each_file(config->zone_dir, see_nothing, NULL, why);
}

int daemon_read_zones(const struct daemon *d, const struct config *config,
	struct zone_files **out, struct buf *why)
{
	struct zone_files *files = xcalloc(1, sizeof(*files));
	struct namespace *ns, *next;
	int err = daemon_check_zone_dir(config, why);

	HASH_ITER (by_id, registry_model(d->registry)->namespaces, ns, next) {
		struct zone_file *f;
		struct dname apex;

		if (err != CMAP_OK)
			break;
		if (ns->dns_key == NULL)
			continue;
		f = xcalloc(1, sizeof(*f));
		f->ns = ns;
		f->next = files->first;
		files->first = f;
		err = dname_from_plain(ns->dns_key, &apex);
		if (err == CMAP_OK)
			err = read_zone(config, ns->dns_key, &apex, &f->zone, why);
	}
	if (err == CMAP_OK)
		*out = files;
	else
		daemon_free_zones(files);
	return err;
}

void daemon_set_zones(struct daemon *d, struct zone_files *files)
{
	for (struct zone_file *f = files->first; f != NULL; f = f->next) {
		tell_read(f->zone);
		zone_set_static(d->zone, f->ns, f->zone);
		f->zone = NULL;
	}
	daemon_free_zones(files);
}

void daemon_free_zones(struct zone_files *files)
{
	while (files != NULL && files->first != NULL) {
		struct zone_file *f = files->first;

		files->first = f->next;
		static_free(f->zone);
		free(f);
	}
	free(files);
}

static int tell_unread(void *arg, const char *name, struct buf *why)
{
	struct daemon *d = arg;
	const struct namespace *ns =
		model_namespace_by_dns(registry_model(d->registry), name);

	(void)why;
	if (ns == NULL || strcmp(ns->dns_key, name) != 0)
		log_warning("zone file '%s/%s" SUFFIX
			    "' is not read: no namespace '%s' "
			    "exists",
			d->config->zone_dir, name, name);
	return CMAP_OK;
}

void daemon_tell_unread_zones(struct daemon *d)
{
	struct buf why = {.data = NULL};

	if (d->config->zone_dir[0] != '\0' &&
		for_each_file(d->config->zone_dir, tell_unread, d, &why) != CMAP_OK)
		log_warning("%s", buf_text(&why));
	buf_free(&why);
}
