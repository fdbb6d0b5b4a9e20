/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * The end of an open file that was written. Told when the last descriptor goes: by close, by a descriptor put over it, or
 * with its process. A file that did not change since the process began cannot have been written through it. */
#pragma once
#include "record.h"
#include "path.h"
#include "inode.h"

static __always_inline bool changed_since_start(struct inode *inode, struct task_struct *task)
{
	struct tamon_settings *set = get_settings();
	/* the kernel stamps inodes from a clock that stands still for up to 10 ms */
	return !set || change_time(inode) + 20000000 >= task->group_leader->start_boottime + set->wall_offset;
}

static __always_inline bool was_written(struct file *file, struct inode *inode, struct task_struct *task)
{
	if (!(FIELD(file, file, f_mode) & FMODE_WRITE))
		return false;
	if ((FIELD(inode, inode, i_mode) & S_IFMT) != S_IFREG || !last_reference(file))
		return false;
	return !pseudo_magic(FIELD_OF(inode, inode, i_sb, s_magic)) && changed_since_start(inode, task);
}

/* Takes the file's address. */
__noinline int tell_write_close(u64 address)
{
	struct file *file = (void *)address;
	struct task_struct *task = bpf_get_current_task_btf();
	struct inode *inode = FIELD(file, file, f_inode);
	struct tamon_settings *set = get_settings();
	struct tamon_file *record;
	u32 at;

	if (!was_written(file, inode, task))
		return 0;
	record = get_scratch(SCRATCH_TRACE);
	if (!record || !set || is_own(task->tgid))
		return 0;
	at = put_file_path(SCRATCH_TRACE, sizeof(*record), &record->path, task, BPF_CORE_READ(file, f_path.dentry),
			   BPF_CORE_READ(file, f_path.mnt), set->ignored_directories);
	if (!at)
		return 0;
	begin(&record->head, task, TAMON_FILE, TAMON_WRITE_CLOSE);
	identify(&record->file, inode);
	record->arg = 0;
	record->other = (struct tamon_path){};
	tell(record, at, CLASS_FILE);
	return 0;
}

enum { EXIT_WORDS = 4 };

struct open_set {
	u64 word;
	u32 base;
};

static long close_lowest(u32 step, struct open_set *set)
{
	u64 lowest = set->word & -set->word;
	struct file *file;

	if (!lowest)
		return 1;
	set->word ^= lowest;
	file = file_of(bpf_get_current_task_btf(), set->base + __builtin_popcountll(lowest - 1));
	if (file)
		tell_write_close((u64)file);
	return 0;
}

/* A dying process closes what it holds, unless another shares its table. The first 256 descriptors are looked at. */
static __always_inline void close_all(struct task_struct *task)
{
	struct files_struct *files = task->files;
	struct fdtable *fdt;
	unsigned long *words;

	if (!files || files->count.counter != 1)
		return;
	fdt = files->fdt;
	words = fdt->open_fds;
	for (u32 i = 0; i < EXIT_WORDS && i * 64 < fdt->max_fds; i++) {
		struct open_set set = { .base = i * 64 };

		bpf_probe_read_kernel(&set.word, sizeof(set.word), words + i);
		if (set.word)
			bpf_loop(64, close_lowest, &set, 0);
	}
}
