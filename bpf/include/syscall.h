/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * A handler is a tail call of dispatch.bpf.c: it runs only for the numbers that the loader's table gives it, when the
 * call returns. The argument registers still hold what was asked, and the result is known. */
#pragma once
#include "maps.h"

/* arch/x86: the thread is in a 32-bit system call. */
enum { TS_COMPAT = 2 };

static __always_inline bool is_compat(struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT;
}

static __always_inline u64 argument(struct pt_regs *regs, struct task_struct *task, int number)
{
	if (is_compat(task)) {
		switch (number) {
		case 0: return (u32)regs->bx;
		case 1: return (u32)regs->cx;
		case 2: return (u32)regs->dx;
		case 3: return (u32)regs->si;
		case 4: return (u32)regs->di;
		default: return (u32)regs->bp;
		}
	}
	switch (number) {
	case 0: return regs->di;
	case 1: return regs->si;
	case 2: return regs->dx;
	case 3: return regs->r10;
	case 4: return regs->r8;
	default: return regs->r9;
	}
}

#define ARG(n) argument(regs, task, n)

/* trace_sys_exit(struct pt_regs *regs, long ret), trace_sys_enter(struct pt_regs *regs, long id) */
#define ON_EXIT(name)                                                                            \
	static __always_inline int name##_body(struct pt_regs *regs, long ret, struct task_struct *task); \
	SEC("tp_btf/sys_exit")                                                                   \
	int BPF_PROG(name, struct pt_regs *regs, long ret)                                       \
	{                                                                                        \
		return name##_body(regs, ret, bpf_get_current_task_btf());                       \
	}                                                                                        \
	static __always_inline int name##_body(struct pt_regs *regs, long ret, struct task_struct *task)

#define ON_ENTER(name)                                                                           \
	static __always_inline int name##_body(struct pt_regs *regs, struct task_struct *task);  \
	SEC("tp_btf/sys_enter")                                                                  \
	int BPF_PROG(name, struct pt_regs *regs, long id)                                        \
	{                                                                                        \
		return name##_body(regs, bpf_get_current_task_btf());                            \
	}                                                                                        \
	static __always_inline int name##_body(struct pt_regs *regs, struct task_struct *task)
