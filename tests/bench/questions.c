/* SPDX-License-Identifier: MIT */
#include "questions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEADER = 12,
	FLAGS = 2, /* QR, opcode, AA, TC, RD */
	RCODE = 3,
	QDCOUNT = 4,
	ANCOUNT = 6,
	ARCOUNT = 10,
	QR = 0x80,
	OPCODE = 0x78,
	TC = 0x02,
	RD = 0x01,
	OPT_LEN = 11
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint8_t *put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static void die(const char *path, size_t line, const char *what)
{
	fprintf(stderr, "dns_bench: %s:%zu: %s\n", path, line, what);
	exit(1);
}

/* A plain name of plain labels, without escapes. NULL: it is none. */
static uint8_t *put_name(uint8_t *at, const char *name)
{
	if (strlen(name) > QUESTION_MAX - HEADER - 8 - OPT_LEN)
		return NULL;
	while (*name != '\0') {
		size_t label = strcspn(name, ".");

		if (label == 0 || label > 63)
			return NULL;
		*at++ = (uint8_t)label;
		memcpy(at, name, label);
		at += label;
		name += label + (name[label] == '.');
	}
	*at++ = 0;
	return at;
}

static void read_line(struct question *q, const char *line, uint16_t edns_size,
	const char *path, size_t number)
{
	char name[QUESTION_MAX];
	unsigned int type, rcode, answers, additional;
	uint8_t *at;

	if (sscanf(line, "%159s %u %u %u %u", name, &type, &rcode, &answers,
		    &additional) != 5)
		die(path, number, "NAME TYPE RCODE ANSWERS ADDITIONAL expected");
	memset(q->wire, 0, HEADER);
	q->wire[QDCOUNT + 1] = 1;
	at = put_name(q->wire + HEADER, name);
	if (at == NULL)
		die(path, number, "bad name");
	at = put16(at, type);
	at = put16(at, 1);
	q->compared = (uint16_t)(at - q->wire);
	if (edns_size > 0) {
		q->wire[ARCOUNT + 1] = 1;
		memset(at, 0, OPT_LEN);
		put16(put16(at + 1, 41), edns_size);
		at += OPT_LEN;
	}
	q->len = (uint16_t)(at - q->wire);
	q->rcode = (uint8_t)rcode;
	q->answers = (uint16_t)answers;
	q->additional = (uint16_t)(additional + (edns_size > 0));
}

void questions_read(struct questions *qs, const char *path, uint16_t edns_size,
	bool is_recursive)
{
	FILE *in = fopen(path, "r");
	size_t room = 0;
	char line[256];

	if (in == NULL)
		die(path, 0, strerror(errno));
	memset(qs, 0, sizeof(*qs));
	while (fgets(line, sizeof(line), in) != NULL) {
		if (qs->n == room) {
			room = room == 0 ? 1024 : 2 * room;
			qs->q = realloc(qs->q, room * sizeof(*qs->q));
			if (qs->q == NULL)
				abort();
		}
		read_line(&qs->q[qs->n], line, edns_size, path, qs->n + 1);
		if (is_recursive)
			qs->q[qs->n].wire[FLAGS] |= RD;
		qs->n++;
	}
	fclose(in);
	if (qs->n == 0)
		die(path, 0, "no questions");
}

bool question_is_answered(const struct question *q, const uint8_t *reply, size_t len,
	bool is_echo)
{
	if (len < q->compared || !(reply[FLAGS] & QR) ||
		(reply[FLAGS] & (OPCODE | TC)) != 0 || get16(reply + QDCOUNT) != 1 ||
		memcmp(reply + HEADER, q->wire + HEADER, q->compared - HEADER) != 0)
		return false;
	if (is_echo)
		return len == q->len;
	return (reply[RCODE] & 0x0F) == q->rcode &&
	       get16(reply + ANCOUNT) == q->answers &&
	       get16(reply + ARCOUNT) >= q->additional;
}
