// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// The enforce tier: the kernel itself refuses. Programs whose file content user space has put on the list are not executed;
// the agent is neither ended nor traced by others; modules come in only where policy lets them; who was stopped for what it
// did to files takes no name away and cuts nothing until it is ended. All of it holds while user space beats: two seconds of silence open every gate, so that a stalled agent never stops a host, unless policy says that
// what was refused stays refused. The guard of the agent itself ends with it in any case: its number may be another's then.
#include "include/record.h"
#include "include/inode.h"
#include "include/brake.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { EPERM = 1 };
enum { GUARD_SELF = 1, GUARD_MODULES = 2, GUARD_STAYS = 4 };

struct guard {
	u64 beat;
	u32 flags;
	u32 tgid;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct guard);
} guards SEC(".maps");

struct denied {
	u64 ino;
	u64 size;
	u64 ctime;
	u64 dev;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct denied);
	__type(value, u8);
} denied_files SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} refusals SEC(".maps");

static __always_inline bool beats(const struct guard *guard)
{
	return bpf_ktime_get_boot_ns() <= guard->beat + SILENCE_NS;
}

static __always_inline struct guard *in_force(void)
{
	u32 zero = 0;
	struct guard *guard = bpf_map_lookup_elem(&guards, &zero);

	return guard && (guard->flags & GUARD_STAYS || beats(guard)) ? guard : 0;
}

enum { PATH_BYTES = 1024 };

/* Refused, counted, and told with who tried. The record is put together in the ring itself: unlike tracing programs these
 * can be interrupted by each other, so that they cannot share a scratch. */
static __always_inline int refuse(u32 what, struct denied *file, struct path *path)
{
	u32 zero = 0;
	u64 *count = bpf_map_lookup_elem(&refusals, &zero);
	struct tally *tally = bpf_map_lookup_elem(&tallies, &zero);
	struct tamon_event *event;
	long length = 0;

	if (count)
		__sync_fetch_and_add(count, 1);
	event = bpf_ringbuf_reserve(&ring, sizeof(*event) + PATH_BYTES, 0);
	if (!event) {
		if (tally)
			__sync_fetch_and_add(&tally->lost[CLASS_KERNEL], 1);
		return -EPERM;
	}
	begin(&event->head, bpf_get_current_task_btf(), TAMON_ACT, TAMON_REFUSED);
	__builtin_memset(event->p, 0, sizeof(event->p));
	event->n[0] = what;
	event->n[1] = file ? file->ino : 0;
	event->n[2] = file ? file->size : 0;
	event->n[3] = file ? file->ctime : 0;
	event->n[4] = file ? file->dev : 0;
	if (path)
		length = bpf_d_path(path, (void *)(event + 1), PATH_BYTES);
	if (length > 1) {
		event->p[0].text = length - 1;
		event->p[0].flags = TAMON_PATH_WHOLE;
	}
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	if (tally)
		__sync_fetch_and_add(&tally->told[CLASS_KERNEL], 1);
	return -EPERM;
}

// int security_bprm_check(struct linux_binprm *bprm): for a script once for it and once for its interpreter
SEC("lsm/bprm_check_security")
int BPF_PROG(deny_exec, struct linux_binprm *bprm, int ret)
{
	struct tamon_identity id = {};
	struct denied key = {};

	if (ret || !in_force())
		return ret;
	identify(&id, bprm->file->f_inode);
	key.ino = id.ino;
	key.size = id.size;
	key.ctime = id.ctime;
	key.dev = id.dev;
	return bpf_map_lookup_elem(&denied_files, &key) ? refuse(TAMON_NO_EXEC, &key, &bprm->file->f_path) : 0;
}

static __always_inline bool guarded(struct task_struct *target)
{
	struct guard *guard = in_force();
	u32 mine;

	if (!guard || !(guard->flags & GUARD_SELF) || !beats(guard))
		return false;
	mine = guard->tgid;
	return target->tgid == mine && bpf_get_current_task_btf()->tgid != mine;
}

// int security_ptrace_access_check(struct task_struct *child, unsigned int mode): /proc/PID/mem and its like ask it too,
// so reading is let through
SEC("lsm/ptrace_access_check")
int BPF_PROG(deny_ptrace, struct task_struct *child, unsigned int mode, int ret)
{
	enum { PTRACE_MODE_ATTACH = 2 };

	if (ret || !(mode & PTRACE_MODE_ATTACH) || !guarded(child))
		return ret;
	return refuse(TAMON_NO_PTRACE, 0, 0);
}

// int security_task_kill(struct task_struct *p, struct kernel_siginfo *info, int sig, const struct cred *cred): the service
// manager may end it
SEC("lsm/task_kill")
int BPF_PROG(deny_kill, struct task_struct *p, void *info, int sig, const struct cred *cred, int ret)
{
	if (ret || !sig || !guarded(p) || bpf_get_current_task_btf()->tgid <= 1)
		return ret;
	/* SEND_SIG_NOINFO and SEND_SIG_PRIV: not a process but the kernel, when a timer rings or memory runs out */
	return (u64)info == 1 ? 0 : refuse(TAMON_NO_SIGNAL, 0, 0);
}

// int security_kernel_read_file(struct file *file, enum kernel_read_file_id id, bool contents)
SEC("lsm/kernel_read_file")
int BPF_PROG(deny_module, struct file *file, int id, bool contents, int ret)
{
	enum { READING_MODULE = 2 };
	struct guard *guard = in_force();

	if (ret || id != READING_MODULE || !guard || !(guard->flags & GUARD_MODULES))
		return ret;
	return refuse(TAMON_NO_MODULE, 0, 0);
}

/* Counted only: of who was stopped people have been told. */
static __always_inline int refuse_stopped(int ret)
{
	u32 zero = 0, *left;
	u64 *count;

	if (ret || !in_force())
		return ret;
	left = allowance_of(bpf_get_current_pid_tgid() >> 32);
	if (!left || *left != NOTHING_MORE)
		return 0;
	count = bpf_map_lookup_elem(&refusals, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
	return -EPERM;
}

// int security_inode_unlink(struct inode *dir, struct dentry *dentry)
SEC("lsm/inode_unlink")
int BPF_PROG(deny_unlink, struct inode *dir, struct dentry *dentry, int ret)
{
	return refuse_stopped(ret);
}

// int security_inode_rename(struct inode *old_dir, struct dentry *old_dentry, struct inode *new_dir, struct dentry *new_dentry)
SEC("lsm/inode_rename")
int BPF_PROG(deny_rename, struct inode *old_dir, struct dentry *old_dentry, struct inode *new_dir, struct dentry *new_dentry,
	     int ret)
{
	return refuse_stopped(ret);
}

// int security_path_truncate(const struct path *path)
SEC("lsm/path_truncate")
int BPF_PROG(deny_truncate, const struct path *path, int ret)
{
	return refuse_stopped(ret);
}
