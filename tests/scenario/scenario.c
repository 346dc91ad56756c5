/* SPDX-License-Identifier: MIT */
/*
 * scenario.c -- tells what happens over time, line by line, and checks what is answered.
 *
 *	namespace NAME [soa=SECONDS]            service NAME TYPE=TTL... [weighted]
 *	update service NAME [TYPE=TTL...]       without, it loses its records
 *	register NAME ID KEY=VALUE...           keys: ipv4 ipv6 port cname lease; others as they are
 *	renew NAME ID                           deregister NAME ID
 *	delete service NAME                     delete namespace NAME
 *	pass SECONDS                            restart
 *	zone NAMESPACE WORD...                  the words become a line of its zone file
 *	zone NAMESPACE                          its zone file is empty again
 *	reload                                  the zone files are read again
 *	reverse [NETWORK...]                    whose addresses get names
 *	browse [NAMESPACE...]                   which can be browsed
 *	attributes SERVICE [KEY=VALUE...]       it has these, and none besides; a '_' stands for a space
 *	store works|refuses|hangs               limit instances N; answers N (both before a restart)
 *	expect TYPE NAME -> VALUE... [ttl=N]    the answer section, in order; or: nodata, nxdomain, refused
 *	expect TYPE NAME ~> VALUE... [ttl=N]    the same in any order
 *	expect TYPE NAME -> [VALUE...] referral NAME... [glue VALUE...]   NS in authority, addresses behind
 *	expect TYPE NAME -> VALUE... then nodata|nxdomain                 what a CNAME led to
 *
 * A line with "-> TYPE" behind a change expects that fault (InvalidInput, ServiceNotFound, gone, no-answer);
 * "reload -> NAMESPACE:LINE" that the file is refused. '#' begins a comment unless a backslash stands before it.
 * Usage: scenario [FILE...]; prints TAP, one test a file.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/mem.h"
#include "world.h"

enum { WORDS_MAX = 40, LINE_MAX_ = 1024 };

struct line {
	char *word[WORDS_MAX];
	int n;
	const char *outcome; /* what stands behind "->"; NULL: it works */
	bool ordered;
	char **expected; /* the words behind the arrow */
	int n_expected;
};

struct scenario {
	struct world world;
	const char *file;
	int number;
	bool failed;
};

static void fail(struct scenario *s, const char *what, const char *got)
{
	printf("# %s:%d: %s%s%s\n", s->file, s->number, what, got == NULL ? "" : ": ",
		got == NULL ? "" : got);
	s->failed = true;
}

static void cut_comment(char *text)
{
	text[strcspn(text, "\n")] = '\0';
	for (char *c = strchr(text, '#'); c != NULL; c = strchr(c + 1, '#')) {
		if (c == text || c[-1] != '\\') {
			*c = '\0';
			return;
		}
	}
}

static void split(char *text, struct line *l)
{
	memset(l, 0, sizeof(*l));
	for (char *w = strtok(text, " \t\n"); w != NULL; w = strtok(NULL, " \t\n")) {
		if (strcmp(w, "->") == 0 || strcmp(w, "~>") == 0) {
			l->ordered = w[0] == '-';
			l->expected = &l->word[l->n];
			l->n_expected = -l->n;
			continue;
		}
		if (l->n < WORDS_MAX)
			l->word[l->n++] = w;
	}
	if (l->expected != NULL) {
		l->n_expected += l->n;
		l->n -= l->n_expected;
		l->outcome = l->n_expected > 0 ? l->expected[0] : "";
	}
}

/* The service of that full name, or NULL. */
static struct service *find_service(struct scenario *s, const char *name)
{
	char *prefix = NULL;
	struct namespace *ns =
		model_namespace_above(registry_model(s->world.registry), name, &prefix);
	struct service *found = ns == NULL ? NULL : model_service_by_name(ns, prefix);

	free(prefix);
	return found;
}

