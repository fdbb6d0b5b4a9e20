/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * The maps that every object shares. The loader makes them with the first object and hands the same ones to the rest. */
#pragma once
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "records.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20); /* the loader sets it */
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tamon_settings);
} settings SEC(".maps");

/* Where a record is put together before it goes to the ring: its size is known only then. One slot for tracing programs,
 * which do not nest, one for the io_uring programs, which run inside a system call. */
enum { SCRATCH_TRACE = 0, SCRATCH_URING = 1, SCRATCH_SLOTS = 2, SCRATCH_BYTES = 24576 };
struct scratch {
	u8 bytes[SCRATCH_BYTES];
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCH_SLOTS);
	__type(key, u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* Lost and told records by class; the order is kernel-abi's. */
enum tamon_class { CLASS_PROCESS, CLASS_FILE, CLASS_NETWORK, CLASS_KERNEL, CLASSES };
struct tally {
	u64 told[CLASSES];
	u64 lost[CLASSES];
	u64 woken_at;
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tally);
} tallies SEC(".maps");

/* Processes whose acts make no record. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, u8);
} own SEC(".maps");

/* Which profile's domain a process is in. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, u32);
} confined SEC(".maps");

/* Handlers by system call number: 64-bit and, for the same kernel's 32-bit programs, i386 numbers. */
#define SYSCALL_TABLE(name)                           \
	struct {                                      \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY); \
		__uint(max_entries, 512);             \
		__type(key, u32);                     \
		__type(value, u32);                   \
	} name SEC(".maps")
SYSCALL_TABLE(enter_64);
SYSCALL_TABLE(enter_32);
SYSCALL_TABLE(exit_64);
SYSCALL_TABLE(exit_32);

/* What a call will have changed once it is done: kept from its entry to its exit, by thread. */
struct before {
	u64 a, b;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct before);
} entered SEC(".maps");

/* One bit for each inode number modulo 4096 that `watched` or `ignored` may hold: most opens end here. */
enum { SIEVE_WORDS = 64 };
struct sieve {
	u64 words[SIEVE_WORDS];
};
enum { SIEVE_WATCHED = 0, SIEVE_IGNORED = 1 };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct sieve);
} sieves SEC(".maps");

/* Directory and name of a watched file; an empty name is every file in it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct tamon_watch);
	__type(value, u8);
} watched SEC(".maps");

/* Directories below which no file is told. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct tamon_place);
	__type(value, u8);
} ignored SEC(".maps");

/* The same as text, for calls that name a file which is no more when they return. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct tamon_prefix);
	__type(value, u8);
} ignored_text SEC(".maps");

/* From 6.2 an address can be read like a pointer that the verifier knows, which costs a tenth of a helper's call. */
static __always_inline bool can_cast(void)
{
	return bpf_ksym_exists(bpf_rdonly_cast);
}

#define FIELD(type, address, field)                                        \
	(can_cast() ? bpf_core_cast((void *)(address), struct type)->field \
		    : BPF_CORE_READ((struct type *)(address), field))
#define FIELD_OF(type, address, field, inner)                                     \
	(can_cast() ? bpf_core_cast((void *)(address), struct type)->field->inner \
		    : BPF_CORE_READ((struct type *)(address), field, inner))

static __always_inline struct tamon_settings *get_settings(void)
{
	u32 zero = 0;
	return bpf_map_lookup_elem(&settings, &zero);
}

/* The number of its domain, 0 for nearly everyone. */
static __always_inline u32 domain_number(u32 tgid)
{
	struct tamon_settings *set = get_settings();
	u32 *number;

	if (!set || !set->confining)
		return 0;
	number = bpf_map_lookup_elem(&confined, &tgid);
	return number ? *number : 0;
}

/* User space beats four times a second; who is silent for so long lives no more, or stalls. */
enum { SILENCE_NS = 2000000000 };

/* The same while profiles hold: without user space's beat they let everybody be, unless policy says that they stay. */
static __always_inline u32 domain_in_force(u32 tgid)
{
	u32 number = domain_number(tgid);
	struct tamon_settings *set = number ? get_settings() : 0;

	if (!set)
		return 0;
	return set->holding || bpf_ktime_get_boot_ns() <= set->beat + SILENCE_NS ? number : 0;
}

static __always_inline void *get_scratch(u32 slot)
{
	return bpf_map_lookup_elem(&scratches, &slot);
}

static __always_inline bool in_sieve(u32 which, u64 ino)
{
	struct sieve *sieve = bpf_map_lookup_elem(&sieves, &which);
	return sieve && (sieve->words[(ino >> 6) & (SIEVE_WORDS - 1)] >> (ino & 63)) & 1;
}
