/* SPDX-License-Identifier: MIT */
/* Whether the target of an alias leads back to itself: it would get its addresses from there, and keep them forever. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/dns_text.h"
#include "model/reserved.h"
#include "zone/private.h"

enum { DEPTH_MAX = 16, STEPS_MAX = 1000 };

struct walk {
	const struct zone *zone;
	const char *
		goal; /* in lower case, without the dot at the end, as all names here */
	uint32_t steps;
};

static bool leads_back(struct walk *w, const char *name, int depth);

/* What i's service's name stands for, in memory the caller frees; NULL: for itself. */
static char *target_of(const struct instance *i)
{
	const char *key = i->is_alias ? RESERVED_ALIAS : RESERVED_CNAME;
	const char *text = attributes_get(&i->attributes, key);

	return text == NULL ? NULL : dns_text_fold(text);
}

static bool service_leads_back(struct walk *w, const struct service *s, int depth)
{
	struct instance *i, *next;

	HASH_ITER (by_id, s->instances, i, next) {
		char *target = w->steps < STEPS_MAX ? target_of(i) : NULL;
		bool is_back = target != NULL && (strcmp(target, w->goal) == 0 ||
							 leads_back(w, target, depth));

		free(target);
		if (is_back)
			return true;
	}
	return false;
}

static bool leads_back(struct walk *w, const char *name, int depth)
{
	struct dname d;

	if (depth == DEPTH_MAX || w->steps++ >= STEPS_MAX ||
		dname_from_plain(name, &d) != CMAP_OK)
		return false;
	for (uint16_t i = 0; i < w->zone->n_planes; i++) {
		const struct node *node =
			names_find(&zone_plane(w->zone, i)->names, d.wire, d.len);

		/* A large service of addresses is not gone through. */
		if (node != NULL && node->service != NULL &&
			(node->n_aliases > 0 ||
				service_record(node->service, RECORD_CNAME) != NULL) &&
			service_leads_back(w, node->service, depth + 1))
			return true;
	}
	return false;
}

bool zone_alias_is_loop(const struct zone *z, const char *name)
{
	struct walk w = {.zone = z, .goal = name};

	return leads_back(&w, name, 0);
}