/* Submits c and compares what comes of it with the line's outcome. */
static void submit(struct scenario *s, const struct line *l, struct command *c)
{
	const char *outcome;

	if (!world_submit(&s->world, c)) {
		if (l->outcome == NULL || strcmp(l->outcome, "no-answer") != 0)
			fail(s, "no answer came", NULL);
		return;
	}
	outcome = c->fault.code == FAULT_NONE ? NULL : fault_type(c->fault.code);
	if (outcome == NULL && l->outcome != NULL)
		fail(s, "this should have failed", l->outcome);
	else if (outcome != NULL &&
		 (l->outcome == NULL || strcmp(outcome, l->outcome) != 0))
		fail(s, outcome, c->fault.message);
	command_free(c);
}

static void do_namespace(struct scenario *s, const struct line *l)
{
	struct command *c = command_new(COMMAND_CREATE_NAMESPACE);

	c->ns = xcalloc(1, sizeof(*c->ns));
	c->ns->type = NAMESPACE_DNS_PRIVATE;
	c->ns->name = xstrdup(l->word[1]);
	c->ns->creator_request_id = xstrdup("");
	c->ns->vpc = xstrdup("test");
	c->ns->soa_ttl = -1;
	for (int i = 2; i < l->n; i++) {
		if (strncmp(l->word[i], "soa=", 4) == 0)
			c->ns->soa_ttl = atoi(l->word[i] + 4);
		else if (strcmp(l->word[i], "http") == 0)
			c->ns->type = NAMESPACE_HTTP;
	}
	submit(s, l, c);
}

/* The words of l from the one of that number on, as records of service. */
static void read_records(struct scenario *s, const struct line *l, int from,
	struct service *service)
{
	for (int i = from; i < l->n; i++) {
		char *equals = strchr(l->word[i], '=');

		if (equals == NULL) {
			service->has_routing = true;
			service->routing = ROUTING_WEIGHTED;
			continue;
		}
		*equals = '\0';
		if (record_type_from_name(l->word[i],
			    &service->records[service->n_records].type) != CMAP_OK)
			fail(s, "no such record type", l->word[i]);
		service->records[service->n_records++].ttl = (uint32_t)atoi(equals + 1);
	}
}

static void do_update(struct scenario *s, const struct line *l)
{
	struct command *c = command_new(COMMAND_UPDATE_SERVICE);
	struct service *service = find_service(s, l->word[2]);

	strcpy(c->id, service == NULL ? "srv-none" : service->id);
	c->service = xcalloc(1, sizeof(*c->service));
	c->with_records = l->n > 3;
	read_records(s, l, 3, c->service);
	submit(s, l, c);
}

static void do_service(struct scenario *s, const struct line *l)
{
	struct command *c = command_new(COMMAND_CREATE_SERVICE);
	struct service *service = c->service = xcalloc(1, sizeof(*service));
	char *prefix = NULL;
	struct namespace *ns = model_namespace_above(registry_model(s->world.registry),
		l->word[1], &prefix);

	service->creator_request_id = xstrdup("");
	service->name = prefix == NULL ? xstrdup("none") : prefix;
	if (ns != NULL)
		strcpy(service->namespace_id, ns->id);
	read_records(s, l, 2, service);
	submit(s, l, c);
}

static const char *attribute_key(const char *word)
{
	static const char *const keys[][2] = {{"ipv4", "AWS_INSTANCE_IPV4"},
		{"ipv6", "AWS_INSTANCE_IPV6"}, {"port", "AWS_INSTANCE_PORT"},
		{"cname", "AWS_INSTANCE_CNAME"}, {"lease", "CMAP_LEASE"}};

	for (size_t i = 0; i < CMAP_COUNT(keys); i++)
		if (strcmp(word, keys[i][0]) == 0)
			return keys[i][1];
	return word;
}

