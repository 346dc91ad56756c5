/* SPDX-License-Identifier: MIT */
/* doctor_routes.c -- findings about the name servers of resolv.conf, and which of them know the zones. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ctl/doctor.h"

bool doctor_is_known(const struct doctor *d, enum doctor_origin origin,
	const char *zone, bool by_all)
{
	size_t n = 0;
	size_t knowing = 0;

	for (size_t i = 0; i < d->n_servers; i++) {
		const struct doctor_server *s = &d->servers[i];

		if (s->origin != origin || s->reach != DOCTOR_ANSWERS)
			continue;
		n++;
		knowing += doctor_words_hold(&s->knows, zone);
	}
	return knowing > 0 && (!by_all || knowing == n);
}

static void check_reach(struct doctor *d)
{
	for (size_t i = 0; i < d->n_servers; i++) {
		struct doctor_server *s = &d->servers[i];
		struct doctor_change change;

		if ((s->origin != DOCTOR_LISTED && s->origin != DOCTOR_GIVEN) ||
			s->reach == DOCTOR_ANSWERS)
			continue;
		change = doctor_change_server(d, s);
		if (s->reach == DOCTOR_ELSEWHERE)
			doctor_report_add(&d->report, DOCTOR_OTHER_SOURCE, change,
				"%s was asked, %s has answered", s->text, s->from);
		else
			doctor_report_add(&d->report, DOCTOR_UNREACHABLE, change,
				"%s does not answer: %s", s->text, strerror(s->error));
	}
}

/* The first zone that s does not know and another one of resolv.conf does, or NULL. */
static const char *missed_zone(const struct doctor *d, const struct doctor_server *s)
{
	for (size_t i = 0; i < d->zones.n; i++) {
		if (!doctor_words_hold(&s->knows, d->zones.at[i]) &&
			doctor_is_known(d, DOCTOR_LISTED, d->zones.at[i], false))
			return d->zones.at[i];
	}
	return NULL;
}

static void check_beside(struct doctor *d)
{
	for (size_t i = 0; i < d->n_servers; i++) {
		struct doctor_server *s = &d->servers[i];
		const char *zone;

		if (s->origin != DOCTOR_LISTED || s->reach != DOCTOR_ANSWERS ||
			s->explained)
			continue;
		zone = missed_zone(d, s);
		if (zone == NULL)
			continue;
		doctor_report_add(&d->report, DOCTOR_SECOND_NAMESERVER,
			(struct doctor_change){DOCTOR_RESOLV, &s->listed->line, NULL},
			"%s is listed beside a server that knows %s, and does not know "
			"it",
			s->text, zone);
	}
}

/* cmapd answers, and knows zone no more than others do. */
static bool is_nobodys(const struct doctor *d, const char *zone)
{
	bool asked = false;

	for (size_t i = 0; i < d->n_servers; i++) {
		const struct doctor_server *s = &d->servers[i];

		if (doctor_words_hold(&s->knows, zone))
			return false;
		asked |= s->reach == DOCTOR_ANSWERS && d->cmapd.len != 0 &&
			 sock_addr_equal(&s->addr, &d->cmapd);
	}
	return asked;
}

/* The first of resolv.conf that answers; NULL if there is none, or a finding has said what it does not know and why. */
static const struct doctor_server *first_unexplained(const struct doctor *d)
{
	const struct doctor_server *first = NULL;

	for (size_t i = 0; i < d->n_servers; i++) {
		const struct doctor_server *s = &d->servers[i];

		if (s->origin != DOCTOR_LISTED)
			continue;
		if (s->explained)
			return NULL;
		if (first == NULL && s->reach == DOCTOR_ANSWERS)
			first = s;
	}
	return first;
}

/* Zones that nobody in resolv.conf knows. */
static void check_served(struct doctor *d)
{
	struct buf zones = {0};
	const struct doctor_server *first = first_unexplained(d);

	for (size_t i = 0; i < d->zones.n; i++) {
		const char *zone = d->zones.at[i];

		if (is_nobodys(d, zone))
			doctor_report_add(&d->report, DOCTOR_NAME_UNKNOWN,
				(struct doctor_change){NULL, NULL,
					xasprintf("cmapctl namespace create %s", zone)},
				"cmapd knows no namespace %s", zone);
		else if (first != NULL &&
			 !doctor_is_known(d, DOCTOR_LISTED, zone, false))
			doctor_list_add(&zones, ", ", zone);
	}
	if (zones.len > 0)
		doctor_report_add(&d->report, DOCTOR_NOT_SERVED,
			(struct doctor_change){DOCTOR_RESOLV, &first->listed->line,
				doctor_cmapd_line(d)},
			"no name server of resolv.conf knows %s", buf_text(&zones));
	buf_free(&zones);
}

void doctor_check_routes(struct doctor *d)
{
	check_reach(d);
	doctor_check_between(d);
	check_beside(d);
	check_served(d);
}
