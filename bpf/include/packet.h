/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * What the cgroup programs are given, as include/uapi/linux/bpf.h has it: fixed for good, so never relocated, and cut
 * after the last field that we name. */
#pragma once
#include "maps.h"

#define CONTEXT_POINTER(type, name) \
	union {                     \
		type name;          \
		__u64 : 64;         \
	} __attribute__((aligned(8)))

struct bpf_sock {
	__u32 bound_dev_if;
	__u32 family;
	__u32 type;
	__u32 protocol;
	__u32 mark;
	__u32 priority;
	__u32 src_ip4;
	__u32 src_ip6[4];
	__u32 src_port; /* host byte order */
	__be16 dst_port;
	__u16 : 16;
	__u32 dst_ip4;
	__u32 dst_ip6[4];
};

struct __sk_buff {
	__u32 len;
	__u32 before_family[21];
	__u32 family;
	__u32 remote_ip4;
	__u32 local_ip4;
	__u32 remote_ip6[4];
	__u32 local_ip6[4];
	__u32 remote_port;
	__u32 local_port;
	__u32 data_meta;
	__u64 flow_keys;
	__u64 tstamp;
	__u32 wire_len;
	__u32 gso_segs;
	CONTEXT_POINTER(struct bpf_sock *, sk);
};
_Static_assert(__builtin_offsetof(struct __sk_buff, sk) == 168, "as the kernel's header has it");

struct bpf_sock_addr {
	__u32 user_family;
	__u32 user_ip4;
	__u32 user_ip6[4];
	__u32 user_port;
	__u32 family;
	__u32 type;
	__u32 protocol;
	__u32 msg_src_ip4;
	__u32 msg_src_ip6[4];
	CONTEXT_POINTER(struct bpf_sock *, sk);
};
_Static_assert(__builtin_offsetof(struct bpf_sock_addr, sk) == 64, "as the kernel's header has it");
