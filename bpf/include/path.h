/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * Paths: walked from a dentry up to the acting process's root, so that what is told is the file and not what the caller
 * called it; or, where the file is gone when the call returns, the caller's text and the directory it is relative to. */
#pragma once
#include "maps.h"

enum { PATH_BYTES = 4096, NAME_BYTES = 256, PATH_STEPS = 48 };
enum { AT_FDCWD = -100 };

struct walk {
	struct dentry *dentry;
	struct vfsmount *mnt;
	struct dentry *mnt_root;
	struct dentry *root;
	struct vfsmount *root_mnt;
	u8 *bytes;
	u32 at;
	u32 used;
	u32 flags;
	/* stop at a directory that policy ignores */
	u32 ignore;
};

static __always_inline bool ignored_place(struct dentry *dentry)
{
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);
	struct tamon_place place = { .ino = BPF_CORE_READ(inode, i_ino) };

	if (!in_sieve(SIEVE_IGNORED, place.ino))
		return false;
	place.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	return bpf_map_lookup_elem(&ignored, &place) != 0;
}

/* From the root of a mount to where it is mounted. */
static __always_inline long cross_mount(struct walk *walk)
{
	struct mount *m = (void *)walk->mnt - bpf_core_field_offset(struct mount, mnt);
	struct mount *up = BPF_CORE_READ(m, mnt_parent);
	struct vfsmount *mnt;

	if (up == m) {
		walk->flags = TAMON_PATH_WHOLE;
		return 1;
	}
	walk->dentry = BPF_CORE_READ(m, mnt_mountpoint);
	mnt = (void *)up + bpf_core_field_offset(struct mount, mnt);
	walk->mnt = mnt;
	walk->mnt_root = BPF_CORE_READ(mnt, mnt_root);
	return 0;
}

enum { WALK_IGNORED = 0x100 };

