/* SPDX-License-Identifier: MIT */
#include "model/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct {
	const char *type;
	int status;
} faults[FAULT_N] = {
	[FAULT_NONE] = {"", 200},
	[FAULT_INVALID_INPUT] = {"InvalidInput", 400},
	[FAULT_NAMESPACE_ALREADY_EXISTS] = {"NamespaceAlreadyExists", 400},
	[FAULT_SERVICE_ALREADY_EXISTS] = {"ServiceAlreadyExists", 400},
	[FAULT_NAMESPACE_NOT_FOUND] = {"NamespaceNotFound", 400},
	[FAULT_SERVICE_NOT_FOUND] = {"ServiceNotFound", 400},
	[FAULT_INSTANCE_NOT_FOUND] = {"InstanceNotFound", 400},
	[FAULT_OPERATION_NOT_FOUND] = {"OperationNotFound", 400},
	[FAULT_CUSTOM_HEALTH_NOT_FOUND] = {"CustomHealthNotFound", 400},
	[FAULT_RESOURCE_IN_USE] = {"ResourceInUse", 400},
	[FAULT_RESOURCE_LIMIT_EXCEEDED] = {"ResourceLimitExceeded", 400},
	[FAULT_DUPLICATE_REQUEST] = {"DuplicateRequest", 400},
	[FAULT_RESOURCE_NOT_FOUND] = {"ResourceNotFoundException", 400},
	[FAULT_TOO_MANY_TAGS] = {"TooManyTagsException", 400},
	[FAULT_SERVICE_ATTRIBUTES_LIMIT_EXCEEDED] =
		{"ServiceAttributesLimitExceededException", 400},
	[FAULT_SERIALIZATION] = {"SerializationException", 400},
	[FAULT_UNKNOWN_OPERATION] = {"UnknownOperationException", 400},
	[FAULT_REQUEST_TOO_LARGE] = {"RequestTooLargeException", 413},
	[FAULT_INTERNAL_FAILURE] = {"InternalFailure", 500},
	[FAULT_SERVICE_UNAVAILABLE] = {"ServiceUnavailable", 503},
};

const char *fault_type(enum fault_code code)
{
	return faults[code].type;
}

int fault_http_status(enum fault_code code)
{
	return faults[code].status;
}

void fault_set(struct fault *f, enum fault_code code, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	if (f->code != FAULT_NONE)
		return;
	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		len = 0;
	text = xcalloc(1, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	f->code = code;
	f->message = text;
}

void fault_free(struct fault *f)
{
	free(f->message);
	free(f->existing_id);
	free(f->existing_creator);
	free(f->operation_id);
	free(f->resource_name);
	memset(f, 0, sizeof(*f));
}
