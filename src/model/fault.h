/* SPDX-License-Identifier: MIT */
/*
 * fault.h -- why a request was refused, in Cloud Map's own error types.
 *
 * Owner:  message and the extra members belong to the struct; fault_free() releases them.
 * Source: Cloud Map API reference, "Errors" of each operation; AWS JSON 1.1 for the last five.
 */
#ifndef MODEL_FAULT_H
#define MODEL_FAULT_H

#include "base/compiler.h"

enum fault_code {
	FAULT_NONE,
	FAULT_INVALID_INPUT,
	FAULT_NAMESPACE_ALREADY_EXISTS,
	FAULT_SERVICE_ALREADY_EXISTS,
	FAULT_NAMESPACE_NOT_FOUND,
	FAULT_SERVICE_NOT_FOUND,
	FAULT_INSTANCE_NOT_FOUND,
	FAULT_OPERATION_NOT_FOUND,
	FAULT_CUSTOM_HEALTH_NOT_FOUND,
	FAULT_RESOURCE_IN_USE,
	FAULT_RESOURCE_LIMIT_EXCEEDED,
	FAULT_DUPLICATE_REQUEST,
	FAULT_RESOURCE_NOT_FOUND, /* of an ARN that tags were asked for */
	FAULT_TOO_MANY_TAGS,
	FAULT_SERVICE_ATTRIBUTES_LIMIT_EXCEEDED,
	FAULT_SERIALIZATION, /* the body is no JSON, or a member has the wrong type */
	FAULT_UNKNOWN_OPERATION, /* X-Amz-Target names none of ours */
	FAULT_REQUEST_TOO_LARGE,
	FAULT_INTERNAL_FAILURE,
	FAULT_SERVICE_UNAVAILABLE, /* the store cannot take it now */
	FAULT_N
};

struct fault {
	enum fault_code code;
	char *message;
	char *existing_id; /* NamespaceId or ServiceId of an AlreadyExists; what has too
			      many tags, if it is there */
	char *existing_creator; /* its CreatorRequestId */
	char *operation_id;     /* DuplicateOperationId of a DuplicateRequest */
	char *resource_name; /* the Name of what is not, because it had too many tags */
};

/* "NamespaceNotFound" and so on: what stands in __type. */
const char *fault_type(enum fault_code code);
/* 400 for all that Cloud Map models, as AWS itself answers; 413, 500 or 503 otherwise. */
int fault_http_status(enum fault_code code);

/* Sets code and message, once: a fault that is set already keeps its first reason. */
void fault_set(struct fault *f, enum fault_code code, const char *fmt, ...)
	CMAP_PRINTF(3, 4);
/* Releases what f owns and makes it FAULT_NONE. */
void fault_free(struct fault *f) CMAP_NONNULL;

#endif
