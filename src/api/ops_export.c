/* SPDX-License-Identifier: MIT */
/* ExportZone: what DNS knows of a namespace, as the records of a zone file. */
#include <string.h>

#include "api/ops.h"
#include "api/writer.h"
#include "base/mem.h"

/* The RRset being written. */
struct writing {
	struct buf *out;
	struct buf name, type;
};

static bool is_same(const struct buf *b, const char *text)
{
	return b->data != NULL && strcmp(b->data, text) == 0;
}

static void close_rrset(struct writing *w)
{
	if (w->name.data == NULL)
		return;
	writer_close_array(w->out);
	writer_close_object(w->out);
	buf_free(&w->name);
	buf_free(&w->type);
}

static void take(void *arg, const char *name, const char *type, uint32_t ttl,
	const char *data)
{
	struct writing *w = arg;

	if (!is_same(&w->name, name) || !is_same(&w->type, type)) {
		close_rrset(w);
		buf_add_text(&w->name, name);
		buf_add_text(&w->type, type);
		writer_open_object(w->out, NULL);
		writer_string(w->out, "Name", name);
		writer_string(w->out, "Type", type);
		writer_integer(w->out, "TTL", ttl);
		writer_open_array(w->out, "Data");
	}
	writer_string(w->out, NULL, data);
}

void ops_export_zone(struct call *q, const json_t *in)
{
	const struct registry *r = q->context->registry;
	const struct namespace *ns =
		registry_find_namespace(r, ops_string(in, "NamespaceId"), &q->fault);
	struct writing w = {.out = &q->out};
	struct buf next = {0};

	if (!ns)
		return;
	writer_open_object(&q->out, NULL);
	writer_string(&q->out, "NamespaceId", ns->id);
	writer_integer(&q->out, "Revision", (int64_t)registry_model(r)->revision);
	writer_open_array(&q->out, "RecordSets");
	if (registry_export(r, ns, ops_string(in, "NextToken"), take, &w, &next,
		    &q->fault)) {
		close_rrset(&w);
		writer_close_array(&q->out);
		if (next.len > 0)
			writer_string(&q->out, "NextToken", buf_text(&next));
		writer_close_object(&q->out);
	} else {
		buf_free(&q->out);
	}
	buf_free(&next);
}
