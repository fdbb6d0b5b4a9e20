// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// A program that does nothing: whether the kernel takes it tells whether this host can have the gate tier.
#include "include/maps.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sys_exit")
int BPF_PROG(probe_tracing, struct pt_regs *regs, long ret)
{
	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) && get_settings() == 0;
}
