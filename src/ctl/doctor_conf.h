/* SPDX-License-Identifier: MIT */
/*
 * doctor_conf.h -- the files that say how a host resolves names, as cmapctl doctor understands them.
 *
 * Each parser takes the text of one file and adds to *io, which begins zeroed; several files that make up one
 * configuration are parsed one after the other. Nothing fails: what the resolver in question would not understand is
 * passed over here too.
 * Owner:  the caller frees *io with the function beside the parser.
 * Source: resolv.conf(5), nsswitch.conf(5), nscd.conf(5), resolved.conf(5), dnsmasq(8), and what glibc 2.36 does.
 */
#ifndef CTL_DOCTOR_CONF_H
#define CTL_DOCTOR_CONF_H

#include "base/sock.h"
#include "ctl/doctor_text.h"

#define DOCTOR_SERVERS_ASKED 3  /* MAXNS of glibc and musl */
#define DOCTOR_NDOTS_MAX     15 /* RES_MAXNDOTS of glibc */

/* A name server line. */
struct resolv_server {
	struct doctor_line line;
	char *text; /* the address as written; port 53 in addr */
	struct sock_addr addr;
	bool usable; /* glibc would take the address */
};

struct resolv_conf {
	struct resolv_server *servers;
	size_t n_servers;
	struct doctor_words search;
	unsigned int ndots; /* 0: not set, which means 1 */
	/* The lines that set these, the last of each; text NULL: not set. */
	struct doctor_line search_line;
	struct doctor_line ndots_line;
	struct doctor_line rotate_line;
	struct doctor_line use_vc_line;
	struct doctor_line single_request_line;
};

void resolv_conf_parse(const char *text, size_t len,
	struct resolv_conf *io) CMAP_NONNULL;
void resolv_conf_free(struct resolv_conf *r) CMAP_NONNULL;
/* A line of options without one of them (its value left out), or with another in its place; caller frees. */
char *resolv_conf_without(const char *line, const char *option, const char *instead)
	__attribute__((nonnull(1, 2)));

struct nss_service {
	char *name;         /* "dns" */
	char *action;       /* "[NOTFOUND=return]", closed; NULL: none */
	bool ends_notfound; /* nobody behind it is asked for what it does not find */
};

/* The hosts line of nsswitch.conf; text NULL: there is none. */
struct nss_hosts {
	struct doctor_line line;
	struct nss_service *services;
	size_t n;
};

void nss_hosts_parse(const char *text, size_t len, struct nss_hosts *io) CMAP_NONNULL;
void nss_hosts_free(struct nss_hosts *h) CMAP_NONNULL;
/* Where the service stands whose name begins with prefix, or h->n. */
size_t nss_hosts_find(const struct nss_hosts *h, const char *prefix) CMAP_NONNULL;
/* The line without the services whose names begin with prefix (NULL: all stay), and with "dns" if it has none. */
char *nss_hosts_without(const struct nss_hosts *h, const char *prefix)
	__attribute__((nonnull(1)));

/* line is set if nscd.conf has the answers for hosts kept. */
void nscd_conf_parse(const char *text, size_t len, struct doctor_line *io) CMAP_NONNULL;

/* resolved.conf with its drop-ins, in their order. */
struct resolved_conf {
	struct doctor_words servers;
	struct doctor_words domains; /* as in the file without the '~' */
	bool validates;              /* DNSSEC=yes or allow-downgrade */
	struct doctor_line dnssec_line;
	char *dnssec_file; /* where it stands */
};

void resolved_conf_parse(const char *file, const char *text, size_t len,
	struct resolved_conf *io) CMAP_NONNULL;
void resolved_conf_free(struct resolved_conf *r) CMAP_NONNULL;

/* dnsmasq.conf with what lies beside it. */
struct dnsmasq_conf {
	struct doctor_words sent; /* domains that server= sends to an address */
	struct doctor_words
		kept; /* domains that dnsmasq answers for itself: server=/X/ */
	struct doctor_words unbound;  /* domains of rebind-domain-ok */
	struct doctor_line rebind;    /* stop-dns-rebind */
	char *rebind_file;            /* where it stands */
	struct doctor_words includes; /* files and folders that it names */
};

void dnsmasq_conf_parse(const char *file, const char *text, size_t len,
	struct dnsmasq_conf *io) CMAP_NONNULL;
void dnsmasq_conf_free(struct dnsmasq_conf *d) CMAP_NONNULL;
/* Questions about name go to a server of its own. */
bool dnsmasq_conf_sends(const struct dnsmasq_conf *d, const char *name) CMAP_NONNULL;

#endif