static void do_register(struct scenario *s, const struct line *l)
{
	struct command *c = command_new(COMMAND_REGISTER_INSTANCE);
	struct service *service = find_service(s, l->word[1]);

	struct attributes attributes = {.block = NULL};

	strcpy(c->id, service == NULL ? "srv-none" : service->id);
	for (int i = 3; i < l->n; i++) {
		char *equals = strchr(l->word[i], '=');

		if (equals == NULL) {
			fail(s, "not KEY=VALUE", l->word[i]);
			continue;
		}
		*equals = '\0';
		attributes_set(&attributes, attribute_key(l->word[i]), equals + 1);
	}
	c->instance = instance_new(l->word[2], "", &attributes);
	attributes_free(&attributes);
	submit(s, l, c);
}

static void do_deregister(struct scenario *s, const struct line *l)
{
	struct command *c = command_new(COMMAND_DEREGISTER_INSTANCE);
	struct service *service = find_service(s, l->word[1]);

	strcpy(c->id, service == NULL ? "srv-none" : service->id);
	c->instance_id = xstrdup(l->word[2]);
	submit(s, l, c);
}

static void do_delete(struct scenario *s, const struct line *l)
{
	bool is_service = strcmp(l->word[1], "service") == 0;
	struct command *c = command_new(is_service ? COMMAND_DELETE_SERVICE
						   : COMMAND_DELETE_NAMESPACE);
	const struct service *service = is_service ? find_service(s, l->word[2]) : NULL;
	const struct namespace *ns =
		is_service ? NULL
			   : model_namespace_by_dns(registry_model(s->world.registry),
				     l->word[2]);

	if (service != NULL)
		strcpy(c->id, service->id);
	else
		strcpy(c->id, ns == NULL ? "none" : ns->id);
	submit(s, l, c);
}

static void do_renew(struct scenario *s, const struct line *l)
{
	struct service *service = find_service(s, l->word[1]);
	struct instance *i =
		service == NULL ? NULL : model_instance(service, l->word[2]);
	int err = i == NULL ? CMAP_E_NOT_FOUND : registry_renew(s->world.registry, i);
	const char *outcome = err == CMAP_OK            ? NULL
			      : err == CMAP_E_NOT_FOUND ? "gone"
							: "no-lease";

	if ((outcome == NULL) != (l->outcome == NULL) ||
		(outcome != NULL && strcmp(outcome, l->outcome) != 0))
		fail(s, "renew", outcome == NULL ? "renewed" : outcome);
}

/* In a zone file "_" begins a line in place of the owner that is left out. */
static void do_zone(struct scenario *s, const struct line *l)
{
	struct buf text = {.data = NULL};

	if (l->n == 2)
		world_empty_file(&s->world, l->word[1]);
	for (int i = 2; i < l->n; i++)
		buf_printf(&text, "%s%s", i > 2 ? " " : "",
			i == 2 && strcmp(l->word[i], "_") == 0 ? "" : l->word[i]);
	if (l->n > 2)
		world_add_line(&s->world, l->word[1], buf_text(&text));
	buf_free(&text);
}

static void do_reload(struct scenario *s, const struct line *l)
{
	bool done = world_reload(&s->world);

	if (done && l->outcome != NULL)
		fail(s, "this should have failed", l->outcome);
	if (!done && (l->outcome == NULL || strncmp(buf_text(&s->world.why), l->outcome,
						    strlen(l->outcome)) != 0))
		fail(s, "reload", buf_text(&s->world.why));
}

static void do_reverse(struct scenario *s, const struct line *l)
{
	struct zone_options *o = &s->world.zone_options;

	o->n_reverse = 0;
	for (int i = 1; i < l->n; i++)
		if (prefix_parse(l->word[i], &o->reverse[o->n_reverse++]) != CMAP_OK)
			fail(s, "no network", l->word[i]);
	zone_set_options(s->world.zone, o);
	zone_publish(s->world.zone, registry_model(s->world.registry)->revision);
}

static void do_browse(struct scenario *s, const struct line *l)
{
	world_browse(&s->world, l->n - 1, l->word + 1);
}

