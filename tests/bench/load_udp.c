/* SPDX-License-Identifier: MIT */
/*
 * load_udp.c -- the load over UDP. Queries leave in bursts, each from the next of several hundred connected sockets,
 * and a system call sends or receives a burst. That costs a core about 1.2 us a query, so that it outruns
 * a server. Nothing sleeps: a server that has to wake its client pays for it.
 */
#include <errno.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103 /* linux/udp.h; glibc's netinet/udp.h has it since 2.34 */
#endif

enum { BURST_MAX = 64, PORTS_MAX = 4096, PATIENCE_MS = 50, PAUSES = 60 };

struct burst {
	unsigned int port;
	unsigned int n, left; /* queries, and those not yet answered */
	uint16_t first_id;
	uint64_t waiting; /* bit i: the query first_id + i */
	int64_t sent_ns;
	int64_t due_ns[BURST_MAX];
	const struct question *question[BURST_MAX];
};

struct udp_load {
	struct load *load;
	struct load_result *result;
	int fd[PORTS_MAX];
	struct burst *burst;  /* a ring of .load->ports */
	unsigned int head, n; /* of those on the way */
	uint16_t next_id;
	unsigned int next_port;
	struct mmsghdr out[BURST_MAX], in[BURST_MAX];
	struct iovec out_vec[BURST_MAX], in_vec[BURST_MAX];
	uint8_t query[BURST_MAX][QUESTION_MAX];
	uint8_t reply[BURST_MAX][4096];
};

static void open_ports(struct udp_load *u)
{
	for (unsigned int i = 0; i < u->load->ports; i++) {
		u->fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		if (u->fd[i] < 0 ||
			connect(u->fd[i], (struct sockaddr *)&u->load->server,
				sizeof(u->load->server)) != 0)
			load_die("socket");
	}
	for (int i = 0; i < BURST_MAX; i++) {
		u->out_vec[i].iov_base = u->query[i];
		u->out[i].msg_hdr.msg_iov = &u->out_vec[i];
		u->out[i].msg_hdr.msg_iovlen = 1;
		u->in_vec[i] = (struct iovec){u->reply[i], sizeof(u->reply[i])};
		u->in[i].msg_hdr.msg_iov = &u->in_vec[i];
		u->in[i].msg_hdr.msg_iovlen = 1;
	}
}

