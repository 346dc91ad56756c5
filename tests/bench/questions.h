/* SPDX-License-Identifier: MIT */
/*
 * questions.h -- the queries that the load generators send, and what each reply must be.
 *
 * A file of them has one a line: NAME TYPE RCODE ANSWERS ADDITIONAL; numbers but for the name. They are sent in the
 * order of the file, again from the top after the last.
 */
#ifndef TESTS_BENCH_QUESTIONS_H
#define TESTS_BENCH_QUESTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUESTION_MAX = 160, REPLY_MAX = 65535 };

struct question {
	uint16_t len;      /* octets of wire */
	uint16_t compared; /* of these, header and question: what the reply repeats */
	uint8_t rcode;
	uint16_t answers;
	uint16_t additional; /* at least; our own OPT record not counted */
	uint8_t wire[QUESTION_MAX];
};

struct questions {
	size_t n, next;
	struct question *q;
};

/* Reads the file, or ends the program. edns_size: of an OPT record in each query; 0: none. is_recursive: RD is set. */
void questions_read(struct questions *qs, const char *path, uint16_t edns_size,
	bool is_recursive);

/* The next question's turn. */
static inline const struct question *questions_next(struct questions *qs)
{
	const struct question *q = &qs->q[qs->next];

	qs->next = qs->next + 1 == qs->n ? 0 : qs->next + 1;
	return q;
}

/*
 * Whether reply answers q as it should, the id left to the caller. is_echo: it is the query itself with QR set.
 */
bool question_is_answered(const struct question *q, const uint8_t *reply, size_t len,
	bool is_echo);

#endif
