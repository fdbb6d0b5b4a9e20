// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// What reaches into other processes, into memory that runs, and into the kernel: ptrace, process_vm_writev, memfd and
// W^X, mounts and namespaces, bpf, io_uring set-up, kernel log. Told when the call has succeeded.
#include "include/record.h"
#include "include/path.h"
#include "include/inode.h"
#include "include/syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline struct tamon_event *begin_event(struct task_struct *task, u32 op, u64 a, u64 b, u64 c, u64 d, u64 e)
{
	struct tamon_event *event = get_scratch(SCRATCH_TRACE);

	if (!event || is_own(task->tgid))
		return 0;
	begin(&event->head, task, TAMON_ACT, op);
	__builtin_memset(event->p, 0, sizeof(event->p));
	event->n[0] = a;
	event->n[1] = b;
	event->n[2] = c;
	event->n[3] = d;
	event->n[4] = e;
	return event;
}

static __always_inline int tell_numbers(struct task_struct *task, u32 op, u64 a, u64 b, u64 c, u64 d, u64 e)
{
	struct tamon_event *event = begin_event(task, op, a, b, c, d, e);

	if (event)
		tell(event, sizeof(*event), CLASS_KERNEL);
	return 0;
}

static __always_inline int tell_path(struct task_struct *task, u32 op, const void *path)
{
	struct tamon_event *event = begin_event(task, op, 0, 0, 0, 0, 0);

	if (event)
		tell(event, put_user_path(event, sizeof(*event), &event->p[0], task, AT_FDCWD, path, false), CLASS_KERNEL);
	return 0;
}

enum { PTRACE_POKETEXT = 4, PTRACE_POKEDATA = 5, PTRACE_SETREGS = 13, PTRACE_ATTACH = 16, PTRACE_SETREGSET = 0x4205, PTRACE_SEIZE = 0x4206 };
enum { TRACEES = 16 };

static __always_inline u32 number_of(struct task_struct *task, u32 level)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct upid upid = {};
	void *numbers = (void *)pid + bpf_core_field_offset(struct pid, numbers);

	bpf_probe_read_kernel(&upid, bpf_core_type_size(struct upid) & 31, numbers + (level & 31) * bpf_core_type_size(struct upid));
	return upid.nr;
}

// ptrace(long request, long pid, unsigned long address, unsigned long data): who is traced stands in the tracer's list
ON_EXIT(ptrace)
{
	u64 request = ARG(0);
	u32 wanted = ARG(1), level = task->thread_pid->level, tgid = 0;
	struct list_head *head = &task->ptraced, *at;
	u64 start = 0;

	if (ret < 0)
		return 0;
	if (request != PTRACE_ATTACH && request != PTRACE_SEIZE && request != PTRACE_POKETEXT && request != PTRACE_POKEDATA &&
	    request != PTRACE_SETREGS && request != PTRACE_SETREGSET)
		return 0;
	at = BPF_CORE_READ(head, next);
	for (int i = 0; i < TRACEES && at && at != head; i++) {
		struct task_struct *target = (void *)at - bpf_core_field_offset(struct task_struct, ptrace_entry);

		if (number_of(target, level) == wanted) {
			tgid = BPF_CORE_READ(target, tgid);
			start = BPF_CORE_READ(target, group_leader, start_boottime);
			break;
		}
		at = BPF_CORE_READ(at, next);
	}
	return tell_numbers(task, TAMON_PTRACE, request, tgid, start, wanted, 0);
}

// process_vm_writev(pid_t pid, …): the result is the bytes written
ON_EXIT(process_vm_writev)
{
	if (ret <= 0)
		return 0;
	return tell_numbers(task, TAMON_VM_WRITE, 0, 0, 0, ARG(0), ret);
}

// memfd_create(const char *name, unsigned int flags)
ON_EXIT(memfd_create)
{
	struct tamon_event *event;

	if (ret < 0)
		return 0;
	event = begin_event(task, TAMON_MEMFD, ARG(1), 0, 0, 0, 0);
	if (event)
		tell(event, put_user_text(event, sizeof(*event), &event->p[0], (void *)ARG(0), NAME_BYTES), CLASS_KERNEL);
	return 0;
}

enum { PROT_WRITE = 2, PROT_EXEC = 4, MAP_ANONYMOUS = 0x20 };

static __always_inline int tell_wx(struct task_struct *task, u64 address, u64 length, u64 protection, struct file *file)
{
	struct tamon_event *event = begin_event(task, TAMON_WX, address, length, protection, 0, 0);
	u32 at = sizeof(*event);

	if (!event)
		return 0;
	if (file)
		at = put_file_path(SCRATCH_TRACE, at, &event->p[0], task, BPF_CORE_READ(file, f_path.dentry),
				   BPF_CORE_READ(file, f_path.mnt), false);
	tell(event, at, CLASS_KERNEL);
	return 0;
}

// mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
ON_EXIT(mmap)
{
	u64 protection = ARG(2);

	if ((protection & (PROT_WRITE | PROT_EXEC)) != (PROT_WRITE | PROT_EXEC) || (ret < 0 && ret > -4096))
		return 0;
	return tell_wx(task, ret, ARG(1), protection, ARG(3) & MAP_ANONYMOUS ? 0 : file_of(task, ARG(4)));
}

struct mapping {
	struct file *file;
	bool written;
};

static long look_at(struct task_struct *task, struct vm_area_struct *vma, struct mapping *mapping)
{
	mapping->file = vma->vm_file;
	mapping->written = !vma->vm_file || vma->anon_vma;
	return 0;
}

// mprotect(void *address, size_t length, int protection), pkey_mprotect
ON_EXIT(mprotect)
{
	u64 protection = ARG(2);
	struct mapping mapping = {};

	if (!(protection & PROT_EXEC) || ret)
		return 0;
	bpf_find_vma(task, ARG(0), look_at, &mapping, 0);
	if (!mapping.written && !(protection & PROT_WRITE))
		return 0;
	return tell_wx(task, ARG(0), ARG(1), protection, mapping.file);
}

// mount(char *source, char *target, char *type, unsigned long flags, void *data)
ON_EXIT(mount)
{
	struct tamon_event *event;
	u32 at = sizeof(*event);

	if (ret < 0)
		return 0;
	event = begin_event(task, TAMON_MOUNT, ARG(3), 0, 0, 0, 0);
	if (!event)
		return 0;
	at = put_user_text(event, at, &event->p[0], (void *)ARG(0), PATH_BYTES);
	at = put_user_path(event, at, &event->p[1], task, AT_FDCWD, (void *)ARG(1), false);
	at = put_user_text(event, at, &event->p[2], (void *)ARG(2), NAME_BYTES);
	tell(event, at, CLASS_KERNEL);
	return 0;
}

// move_mount(int from_dfd, const char *from, int to_dfd, const char *to, unsigned int flags): the newer way to mount
ON_EXIT(move_mount)
{
	struct tamon_event *event;
	u32 at = sizeof(*event);

	if (ret < 0)
		return 0;
	event = begin_event(task, TAMON_MOUNT, 0, 0, 0, 0, 0);
	if (!event)
		return 0;
	at = put_user_path(event, at, &event->p[0], task, ARG(0), (void *)ARG(1), false);
	at = put_user_path(event, at, &event->p[1], task, ARG(2), (void *)ARG(3), false);
	tell(event, at, CLASS_KERNEL);
	return 0;
}

// umount2(char *target, int flags)
ON_EXIT(umount)
{
	return ret < 0 ? 0 : tell_path(task, TAMON_UMOUNT, (void *)ARG(0));
}

// pivot_root(const char *new_root, const char *put_old)
ON_EXIT(pivot_root)
{
	return ret < 0 ? 0 : tell_path(task, TAMON_PIVOT_ROOT, (void *)ARG(0));
}

// chroot(const char *path)
ON_EXIT(chroot)
{
	return ret < 0 ? 0 : tell_path(task, TAMON_CHROOT, (void *)ARG(0));
}

enum { CLONE_NEW = 0x7e020080 };

// unshare(unsigned long flags)
ON_EXIT(unshare)
{
	return ret < 0 || !(ARG(0) & CLONE_NEW) ? 0 : tell_numbers(task, TAMON_UNSHARE, ARG(0), 0, 0, 0, 0);
}

// setns(int fd, int kind)
ON_EXIT(setns)
{
	return ret < 0 ? 0 : tell_numbers(task, TAMON_SETNS, ARG(1), 0, 0, 0, 0);
}

enum { BPF_PROG_LOAD = 5, ATTR_NAME = 48 };

// bpf(int command, union bpf_attr *attributes, unsigned int size)
ON_EXIT(bpf)
{
	struct tamon_event *event;
	u32 type = 0;

	if (ret < 0 || ARG(0) != BPF_PROG_LOAD)
		return 0;
	bpf_probe_read_user(&type, sizeof(type), (void *)ARG(1));
	event = begin_event(task, TAMON_BPF_LOAD, BPF_PROG_LOAD, type, 0, 0, 0);
	if (event)
		tell(event, put_user_text(event, sizeof(*event), &event->p[0], (void *)ARG(1) + ATTR_NAME, 16), CLASS_KERNEL);
	return 0;
}

// io_uring_setup(u32 entries, struct io_uring_params *parameters)
ON_EXIT(io_uring_setup)
{
	return ret < 0 ? 0 : tell_numbers(task, TAMON_URING_SETUP, (u32)ARG(0), 0, 0, 0, 0);
}

enum { READ_CLEAR = 4, CLEAR = 5 };

// syslog(int action, char *buffer, int length)
ON_EXIT(syslog)
{
	if (ret < 0 || (ARG(0) != READ_CLEAR && ARG(0) != CLEAR))
		return 0;
	return tell_numbers(task, TAMON_SYSLOG, ARG(0), 0, 0, 0, 0);
}
