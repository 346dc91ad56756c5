/* SPDX-License-Identifier: MIT */
/*
 * Views have names in the configuration, and bits in what is published and in what the threads are told. A view keeps
 * its bit as long as it is there: the threads hear of new networks before names are published for new views, and
 * nobody must be taken for somebody of another view meanwhile.
 */
#include <string.h>

#include "daemon/private.h"

_Static_assert(VIEWS_MAX >= CONFIG_VIEWS_MAX, "each view has a bit");

/* The bit of the view, or -1. */
static int find_bit(const struct daemon *d, const char *name)
{
	for (int bit = 0; bit < VIEWS_MAX; bit++)
		if (strcmp(d->view_name[bit], name) == 0)
			return bit;
	return -1;
}

static bool has_view(const struct config *c, const char *name)
{
	char other[CONFIG_VIEW_NAME_MAX + 1];

	for (size_t i = 0; i < c->views.n; i++) {
		config_view_name(&c->views, i, other);
		if (strcmp(name, other) == 0)
			return true;
	}
	return false;
}

/* A bit that no view of c has: one that no view in force has either, if there is such a one. */
static int free_bit(const struct daemon *d, const struct config *c)
{
	int found = -1;

	for (int bit = 0; bit < VIEWS_MAX; bit++) {
		if (has_view(c, d->view_name[bit]))
			continue;
		if (!has_view(d->config, d->view_name[bit]))
			return bit;
		found = bit;
	}
	return found;
}

void daemon_number_views(struct daemon *d, const struct config *c)
{
	for (size_t i = 0; i < c->views.n; i++) {
		char name[CONFIG_VIEW_NAME_MAX + 1];

		config_view_name(&c->views, i, name);
		if (find_bit(d, name) < 0)
			strcpy(d->view_name[free_bit(d, c)], name);
	}
}

uint16_t daemon_view(const struct daemon *d, const struct config *c, size_t at)
{
	char name[CONFIG_VIEW_NAME_MAX + 1];

	config_view_name(&c->views, at, name);
	return strcmp(name, CONFIG_VIEW_OUTSIDE) == 0
		       ? VIEW_OUTSIDE
		       : (uint16_t)(1u << find_bit(d, name));
}

uint16_t daemon_namespace_views(void *arg, const struct namespace *ns)
{
	const struct daemon *d = arg;

	if (ns->type == NAMESPACE_DNS_PUBLIC)
		return VIEWS_ALL;
	if (ns->vpc != NULL && strcmp(ns->vpc, CONFIG_VIEW_OUTSIDE) != 0 &&
		has_view(d->config, ns->vpc))
		return (uint16_t)(1u << find_bit(d, ns->vpc));
	return (uint16_t)~VIEW_OUTSIDE;
}
