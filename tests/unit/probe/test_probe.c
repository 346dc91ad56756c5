/* SPDX-License-Identifier: MIT */
/* Targets of aliases: when they are asked for, and what of the replies is published. */
#include "probe/probe.h"

#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "octets.h"
#include "test.h"
#include "wire/dns.h"
#include "zone/table.h"

enum { STALE_MS = 60000, ASKED_MAX = 1024 };

/* A question that waits for its answer. */
struct asked {
	char name[DNAME_TEXT];
	uint16_t type;
	void (*done)(void *arg, const uint8_t *reply, size_t len);
	void *arg;
};

struct sight {
	struct fixture f;
	struct probe *probe;
	struct asked asked[ASKED_MAX];
	unsigned int n;
	char service[MODEL_ID_TEXT];
};

static void ask(void *arg, const struct dname *name, uint16_t type,
	void (*done)(void *done_arg, const uint8_t *reply, size_t len), void *done_arg)
{
	struct sight *s = arg;
	struct asked *a = &s->asked[s->n++];

	cr_assert_leq(s->n, ASKED_MAX);
	dname_to_text(name->wire, a->name);
	a->type = type;
	a->done = done;
	a->arg = done_arg;
}

static void sight_open(struct sight *s)
{
	struct probe_options options = {.ask = ask, .arg = s, .stale_ms = STALE_MS};
	struct outcome ns = {0}, service = {0};

	memset(s, 0, sizeof(*s));
	fixture_open(&s->f, 10000);
	submit_namespace(&s->f, "test", "", &ns);
	fixture_settle(&s->f);
	submit_service(&s->f, ns.id, "api", "A AAAA WEIGHTED", "", &service);
	fixture_settle(&s->f);
	strcpy(s->service, service.id);
	s->probe = probe_new(&options, &s->f.loop, s->f.registry);
}

static void sight_close(struct sight *s)
{
	probe_free(s->probe);
	fixture_close(&s->f);
}

/* Turns the loop at the time it is, or later. */
static void pass(struct sight *s, int64_t ms)
{
	clock_fake_pass(&s->f.clock, ms);
	fixture_settle(&s->f);
}

static void alias(struct sight *s, const char *target)
{
	char attributes[300];
	struct outcome o = {0};

	snprintf(attributes, sizeof(attributes), "AWS_ALIAS_DNS_NAME %s\n", target);
	submit_instance(&s->f, s->service, "lb", attributes, "", &o);
	fixture_settle(&s->f);
	cr_assert_eq(o.fault, FAULT_NONE);
	pass(s, 10);
}

/* The question for that type, which must wait; it no longer does. */
static struct asked take(struct sight *s, uint16_t type)
{
	for (unsigned int i = 0; i < s->n; i++) {
		struct asked a = s->asked[i];

		if (a.type != type)
			continue;
		s->asked[i] = s->asked[--s->n];
		return a;
	}
	cr_assert(false, "type %u was not asked for", type);
	return s->asked[0];
}

/* Answers it with records written as octets.h has them, behind the question; counts of answers and SOA records. */
static void reply(struct sight *s, uint16_t type, uint16_t rcode, uint16_t answers,
	uint16_t authority, const char *records)
{
	struct asked a = take(s, type);
	uint8_t message[512];
	char text[400];
	size_t len;

	snprintf(text, sizeof(text),
		"0000 %04x 0001 %04x %04x 0000 @lb.example %04x 0001 %s",
		0x8180u | rcode, answers, authority, type, records);
	len = octets(text, message, sizeof(message));
	a.done(a.arg, message, len);
}

#define A(ttl, last) "C00C 0001 0001 " ttl " 0004 0A0900" last " "
#define SOA(ttl)                                                                       \
	"@example 0006 0001 " ttl                                                      \
	" 0016 00 00 00000001 00000002 00000003 00000004 00000005 "

