/* SPDX-License-Identifier: MIT */
#include "server/udp.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/udp_late.h"

enum {
	BATCH = 64,       /* 5 % less CPU a query than 32, be the queue short or long */
	QUERY_MAX = 4096, /* a longer datagram is cut, and answered FORMERR */
	SOCKET_BUFFER = 4 << 20
};

struct udp_worker {
	struct udp_group *group;
	struct udp_socket *socket;
	bool started;
	pthread_t thread;
	struct counters counters;
	struct responder responder;
	struct mmsghdr in[BATCH], out[BATCH];
	struct iovec in_vec[BATCH], out_vec[BATCH];
	struct sockaddr_in6 peer[BATCH];
	union control control[BATCH];
	struct asked asked[BATCH];
	uint8_t answered[BATCH]; /* which query each reply is to */
	uint8_t query[BATCH][QUERY_MAX];
	uint8_t reply[BATCH][RESPOND_UDP_SIZE_MAX];
};

struct udp_group {
	struct sock_addr addr;
	const struct clock *clock;
	struct udp_desk *desk;
	atomic_bool stopping;
	bool is_wildcard; /* replies must say from which address they come */
	unsigned int n;
	struct udp_worker *worker[];
};

/* ---- sockets ----------------------------------------------------------------------------------- */

/* Options whose failure costs something, but not the service. */
static void set_optional(int fd, const struct sock_addr *a)
{
	int size = SOCKET_BUFFER;
	bool v6 = a->any.sa_family == AF_INET6;
	/* Never fragment, and believe nobody who tells of a narrow path: RFC 9715 s3.1. */
	int discover = v6 ? IPV6_PMTUDISC_INTERFACE : IP_PMTUDISC_INTERFACE;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) != 0 ||
		setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
			v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &discover,
			sizeof(discover)) != 0)
		log_debug("udp: a socket option was refused: %s", strerror(errno));
}

static int open_socket(struct sock_addr *a, bool is_wildcard, int *out)
{
	bool v6 = a->any.sa_family == AF_INET6;
	int fd = socket(a->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		return CMAP_E_SYSTEM;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
		goto err_close;
	if (v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		goto err_close;
	if (is_wildcard &&
		setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
			v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, &on, sizeof(on)) != 0)
		goto err_close;
	set_optional(fd, a);
	if (bind(fd, &a->any, a->len) != 0 || getsockname(fd, &a->any, &a->len) != 0)
		goto err_close;
	*out = fd;
	return CMAP_OK;
err_close:
	on = errno;
	close(fd);
	errno = on;
	return CMAP_E_SYSTEM;
}

/* ---- a thread ---------------------------------------------------------------------------------- */

static void prepare_messages(struct udp_worker *w)
{
	for (int i = 0; i < BATCH; i++) {
		w->in_vec[i] = (struct iovec){w->query[i], QUERY_MAX};
		w->in[i].msg_hdr = (struct msghdr){.msg_name = &w->peer[i],
			.msg_iov = &w->in_vec[i],
			.msg_iovlen = 1};
	}
}

/* What the last receive has overwritten. */
static void reset_messages(struct udp_worker *w, int n)
{
	for (int i = 0; i < n; i++) {
		w->in[i].msg_hdr.msg_namelen = sizeof(w->peer[i]);
		w->in[i].msg_hdr.msg_control =
			w->group->is_wildcard ? &w->control[i] : NULL;
		w->in[i].msg_hdr.msg_controllen =
			w->group->is_wildcard ? sizeof(w->control[i]) : 0;
	}
}

static bool is_stopping(const struct udp_worker *w)
{
	return atomic_load_explicit(&w->group->stopping, memory_order_acquire);
}

/* A batch of queries; sleeps, offline, only when none waits, unless it is the end. 0 or less: look whether it is. */
static int receive(struct udp_worker *w, bool is_end)
{
	int n = recvmmsg(w->socket->fd, w->in, BATCH, MSG_DONTWAIT, NULL);

	if (n >= 0 || is_end || (errno != EAGAIN && errno != EWOULDBLOCK))
		return n;
	reader_offline();
	n = recvmmsg(w->socket->fd, w->in, BATCH, MSG_WAITFORONE, NULL);
	reader_online();
	/* A socket that is shut down gives a message of nothing. */
	return n == 1 && w->in[0].msg_len == 0 && is_stopping(w) ? 0 : n;
}

/*
 * Turns the control message that says which address was asked into one that says from which to
 * send. The interface is left to routing, but for link-local addresses, which mean nothing without.
 */
static void answer_from_asked(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo *info =
				(struct in_pktinfo *)(void *)CMSG_DATA(c);

			info->ipi_ifindex = 0;
			info->ipi_spec_dst = info->ipi_addr;
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
			   c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo *info =
				(struct in6_pktinfo *)(void *)CMSG_DATA(c);

			if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
				info->ipi6_ifindex = 0;
		}
	}
}

