// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// The life of processes: exec, fork, exit.
#include "include/record.h"
#include "include/path.h"
#include "include/inode.h"
#include "include/write_close.h"
#include "include/brake.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { ARGS_BYTES = 8192, TEXT_BYTES = 1024, TMPFS_MAGIC = 0x01021994 };
enum { CLONE_THREAD = 0x10000 };

static __always_inline bool starts_memfd(const u8 *name)
{
	return name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' && name[5] == ':';
}

static __always_inline u32 put_arguments(struct tamon_exec *exec, void *bytes, u32 at, struct mm_struct *mm)
{
	u64 start = mm->arg_start, total = mm->arg_end - start;
	u32 size = total < ARGS_BYTES ? total : ARGS_BYTES;

	exec->args_total = total;
	exec->args = 0;
	at &= 0x3fff;
	if (!size)
		return at;
	if (bpf_probe_read_user(bytes + at, size & (2 * ARGS_BYTES - 1), (void *)start)) {
		/* a page of it is not in memory: take what surely is, the rest of the first page */
		size = 4096 - (start & 4095);
		if (size > total)
			size = total;
		if (bpf_probe_read_user(bytes + at, size & 0x1fff, (void *)start))
			return at;
	}
	exec->args = size;
	return at + size;
}

static __always_inline void describe_image(struct tamon_exec *exec, struct task_struct *task, struct linux_binprm *bprm)
{
	struct dentry *dentry = bprm->file->f_path.dentry;
	struct inode *inode = bprm->file->f_inode;
	u8 name[8] = {};
	u32 flags = 0;

	identify(&exec->file, inode);
	if (!BPF_CORE_READ(dentry, d_hash.pprev)) {
		bpf_probe_read_kernel(name, sizeof(name) - 1, BPF_CORE_READ(dentry, d_name.name));
		flags |= starts_memfd(name) && BPF_CORE_READ(inode, i_sb, s_magic) == TMPFS_MAGIC ? TAMON_EXEC_MEMFD
												  : TAMON_EXEC_DELETED;
	}
	if (BPF_CORE_READ_BITFIELD(bprm, secureexec))
		flags |= TAMON_EXEC_RAISED;
	if (task->signal->tty)
		flags |= TAMON_EXEC_TTY;
	exec->flags = flags;
}

static __always_inline void describe_task(struct tamon_exec *exec, struct task_struct *task)
{
	const struct cred *cred = task->cred;

	bpf_probe_read_kernel(&exec->capabilities, sizeof(u64), &cred->cap_effective);
	exec->login = bpf_core_field_exists(task->loginuid) ? BPF_CORE_READ(task, loginuid.val) : ~0u;
	exec->session = bpf_core_field_exists(task->sessionid) ? BPF_CORE_READ(task, sessionid) : ~0u;
	exec->pid_ns = BPF_CORE_READ(task, nsproxy, pid_ns_for_children, ns.inum);
	exec->mnt_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	__builtin_memset(exec->comm, 0, sizeof(exec->comm));
	bpf_get_current_comm(exec->comm, sizeof(exec->comm));
	exec->reserved = 0;
}

// trace_sched_process_exec(struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm)
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *p, int old_pid, struct linux_binprm *bprm)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct tamon_exec *exec = get_scratch(SCRATCH_TRACE);
	void *bytes = exec;
	struct walk cwd = { .slot = SCRATCH_TRACE };
	u32 at = sizeof(*exec);
	int n;
	long len;

	if (!exec || is_own(task->tgid))
		return 0;
	begin(&exec->head, task, TAMON_EXEC, 0);
	describe_image(exec, task, bprm);
	describe_task(exec, task);

	at = put_file_path(SCRATCH_TRACE, at, &exec->exe, task, bprm->file->f_path.dentry, bprm->file->f_path.mnt, false);
	at_root_of(&cwd, task);
	exec->cwd.text = 0;
	exec->cwd.walk = 0;
	exec->cwd.flags = TAMON_PATH_UNKNOWN;
	if (hangs_at(&cwd, task, AT_FDCWD)) {
		cwd.at = at;
		n = walk_path(&cwd);
		exec->cwd.walk = n > 0 ? n & WALK_MASK : 0;
		exec->cwd.flags = cwd.flags;
		at += exec->cwd.walk;
	}
	len = bpf_probe_read_kernel_str(bytes + (at & 0x3fff), TEXT_BYTES, bprm->filename);
	exec->requested = len > 0 ? (len - 1) & (TEXT_BYTES - 1) : 0;
	at += exec->requested;
	exec->interp = 0;
	if (bprm->interp != bprm->filename) {
		len = bpf_probe_read_kernel_str(bytes + (at & 0x3fff), TEXT_BYTES, bprm->interp);
		exec->interp = len > 0 ? (len - 1) & (TEXT_BYTES - 1) : 0;
		exec->flags |= TAMON_EXEC_SCRIPT;
		at += exec->interp;
	}
	at = put_arguments(exec, bytes, at, task->mm);
	tell(exec, at, CLASS_PROCESS);
	return 0;
}

// trace_task_newtask(struct task_struct *task, u64 clone_flags): the parent runs, the child does not yet.
SEC("tp_btf/task_newtask")
int BPF_PROG(on_fork, struct task_struct *child, u64 clone_flags)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct tamon_settings *set = get_settings();
	struct tamon_fork fork;
	u32 tgid = child->tgid;
	u8 one = 1;

	if (clone_flags & CLONE_THREAD)
		return 0;
	if (is_own(task->tgid)) {
		if (set && set->own_children)
			bpf_map_update_elem(&own, &tgid, &one, BPF_ANY);
		return 0;
	}
	brake_child(task->tgid, tgid);
	begin(&fork.head, task, TAMON_FORK, 0);
	fork.child_start = child->start_boottime;
	fork.clone_flags = clone_flags;
	fork.child_tgid = tgid;
	fork.reserved = 0;
	tell(&fork, sizeof(fork), CLASS_PROCESS);
	return 0;
}

// trace_sched_process_exit(struct task_struct *p, bool group_dead): before 6.16 without the second.
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *p)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct tamon_exit exit;
	u32 tgid = task->tgid;

	if (task->signal->live.counter)
		return 0;
	if (is_own(tgid)) {
		bpf_map_delete_elem(&own, &tgid);
		return 0;
	}
	close_all(task);
	bpf_map_delete_elem(&braked, &tgid);
	begin(&exit.head, task, TAMON_EXIT, 0);
	exit.status = task->exit_code;
	exit.reserved = 0;
	tell(&exit, sizeof(exit), CLASS_PROCESS);
	return 0;
}
