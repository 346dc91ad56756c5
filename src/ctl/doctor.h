/* SPDX-License-Identifier: MIT */
/*
 * doctor.h -- one run of cmapctl doctor: what the host's files say, what its name servers say, and what is wrong.
 *
 * doctor.c collects; doctor_names.c finds out what to ask for; doctor_rules.c, doctor_routes.c, doctor_between.c and doctor_replies.c each
 * look at one side and add their findings to the report.
 */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include "ctl/args.h"
#include "ctl/doctor_host.h"
#include "ctl/doctor_report.h"
#include "ctl/doctor_server.h"

struct doctor {
	struct ctl *ctl;
	struct doctor_host host;
	struct doctor_server *servers;
	size_t n_servers;
	struct doctor_words registered; /* the namespaces that the API tells */
	struct doctor_words zones;      /* those to test */
	struct doctor_words names;      /* to test with, in these zones */
	struct sock_addr cmapd;         /* len 0: nobody knows where it is */
	struct doctor_report report;
};

/* What the operands or, without any, the API name: fills zones, names and maybe cmapd. Exit status. */
int doctor_names_find(struct doctor *d,
	const struct args *a) CMAP_NONNULL CMAP_MUST_USE;

/* What the files alone show, with what servers know. */
void doctor_check_files(struct doctor *d) CMAP_NONNULL;
/* Whether questions about the zones come to a server that knows them. */
void doctor_check_routes(struct doctor *d) CMAP_NONNULL;
/*
 * The part of it about what stands between programs and name servers; a server that does not know a zone because of it
 * is noted as explained.
 */
void doctor_check_between(struct doctor *d) CMAP_NONNULL;
/* Whether the answers come back whole. */
void doctor_check_replies(struct doctor *d) CMAP_NONNULL;

/* Of the servers of this origin that answer, one knows zone, or if by_all each of them; of none: false. */
bool doctor_is_known(const struct doctor *d, enum doctor_origin origin,
	const char *zone, bool by_all) CMAP_NONNULL;

/* Where cmapd is, as the file wants it: port 53 is left out; "ADDR" if nobody knows. The caller frees it. */
char *doctor_cmapd_text(const struct doctor *d, char separator) CMAP_NONNULL;
/* "nameserver ADDR"; the caller frees it. */
char *doctor_cmapd_line(const struct doctor *d) CMAP_NONNULL;
/* The change that takes s out of resolv.conf if somebody else in it answers, else puts cmapd in its place. */
struct doctor_change doctor_change_server(const struct doctor *d,
	const struct doctor_server *s) CMAP_NONNULL;

#endif
