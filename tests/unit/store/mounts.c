/* SPDX-License-Identifier: MIT */
#include "mounts.h"

#include "test.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

void mounts_tmpfs(const char *dir, const char *options)
{
	if (unshare(CLONE_NEWNS) != 0 ||
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("tmpfs", dir, "tmpfs", 0, options) != 0)
		cr_skip_test("no file system can be mounted: %s", strerror(errno));
}

void mounts_read_only(const char *dir)
{
	cr_assert_eq(mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0, "%s",
		strerror(errno));
}

void mounts_gone(const char *dir)
{
	cr_assert_eq(umount2(dir, MNT_DETACH), 0, "%s", strerror(errno));
}
