/* SPDX-License-Identifier: MIT */
/*
 * probe.h -- what is found out about instances: the addresses of the targets of aliases.
 *
 * Each target that some instance has (AWS_ALIAS_DNS_NAME) is asked for, A and AAAA, and again shortly before the answer's
 * TTL ends, however many instances have it. When no answer comes, the last good one stays for a while. One that leads
 * back to itself, by aliases and CNAMEs of ours, is not asked for, and has no addresses.
 *
 * Thread: the control thread.
 * Source: Cloud Map API reference, RegisterInstance.Attributes.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "base/loop.h"
#include "registry/registry.h"
#include "wire/dname.h"

struct probe;

#define PROBE_ASKED_MAX 256 /* questions that wait for an answer at a time */

/* Targets by how it goes with them; see tell.h. */
struct probe_counts {
	uint32_t n_new, n_good, n_stale, n_lost;
};

struct probe_options {
	/*
	 * Has the name's records of that type (A or AAAA) looked up. done() gets a whole reply, or len 0; it is called
	 * once, later, or never if the program ends before.
	 */
	void (*ask)(void *arg, const struct dname *name, uint16_t type,
		void (*done)(void *done_arg, const uint8_t *reply, size_t len),
		void *done_arg);
	void *arg;
	int64_t stale_ms; /* how long the last good answer stays after its TTL */
};

/* From now on all targets of r are followed. */
struct probe *probe_new(const struct probe_options *options, struct loop *loop,
	struct registry *r) CMAP_NONNULL CMAP_MUST_USE;
void probe_set_stale(struct probe *p, int64_t stale_ms) CMAP_NONNULL;
void probe_count(const struct probe *p, struct probe_counts *out) CMAP_NONNULL;
/* The registry must not be used for it any more. NULL is fine. */
void probe_free(struct probe *p);

#endif
