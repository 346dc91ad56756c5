/* SPDX-License-Identifier: MIT */
/*
 * doctor_report.h -- what cmapctl doctor has found, and its words.
 */
#ifndef CTL_DOCTOR_REPORT_H
#define CTL_DOCTOR_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "base/compiler.h"
#include "ctl/doctor_text.h"

/* The table in doctor_report.c has a name, a severity and a reason for each; cmapctl(1) lists the names. */
enum doctor_code {
	DOCTOR_NO_RESOLV_CONF,
	DOCTOR_NO_NAMESERVER,
	DOCTOR_BAD_NAMESERVER,
	DOCTOR_TOO_MANY_NAMESERVERS,
	DOCTOR_NDOTS,
	DOCTOR_NO_SEARCH,
	DOCTOR_ROTATE,
	DOCTOR_USE_VC,
	DOCTOR_SINGLE_REQUEST,
	DOCTOR_UNREACHABLE,
	DOCTOR_OTHER_SOURCE,
	DOCTOR_SECOND_NAMESERVER,
	DOCTOR_NOT_SERVED,
	DOCTOR_NAME_UNKNOWN,
	DOCTOR_NSS_NO_DNS,
	DOCTOR_NSS_MDNS,
	DOCTOR_NSS_RESOLVE,
	DOCTOR_NSCD_HOSTS,
	DOCTOR_RESOLVED_ROUTE,
	DOCTOR_RESOLVED_LOCAL,
	DOCTOR_RESOLVED_DNSSEC,
	DOCTOR_DNSMASQ_SERVER,
	DOCTOR_DNSMASQ_REBIND,
	DOCTOR_RESTART,
	DOCTOR_NO_TCP,
	DOCTOR_TRUNCATED_EMPTY,
	DOCTOR_REPLY_TOO_LARGE,
	DOCTOR_EDNS_LOST,
	DOCTOR_AAAA_NXDOMAIN,
	DOCTOR_CODES
};

/* What to change. */
struct doctor_change {
	const char *file; /* NULL: none of this host's; text says what to do */
	const struct doctor_line *line; /* NULL: lines to add */
	char *text; /* taken over; NULL or "": the line goes. Lines to add: also several */
};

struct doctor_finding {
	enum doctor_code code;
	char *what;
	char *file; /* NULL: see above */
	char *old;  /* the line as it is; NULL: there is none */
	unsigned int line;
	char *change; /* "": the line goes */
};

struct doctor_report {
	struct doctor_finding *at;
	size_t n;
};

void doctor_report_add(struct doctor_report *r, enum doctor_code code,
	struct doctor_change change, const char *fmt, ...) CMAP_PRINTF(4, 5);
void doctor_report_free(struct doctor_report *r) CMAP_NONNULL;

void doctor_report_print(const struct doctor_report *r, FILE *out) CMAP_NONNULL;
json_t *doctor_report_json(const struct doctor_report *r) CMAP_NONNULL;

/* "second-nameserver"; it stays what it is from release to release. */
const char *doctor_code_name(enum doctor_code code);

#endif