static void do_attributes(struct scenario *s, const struct line *l)
{
	struct command *c = command_new(COMMAND_CHANGE_ATTRIBUTES);
	struct service *service = find_service(s, l->word[1]);
	const char *key, *value;
	uint32_t pos = 0;

	strcpy(c->id, service == NULL ? "srv-none" : service->id);
	while (service != NULL &&
		attributes_next(&service->attributes, &pos, &key, &value))
		attributes_set(&c->remove, key, value);
	for (int i = 2; i < l->n; i++) {
		char *equals = strchr(l->word[i], '=');

		if (equals == NULL) {
			fail(s, "not KEY=VALUE", l->word[i]);
			continue;
		}
		*equals = '\0';
		for (char *blank = equals + 1; (blank = strchr(blank, '_')) != NULL;)
			*blank = ' ';
		attributes_set(&c->put, l->word[i], equals + 1);
	}
	submit(s, l, c);
}

static void do_store(struct scenario *s, const struct line *l)
{
	enum store_mem_fault fault = strcmp(l->word[1], "works") == 0 ? STORE_MEM_WORKS
				     : strcmp(l->word[1], "refuses") == 0
					     ? STORE_MEM_REFUSES
					     : STORE_MEM_HANGS;

	store_mem_set_fault(s->world.store, fault);
}

/* ---- expect ------------------------------------------------------------------------------------- */

/* The rdata of rr as one word: '/' stands between its parts, and for spaces. */
static char *rdata_text(const ldns_rr *rr)
{
	struct buf b = {.data = NULL};

	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		char *text = ldns_rdf2str(ldns_rr_rdf(rr, i));

		for (char *c = strchr(text, ' '); c != NULL; c = strchr(c, ' '))
			*c = '/';
		buf_printf(&b, "%s%s", i == 0 ? "" : "/", text);
		free(text);
	}
	return buf_take(&b);
}

/* The place of word behind the arrow, or n_expected. */
static int find_word(const struct line *l, const char *word)
{
	int i = 0;

	while (i < l->n_expected && strcmp(l->expected[i], word) != 0)
		i++;
	return i;
}

static bool take_expected(const struct line *l, bool *used, int at, const char *got)
{
	for (int i = 0; i < l->n_expected; i++) {
		if (used[i] || (l->ordered && i != at) ||
			strcmp(l->expected[i], got) != 0)
			continue;
		used[i] = true;
		return true;
	}
	return false;
}

/* The answer section against the words behind the arrow; a word ttl=N holds for every record. */
static void compare_answer(struct scenario *s, struct line *l, ldns_rr_list *answer)
{
	bool used[WORDS_MAX] = {false};
	size_t n = ldns_rr_list_rr_count(answer);
	long ttl = -1;

	if (strncmp(l->expected[l->n_expected - 1], "ttl=", 4) == 0)
		ttl = atol(l->expected[--l->n_expected] + 4);
	if ((int)n != l->n_expected) {
		char text[40];

		snprintf(text, sizeof(text), "%zu, not %d", n, l->n_expected);
		fail(s, "number of records", text);
	}
	for (size_t i = 0; i < n; i++) {
		ldns_rr *rr = ldns_rr_list_rr(answer, i);
		char *got = rdata_text(rr);

		if (!take_expected(l, used, (int)i, got))
			fail(s, "not expected", got);
		if (ttl >= 0 && ldns_rr_ttl(rr) != (uint32_t)ttl) {
			snprintf(got, strlen(got) + 1, "%u", ldns_rr_ttl(rr));
			fail(s, "TTL", got);
		}
		free(got);
	}
}

