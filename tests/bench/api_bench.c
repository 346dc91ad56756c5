/* SPDX-License-Identifier: MIT */
/*
 * api_bench.c -- how many requests a second the registration socket answers.
 *
 * Usage: api_bench SOCKET register|renew|discover CLIENTS SECONDS [SERVICES]
 *
 * Makes namespace "bench.internal" with SERVICES services (default 1,000), then sends one request after the other on
 * each of CLIENTS connections: register a new instance (durable, visible), renew 500 leases of
 * one service, or discover a service. Prints requests a second and the time of one: median and 99th percentile.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 17, SAMPLES = 1 << 22, LEASES = 500 };

enum mode { MODE_REGISTER, MODE_RENEW, MODE_DISCOVER };

struct client {
	int fd;
	size_t n_in;
	double sent;
	char in[BUFFER];
};

static const char *socket_path;
static char (*service_id)[24];
static unsigned int n_services = 1000, next_instance;
static double *sample;
static size_t n_samples;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const char *what)
{
	fprintf(stderr, "api_bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int connect_socket(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", socket_path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&un, sizeof(un)) != 0)
		die(socket_path);
	return fd;
}

static void send_request(int fd, const char *target, const char *body)
{
	static char text[BUFFER];
	int len = snprintf(text, sizeof(text),
		"POST / HTTP/1.1\r\nHost: cmap\r\nX-Amz-Target: %s\r\n"
		"Content-Type: application/x-amz-json-1.1\r\nContent-Length: "
		"%zu\r\n\r\n%s",
		target, strlen(body), body);

	if (send(fd, text, (size_t)len, MSG_NOSIGNAL) != len)
		die("send");
}

/* The whole answer at in, or NULL if more is to come; *end is the number of its octets. */
static const char *answer_body(char *in, size_t n, size_t *end)
{
	const char *length, *body;

	in[n] = '\0';
	body = strstr(in, "\r\n\r\n");
	length = strcasestr(in, "content-length:");
	if (body == NULL || length == NULL)
		return NULL;
	body += 4;
	*end = (size_t)(body - in) + strtoul(length + 15, NULL, 10);
	return n >= *end ? body : NULL;
}

/* Asks and waits; the answer's body, valid until the next call. */
static const char *ask(int fd, const char *target, const char *body)
{
	static char in[BUFFER];
	size_t n = 0, end;
	const char *answer;

	send_request(fd, target, body);
	while ((answer = answer_body(in, n, &end)) == NULL) {
		ssize_t got = recv(fd, in + n, sizeof(in) - 1 - n, 0);

		if (got <= 0)
			die("recv");
		n += (size_t)got;
	}
	return answer;
}

/* The string behind the first "key": in text. */
static void member(const char *text, const char *key, char *out, size_t room)
{
	char pattern[40];
	const char *at;

	snprintf(pattern, sizeof(pattern), "\"%s\":\"", key);
	at = strstr(text, pattern);
	if (at == NULL) {
		errno = EPROTO;
		die(text);
	}
	at += strlen(pattern);
	snprintf(out, room, "%.*s", (int)strcspn(at, "\""), at);
}

static void make_services(int fd, bool leased)
{
	char body[512], id[64], ns[24];

	ask(fd, "Route53AutoNaming_v20170314.CreatePrivateDnsNamespace",
		"{\"Name\":\"bench.internal\",\"Vpc\":\"bench\"}");
	member(ask(fd, "Cmap_v1.FindService", "{\"Name\":\"bench.internal\"}"), "Id",
		ns, sizeof(ns));
	service_id = calloc(n_services, sizeof(*service_id));
	for (unsigned int i = 0; i < n_services; i++) {
		snprintf(id, sizeof(id), "s%u-%d", i, getpid());
		snprintf(body, sizeof(body),
			"{\"Name\":\"%s\",\"NamespaceId\":\"%s\",\"DnsConfig\":{"
			"\"DnsRecords\":"
			"[{\"Type\":\"A\",\"TTL\":60}]}}",
			id, ns);
		member(ask(fd, "Route53AutoNaming_v20170314.CreateService", body), "Id",
			service_id[i], sizeof(service_id[i]));
	}
	for (unsigned int i = 0; leased && i < LEASES; i++) {
		snprintf(body, sizeof(body),
			"{\"ServiceId\":\"%s\",\"InstanceId\":\"i-%u\",\"Attributes\":"
			"{\"AWS_INSTANCE_IPV4\":\"10.0.%u.%u\",\"CMAP_LEASE\":\"1h\"}}",
			service_id[0], i, i / 250, i % 250 + 1);
		ask(fd, "Route53AutoNaming_v20170314.RegisterInstance", body);
	}
}

