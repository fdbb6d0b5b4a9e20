// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// Who a process is: setuid and its kin, capset. What was before is kept from the call's entry; nothing is told when the
// call changed nothing.
#include "include/record.h"
#include "include/syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline u64 pair(u32 high, u32 low)
{
	return (u64)high << 32 | low;
}

static __always_inline u64 effective_caps(const struct cred *cred)
{
	u64 caps = 0;

	bpf_probe_read_kernel(&caps, sizeof(caps), &cred->cap_effective);
	return caps;
}

static __always_inline void keep(u64 a, u64 b)
{
	u64 thread = bpf_get_current_pid_tgid();
	struct before before = { .a = a, .b = b };

	bpf_map_update_elem(&entered, &thread, &before, BPF_ANY);
}

static __always_inline bool take_back(struct before *out)
{
	u64 thread = bpf_get_current_pid_tgid();
	struct before *before = bpf_map_lookup_elem(&entered, &thread);

	if (!before)
		return false;
	*out = *before;
	bpf_map_delete_elem(&entered, &thread);
	return true;
}

static __always_inline int tell_change(struct task_struct *task, u32 op, u64 a, u64 b, u64 c, u64 d)
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
	event->n[4] = 0;
	tell(event, sizeof(*event), CLASS_KERNEL);
	return 0;
}

// setuid, setgid, setreuid, setregid, setresuid, setresgid, setfsuid, setfsgid
ON_ENTER(before_ids)
{
	const struct cred *cred = task->cred;

	keep(pair(cred->uid.val, cred->gid.val), pair(cred->euid.val, cred->egid.val));
	return 0;
}

ON_EXIT(after_ids)
{
	const struct cred *cred = task->cred;
	u64 real = pair(cred->uid.val, cred->gid.val), effective = pair(cred->euid.val, cred->egid.val);
	struct before was;

	if (!take_back(&was) || ret < 0 || (was.a == real && was.b == effective))
		return 0;
	return tell_change(task, TAMON_SET_IDS, was.a, was.b, real, effective);
}

// capset(cap_user_header_t header, const cap_user_data_t data)
ON_ENTER(before_caps)
{
	keep(effective_caps(task->cred), 0);
	return 0;
}

ON_EXIT(after_caps)
{
	u64 caps = effective_caps(task->cred);
	struct before was;

	if (!take_back(&was) || ret < 0 || was.a == caps)
		return 0;
	return tell_change(task, TAMON_SET_CAPS, was.a, caps, 0, 0);
}
