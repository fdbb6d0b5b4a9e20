/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * How a record begins (who acted) and how it ends (into the ring, or counted as lost). */
#pragma once
#include "maps.h"

static __always_inline bool is_own(u32 tgid)
{
	return bpf_map_lookup_elem(&own, &tgid) != 0;
}

static __always_inline void fill_actor(struct tamon_actor *actor, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct task_struct *parent = task->real_parent;
	const struct cred *cred = task->cred;

	actor->start = leader->start_boottime;
	actor->tgid = task->tgid;
	actor->tid = task->pid;
	actor->parent_tgid = parent->tgid;
	actor->parent_start = parent->group_leader->start_boottime;
	actor->uid = cred->uid.val;
	actor->gid = cred->gid.val;
	actor->euid = cred->euid.val;
	actor->egid = cred->egid.val;
	actor->pid_level = task->thread_pid ? task->thread_pid->level : 0;
	actor->cgroup = bpf_get_current_cgroup_id();
}

/* `task` is the one that acts: current everywhere. */
static __always_inline void begin(struct tamon_head *head, struct task_struct *task, u16 kind, u32 op)
{
	head->boottime = bpf_ktime_get_boot_ns();
	head->tag = 0;
	head->kind = kind;
	head->via = TAMON_VIA_SYSCALL;
	head->flags = 0;
	head->op = op;
	fill_actor(&head->actor, task);
}

/* A wake-up costs ten times the record, so the reader comes by itself every few milliseconds and is woken only when the
 * ring fills faster than that, and then at most once a millisecond from each CPU. */
static __always_inline u64 wake_flag(struct tally *tally)
{
	struct tamon_settings *set = get_settings();
	u64 now;

	if (!set || bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) < set->wake_at)
		return BPF_RB_NO_WAKEUP;
	now = bpf_ktime_get_ns();
	if (now - tally->woken_at < 1000000)
		return BPF_RB_NO_WAKEUP;
	tally->woken_at = now;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void tell(void *record, u64 size, enum tamon_class class)
{
	u32 zero = 0;
	struct tally *tally = bpf_map_lookup_elem(&tallies, &zero);
	u64 flags;

	if (!tally)
		return;
	flags = wake_flag(tally);
	/* Older verifiers follow a bound only in the register that was compared: it must be the one that is passed on. */
	asm volatile("" : "+r"(size));
	if (size > SCRATCH_BYTES)
		return;
	if (bpf_ringbuf_output(&ring, record, size, flags))
		tally->lost[class]++;
	else
		tally->told[class]++;
}