static void next_request(struct client *c, enum mode mode)
{
	static char body[BUFFER];
	unsigned int i = next_instance++;
	int at;

	c->sent = now();
	c->n_in = 0;
	switch (mode) {
	case MODE_REGISTER:
		snprintf(body, sizeof(body),
			"{\"ServiceId\":\"%s\",\"InstanceId\":\"i-%u\",\"Attributes\":"
			"{\"AWS_INSTANCE_IPV4\":\"10.%u.%u.%u\",\"CMAP_LEASE\":\"1h\"}"
			"}",
			service_id[i % n_services], i, i >> 16 & 255, i >> 8 & 255,
			(i & 127) + 1);
		send_request(c->fd, "Route53AutoNaming_v20170314.RegisterInstance",
			body);
		break;
	case MODE_RENEW:
		at = snprintf(body, sizeof(body), "{\"Leases\":[");
		for (unsigned int k = 0; k < LEASES; k++)
			at += snprintf(body + at, sizeof(body) - (size_t)at,
				"%s{\"ServiceId\":\"%s\",\"InstanceId\":\"i-%u\"}",
				k == 0 ? "" : ",", service_id[0], k);
		snprintf(body + at, sizeof(body) - (size_t)at, "]}");
		send_request(c->fd, "Cmap_v1.RenewLeases", body);
		break;
	case MODE_DISCOVER:
		snprintf(body, sizeof(body),
			"{\"NamespaceName\":\"bench.internal\",\"ServiceName\":\"s%u-%"
			"d\"}",
			i % n_services, getpid());
		send_request(c->fd, "Route53AutoNaming_v20170314.DiscoverInstances",
			body);
		break;
	}
}

static void receive(struct client *c, enum mode mode)
{
	ssize_t got = recv(c->fd, c->in + c->n_in, sizeof(c->in) - 1 - c->n_in, 0);
	size_t end;

	if (got <= 0)
		die("recv");
	c->n_in += (size_t)got;
	if (answer_body(c->in, c->n_in, &end) == NULL)
		return;
	if (strncmp(c->in, "HTTP/1.1 200", 12) != 0) {
		errno = EPROTO;
		die(c->in);
	}
	if (n_samples < SAMPLES)
		sample[n_samples++] = now() - c->sent;
	next_request(c, mode);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void run(unsigned int n, enum mode mode, double seconds)
{
	struct client *client = calloc(n, sizeof(*client));
	int epoll_fd = epoll_create1(0);
	double start = now(), took;

	for (unsigned int i = 0; i < n; i++) {
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = &client[i]};

		client[i].fd = connect_socket();
		epoll_ctl(epoll_fd, EPOLL_CTL_ADD, client[i].fd, &e);
		next_request(&client[i], mode);
	}
	while (now() - start < seconds) {
		struct epoll_event ready[256];
		int k = epoll_wait(epoll_fd, ready, 256, 1000);

		for (int i = 0; i < k; i++)
			receive(ready[i].data.ptr, mode);
	}
	took = now() - start;
	qsort(sample, n_samples, sizeof(*sample), compare);
	printf("%.0f requests/s, median %.3f ms, p99 %.3f ms\n",
		(double)n_samples / took, sample[n_samples / 2] * 1e3,
		sample[n_samples * 99 / 100] * 1e3);
}

int main(int argc, char **argv)
{
	static const char *const modes[] = {"register", "renew", "discover"};
	unsigned int mode = 0;
	int fd;

	while (argc >= 5 && mode < 3 && strcmp(argv[2], modes[mode]) != 0)
		mode++;
	if (argc < 5 || mode == 3) {
		fprintf(stderr,
			"usage: api_bench SOCKET register|renew|discover CLIENTS "
			"SECONDS [SERVICES]\n");
		return 64;
	}
	socket_path = argv[1];
	if (argc > 5)
		n_services = (unsigned int)atoi(argv[5]);
	sample = malloc(SAMPLES * sizeof(*sample));
	fd = connect_socket();
	make_services(fd, mode == MODE_RENEW);
	run((unsigned int)atoi(argv[3]), (enum mode)mode, atof(argv[4]));
	return 0;
}
