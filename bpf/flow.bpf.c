// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// How a connection that goes out begins: its first few segments with payload, where these look like a protocol that user
// space reads (JSON-RPC, TLS, SOCKS, HTTP with a body or through a proxy). After that the socket is skipped.
//
// What is kept of a socket lives and dies with it, so no table can fill up. A packet may leave in anybody's name (a timer's,
// a neighbour's soft interrupt): whose it is was written down when the process connected.
#include "include/packet.h"
#include "include/record.h"
#include <bpf/bpf_endian.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { AF_INET = 2, AF_INET6 = 10, IPPROTO_TCP = 6, SOCK_STREAM = 1 };
/* the first byte of a TLS handshake's record */
enum { TLS = 0x16 };
enum {
	/* segments with payload that are looked at, and as many more as it takes until these bytes were said */
	MOST_SEGMENTS = 6,
	ENOUGH_BYTES = 512,
	MOST_PIECES = 64,
	MOST_JSON = 2,
	/* what is shorter may be the torn beginning of something: the next is told too */
	TORN = 48,
	SMALL_BYTES = 512,
	/* a TLS hello with a post-quantum key */
	LARGE_BYTES = 2048,
};

struct flow {
	struct tamon_actor owner;
	u32 segments;
	u32 bytes;
	u32 json;
	u32 torn;
	u32 done;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct flow);
} flows SEC(".maps");

static __always_inline int own_flow(struct bpf_sock_addr *address)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct bpf_sock *sk = address->sk;
	struct flow *flow;

	if (!sk || address->type != SOCK_STREAM || is_own(task->tgid))
		return 1;
	flow = bpf_sk_storage_get(&flows, sk, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!flow)
		return 1;
	fill_actor(&flow->owner, task);
	flow->segments = 0;
	flow->bytes = 0;
	flow->json = 0;
	flow->torn = 0;
	flow->done = 0;
	return 1;
}

// int (struct bpf_sock_addr *address): 1 lets the connection be
SEC("cgroup/connect4")
int flow_connect4(struct bpf_sock_addr *address)
{
	return own_flow(address);
}

SEC("cgroup/connect6")
int flow_connect6(struct bpf_sock_addr *address)
{
	return own_flow(address);
}

/* Where the payload of a TCP segment begins; 0 when it has none. */
static __always_inline u32 payload_at(struct __sk_buff *skb)
{
	u8 first, protocol, offset;
	u32 at;

	if (bpf_skb_load_bytes(skb, 0, &first, 1))
		return 0;
	if (first >> 4 == 4) {
		at = (first & 15) * 4;
		if (bpf_skb_load_bytes(skb, 9, &protocol, 1))
			return 0;
	} else {
		at = 40;
		if (bpf_skb_load_bytes(skb, 6, &protocol, 1))
			return 0;
	}
	if (protocol != IPPROTO_TCP || bpf_skb_load_bytes(skb, at + 12, &offset, 1))
		return 0;
	at += (offset >> 4) * 4;
	return at < skb->len ? at : 0;
}

static __always_inline bool telling(u8 first)
{
	switch (first) {
	case '{':
	case '[':
	case ' ': /* blanks before JSON mean nothing to who reads it */
	case '\t':
	case '\r':
	case '\n':
	case TLS:
	case 4:	   /* SOCKS 4, 5 */
	case 5:
	case 'C': /* CONNECT */
	case 'P': /* POST, PROXY */
		return true;
	}
	return false;
}

/*
 * Whether a segment ends before what it says does, so that the next is told too, whatever it begins with. User space joins
 * them: whoever writes byte by byte says no less. Short ones count as torn, a proxy's greetings among them.
 */
static __always_inline bool is_torn(struct __sk_buff *skb, u32 at, u8 first, u32 length)
{
	u8 record[2], last;

	if (length < TORN)
		return true;
	if (first == TLS)
		return !bpf_skb_load_bytes(skb, at + 3, record, 2) && length < 5 + (record[0] << 8 | record[1]);
	if (bpf_skb_load_bytes(skb, skb->len - 1, &last, 1))
		return false;
	return last != '\n' && last != '}' && last != ']';
}