/* nodata, nxdomain and refused; the first two must show the SOA. */
static bool compare_negative(struct scenario *s, const struct line *l,
	const ldns_pkt *reply)
{
	static const struct {
		const char *word;
		ldns_pkt_rcode rcode;
		bool has_soa;
	} kinds[] = {{"nodata", LDNS_RCODE_NOERROR, true},
		{"nxdomain", LDNS_RCODE_NXDOMAIN, true},
		{"refused", LDNS_RCODE_REFUSED, false}};

	for (size_t i = 0; i < CMAP_COUNT(kinds); i++) {
		const ldns_rr_list *authority = ldns_pkt_authority(reply);
		ldns_rr *soa = ldns_rr_list_rr_count(authority) == 1
				       ? ldns_rr_list_rr(authority, 0)
				       : NULL;

		if (strcmp(l->expected[0], kinds[i].word) != 0)
			continue;
		if (ldns_pkt_get_rcode(reply) != kinds[i].rcode ||
			ldns_pkt_ancount(reply) != 0)
			fail(s, "not so", kinds[i].word);
		if (kinds[i].has_soa != (soa != NULL))
			fail(s, "the SOA of a negative answer", kinds[i].word);
		if (soa != NULL && l->n_expected > 1 &&
			ldns_rr_ttl(soa) != (uint32_t)atol(l->expected[1] + 4))
			fail(s, "the SOA's TTL", NULL);
		return true;
	}
	return false;
}

/* The section holds just these records, given by their data, in any order. */
static void compare_section(struct scenario *s, const char *what,
	const ldns_rr_list *section, char **words, int n)
{
	struct line l = {.expected = words, .n_expected = n};
	bool used[WORDS_MAX] = {false};

	if ((int)ldns_rr_list_rr_count(section) != n)
		fail(s, "number of records in", what);
	for (size_t i = 0; i < ldns_rr_list_rr_count(section); i++) {
		char *got = rdata_text(ldns_rr_list_rr(section, i));

		if (!take_expected(&l, used, 0, got))
			fail(s, what, got);
		free(got);
	}
}

/* referral NAME... [glue VALUE...], at place at; what stands before is the answer. */
static void compare_referral(struct scenario *s, struct line *l, int at,
	const ldns_pkt *reply)
{
	int glue = find_word(l, "glue");
	ldns_rr_list *additional = ldns_rr_list_new();

	for (size_t i = 0; i < ldns_pkt_arcount(reply); i++) {
		ldns_rr *rr = ldns_rr_list_rr(ldns_pkt_additional(reply), i);

		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_OPT)
			ldns_rr_list_push_rr(additional, rr);
	}
	if (ldns_pkt_get_rcode(reply) != LDNS_RCODE_NOERROR)
		fail(s, "RCODE is not NOERROR", NULL);
	if (ldns_pkt_aa(reply) != (at > 0))
		fail(s, "AA", at > 0 ? "is missing" : "is set");
	compare_section(s, "answer", ldns_pkt_answer(reply), l->expected, at);
	compare_section(s, "authority", ldns_pkt_authority(reply), l->expected + at + 1,
		glue - at - 1);
	compare_section(s, "additional", additional, l->expected + glue + 1,
		glue < l->n_expected ? l->n_expected - glue - 1 : 0);
	ldns_rr_list_free(additional);
}

/* VALUE... then nodata|nxdomain, "then" at place at: the answer section, and what is said of its end. */
static void compare_then(struct scenario *s, const struct line *l, int at,
	const ldns_pkt *reply)
{
	bool exists =
		at + 1 < l->n_expected && strcmp(l->expected[at + 1], "nodata") == 0;
	const ldns_rr_list *authority = ldns_pkt_authority(reply);

	if (ldns_pkt_get_rcode(reply) !=
		(exists ? LDNS_RCODE_NOERROR : LDNS_RCODE_NXDOMAIN))
		fail(s, "RCODE", NULL);
	if (ldns_rr_list_rr_count(authority) != 1 ||
		ldns_rr_get_type(ldns_rr_list_rr(authority, 0)) != LDNS_RR_TYPE_SOA)
		fail(s, "the SOA of a negative answer", NULL);
	compare_section(s, "answer", ldns_pkt_answer(reply), l->expected, at);
}