/* Sends the first n of .query, and len octets of each, as one packet that the kernel cuts. false: it cannot. */
static bool send_cut(struct udp_load *u, int fd, unsigned int n, size_t len)
{
	union {
		char octets[CMSG_SPACE(sizeof(uint16_t))];
		struct cmsghdr align;
	} control = {.align = {.cmsg_level = IPPROTO_UDP,
			     .cmsg_type = UDP_SEGMENT,
			     .cmsg_len = CMSG_LEN(sizeof(uint16_t))}};
	struct msghdr m = {.msg_iov = u->out_vec,
		.msg_iovlen = n,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	uint16_t segment = (uint16_t)len;

	memcpy(CMSG_DATA(&control.align), &segment, sizeof(segment));
	return sendmsg(fd, &m, 0) >= 0;
}

static void send_queries(struct udp_load *u, int fd, unsigned int n, bool one_len)
{
	unsigned int sent = 0;

	if (one_len && n > 1 && send_cut(u, fd, n, u->out_vec[0].iov_len))
		return;
	while (sent < n) {
		int k = sendmmsg(fd, u->out + sent, n - sent, 0);

		if (k < 0 && errno != EAGAIN && errno != ECONNREFUSED)
			load_die("sendmmsg");
		if (k > 0)
			sent += (unsigned int)k;
	}
}

/* Sends n queries; the first was due at due_ns, each of the others step_ns later. */
static void send_burst(struct udp_load *u, unsigned int n, int64_t now_ns,
	double due_ns, double step_ns)
{
	struct burst *b = &u->burst[(u->head + u->n) % u->load->ports];
	bool one_len = true;

	b->port = u->next_port;
	b->n = b->left = n;
	b->first_id = u->next_id;
	b->waiting = n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
	b->sent_ns = now_ns;
	for (unsigned int i = 0; i < n; i++) {
		const struct question *q = questions_next(&u->load->questions);
		uint16_t id = (uint16_t)(b->first_id + i);

		b->question[i] = q;
		b->due_ns[i] = (int64_t)(due_ns + step_ns * i);
		memcpy(u->query[i], q->wire, q->len);
		u->query[i][0] = (uint8_t)(id >> 8);
		u->query[i][1] = (uint8_t)id;
		u->out_vec[i].iov_len = q->len;
		one_len = one_len && q->len == u->out_vec[0].iov_len;
	}
	send_queries(u, u->fd[b->port], n, one_len && u->load->is_cut);
	u->next_id = (uint16_t)(u->next_id + n);
	u->next_port = u->next_port + 1 == u->load->ports ? 0 : u->next_port + 1;
	u->n++;
}

static void judge(struct udp_load *u, struct burst *b, const uint8_t *reply, size_t len,
	int64_t now_ns)
{
	uint16_t i = len < 2 ? UINT16_MAX
			     : (uint16_t)((reply[0] << 8 | reply[1]) - b->first_id);

	if (i >= b->n || !(b->waiting >> i & 1)) {
		u->result->late++;
		return;
	}
	b->waiting &= ~(UINT64_C(1) << i);
	b->left--;
	u->result->all++;
	if (question_is_answered(b->question[i], reply, len, u->load->is_echo))
		u->result->answered++;
	else
		u->result->wrong++;
	if (u->load->qps > 0)
		load_latency(u->result, now_ns - b->due_ns[i]);
}

/* Takes what has come for b. Returns how many replies. */
static int receive_burst(struct udp_load *u, struct burst *b)
{
	int n = recvmmsg(u->fd[b->port], u->in, b->left, MSG_DONTWAIT, NULL);
	int64_t now_ns;

	if (n <= 0) {
		if (errno != EAGAIN && errno != ECONNREFUSED && errno != EINTR)
			load_die("recvmmsg");
		return 0;
	}
	now_ns = u->load->qps > 0 ? load_now_ns() : 0;
	for (int i = 0; i < n; i++)
		judge(u, b, u->reply[i], u->in[i].msg_len, now_ns);
	return n;
}

/* The bursts at the head that are done, or given up, make room. */
static void drop_done(struct udp_load *u, int64_t now_ns)
{
	while (u->n > 0) {
		struct burst *b = &u->burst[u->head];

		if (b->left > 0) {
			if (now_ns - b->sent_ns < PATIENCE_MS * INT64_C(1000000))
				return;
			u->result->lost += b->left;
		}
		u->head = (u->head + 1) % u->load->ports;
		u->n--;
	}
}

/* Whether anything had come. Replies come in the order of the queries, but for more than one server thread. */
static bool receive(struct udp_load *u, int64_t now_ns)
{
	bool any = false;

	for (unsigned int i = 0; i < u->n && !any; i++) {
		struct burst *b = &u->burst[(u->head + i) % u->load->ports];

		any = b->left > 0 && receive_burst(u, b) > 0;
	}
	drop_done(u, now_ns);
	return any;
}

/* About a microsecond: looking again at once would only keep the server from the socket. */
static void pause_shortly(void)
{
	for (int i = 0; i < PAUSES; i++)
#ifdef __x86_64__
		__builtin_ia32_pause();
#else
		__asm__ volatile("" ::: "memory");
#endif
}

/* What is still on the way is the server's work, but outside the measured time. */
static void drain(struct udp_load *u)
{
	uint64_t answered = u->result->answered;

	while (u->n > 0)
		if (!receive(u, load_now_ns()))
			pause_shortly();
	u->result->answered = answered;
}

/* Sends what is due by now; the sum of queries sent is *sent. */
static void send_due(struct udp_load *u, int64_t now_ns, int64_t start_ns,
	uint64_t *sent)
{
	double step_ns = 1e9 / u->load->qps;
	double due = (double)(now_ns - start_ns) / step_ns - (double)*sent;

	if (due >= 1 && u->n < u->load->ports) {
		unsigned int n =
			due > u->load->burst ? u->load->burst : (unsigned int)due;

		send_burst(u, n, now_ns, (double)start_ns + step_ns * (double)*sent,
			step_ns);
		*sent += n;
	}
}

void load_udp(struct load *load, struct load_result *result)
{
	struct udp_load *u = calloc(1, sizeof(*u));
	int64_t start_ns, warm_ns, end_ns, now_ns, waited_ns = 0;
	uint64_t sent = 0;
	bool is_warm = false;

	if (load->ports > PORTS_MAX || load->burst > BURST_MAX || u == NULL)
		load_die("too many ports, or too long a burst");
	u->load = load;
	u->result = result;
	u->burst = calloc(load->ports, sizeof(*u->burst));
	open_ports(u);
	start_ns = now_ns = load_now_ns();
	warm_ns = start_ns + (int64_t)(load->warm_up * 1e9);
	end_ns = INT64_MAX;
	while (now_ns < end_ns) {
		int64_t before_ns = now_ns;

		if (load->qps > 0)
			send_due(u, now_ns, start_ns, &sent);
		while (load->qps <= 0 && u->n < load->window)
			send_burst(u, load->burst, now_ns, 0, 0);
		if (receive(u, now_ns)) {
			now_ns = load_now_ns();
		} else {
			pause_shortly();
			now_ns = load_now_ns();
			waited_ns += now_ns - before_ns;
		}
		if (!is_warm && now_ns >= warm_ns) {
			load_reset(result);
			warm_ns = now_ns;
			end_ns = warm_ns + (int64_t)(load->seconds * 1e9);
			waited_ns = 0;
			is_warm = true;
		}
	}
	result->seconds = (double)(now_ns - warm_ns) / 1e9;
	result->waiting = (double)waited_ns / 1e9 / result->seconds;
	drain(u);
	for (unsigned int i = 0; i < load->ports; i++)
		close(u->fd[i]);
	free(u->burst);
	free(u);
}
