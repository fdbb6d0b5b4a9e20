// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// Kernel modules. Its own object: a kernel without modules has no such tracepoint.
#include "include/record.h"
#include "include/path.h"
#include "include/syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { FINIT_MODULE = 313 };

// trace_module_load(struct module *mod): within init_module or finit_module, or by the kernel's own helper
SEC("tp_btf/module_load")
int BPF_PROG(on_module, struct module *mod)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct tamon_event *event = get_scratch(SCRATCH_TRACE);
	u32 at = sizeof(*event);
	struct pt_regs *regs;
	struct file *file = 0;
	long n;

	if (!event || is_own(task->tgid))
		return 0;
	begin(&event->head, task, TAMON_ACT, TAMON_MODULE);
	__builtin_memset(event->n, 0, sizeof(event->n));
	__builtin_memset(event->p, 0, sizeof(event->p));
	n = bpf_probe_read_kernel_str((void *)event + at, 64, mod->name);
	event->p[0].text = n > 0 ? (n - 1) & 63 : 0;
	at += event->p[0].text;
	regs = (void *)bpf_task_pt_regs(task);
	if (!is_compat(task) && BPF_CORE_READ(regs, orig_ax) == FINIT_MODULE)
		file = file_of(task, BPF_CORE_READ(regs, di));
	if (file)
		at = put_file_path(SCRATCH_TRACE, at, &event->p[1], task, BPF_CORE_READ(file, f_path.dentry),
				   BPF_CORE_READ(file, f_path.mnt), false);
	tell(event, at, CLASS_KERNEL);
	return 0;
}
