/* SPDX-License-Identifier: MIT */
/* each.h -- one call for each instance that is named: SERVICE.NAMESPACE ... ID... */
#ifndef CTL_EACH_H
#define CTL_EACH_H

#include <jansson.h>

#include "base/compiler.h"
#include "ctl/args.h"
#include "ctl/check.h"
#include "ctl/ctl.h"

/* Reads the name, and checks the ids, which are the operands from first on. */
int each_read(const struct ctl *c, const struct args *a, size_t first,
	char name[CHECK_NAME_MAX + 1]) CMAP_NONNULL CMAP_MUST_USE;
/*
 * Asks for operation once for each id; request, which is taken over, holds the rest. One
 * that fails is said and does not keep the others; the status is that of the first. --json
 * prints the answers, each with its InstanceId, as a list under the name of member.
 */
int each_call(struct ctl *c, const struct args *a, size_t first, const char *operation,
	json_t *request, const char *member) CMAP_NONNULL CMAP_MUST_USE;

#endif
