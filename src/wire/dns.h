/* SPDX-License-Identifier: MIT */
/*
 * dns.h -- the numbers of the DNS protocol, and reading and writing them.
 *
 * Source: RFC 1035 s4.1 (header), s3.2 (types, classes); RFC 2782 (SRV); RFC 6891
 * (EDNS); IANA DNS parameters.
 */
#ifndef WIRE_DNS_H
#define WIRE_DNS_H

#include <stdint.h>
#include <string.h>

#define DNS_HEADER_LEN  12
#define DNS_UDP_MIN     512 /* what every client takes without EDNS: RFC 1035 s4.2.1 */
#define DNS_MESSAGE_MAX 65535 /* the TCP length prefix has 16 bits */
#define DNS_OPT_LEN     11    /* an OPT record without options */
#define DNS_POINTER     0xC000u
#define DNS_POINTER_MAX 0x3FFFu

enum dns_flag {
	DNS_QR = 0x8000,
	DNS_AA = 0x0400,
	DNS_TC = 0x0200,
	DNS_RD = 0x0100,
	DNS_RA = 0x0080,
	DNS_AD = 0x0020,
	DNS_CD = 0x0010
};

enum dns_opcode { DNS_OPCODE_QUERY = 0 };

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_BADVERS = 16
};

/* EDNS options (RFC 5001, 7873, 7828, 8914) and codes of the last. */
enum dns_option {
	DNS_OPTION_NSID = 3,
	DNS_OPTION_COOKIE = 10,
	DNS_OPTION_KEEPALIVE = 11,
	DNS_OPTION_EDE = 15,
	/* For local use (RFC 6891 s9): marks of the forwarders that a query has come by, 8 octets each. */
	DNS_OPTION_FORWARDERS = 65053
};

enum dns_ede {
	DNS_EDE_STALE_ANSWER = 3,
	DNS_EDE_CACHED_ERROR = 13,
	DNS_EDE_NOT_READY = 14,
	DNS_EDE_STALE_NXDOMAIN = 19,
	DNS_EDE_NOT_AUTHORITATIVE = 20,
	DNS_EDE_NOT_SUPPORTED = 21,
	DNS_EDE_NO_REACHABLE_AUTHORITY = 22,
	DNS_EDE_NETWORK_ERROR = 23,
	DNS_EDE_INVALID_QUERY_TYPE = 30
};

enum dns_class { DNS_IN = 1, DNS_CH = 3, DNS_CLASS_NONE = 254, DNS_CLASS_ANY = 255 };

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DNAME = 39,
	DNS_OPT = 41,
	DNS_DS = 43,
	DNS_RRSIG = 46,
	DNS_NSEC = 47,
	DNS_NSEC3 = 50,
	DNS_NXNAME = 128,
	DNS_TSIG = 250,
	DNS_IXFR = 251,
	DNS_AXFR = 252,
	DNS_MAILB = 253,
	DNS_MAILA = 254,
	DNS_ANY = 255
};

static inline uint16_t dns_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t dns_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void dns_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void dns_put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

#endif
