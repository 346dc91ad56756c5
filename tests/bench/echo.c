/* SPDX-License-Identifier: MIT */
/*
 * echo.c -- what the kernel alone costs: queries by recvmmsg, turned round, back by sendmmsg, one thread.
 *
 * Usage: echo PORT BATCH [answer]
 *
 * With the third word it is the fastest resolver: every question is answered with one address, 192.0.2.1, for an hour.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	BATCH_MAX = 64,
	PACKET = 512,
	FLAGS = 2,
	QR = 0x80,
	RA = 0x80, /* in the octet behind */
	ANCOUNT = 7,
	ARCOUNT = 11,
	HEADER = 12,
	OPT = 11,
	SOCKET_BUFFER = 4 << 20
};

static struct mmsghdr message[BATCH_MAX];
static struct iovec vec[BATCH_MAX];
static struct sockaddr_in peer[BATCH_MAX];
static uint8_t packet[BATCH_MAX][PACKET];

static int open_socket(uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = SOCKET_BUFFER;

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		perror("echo");
		exit(1);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

/* Makes a reply of the query of len octets at p. Returns its octets. */
static size_t answer(uint8_t *p, size_t len)
{
	static const uint8_t record[] = {
		0xC0, HEADER, 0, 1, 0, 1, 0, 0, 0x0E, 0x10, 0, 4, 192, 0, 2, 1};
	static const uint8_t opt[OPT] = {0, 0, 41, 0x04, 0xD0};
	size_t at = HEADER;

	while (at < len && p[at] != 0)
		at += 1u + p[at];
	at += 5;
	if (at > len || len + sizeof(record) + OPT > PACKET)
		return len;
	p[FLAGS + 1] = RA;
	p[ANCOUNT] = 1;
	memcpy(p + at, record, sizeof(record));
	at += sizeof(record);
	if (p[ARCOUNT] == 0)
		return at;
	memcpy(p + at, opt, OPT);
	return at + OPT;
}

int main(int argc, char **argv)
{
	int fd = open_socket((uint16_t)(argc > 1 ? atoi(argv[1]) : 5300));
	int batch = argc > 2 ? atoi(argv[2]) : BATCH_MAX;
	int answers = argc > 3;

	if (batch < 1 || batch > BATCH_MAX)
		return 64;
	for (int i = 0; i < batch; i++)
		message[i].msg_hdr = (struct msghdr){
			.msg_name = &peer[i], .msg_iov = &vec[i], .msg_iovlen = 1};
	for (;;) {
		int n, sent = 0;

		for (int i = 0; i < batch; i++) {
			vec[i] = (struct iovec){packet[i], PACKET};
			message[i].msg_hdr.msg_namelen = sizeof(peer[i]);
		}
		n = recvmmsg(fd, message, (unsigned int)batch, MSG_WAITFORONE, NULL);
		for (int i = 0; i < n; i++) {
			packet[i][FLAGS] |= QR;
			vec[i].iov_len = message[i].msg_len;
			if (answers)
				vec[i].iov_len = answer(packet[i], vec[i].iov_len);
		}
		while (sent < n) {
			int k = sendmmsg(fd, message + sent, (unsigned int)(n - sent),
				0);

			sent += k > 0 ? k : 1;
		}
	}
}