static __always_inline void fill_net(struct tamon_net *net, struct flow *flow, struct bpf_sock *sk)
{
	net->head.boottime = bpf_ktime_get_boot_ns();
	net->head.tag = 0;
	net->head.kind = TAMON_NET;
	net->head.via = TAMON_VIA_SYSCALL;
	net->head.flags = 0;
	net->head.op = TAMON_FLOW;
	net->head.actor = flow->owner;
	__builtin_memset(net->source, 0, sizeof(net->source));
	__builtin_memset(net->destination, 0, sizeof(net->destination));
	net->source_port = sk->src_port;
	net->destination_port = bpf_ntohs(sk->dst_port);
	net->family = sk->family;
	net->protocol = IPPROTO_TCP;
	net->error = 0;
	if (sk->family == AF_INET) {
		*(u32 *)net->source = sk->src_ip4;
		*(u32 *)net->destination = sk->dst_ip4;
		return;
	}
	((u32 *)net->source)[0] = sk->src_ip6[0];
	((u32 *)net->source)[1] = sk->src_ip6[1];
	((u32 *)net->source)[2] = sk->src_ip6[2];
	((u32 *)net->source)[3] = sk->src_ip6[3];
	((u32 *)net->destination)[0] = sk->dst_ip6[0];
	((u32 *)net->destination)[1] = sk->dst_ip6[1];
	((u32 *)net->destination)[2] = sk->dst_ip6[2];
	((u32 *)net->destination)[3] = sk->dst_ip6[3];
}

/* Straight into the ring: a soft interrupt may come between, so that a scratch for each CPU would not be ours alone. */
static __always_inline void tell_flow(struct __sk_buff *skb, struct bpf_sock *sk, struct flow *flow, u32 at, u32 most)
{
	u32 zero = 0;
	u64 length = skb->len - at;
	struct tally *tally = bpf_map_lookup_elem(&tallies, &zero);
	struct tamon_net *net;
	u64 flags;

	if (!tally)
		return;
	net = bpf_ringbuf_reserve(&ring, sizeof(*net) + most, 0);
	if (!net) {
		__sync_fetch_and_add(&tally->lost[CLASS_NETWORK], 1);
		return;
	}
	fill_net(net, flow, sk);
	if (length > most)
		length = most;
	/* Older verifiers learn nothing from a comparison with 0. `most` is a power of two, so what is in range stays. */
	asm volatile("" : "+r"(length));
	length = ((length - 1) & (most - 1)) + 1;
	if (bpf_skb_load_bytes(skb, at, net + 1, length)) {
		bpf_ringbuf_discard(net, BPF_RB_NO_WAKEUP);
		return;
	}
	net->payload = length;
	flags = wake_flag(tally);
	bpf_ringbuf_submit(net, flags);
	__sync_fetch_and_add(&tally->told[CLASS_NETWORK], 1);
}

static __always_inline void look(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct flow *flow;
	u32 at, length;
	bool tell;
	u8 first;

	if (!sk)
		return;
	sk = bpf_sk_fullsock(sk);
	if (!sk || sk->protocol != IPPROTO_TCP)
		return;
	flow = bpf_sk_storage_get(&flows, sk, 0, 0);
	if (!flow || flow->done)
		return;
	at = payload_at(skb);
	if (!at || bpf_skb_load_bytes(skb, at, &first, 1))
		return;
	length = skb->len - at;
	tell = telling(first) || flow->torn;
	flow->bytes += length;
	if (++flow->segments >= MOST_PIECES || (flow->segments >= MOST_SEGMENTS && flow->bytes >= ENOUGH_BYTES))
		flow->done = 1;
	if (!tell) {
		/* something else altogether; behind a proxy's greeting there may be more to come */
		if (flow->segments == 1)
			flow->done = 1;
		return;
	}
	flow->torn = is_torn(skb, at, first, length);
	if (first == TLS && !flow->torn)
		flow->done = 1;
	if (first == '{' && ++flow->json >= MOST_JSON && !flow->torn)
		flow->done = 1;
	if (length <= SMALL_BYTES)
		tell_flow(skb, sk, flow, at, SMALL_BYTES);
	else
		tell_flow(skb, sk, flow, at, LARGE_BYTES);
}

// int (struct __sk_buff *skb): 1 lets the packet pass
SEC("cgroup_skb/egress")
int flow_egress(struct __sk_buff *skb)
{
	look(skb);
	return 1;
}
