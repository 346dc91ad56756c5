/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/mem.h"
#include "registry/registry.h"

struct command *command_new(enum command_type type)
{
	struct command *c = xcalloc(1, sizeof(*c));

	c->type = type;
	return c;
}

void command_free(struct command *c)
{
	if (c == NULL)
		return;
	namespace_free(c->ns);
	service_free(c->service);
	instance_free(c->instance);
	attributes_free(&c->put);
	attributes_free(&c->remove);
	free(c->instance_id);
	fault_free(&c->fault);
	free(c);
}