static void compare(struct scenario *s, struct line *l, const ldns_pkt *reply)
{
	int referral = find_word(l, "referral"), then = find_word(l, "then");

	if (referral < l->n_expected) {
		compare_referral(s, l, referral, reply);
	} else if (then < l->n_expected) {
		compare_then(s, l, then, reply);
	} else if (!compare_negative(s, l, reply)) {
		if (ldns_pkt_get_rcode(reply) != LDNS_RCODE_NOERROR)
			fail(s, "RCODE is not NOERROR", NULL);
		compare_answer(s, l, ldns_pkt_answer(reply));
	}
}

static void do_expect(struct scenario *s, struct line *l)
{
	ldns_pkt *reply;

	if (l->n != 3 || l->n_expected < 1) {
		fail(s, "expect TYPE NAME -> ...", NULL);
		return;
	}
	reply = world_ask(&s->world, l->word[2], l->word[1]);
	compare(s, l, reply);
	ldns_pkt_free(reply);
}

/* ---- lines --------------------------------------------------------------------------------------- */

static void do_line(struct scenario *s, struct line *l)
{
	static const struct {
		const char *word;
		int n; /* words, at least */
		void (*run)(struct scenario *s, const struct line *l);
	} changes[] = {{"namespace", 2, do_namespace}, {"service", 2, do_service},
		{"update", 3, do_update}, {"register", 3, do_register},
		{"deregister", 3, do_deregister}, {"delete", 3, do_delete},
		{"renew", 3, do_renew}, {"store", 2, do_store}, {"zone", 2, do_zone},
		{"reload", 1, do_reload}, {"reverse", 1, do_reverse},
		{"browse", 1, do_browse}, {"attributes", 2, do_attributes}};
	const char *word = l->word[0];

	for (size_t i = 0; i < CMAP_COUNT(changes); i++) {
		if (strcmp(word, changes[i].word) == 0 && l->n >= changes[i].n) {
			changes[i].run(s, l);
			return;
		}
	}
	if (strcmp(word, "expect") == 0)
		do_expect(s, l);
	else if (strcmp(word, "pass") == 0 && l->n == 2)
		world_pass(&s->world, (int64_t)(atof(l->word[1]) * 1000));
	else if (strcmp(word, "restart") == 0)
		world_restart(&s->world);
	else if (strcmp(word, "answers") == 0 && l->n == 2)
		s->world.zone_options.answers = (uint16_t)atoi(l->word[1]);
	else if (strcmp(word, "limit") == 0 && l->n == 3)
		s->world.max_instances = (uint32_t)atoi(l->word[2]);
	else
		fail(s, "no such line", word);
}

static bool run_file(const char *path)
{
	struct scenario s = {.file = path};
	char text[LINE_MAX_];
	FILE *f = fopen(path, "r");

	if (f == NULL) {
		printf("# %s cannot be read\n", path);
		return false;
	}
	world_open(&s.world);
	while (fgets(text, sizeof(text), f) != NULL) {
		struct line l;

		s.number++;
		cut_comment(text);
		split(text, &l);
		if (l.n > 0)
			do_line(&s, &l);
	}
	fclose(f);
	world_close(&s.world);
	return !s.failed;
}

/* The scenarios beside this file, or those named on the command line. */
int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	char *pattern = xasprintf("%s/tests/scenario/*.scenario",
		srcdir == NULL ? "." : srcdir);
	glob_t found = {.gl_pathc = 0};
	char **files = argv + 1;
	size_t n = (size_t)argc - 1;
	int failed = 0;

	if (n == 0 && glob(pattern, 0, NULL, &found) == 0) {
		files = found.gl_pathv;
		n = found.gl_pathc;
	}
	printf("1..%zu\n", n);
	for (size_t i = 0; i < n; i++) {
		const char *name = strrchr(files[i], '/');
		bool ok = run_file(files[i]);

		printf("%s %zu - %s\n", ok ? "ok" : "not ok", i + 1,
			name == NULL ? files[i] : name + 1);
		failed += !ok;
	}
	globfree(&found);
	free(pattern);
	return n > 0 && failed == 0 ? 0 : 1;
}
