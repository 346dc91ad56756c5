/* SPDX-License-Identifier: MIT */
#include "ctl/resolve.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"

#define HEADER_LEN 12
#define PACKET_MAX 65535

/* One question under way: what was sent, and until when an answer counts. */
struct ask {
	const struct sock_addr *server;
	enum resolve_manner manner;
	const uint8_t *query;
	size_t query_len;
	int64_t deadline_ms;
	uint8_t *reply; /* PACKET_MAX bytes */
};

/* CMAP_E_SYSTEM with errno ETIMEDOUT when fd is not ready for events in time. */
static int wait_for(const struct ask *k, int fd, short events)
{
	for (;;) {
		int64_t left = k->deadline_ms - clock_mono_ms(&clock_system);
		struct pollfd p = {.fd = fd, .events = events};
		int n = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (n > 0)
			return CMAP_OK;
		if (n == 0) {
			errno = ETIMEDOUT;
			return CMAP_E_SYSTEM;
		}
		if (errno != EINTR)
			return CMAP_E_SYSTEM;
	}
}

/* The answer to our question: same id, and marked as a reply. */
static bool is_reply(const struct ask *k, size_t len)
{
	return len >= HEADER_LEN && memcmp(k->reply, k->query, 2) == 0 &&
	       (k->reply[2] & 0x80) != 0;
}

/* A socket that is not connected is told of a closed port too, as setsockopt returns. */
static int hear_errors(const struct ask *k, int fd)
{
	bool six = k->server->any.sa_family == AF_INET6;
	int on = 1;

	return setsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP,
		six ? IPV6_RECVERR : IP_RECVERR, &on, sizeof(on));
}

/*
 * Sends over UDP and sets *len to the reply's, *from to whose it is. The socket is connected: others are not heard,
 * unless anybody may answer.
 */
static int exchange_udp(const struct ask *k, int fd, size_t *len,
	struct sock_addr *from)
{
	bool anybody = k->manner == RESOLVE_UDP_ANYBODY;
	int err = anybody ? hear_errors(k, fd)
			  : connect(fd, &k->server->any, k->server->len);

	if (err != 0 ||
		sendto(fd, k->query, k->query_len, 0, anybody ? &k->server->any : NULL,
			anybody ? k->server->len : 0) < 0)
		return CMAP_E_SYSTEM;
	for (;;) {
		ssize_t n;

		if (wait_for(k, fd, POLLIN) != CMAP_OK)
			return CMAP_E_SYSTEM;
		from->len = sizeof(from->in6);
		n = recvfrom(fd, k->reply, PACKET_MAX, 0, &from->any, &from->len);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return CMAP_E_SYSTEM;
		if (n > 0 && is_reply(k, (size_t)n)) {
			*len = (size_t)n;
			return CMAP_OK;
		}
	}
}

static int connect_tcp(const struct ask *k, int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (connect(fd, &k->server->any, k->server->len) == 0)
		return CMAP_OK;
	if (errno != EINPROGRESS)
		return CMAP_E_SYSTEM;
	if (wait_for(k, fd, POLLOUT) != CMAP_OK)
		return CMAP_E_SYSTEM;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) != 0)
		return CMAP_E_SYSTEM;
	errno = err;
	return err == 0 ? CMAP_OK : CMAP_E_SYSTEM;
}

static int read_exactly(const struct ask *k, int fd, uint8_t *out, size_t len)
{
	while (len > 0) {
		ssize_t n;

		if (wait_for(k, fd, POLLIN) != CMAP_OK)
			return CMAP_E_SYSTEM;
		n = recv(fd, out, len, 0);
		if (n == 0)
			errno = ECONNRESET;
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return CMAP_E_SYSTEM;
		if (n > 0) {
			out += n;
			len -= (size_t)n;
		}
	}
	return CMAP_OK;
}

