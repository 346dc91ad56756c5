/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/private.h"

struct creation {
	struct daemon *daemon;
	void (*ready)(struct daemon *d);
	char *name;
};

static void one_less(struct daemon *d, void (*ready)(struct daemon *d))
{
	if (--d->n_creating == 0)
		ready(d);
}

static void created(struct command *c)
{
	struct creation *creation = c->arg;

	if (c->fault.code == FAULT_NONE)
		log_info("namespace '%s' created", creation->name);
	else
		log_error("namespace '%s' was not created: %s", creation->name,
			c->fault.message);
	command_free(c);
	one_less(creation->daemon, creation->ready);
	free(creation->name);
	free(creation);
}

static void create(struct daemon *d, const char *name, void (*ready)(struct daemon *d))
{
	struct creation *creation = xcalloc(1, sizeof(*creation));
	struct command *c = command_new(COMMAND_CREATE_NAMESPACE);

	*creation =
		(struct creation){.daemon = d, .ready = ready, .name = xstrdup(name)};
	c->ns = xcalloc(1, sizeof(*c->ns));
	c->ns->type = NAMESPACE_DNS_PRIVATE;
	c->ns->name = xstrdup(name);
	c->ns->creator_request_id = xstrdup("");
	c->ns->vpc = xstrdup("cmap");
	c->ns->soa_ttl = -1;
	c->done = created;
	c->arg = creation;
	registry_submit(d->registry, c);
}

void daemon_create_namespaces(struct daemon *d, const struct config *config,
	void (*ready)(struct daemon *d))
{
	const struct model *m = registry_model(d->registry);

	d->n_creating++; /* this call itself, so that ready() comes once */
	for (size_t i = 0; i < config->namespaces.n; i++) {
		if (model_namespace_by_dns(m, config->namespaces.at[i]) != NULL)
			continue;
		d->n_creating++;
		create(d, config->namespaces.at[i], ready);
	}
	one_less(d, ready);
}

void daemon_tell_unseen_namespaces(const struct daemon *d)
{
	struct namespace *ns, *next;

	HASH_ITER (by_id, registry_model(d->registry)->namespaces, ns, next)
		if (ns->dns_key != NULL && ns->shown_views == 0)
			log_warning("namespace '%s' (%s, Vpc '%s') is seen by nobody: "
				    "each of its views sees another of that name",
				ns->name, ns->id, ns->vpc == NULL ? "" : ns->vpc);
}

void daemon_tell_unbrowsed_names(const struct daemon *d)
{
	const struct config_names *list = &d->config->browse;

	for (size_t i = 0; i < list->n; i++)
		if (model_namespace_by_dns(registry_model(d->registry), list->at[i]) ==
			NULL)
			log_warning("browse: no namespace '%s' exists", list->at[i]);
}
