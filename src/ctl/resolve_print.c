/* SPDX-License-Identifier: MIT */
#include "ctl/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const struct {
	const char *name;
	bool (*is_set)(const ldns_pkt *p);
} flags[] = {{"qr", ldns_pkt_qr}, {"aa", ldns_pkt_aa}, {"tc", ldns_pkt_tc},
	{"rd", ldns_pkt_rd}, {"ra", ldns_pkt_ra}, {"ad", ldns_pkt_ad},
	{"cd", ldns_pkt_cd}};

static const struct {
	const char *title;
	const char *member;
	ldns_rr_list *(*records)(const ldns_pkt *p);
} sections[] = {{"ANSWER", "Answer", ldns_pkt_answer},
	{"AUTHORITY", "Authority", ldns_pkt_authority},
	{"ADDITIONAL", "Additional", ldns_pkt_additional}};

unsigned int resolve_rcode(const ldns_pkt *pkt)
{
	return (unsigned int)ldns_pkt_get_rcode(pkt) |
	       (ldns_pkt_edns(pkt)
			       ? (unsigned int)ldns_pkt_edns_extended_rcode(pkt) << 4
			       : 0);
}

static void rcode_text(const ldns_pkt *pkt, char out[16])
{
	unsigned int rcode = resolve_rcode(pkt);
	char *name = rcode < 16 ? ldns_pkt_rcode2str((ldns_pkt_rcode)rcode) : NULL;

	if (name != NULL)
		snprintf(out, 16, "%s", name);
	else if (rcode == 16)
		snprintf(out, 16, "BADVERS");
	else
		snprintf(out, 16, "RCODE%u", rcode);
	free(name);
}

/* ldns gives NULL for what it cannot print; the caller frees. */
static char *rdata_text(const ldns_rr *rr)
{
	struct buf b = {0};

	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		char *text = ldns_rdf2str(ldns_rr_rdf(rr, i));

		buf_printf(&b, "%s%s", i > 0 ? " " : "", text != NULL ? text : "?");
		free(text);
	}
	return buf_take(&b);
}

static void print_record(FILE *out, const ldns_rr *rr, bool question)
{
	char *owner = ldns_rdf2str(ldns_rr_owner(rr));
	char *class = ldns_rr_class2str(ldns_rr_get_class(rr));
	char *type = ldns_rr_type2str(ldns_rr_get_type(rr));
	char *data = question ? NULL : rdata_text(rr);

	if (question)
		fprintf(out, ";%s\t\t%s\t%s\n", owner != NULL ? owner : "?", class,
			type);
	else
		fprintf(out, "%s\t%u\t%s\t%s\t%s\n", owner != NULL ? owner : "?",
			ldns_rr_ttl(rr), class, type, data);
	free(owner);
	free(class);
	free(type);
	free(data);
}

static void print_header(FILE *out, const ldns_pkt *p)
{
	char rcode[16];
	char *opcode = ldns_pkt_opcode2str(ldns_pkt_get_opcode(p));

	rcode_text(p, rcode);
	fprintf(out, ";; ->>HEADER<<- opcode: %s, status: %s, id: %u\n;; flags:",
		opcode != NULL ? opcode : "?", rcode, ldns_pkt_id(p));
	free(opcode);
	for (size_t i = 0; i < CMAP_COUNT(flags); i++) {
		if (flags[i].is_set(p))
			fprintf(out, " %s", flags[i].name);
	}
	/* ldns takes the OPT record out of the section. */
	fprintf(out, "; QUERY: %u, ANSWER: %u, AUTHORITY: %u, ADDITIONAL: %u\n\n",
		ldns_pkt_qdcount(p), ldns_pkt_ancount(p), ldns_pkt_nscount(p),
		ldns_pkt_arcount(p) + ldns_pkt_edns(p));
	if (!ldns_pkt_edns(p))
		return;
	fprintf(out, ";; OPT PSEUDOSECTION:\n; EDNS: version: %u, flags:%s; udp: %u\n",
		ldns_pkt_edns_version(p), ldns_pkt_edns_do(p) ? " do" : "",
		ldns_pkt_edns_udp_size(p));
}

void resolve_print(FILE *out, const struct sock_addr *server,
	const struct resolve_reply *reply)
{
	const ldns_pkt *p = reply->pkt;
	ldns_rr_list *question = ldns_pkt_question(p);
	char where[SOCK_ADDR_TEXT];

	if (reply->truncated)
		fputs(";; truncated over UDP, asked again over TCP\n", out);
	print_header(out, p);
	if (ldns_rr_list_rr_count(question) > 0)
		fputs(";; QUESTION SECTION:\n", out);
	for (size_t i = 0; i < ldns_rr_list_rr_count(question); i++)
		print_record(out, ldns_rr_list_rr(question, i), true);
	for (size_t s = 0; s < CMAP_COUNT(sections); s++) {
		ldns_rr_list *list = sections[s].records(p);

		if (ldns_rr_list_rr_count(list) > 0)
			fprintf(out, "\n;; %s SECTION:\n", sections[s].title);
		for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++)
			print_record(out, ldns_rr_list_rr(list, i), false);
	}
	sock_addr_format(server, where);
	fprintf(out,
		"\n;; Query time: %lld msec\n;; SERVER: %s (%s)\n;; MSG SIZE  rcvd: "
		"%zu\n",
		(long long)reply->time_ms, where, reply->tcp ? "TCP" : "UDP",
		reply->size);
}

/* A text of ldns (taken over) as JSON; ldns escapes what is not ASCII. */
static json_t *take_text(char *text)
{
	json_t *value = json_string(text != NULL ? text : "?");

	free(text);
	return value;
}

static json_t *record_json(const ldns_rr *rr, bool question)
{
	json_t *o = json_object();

	json_object_set_new(o, "Name", take_text(ldns_rdf2str(ldns_rr_owner(rr))));
	json_object_set_new(o, "Type",
		take_text(ldns_rr_type2str(ldns_rr_get_type(rr))));
	if (!question) {
		json_object_set_new(o, "TTL", json_integer(ldns_rr_ttl(rr)));
		json_object_set_new(o, "Data", take_text(rdata_text(rr)));
	}
	return o;
}

static json_t *records_json(const ldns_rr_list *list, bool question)
{
	json_t *array = json_array();

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++)
		json_array_append_new(array,
			record_json(ldns_rr_list_rr(list, i), question));
	return array;
}

json_t *resolve_json(const struct sock_addr *server, const struct resolve_reply *reply)
{
	const ldns_pkt *p = reply->pkt;
	char rcode[16];
	char where[SOCK_ADDR_TEXT];
	json_t *set = json_array();
	json_t *o;

	rcode_text(p, rcode);
	sock_addr_format(server, where);
	for (size_t i = 0; i < CMAP_COUNT(flags); i++) {
		if (flags[i].is_set(p))
			json_array_append_new(set, json_string(flags[i].name));
	}
	o = json_pack("{s:s, s:o}", "Status", rcode, "Flags", set);
	json_object_set_new(o, "Question", records_json(ldns_pkt_question(p), true));
	for (size_t s = 0; s < CMAP_COUNT(sections); s++)
		json_object_set_new(o, sections[s].member,
			records_json(sections[s].records(p), false));
	json_object_set_new(o, "Server", json_string(where));
	json_object_set_new(o, "Transport", json_string(reply->tcp ? "tcp" : "udp"));
	json_object_set_new(o, "QueryTimeMs", json_integer(reply->time_ms));
	json_object_set_new(o, "Size", json_integer((json_int_t)reply->size));
	return o;
}