static long step_up(u32 step, struct walk *walk)
{
	struct dentry *dentry = walk->dentry, *parent;
	u32 used = walk->used;
	long n;

	if (dentry == walk->root && walk->mnt == walk->root_mnt) {
		walk->flags = TAMON_PATH_WHOLE;
		return 1;
	}
	if (dentry == walk->mnt_root)
		return cross_mount(walk);
	if (used > PATH_BYTES - NAME_BYTES)
		return 1;
	if (walk->ignore && step && ignored_place(dentry)) {
		walk->flags = WALK_IGNORED;
		return 1;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	n = bpf_probe_read_kernel_str(walk->bytes + (walk->at & 0x3fff) + used, NAME_BYTES, BPF_CORE_READ(dentry, d_name.name));
	if (n <= 0)
		return 1;
	walk->used = used + n;
	if (parent == dentry) {
		walk->flags = TAMON_PATH_DETACHED;
		return 1;
	}
	walk->dentry = parent;
	return 0;
}

/* Appends the components at bytes + at, leaf first, each with a NUL. Gives the bytes added; sets *flags. Gives -1 when
 * the file lies where policy wants to hear nothing. */
static __noinline int walk_path(u8 *bytes, u32 at, struct walk *walk, u32 *flags)
{
	struct vfsmount *mnt = walk->mnt;

	walk->bytes = bytes;
	walk->at = at;
	walk->used = 0;
	walk->flags = TAMON_PATH_CUT;
	walk->mnt_root = BPF_CORE_READ(mnt, mnt_root);
	bpf_loop(PATH_STEPS, step_up, walk, 0);
	*flags = walk->flags;
	return walk->flags == WALK_IGNORED ? -1 : (int)(walk->used & (2 * PATH_BYTES - 1));
}

static __always_inline void at_root_of(struct walk *walk, struct task_struct *task)
{
	struct fs_struct *fs = task->fs;

	walk->root = fs ? fs->root.dentry : 0;
	walk->root_mnt = fs ? fs->root.mnt : 0;
}

/* The whole path of a file. Gives the new end of the record, or 0 when it lies where policy wants to hear nothing. */
static __always_inline u32 put_file_path(void *bytes, u32 at, struct tamon_path *path, struct task_struct *task,
					 struct dentry *dentry, struct vfsmount *mnt, bool ignore)
{
	struct walk walk = { .dentry = dentry, .mnt = mnt, .ignore = ignore };
	int n;

	at_root_of(&walk, task);
	path->text = 0;
	n = walk_path(bytes, at, &walk, &path->flags);
	if (n < 0)
		return 0;
	path->walk = n;
	return at + path->walk;
}

static __always_inline struct file *file_of(struct task_struct *task, u32 fd)
{
	struct files_struct *files = task->files;
	struct fdtable *fdt;
	struct file **table, *file = 0;

	if (!files)
		return 0;
	fdt = files->fdt;
	if (fd >= fdt->max_fds)
		return 0;
	table = fdt->fd;
	bpf_probe_read_kernel(&file, sizeof(file), table + fd);
	return file;
}

/* Where a relative path hangs: the directory behind `dfd`, or the working directory. */
static __always_inline bool hangs_at(struct walk *walk, struct task_struct *task, int dfd)
{
	struct fs_struct *fs = task->fs;
	struct file *file;

	if (dfd == AT_FDCWD) {
		if (!fs)
			return false;
		walk->dentry = fs->pwd.dentry;
		walk->mnt = fs->pwd.mnt;
		return true;
	}
	file = file_of(task, dfd);
	if (!file)
		return false;
	walk->dentry = BPF_CORE_READ(file, f_path.dentry);
	walk->mnt = BPF_CORE_READ(file, f_path.mnt);
	return true;
}

static __always_inline bool ignored_name(const char *text)
{
	struct tamon_prefix key;

	key.bits = 8 * sizeof(key.text);
	__builtin_memcpy(key.text, text, sizeof(key.text));
	return bpf_map_lookup_elem(&ignored_text, &key) != 0;
}

/* Takes text that stands at bytes + at (n bytes with its NUL, or an error) and adds the directory it hangs at. */
static __noinline u32 finish_text(u8 *bytes, u32 at, long n, struct tamon_path *path, struct walk *walk)
{
	u32 cut = 0;
	int walked;

	at &= 0x3fff;
	if (n <= 0) {
		path->text = 0;
		path->walk = 0;
		path->flags = TAMON_PATH_UNKNOWN;
		return at;
	}
	if (n >= PATH_BYTES)
		cut = TAMON_PATH_CUT;
	n = (n - 1) & (PATH_BYTES - 1);
	path->text = n;
	path->walk = 0;
	if (n && bytes[at] == '/') {
		path->flags = TAMON_PATH_WHOLE | cut;
		if (walk->ignore && ignored_name((char *)bytes + at))
			return 0;
		return at + n;
	}
	if (!walk->dentry) {
		path->flags = TAMON_PATH_CUT;
		return at + n;
	}
	walked = walk_path(bytes, at + n, walk, &path->flags);
	if (walked < 0)
		return 0;
	path->walk = walked;
	path->flags |= cut;
	return at + n + path->walk;
}

/* A path as the caller's memory has it. Gives the record's new end, 0 when policy wants to hear nothing. */
static __always_inline u32 put_user_path(void *bytes, u32 at, struct tamon_path *path, struct task_struct *task, int dfd,
					 const void *text, bool ignore)
{
	struct walk walk = { .ignore = ignore };
	long n = bpf_probe_read_user_str(bytes + (at & 0x3fff), PATH_BYTES, text);

	at_root_of(&walk, task);
	hangs_at(&walk, task, dfd);
	return finish_text(bytes, at, n, path, &walk);
}

/* The same from the kernel's own copy. */
static __always_inline u32 put_kernel_path(void *bytes, u32 at, struct tamon_path *path, struct task_struct *task, int dfd,
					   struct filename *name, bool ignore)
{
	struct walk walk = { .ignore = ignore };
	long n = bpf_probe_read_kernel_str(bytes + (at & 0x3fff), PATH_BYTES, BPF_CORE_READ(name, name));

	at_root_of(&walk, task);
	hangs_at(&walk, task, dfd);
	return finish_text(bytes, at, n, path, &walk);
}

/* Text that is no path. */
static __always_inline u32 put_user_text(void *bytes, u32 at, struct tamon_path *path, const void *text, u32 most)
{
	long n = bpf_probe_read_user_str(bytes + (at & 0x3fff), most, text);

	path->walk = 0;
	path->flags = n > 0 ? TAMON_PATH_WHOLE : TAMON_PATH_UNKNOWN;
	path->text = n > 0 ? (n - 1) & (PATH_BYTES - 1) : 0;
	return at + path->text;
}
