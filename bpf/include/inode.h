/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * What identifies a file's content, and which files are none of our business. */
#pragma once
#include "maps.h"

#define S_IFMT 0170000
#define S_IFREG 0100000
#define S_IFSOCK 0140000
enum { FMODE_READ = 1, FMODE_WRITE = 2, FMODE_EXEC = 0x20, FMODE_CREATED = 0x100000 };
enum {
	PROC_MAGIC = 0x9fa0,
	SYSFS_MAGIC = 0x62656572,
	CGROUP_MAGIC = 0x27e0eb,
	CGROUP2_MAGIC = 0x63677270,
	DEBUGFS_MAGIC = 0x64626720,
	TRACEFS_MAGIC = 0x74726163,
	SECURITYFS_MAGIC = 0x73636673,
	BPF_FS_MAGIC = 0xcafe4a11,
	DEVPTS_MAGIC = 0x1cd1,
	NSFS_MAGIC = 0x6e736673,
};

static __always_inline bool pseudo_magic(u64 magic)
{
	switch (magic) {
	case PROC_MAGIC:
	case SYSFS_MAGIC:
	case CGROUP_MAGIC:
	case CGROUP2_MAGIC:
	case DEBUGFS_MAGIC:
	case TRACEFS_MAGIC:
	case SECURITYFS_MAGIC:
	case BPF_FS_MAGIC:
	case DEVPTS_MAGIC:
	case NSFS_MAGIC:
		return true;
	}
	return false;
}

/* Nanoseconds since 1970. Its home moved twice, and from 6.13 the top bits of the nanoseconds are flags. */
static __always_inline u64 change_time(struct inode *inode)
{
	s64 sec, nsec;

	if (bpf_core_field_exists(inode->i_ctime_sec)) {
		sec = FIELD(inode, inode, i_ctime_sec);
		nsec = FIELD(inode, inode, i_ctime_nsec);
	} else if (bpf_core_field_exists(struct inode___6_6, __i_ctime)) {
		sec = BPF_CORE_READ((struct inode___6_6 *)inode, __i_ctime.tv_sec);
		nsec = BPF_CORE_READ((struct inode___6_6 *)inode, __i_ctime.tv_nsec);
	} else {
		sec = BPF_CORE_READ((struct inode___before_6_6 *)inode, i_ctime.tv_sec);
		nsec = BPF_CORE_READ((struct inode___before_6_6 *)inode, i_ctime.tv_nsec);
	}
	return sec * 1000000000 + (nsec & 0x3fffffff);
}

static __always_inline void identify(struct tamon_identity *id, struct inode *inode)
{
	id->ino = FIELD(inode, inode, i_ino);
	id->size = FIELD(inode, inode, i_size);
	id->ctime = change_time(inode);
	id->dev = FIELD_OF(inode, inode, i_sb, s_dev);
	id->mode = FIELD(inode, inode, i_mode);
	id->uid = FIELD(inode, inode, i_uid.val);
	id->gid = FIELD(inode, inode, i_gid.val);
}

/* The caller's is the only reference: closing it ends the file's life as an open file. */
static __always_inline bool last_reference(struct file *file)
{
	if (bpf_core_field_exists(file->f_ref))
		return FIELD(file, file, f_ref.refcnt.counter) == 0;
	return BPF_CORE_READ((struct file___before_6_13 *)file, f_count.counter) == 1;
}
