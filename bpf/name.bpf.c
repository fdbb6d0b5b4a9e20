// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// Names and attributes of files: rename, link, unlink, directories, modes, owners, extended attributes, sizes. Told when
// the call has succeeded. The file may be gone by then, so these carry the caller's text and what it is relative to.
#include "include/record.h"
#include "include/path.h"
#include "include/inode.h"
#include "include/syscall.h"
#include "include/brake.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { AT_REMOVEDIR = 0x200 };

struct named {
	u64 arg;
	u64 text;
	u64 other;
	int dfd;
	int other_dfd;
	u32 op;
	/* the record went to the ring: said here, since a result would be one word too many on the stack of older kernels */
	u32 told;
};

/* Not on the stack: with the frames below, it would be over what older kernels allow. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct named);
} named_call SEC(".maps");

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
	named->told = 1;
	tell(record, at, CLASS_FILE);
	return 0;
}

static __always_inline int tell_name(u32 op, u64 arg, int dfd, u64 text, int other_dfd, u64 other)
{
	u32 zero = 0;
	struct named *named = bpf_map_lookup_elem(&named_call, &zero);

	if (!named)
		return 0;
	*named = (struct named){ .arg = arg, .text = text, .other = other, .dfd = dfd, .other_dfd = other_dfd, .op = op };
	return tell_named(named);
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

enum { HELD_NS = 3000000, MOST_SPINS = 1 << 17 };

struct held {
	u64 until;
	u32 leader;
};

static long is_over(u32 step, struct held *held)
{
	u32 leader = held->leader, *left;

	if (bpf_ktime_get_ns() >= held->until)
		return 1;
	left = bpf_map_lookup_elem(&allowances, &leader);
	return !left || (*(volatile u32 *)left && *left != NOTHING_MORE);
}

/* A function of its own: what it keeps must not add to the stack of who tells first, of which older kernels leave little. */
__noinline int hold_back(u32 op)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct held held = {};
	u32 *leader, *left, zero = 0, n;
	struct named *named;
	void *bell;

	if (op != TAMON_UNLINK && op != TAMON_RENAME && op != TAMON_TRUNCATE)
		return 0;
	/* what is not told is not counted, so nothing would be granted again */
	named = bpf_map_lookup_elem(&named_call, &zero);
	if (!named || !named->told)
		return 0;
	leader = bpf_map_lookup_elem(&braked, &tgid);
	if (!leader)
		return 0;
	held.leader = *leader;
	left = bpf_map_lookup_elem(&allowances, &held.leader);
	if (!left)
		return 0;
	n = *(volatile u32 *)left;
	if (n == NOTHING_MORE)
		n = 0;
	if (n)
		*left = n - 1;
	if (n > 1)
		return 0;
	/* the reader comes by itself only every few milliseconds: nothing is told by this, but it comes now */
	bell = bpf_ringbuf_reserve(&ring, sizeof(u64), 0);
	if (bell)
		bpf_ringbuf_discard(bell, BPF_RB_FORCE_WAKEUP);
	if (n)
		return 0;
	held.until = bpf_ktime_get_ns() + HELD_NS;
	bpf_loop(MOST_SPINS, is_over, &held, 0);
	return 0;
}

/* A system call's arguments by their place; NONE where it has none. One program serves all these calls: each program more
 * would be verified anew when the agent starts. The loader fills the table from sensor's syscalls. */
enum { NONE = 15, CALLS_32 = 512, X32_BIT = 0x40000000 };
struct name_call {
	u8 op;
	/* a descriptor, instead of a path */
	u8 fd;
	u8 dfd;
	u8 path;
	u8 other_dfd;
	u8 other;
	/* halves of `arg`; without the high one the low one is whole */
	u8 high;
	u8 low;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * CALLS_32);
	__type(key, u32);
	__type(value, struct name_call);
} name_calls SEC(".maps");

ON_EXIT(named)
{
	u32 number = (regs->orig_ax & ~X32_BIT) + (is_compat(task) ? CALLS_32 : 0);
	struct name_call *call = bpf_map_lookup_elem(&name_calls, &number);
	u64 arg = 0;
	u32 op;

	if (!call || ret < 0)
		return 0;
	op = call->op;
	if (call->low != NONE)
		arg = call->high != NONE ? ARG(call->high) << 32 | (u32)ARG(call->low) : ARG(call->low);
	if (op == TAMON_UNLINK && (arg & AT_REMOVEDIR))
		op = TAMON_RMDIR;
	if (call->fd != NONE)
		return tell_descriptor(op, arg, ARG(call->fd), call->other == NONE ? 0 : ARG(call->other));
	tell_name(op, arg, call->dfd == NONE ? AT_FDCWD : (int)ARG(call->dfd), ARG(call->path),
		  call->other_dfd == NONE ? AT_FDCWD : (int)ARG(call->other_dfd),
		  call->other == NONE ? 0 : ARG(call->other));
	/* told first: the agent looks while it waits */
	return hold_back(op);
}