/* The i-th query is for upstream resolvers. */
CMAP_APART static void hand_over(struct udp_worker *w, int i, const uint8_t *reply)
{
	const struct msghdr *in = &w->in[i].msg_hdr;
	struct udp_late *f =
		xmalloc(sizeof(*f) + handover_octets(&w->responder, &w->asked[i]));

	handover_fill(&w->responder, &w->asked[i], reply, f->octets, &f->request);
	f->socket = w->socket;
	f->desk = w->group->desk;
	f->rate_limit =
		w->responder.foreign.is_capped ? w->responder.now->rate_limit : 0;
	f->rate_slip = w->responder.now->rate_slip;
	f->peer = w->peer[i];
	f->peer_len = in->msg_namelen;
	f->control_len = 0;
	if (w->group->is_wildcard) {
		answer_from_asked(&w->in[i].msg_hdr);
		memcpy(f->control, &w->control[i], sizeof(f->control));
		f->control_len = in->msg_controllen;
	}
	udp_late_submit(w->responder.now->forward, f);
}

/* Answers what was received. Returns how many replies there are. */
static unsigned int respond_batch(struct udp_worker *w, int n)
{
	unsigned int replies = 0;

	responder_prepare(&w->responder, clock_mono_ms(w->group->clock));
	for (int i = 0; i < n; i++)
		respond_read(&w->responder, w->query[i], w->in[i].msg_len,
			&w->asked[i]);
	for (int i = 0; i < n; i++)
		respond_look(&w->responder, &w->asked[i]);
	for (int i = 0; i < n; i++) {
		struct msghdr *in = &w->in[i].msg_hdr;
		size_t len;

		client_read(in->msg_name, &w->responder.client);
		len = respond_answer(&w->responder, &w->asked[i], true,
			w->reply[replies]);
		if (w->responder.foreign.name.len > 0)
			hand_over(w, i, w->reply[replies]);
		if (len == 0)
			continue;
		if (w->group->is_wildcard)
			answer_from_asked(in);
		w->answered[replies] = (uint8_t)i;
		w->out_vec[replies] = (struct iovec){w->reply[replies], len};
		w->out[replies].msg_hdr = (struct msghdr){.msg_name = in->msg_name,
			.msg_namelen = in->msg_namelen,
			.msg_iov = &w->out_vec[replies],
			.msg_iovlen = 1,
			.msg_control = in->msg_control,
			.msg_controllen = in->msg_controllen};
		replies++;
	}
	return replies;
}

/*
 * The i-th reply is too long for the link: the query is answered again in what every link can carry, which
 * tells the client to come over TCP. false: it is not longer than that.
 */
static bool make_shorter(struct udp_worker *w, unsigned int i)
{
	struct asked *asked = &w->asked[w->answered[i]];

	if (w->out_vec[i].iov_len <= DNS_UDP_MIN)
		return false;
	asked->query.udp_size = DNS_UDP_MIN;
	client_read(w->out[i].msg_hdr.msg_name, &w->responder.client);
	w->out_vec[i].iov_len = respond_answer(&w->responder, asked, true, w->reply[i]);
	return w->out_vec[i].iov_len > 0;
}

