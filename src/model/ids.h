/* SPDX-License-Identifier: MIT */
/*
 * ids.h -- identifiers as Cloud Map writes them.
 *
 * Ids of namespaces and services are random: one that was deleted and made again is another
 * thing, and a client that kept the old id is told so. (Cloud Map gives the old id again,
 * and clients then hold on to registrations that are gone.)
 */
#ifndef MODEL_IDS_H
#define MODEL_IDS_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

#define ID_ARN_TEXT 256

/* prefix ("ns-", "srv-") and 16 random characters of [a-z2-7]. */
void id_make(const char *prefix, char out[MODEL_ID_TEXT]) CMAP_NONNULL;
/* 32 characters hashed from the target, "-", created_ms in base 36. */
void id_make_operation(const char *target, int64_t created_ms,
	char out[MODEL_OPERATION_TEXT]) CMAP_NONNULL;
/* "Z" and 16 upper-case characters: the hosted zone id that belongs to a namespace id. */
void id_make_zone(const char *namespace_id, char out[MODEL_ID_TEXT]) CMAP_NONNULL;
/* A random UUID, version 4: 36 characters. */
void id_make_uuid(char out[37]) CMAP_NONNULL;
/* arn:aws:servicediscovery:REGION:ACCOUNT:KIND/ID, KIND "namespace" or "service". */
void id_make_arn(const char *region, const char *account, const char *kind,
	const char *id, char out[ID_ARN_TEXT]) CMAP_NONNULL;
/*
 * The bare id in id_or_arn: itself, or the last part of an ARN of that kind and account (any
 * region). NULL for an ARN of another kind or account. Borrowed from id_or_arn.
 */
const char *id_from_arn(const char *id_or_arn, const char *account,
	const char *kind) CMAP_NONNULL;

#endif
