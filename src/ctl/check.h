/* SPDX-License-Identifier: MIT */
/*
 * check.h -- what users type, checked before anybody is asked.
 *
 * Each returns CTL_OK with *out set, or CTL_USAGE and has said which value is wrong and
 * how it is written.
 */
#ifndef CTL_CHECK_H
#define CTL_CHECK_H

#include <netinet/in.h>
#include <stdint.h>

#include "base/compiler.h"
#include "ctl/ctl.h"

#define CHECK_NAME_MAX     1152 /* service 127, dot, namespace 1,024 */
#define CHECK_INSTANCE_MAX 64
#define CHECK_DNS_NAME_MAX 253

/* SERVICE.NAMESPACE; a dot at its end is taken off. */
int check_service_name(const struct ctl *c, const char *text,
	char out[CHECK_NAME_MAX + 1]) CMAP_NONNULL CMAP_MUST_USE;
/* A namespace's name; dns: as a domain name, a dot at its end is taken off. */
int check_namespace_name(const struct ctl *c, const char *text, bool dns,
	char out[CHECK_NAME_MAX + 1]) CMAP_NONNULL CMAP_MUST_USE;
int check_instance_id(const struct ctl *c, const char *text) CMAP_NONNULL CMAP_MUST_USE;
/* 1..max */
int check_number(const struct ctl *c, const char *option, const char *text,
	uint32_t max, uint32_t *out) CMAP_NONNULL CMAP_MUST_USE;
/* 1s to 7d. */
int check_lease(const struct ctl *c, const char *option,
	const char *text) CMAP_NONNULL CMAP_MUST_USE;
/* Whole seconds, 0 and up. */
int check_ttl(const struct ctl *c, const char *option, const char *text,
	uint32_t *out_s) CMAP_NONNULL CMAP_MUST_USE;
/* Sets *family to AF_INET or AF_INET6, and the address in network order. */
int check_address(const struct ctl *c, const char *option, const char *text,
	int *family, struct in6_addr *out) CMAP_NONNULL CMAP_MUST_USE;
/*
 * KEY=VALUE, with a key; *key_len is where the '=' stands. option: whose value it is, or
 * NULL for an operand.
 */
int check_pair(const struct ctl *c, const char *option, const char *text,
	size_t *key_len) __attribute__((nonnull(1, 3, 4))) CMAP_MUST_USE;
/* The same, as Cloud Map takes it for attributes of instances. */
int check_attribute(const struct ctl *c, const char *option, const char *text,
	size_t *key_len) CMAP_NONNULL CMAP_MUST_USE;
/* A domain name, for CNAME. */
int check_domain_name(const struct ctl *c, const char *option,
	const char *text) CMAP_NONNULL CMAP_MUST_USE;

#endif
