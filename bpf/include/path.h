/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * Paths: walked from a dentry up to the acting process's root, so that what is told is the file and not what the caller
 * called it; or, where the file is gone when the call returns, the caller's text and the directory it is relative to. */
#pragma once
#include "maps.h"

enum { PATH_BYTES = 4096, NAME_BYTES = 256, PATH_STEPS = 48 };
enum { AT_FDCWD = -100 };

/* Where a walk begins and where it ends; addresses, since a function that is verified by itself takes no pointers. */
struct walk {
	u64 dentry;
	u64 mnt;
	u64 root;
	u64 root_mnt;
	u32 slot;
	u32 at;
	/* stop at a directory that policy ignores */
	u32 ignore;
	/* out */
	u32 flags;
};

struct climb {
	struct dentry *dentry;
	struct vfsmount *mnt;
	struct dentry *mnt_root;
	struct dentry *root;
	struct vfsmount *root_mnt;
	u8 *bytes;
	u32 at;
	u32 used;
	u32 flags;
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
static __always_inline long cross_mount(struct climb *climb)
{
	struct mount *m = (void *)climb->mnt - bpf_core_field_offset(struct mount, mnt);
	struct mount *up = BPF_CORE_READ(m, mnt_parent);
	struct vfsmount *mnt;

	if (up == m) {
		climb->flags = TAMON_PATH_WHOLE;
		return 1;
	}
	climb->dentry = BPF_CORE_READ(m, mnt_mountpoint);
	mnt = (void *)up + bpf_core_field_offset(struct mount, mnt);
	climb->mnt = mnt;
	climb->mnt_root = BPF_CORE_READ(mnt, mnt_root);
	return 0;
}

enum { WALK_IGNORED = 0x100 };

static long step_up(u32 step, struct climb *climb)
{
	struct dentry *dentry = climb->dentry, *parent;
	const unsigned char *name;
	u32 used = climb->used;
	long n;

	if (dentry == climb->root && climb->mnt == climb->root_mnt) {
		climb->flags = TAMON_PATH_WHOLE;
		return 1;
	}
	if (dentry == climb->mnt_root)
		return cross_mount(climb);
	if (used > PATH_BYTES - NAME_BYTES)
		return 1;
	if (climb->ignore && step && ignored_place(dentry)) {
		climb->flags = WALK_IGNORED;
		return 1;
	}
	parent = FIELD(dentry, dentry, d_parent);
	name = FIELD(dentry, dentry, d_name.name);
	n = bpf_probe_read_kernel_str(climb->bytes + (climb->at & 0x3fff) + used, NAME_BYTES, name);
	if (n <= 0)
		return 1;
	climb->used = used + n;
	if (parent == dentry) {
		climb->flags = TAMON_PATH_DETACHED;
		return 1;
	}
	climb->dentry = parent;
	return 0;
}

/* Appends the components at the scratch's byte `at`, leaf first, each with a NUL. Gives the bytes added; -1 when the file
 * lies where policy wants to hear nothing. Verified by itself, once a program, and not again at each call. */
__noinline int walk_path(struct walk *walk)
{
	struct climb climb = {};
	struct vfsmount *mnt;

	if (!walk)
		return 0;
	mnt = (void *)walk->mnt;
	climb.bytes = get_scratch(walk->slot);
	if (!climb.bytes)
		return 0;
	climb.dentry = (void *)walk->dentry;
	climb.mnt = mnt;
	climb.root = (void *)walk->root;
	climb.root_mnt = (void *)walk->root_mnt;
	climb.at = walk->at & 0x3fff;
	climb.flags = TAMON_PATH_CUT;
	climb.ignore = walk->ignore;
	climb.mnt_root = BPF_CORE_READ(mnt, mnt_root);
	bpf_loop(PATH_STEPS, step_up, &climb, 0);
	walk->flags = climb.flags;
	return climb.flags == WALK_IGNORED ? -1 : (int)climb.used;
}

enum { WALK_MASK = 2 * PATH_BYTES - 1 };

static __always_inline void at_root_of(struct walk *walk, struct task_struct *task)
{
	struct fs_struct *fs = task->fs;

	walk->root = fs ? (u64)fs->root.dentry : 0;
	walk->root_mnt = fs ? (u64)fs->root.mnt : 0;
}

/* The whole path of a file. Gives the new end of the record, or 0 when it lies where policy wants to hear nothing. */
static __always_inline u32 put_file_path(u32 slot, u32 at, struct tamon_path *path, struct task_struct *task,
					 struct dentry *dentry, struct vfsmount *mnt, bool ignore)
{
	struct walk walk = { .dentry = (u64)dentry, .mnt = (u64)mnt, .slot = slot, .at = at, .ignore = ignore };
	int n;

