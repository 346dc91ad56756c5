/* SPDX-License-Identifier: MIT */
/* service.h -- the services of one namespace or of all. */
#ifndef CTL_SERVICE_H
#define CTL_SERVICE_H

#include <jansson.h>

#include "base/compiler.h"
#include "ctl/ctl.h"

/*
 * The services of namespace ns, or of every one if ns is NULL: ListServices' summaries,
 * each with "NamespaceName". What fails is said. The caller releases *out.
 */
int service_collect(struct ctl *c, const json_t *ns, json_t **out) CMAP_MUST_USE;

#endif
