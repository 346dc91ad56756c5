/* SPDX-License-Identifier: MIT */
/* place.h -- a server that forwards names outside its town to an upstream that the test speaks for. */
#ifndef TESTS_UNIT_SERVER_PLACE_H
#define TESTS_UNIT_SERVER_PLACE_H

#include "live.h"
#include "upper.h"

struct place {
	struct live live;
	struct upper upper;
	struct forward_options options;
	struct settings settings;
};

/* On addresses, for clients at 127.0.0.0/30. */
void place_open(struct place *p, const char *addresses);
void place_close(struct place *p);
/* Tells the server p->settings. */
void place_set(struct place *p);

/* For addresses of name. */
struct question asking(const char *name, uint16_t flags);
/* A message as text, which lives until the next call; so do those below. */
const char *told_octets(const uint8_t *reply, size_t len);
/* The next datagram. */
const char *told(int fd);
/* The next message of a connection; *id is its id. */
const char *told_tcp(int fd, uint16_t *id);
/* Asks over UDP, by a socket of its own. */
const char *ask_once(const struct sock_addr *to, const struct question *q);

#endif
