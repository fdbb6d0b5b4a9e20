// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// Who is in which domain, and what the network and a program's start make of it. Loaded only where a policy has profiles.
//
// A process comes into a domain with the program that it runs or the control group that it is in, before its first
// instruction; its children are in it from their first. What user space alone can tell (a user, a container's image) it
// writes into `confined` itself.
#include "include/packet.h"
#include "include/confine.h"
#include <bpf/bpf_endian.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { CLONE_THREAD = 0x10000, SOCK_DGRAM = 2, AF_INET = 2, IPPROTO_UDP = 17 };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct tamon_program);
	__type(value, struct tamon_entry);
} domain_programs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, u32);
} domain_cgroups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct tamon_net_entry);
	__type(value, struct tamon_ports);
} net_entries SEC(".maps");

struct reached {
	u32 list;
	u16 port;
	u16 reserved;
	u8 address[16];
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct reached);
	__type(value, u8);
} reached_before SEC(".maps");

// trace_task_newtask(struct task_struct *task, u64 clone_flags): the parent runs, the child does not yet
SEC("tp_btf/task_newtask")
int BPF_PROG(confine_fork, struct task_struct *child, u64 clone_flags)
{
	u32 number = domain_number(bpf_get_current_task_btf()->tgid);
	u32 tgid = child->tgid;

	if (number && !(clone_flags & CLONE_THREAD))
		bpf_map_update_elem(&confined, &tgid, &number, BPF_ANY);
	return 0;
}

/* The first profile in the order of the policy, which is that of the numbers. */
static __always_inline u32 domain_of_start(struct linux_binprm *bprm)
{
	struct tamon_program program = {};
	struct inode *inode = bprm->file->f_inode;
	struct tamon_entry *entry;
	u64 cgroup = bpf_get_current_cgroup_id();
	u32 number = 0, *by_cgroup;

	program.ino = inode->i_ino;
	program.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	entry = bpf_map_lookup_elem(&domain_programs, &program);
	if (entry && (!entry->cgroup || entry->cgroup == cgroup))
		number = entry->domain;
	by_cgroup = bpf_map_lookup_elem(&domain_cgroups, &cgroup);
	if (by_cgroup && (!number || *by_cgroup < number))
		number = *by_cgroup;
	return number;
}

// trace_sched_process_exec(struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm)
SEC("tp_btf/sched_process_exec")
int BPF_PROG(confine_exec, struct task_struct *p, int old_pid, struct linux_binprm *bprm)
{
	u32 tgid = bpf_get_current_task_btf()->tgid;
	u32 number = domain_number(tgid), bit = 1 << TAMON_MAY_RUN;
	struct tamon_domain *domain = number ? bpf_map_lookup_elem(&domains, &number) : 0;
	struct standing standing = { .domain = number, .kind = TAMON_MAY_RUN };

	if (is_own(tgid))
		return 0;
	if (domain && domain->speaks & bit && domain->enforced & bit && domain->flags & TAMON_DOMAIN_END &&
	    domain_in_force(tgid)) {
		standing.closed = domain->closed & bit;
		standing.dentry = (u64)bprm->file->f_path.dentry;
		standing.mnt = (u64)bprm->file->f_path.mnt;
		if (judge_path(&standing) == SAYS_DENY) {
			bpf_send_signal(SIGNAL_KILL);
			path_again(&standing);
			tell_overstepped(TAMON_MAY_RUN, TAMON_WAS_ENDED, number, 0, 0, true);
			return 0;
		}
	}
	if (domain && domain->enforced & 1 << TAMON_MAY_RAISE && domain->flags & TAMON_DOMAIN_END &&
	    BPF_CORE_READ_BITFIELD(bprm, secureexec) && domain_in_force(tgid)) {
		standing.dentry = (u64)bprm->file->f_path.dentry;
		standing.mnt = (u64)bprm->file->f_path.mnt;
		standing.first = 0;
		bpf_send_signal(SIGNAL_KILL);
		path_again(&standing);
		tell_overstepped(TAMON_MAY_RAISE, TAMON_WAS_ENDED, number, 0, 0, true);
		return 0;
	}
	if (domain && domain->flags & TAMON_DOMAIN_INHERIT)
		return 0;
	number = domain_of_start(bprm);
	if (number)
		bpf_map_update_elem(&confined, &tgid, &number, BPF_ANY);
	else if (domain)
		bpf_map_delete_elem(&confined, &tgid);
	return 0;
}