/* Sends the replies; one that cannot be sent (no route to the client) costs only itself. */
static void send_batch(struct udp_worker *w, unsigned int n)
{
	unsigned int sent = 0;

	while (sent < n) {
		int k = sendmmsg(w->socket->fd, w->out + sent, n - sent, 0);

		if (k > 0) {
			sent += (unsigned int)k;
		} else if (errno != EINTR &&
			   (errno != EMSGSIZE || !make_shorter(w, sent))) {
			counter_add(&w->counters, COUNTER_SEND_FAILED, 1);
			sent++;
		}
	}
}

/* Until there is a last look, at what came before it was told to stop. */
static void *udp_run(void *arg)
{
	struct udp_worker *w = arg;
	bool is_end;
	int n;

	(void)prctl(PR_SET_NAME, "cmap-udp");
	reader_register();
	prepare_messages(w);
	do {
		is_end = is_stopping(w);
		reset_messages(w, BATCH);
		n = receive(w, is_end);
		if (n < 0 && errno != EINTR && !is_end) {
			log_warning("udp: receiving failed: %s", strerror(errno));
			usleep(10000); /* nothing known brings us here; it must not spin */
		}
		if (n > 0)
			send_batch(w, respond_batch(w, n));
		reader_quiescent();
	} while (!is_end || n > 0);
	reader_unregister();
	return NULL;
}

/* ---- the group --------------------------------------------------------------------------------- */

static void worker_free(struct udp_worker *w)
{
	if (w == NULL)
		return;
	udp_socket_leave(w->socket);
	responder_free(&w->responder);
	free(w);
}

int udp_group_open(struct sock_addr *addr, unsigned int threads,
	const struct responder *responder, const struct clock *clock,
	struct udp_desk *desk, struct udp_group **out)
{
	struct udp_group *g =
		xcalloc(1, sizeof(*g) + threads * sizeof(struct udp_worker *));

	g->clock = clock;
	g->desk = desk;
	g->is_wildcard = sock_addr_is_wildcard(addr);
	g->addr = *addr;
	for (; g->n < threads; g->n++) {
		struct udp_worker *w;
		int fd, err = open_socket(&g->addr, g->is_wildcard, &fd);

		if (err != CMAP_OK) {
			int saved = errno;

			udp_group_close(g);
			errno = saved;
			return err;
		}
		w = xcalloc_line(sizeof(*w));
		w->group = g;
		w->socket = xmalloc(sizeof(*w->socket));
		w->socket->fd = fd;
		atomic_init(&w->socket->users, 1);
		w->responder = *responder;
		w->responder.counters = &w->counters;
		g->worker[g->n] = w;
	}
	*addr = g->addr;
	*out = g;
	return CMAP_OK;
}

int udp_group_start(struct udp_group *g)
{
	for (unsigned int i = 0; i < g->n; i++) {
		struct udp_worker *w = g->worker[i];
		int err = pthread_create(&w->thread, NULL, udp_run, w);

		if (err != 0) {
			errno = err;
			return CMAP_E_SYSTEM;
		}
		w->started = true;
	}
	return CMAP_OK;
}

void udp_group_counters(const struct udp_group *g, uint64_t sum[COUNTER_N])
{
	for (unsigned int i = 0; i < g->n; i++)
		counters_sum(&g->worker[i]->counters, sum);
}

/*
 * The socket stays open as long as forwarded replies are to leave by it, and would have its part of the queries to
 * others at that address, whom they are for. Connected to itself it hears nobody else, but keeps what has come.
 */
static void leave_address(const struct udp_group *g, int fd)
{
	if (connect(fd, &g->addr.any, g->addr.len) != 0) /* the address is gone, too */
		log_debug("udp: connecting failed: %s", strerror(errno));
}

void udp_group_close(struct udp_group *g)
{
	if (g == NULL)
		return;
	for (unsigned int i = 0; i < g->n; i++)
		leave_address(g, g->worker[i]->socket->fd);
	atomic_store_explicit(&g->stopping, true, memory_order_release);
	for (unsigned int i = 0; i < g->n; i++) {
		/* It wakes the thread, for good. Forwarded replies may still go out. */
		(void)shutdown(g->worker[i]->socket->fd, SHUT_RD);
		if (g->worker[i]->started)
			pthread_join(g->worker[i]->thread, NULL);
		worker_free(g->worker[i]);
	}
	free(g);
}
