/* SPDX-License-Identifier: MIT */
/*
 * Random calls one after the other, each compared with what a small model of Cloud Map says: the type of the error, or
 * what is found. Names and ids are few, so that what is there already, not there any more, or in use is met often.
 *
 * CMAP_SEQUENCES: how many, CMAP_SEED: from which on. A failure tells its seed and all calls so far.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/wheel.h"
#include "fixture.h"
#include "rng.h"
#include "test.h"

#define SEQUENCES 2500 /* some 3 s */
#define SHARE     50   /* of them have a registry between them, cleared after each */
#define ARN       "arn:aws:servicediscovery:us-west-2:123456789012:"

enum {
	MADE = 48,     /* namespaces, or services, in a sequence: no more than steps */
	INSTANCES = 4, /* ids a to d */
	TAGS = 3,      /* keys a to c; the value is a number, 0: none */
	NONE = -1
};
enum type { PRIVATE, PUBLIC, HTTP, TYPES };
enum records { NO_RECORDS, A, SRV, RECORDS };

struct a_namespace {
	bool lives;
	char id[64];
	const char *name;
	enum type type;
	int creator; /* 0: none */
	int tags[TAGS];
};

struct an_instance {
	bool lives, unhealthy;
	int creator, ip, port, color, init; /* 0: none */
	int64_t lease_ms, end_ms;           /* 0: none */
};

struct a_service {
	bool lives, custom;
	char id[64];
	const char *name;
	int in; /* a namespace */
	enum records records;
	int ttl, creator;
	int tags[TAGS];
	struct an_instance instances[INSTANCES];
};

struct sequence {
	struct fixture *f; /* in which nothing was */
	struct rng rng;
	uint64_t seed;
	struct buf story, body;
	json_t *answer; /* to the last call */
	bool answered;
	int64_t now_ms;
	struct a_namespace ns[MADE];
	struct a_service srv[MADE];
	int n_ns, n_srv;
};

static const char *const ns_names[] = {"a.test", "b.test", "B.test", "s.b.test"};
static const char *const srv_names[] = {"s", "S", "t"};
static const char *const records[] = {"", "A", "SRV"};
static const char *const colors[] = {"", "red", "blue"};
static const char *const healths[] = {"", "HEALTHY", "UNHEALTHY"};

static int below(struct sequence *q, int n)
{
	return (int)rng_below(&q->rng, (uint32_t)n);
}

/* ---- the calls -------------------------------------------------------------------------------- */

static void on_done(struct call *c)
{
	*(bool *)c->arg = true;
}

#define SAME(q, cond, ...)                                                             \
	do {                                                                           \
		if (!(cond)) {                                                         \
			buf_printf(&(q)->story, "   but: " __VA_ARGS__);               \
			cr_assert_fail("CMAP_SEED=%llu CMAP_SEQUENCES=1\n%s",          \
				(unsigned long long)(q)->seed, (q)->story.data);       \
		}                                                                      \
	} while (0)

