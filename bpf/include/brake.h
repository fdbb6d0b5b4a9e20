/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * Processes that are held back when they take names away or cut files by their name: so many more go as they like, then
 * each call waits a little at its end, so that the agent can look at what went and end the process before it is through.
 * There is no hook that refuses to delete in the gate tier, and none that asks in any. A process and all that it starts
 * share one allowance. The agent grants more, and then nobody waits on; the entry goes with the process. Who was stopped
 * gets nothing more: in the enforce tier the kernel refuses it, elsewhere each call takes its time until it is ended. */
#pragma once
#include "maps.h"

/* Whose allowance a process uses. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, u32);
} braked SEC(".maps");

/* What is left of it. Whoever has no entry here is not held back. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, u32);
} allowances SEC(".maps");

/* It was stopped: nothing more, and where the kernel refuses it is refused. */
enum { NOTHING_MORE = 0xffffffff };

/* A child is held back with its parent. */
static __always_inline void brake_child(u32 parent, u32 child)
{
	u32 *leader = bpf_map_lookup_elem(&braked, &parent), of;

	if (!leader)
		return;
	of = *leader;
	bpf_map_update_elem(&braked, &child, &of, BPF_ANY);
}

static __always_inline u32 *allowance_of(u32 tgid)
{
	u32 *leader = bpf_map_lookup_elem(&braked, &tgid), of;

	if (!leader)
		return 0;
	of = *leader;
	return bpf_map_lookup_elem(&allowances, &of);
}
