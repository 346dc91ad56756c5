/* SPDX-License-Identifier: MIT */
/*
 * api_load.c -- sends requests to the registration socket: as fast as they are answered, or at a pace.
 *
 * Usage: api_load [-c CONNECTIONS] [-r RATE] [-s SECONDS] SOCKET FILE
 *
 * FILE has one request a line: its X-Amz-Target, a blank, its JSON. They are sent in order, each connection waiting
 * for its answer. Once through the file; with -s again from its top until the time is over. Anything but 200 ends
 * the program with status 1.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 19, LATENCY_STEPS = 1 << 20 }; /* of a microsecond */

struct client {
	int fd;
	struct client *next; /* that waits for a request, too */
	size_t n_in;
	double sent;
	char in[BUFFER];
};

static const char *socket_path;
static FILE *file;
static double rate, seconds;
static struct client *idle;
static unsigned int busy;
static uint32_t latency[LATENCY_STEPS];
static size_t n_answered;
static double longest; /* us */

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const char *what)
{
	fprintf(stderr, "api_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void client_open(struct client *c, int epoll_fd)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};

	c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", socket_path);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&un, sizeof(un)) != 0)
		die(socket_path);
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &e) != 0)
		die("epoll_ctl");
	c->next = idle;
	idle = c;
}

/* The next line, without its end; false at the end of the file unless it is to be repeated. */
static bool next_line(char **line, size_t *room)
{
	ssize_t len = getline(line, room, file);

	if (len < 0 && seconds > 0) {
		rewind(file);
		len = getline(line, room, file);
	}
	if (len > 0 && (*line)[len - 1] == '\n')
		(*line)[len - 1] = '\0';
	return len > 0;
}

/* Lets an idle client send the next request; false if there is none. */
static bool send_next(double due)
{
	static char *line, text[BUFFER];
	static size_t room;
	struct client *c = idle;
	const char *body;
	int len;

	if (!next_line(&line, &room))
		return false;
	body = strchr(line, ' ');
	if (body++ == NULL) {
		errno = EINVAL;
		die(line);
	}
	len = snprintf(text, sizeof(text),
		"POST / HTTP/1.1\r\nHost: cmap\r\nX-Amz-Target: %.*s\r\n"
		"Content-Type: application/x-amz-json-1.1\r\nContent-Length: "
		"%zu\r\n\r\n%s",
		(int)(body - line - 1), line, strlen(body), body);
	if (send(c->fd, text, (size_t)len, MSG_NOSIGNAL) != len)
		die("send");
	idle = c->next;
	c->sent = due;
	c->n_in = 0;
	busy++;
	return true;
}

/* Whether the whole answer is there. */
static bool is_answered(struct client *c)
{
	const char *body, *length;

	c->in[c->n_in] = '\0';
	body = strstr(c->in, "\r\n\r\n");
	length = strcasestr(c->in, "content-length:");
	return body != NULL && length != NULL &&
	       c->n_in >= (size_t)(body + 4 - c->in) + strtoul(length + 15, NULL, 10);
}

static void receive(struct client *c)
{
	ssize_t got = recv(c->fd, c->in + c->n_in, sizeof(c->in) - 1 - c->n_in, 0);
	double us;

	if (got <= 0)
		die("recv");
	c->n_in += (size_t)got;
	if (!is_answered(c))
		return;
	if (strncmp(c->in, "HTTP/1.1 200", 12) != 0) {
		errno = EPROTO;
		die(c->in);
	}
	us = (now() - c->sent) * 1e6;
	longest = us > longest ? us : longest;
	latency[us < LATENCY_STEPS ? (size_t)us : LATENCY_STEPS - 1]++;
	n_answered++;
	c->next = idle;
	idle = c;
	busy--;
}

static double quantile(double share)
{
	double sum = 0;
	int i;

	for (i = 0; i < LATENCY_STEPS - 1; i++) {
		sum += latency[i];
		if (sum >= share * (double)n_answered)
			break;
	}
	return (i + 1) / 1e3;
}

static void run(int epoll_fd)
{
	double start = now(), at = start;
	size_t n_sent = 0;
	bool more = true;

	while ((more && (seconds <= 0 || at - start < seconds)) || busy > 0) {
		struct epoll_event ready[64];
		int n;

		while (more && idle != NULL && (seconds <= 0 || at - start < seconds)) {
			double due = rate > 0 ? start + (double)n_sent / rate : at;

			if (due > at)
				break;
			more = send_next(due);
			n_sent += more;
		}
		if (!more && busy == 0)
			break;
		n = epoll_wait(epoll_fd, ready, 64, rate > 0 ? 1 : 1000);
		for (int i = 0; i < n; i++)
			receive(ready[i].data.ptr);
		at = now();
	}
	printf("requests=%zu rate=%.0f p50_ms=%.3f p99_ms=%.3f max_ms=%.3f\n",
		n_answered, (double)n_answered / (at - start), quantile(0.5),
		quantile(0.99), longest / 1e3);
}

int main(int argc, char **argv)
{
	unsigned int n = 64;
	int c, epoll_fd = epoll_create1(0);
	struct client *client;

	while ((c = getopt(argc, argv, "c:r:s:")) != -1) {
		if (c == 'c')
			n = (unsigned int)strtoul(optarg, NULL, 10);
		else if (c == 'r')
			rate = strtod(optarg, NULL);
		else if (c == 's')
			seconds = strtod(optarg, NULL);
		else
			argc = 0;
	}
	if (argc - optind != 2 || n == 0) {
		fprintf(stderr,
			"usage: api_load [-c CONNECTIONS] [-r RATE] [-s SECONDS] "
			"SOCKET FILE\n");
		return 64;
	}
	socket_path = argv[optind];
	file = fopen(argv[optind + 1], "r");
	if (file == NULL)
		die(argv[optind + 1]);
	client = calloc(n, sizeof(*client));
	for (unsigned int i = 0; client != NULL && i < n; i++)
		client_open(&client[i], epoll_fd);
	run(epoll_fd);
	free(client);
	return 0;
}
