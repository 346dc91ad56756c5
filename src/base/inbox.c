/* SPDX-License-Identifier: MIT */
/*
 * _LGPL_SOURCE is left undefined on purpose: the queue's operations then run inside
 * liburcu, which ThreadSanitizer does not see; it would take its plain x86 stores for
 * races. What a message carries from sender to reader is told to it by the two
 * annotations below.
 */
#include "base/inbox.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define INBOX_TSAN 1
#endif
#elif defined(__SANITIZE_THREAD__)
#define INBOX_TSAN 1
#endif

#ifdef INBOX_TSAN
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#else
#define __tsan_acquire(address) ((void)(address))
#define __tsan_release(address) ((void)(address))
#endif

int inbox_init(struct inbox *in)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return CMAP_E_SYSTEM;
	cds_wfcq_init(&in->head, &in->tail);
	in->fd = fd;
	return CMAP_OK;
}

void inbox_free(struct inbox *in)
{
	cds_wfcq_destroy(&in->head, &in->tail);
	close(in->fd);
	in->fd = -1;
}

/* A full eventfd (EAGAIN) is readable all the same. */
static void inbox_ring(struct inbox *in)
{
	const uint64_t one = 1;
	ssize_t n;

	do
		n = write(in->fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
}

void inbox_push(struct inbox *in, struct inbox_msg *m)
{
	cds_wfcq_node_init(&m->node);
	__tsan_release(in);
	/* m is the reader's from here on. */
	if (!cds_wfcq_enqueue(&in->head, &in->tail, &m->node))
		inbox_ring(in);
}

void inbox_acknowledge(struct inbox *in)
{
	uint64_t count;
	ssize_t n;

	do
		n = read(in->fd, &count, sizeof(count));
	while (n < 0 && errno == EINTR);
}

struct inbox_msg *inbox_pop(struct inbox *in)
{
	struct cds_wfcq_node *node =
		__cds_wfcq_dequeue_nonblocking(&in->head, &in->tail);

	if (!node)
		return NULL;
	/*
	 * A sender stands between its two stores. It found the queue filled, so it will
	 * not ring: ring ourselves, to come back for its message.
	 */
	if (node == CDS_WFCQ_WOULDBLOCK) {
		inbox_ring(in);
		return NULL;
	}
	__tsan_acquire(in);
	return CONTAINER_OF(node, struct inbox_msg, node);
}

struct inbox_msg *inbox_wait(struct inbox *in)
{
	struct inbox_msg *m;

	while (!(m = inbox_pop(in))) {
		struct pollfd p = {.fd = in->fd, .events = POLLIN};

		poll(&p, 1, -1);
		inbox_acknowledge(in);
	}
	return m;
}
