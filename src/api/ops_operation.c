/* SPDX-License-Identifier: MIT */
/* GetOperation. */
#include <string.h>

#include "api/ops.h"
#include "api/render.h"
#include "api/writer.h"

void ops_get_operation(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	const char *owner = ops_string(in, "OwnerAccount");
	const struct operation *op =
		model_operation(registry_model(r), ops_string(in, "OperationId"));

	if (!op || (owner && strcmp(owner, registry_options(r)->account) != 0)) {
		fault_set(&q->fault, FAULT_OPERATION_NOT_FOUND, "Operation not found");
		return;
	}
	writer_open_object(&q->out, NULL);
	render_operation(&q->out, "Operation", r, op);
	writer_close_object(&q->out);
}
