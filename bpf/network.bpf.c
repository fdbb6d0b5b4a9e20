// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// Sockets of IPv4 and IPv6: connect, accept, listen, bind with their results, and datagrams to port 53 (whose question
// user space reads). Of those with a name on the disk only what a profile says of whom they reach, and who
// reaches a run time of containers.
#include "include/socket.h"
#include "include/syscall.h"
#include "include/confine.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Whoever may talk to a run time of containers is as good as root: told as if its socket were a file that is read. */
static __always_inline int tell_runtime(struct task_struct *task, struct unix_sock *peer)
{
	struct dentry *dentry = BPF_CORE_READ(peer, path.dentry);
	struct tamon_file *record = get_scratch(SCRATCH_TRACE);
	char name[24] = {};
	u32 at;

	if (!dentry || !record || is_own(task->tgid))
		return 0;
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	if (!IS_TEXT(name, "docker.sock") && !IS_TEXT(name, "containerd.sock") && !IS_TEXT(name, "crio.sock") &&
	    !IS_TEXT(name, "podman.sock"))
		return 0;
	at = put_file_path(SCRATCH_TRACE, sizeof(*record), &record->path, task, dentry, BPF_CORE_READ(peer, path.mnt), false);
	if (!at)
		return 0;
	begin(&record->head, task, TAMON_FILE, TAMON_OPEN_READ);
	identify(&record->file, BPF_CORE_READ(dentry, d_inode));
	record->arg = 0;
	record->other = (struct tamon_path){};
	tell(record, at, CLASS_FILE);
	return 0;
}

/* Connected, and nothing said yet: where the tier has no hook that refuses, who oversteps is ended here. */
static __always_inline int reached_name(struct task_struct *task, u32 fd)
{
	struct unix_sock *sk = (void *)sock_of(file_of(task, fd));
	struct sock *peer;

	if (!sk || !bpf_core_type_exists(struct unix_sock))
		return 0;
	peer = BPF_CORE_READ(sk, peer);
	if (!peer)
		return 0;
	if (!domain_number(task->tgid))
		return tell_runtime(task, (void *)peer);
	if (reach_denied(peer, TAMON_WAS_ENDED))
		bpf_send_signal(SIGNAL_KILL);
	return 0;
}

// connect(int fd, struct sockaddr *address, int length)
ON_EXIT(connect)
{
	struct address to = {};
	struct tamon_net *net;
	struct sock *sk;
	u16 family;

	bpf_probe_read_user(&to.family, sizeof(to.family), (void *)ARG(1));
	if (to.family == AF_UNIX && !ret)
		return reached_name(task, ARG(0));
	if (!is_inet(to.family))
		return 0;
	sk = sock_of(file_of(task, ARG(0)));
	if (!sk || is_own(task->tgid))
		return 0;
	if (bpf_probe_read_user(&to, to.family == AF_INET ? 8 : sizeof(to), (void *)ARG(1)))
		return 0;
	net = get_scratch(SCRATCH_TRACE);
	if (!net)
		return 0;
	begin_net(net, task, sk, TAMON_CONNECT, to.family);
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (family == to.family)
		local_of(sk, family, net->source, &net->source_port);
	take_address(&to, net->destination, &net->destination_port);
	net->error = ret < 0 ? -ret : 0;
	tell(net, sizeof(*net), CLASS_NETWORK);
	return 0;
}

static __always_inline int tell_local(struct task_struct *task, u32 fd, u32 op)
{
	struct sock *sk = sock_of(file_of(task, fd));
	struct tamon_net *net;
	u16 family;

	if (!sk)
		return 0;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (!is_inet(family) || is_own(task->tgid))
		return 0;
	net = get_scratch(SCRATCH_TRACE);
	if (!net)
		return 0;
	begin_net(net, task, sk, op, family);
	if (op == TAMON_ACCEPT)
		peer_of(sk, family, net->source, &net->source_port);
	local_of(sk, family, net->destination, &net->destination_port);
	tell(net, sizeof(*net), CLASS_NETWORK);
	return 0;
}

// accept(int fd, struct sockaddr *address, int *length), accept4
ON_EXIT(accept)
{
	return ret < 0 ? 0 : tell_local(task, ret, TAMON_ACCEPT);
}

// listen(int fd, int backlog)
ON_EXIT(listen)
{
	return ret < 0 ? 0 : tell_local(task, ARG(0), TAMON_LISTEN);
}

// bind(int fd, struct sockaddr *address, int length)
ON_EXIT(bind)
{
	return ret < 0 ? 0 : tell_local(task, ARG(0), TAMON_BIND);
}

