// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// One program at each end of every system call: it looks the number up and goes on to that call's handler, or ends. Calls
// nobody handles cost a table lookup. A 32-bit call has other numbers, so it has tables of its own: no way around us.
#include "include/maps.h"
#include "include/path.h"
#include "include/syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { X32_BIT = 0x40000000 };

/* arch/x86/entry/syscalls/syscall_64.tbl: what nearly every file is opened with, so that its dull cases end here. */
enum { NR_OPENAT = 257 };

SEC("tp_btf/sys_enter")
int BPF_PROG(on_sys_enter, struct pt_regs *regs, long id)
{
	u32 number = id & ~X32_BIT;

	if (is_compat(bpf_get_current_task_btf()))
		bpf_tail_call(ctx, &enter_32, number);
	else
		bpf_tail_call(ctx, &enter_64, number);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long ret)
{
	u32 number = regs->orig_ax & ~X32_BIT;
	struct task_struct *task = bpf_get_current_task_btf();

	if (is_compat(task))
		bpf_tail_call(ctx, &exit_32, number);
	else if (number != NR_OPENAT || !dull_open(task, ret, regs->dx))
		bpf_tail_call(ctx, &exit_64, number);
	return 0;
}
