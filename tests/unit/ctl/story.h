/* SPDX-License-Identifier: MIT */
/* story.h -- a command against a scripted API: what it asks, what it prints, how it ends. */
#ifndef TEST_CTL_STORY_H
#define TEST_CTL_STORY_H

#include "fake.h"
#include "test.h"

/* ---- namespace prod (ns-1), and service web in it (srv-1), as FindService gives them ---- */

#define NS                                                                             \
	"\"Namespace\":{\"Id\":\"ns-1\",\"Name\":\"prod\",\"Type\":\"DNS_PRIVATE\","   \
	"\"Properties\":{"                                                             \
	"\"HttpProperties\":{\"HttpName\":\"prod-x\"}}}"
#define NS_HTTP "\"Namespace\":{\"Id\":\"ns-2\",\"Name\":\"prod\",\"Type\":\"HTTP\"}"
#define SERVICE(records)                                                               \
	"\"ServiceName\":\"web\",\"Service\":{\"Id\":\"srv-1\",\"Name\":\"web\","      \
	"\"DnsConfig\":{"                                                              \
	"\"DnsRecords\":[" records "]}}"
#define A5   "{\"Type\":\"A\",\"TTL\":5}"
#define SRV5 "{\"Type\":\"SRV\",\"TTL\":5}"
#define FIND "Cmap_v1.FindService", "{\"Name\":\"web.prod\"}"

#define FOUND(records)                                                                 \
	{                                                                              \
		FIND, 0, "{" NS "," SERVICE(records) "}"                               \
	}
#define FOUND_NO_SERVICE                                                               \
	{                                                                              \
		FIND, 0, "{" NS ",\"ServiceName\":\"web\"}"                            \
	}
#define FOUND_PROD                                                                     \
	{                                                                              \
		"Cmap_v1.FindService", "{\"Name\":\"prod\"}", 0,                       \
			"{" NS ",\"ServiceName\":\".\"}"                               \
	}

#define CALLS_MAX 8

struct story {
	const char *line;
	struct fake_call calls[CALLS_MAX]; /* a NULL target ends them */
	int status;
	const char *out;
	const char *err;
};

void story_play_all(const struct story *stories, size_t n);

#endif
