/* SPDX-License-Identifier: MIT */
#include "ctl/doctor_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

int doctor_server_ask(const struct doctor_server *s, const char *name,
	ldns_rr_type type, uint16_t edns_size, enum resolve_manner manner,
	struct resolve_reply *out)
{
	ldns_rdf *dname = ldns_dname_new_frm_str(name);
	ldns_pkt *query = dname != NULL ? resolve_query(dname, type, edns_size) : NULL;
	int err;
	int why;

	if (query == NULL)
		return CMAP_E_INVALID;
	err = resolve_exchange(&s->addr, query, manner, out);
	why = errno;
	ldns_pkt_free(query);
	errno = why;
	return err;
}

void doctor_server_greet(struct doctor_server *s, const char *name)
{
	struct resolve_reply reply = {0};
	int err = doctor_server_ask(s, name, LDNS_RR_TYPE_SOA, 0, RESOLVE_UDP_ANYBODY,
		&reply);

	if (err != CMAP_OK) {
		s->reach = DOCTOR_SILENT;
		s->error = err == CMAP_E_SYSTEM ? errno : EBADMSG;
		return;
	}
	s->reach = DOCTOR_ANSWERS;
	if (!sock_addr_equal(&reply.from, &s->addr)) {
		s->reach = DOCTOR_ELSEWHERE;
		sock_addr_format(&reply.from, s->from);
	}
	ldns_pkt_free(reply.pkt);
}

/* The owner of the first SOA, without the dot at its end, or NULL; the caller frees it. */
static char *soa_owner(const ldns_rr_list *list)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		char *owner;
		size_t len;

		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA)
			continue;
		owner = ldns_rdf2str(ldns_rr_owner(rr));
		len = owner != NULL ? strlen(owner) : 0;
		if (len > 0 && owner[len - 1] == '.')
			owner[len - 1] = '\0';
		return owner;
	}
	return NULL;
}

char *doctor_server_find(const struct doctor_server *s, const char *name, bool *exists)
{
	struct resolve_reply reply = {0};
	unsigned int rcode;
	char *zone;

	*exists = false;
	if (s->reach != DOCTOR_ANSWERS || doctor_server_ask(s, name, LDNS_RR_TYPE_SOA,
						  0, RESOLVE_UDP, &reply) != CMAP_OK)
		return NULL;
	rcode = resolve_rcode(reply.pkt);
	zone = soa_owner(ldns_pkt_answer(reply.pkt));
	if (zone == NULL)
		zone = soa_owner(ldns_pkt_authority(reply.pkt));
	/* The SOA in a cache's NXDOMAIN is that of whatever zone ends the search, such as the root's. */
	if (zone != NULL && (zone[0] == '\0' || !doctor_name_is_below(name, zone) ||
				    (rcode != LDNS_RCODE_NOERROR &&
					    (rcode != LDNS_RCODE_NXDOMAIN ||
						    !ldns_pkt_aa(reply.pkt))))) {
		free(zone);
		zone = NULL;
	}
	*exists = zone != NULL && rcode == LDNS_RCODE_NOERROR;
	ldns_pkt_free(reply.pkt);
	return zone;
}

void doctor_server_try_zone(struct doctor_server *s, const char *zone)
{
	struct resolve_reply reply = {0};
	char *owner;

	if (s->reach != DOCTOR_ANSWERS || doctor_server_ask(s, zone, LDNS_RR_TYPE_SOA,
						  0, RESOLVE_UDP, &reply) != CMAP_OK)
		return;
	owner = soa_owner(ldns_pkt_answer(reply.pkt));
	if (resolve_rcode(reply.pkt) == LDNS_RCODE_NOERROR && owner != NULL &&
		doctor_name_is_below(zone, owner)) {
		doctor_words_add_once(&s->knows, zone);
		s->authoritative |= ldns_pkt_aa(reply.pkt);
	}
	free(owner);
	ldns_pkt_free(reply.pkt);
}
