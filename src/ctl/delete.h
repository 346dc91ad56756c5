/* SPDX-License-Identifier: MIT */
/*
 * delete.h -- what --force deletes first. Things that somebody else deletes meanwhile
 * are no failure.
 *
 * Nothing is said: on failure *f tells, and its status is returned.
 */
#ifndef CTL_DELETE_H
#define CTL_DELETE_H

#include "base/compiler.h"
#include "ctl/client.h"

int delete_instances(struct ctl *c, const char *service_id,
	struct failure *f) CMAP_NONNULL CMAP_MUST_USE;
/* All services of a namespace, with their instances. */
int delete_services(struct ctl *c, const char *namespace_id,
	struct failure *f) CMAP_NONNULL CMAP_MUST_USE;

#endif
