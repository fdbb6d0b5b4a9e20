/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * Processes that are held back when they take names away: so many more go as they like, then each call waits a little at its
 * end, so that the agent can look at what went and end the process before it is through. There is no hook that refuses to
 * delete in the gate tier, and none that asks in any. The agent grants more, or the entry goes with the process. */
#pragma once
#include "maps.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, u32);
} braked SEC(".maps");

enum { HELD_NS = 3000000, MOST_SPINS = 1 << 17 };

static long is_over(u32 step, u64 *until)
{
	return bpf_ktime_get_ns() >= *until;
}

/* A function of its own: what it keeps must not add to the stack of who tells first, of which older kernels leave little. */
__noinline int hold_back(u32 op)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	u32 *left, n;
	u64 until;

	if (op != TAMON_UNLINK && op != TAMON_RENAME)
		return 0;
	left = bpf_map_lookup_elem(&braked, &tgid);
	if (!left)
		return 0;
	n = *(volatile u32 *)left;
	if (n) {
		*left = n - 1;
		return 0;
	}
	until = bpf_ktime_get_ns() + HELD_NS;
	bpf_loop(MOST_SPINS, is_over, &until, 0);
	return 0;
}

/* A child is held back like its parent. */
static __always_inline void brake_child(u32 parent, u32 child)
{
	u32 *left = bpf_map_lookup_elem(&braked, &parent), n;

	if (!left)
		return;
	n = *(volatile u32 *)left;
	bpf_map_update_elem(&braked, &child, &n, BPF_ANY);
}
