/* SPDX-License-Identifier: MIT */
/* What no honest client sends, and the exact octets it gets. Packets as in octets.h. */
#include "server/respond.h"

#include "octets.h"
#include "rng.h"
#include "test.h"
#include "town.h"

#define ONE   " @one.corp.internal "
#define ONE_A " @one.corp.internal 0001 0001 "
#define RR    " c00c 0001 0001 0000003c 0004 0a000001 "
#define OPT   " 00 0029 04d0 00000000 0000 "
#define SOA                                                                            \
	"0006 0001 00000005 0037 @ns.test @hostmaster.corp.internal 00000001 "         \
	"00001c20 00000384 00127500 00000005 "
/* A query of one question; ARCOUNT follows. */
#define Q "1234 0000 0001 0000 0000 "
/* Replies: the answer, and errors with and without the question. */
#define ANSWER    "1234 8400 0001 0001 0000 0000" ONE_A RR
#define ANSWER_E  "1234 8400 0001 0001 0000 0001" ONE_A RR OPT
#define FORMERR   "1234 8001 0000 0000 0000 0000"
#define FORMERR_Q "1234 8001 0001 0000 0000 0000" ONE_A
#define FORMERR_E "1234 8001 0001 0000 0000 0001" ONE_A OPT
#define EDE_20    " 00 0029 04d0 00000000 0006 000f 0002 0014 " /* not authoritative */
#define SILENCE   ""
#define SAME      NULL

struct odd {
	const char *what, *query, *udp, *tcp; /* tcp SAME: as over UDP */
};

