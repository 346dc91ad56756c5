/* SPDX-License-Identifier: MIT */
/* status.c -- cmapctl status: all that cmapd tells of itself. */
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/ctl.h"
#include "ctl/fields.h"

int status_run(struct ctl *c, const struct args *a)
{
	struct failure f;
	json_t *reply = NULL;
	int status = client_call(c, CLIENT_CMAP("Status"), json_object(), &reply, &f);

	(void)a;
	if (status != CTL_OK)
		return client_say(c, &f, NULL, NULL);
	if (c->json)
		ctl_print_json(c, reply);
	else
		fields_print(reply, c->out);
	json_decref(reply);
	return CTL_OK;
}
