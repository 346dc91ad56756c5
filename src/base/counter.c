/* SPDX-License-Identifier: MIT */
#include "base/counter.h"

static const char *const names[COUNTER_N] = {
	[COUNTER_UDP_QUERIES] = "UdpQueries",
	[COUNTER_TCP_QUERIES] = "TcpQueries",
	[COUNTER_TCP_CONNECTIONS] = "TcpConnections",
	[COUNTER_DROPPED] = "Dropped",
	[COUNTER_TRUNCATED] = "Truncated",
	[COUNTER_NOERROR] = "NoError",
	[COUNTER_NODATA] = "NoData",
	[COUNTER_NXDOMAIN] = "NxDomain",
	[COUNTER_REFUSED] = "Refused",
	[COUNTER_FORMERR] = "FormErr",
	[COUNTER_NOTIMP] = "NotImp",
	[COUNTER_OTHER_RCODE] = "OtherRcode",
	[COUNTER_SEND_FAILED] = "SendFailed",
	[COUNTER_RATE_LIMITED] = "RateLimited",
	[COUNTER_COOKIES_GOOD] = "CookiesGood",
	[COUNTER_FORWARD_QUERIES] = "ForwardQueries",
	[COUNTER_FORWARD_CACHED] = "ForwardCached",
	[COUNTER_FORWARD_STALE] = "ForwardStale",
	[COUNTER_FORWARD_FAILED] = "ForwardFailed",
	[COUNTER_FORWARD_TIMEOUTS] = "ForwardTimeouts",
	[COUNTER_FORWARD_UNWANTED] = "ForwardUnwanted",
	[COUNTER_FORWARD_LOOPS] = "ForwardLoops",
};

void counters_sum(const struct counters *c, uint64_t sum[COUNTER_N])
{
	for (int i = 0; i < COUNTER_N; i++)
		sum[i] += atomic_load_explicit(&c->n[i], memory_order_relaxed);
}

const char *counter_name(enum counter which)
{
	return (unsigned int)which < COUNTER_N ? names[which] : "Unknown";
}