/* clang-format off */
static const struct odd odd[] = {
	/* ---- too short, or no query ---- */
	{"0 octets", "", SILENCE, SAME},
	{"1 octet", "12", SILENCE, SAME},
	{"the id alone", "1234", SILENCE, SAME},
	{"11 octets", "1234 0000 0001 0000 0000 00", SILENCE, SAME},
	{"QR set", "1234 8000 0001 0000 0000 0000" ONE_A, SILENCE, SAME},
	{"QR set, opcode 5", "1234 a800 0001 0000 0000 0000" ONE_A, SILENCE, SAME},
	{"QR set, 12 octets", "1234 8000 0000 0000 0000 0000", SILENCE, SAME},
	{"all bits set", "ffff ffff ffff ffff ffff ffff", SILENCE, SAME},
	{"a reply of ours", ANSWER, SILENCE, SAME},

	/* ---- flags: cleared, but for RD ---- */
	{"no flag", Q "0000" ONE_A, ANSWER, SAME},
	{"RD", "1234 0100 0001 0000 0000 0000" ONE_A,
		"1234 8500 0001 0001 0000 0000" ONE_A RR, SAME},
	{"AA", "1234 0400 0001 0000 0000 0000" ONE_A, ANSWER, SAME},
	{"TC", "1234 0200 0001 0000 0000 0000" ONE_A, ANSWER, SAME},
	{"RA", "1234 0080 0001 0000 0000 0000" ONE_A, ANSWER, SAME},
	{"Z", "1234 0040 0001 0000 0000 0000" ONE_A, ANSWER, SAME},
	{"AD", "1234 0020 0001 0000 0000 0000" ONE_A, ANSWER, SAME},
	{"CD", "1234 0010 0001 0000 0000 0000" ONE_A, ANSWER, SAME},
	{"RCODE 5", "1234 0005 0001 0000 0000 0000" ONE_A, ANSWER, SAME},
	{"all flags but QR", "1234 07ff 0001 0000 0000 0000" ONE_A,
		"1234 8500 0001 0001 0000 0000" ONE_A RR, SAME},
	{"id 0", "0000 0000 0001 0000 0000 0000" ONE_A,
		"0000 8400 0001 0001 0000 0000" ONE_A RR, SAME},
	{"id 65535", "ffff 0000 0001 0000 0000 0000" ONE_A,
		"ffff 8400 0001 0001 0000 0000" ONE_A RR, SAME},

	/* ---- opcodes ---- */
	{"IQUERY", "1234 0800 0000 0001 0000 0000 00 0001 0001 00000000 0004 0a000001",
		"1234 8804 0000 0000 0000 0000", SAME},
	{"STATUS", "1234 1000 0001 0000 0000 0000" ONE_A, "1234 9004 0000 0000 0000 0000", SAME},
	{"opcode 3", "1234 1800 0001 0000 0000 0000" ONE_A, "1234 9804 0000 0000 0000 0000", SAME},
	{"NOTIFY", "1234 2000 0001 0000 0000 0000 @corp.internal 0006 0001",
		"1234 a004 0000 0000 0000 0000", SAME},
	{"UPDATE", "1234 2800 0001 0000 0000 0000 @corp.internal 0006 0001",
		"1234 a804 0000 0000 0000 0000", SAME},
	{"DSO", "1234 3000 0000 0000 0000 0000 0001 0004 00000000",
		"1234 b004 0000 0000 0000 0000", SAME},
	{"opcode 15, header only", "1234 7800 0000 0000 0000 0000",
		"1234 f804 0000 0000 0000 0000", SAME},
	{"opcode 15, all flags", "1234 7fff 0001 0000 0000 0000" ONE_A,
		"1234 f804 0000 0000 0000 0000", SAME},

	/* ---- counts ---- */
	{"12 octets, no question", "1234 0000 0000 0000 0000 0000", FORMERR, SAME},
	{"12 octets, no question, RD", "1234 0100 0000 0000 0000 0000",
		"1234 8101 0000 0000 0000 0000", SAME},
	{"no question, an OPT", "1234 0000 0000 0000 0000 0001" OPT,
		"1234 8001 0000 0000 0000 0001" OPT, SAME},
	{"no question, an OPT and a cookie, where there are none",
		"1234 0000 0000 0000 0000 0001 00 0029 04d0 00000000 000c 000a 0008 0102030405060708",
		"1234 8001 0000 0000 0000 0001" OPT, SAME},
	{"a question not counted", "1234 0000 0000 0000 0000 0000" ONE_A, FORMERR, SAME},
	{"two questions", "1234 0000 0002 0000 0000 0000" ONE_A ONE_A, FORMERR, SAME},
	{"two questions, one there", "1234 0000 0002 0000 0000 0000" ONE_A, FORMERR, SAME},
	{"65535 questions", "1234 0000 ffff 0000 0000 0000" ONE_A, FORMERR, SAME},
	{"256 questions, their count's low octet 0", "1234 0000 0100 0000 0000 0000" ONE_A,
		FORMERR, SAME},
	{"an answer in the query", "1234 0000 0001 0001 0000 0000" ONE_A RR, FORMERR, SAME},
	{"ANCOUNT 1 and no answer", "1234 0000 0001 0001 0000 0000" ONE_A, FORMERR, SAME},
	{"an authority in the query", "1234 0000 0001 0000 0001 0000" ONE_A RR, FORMERR, SAME},
	{"NSCOUNT 65535", "1234 0000 0001 0000 ffff 0000" ONE_A, FORMERR, SAME},
	{"ARCOUNT 1 and nothing there", Q "0001" ONE_A, FORMERR_Q, SAME},
	{"ARCOUNT 2 and one OPT", Q "0002" ONE_A OPT, FORMERR_E, SAME},
	{"ARCOUNT 65535 and one OPT", Q "ffff" ONE_A OPT, FORMERR_E, SAME},
	{"an OPT not counted", Q "0000" ONE_A OPT, ANSWER, SAME},

	/* ---- the question ---- */
	{"header only, one question", Q "0000", FORMERR, SAME},
	{"a name without end", Q "0000 03 'one'", FORMERR, SAME},
	{"a label cut short", Q "0000 3f 'one'", FORMERR, SAME},
	{"no type", Q "0000" ONE, FORMERR, SAME},
	{"half a type", Q "0000" ONE "00", FORMERR, SAME},
	{"no class", Q "0000" ONE "0001", FORMERR, SAME},
	{"half a class", Q "0000" ONE "0001 00", FORMERR, SAME},
	{"a pointer to itself", Q "0000 c00c 0001 0001", FORMERR, SAME},
	{"a pointer onward", Q "0000 c00e 03 'one' 04 'corp' 08 'internal' 00 0001 0001",
		FORMERR, SAME},
	{"a pointer to the header", Q "0000 c000 0001 0001", FORMERR, SAME},
	{"labels, then a pointer back", Q "0000 03 'one' c00c 0001 0001", FORMERR, SAME},
	{"two pointers to each other", Q "0000 c00e c00c 0001 0001", FORMERR, SAME},
	{"half a pointer", Q "0000 03 'one' c0", FORMERR, SAME},
	{"label type 01", Q "0000 43 'one' 04 'corp' 08 'internal' 00 0001 0001", FORMERR, SAME},
	{"label type 10", Q "0000 83 'one' 04 'corp' 08 'internal' 00 0001 0001", FORMERR, SAME},
	{"a bit label of EDNS", Q "0000 41 20 0a000001 00 0001 0001", FORMERR, SAME},
	{"a label of 64", Q "0000 40 {64 'a'} 04 'corp' 08 'internal' 00 0001 0001",
		FORMERR, SAME},
	{"a name of 256", Q "0000 {3 3f {63 'a'}} 30 {48 'a'} 04 'corp' 08 'internal' 00 0001 0001",
		FORMERR, SAME},
	{"a name of 255, in a zone",
		Q "0000 {3 3f {63 'a'}} 2f {47 'a'} 04 'corp' 08 'internal' 00 0001 0001",
		"1234 8403 0001 0000 0001 0000"
		" {3 3f {63 'a'}} 2f {47 'a'} 04 'corp' 08 'internal' 00 0001 0001 c0fc" SOA, SAME},
	{"a name of 255",
		Q "0000 {3 3f {63 'a'}} 2f {47 'a'} 05 'local' 07 'interna' 00 0001 0001",
		"1234 8005 0001 0000 0000 0000"
		" {3 3f {63 'a'}} 2f {47 'a'} 05 'local' 07 'interna' 00 0001 0001", SAME},
	{"128 labels", Q "0000 {128 01 'a'} 00 0001 0001", FORMERR, SAME},
	{"127 labels", Q "0000 {127 01 'a'} 00 0001 0001",
		"1234 8005 0001 0000 0000 0000 {127 01 'a'} 00 0001 0001", SAME},
	{"the root", Q "0000 00 0001 0001", "1234 8005 0001 0000 0000 0000 00 0001 0001", SAME},
	{"case is echoed", Q "0000 @OnE.cOrP.InTeRnAl 0001 0001",
		"1234 8400 0001 0001 0000 0000 @OnE.cOrP.InTeRnAl 0001 0001" RR, SAME},
	{"a NUL in a label", Q "0000 04 'one' 00 04 'corp' 08 'internal' 00 0001 0001",
		"1234 8403 0001 0000 0001 0000 04 'one' 00 04 'corp' 08 'internal' 00 0001 0001"
		" c011" SOA, SAME},
	{"a dot in a label", Q "0000 08 'one.corp' 08 'internal' 00 0001 0001",
		"1234 8005 0001 0000 0000 0000 08 'one.corp' 08 'internal' 00 0001 0001", SAME},
	{"a label of FF and space", Q "0000 02 ff20 04 'corp' 08 'internal' 00 0001 0001",
		"1234 8403 0001 0000 0001 0000 02 ff20 04 'corp' 08 'internal' 00 0001 0001"
		" c00f" SOA, SAME},
	{"an asterisk is no wildcard", Q "0000 @*.corp.internal 0001 0001",
		"1234 8403 0001 0000 0001 0000 @*.corp.internal 0001 0001 c00e" SOA, SAME},

	/* ---- classes and types ---- */
	{"class CH", Q "0000" ONE "0001 0003", "1234 8005 0001 0000 0000 0000" ONE "0001 0003", SAME},
	{"class NONE", Q "0000" ONE "0001 00fe", "1234 8005 0001 0000 0000 0000" ONE "0001 00fe", SAME},
	{"class ANY", Q "0000" ONE "0001 00ff", "1234 8005 0001 0000 0000 0000" ONE "0001 00ff", SAME},
	{"class 0", Q "0000" ONE "0001 0000", "1234 8005 0001 0000 0000 0000" ONE "0001 0000", SAME},
	{"class IN with mDNS' top bit", Q "0000" ONE "0001 8001",
		"1234 8005 0001 0000 0000 0000" ONE "0001 8001", SAME},
	{"CH TXT version.bind", Q "0000 @version.bind 0010 0003",
		"1234 8005 0001 0000 0000 0000 @version.bind 0010 0003", SAME},
	{"type 0", Q "0000" ONE "0000 0001",
		"1234 8400 0001 0000 0001 0000" ONE "0000 0001 c010" SOA, SAME},
	{"type OPT", Q "0000" ONE "0029 0001", "1234 8001 0001 0000 0000 0000" ONE "0029 0001", SAME},
	{"type TKEY", Q "0000" ONE "00f9 0001",
		"1234 8400 0001 0000 0001 0000" ONE "00f9 0001 c010" SOA, SAME},
	{"type TSIG", Q "0000" ONE "00fa 0001", "1234 8004 0001 0000 0000 0000" ONE "00fa 0001", SAME},
	{"type IXFR", Q "0000" ONE "00fb 0001", "1234 8004 0001 0000 0000 0000" ONE "00fb 0001", SAME},
	{"type AXFR", Q "0000 @corp.internal 00fc 0001",
		"1234 8004 0001 0000 0000 0000 @corp.internal 00fc 0001",
		"1234 8005 0001 0000 0000 0000 @corp.internal 00fc 0001"},
	{"type MAILB", Q "0000" ONE "00fd 0001", "1234 8004 0001 0000 0000 0000" ONE "00fd 0001", SAME},
	{"type MAILA", Q "0000" ONE "00fe 0001", "1234 8004 0001 0000 0000 0000" ONE "00fe 0001", SAME},
	{"type ANY", Q "0000" ONE "00ff 0001",
		"1234 8400 0001 0001 0000 0000" ONE "00ff 0001" RR, SAME},
	{"type 65535", Q "0000" ONE "ffff 0001",
		"1234 8400 0001 0000 0001 0000" ONE "ffff 0001 c010" SOA, SAME},

	/* ---- behind the question ---- */
	{"one octet more", Q "0000" ONE_A "00", ANSWER, SAME},
	{"400 octets more", Q "0000" ONE_A "{400 ff}", ANSWER, SAME},
	{"a second query behind the first", Q "0000" ONE_A Q "0000" ONE_A, ANSWER, SAME},
	{"octets behind the OPT", Q "0001" ONE_A OPT "{100 c0}", ANSWER_E, SAME},
	{"an A record in ADDITIONAL", Q "0001" ONE_A RR, ANSWER, SAME},
	{"a TSIG record", Q "0001" ONE_A "@key 00fa 00ff 00000000 0010 {16 aa}", ANSWER, SAME},
	{"OPT between other records", Q "0003" ONE_A RR OPT RR, ANSWER_E, SAME},
	{"a record with a looping owner, which is not followed",
		Q "0001" ONE_A "c023 0001 0001 00000000 0000", ANSWER, SAME},
	{"a record of label type 01", Q "0001" ONE_A "41 'a' 00 0001 0001 00000000 0000", FORMERR_Q, SAME},
	{"a record without its RDATA", Q "0001" ONE_A "c00c 0001 0001 00000000 0004 0a00", FORMERR_Q, SAME},

	/* ---- EDNS ---- */
	{"EDNS", Q "0001" ONE_A OPT, ANSWER_E, SAME},
	{"EDNS, size 0", Q "0001" ONE_A "00 0029 0000 00000000 0000", ANSWER_E, SAME},
	{"EDNS, size 511", Q "0001" ONE_A "00 0029 01ff 00000000 0000", ANSWER_E, SAME},
	{"EDNS, size 65535", Q "0001" ONE_A "00 0029 ffff 00000000 0000", ANSWER_E, SAME},
	{"DO is copied", Q "0001" ONE_A "00 0029 04d0 00008000 0000",
		"1234 8400 0001 0001 0000 0001" ONE_A RR "00 0029 04d0 00008000 0000", SAME},
	{"other EDNS flags are cleared", Q "0001" ONE_A "00 0029 04d0 0000ffff 0000",
		"1234 8400 0001 0001 0000 0001" ONE_A RR "00 0029 04d0 00008000 0000", SAME},
	{"extended RCODE in a query", Q "0001" ONE_A "00 0029 04d0 ff000000 0000", ANSWER_E, SAME},
	{"EDNS version 1", Q "0001" ONE_A "00 0029 04d0 00010000 0000",
		"1234 8000 0001 0000 0000 0001" ONE_A "00 0029 04d0 01000000 0000", SAME},
	{"EDNS version 255, DO", Q "0001" ONE_A "00 0029 04d0 00ff8000 0000",
		"1234 8000 0001 0000 0000 0001" ONE_A "00 0029 04d0 01008000 0000", SAME},
	{"EDNS version 1 for a foreign name", Q "0001 @com 0001 0001 00 0029 04d0 00010000 0000",
		"1234 8000 0001 0000 0000 0001 @com 0001 0001 00 0029 04d0 01000000 0000", SAME},
	{"an unknown option is not echoed", Q "0001" ONE_A "00 0029 04d0 00000000 0006 fde9 0002 6869",
		ANSWER_E, SAME},
	{"an empty option", Q "0001" ONE_A "00 0029 04d0 00000000 0004 fde9 0000", ANSWER_E, SAME},
	{"a cookie of 8", Q "0001" ONE_A "00 0029 04d0 00000000 000c 000a 0008 0102030405060708",
		ANSWER_E, SAME},
	{"a cookie of 7", Q "0001" ONE_A "00 0029 04d0 00000000 000b 000a 0007 01020304050607",
		FORMERR_E, SAME},
	{"a cookie of 9", Q "0001" ONE_A "00 0029 04d0 00000000 000d 000a 0009 {9 01}",
		FORMERR_E, SAME},
	{"a cookie of 15", Q "0001" ONE_A "00 0029 04d0 00000000 0013 000a 000f {15 01}",
		FORMERR_E, SAME},
	{"a cookie of 16", Q "0001" ONE_A "00 0029 04d0 00000000 0014 000a 0010 {16 01}",
		ANSWER_E, SAME},
	{"a cookie of 40", Q "0001" ONE_A "00 0029 04d0 00000000 002c 000a 0028 {40 01}",
		ANSWER_E, SAME},
	{"a cookie of 41", Q "0001" ONE_A "00 0029 04d0 00000000 002d 000a 0029 {41 01}",
		FORMERR_E, SAME},
	{"an empty cookie", Q "0001" ONE_A "00 0029 04d0 00000000 0004 000a 0000",
		FORMERR_E, SAME},
	{"two cookies", Q "0001" ONE_A "00 0029 04d0 00000000 0018 {2 000a 0008 0102030405060708}",
		ANSWER_E, SAME},
	{"50 NSIDs", Q "0001" ONE_A "00 0029 04d0 00000000 00c8 {50 0003 0000}", ANSWER_E, SAME},
	{"padding", Q "0001" ONE_A "00 0029 04d0 00000000 0068 000c 0064 {100 00}", ANSWER_E, SAME},
	{"tcp-keepalive", Q "0001" ONE_A "00 0029 04d0 00000000 0004 000b 0000", ANSWER_E, SAME},
	{"two OPTs", Q "0002" ONE_A OPT OPT, FORMERR_E, SAME},
	{"two OPTs of different sizes", Q "0002" ONE_A "00 0029 0200 00008000 0000" OPT,
		"1234 8001 0001 0000 0000 0001" ONE_A "00 0029 04d0 00008000 0000", SAME},
	{"an OPT in ANSWER", "1234 0000 0001 0001 0000 0000" ONE_A OPT, FORMERR, SAME},
	{"an OPT not at the root", Q "0001" ONE_A "01 'a' 00 0029 04d0 00000000 0000", FORMERR_Q, SAME},
	{"an OPT whose owner is a pointer", Q "0001" ONE_A "c01d 0029 04d0 00000000 0000", FORMERR_Q, SAME},
	{"RDLEN over the end", Q "0001" ONE_A "00 0029 04d0 00000000 0001", FORMERR_Q, SAME},
	{"RDLEN 65535", Q "0001" ONE_A "00 0029 04d0 00000000 ffff", FORMERR_Q, SAME},
	{"an option over RDLEN", Q "0001" ONE_A "00 0029 04d0 00000000 0006 fde9 0003 6869", FORMERR_E, SAME},
	{"an option of 65535", Q "0001" ONE_A "00 0029 04d0 00000000 0004 fde9 ffff", FORMERR_E, SAME},
	{"half an option", Q "0001" ONE_A "00 0029 04d0 00000000 0003 fde9 00", FORMERR_E, SAME},
	{"an OPT of ten octets", Q "0001" ONE_A "00 0029 04d0 00000000 00", FORMERR_Q, SAME},
	{"a question that is no good, and an OPT", Q "0001 c00c 0001 0001" OPT,
		"1234 8001 0000 0000 0000 0001" OPT, SAME},
	{"two questions and an OPT", "1234 0000 0002 0000 0000 0001" ONE_A ONE_A OPT,
		"1234 8001 0000 0000 0000 0001" OPT, SAME},
	{"an answer in the query, and an OPT", "1234 0000 0001 0001 0000 0001" ONE_A RR OPT,
		"1234 8001 0000 0000 0000 0001" OPT, SAME},
	{"a foreign name with EDNS", Q "0001 @com 0001 0001" OPT,
		"1234 8005 0001 0000 0000 0001 @com 0001 0001" EDE_20, SAME},
	{"opcode 2 with EDNS", "1234 1000 0001 0000 0000 0001" ONE_A OPT,
		"1234 9004 0000 0000 0000 0001" OPT, SAME},
	{"NOTIFY with EDNS", "1234 2400 0001 0001 0000 0001 @corp.internal 0006 0001 c00c" SOA OPT,
		"1234 a004 0000 0000 0000 0001" OPT, SAME},
	{"UPDATE with EDNS of version 1", "1234 2800 0001 0000 0001 0001" ONE_A RR
		"00 0029 04d0 00018000 0000",
		"1234 a804 0000 0000 0000 0001 00 0029 04d0 00008000 0000", SAME},
	{"opcode 15 and an OPT, header only", "1234 7800 0000 0000 0000 0001" OPT,
		"1234 f804 0000 0000 0000 0001" OPT, SAME},
	{"class CH with EDNS", Q "0001 @version.bind 0010 0003" OPT,
		"1234 8005 0001 0000 0000 0001 @version.bind 0010 0003" OPT, SAME},
};
/* clang-format on */

