/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * Addresses: from the socket, where the kernel keeps them, or from what the caller passed when the call came to nothing. */
#pragma once
#include "record.h"
#include "path.h"
#include "inode.h"
#include <bpf/bpf_endian.h>

enum { AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10, IPPROTO_UDP = 17, DNS_PORT = 53, DNS_BYTES = 320 };

/* As both families begin. */
struct address {
	u16 family;
	__be16 port;
	u8 v4[4];
	u8 v6[16];
	u32 scope;
};

static __always_inline struct sock *sock_of(struct file *file)
{
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

static __always_inline bool is_inet(u16 family)
{
	return family == AF_INET || family == AF_INET6;
}

static __always_inline void local_of(struct sock *sk, u16 family, u8 *ip, u16 *port)
{
	*port = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (family == AF_INET)
		bpf_probe_read_kernel(ip, 4, &sk->__sk_common.skc_rcv_saddr);
	else
		bpf_probe_read_kernel(ip, 16, &sk->__sk_common.skc_v6_rcv_saddr);
}

static __always_inline void peer_of(struct sock *sk, u16 family, u8 *ip, u16 *port)
{
	*port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (family == AF_INET)
		bpf_probe_read_kernel(ip, 4, &sk->__sk_common.skc_daddr);
	else
		bpf_probe_read_kernel(ip, 16, &sk->__sk_common.skc_v6_daddr);
}

static __always_inline void take_address(const struct address *from, u8 *ip, u16 *port)
{
	*port = bpf_ntohs(from->port);
	if (from->family == AF_INET)
		__builtin_memcpy(ip, from->v4, 4);
	else
		__builtin_memcpy(ip, from->v6, 16);
}

static __always_inline void begin_net(struct tamon_net *net, struct task_struct *task, struct sock *sk, u32 op, u16 family)
{
	begin(&net->head, task, TAMON_NET, op);
	__builtin_memset(net->source, 0, sizeof(net->source));
	__builtin_memset(net->destination, 0, sizeof(net->destination));
	net->source_port = 0;
	net->destination_port = 0;
	net->family = family;
	net->protocol = BPF_CORE_READ(sk, sk_protocol);
	net->error = 0;
	net->payload = 0;
}
