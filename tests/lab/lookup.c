/* SPDX-License-Identifier: MIT */
/* lookup NAME -- the IPv4 addresses that getaddrinfo() of this libc gives, in its order. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
	int err = argc == 2 ? getaddrinfo(argv[1], NULL, &hints, &found) : EAI_NONAME;

	if (err) {
		fprintf(stderr, "lookup: %s\n", gai_strerror(err));
		return 1;
	}
	for (; found; found = found->ai_next) {
		char text[INET_ADDRSTRLEN];

		if (found->ai_family == AF_INET)
			puts(inet_ntop(AF_INET,
				&((struct sockaddr_in *)(void *)found->ai_addr)
					 ->sin_addr,
				text, sizeof(text)));
	}
	return 0;
}
