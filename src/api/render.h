/* SPDX-License-Identifier: MIT */
/*
 * render.h -- the objects of Cloud Map's answers as JSON, their members in the order of its reference.
 *
 * What is not there is left out. key as in writer.h.
 * Source: Cloud Map API reference, data types.
 */
#ifndef API_RENDER_H
#define API_RENDER_H

#include "api/operations.h"
#include "base/buf.h"
#include "base/compiler.h"

enum render_view {
	RENDER_CREATED, /* as CreateService answers: without the number of instances */
	RENDER_FULL,
	RENDER_SUMMARY /* in a listing */
};

void render_namespace(struct buf *b, const char *key, const struct call_context *ctx,
	const struct namespace *ns, enum render_view view);
void render_service(struct buf *b, const char *key, const struct call_context *ctx,
	const struct service *s, enum render_view view);
/* {"key":"value",...} of a. */
void render_attributes(struct buf *b, const char *key, const struct attributes *a);
void render_operation(struct buf *b, const char *key, const struct call_context *ctx,
	const struct operation *op);
/* "HEALTHY", "UNHEALTHY", or "UNKNOWN" where the service has no health check. */
const char *render_health(const struct instance *i) CMAP_NONNULL;

#endif