static void check(struct town *t, const struct odd *o, bool is_udp)
{
	uint8_t query[2048], expected[2048];
	size_t len = octets(o->query, query, sizeof(query));
	const char *reply = o->tcp == SAME || is_udp ? o->udp : o->tcp;
	size_t expected_len = octets(reply, expected, sizeof(expected));
	char came[4096];

	town_respond(t, query, len, is_udp);
	strcpy(came, octets_text(t->reply, t->reply_len));
	cr_assert(t->reply_len == expected_len &&
			  memcmp(t->reply, expected, expected_len) == 0,
		"%s, over %s:\n%s\nnot\n%s", o->what, is_udp ? "UDP" : "TCP", came,
		octets_text(expected, expected_len));
}

Test(respond_odd, gets_exactly_these_octets)
{
	struct town t;

	cr_assert_geq(CMAP_COUNT(odd), 60);
	town_init(&t, 8);
	for (size_t i = 0; i < CMAP_COUNT(odd); i++) {
		check(&t, &odd[i], true);
		check(&t, &odd[i], false);
	}
	town_free(&t);
}

/* The oracle (in town_respond()) has nothing to say whatever of these is cut off, or any octet changed. */
Test(respond_odd, stays_sound_when_cut_or_changed)
{
	struct town t;
	struct rng r = {91};

	town_init(&t, 8);
	for (size_t i = 0; i < CMAP_COUNT(odd); i++) {
		uint8_t query[2048];
		size_t len = octets(odd[i].query, query, sizeof(query));

		for (size_t cut = 0; cut < len && cut < 120; cut++)
			town_respond(&t, query, cut, cut % 2 == 0);
		for (size_t at = 0; at < len && at < 120; at++) {
			uint8_t was = query[at];

			for (int k = 0; k < 3; k++) {
				query[at] = (uint8_t)rng_next(&r);
				town_respond(&t, query, len, k != 2);
			}
			query[at] = was;
		}
	}
	town_free(&t);
}

/* R12 of the field's bugs: all opcodes, all classes that mean something, all types up to 300. */
Test(respond_odd, stays_sound_for_all_opcodes_classes_and_types)
{
	static const uint16_t classes[] = {0, 1, 3, 4, 254, 255};
	struct town t;
	uint8_t query[64];
	size_t len = octets(Q "0001" ONE_A OPT, query, sizeof(query));

	town_init(&t, 8);
	for (uint8_t opcode = 0; opcode < 16; opcode++)
		for (size_t c = 0; c < CMAP_COUNT(classes); c++)
			for (uint16_t type = 0; type < 300; type++) {
				query[2] = (uint8_t)(opcode << 3);
				dns_put16(query + 12 + 19, type);
				dns_put16(query + 12 + 21, classes[c]);
				town_respond(&t, query, len, type % 2 == 0);
			}
	town_free(&t);
}