// trace_sched_process_exit(struct task_struct *p, bool group_dead)
SEC("tp_btf/sched_process_exit")
int BPF_PROG(confine_exit, struct task_struct *p)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 tgid = task->tgid;

	if (!task->signal->live.counter)
		bpf_map_delete_elem(&confined, &tgid);
	return 0;
}

enum { SI_USER = 0, SI_QUEUE = -1, SI_TKILL = -6 };

// trace_signal_generate(int sig, struct kernel_siginfo *info, struct task_struct *task, int group, int result): it was sent
// already; where a hook refused it we do not come here
SEC("tp_btf/signal_generate")
int BPF_PROG(confine_signal, int sig, struct kernel_siginfo *info, struct task_struct *target)
{
	u32 tgid = bpf_get_current_task_btf()->tgid, number = domain_in_force(tgid), bit = 1 << TAMON_MAY_SIGNAL;
	struct tamon_domain *domain = number ? bpf_map_lookup_elem(&domains, &number) : 0;
	u32 how = TAMON_WAS_LET, theirs = target->tgid;
	int code;

	/* 0 to 2: not a process but the kernel */
	if (!domain || theirs == tgid || (u64)info <= 2 || domain_number(theirs) == number)
		return 0;
	code = BPF_CORE_READ(info, si_code);
	if (code != SI_USER && code != SI_TKILL && code != SI_QUEUE)
		return 0;
	if (!(domain->flags & (TAMON_DOMAIN_OWN_SIGNALS | TAMON_DOMAIN_TELL)))
		return 0;
	/* it goes by an interrupt of its own, since the target is locked; one at a time */
	if (domain->enforced & bit && domain->flags & TAMON_DOMAIN_END && !bpf_send_signal(SIGNAL_KILL))
		how = TAMON_WAS_ENDED;
	tell_overstepped(TAMON_MAY_SIGNAL, how, number, theirs, 0, false);
	return 0;
}

static __always_inline void tell_reached(struct bpf_sock_addr *to, const struct reached *reached)
{
	u32 zero = 0;
	struct tally *tally = bpf_map_lookup_elem(&tallies, &zero);
	struct tamon_net *net = bpf_ringbuf_reserve(&ring, sizeof(*net), 0);

	if (!net) {
		if (tally)
			__sync_fetch_and_add(&tally->lost[CLASS_NETWORK], 1);
		return;
	}
	begin(&net->head, bpf_get_current_task_btf(), TAMON_NET, TAMON_CONNECT);
	__builtin_memset(net->source, 0, sizeof(net->source));
	__builtin_memset(net->destination, 0, sizeof(net->destination));
	net->source_port = 0;
	net->destination_port = reached->port;
	net->family = to->user_family;
	if (to->user_family == AF_INET)
		__builtin_memcpy(net->destination, reached->address + 12, 4);
	else
		__builtin_memcpy(net->destination, reached->address, 16);
	net->protocol = IPPROTO_UDP;
	net->error = 0;
	net->payload = 0;
	bpf_ringbuf_submit(net, BPF_RB_NO_WAKEUP);
	if (tally)
		__sync_fetch_and_add(&tally->told[CLASS_NETWORK], 1);
}