/* Calls with q->body, where ' stands for ", and expects that type of error; "": an answer. */
static void call(struct sequence *q, const char *name, const char *error)
{
	struct call c = {
		.context = &q->f->context, .done = on_done, .arg = &q->answered};
	char target[100];

	snprintf(target, sizeof(target), "Route53AutoNaming_v20170314.%s", name);
	buf_printf(&q->story, "%s %s: %s\n", name, buf_text(&q->body), error);
	for (size_t i = 0; i < q->body.len; i++)
		if (q->body.data[i] == '\'')
			q->body.data[i] = '"';
	q->answered = call_start(&c, target, buf_text(&q->body), q->body.len);
	while (!q->answered && store_mem_step(q->f->store))
		;
	SAME(q, q->answered, "no answer");
	SAME(q, strcmp(fault_type(c.fault.code), error) == 0, "%s",
		c.fault.message ? c.fault.message : buf_text(&c.out));
	json_decref(q->answer);
	q->answer = c.fault.code ? NULL : json_loads(buf_text(&c.out), 0, NULL);
	SAME(q, c.fault.code || q->answer, "not JSON: %s", buf_text(&c.out));
	call_end(&c);
	buf_free(&q->body);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void add_creator(struct sequence *q, int creator)
{
	if (creator)
		buf_printf(&q->body, ",'CreatorRequestId':'c%d'", creator);
}

static void add_tags(struct sequence *q, const int tags[TAGS])
{
	const char *comma = "";

	buf_printf(&q->body, ",'Tags':[");
	for (int i = 0; i < TAGS; i++) {
		if (tags[i]) {
			buf_printf(&q->body, "%s{'Key':'%c','Value':'%d'}", comma,
				'a' + i, tags[i]);
			comma = ",";
		}
	}
	buf_printf(&q->body, "]");
}

/* Mostly none. */
static void choose_tags(struct sequence *q, int tags[TAGS], int often)
{
	for (int i = 0; i < TAGS; i++)
		tags[i] = below(q, often) ? 0 : 1 + below(q, 2);
}

static bool same_tags(const int a[TAGS], const int b[TAGS])
{
	return memcmp(a, b, TAGS * sizeof(*a)) == 0;
}

/* One made before, be it there or not any more; NONE: one that never was. The latest most of all. */
static int choose(struct sequence *q, int n)
{
	if (n == 0 || below(q, 15) == 0)
		return NONE;
	return below(q, 2) ? n - 1 : below(q, n);
}

static const char *ns_id(const struct sequence *q, int ns)
{
	return ns == NONE ? "ns-none" : q->ns[ns].id;
}

static const char *srv_id(const struct sequence *q, int srv)
{
	return srv == NONE ? "srv-none" : q->srv[srv].id;
}

static struct a_service *live_service(struct sequence *q, int srv)
{
	return srv != NONE && q->srv[srv].lives ? &q->srv[srv] : NULL;
}

/* ---- namespaces ------------------------------------------------------------------------------- */

/* As it stands there; or else a DNS namespace in any case. */
static int ns_named(const struct sequence *q, const char *name, bool in_dns)
{
	for (int i = 0; i < q->n_ns; i++)
		if (q->ns[i].lives && strcmp(q->ns[i].name, name) == 0)
			return i;
	for (int i = 0; in_dns && i < q->n_ns; i++)
		if (q->ns[i].lives && q->ns[i].type != HTTP &&
			strcasecmp(q->ns[i].name, name) == 0)
			return i;
	return NONE;
}

/* Some service has records at that name. */
static bool is_published(const struct sequence *q, const char *name)
{
	char at[100];

	for (int i = 0; i < q->n_srv; i++) {
		const struct a_service *s = &q->srv[i];

		snprintf(at, sizeof(at), "%s.%s", s->name, q->ns[s->in].name);
		if (s->lives && s->records != NO_RECORDS && strcasecmp(at, name) == 0)
			return true;
	}
	return false;
}

static void create_namespace(struct sequence *q)
{
	static const char *const calls[] = {"CreatePrivateDnsNamespace",
		"CreatePublicDnsNamespace", "CreateHttpNamespace"};
	struct a_namespace ns = {.lives = true,
		.name = ns_names[below(q, CMAP_COUNT(ns_names))],
		.type = (enum type)below(q, TYPES),
		.creator = below(q, 3)};
	int at = ns_named(q, ns.name, ns.type != HTTP);
	const struct a_namespace *old = at == NONE ? NULL : &q->ns[at];
	const char *error = "";

	choose_tags(q, ns.tags, 10);
	buf_printf(&q->body, "{'Name':'%s'%s", ns.name,
		ns.type == PRIVATE ? ",'Vpc':'v'" : "");
	add_creator(q, ns.creator);
	add_tags(q, ns.tags);
	buf_printf(&q->body, "}");
	if (old && !(ns.creator && ns.creator == old->creator && ns.type == old->type &&
			   same_tags(ns.tags, old->tags)))
		error = "NamespaceAlreadyExists";
	else if (!old && ns.type != HTTP && is_published(q, ns.name))
		error = "InvalidInput";
	call(q, calls[ns.type], error);
	if (*error)
		return;
	buf_printf(&q->body, "{'OperationId':'%s'}", text_of(q->answer, "OperationId"));
	call(q, "GetOperation", "");
	snprintf(ns.id, sizeof(ns.id), "%s",
		text_of(json_object_get(json_object_get(q->answer, "Operation"),
				"Targets"),
			"NAMESPACE"));
	SAME(q,
		strcmp(text_of(json_object_get(q->answer, "Operation"), "Status"),
			"SUCCESS") == 0,
		"not done");
	SAME(q, !old || strcmp(old->id, ns.id) == 0, "another namespace: %s", ns.id);
	if (!old)
		q->ns[q->n_ns++] = ns;
}

static void delete_namespace(struct sequence *q)
{
	int ns = choose(q, q->n_ns);
	const char *error = ns == NONE || !q->ns[ns].lives ? "NamespaceNotFound" : "";

	for (int i = 0; !*error && i < q->n_srv; i++)
		if (q->srv[i].lives && q->srv[i].in == ns)
			error = "ResourceInUse";
	buf_printf(&q->body, "{'Id':'%s'}", ns_id(q, ns));
	call(q, "DeleteNamespace", error);
	if (!*error)
		q->ns[ns].lives = false;
}

/* ---- services --------------------------------------------------------------------------------- */

static int srv_named(const struct sequence *q, int ns, const char *name)
{
	for (int i = 0; i < q->n_srv; i++)
		if (q->srv[i].lives && q->srv[i].in == ns &&
			(q->ns[ns].type == HTTP
					? strcmp(q->srv[i].name, name)
					: strcasecmp(q->srv[i].name, name)) == 0)
			return i;
	return NONE;
}

/* A namespace of its own lies where s is to have its records. */
static bool is_ceded(const struct sequence *q, const struct a_service *s)
{
	char at[100];

	snprintf(at, sizeof(at), "%s.%s", s->name, q->ns[s->in].name);
	for (int i = 0; i < q->n_ns; i++)
		if (q->ns[i].lives && q->ns[i].type != HTTP &&
			strcasecmp(q->ns[i].name, at) == 0)
			return true;
	return false;
}

static bool same_service(const struct a_service *a, const struct a_service *b)
{
	return a->creator && a->creator == b->creator && a->records == b->records &&
	       (a->records == NO_RECORDS || a->ttl == b->ttl) &&
	       a->custom == b->custom && same_tags(a->tags, b->tags);
}

static const char *create_service_error(const struct sequence *q,
	const struct a_service *s)
{
	int old;

	if (s->in == NONE || !q->ns[s->in].lives)
		return "NamespaceNotFound";
	old = srv_named(q, s->in, s->name);
	if (old != NONE)
		return same_service(&q->srv[old], s) ? "" : "ServiceAlreadyExists";
	if (s->records != NO_RECORDS && (q->ns[s->in].type == HTTP || is_ceded(q, s)))
		return "InvalidInput";
	return "";
}

static void create_service(struct sequence *q)
{
	struct a_service s = {.lives = true,
		.custom = below(q, 2),
		.name = srv_names[below(q, CMAP_COUNT(srv_names))],
		.in = choose(q, q->n_ns),
		.records = (enum records)below(q, RECORDS),
		.ttl = 1 + below(q, 2),
		.creator = below(q, 3)};
	const char *error, *id;
	int old;

	choose_tags(q, s.tags, 10);
	buf_printf(&q->body, "{'NamespaceId':'%s','Name':'%s'%s", ns_id(q, s.in),
		s.name, s.custom ? ",'HealthCheckCustomConfig':{}" : "");
	if (s.records != NO_RECORDS)
		buf_printf(&q->body,
			",'DnsConfig':{'DnsRecords':[{'Type':'%s','TTL':%d}]}",
			records[s.records], s.ttl);
	add_creator(q, s.creator);
	add_tags(q, s.tags);
	buf_printf(&q->body, "}");
	error = create_service_error(q, &s);
	call(q, "CreateService", error);
	if (*error)
		return;
	id = text_of(json_object_get(q->answer, "Service"), "Id");
	old = srv_named(q, s.in, s.name);
	SAME(q, old == NONE || strcmp(q->srv[old].id, id) == 0, "another service: %s",
		id);
	snprintf(s.id, sizeof(s.id), "%s", id);
	if (old == NONE)
		q->srv[q->n_srv++] = s;
}

/* What an update does not name of the records goes. */
static void update_service(struct sequence *q)
{
	int at = choose(q, q->n_srv), ttl = 1 + below(q, 3);
	struct a_service *s = live_service(q, at);
	enum records wanted =
		s && below(q, 4) ? s->records : (enum records)below(q, RECORDS);
	const char *error = "";

	if (!s)
		error = "ServiceNotFound";
	else if (q->ns[s->in].type == HTTP ||
		 (wanted != NO_RECORDS && wanted != s->records))
		error = "InvalidInput";
	buf_printf(&q->body, "{'Id':'%s','Service':{", srv_id(q, at));
	if (wanted != NO_RECORDS)
		buf_printf(&q->body,
			"'DnsConfig':{'DnsRecords':[{'Type':'%s','TTL':%d}]}",
			records[wanted], ttl);
	buf_printf(&q->body, "}}");
	call(q, "UpdateService", error);
	if (*error)
		return;
	s->records = wanted;
	s->ttl = ttl;
}

/* An instance whose lease has just ended counts until its timer comes. */
static void get_service(struct sequence *q)
{
	int at = choose(q, q->n_srv);
	const struct a_service *s = live_service(q, at);
	const json_t *found, *record;
	int n = 0, late = 0;
	json_int_t count;

	buf_printf(&q->body, "{'Id':'%s'}", srv_id(q, at));
	call(q, "GetService", s ? "" : "ServiceNotFound");
	if (!s)
		return;
	for (int i = 0; i < INSTANCES; i++) {
		const struct an_instance *x = &s->instances[i];

		n += x->lives;
		late += !x->lives && x->end_ms + WHEEL_TICK_MS >= q->now_ms;
	}
	found = json_object_get(q->answer, "Service");
	record = json_array_get(json_object_get(json_object_get(found, "DnsConfig"),
					"DnsRecords"),
		0);
	SAME(q, strcmp(text_of(found, "Name"), s->name) == 0, "another name");
	count = json_integer_value(json_object_get(found, "InstanceCount"));
	SAME(q, count >= n && count <= n + late, "not %d instances", n);
	SAME(q, strcmp(text_of(record, "Type"), records[s->records]) == 0,
		"other records");
	SAME(q, !record || json_integer_value(json_object_get(record, "TTL")) == s->ttl,
		"not TTL %d", s->ttl);
}

static void delete_service(struct sequence *q)
{
	int at = choose(q, q->n_srv);
	struct a_service *s = live_service(q, at);
	const char *error = s ? "" : "ServiceNotFound";

	for (int i = 0; s && i < INSTANCES; i++)
		if (s->instances[i].lives)
			error = "ResourceInUse";
	buf_printf(&q->body, "{'Id':'%s'}", srv_id(q, at));
	call(q, "DeleteService", error);
	if (!*error)
		s->lives = false;
}

/* ---- instances -------------------------------------------------------------------------------- */

static void add_attributes(struct sequence *q, const struct an_instance *i)
{
	struct buf a = {0};

	if (i->ip)
		buf_printf(&a, ",'AWS_INSTANCE_IPV4':'10.0.0.%d'", i->ip);
	if (i->port)
		buf_printf(&a, ",'AWS_INSTANCE_PORT':'%d'", i->port);
	if (i->color)
		buf_printf(&a, ",'color':'%s'", colors[i->color]);
	if (i->init)
		buf_printf(&a, ",'AWS_INIT_HEALTH_STATUS':'%s'", healths[i->init]);
	if (i->lease_ms)
		buf_printf(&a, ",'CMAP_LEASE':'%ds'", (int)(i->lease_ms / 1000));
	buf_printf(&q->body, ",'Attributes':{%s}", a.len ? a.data + 1 : "");
	buf_free(&a);
}

static bool same_attributes(const struct an_instance *a, const struct an_instance *b)
{
	return a->ip == b->ip && a->port == b->port && a->color == b->color &&
	       a->init == b->init && a->lease_ms == b->lease_ms;
}

static const char *register_error(const struct a_service *s,
	const struct an_instance *i)
{
	if (!s)
		return "ServiceNotFound";
	if ((i->init && !s->custom) || (s->records != NO_RECORDS && !i->ip) ||
		(s->records == SRV && !i->port))
		return "InvalidInput";
	return "";
}

static void register_instance(struct sequence *q)
{
	int at = choose(q, q->n_srv), id = below(q, INSTANCES);
	struct a_service *s = live_service(q, at);
	struct an_instance *old = s ? &s->instances[id] : NULL;
	struct an_instance i = {.lives = true,
		.creator = below(q, 3),
		.ip = below(q, 8) ? 1 + below(q, 2) : 0,
		.port = below(q, 4) ? 80 : 0,
		.color = below(q, 3),
		.init = below(q, 4) ? 0 : 1 + below(q, 2),
		.lease_ms = below(q, 2) ? 0 : (1 + 4 * below(q, 3)) * 1000};
	const char *error;

	if (old && old->lives && below(q, 2)) { /* as it was before */
		bool anew = below(q, 3) == 0;

		i = *old;
		i.creator = anew ? below(q, 3) : i.creator;
	}
	i.unhealthy = i.init == 2;
	i.end_ms = i.lease_ms ? q->now_ms + i.lease_ms : 0;
	error = register_error(s, &i);
	buf_printf(&q->body, "{'ServiceId':'%s','InstanceId':'%c'", srv_id(q, at),
		'a' + id);
	add_creator(q, i.creator);
	add_attributes(q, &i);
	buf_printf(&q->body, "}");
	call(q, "RegisterInstance", error);
	if (*error)
		return;
	/* The same request again leaves the instance as it is, but for its lease. */
	if (old->lives && i.creator && i.creator == old->creator &&
		same_attributes(&i, old))
		i.unhealthy = old->unhealthy;
	*old = i;
}

static void deregister_instance(struct sequence *q)
{
	int at = choose(q, q->n_srv), id = below(q, INSTANCES);
	struct a_service *s = live_service(q, at);
	const char *error = "";

	if (!s)
		error = "ServiceNotFound";
	else if (!s->instances[id].lives)
		error = "InstanceNotFound";
	buf_printf(&q->body, "{'ServiceId':'%s','InstanceId':'%c'}", srv_id(q, at),
		'a' + id);
	call(q, "DeregisterInstance", error);
	if (!*error)
		s->instances[id] = (struct an_instance){.lives = false};
}

static void update_health(struct sequence *q)
{
	int at = choose(q, q->n_srv), id = below(q, INSTANCES),
	    health = 1 + below(q, 2);
	struct a_service *s = live_service(q, at);
	struct an_instance *i = s ? &s->instances[id] : NULL;
	const char *error = "";

	if (!s)
		error = "ServiceNotFound";
	else if (!i->lives)
		error = "InstanceNotFound";
	else if (!s->custom)
		error = "CustomHealthNotFound";
	buf_printf(&q->body, "{'ServiceId':'%s','InstanceId':'%c','Status':'%s'}",
		srv_id(q, at), 'a' + id, healths[health]);
	call(q, "UpdateInstanceCustomHealthStatus", error);
	if (*error)
		return;
	i->unhealthy = health == 2;
	if (i->lease_ms) /* it has said that it lives */
		i->end_ms = q->now_ms + i->lease_ms;
}

static const char *health_of(const struct a_service *s, int id)
{
	if (!s->custom)
		return "UNKNOWN";
	return healths[s->instances[id].unhealthy ? 2 : 1];
}

static void get_health(struct sequence *q)
{
	int at = choose(q, q->n_srv), named = below(q, 2) ? below(q, INSTANCES) : NONE;
	const struct a_service *s = live_service(q, at);
	const char *error = s ? "" : "ServiceNotFound";
	const json_t *status;
	size_t n = 0;

	if (s && named != NONE && !s->instances[named].lives)
		error = "InstanceNotFound";
	buf_printf(&q->body, "{'ServiceId':'%s'", srv_id(q, at));
	if (named != NONE)
		buf_printf(&q->body, ",'Instances':['%c']", 'a' + named);
	buf_printf(&q->body, "}");
	call(q, "GetInstancesHealthStatus", error);
	if (*error)
		return;
	status = json_object_get(q->answer, "Status");
	for (int i = 0; i < INSTANCES; i++) {
		const char id[] = {(char)('a' + i), '\0'};

		if (!s->instances[i].lives || (named != NONE && named != i))
			continue;
		n++;
		SAME(q, strcmp(text_of(status, id), health_of(s, i)) == 0,
			"%s is not %s", id, health_of(s, i));
	}
	SAME(q, json_object_size(status) == n, "not %zu", n);
}

static void check_attributes(struct sequence *q, const json_t *found,
	const struct an_instance *i)
{
	const json_t *a = json_object_get(found, "Attributes");
	char ip[20] = "", port[8] = "", lease[8] = "";

	if (i->ip)
		snprintf(ip, sizeof(ip), "10.0.0.%d", i->ip);
	if (i->port)
		snprintf(port, sizeof(port), "%d", i->port);
	if (i->lease_ms)
		snprintf(lease, sizeof(lease), "%ds", (int)(i->lease_ms / 1000 % 1000));
	SAME(q,
		strcmp(text_of(a, "AWS_INSTANCE_IPV4"), ip) == 0 &&
			strcmp(text_of(a, "AWS_INSTANCE_PORT"), port) == 0 &&
			strcmp(text_of(a, "color"), colors[i->color]) == 0 &&
			strcmp(text_of(a, "CMAP_LEASE"), lease) == 0,
		"other attributes");
}

/* Those of q->answer are s's that are wanted, each once; in member key they have their ids. */
static void check_instances(struct sequence *q, const struct a_service *s,
	const bool wanted[INSTANCES], const char *key)
{
	const json_t *list = json_object_get(q->answer, "Instances");
	bool seen[INSTANCES] = {false};

	for (size_t k = 0; k < json_array_size(list); k++) {
		const json_t *found = json_array_get(list, k);
		int id = *text_of(found, key) - 'a';

		SAME(q, id >= 0 && id < INSTANCES && wanted[id] && !seen[id],
			"finds %s", text_of(found, key));
		seen[id] = true;
		check_attributes(q, found, &s->instances[id]);
		SAME(q,
			strcmp(key, "Id") == 0 || strcmp(text_of(found, "HealthStatus"),
							  health_of(s, id)) == 0,
			"not %s", health_of(s, id));
	}
	for (int i = 0; i < INSTANCES; i++)
		SAME(q, !wanted[i] || seen[i], "does not find %c", 'a' + i);
}

static void list_instances(struct sequence *q)
{
	int at = choose(q, q->n_srv);
	const struct a_service *s = live_service(q, at);
	bool wanted[INSTANCES];

	buf_printf(&q->body, "{'ServiceId':'%s'}", srv_id(q, at));
	call(q, "ListInstances", s ? "" : "ServiceNotFound");
	for (int i = 0; s && i < INSTANCES; i++)
		wanted[i] = s->instances[i].lives;
	if (s)
		check_instances(q, s, wanted, "Id");
}

/* Which of s have that color, if any is asked for, and pass the filter. */
static void discover(const struct a_service *s, const char *filter, int color,
	bool wanted[INSTANCES])
{
	bool any = false, unhealthy = strcmp(filter, "UNHEALTHY") == 0;
	bool all = !s->custom || strcmp(filter, "ALL") == 0;

	for (int i = 0; i < INSTANCES; i++) {
		const struct an_instance *at = &s->instances[i];

		wanted[i] = at->lives && (!color || at->color == color) &&
			    (all || at->unhealthy == unhealthy);
		any = any || wanted[i];
	}
	if (!any && !all && strcmp(filter, "HEALTHY_OR_ELSE_ALL") == 0)
		discover(s, "ALL", color, wanted);
}

static void discover_instances(struct sequence *q)
{
	static const char *const filters[] = {
		"", "HEALTHY", "UNHEALTHY", "ALL", "HEALTHY_OR_ELSE_ALL"};
	const char *filter = filters[below(q, CMAP_COUNT(filters))];
	int made = choose(q, q->n_srv), color = below(q, 2) ? 0 : 1 + below(q, 2);
	const char *ns_name = ns_names[below(q, CMAP_COUNT(ns_names))];
	const char *name = srv_names[below(q, CMAP_COUNT(srv_names))];
	bool wanted[INSTANCES];
	const char *error = "";
	int ns, srv;

	if (made != NONE && below(q, 4)) {
		ns_name = q->ns[q->srv[made].in].name;
		name = q->srv[made].name;
	}
	ns = ns_named(q, ns_name, true);
	srv = ns == NONE ? NONE : srv_named(q, ns, name);
	if (srv == NONE)
		error = ns == NONE ? "NamespaceNotFound" : "ServiceNotFound";
	buf_printf(&q->body, "{'NamespaceName':'%s','ServiceName':'%s'", ns_name, name);
	if (*filter)
		buf_printf(&q->body, ",'HealthStatus':'%s'", filter);
	if (color)
		buf_printf(&q->body, ",'QueryParameters':{'color':'%s'}",
			colors[color]);
	buf_printf(&q->body, "}");
	call(q, "DiscoverInstances", error);
	if (*error)
		return;
	discover(&q->srv[srv], filter, color, wanted);
	check_instances(q, &q->srv[srv], wanted, "InstanceId");
}

/* ---- tags ------------------------------------------------------------------------------------- */

/* The tags of some namespace or service, its ARN written; NULL if it is not there. */
static int *choose_tagged(struct sequence *q)
{
	bool is_ns = below(q, 2);
	int at = choose(q, is_ns ? q->n_ns : q->n_srv);
	struct a_service *s = is_ns ? NULL : live_service(q, at);

	buf_printf(&q->body, "{'ResourceARN':'" ARN "%s/%s'",
		is_ns ? "namespace" : "service", is_ns ? ns_id(q, at) : srv_id(q, at));
	if (is_ns)
		return at != NONE && q->ns[at].lives ? q->ns[at].tags : NULL;
	return s ? s->tags : NULL;
}

#define NO_RESOURCE "ResourceNotFoundException"

static void tag_resource(struct sequence *q)
{
	int *tags = choose_tagged(q), put[TAGS];

	choose_tags(q, put, 2);
	add_tags(q, put);
	buf_printf(&q->body, "}");
	call(q, "TagResource", tags ? "" : NO_RESOURCE);
	for (int i = 0; tags && i < TAGS; i++)
		if (put[i])
			tags[i] = put[i];
}

static void untag_resource(struct sequence *q)
{
	int *tags = choose_tagged(q), key = below(q, TAGS);

	buf_printf(&q->body, ",'TagKeys':['%c']}", 'a' + key);
	call(q, "UntagResource", tags ? "" : NO_RESOURCE);
	if (tags)
		tags[key] = 0;
}

static void list_tags(struct sequence *q)
{
	const int *tags = choose_tagged(q);
	int found[TAGS] = {0};
	const json_t *list;

	buf_printf(&q->body, "}");
	call(q, "ListTagsForResource", tags ? "" : NO_RESOURCE);
	list = json_object_get(q->answer, "Tags");
	for (size_t k = 0; k < json_array_size(list); k++) {
		const json_t *tag = json_array_get(list, k);
		int key = *text_of(tag, "Key") - 'a';

		SAME(q, key >= 0 && key < TAGS && !found[key], "finds %s",
			text_of(tag, "Key"));
		found[key] = *text_of(tag, "Value") - '0';
	}
	SAME(q, !tags || same_tags(found, tags), "other tags");
}

/* ---- sequences -------------------------------------------------------------------------------- */

/* At times to the very end of a lease, or to just before it. */
static void pass(struct sequence *q)
{
	int64_t ms = below(q, 3) ? 1000 * (1 + below(q, 6)) : 999;

	buf_printf(&q->story, "%d ms pass\n", (int)ms);
	q->now_ms += ms;
	fixture_pass(q->f, ms);
	for (int s = 0; s < q->n_srv; s++) {
		for (int i = 0; i < INSTANCES; i++) {
			struct an_instance *at = &q->srv[s].instances[i];

			if (at->end_ms && at->end_ms <= q->now_ms)
				at->lives = false;
		}
	}
}

static void step(struct sequence *q)
{
	static void (*const steps[])(struct sequence * q) = {create_namespace,
		create_namespace, create_service, create_service, create_service,
		register_instance, register_instance, register_instance,
		register_instance, register_instance, deregister_instance,
		update_health, update_health, update_health, get_health, list_instances,
		discover_instances, discover_instances, discover_instances,
		tag_resource, untag_resource, list_tags, update_service, get_service,
		delete_service, delete_namespace, pass, pass};

	steps[below(q, CMAP_COUNT(steps))](q);
}

/* All that is still there goes, and lets itself be deleted in this order. */
static void clear(struct sequence *q)
{
	for (int s = 0; s < q->n_srv; s++) {
		for (int i = 0; q->srv[s].lives && i < INSTANCES; i++) {
			if (!q->srv[s].instances[i].lives)
				continue;
			buf_printf(&q->body, "{'ServiceId':'%s','InstanceId':'%c'}",
				q->srv[s].id, 'a' + i);
			call(q, "DeregisterInstance", "");
		}
		buf_printf(&q->body, "{'Id':'%s'}", q->srv[s].id);
		call(q, "DeleteService", q->srv[s].lives ? "" : "ServiceNotFound");
	}
	for (int i = 0; i < q->n_ns; i++) {
		buf_printf(&q->body, "{'Id':'%s'}", q->ns[i].id);
		call(q, "DeleteNamespace", q->ns[i].lives ? "" : "NamespaceNotFound");
	}
}

static void run(struct fixture *f, uint64_t seed)
{
	struct sequence *q = xcalloc(1, sizeof(*q));
	int n;

	q->f = f;
	q->seed = seed;
	q->rng.state = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
	create_namespace(q);
	create_service(q);
	n = 20 + below(q, 21);
	for (int i = 2; i < n; i++)
		step(q);
	clear(q);
	json_decref(q->answer);
	buf_free(&q->story);
	free(q);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

Test(sequences, of_calls_are_answered_as_a_small_model_says)
{
	uint64_t seed = from_environment("CMAP_SEED", 1);
	uint64_t n = from_environment("CMAP_SEQUENCES", SEQUENCES);

	struct fixture f;

	/* One for many: that its zone goes takes 10 ms of waiting. */
	for (uint64_t i = 0; i < n; i++) {
		if (i % SHARE == 0)
			fixture_init(&f);
		run(&f, seed + i);
		if (i % SHARE == SHARE - 1 || i + 1 == n)
			fixture_free(&f);
	}
}
