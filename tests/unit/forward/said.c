/* SPDX-License-Identifier: MIT */
#include "said.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "octets.h"

static _Noreturn void bad(const char *line)
{
	fprintf(stderr, "said: this is no such text: '%s'\n", line);
	abort();
}

static void read_flag(ldns_pkt *p, const char *word)
{
	if (strcmp(word, "qr") == 0)
		ldns_pkt_set_qr(p, true);
	else if (strcmp(word, "query") == 0)
		ldns_pkt_set_qr(p, false);
	else if (strcmp(word, "aa") == 0)
		ldns_pkt_set_aa(p, true);
	else if (strcmp(word, "tc") == 0)
		ldns_pkt_set_tc(p, true);
	else if (strcmp(word, "ra") == 0)
		ldns_pkt_set_ra(p, true);
	else if (strcmp(word, "ad") == 0)
		ldns_pkt_set_ad(p, true);
	else if (strcmp(word, "edns") == 0)
		ldns_pkt_set_edns_udp_size(p, 1232);
	else if (strcmp(word, "do") == 0)
		ldns_pkt_set_edns_do(p, true);
	else if (strncmp(word, "extended=", 9) == 0)
		ldns_pkt_set_edns_extended_rcode(p, (uint8_t)atoi(word + 9));
	else
		bad(word);
}

static void read_first(ldns_pkt *p, char *line)
{
	char *rest, *word = strtok_r(line, " ", &rest);
	const ldns_lookup_table *rcode = ldns_lookup_by_name(ldns_rcodes, word);

	if (rcode == NULL)
		bad(line);
	ldns_pkt_set_rcode(p, (uint8_t)rcode->id);
	ldns_pkt_set_qr(p, true);
	while ((word = strtok_r(NULL, " ", &rest)) != NULL)
		read_flag(p, word);
}

static ldns_rr *read_question(const char *line)
{
	ldns_rr *rr = ldns_rr_new();
	char *name = strdup(line), *type = strchr(name, ' ');

	if (type == NULL)
		bad(line);
	*type++ = '\0';
	ldns_rr_set_question(rr, true);
	ldns_rr_set_owner(rr, ldns_dname_new_frm_str(name));
	ldns_rr_set_type(rr, ldns_get_rr_type_by_name(type));
	ldns_rr_set_class(rr, LDNS_RR_CLASS_IN);
	free(name);
	return rr;
}

static void read_record(ldns_pkt *p, const char *line)
{
	ldns_rr *rr = NULL;

	if (line[1] != ' ')
		bad(line);
	if (line[0] == '?')
		rr = read_question(line + 2);
	else if (ldns_rr_new_frm_str(&rr, line + 2, 0, NULL, NULL) != LDNS_STATUS_OK)
		bad(line);
	switch (line[0]) {
	case '?':
		ldns_pkt_push_rr(p, LDNS_SECTION_QUESTION, rr);
		break;
	case '=':
		ldns_pkt_push_rr(p, LDNS_SECTION_ANSWER, rr);
		break;
	case '-':
		ldns_pkt_push_rr(p, LDNS_SECTION_AUTHORITY, rr);
		break;
	case '+':
		ldns_pkt_push_rr(p, LDNS_SECTION_ADDITIONAL, rr);
		break;
	default:
		bad(line);
	}
}

size_t said(const char *text, uint8_t out[DNS_MESSAGE_MAX])
{
	char *copy = strdup(text), *rest, *line = strtok_r(copy, "\n", &rest);
	ldns_pkt *p = ldns_pkt_new();
	uint8_t *wire = NULL;
	size_t len = 0;

	ldns_pkt_set_id(p, SAID_ID);
	read_first(p, line);
	while ((line = strtok_r(NULL, "\n", &rest)) != NULL)
		read_record(p, line);
	if (ldns_pkt2wire(&wire, p, &len) != LDNS_STATUS_OK || len > DNS_MESSAGE_MAX)
		bad(text);
	memcpy(out, wire, len);
	free(wire);
	ldns_pkt_free(p);
	free(copy);
	return len;
}

struct forward_question asked_for(const char *name, uint16_t type)
{
	struct forward_question q;

	memset(&q, 0, sizeof(q));
	q.type = type;
	q.class = DNS_IN;
	if (dname_from_text(name, &q.name) != CMAP_OK)
		bad(name);
	dname_lower(q.name.wire, q.name.len, q.name.wire);
	return q;
}

void asker_init(struct asker *a, const char *name, const struct forward_question *q,
	uint16_t n_cnames, const char *prefix, const char *opt, uint16_t limit)
{
	struct forward_request *r = &a->request;
	uint8_t *at = a->octets + DNS_HEADER_LEN;
	uint8_t *end = a->octets + sizeof(a->octets);
	struct dname asked;

	memset(a, 0, sizeof(*a));
	if (dname_from_text(name, &asked) != CMAP_OK)
		bad(name);
	dns_put16(a->octets, 0xBEEF);
	dns_put16(a->octets + 2, DNS_QR | DNS_RD | DNS_RA);
	dns_put16(a->octets + 4, 1);
	dns_put16(a->octets + 6, n_cnames);
	memcpy(at, asked.wire, asked.len);
	at += asked.len;
	dns_put16(at, q->type);
	dns_put16(at + 2, q->class);
	at += 4;
	if (prefix != NULL)
		at += octets(prefix, at, (size_t)(end - at));
	r->question = *q;
	r->limit = limit;
	r->prefix_len = (uint16_t)(at - a->octets);
	if (opt != NULL)
		r->opt_len = (uint16_t)octets(opt, at, (size_t)(end - at));
	r->octets = a->octets;
}

void asker_mark(struct asker *a, const char *marks)
{
	struct forward_request *r = &a->request;
	size_t at = (size_t)r->prefix_len + r->opt_len;

	r->marks_len = (uint16_t)octets(marks, a->octets + at, sizeof(a->octets) - at);
}
