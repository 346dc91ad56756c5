/* SPDX-License-Identifier: MIT */
#include "ask.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "test.h"
#include "wire/dname.h"
#include "wire/dns.h"

enum { ROOM = 65535, QUESTION = 12 };

void asker_init(struct asker *a, struct world *w)
{
	memset(a, 0, sizeof(*a));
	a->world = w;
	a->limit = ROOM;
}

void asker_free(struct asker *a)
{
	rotation_free(&a->rotation);
}

static void add(struct asker *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct asker *a, const char *fmt, ...)
{
	size_t len = strlen(a->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->text + len, sizeof(a->text) - len, fmt, ap);
	va_end(ap);
}

static void add_rdata(struct asker *a, uint16_t type, const uint8_t *rdata)
{
	char text[DNAME_TEXT];

	switch (type) {
	case DNS_A:
		add(a, " %s", inet_ntop(AF_INET, rdata, text, sizeof(text)));
		break;
	case DNS_AAAA:
		add(a, " %s", inet_ntop(AF_INET6, rdata, text, sizeof(text)));
		break;
	case DNS_PTR:
		dname_to_text(rdata, text);
		add(a, " %s", text);
		break;
	case DNS_TXT:
		add(a, " %02x", rdata[0]);
		break;
	case DNS_SRV:
		cr_assert_eq(dns_get16(rdata), 1, "priority");
		dname_to_text(rdata + 6, text);
		add(a, " %u:%u:%s", dns_get16(rdata + 2), dns_get16(rdata + 4), text);
		break;
	case DNS_SOA:
		dname_to_text(rdata, text);
		add(a, " %s", text);
		rdata += dname_wire_len(rdata, DNAME_MAX);
		dname_to_text(rdata, text);
		add(a, " %s", text);
		rdata += dname_wire_len(rdata, DNAME_MAX);
		for (int i = 0; i < 5; i++)
			add(a, " %u", dns_get32(rdata + 4 * i));
		break;
	default:
		dname_to_text(rdata, text);
		add(a, " %s", text);
	}
}

static const char *type_name(uint16_t type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_AAAA:
		return "AAAA";
	case DNS_PTR:
		return "PTR";
	case DNS_TXT:
		return "TXT";
	case DNS_SRV:
		return "SRV";
	case DNS_CNAME:
		return "CNAME";
	case DNS_SOA:
		return "SOA";
	case DNS_NS:
		return "NS";
	default:
		cr_assert_fail("type %u", type);
		return "";
	}
}

/* The n records at p; what they have in common is told once. Returns where they end. */
static const uint8_t *add_records(struct asker *a, const uint8_t *p, uint16_t n)
{
	uint32_t ttl = 0;
	uint16_t type = 0;

	for (; n > 0; n--) {
		cr_assert_eq(dns_get16(p + 4), DNS_IN);
		if (dns_get16(p + 2) != type || dns_get32(p + 6) != ttl) {
			type = dns_get16(p + 2);
			ttl = dns_get32(p + 6);
			add(a, "%s%s %u", a->text[0] == '\0' ? "" : " ",
				type_name(type), ttl);
		}
		add_rdata(a, type, p + 12);
		p += 12 + dns_get16(p + 10);
	}
	return p;
}

const struct entry *ask_find(const struct asker *a, const char *name)
{
	uint8_t lower[DNAME_MAX];
	struct dname d;

	cr_assert_eq(dname_from_plain(name, &d), CMAP_OK, "%s", name);
	dname_lower(d.wire, d.len, lower);
	return published_find(a->world->published, lower, d.len);
}

/* There is no RRset of that type. */
static void add_nothing(struct asker *a, const struct entry *e, uint16_t type)
{
	uint8_t why = type == DNS_A ? e->unknown[0] : e->unknown[1];

	if (why != 0 && (type == DNS_A || type == DNS_AAAA))
		add(a, "unknown %u", why);
	else
		add(a, "nodata");
}

const char *ask_entry(struct asker *a, const struct entry *e, uint16_t type)
{
	const struct rrset *s = entry_find(e, type);
	uint8_t *message = malloc(QUESTION + ROOM);
	struct reply reply = {.base = message, .len = QUESTION};
	struct answer answer;
	const uint8_t *end;

	a->text[0] = '\0';
	if (s == NULL) {
		add_nothing(a, e, type);
		free(message);
		return a->text;
	}
	reply.limit = QUESTION + a->limit;
	rotation_fit(&a->rotation, a->world->published);
	answer_write(a->world->published, e, s, &a->rotation, &a->client,
		a->world->now_ms, ENTRY_OWNER_POINTER, &reply, &answer);
	a->truncated = answer.truncated;
	end = add_records(a, message + QUESTION, answer.n);
	if (answer.n == 0)
		strcpy(a->text, "empty");
	if (answer.n_targets > 0) {
		uint16_t n = answer_write_additional(&answer, &reply);

		add(a, " +");
		end = add_records(a, end, n);
	}
	cr_assert_eq(end, message + reply.len, "octets behind the last record");
	cr_assert_leq(reply.len, reply.limit);
	free(message);
	return a->text;
}

const char *ask(struct asker *a, const char *name, uint16_t type)
{
	const struct entry *e = ask_find(a, name);

	return e == NULL ? "none" : ask_entry(a, e, type);
}

uint32_t ask_count(const struct asker *a, const char *name, uint16_t type)
{
	const struct entry *e = ask_find(a, name);
	const struct rrset *s = e == NULL ? NULL : entry_find(e, type);

	return s == NULL ? 0 : s->n;
}

void fixture_start(struct fixture *f, const char *service, const char *records)
{
	world_init(&f->world);
	asker_init(&f->asker, &f->world);
	world_namespace(&f->world, "test", -1);
	world_service(&f->world, service, records);
}

void fixture_end(struct fixture *f)
{
	asker_free(&f->asker);
	world_free(&f->world);
}
