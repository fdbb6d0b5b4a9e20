// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// Programs that do nothing: whether the kernel takes them tells which tier this host can have.
#include "include/maps.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sys_exit")
int BPF_PROG(probe_tracing, struct pt_regs *regs, long ret)
{
	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) && get_settings() == 0;
}

SEC("lsm/bprm_check_security")
int BPF_PROG(probe_lsm, struct linux_binprm *bprm, int ret)
{
	return ret;
}
