/* SPDX-License-Identifier: MIT */
/* doctor_host.h -- all that the files of a host say about resolving names. */
#ifndef CTL_DOCTOR_HOST_H
#define CTL_DOCTOR_HOST_H

#include "ctl/ctl.h"
#include "ctl/doctor_conf.h"
#include "ctl/doctor_files.h"

#define DOCTOR_RESOLV   "/etc/resolv.conf"
#define DOCTOR_NSSWITCH "/etc/nsswitch.conf"
#define DOCTOR_NSCD     "/etc/nscd.conf"
/* What doctor would have added. */
#define DOCTOR_RESOLVED_OURS "/etc/systemd/resolved.conf.d/cmap.conf"
#define DOCTOR_DNSMASQ_OURS  "/etc/dnsmasq.d/cmap.conf"
#define DOCTOR_NM_OURS       "/etc/NetworkManager/dnsmasq.d/cmap.conf"

struct doctor_host {
	bool has_resolv;
	struct resolv_conf resolv;
	struct nss_hosts hosts;
	struct resolved_conf resolved;
	struct resolv_conf uplinks; /* whom systemd-resolved asks, as it tells */
	bool has_dnsmasq;
	bool by_network_manager; /* dnsmasq is NetworkManager's alone */
	struct dnsmasq_conf dnsmasq;
	struct doctor_line nscd_hosts; /* set if nscd runs and keeps answers */
};

/*
 * Fills *out, which the caller frees. What is not there is as if it were empty; so is what cannot be read, which is said.
 */
void doctor_host_read(const struct ctl *c, const struct doctor_root *root,
	struct doctor_host *out) CMAP_NONNULL;
void doctor_host_free(struct doctor_host *h) CMAP_NONNULL;

#endif
