/* SPDX-License-Identifier: MIT */
/*
 * inbox.h -- messages from any thread to one: liburcu's wait-free queue and an eventfd.
 *
 * The eventfd is written only when the queue was empty, so a burst costs one system call.
 * Order:  messages of one sender arrive in the order sent.
 * Owner:  inbox_msg is embedded; a message belongs to the inbox from push to pop.
 */
#ifndef BASE_INBOX_H
#define BASE_INBOX_H

#include <stdint.h>
#include <urcu/wfcqueue.h>

#include "base/compiler.h"

struct inbox_msg {
	struct cds_wfcq_node node;
};

struct inbox {
	struct cds_wfcq_head head; /* the reader's side */
	struct cds_wfcq_tail tail; /* the senders' side */
	int fd; /* readable while messages may wait; for epoll or poll */
};

/* CMAP_E_SYSTEM when there is no eventfd. */
int inbox_init(struct inbox *in) CMAP_NONNULL CMAP_MUST_USE;
/* The inbox must be empty and no sender inside inbox_push(). */
void inbox_free(struct inbox *in) CMAP_NONNULL;
void inbox_push(struct inbox *in, struct inbox_msg *m) CMAP_NONNULL;
/* Makes fd unreadable again; call it before popping until NULL comes. */
void inbox_acknowledge(struct inbox *in) CMAP_NONNULL;
/* The oldest message; NULL if there is none, or if fd calls for another try. Never blocks. */
struct inbox_msg *inbox_pop(struct inbox *in) CMAP_NONNULL;
/* Blocks until there is a message. */
struct inbox_msg *inbox_wait(struct inbox *in) CMAP_NONNULL;

#endif