static __always_inline int tell_question(struct task_struct *task, struct sock *sk, const struct address *to, u16 family,
					 const void *payload, u64 size)
{
	struct tamon_net *net = get_scratch(SCRATCH_TRACE);
	u32 length = size < DNS_BYTES ? size : DNS_BYTES;

	if (!net || size < 12 || is_own(task->tgid))
		return 0;
	begin_net(net, task, sk, TAMON_DNS, family);
	local_of(sk, BPF_CORE_READ(sk, __sk_common.skc_family), net->source, &net->source_port);
	if (to->family)
		take_address(to, net->destination, &net->destination_port);
	else
		peer_of(sk, family, net->destination, &net->destination_port);
	if (bpf_probe_read_user((void *)net + sizeof(*net), length & 511, payload))
		return 0;
	net->payload = length & 511;
	tell(net, sizeof(*net) + net->payload, CLASS_NETWORK);
	return 0;
}

/* The family when the datagram goes to port 53; 0 when not. An address that the caller gives goes before the peer. */
static __always_inline u16 asks_names(struct sock *sk, struct address *to, const void *given)
{
	if (!sk || BPF_CORE_READ(sk, sk_protocol) != IPPROTO_UDP)
		return 0;
	if (!given)
		return bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport)) == DNS_PORT ? BPF_CORE_READ(sk, __sk_common.skc_family)
										       : 0;
	bpf_probe_read_user(to, 8, given);
	if (!is_inet(to->family) || bpf_ntohs(to->port) != DNS_PORT)
		return 0;
	if (to->family == AF_INET6)
		bpf_probe_read_user(to, sizeof(*to), given);
	return to->family;
}

// sendto(int fd, void *buffer, size_t length, unsigned int flags, struct sockaddr *address, int size)
ON_EXIT(sendto)
{
	struct address to = {};
	struct sock *sk;
	u16 family;

	if (ret < 0)
		return 0;
	sk = sock_of(file_of(task, ARG(0)));
	family = asks_names(sk, &to, (void *)ARG(4));
	return family ? tell_question(task, sk, &to, family, (void *)ARG(1), ARG(2)) : 0;
}

// write(int fd, void *buffer, size_t length): of a connected socket
ON_EXIT(write)
{
	struct address to = {};
	struct sock *sk;
	u16 family;

	if (ret < 12 || ret > 512)
		return 0;
	sk = sock_of(file_of(task, ARG(0)));
	family = asks_names(sk, &to, 0);
	return family ? tell_question(task, sk, &to, family, (void *)ARG(1), ret) : 0;
}

/* struct user_msghdr and struct iovec of a 64-bit caller. */
struct message {
	void *name;
	u64 name_length;
	void *vectors;
	u64 vectors_count;
	void *control;
	u64 control_length;
	u64 flags;
};
struct vector {
	void *base;
	u64 length;
};

static __always_inline int tell_message(struct task_struct *task, struct sock *sk, const struct message *message)
{
	struct address to = {};
	struct vector vector = {};
	u16 family = asks_names(sk, &to, message->name);

	if (!family || bpf_probe_read_user(&vector, sizeof(vector), message->vectors))
		return 0;
	return tell_question(task, sk, &to, family, vector.base, vector.length);
}

// sendmsg(int fd, struct user_msghdr *message, unsigned int flags)
ON_EXIT(sendmsg)
{
	struct message message = {};
	struct sock *sk;

	if (ret < 0 || is_compat(task))
		return 0;
	sk = sock_of(file_of(task, ARG(0)));
	if (!sk || BPF_CORE_READ(sk, sk_protocol) != IPPROTO_UDP)
		return 0;
	if (bpf_probe_read_user(&message, sizeof(message), (void *)ARG(1)))
		return 0;
	return tell_message(task, sk, &message);
}

/* struct mmsghdr */
struct many {
	struct message message;
	u64 sent;
};

// sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, unsigned int flags): resolvers ask for A and AAAA at once
ON_EXIT(sendmmsg)
{
	struct many many = {};
	struct sock *sk;

	if (ret <= 0 || is_compat(task))
		return 0;
	sk = sock_of(file_of(task, ARG(0)));
	if (!sk || BPF_CORE_READ(sk, sk_protocol) != IPPROTO_UDP)
		return 0;
	for (int i = 0; i < 4 && i < ret; i++) {
		if (bpf_probe_read_user(&many, sizeof(many), (struct many *)ARG(1) + i))
			return 0;
		tell_message(task, sk, &many.message);
	}
	return 0;
}
