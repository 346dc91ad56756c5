/* SPDX-License-Identifier: MIT */
/*
 * ask.h -- questions of our own, answered as those of any client: from our zones, or by upstream resolvers.
 *
 * Thread: the control thread, which must be the one that publishes.
 */
#ifndef SERVER_ASK_H
#define SERVER_ASK_H

#include "base/loop.h"
#include "server/respond.h"

struct asker;

/* responder is copied; it must find the settings. CMAP_E_SYSTEM if the kernel gives no descriptors. */
int asker_new(struct loop *loop, const struct responder *responder,
	struct asker **out) CMAP_NONNULL CMAP_MUST_USE;
/*
 * Asks for the name (class IN). done() is called once, from the loop, with the reply, which lasts until it returns; with
 * len 0 if none will come. fresh: what is kept of an earlier answer does not do, not even when no upstream answers.
 */
void asker_ask(struct asker *a, const struct dname *name, uint16_t type, bool fresh,
	void (*done)(void *arg, const uint8_t *reply, size_t len), void *arg)
	__attribute__((nonnull(1, 2, 5)));
/* The forwarder has ended. Who waits is not told. NULL is fine. */
void asker_free(struct asker *a);

#endif
