/* SPDX-License-Identifier: MIT */
/*
 * find.h -- from the names users type to the ids the API wants (FindService).
 */
#ifndef CTL_FIND_H
#define CTL_FIND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "ctl/client.h"
#include "ctl/ctl.h"

/* Texts live as long as reply; find_free() ends both. */
struct found {
	json_t *reply;
	const json_t *ns; /* as GetNamespace gives it */
	const json_t
		*service; /* as GetService gives it; NULL: there is none of that name */
	const char *ns_id;
	const char *ns_name;
	const char *http_name;    /* find_http_name() */
	bool dns;                 /* the namespace has DNS */
	const char *service_name; /* "." if the whole name is a namespace's */
	const char *service_id;   /* NULL as service */
};

/*
 * Finds what SERVICE.NAMESPACE means; the service itself may be missing. What fails is
 * said.
 */
int find_name(struct ctl *c, const char *name,
	struct found *out) CMAP_NONNULL CMAP_MUST_USE;
/* The same, where a namespace stands for the service "." in it, there or not. */
int find_place(struct ctl *c, const char *name,
	struct found *out) CMAP_NONNULL CMAP_MUST_USE;
/* The service must exist. */
int find_service(struct ctl *c, const char *name,
	struct found *out) CMAP_NONNULL CMAP_MUST_USE;
/* name is a namespace's. */
int find_namespace(struct ctl *c, const char *name,
	struct found *out) CMAP_NONNULL CMAP_MUST_USE;
/*
 * What name names, a namespace or a service: its ARN, as long as out lives. A name that
 * both have is the namespace's, or with service the service's.
 */
int find_resource(struct ctl *c, const char *name, bool service, struct found *out,
	const char **arn) CMAP_NONNULL CMAP_MUST_USE;
void find_free(struct found *found) CMAP_NONNULL;

/*
 * The records of a service as the API describes it (enum record), and the TTL of the
 * first (0 if none).
 */
unsigned int find_records(const json_t *service, uint32_t *ttl_s) CMAP_NONNULL;
/* What a namespace goes by, "" if ns is none: of several of one name, each has an HttpName of its own. */
const char *find_http_name(const json_t *ns);
/* A string member of an object, or ""; also if object is NULL or no object. */
const char *find_text(const json_t *object, const char *member)
	__attribute__((nonnull(2)));

#endif
