// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// Files opened and closed: what was written, what was made, and reads of what policy watches.
#include "include/record.h"
#include "include/path.h"
#include "include/inode.h"
#include "include/syscall.h"
#include "include/write_close.h"
#include "include/confine.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Asks the cheap question first: nearly every open is a read of something nobody watches. */
static __always_inline bool is_watched(struct file *file)
{
	u64 number = directory_number(file);
	struct tamon_watch key = { .ino = number };
	struct inode *directory;
	struct dentry *dentry;

	if (!in_sieve(SIEVE_WATCHED, number))
		return false;
	dentry = BPF_CORE_READ(file, f_path.dentry);
	directory = BPF_CORE_READ(dentry, d_parent, d_inode);
	key.dev = BPF_CORE_READ(directory, i_sb, s_dev);
	if (bpf_map_lookup_elem(&watched, &key))
		return true;
	bpf_probe_read_kernel_str(key.name, sizeof(key.name), BPF_CORE_READ(dentry, d_name.name));
	return bpf_map_lookup_elem(&watched, &key) != 0;
}

/* Below /proc/sys: the component under the root of its file system. */
static __always_inline bool is_setting(struct dentry *dentry)
{
	char name[8] = {};

	for (u32 i = 0; i < 8; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

		if (parent == BPF_CORE_READ(parent, d_parent))
			break;
		dentry = parent;
	}
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	return IS_TEXT(name, "sys");
}

/* Not every file of the kernel's own is only that: /proc/PID/mem is a way into another process, and through these settings
 * the kernel itself starts programs. */
enum { NOT_TOLD, TOLD, TOLD_ANYWHERE };
static __always_inline int worth_telling(struct file *file, struct inode *inode, bool written)
{
	u64 magic = FIELD_OF(inode, inode, i_sb, s_magic);
	struct dentry *dentry;
	char name[16] = {};

	if ((FIELD(inode, inode, i_mode) & S_IFMT) != S_IFREG)
		return NOT_TOLD;
	if (!pseudo_magic(magic))
		return TOLD;
	if (!written)
		return NOT_TOLD;
	dentry = BPF_CORE_READ(file, f_path.dentry);
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	switch (magic) {
	case PROC_MAGIC:
		return IS_TEXT(name, "mem") || is_setting(dentry) ? TOLD_ANYWHERE : NOT_TOLD;
	case SYSFS_MAGIC:
		return IS_TEXT(name, "uevent_helper") ? TOLD_ANYWHERE : NOT_TOLD;
	case CGROUP_MAGIC:
		return IS_TEXT(name, "release_agent") ? TOLD_ANYWHERE : NOT_TOLD;
	}
	return NOT_TOLD;
}

/* Takes the file's address. */
__noinline int tell_open(u64 address, u32 op, u32 truncate)
{
	struct file *file = (void *)address;
	struct task_struct *task = bpf_get_current_task_btf();
	struct inode *inode = FIELD(file, file, f_inode);
	struct tamon_settings *set = get_settings();
	int told = worth_telling(file, inode, op != TAMON_OPEN_READ);
	struct tamon_file *record;
	u32 at;

	if (told == NOT_TOLD || is_own(task->tgid))
		return 0;
	record = get_scratch(SCRATCH_TRACE);
	if (!record || !set)
		return 0;
	at = put_file_path(SCRATCH_TRACE, sizeof(*record), &record->path, task, BPF_CORE_READ(file, f_path.dentry),
			   BPF_CORE_READ(file, f_path.mnt), set->ignored_directories && told == TOLD);
	if (!at)
		return 0;
	begin(&record->head, task, TAMON_FILE, op);
	identify(&record->file, inode);
	record->arg = truncate;
	record->other = (struct tamon_path){};
	tell(record, at, CLASS_FILE);
	return 0;
}

static __always_inline int opened(struct task_struct *task, long fd, u64 flags)
{
	bool write = (flags & O_ACCMODE) || (flags & O_TRUNC);
	struct file *file;
	int came = OPEN_PLAIN;
	u32 mode;

	if (fd < 0)
		return 0;
	file = file_of(task, fd);
	if (!file)
		return 0;
	if (domain_number(task->tgid))
		came = confine_open((u64)file);
	if (came == OPEN_ENDED)
		return 0;
	if (came == OPEN_TELL_READ && !(write && FIELD(file, file, f_mode) & FMODE_WRITE))
		return tell_open((u64)file, TAMON_OPEN_READ, 0);
	if (!write && !(flags & O_CREAT))
		return is_watched(file) ? tell_open((u64)file, TAMON_OPEN_READ, 0) : 0;
	mode = FIELD(file, file, f_mode);
	if (mode & FMODE_CREATED)
		return tell_open((u64)file, TAMON_CREATE, 0);
	if (write)
		return tell_open((u64)file, TAMON_OPEN_WRITE, (flags & O_TRUNC) != 0);
	return is_watched(file) ? tell_open((u64)file, TAMON_OPEN_READ, 0) : 0;
}

// open(const char *path, int flags, mode_t mode)
ON_EXIT(open)
{
	return opened(task, ret, ARG(1));
}

// openat(int dfd, const char *path, int flags, mode_t mode)
ON_EXIT(openat)
{
	return opened(task, ret, ARG(2));
}

// openat2(int dfd, const char *path, struct open_how *how, size_t size)
ON_EXIT(openat2)
{
	u64 flags = 0;

	if (ret < 0 || bpf_probe_read_user(&flags, sizeof(flags), (void *)ARG(2)))
		return 0;
	return opened(task, ret, flags);
}

// creat(const char *path, mode_t mode)
ON_EXIT(creat)
{
	return opened(task, ret, O_CREAT | O_TRUNC | 1);
}

// close(unsigned int fd)
ON_ENTER(close)
{
	struct file *file = file_of(task, ARG(0));

	return file ? tell_write_close((u64)file) : 0;
}

// dup2(unsigned int old, unsigned int new), dup3: the new number's file is closed unseen
ON_ENTER(dup2)
{
	struct file *file;

	if (ARG(0) == ARG(1))
		return 0;
	file = file_of(task, ARG(1));
	return file ? tell_write_close((u64)file) : 0;
}

struct range {
	u32 first;
	u32 last;
};

static long close_in_range(u32 step, struct range *range)
{
	struct file *file;

	if (range->first + step > range->last)
		return 1;
	file = file_of(bpf_get_current_task_btf(), range->first + step);
	if (file)
		tell_write_close((u64)file);
	return 0;
}

// close_range(unsigned int first, unsigned int last, unsigned int flags)
ON_ENTER(close_range)
{
	struct range range = { .first = ARG(0), .last = ARG(1) };
	struct files_struct *files = task->files;

	if (ARG(2) || !files)
		return 0;
	if (range.last >= files->fdt->max_fds)
		range.last = files->fdt->max_fds - 1;
	bpf_loop(1024, close_in_range, &range, 0);
	return 0;
}
