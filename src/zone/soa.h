/* SPDX-License-Identifier: MIT */
/*
 * soa.h -- the numbers at the end of a SOA record's data that no file gives.
 *
 * Source: RFC 1035 s3.3.13, RFC 2308 s5; REFRESH, RETRY and EXPIRE are those of Route 53.
 */
#ifndef ZONE_SOA_H
#define ZONE_SOA_H

#include "wire/dns.h"

enum { SOA_NUMBERS = 20 /* octets; the serial is the first */ };

static inline void soa_write_numbers(uint8_t *at, uint32_t serial, uint32_t minimum)
{
	dns_put32(at, serial);
	dns_put32(at + 4, 7200);     /* REFRESH, seconds, as the next two */
	dns_put32(at + 8, 900);      /* RETRY */
	dns_put32(at + 12, 1209600); /* EXPIRE */
	dns_put32(at + 16, minimum);
}

#endif
