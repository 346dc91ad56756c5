/* SPDX-License-Identifier: MIT */
/*
 * echo.c -- what the kernel alone costs: queries by recvmmsg, turned round, back by sendmmsg, one thread.
 *
 * Usage: echo PORT BATCH
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { BATCH_MAX = 64, PACKET = 512, FLAGS = 2, QR = 0x80, SOCKET_BUFFER = 4 << 20 };

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

int main(int argc, char **argv)
{
	int fd = open_socket((uint16_t)(argc > 1 ? atoi(argv[1]) : 5300));
	int batch = argc > 2 ? atoi(argv[2]) : BATCH_MAX;

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
		}
		while (sent < n) {
			int k = sendmmsg(fd, message + sent, (unsigned int)(n - sent),
				0);

			sent += k > 0 ? k : 1;
		}
	}
}
