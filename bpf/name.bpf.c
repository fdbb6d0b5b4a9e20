// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// Names and attributes of files: rename, link, unlink, directories, modes, owners, extended attributes, sizes. Told when
// the call has succeeded. The file may be gone by then, so these carry the caller's text and what it is relative to.
#include "include/record.h"
#include "include/path.h"
#include "include/inode.h"
#include "include/syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { AT_REMOVEDIR = 0x200 };

struct named {
	u64 arg;
	u64 text;
	u64 other;
	int dfd;
	int other_dfd;
	u32 op;
};

__noinline int tell_named(struct named *named)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct tamon_settings *set = get_settings();
	struct tamon_file *record = get_scratch(SCRATCH_TRACE);
	u32 at = sizeof(*record), op;
	const void *other;

	if (!named || !record || !set || is_own(task->tgid))
		return 0;
	other = (void *)named->other;
	op = named->op;
	at = put_user_path(record, at, &record->path, task, named->dfd, (void *)named->text, true);
	if (!at)
		return 0;
	record->other = (struct tamon_path){};
	if (op == TAMON_SYMLINK || op == TAMON_XATTR)
		at = put_user_text(record, at, &record->other, other, PATH_BYTES);
	else if (other)
		at = put_user_path(record, at, &record->other, task, named->other_dfd, other, false);
	begin(&record->head, task, TAMON_FILE, op);
	__builtin_memset(&record->file, 0, sizeof(record->file));
	record->arg = named->arg;
	tell(record, at, CLASS_FILE);
	return 0;
}

static __always_inline int tell_name(u32 op, u64 arg, int dfd, const void *text, int other_dfd, const void *other)
{
	struct named named = { .arg = arg, .text = (u64)text, .other = (u64)other, .dfd = dfd, .other_dfd = other_dfd, .op = op };

	return tell_named(&named);
}

/* The same for a descriptor: the file is there to be looked at. */
__noinline int tell_descriptor(u32 op, u64 arg, u32 fd, u64 name)
{
	const void *text = (void *)name;
	struct task_struct *task = bpf_get_current_task_btf();
	struct tamon_settings *set = get_settings();
	struct tamon_file *record = get_scratch(SCRATCH_TRACE);
	struct file *file = file_of(task, fd);
	struct inode *inode;
	u32 at;

	if (!record || !set || !file || is_own(task->tgid))
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	if (pseudo_magic(BPF_CORE_READ(inode, i_sb, s_magic)) || (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFSOCK)
		return 0;
	at = put_file_path(SCRATCH_TRACE, sizeof(*record), &record->path, task, BPF_CORE_READ(file, f_path.dentry),
			   BPF_CORE_READ(file, f_path.mnt), set->ignored_directories);
	if (!at)
		return 0;
	record->other = (struct tamon_path){};
	if (text)
		at = put_user_text(record, at, &record->other, text, NAME_BYTES);
	begin(&record->head, task, TAMON_FILE, op);
	identify(&record->file, inode);
	record->arg = arg;
	tell(record, at, CLASS_FILE);
	return 0;
}

#define P(n) ((const void *)ARG(n))
#define D(n) ((int)ARG(n))
#define ONLY_SUCCESS \
	if (ret < 0) \
	return 0

// rename(const char *from, const char *to)
ON_EXIT(rename)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_RENAME, 0, AT_FDCWD, P(1), AT_FDCWD, P(0));
}

// renameat(int from_dfd, const char *from, int to_dfd, const char *to), renameat2: and flags
ON_EXIT(renameat)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_RENAME, 0, D(2), P(3), D(0), P(1));
}

// unlink(const char *path)
ON_EXIT(unlink)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_UNLINK, 0, AT_FDCWD, P(0), 0, 0);
}

// unlinkat(int dfd, const char *path, int flags)
ON_EXIT(unlinkat)
{
	ONLY_SUCCESS;
	return tell_name(ARG(2) & AT_REMOVEDIR ? TAMON_RMDIR : TAMON_UNLINK, 0, D(0), P(1), 0, 0);
}

