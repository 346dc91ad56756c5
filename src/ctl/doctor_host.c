/* SPDX-License-Identifier: MIT */
#include "ctl/doctor_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

/* From where the files come, and whom to tell. */
struct source {
	const struct ctl *ctl;
	const struct doctor_root *root;
};

/* Sets text to that of path; false if there is none. */
static bool read_file(const struct source *from, const char *path, struct buf *text)
{
	if (doctor_file_read(from->root, path, text) == CMAP_OK)
		return true;
	if (errno != ENOENT && errno != ENOTDIR && errno != EISDIR)
		ctl_warn(from->ctl, "cannot read %s: %s", path, strerror(errno));
	return false;
}

/* The later folder's file of a name is read in place of the earlier one's (systemd-analyze cat-config). */
static const char *const resolved_folders[] = {"/usr/lib/systemd/resolved.conf.d",
	"/usr/local/lib/systemd/resolved.conf.d", "/run/systemd/resolved.conf.d",
	"/etc/systemd/resolved.conf.d"};

static void add_resolved(const struct source *from, const char *path,
	struct resolved_conf *io)
{
	struct buf text = {0};

	if (read_file(from, path, &text))
		resolved_conf_parse(path, buf_text(&text), text.len, io);
	buf_free(&text);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(strrchr(*(char *const *)a, '/'), strrchr(*(char *const *)b, '/'));
}

static void read_resolved(const struct source *from, struct resolved_conf *io)
{
	struct doctor_words files = {0};

	add_resolved(from, "/etc/systemd/resolved.conf", io);
	for (size_t i = 0; i < CMAP_COUNT(resolved_folders); i++) {
		struct doctor_words found = {0};

		doctor_files_list(from->root, resolved_folders[i], ".conf", &found);
		for (size_t k = 0; k < found.n; k++) {
			size_t at = 0;

			while (at < files.n &&
				by_name(&files.at[at], &found.at[k]) != 0)
				at++;
			if (at == files.n) {
				doctor_words_add(&files, found.at[k]);
			} else {
				free(files.at[at]);
				files.at[at] = xstrdup(found.at[k]);
			}
		}
		doctor_words_free(&found);
	}
	if (files.n > 0)
		qsort(files.at, files.n, sizeof(*files.at), by_name);
	for (size_t i = 0; i < files.n; i++)
		add_resolved(from, files.at[i], io);
	doctor_words_free(&files);
}

static bool add_dnsmasq(const struct source *from, const char *path,
	struct dnsmasq_conf *io)
{
	struct buf text = {0};
	bool is_there = read_file(from, path, &text);

	if (is_there)
		dnsmasq_conf_parse(path, buf_text(&text), text.len, io);
	buf_free(&text);
	return is_there;
}

static void read_dnsmasq(const struct source *from, struct doctor_host *h)
{
	struct doctor_words files = {0};
	bool own = add_dnsmasq(from, "/etc/dnsmasq.conf", &h->dnsmasq);

	/* Debian's dnsmasq reads this folder whatever the file says. */
	doctor_files_list(from->root, "/etc/dnsmasq.d", "", &files);
	/* What a file names may name no more: loops end there. */
	for (size_t i = 0, n = h->dnsmasq.includes.n; i < n; i++) {
		const char *path = h->dnsmasq.includes.at[i];
		size_t before = files.n;

		doctor_files_list(from->root, path, "", &files);
		if (files.n == before)
			doctor_words_add(&files, path);
	}
	own = own || files.n > 0;
	doctor_files_list(from->root, "/etc/NetworkManager/dnsmasq.d", "", &files);
	h->has_dnsmasq = own || files.n > 0;
	h->by_network_manager = !own && files.n > 0;
	for (size_t i = 0; i < files.n; i++)
		(void)add_dnsmasq(from, files.at[i], &h->dnsmasq);
	doctor_words_free(&files);
}

void doctor_host_read(const struct ctl *c, const struct doctor_root *root,
	struct doctor_host *out)
{
	const struct source from = {c, root};
	struct buf text = {0};

	*out = (struct doctor_host){0};
	out->has_resolv = read_file(&from, DOCTOR_RESOLV, &text);
	resolv_conf_parse(buf_text(&text), text.len, &out->resolv);
	buf_free(&text);
	if (read_file(&from, DOCTOR_NSSWITCH, &text))
		nss_hosts_parse(buf_text(&text), text.len, &out->hosts);
	buf_free(&text);
	if (read_file(&from, "/run/systemd/resolve/resolv.conf", &text))
		resolv_conf_parse(buf_text(&text), text.len, &out->uplinks);
	buf_free(&text);
	if (doctor_file_is_socket(root, "/run/nscd/socket") &&
		read_file(&from, DOCTOR_NSCD, &text))
		nscd_conf_parse(buf_text(&text), text.len, &out->nscd_hosts);
	buf_free(&text);
	read_resolved(&from, &out->resolved);
	read_dnsmasq(&from, out);
}

void doctor_host_free(struct doctor_host *h)
{
	resolv_conf_free(&h->resolv);
	nss_hosts_free(&h->hosts);
	resolved_conf_free(&h->resolved);
	resolv_conf_free(&h->uplinks);
	dnsmasq_conf_free(&h->dnsmasq);
	doctor_line_free(&h->nscd_hosts);
}
