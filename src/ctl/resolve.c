/* SPDX-License-Identifier: MIT */
/* resolve.c -- cmapctl resolve. */
#include "ctl/resolve.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/error.h"
#include "ctl/command.h"

#define DEFAULT_SERVER "127.0.0.1"

static int read_server(const struct ctl *c, const struct args *a, struct sock_addr *out)
{
	const char *option = args_value(a, "server");
	const char *environment = getenv("CMAP_SERVER");
	const char *text = DEFAULT_SERVER;

	if (option != NULL)
		text = option;
	else if (environment != NULL && environment[0] != '\0')
		text = environment;
	if (sock_addr_parse(text, 53, out) != CMAP_OK || sock_addr_port(out) == 0)
		return ctl_fail(c, CTL_USAGE, "%s: '%s' is not ADDR or ADDR:PORT",
			option != NULL ? "option '--server'" : "CMAP_SERVER", text);
	return CTL_OK;
}

ldns_pkt *resolve_query(ldns_rdf *name, ldns_rr_type type, uint16_t edns_size)
{
	ldns_pkt *query = ldns_pkt_query_new(name, type, LDNS_RR_CLASS_IN, LDNS_RD);
	uint16_t id;

	if (query == NULL) {
		ldns_rdf_deep_free(name);
		return NULL;
	}
	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		id = 0;
	ldns_pkt_set_id(query, id);
	if (edns_size > 0)
		ldns_pkt_set_edns_udp_size(query, edns_size);
	return query;
}

/* The caller frees *out with ldns_pkt_free(). */
static int make_query(const struct ctl *c, const struct args *a, ldns_pkt **out)
{
	const char *type_text = a->n_operands > 1 ? a->operands[1] : "A";
	ldns_rr_type type = ldns_get_rr_type_by_name(type_text);
	ldns_rdf *name;
	ldns_pkt *query;

	if (type == 0)
		return ctl_fail(c, CTL_USAGE, "'%s' is not a record type", type_text);
	if (type == LDNS_RR_TYPE_AXFR || type == LDNS_RR_TYPE_IXFR ||
		type == LDNS_RR_TYPE_OPT)
		return ctl_fail(c, CTL_USAGE, "'%s' cannot be asked for here",
			type_text);
	name = ldns_dname_new_frm_str(a->operands[0]);
	if (name == NULL || a->operands[0][0] == '\0') {
		ldns_rdf_deep_free(name);
		return ctl_fail(c, CTL_USAGE, "'%s' is not a domain name",
			a->operands[0]);
	}
	query = resolve_query(name, type, RESOLVE_EDNS_SIZE);
	if (query == NULL)
		return ctl_fail(c, CTL_NO, "ldns makes no query");
	*out = query;
	return CTL_OK;
}

/* What the reply means to a script. */
static int judge(const ldns_pkt *pkt)
{
	unsigned int rcode = resolve_rcode(pkt);

	if (rcode == LDNS_RCODE_SERVFAIL)
		return CTL_TRY_AGAIN;
	return rcode == LDNS_RCODE_NOERROR && ldns_pkt_ancount(pkt) > 0 ? CTL_OK
									: CTL_NO;
}

int resolve_run(struct ctl *c, const struct args *a)
{
	struct resolve_reply reply = {0};
	struct sock_addr server;
	ldns_pkt *query = NULL;
	int status = read_server(c, a, &server);

	if (status == CTL_OK)
		status = make_query(c, a, &query);
	if (status == CTL_OK)
		status = resolve_ask(c, &server, query, args_has(a, "tcp"), &reply);
	if (status == CTL_OK) {
		if (c->json) {
			json_t *shown = resolve_json(&server, &reply);

			ctl_print_json(c, shown);
			json_decref(shown);
		} else {
			resolve_print(c->out, &server, &reply);
		}
		status = judge(reply.pkt);
	}
	if (reply.pkt != NULL)
		ldns_pkt_free(reply.pkt);
	if (query != NULL)
		ldns_pkt_free(query);
	return status;
}