static __always_inline bool net_allowed(const struct reached *reached, u32 closed)
{
	struct tamon_net_entry key = { .bits = 32 + 128, .list = reached->list };
	struct tamon_ports *ports;

	__builtin_memcpy(key.address, reached->address, 16);
	ports = bpf_map_lookup_elem(&net_entries, &key);
	if (!ports)
		return !closed;
	for (u32 i = 0; i < TAMON_MOST_PORTS; i++) {
		if (i >= ports->count)
			break;
		if (ports->first[i] <= reached->port && reached->port <= ports->last[i])
			return ports->allowed >> i & 1;
	}
	return !closed;
}

/* 1 lets it be, 0 is EPERM. */
static __always_inline int judge_net(struct bpf_sock_addr *to, u32 kind, struct reached *reached, bool datagram)
{
	u32 number = domain_in_force(bpf_get_current_task_btf()->tgid), bit = 1 << kind;
	struct tamon_domain *domain = number ? bpf_map_lookup_elem(&domains, &number) : 0;
	bool denied;
	u8 one = 1;

	if (!domain)
		return 1;
	reached->port = bpf_ntohs(to->user_port);
	reached->list = number << 3 | kind;
	if (kind == TAMON_MAY_BIND && !reached->port)
		return 1;
	denied = domain->speaks & bit && !net_allowed(reached, domain->closed & bit);
	if (denied && domain->enforced & bit) {
		tell_overstepped(kind, TAMON_WAS_DENIED, number, reached->port, reached->address, false);
		return 0;
	}
	/* A datagram makes no other record; the first to each address does. */
	if (datagram && (denied || domain->flags & TAMON_DOMAIN_TELL) && !bpf_map_lookup_elem(&reached_before, reached)) {
		bpf_map_update_elem(&reached_before, reached, &one, BPF_ANY);
		tell_reached(to, reached);
	}
	return 1;
}

static __always_inline int judge_4(struct bpf_sock_addr *to, u32 kind, bool datagram)
{
	struct reached reached = {};
	u32 ip = to->user_ip4;

	/* the address that stands for none leads to this host */
	if (!ip && kind == TAMON_MAY_CONNECT)
		ip = bpf_htonl(0x7f000001);
	reached.address[10] = 0xff;
	reached.address[11] = 0xff;
	__builtin_memcpy(reached.address + 12, &ip, 4);
	return judge_net(to, kind, &reached, datagram);
}

static __always_inline int judge_6(struct bpf_sock_addr *to, u32 kind, bool datagram)
{
	struct reached reached = {};
	u32 ip[4];

	ip[0] = to->user_ip6[0];
	ip[1] = to->user_ip6[1];
	ip[2] = to->user_ip6[2];
	ip[3] = to->user_ip6[3];
	if (!(ip[0] | ip[1] | ip[2] | ip[3]) && kind == TAMON_MAY_CONNECT)
		ip[3] = bpf_htonl(1);
	__builtin_memcpy(reached.address, ip, 16);
	return judge_net(to, kind, &reached, datagram);
}

// int (struct bpf_sock_addr *address): 1 lets it be
SEC("cgroup/connect4")
int confine_connect4(struct bpf_sock_addr *to)
{
	return judge_4(to, TAMON_MAY_CONNECT, false);
}

SEC("cgroup/connect6")
int confine_connect6(struct bpf_sock_addr *to)
{
	return judge_6(to, TAMON_MAY_CONNECT, false);
}

SEC("cgroup/sendmsg4")
int confine_sendmsg4(struct bpf_sock_addr *to)
{
	return judge_4(to, TAMON_MAY_CONNECT, true);
}

SEC("cgroup/sendmsg6")
int confine_sendmsg6(struct bpf_sock_addr *to)
{
	return judge_6(to, TAMON_MAY_CONNECT, true);
}

SEC("cgroup/bind4")
int confine_bind4(struct bpf_sock_addr *to)
{
	return judge_4(to, TAMON_MAY_BIND, false);
}

SEC("cgroup/bind6")
int confine_bind6(struct bpf_sock_addr *to)
{
	return judge_6(to, TAMON_MAY_BIND, false);
}