/* RFC 1035 s4.2.2: two bytes of length before each message. */
static int exchange_tcp(const struct ask *k, int fd, size_t *len)
{
	uint8_t head[2] = {(uint8_t)(k->query_len >> 8), (uint8_t)k->query_len};
	struct iovec parts[2] = {
		{head, sizeof(head)}, {(void *)(uintptr_t)k->query, k->query_len}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	size_t n;

	/* A fresh connection takes these few hundred bytes in one go. */
	if (connect_tcp(k, fd) != CMAP_OK || sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
		return CMAP_E_SYSTEM;
	if (read_exactly(k, fd, head, sizeof(head)) != CMAP_OK)
		return CMAP_E_SYSTEM;
	n = (size_t)head[0] << 8 | head[1];
	if (read_exactly(k, fd, k->reply, n) != CMAP_OK)
		return CMAP_E_SYSTEM;
	errno = EBADMSG;
	if (!is_reply(k, n))
		return CMAP_E_SYSTEM;
	*len = n;
	return CMAP_OK;
}

/* Tries RESOLVE_TRIES times; only silence is worth another try. */
static int exchange(struct ask *k, size_t *len, struct sock_addr *from)
{
	bool tcp = k->manner == RESOLVE_TCP;
	int err = CMAP_E_SYSTEM;

	for (int i = 0; i < RESOLVE_TRIES && err != CMAP_OK; i++) {
		int fd = socket(k->server->any.sa_family,
			(tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);
		int why;

		if (fd < 0)
			return CMAP_E_SYSTEM;
		k->deadline_ms = clock_mono_ms(&clock_system) + RESOLVE_TIMEOUT_MS;
		err = tcp ? exchange_tcp(k, fd, len) : exchange_udp(k, fd, len, from);
		why = errno;
		close(fd);
		errno = why;
		if (err != CMAP_OK && why != ETIMEDOUT)
			break;
	}
	return err;
}

static int say_unreachable(const struct ctl *c, const struct sock_addr *server, int err)
{
	char where[SOCK_ADDR_TEXT];

	sock_addr_format(server, where);
	if (err == ETIMEDOUT)
		return ctl_fail(c, CTL_UNREACHABLE,
			"no answer from DNS server %s within %d x %d s", where,
			RESOLVE_TRIES, RESOLVE_TIMEOUT_MS / 1000);
	return ctl_fail(c, CTL_UNREACHABLE, "cannot ask DNS server %s: %s%s", where,
		strerror(err), err == ECONNREFUSED ? "; is cmapd running there?" : "");
}

int resolve_exchange(const struct sock_addr *server, const ldns_pkt *query,
	enum resolve_manner manner, struct resolve_reply *out)
{
	struct ask k = {.server = server, .manner = manner};
	struct resolve_reply reply = {.tcp = manner == RESOLVE_TCP, .from = *server};
	int64_t start_ms = clock_mono_ms(&clock_system);
	uint8_t *wire = NULL;
	int err;
	int why;

	if (ldns_pkt2wire(&wire, query, &k.query_len) != LDNS_STATUS_OK)
		return CMAP_E_INVALID;
	k.query = wire;
	k.reply = xmalloc(PACKET_MAX);
	err = exchange(&k, &reply.size, &reply.from);
	why = errno;
	if (err == CMAP_OK) {
		reply.time_ms = clock_mono_ms(&clock_system) - start_ms;
		reply.parsed = ldns_wire2pkt(&reply.pkt, k.reply, reply.size);
		if (reply.parsed != LDNS_STATUS_OK)
			reply.pkt = NULL;
		*out = reply;
		err = reply.pkt != NULL ? CMAP_OK : CMAP_E_CORRUPT;
	}
	free(k.reply);
	free(wire);
	errno = why;
	return err;
}

/* As resolve_exchange(), and says what went wrong. */
static int ask_over(const struct ctl *c, const struct sock_addr *server,
	const ldns_pkt *query, enum resolve_manner manner, struct resolve_reply *out)
{
	int err = resolve_exchange(server, query, manner, out);

	if (err == CMAP_OK)
		return CTL_OK;
	if (err == CMAP_E_INVALID)
		return ctl_fail(c, CTL_NO, "ldns makes no query");
	if (err == CMAP_E_CORRUPT)
		return ctl_fail(c, CTL_UNREACHABLE,
			"the DNS server's reply cannot be read: %s",
			ldns_get_errorstr_by_id(out->parsed));
	return say_unreachable(c, server, errno);
}

int resolve_ask(const struct ctl *c, const struct sock_addr *server,
	const ldns_pkt *query, bool tcp, struct resolve_reply *out)
{
	int status;

	*out = (struct resolve_reply){0};
	status = ask_over(c, server, query, tcp ? RESOLVE_TCP : RESOLVE_UDP, out);
	if (status == CTL_OK && !tcp && ldns_pkt_tc(out->pkt)) {
		ldns_pkt_free(out->pkt);
		*out = (struct resolve_reply){0};
		status = ask_over(c, server, query, RESOLVE_TCP, out);
		out->truncated = true;
	}
	return status;
}