// mkdir(const char *path, mode_t mode)
ON_EXIT(mkdir)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_MKDIR, ARG(1), AT_FDCWD, P(0), 0, 0);
}

// mkdirat(int dfd, const char *path, mode_t mode)
ON_EXIT(mkdirat)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_MKDIR, ARG(2), D(0), P(1), 0, 0);
}

// rmdir(const char *path)
ON_EXIT(rmdir)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_RMDIR, 0, AT_FDCWD, P(0), 0, 0);
}

// link(const char *existing, const char *name)
ON_EXIT(link)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_LINK, 0, AT_FDCWD, P(1), AT_FDCWD, P(0));
}

// linkat(int existing_dfd, const char *existing, int dfd, const char *name, int flags)
ON_EXIT(linkat)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_LINK, 0, D(2), P(3), D(0), P(1));
}

// symlink(const char *target, const char *name)
ON_EXIT(symlink)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_SYMLINK, 0, AT_FDCWD, P(1), 0, P(0));
}

// symlinkat(const char *target, int dfd, const char *name)
ON_EXIT(symlinkat)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_SYMLINK, 0, D(1), P(2), 0, P(0));
}

// chmod(const char *path, mode_t mode)
ON_EXIT(chmod)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_CHMOD, ARG(1), AT_FDCWD, P(0), 0, 0);
}

// fchmodat(int dfd, const char *path, mode_t mode), fchmodat2: and flags
ON_EXIT(fchmodat)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_CHMOD, ARG(2), D(0), P(1), 0, 0);
}

// fchmod(unsigned int fd, mode_t mode)
ON_EXIT(fchmod)
{
	ONLY_SUCCESS;
	return tell_descriptor(TAMON_CHMOD, ARG(1), ARG(0), 0);
}

#define OWNER(uid, gid) ((u64)(u32)(uid) << 32 | (u32)(gid))

// chown(const char *path, uid_t user, gid_t group), lchown
ON_EXIT(chown)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_CHOWN, OWNER(ARG(1), ARG(2)), AT_FDCWD, P(0), 0, 0);
}

// fchownat(int dfd, const char *path, uid_t user, gid_t group, int flag)
ON_EXIT(fchownat)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_CHOWN, OWNER(ARG(2), ARG(3)), D(0), P(1), 0, 0);
}

// fchown(unsigned int fd, uid_t user, gid_t group)
ON_EXIT(fchown)
{
	ONLY_SUCCESS;
	return tell_descriptor(TAMON_CHOWN, OWNER(ARG(1), ARG(2)), ARG(0), 0);
}

// setxattr(const char *path, const char *name, …), lsetxattr, removexattr, lremovexattr
ON_EXIT(setxattr)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_XATTR, 0, AT_FDCWD, P(0), 0, P(1));
}

// setxattrat(int dfd, const char *path, unsigned int flags, const char *name, …), removexattrat
ON_EXIT(setxattrat)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_XATTR, 0, D(0), P(1), 0, P(3));
}

// fsetxattr(int fd, const char *name, …), fremovexattr
ON_EXIT(fsetxattr)
{
	ONLY_SUCCESS;
	return tell_descriptor(TAMON_XATTR, 0, ARG(0), ARG(1));
}

// truncate(const char *path, long length)
ON_EXIT(truncate)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_TRUNCATE, ARG(1), AT_FDCWD, P(0), 0, 0);
}

// ftruncate(unsigned int fd, unsigned long length)
ON_EXIT(ftruncate)
{
	ONLY_SUCCESS;
	return tell_descriptor(TAMON_TRUNCATE, ARG(1), ARG(0), 0);
}

// mknod(const char *path, mode_t mode, unsigned int dev)
ON_EXIT(mknod)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_MKNOD, ARG(1), AT_FDCWD, P(0), 0, 0);
}

// mknodat(int dfd, const char *path, mode_t mode, unsigned int dev)
ON_EXIT(mknodat)
{
	ONLY_SUCCESS;
	return tell_name(TAMON_MKNOD, ARG(2), D(0), P(1), 0, 0);
}