	at_root_of(&walk, task);
	path->text = 0;
	n = walk_path(&walk);
	if (n < 0)
		return 0;
	path->flags = walk.flags;
	path->walk = n & WALK_MASK;
	return at + path->walk;
}

static __always_inline struct file *entry_of(struct file **table, u32 fd)
{
	struct file *file = 0;

	if (can_cast())
		/* any struct that begins with 64 bits: the address must stay a number to the verifier */
		return (void *)bpf_core_cast((void *)(table + fd), struct timespec64)->tv_sec;
	bpf_probe_read_kernel(&file, sizeof(file), table + fd);
	return file;
}

static __always_inline struct file *file_of(struct task_struct *task, u32 fd)
{
	struct files_struct *files = task->files;
	struct fdtable *fdt;

	if (!files)
		return 0;
	fdt = files->fdt;
	return fd < fdt->max_fds ? entry_of(fdt->fd, fd) : 0;
}

static __always_inline u64 directory_number(struct file *file)
{
	return can_cast() ? bpf_core_cast(file, struct file)->f_path.dentry->d_parent->d_inode->i_ino
			  : BPF_CORE_READ(file, f_path.dentry, d_parent, d_inode, i_ino);
}

static __always_inline bool is_text(const char *name, const char *text, u32 size)
{
	for (u32 i = 0; i < size; i++)
		if (name[i] != text[i])
			return false;
	return true;
}
#define IS_TEXT(name, text) is_text(name, text, sizeof(text))

enum { O_ACCMODE = 3, O_TRUNC = 01000, O_CREAT = 0100 };

/* It failed, or it reads what nobody watches: nearly every open is such. */
static __always_inline bool dull_open(struct task_struct *task, long fd, u64 flags)
{
	struct file *file;

	if (fd < 0)
		return true;
	if (flags & (O_ACCMODE | O_TRUNC | O_CREAT))
		return false;
	/* the call has just given this number out, so the table reaches that far */
	file = entry_of(task->files->fdt->fd, fd);
	return !file || (!in_sieve(SIEVE_WATCHED, directory_number(file)) && !domain_number(task->tgid));
}

/* Where a relative path hangs: the directory behind `dfd`, or the working directory. */
static __always_inline bool hangs_at(struct walk *walk, struct task_struct *task, int dfd)
{
	struct fs_struct *fs = task->fs;
	struct file *file;

	if (dfd == AT_FDCWD) {
		if (!fs)
			return false;
		walk->dentry = (u64)fs->pwd.dentry;
		walk->mnt = (u64)fs->pwd.mnt;
		return true;
	}
	file = file_of(task, dfd);
	if (!file)
		return false;
	walk->dentry = (u64)BPF_CORE_READ(file, f_path.dentry);
	walk->mnt = (u64)BPF_CORE_READ(file, f_path.mnt);
	return true;
}

static __always_inline bool ignored_name(const char *text)
{
	struct tamon_prefix key;

	key.bits = 8 * sizeof(key.text);
	__builtin_memcpy(key.text, text, sizeof(key.text));
	return bpf_map_lookup_elem(&ignored_text, &key) != 0;
}

/* Takes text that stands at the scratch's byte walk->at (n bytes with its NUL, or an error) and adds the directory it hangs
 * at. Gives the bytes that both have; -1 when policy wants to hear nothing. */
__noinline int finish_text(struct walk *walk, struct tamon_path *path, int n)
{
	u8 *bytes;
	u32 at, cut = 0;
	int walked;

	if (!walk || !path)
		return 0;
	bytes = get_scratch(walk->slot);
	if (!bytes)
		return 0;
	at = walk->at & 0x3fff;
	path->text = 0;
	path->walk = 0;
	path->flags = TAMON_PATH_UNKNOWN;
	if (n <= 0)
		return 0;
	if (n >= PATH_BYTES)
		cut = TAMON_PATH_CUT;
	n = (n - 1) & (PATH_BYTES - 1);
	path->text = n;
	path->flags = TAMON_PATH_WHOLE | cut;
	if (n && bytes[at] == '/')
		return walk->ignore && ignored_name((char *)bytes + at) ? -1 : n;
	path->flags = TAMON_PATH_CUT;
	if (!walk->dentry)
		return n;
	walk->at = at + n;
	walked = walk_path(walk);
	if (walked < 0)
		return -1;
	path->walk = walked & WALK_MASK;
	path->flags = walk->flags | cut;
	return n + path->walk;
}

enum { TEXT_MASK = 4 * PATH_BYTES - 1 };

static __always_inline u32 hang_text(u32 slot, u32 at, long n, struct tamon_path *path, struct task_struct *task, int dfd,
				     bool ignore)
{
	struct walk walk = { .slot = slot, .at = at, .ignore = ignore };
	int added;

	at_root_of(&walk, task);
	hangs_at(&walk, task, dfd);
	added = finish_text(&walk, path, n);
	return added < 0 ? 0 : at + (added & TEXT_MASK);
}

/* A path as the caller's memory has it. Gives the record's new end, 0 when policy wants to hear nothing. */
static __always_inline u32 put_user_path(void *bytes, u32 at, struct tamon_path *path, struct task_struct *task, int dfd,
					 const void *text, bool ignore)
{
	long n = bpf_probe_read_user_str(bytes + (at & 0x3fff), PATH_BYTES, text);

	return hang_text(SCRATCH_TRACE, at, n, path, task, dfd, ignore);
}

/* The same from the kernel's own copy, which only io_uring keeps. */
static __always_inline u32 put_kernel_path(void *bytes, u32 at, struct tamon_path *path, struct task_struct *task, int dfd,
					   struct filename *name, bool ignore)
{
	long n = bpf_probe_read_kernel_str(bytes + (at & 0x3fff), PATH_BYTES, BPF_CORE_READ(name, name));

	return hang_text(SCRATCH_URING, at, n, path, task, dfd, ignore);
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
