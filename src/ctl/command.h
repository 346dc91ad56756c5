/* SPDX-License-Identifier: MIT */
/*
 * command.h -- the table of commands: dispatch, --help and the test of the manual page
 * read it.
 */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <stddef.h>

#include "base/compiler.h"
#include "ctl/args.h"

struct command {
	const char *name;     /* "namespace create": one word, or a group and a word */
	const char *operands; /* "SERVICE.NAMESPACE ID..." as help shows them, or "" */
	size_t min;           /* how many operands */
	size_t max;
	const char *summary;
	const struct args_option *options; /* NULL: none of its own */
	int (*run)(struct ctl *c, const struct args *a);
};

/* In the order of --help; a NULL name ends it. */
extern const struct command command_table[];

const struct command *command_find(const char *name) CMAP_NONNULL;
/* word as the table holds it, if commands begin with it ("namespace"); else NULL. */
const char *command_group(const char *word) CMAP_NONNULL;

/*
 * What the table runs: namespace.c, service.c, update.c, instance.c, health.c, list.c, tag.c,
 * attribute.c, operation.c, export.c, resolve.c, doctor.c, status.c.
 */
int namespace_create(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int namespace_list(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int namespace_show(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int namespace_update(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int namespace_delete(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int service_create(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int service_list(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int service_show(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int service_update(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int service_delete(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int instance_register(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int instance_alias(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int instance_renew(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int instance_deregister(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int instance_list(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int instance_discover(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int health_show(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int health_set(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int tag_list(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int tag_set(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int tag_remove(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int attribute_list(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int attribute_set(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int attribute_remove(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int operation_list(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int operation_show(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int export_zone(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int resolve_run(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int doctor_run(struct ctl *c, const struct args *a) CMAP_MUST_USE;
int status_run(struct ctl *c, const struct args *a) CMAP_MUST_USE;

#endif