/* "A 20 10.9.0.1 ..."; "none" if there is no RRset; "unknown 14" if that is not known, and why. */
static const char *published(struct sight *s)
{
	static char text[256];
	struct published *p = zone_published(s->f.zone);
	struct dname name;
	const struct entry *e;
	const struct rrset *a;
	size_t at;

	cr_assert_eq(dname_from_plain("api.test", &name), 0);
	e = published_find(p, name.wire, name.len);
	a = e == NULL ? NULL : entry_find(e, DNS_A);
	if (a == NULL) {
		snprintf(text, sizeof(text), e->unknown[0] ? "unknown %u" : "none",
			e->unknown[0]);
		return text;
	}
	at = (size_t)snprintf(text, sizeof(text), "A %u", a->ttl);
	for (uint32_t i = 0; i < a->n; i++) {
		const struct record *r = entry_at(e, a->records);
		const uint8_t *octet = entry_at(e, r[i].offset);

		at += (size_t)snprintf(text + at, sizeof(text) - at, " %u.%u.%u.%u",
			octet[12], octet[13], octet[14], octet[15]);
	}
	return text;
}

Test(probe, a_target_is_asked_for_at_once_and_published)
{
	struct sight s;

	sight_open(&s);
	cr_assert_eq(s.n, 0);
	alias(&s, "LB.example.");
	cr_assert_eq(s.n, 2);
	cr_assert_str_eq(s.asked[0].name, "lb.example.");
	reply(&s, DNS_A, DNS_NOERROR, 2, 0, A("00000014", "01") A("0000001E", "02"));
	cr_assert_str_eq(published(&s), "A 20 10.9.0.1 10.9.0.2");
	reply(&s, DNS_AAAA, DNS_NOERROR, 0, 1, SOA("0000003C"));
	cr_assert_str_eq(published(&s), "A 20 10.9.0.1 10.9.0.2");
	sight_close(&s);
}

Test(probe, it_is_asked_for_again_before_its_TTL_ends)
{
	struct sight s;

	sight_open(&s);
	alias(&s, "lb.example");
	reply(&s, DNS_A, DNS_NOERROR, 1, 0, A("00000014", "01"));
	cr_assert_eq(s.n, 1, "AAAA waits");
	/* At first at any time of that, for not all to be asked for at once. */
	pass(&s, 1980);
	cr_assert_eq(s.n, 1);
	pass(&s, 16040);
	cr_assert_eq(s.n, 2);
	reply(&s, DNS_A, DNS_NOERROR, 1, 0, A("00000014", "01"));
	pass(&s, 15980);
	cr_assert_eq(s.n, 1);
	pass(&s, 2040);
	cr_assert_eq(s.n, 2);
	pass(&s, 5000);
	cr_assert_eq(s.n, 2, "one question at a time");
	reply(&s, DNS_A, DNS_NOERROR, 1, 0, A("00000014", "07"));
	cr_assert_str_eq(published(&s), "A 20 10.9.0.7");
	reply(&s, DNS_AAAA, DNS_NXDOMAIN, 0, 1, SOA("00000E10"));
	pass(&s, 54020);
	cr_assert_eq(s.n, 2, "that there is none is believed for a minute at most");
	sight_close(&s);
}

Test(probe, a_TTL_of_0_does_not_make_it_ask_without_end)
{
	struct sight s;

	sight_open(&s);
	alias(&s, "lb.example");
	reply(&s, DNS_A, DNS_NOERROR, 1, 0, A("00000000", "01"));
	cr_assert_str_eq(published(&s), "A 0 10.9.0.1");
	pass(&s, 900);
	cr_assert_eq(s.n, 1);
	pass(&s, 200);
	cr_assert_eq(s.n, 2);
	sight_close(&s);
}

