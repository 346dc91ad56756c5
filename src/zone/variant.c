/* SPDX-License-Identifier: MIT */
#include "zone/variant.h"

#include <stdlib.h>

#include "zone/ports.h"
#include "zone/private.h"
#include "zone/reverse.h"

/* Something else is found at the node from outside, if there is an outside that sees it. */
static bool differs_outside(const struct node *node, uint16_t views)
{
	return (views & VIEW_OUTSIDE) &&
	       (node->n_public > 0 ||
		       (node->port != NULL && node->port->service->n_public > 0) ||
		       (node->target != NULL &&
			       (node->target->parts & INSTANCE_PUBLIC)));
}

/* Parts each of n sets into who is in views and who is not. */
static uint8_t split(uint16_t *part, uint8_t n, uint16_t views)
{
	for (uint8_t i = n; i-- > 0;) {
		uint16_t others = part[i] & (uint16_t)~views;

		if (others == 0 || others == part[i])
			continue;
		part[i] &= views;
		part[n++] = others;
	}
	return n;
}

static int compare_parts(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

/*
 * Those who are in one of the views, parted by which instances' namespaces they see; those who see none are left out
 * unless with_none. Returns how many parts there are.
 */
static uint8_t part_views(const struct reverse *r, uint16_t views, bool with_none,
	uint16_t out[VARIANT_MAX])
{
	uint16_t seen = 0;
	uint8_t n = 1, left = 0;
	struct reverse_look look = {0};
	const struct instance *i;

	out[0] = views;
	while ((i = reverse_next(r, &look)) != NULL) {
		n = split(out, n, i->service->ns->shown_views);
		seen |= i->service->ns->shown_views;
	}
	for (uint8_t k = 0; k < n; k++)
		if (with_none || (out[k] & seen) != 0)
			out[left++] = out[k];
	qsort(out, left, sizeof(*out), compare_parts);
	return left;
}

/* The name is there for all, whoever has its address. */
static bool is_more_than_reverse(const struct node *node)
{
	return node_is_apex(node) || node->statics != NULL || node->registered > 0 ||
	       node->children > 0;
}

uint8_t variant_find(const struct zone *z, const struct node *node,
	struct variant out[VARIANT_MAX])
{
	uint16_t views = plane_views(z, node), part[VARIANT_MAX];
	uint8_t n;

	out[0] = (struct variant){.views = views};
	if (z->options.views == NULL && z->n_planes == 1)
		return 1; /* all see all */
	if (z->options.views != NULL && differs_outside(node, views)) {
		out[0].views &= (uint16_t)~VIEW_OUTSIDE;
		out[1] = (struct variant){.views = VIEW_OUTSIDE, .is_outside = true};
		return 2;
	}
	if (node->reverse == NULL)
		return 1;
	n = part_views(node->reverse, views, is_more_than_reverse(node), part);
	for (uint8_t i = 0; i < n; i++)
		out[i] = (struct variant){.views = part[i]};
	return n;
}
