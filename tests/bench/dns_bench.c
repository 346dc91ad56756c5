/* SPDX-License-Identifier: MIT */
/*
 * dns_bench.c -- a load generator for DNS servers that checks every reply.
 *
 * Usage: dns_bench [-t] [-x] [-g] [-R] [-e SIZE] [-s SECONDS] [-r QPS] [-p PORTS] [-b BURST] [-w WINDOW] ADDRESS PORT QUESTIONS
 *
 * Prints one line of name=value. "all" counts what was answered outside the measured time as well: the server's CPU
 * time is divided by it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

static const char usage[] =
	"usage: dns_bench [options] ADDRESS PORT QUESTIONS\n"
	"  -t          over TCP, pipelined\n"
	"  -x          the server only turns packets round\n"
	"  -g          with UDP GSO: faster, but each such query costs the server "
	"more, too\n"
	"  -R          recursion desired\n"
	"  -e SIZE     with EDNS\n"
	"  -s SECONDS  measured (1), after a tenth as warm-up\n"
	"  -r QPS      at this pace, with latencies; else as fast as answers come\n"
	"  -p PORTS    source ports (512), with -t connections (32)\n"
	"  -b BURST    queries that leave a port at once (32)\n"
	"  -w WINDOW   bursts on the way (5), with -t queries on the way of a "
	"connection (16)\n";

void load_die(const char *what)
{
	fprintf(stderr, "dns_bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

void load_reset(struct load_result *r)
{
	r->answered = r->lost = r->wrong = r->late = 0;
	memset(r->latency, 0, LATENCY_STEPS * sizeof(*r->latency));
}

/* The latency in microseconds that so large a share of the replies stays below. */
static double quantile(const struct load_result *r, double share)
{
	uint64_t all = 0, sum = 0;
	int i;

	for (i = 0; i < LATENCY_STEPS; i++)
		all += r->latency[i];
	for (i = 0; i < LATENCY_STEPS - 1; i++) {
		sum += r->latency[i];
		if ((double)sum >= share * (double)all)
			break;
	}
	return (i + 1) * (LATENCY_STEP_NS / 1e3);
}

static void print(const struct load_result *r, bool is_paced)
{
	printf("qps=%.0f answered=%ju lost=%ju wrong=%ju late=%ju all=%ju waiting=%.3f",
		(double)r->answered / r->seconds, (uintmax_t)r->answered,
		(uintmax_t)r->lost, (uintmax_t)r->wrong, (uintmax_t)r->late,
		(uintmax_t)r->all, r->waiting);
	if (is_paced)
		printf(" p50_us=%.1f p99_us=%.1f", quantile(r, 0.5), quantile(r, 0.99));
	printf("\n");
}

static unsigned int number(const char *text, unsigned int otherwise)
{
	return text == NULL ? otherwise : (unsigned int)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
	struct load load = {.seconds = 1, .server.sin_family = AF_INET};
	struct load_result result = {
		.latency = calloc(LATENCY_STEPS, sizeof(*result.latency))};
	const char *ports = NULL, *burst = NULL, *window = NULL;
	bool is_tcp = false, is_recursive = false;
	uint16_t edns_size = 0;
	int c;

	while ((c = getopt(argc, argv, "txgRe:s:r:p:b:w:")) != -1) {
		switch (c) {
		case 't':
			is_tcp = true;
			break;
		case 'x':
			load.is_echo = true;
			break;
		case 'g':
			load.is_cut = true;
			break;
		case 'R':
			is_recursive = true;
			break;
		case 'e':
			edns_size = (uint16_t)number(optarg, 0);
			break;
		case 's':
			load.seconds = strtod(optarg, NULL);
			break;
		case 'r':
			load.qps = strtod(optarg, NULL);
			break;
		case 'p':
			ports = optarg;
			break;
		case 'b':
			burst = optarg;
			break;
		case 'w':
			window = optarg;
			break;
		default:
			fputs(usage, stderr);
			return 64;
		}
	}
	if (argc - optind != 3 ||
		inet_pton(AF_INET, argv[optind], &load.server.sin_addr) != 1) {
		fputs(usage, stderr);
		return 64;
	}
	load.server.sin_port = htons((uint16_t)number(argv[optind + 1], 0));
	load.warm_up = load.seconds / 10;
	load.ports = number(ports, is_tcp ? 32 : 512);
	load.burst = number(burst, 32);
	load.window = number(window, is_tcp ? 16 : 5);
	questions_read(&load.questions, argv[optind + 2], edns_size, is_recursive);
	(is_tcp ? load_tcp : load_udp)(&load, &result);
	print(&result, load.qps > 0);
	free(load.questions.q);
	free(result.latency);
	return 0;
}