/* What is no answer: SERVFAIL, nothing at all, and octets cut off. */
static void fail(struct sight *s, unsigned int how)
{
	struct asked a;

	switch (how % 3) {
	case 0:
		reply(s, DNS_A, DNS_SERVFAIL, 0, 0, "");
		break;
	case 1:
		a = take(s, DNS_A);
		a.done(a.arg, (const uint8_t *)"", 0);
		break;
	default:
		reply(s, DNS_A, DNS_NOERROR, 1, 0, "C00C 0001 0001 00000014");
	}
}

Test(probe, the_last_good_answer_stays_for_a_bounded_time)
{
	static const int64_t waits[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
	struct sight s;

	sight_open(&s);
	alias(&s, "lb.example");
	reply(&s, DNS_A, DNS_NOERROR, 1, 0, A("00000014", "01"));
	pass(&s, 18050);
	for (unsigned int i = 0; i < 6; i++) {
		fail(&s, i);
		cr_assert_str_eq(published(&s), "A 20 10.9.0.1", "failure %u", i);
		pass(&s, waits[i] - 20);
		cr_assert_eq(s.n, 1, "failure %u: only AAAA, asked at first", i);
		pass(&s, 40);
		cr_assert_eq(s.n, 2, "failure %u", i);
	}
	/* 61 s behind the refresh, 79 behind the answer: its TTL and a minute end at 80. */
	pass(&s, 1000);
	fail(&s, 0);
	cr_assert_str_eq(published(&s), "unknown 22");
	pass(&s, 30010);
	reply(&s, DNS_A, DNS_NOERROR, 1, 0, A("00000014", "02"));
	cr_assert_str_eq(published(&s), "A 20 10.9.0.2");
	sight_close(&s);
}

Test(probe, what_nobody_wants_any_more_is_not_asked_for)
{
	struct sight s;
	struct outcome o = {0};

	sight_open(&s);
	alias(&s, "lb.example");
	reply(&s, DNS_A, DNS_NOERROR, 1, 0, A("00000014", "01"));
	submit_delete(&s.f, COMMAND_DEREGISTER_INSTANCE, s.service, "lb", &o);
	fixture_settle(&s.f);
	cr_assert_str_eq(published(&s), "none");
	pass(&s, 100000);
	cr_assert_eq(s.n, 1);
	/* The answer to a question that was out comes all the same. */
	reply(&s, DNS_AAAA, DNS_NOERROR, 0, 1, SOA("0000003C"));
	alias(&s, "lb.example");
	cr_assert_eq(s.n, 2);
	sight_close(&s);
}

Test(probe, a_name_without_addresses_is_not_one_that_fails)
{
	struct sight s;

	sight_open(&s);
	alias(&s, "lb.example");
	cr_assert_str_eq(published(&s), "unknown 14");
	fail(&s, 0);
	cr_assert_str_eq(published(&s), "unknown 22");
	pass(&s, 1010);
	reply(&s, DNS_A, DNS_NXDOMAIN, 0, 1, SOA("0000000A"));
	cr_assert_str_eq(published(&s), "none");
	pass(&s, 9010);
	fail(&s, 0);
	cr_assert_str_eq(published(&s), "none", "the last answer, too, was an answer");
	sight_close(&s);
}

Test(probe, the_addresses_behind_CNAMEs_are_taken_with_the_least_TTL)
{
	struct sight s;

	sight_open(&s);
	alias(&s, "lb.example");
	reply(&s, DNS_A, DNS_NOERROR, 3, 0,
		"C00C 0005 0001 0000000A 0003 @x "
		"@x 0001 0001 00000014 0004 0A090002 @x 0001 0001 00000014 0004 "
		"0A090001 ");
	cr_assert_str_eq(published(&s), "A 10 10.9.0.1 10.9.0.2");
	sight_close(&s);
}

/* A SERVFAIL whose OPT tells why. */
static void fail_because(struct sight *s, const char *ede)
{
	struct asked a = take(s, DNS_A);
	uint8_t message[512];
	char text[200];

	snprintf(text, sizeof(text),
		"0000 8182 0001 0000 0000 0001 @lb.example 0001 0001 "
		"00 0029 0200 00000000 0006 000F 0002 %s",
		ede);
	a.done(a.arg, message, octets(text, message, sizeof(message)));
}

Test(probe, clients_are_told_whether_it_is_the_network)
{
	struct sight s;

	sight_open(&s);
	alias(&s, "lb.example");
	fail_because(&s, "0017");
	cr_assert_str_eq(published(&s), "unknown 23");
	pass(&s, 1010);
	fail_because(&s, "000D"); /* a failure that was remembered */
	cr_assert_str_eq(published(&s), "unknown 23");
	pass(&s, 2010);
	fail_because(&s, "0016");
	cr_assert_str_eq(published(&s), "unknown 22");
	sight_close(&s);
}

Test(probe, a_target_that_is_an_alias_itself_is_given_time)
{
	struct sight s;

	sight_open(&s);
	alias(&s, "lb.example");
	for (int i = 0; i < 3; i++) {
		fail_because(&s, "000E");
		cr_assert_str_eq(published(&s), "unknown 14");
		pass(&s, 210);
	}
	fail_because(&s, "000E");
	cr_assert_str_eq(published(&s), "unknown 22");
	sight_close(&s);
}

static void count(const struct sight *s, unsigned int new, unsigned int good,
	unsigned int stale, unsigned int lost)
{
	struct probe_counts n;

	probe_count(s->probe, &n);
	cr_assert_eq(n.n_new, new, "new: %u", n.n_new);
	cr_assert_eq(n.n_good, good, "good: %u", n.n_good);
	cr_assert_eq(n.n_stale, stale, "stale: %u", n.n_stale);
	cr_assert_eq(n.n_lost, lost, "lost: %u", n.n_lost);
}

Test(probe, counts_how_it_goes_with_them)
{
	struct sight s;
	struct outcome o = {0};

	sight_open(&s);
	count(&s, 0, 0, 0, 0);
	alias(&s, "lb.example");
	count(&s, 1, 0, 0, 0);
	reply(&s, DNS_A, DNS_NOERROR, 1, 0, A("00000014", "01"));
	count(&s, 1, 0, 0, 0);
	reply(&s, DNS_AAAA, DNS_NXDOMAIN, 0, 1, SOA("00000E10"));
	count(&s, 0, 1, 0, 0);
	pass(&s, 18050);
	fail(&s, 0);
	count(&s, 0, 0, 1, 0);
	pass(&s, 70000);
	fail(&s, 0);
	count(&s, 0, 0, 0, 1);
	pass(&s, 2010);
	reply(&s, DNS_A, DNS_NOERROR, 1, 0, A("00000014", "01"));
	count(&s, 0, 1, 0, 0);
	submit_delete(&s.f, COMMAND_DEREGISTER_INSTANCE, s.service, "lb", &o);
	fixture_settle(&s.f);
	count(&s, 0, 0, 0, 0);
	sight_close(&s);
}

/* n instances, each of a target of its own, or all of one. */
static void many(struct sight *s, unsigned int n, bool own)
{
	static struct outcome o[10000];

	for (unsigned int i = 0; i < n; i++) {
		char id[16], attributes[64];

		snprintf(id, sizeof(id), "i-%u", i);
		snprintf(attributes, sizeof(attributes),
			"AWS_ALIAS_DNS_NAME lb%u.example\n", own ? i : 0);
		submit_instance(&s->f, s->service, id, attributes, "", &o[i]);
	}
	fixture_settle(&s->f);
	pass(s, 10);
}

/* Answers what waits, the oldest first, until nothing does. Returns how many there were. */
static unsigned int answer_all(struct sight *s, unsigned int *most)
{
	unsigned int n = 0;

	while (s->n > 0) {
		struct asked a = s->asked[0];
		uint8_t message[512];
		char text[200];

		*most = s->n > *most ? s->n : *most;
		memmove(&s->asked[0], &s->asked[1], --s->n * sizeof(a));
		snprintf(text, sizeof(text),
			"0000 8180 0001 0000 0001 0000 @lb.example %04x 0001 " SOA(
				"0000003C"),
			a.type);
		a.done(a.arg, message, octets(text, message, sizeof(message)));
		n++;
	}
	return n;
}

Test(probe, ten_thousand_aliases_of_one_target_ask_once)
{
	struct sight s;
	unsigned int most = 0;

	sight_open(&s);
	many(&s, 10000, false);
	cr_assert_eq(s.n, 2);
	cr_assert_eq(answer_all(&s, &most), 2);
	pass(&s, 55000);
	cr_assert_eq(answer_all(&s, &most), 2);
	sight_close(&s);
}

Test(probe, many_targets_are_asked_for_in_bounds_and_spread)
{
	struct sight s;
	unsigned int most = 0, refreshed = 0, most_at_once = 0;

	sight_open(&s);
	many(&s, 600, true);
	cr_assert_eq(answer_all(&s, &most), 1200);
	cr_assert_leq(most, PROBE_ASKED_MAX);
	pass(&s, 5900);
	cr_assert_eq(s.n, 0);
	/* 48 s, in which each of them is due: 2.5 in 100 ms. Some that were first are due once more. */
	for (unsigned int i = 0; i < 482; i++) {
		unsigned int n;

		pass(&s, 100);
		n = answer_all(&s, &most);
		refreshed += n;
		most_at_once = n > most_at_once ? n : most_at_once;
	}
	cr_assert(refreshed >= 1200 && refreshed < 1230, "%u", refreshed);
	cr_assert_leq(most_at_once, 16, "%u in 100 ms", most_at_once);
	count(&s, 0, 600, 0, 0);
	sight_close(&s);
}

Test(probe, what_fails_and_what_is_new_hold_up_no_refresh)
{
	struct sight s;
	unsigned int most = 0, n;

	sight_open(&s);
	alias(&s, "lb.example");
	cr_assert_eq(answer_all(&s, &most), 2);
	many(&s, 600, true);
	n = s.n;
	cr_assert_lt(n, PROBE_ASKED_MAX);
	pass(&s, 54010); /* nothing of it has been answered */
	cr_assert_eq(s.n, n + 2);
	cr_assert_str_eq(s.asked[n].name, "lb.example.");
	sight_close(&s);
}

Test(probe, what_is_forgotten_while_it_waits_is_not_asked_for)
{
	struct sight s;
	struct outcome o[500] = {{0}};
	unsigned int most = 0, n;

	sight_open(&s);
	many(&s, 500, true);
	n = s.n;
	for (unsigned int i = 0; i < 500; i++) {
		char id[16];

		snprintf(id, sizeof(id), "i-%u", i);
		submit_delete(&s.f, COMMAND_DEREGISTER_INSTANCE, s.service, id, &o[i]);
	}
	fixture_settle(&s.f);
	count(&s, 0, 0, 0, 0);
	cr_assert_eq(answer_all(&s, &most), n);
	sight_close(&s);
}

Test(probe, a_target_that_leads_back_to_itself_is_not_asked_for)
{
	struct sight s;

	sight_open(&s);
	alias(&s, "lb.example");
	reply(&s, DNS_A, DNS_NOERROR, 1, 0, A("00000014", "01"));
	reply(&s, DNS_AAAA, DNS_NOERROR, 0, 1, SOA("0000003C"));
	alias(&s, "api.test");
	cr_assert_eq(s.n, 0);
	cr_assert_str_eq(published(&s), "unknown 22");
	count(&s, 0, 0, 0, 1);
	alias(&s, "lb.example");
	cr_assert_eq(s.n, 2);
	sight_close(&s);
}
