/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * The kernel's types, trimmed to the fields that Tamon reads. Offsets come from the running kernel's BTF when an object
 * is loaded (CO-RE), so order, padding and missing fields do not matter here. Where a field changed its name or its type
 * between 6.1 and now, a flavour of the struct (the part of a name after three underscores is ignored) has the other one. */
#pragma once

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef _Bool bool;
enum { false = 0, true = 1 };

/* include/uapi/linux/bpf.h: only what we name. */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PROG_ARRAY = 3,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_LPM_TRIE = 11,
	BPF_MAP_TYPE_SK_STORAGE = 24,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_INODE_STORAGE = 28,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};
enum { BPF_ANY = 0, BPF_NOEXIST = 1, BPF_EXIST = 2 };
enum { BPF_F_NO_PREALLOC = 1 };
enum { BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum { BPF_RB_AVAIL_DATA = 0 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next, *prev;
};
struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};
typedef struct {
	int counter;
} atomic_t;
typedef struct {
	s64 counter;
} atomic64_t;

typedef struct {
	u32 val;
} kuid_t;
typedef struct {
	u32 val;
} kgid_t;
typedef struct {
	u64 val;
} kernel_cap_t;

struct qstr {
	u32 hash;
	u32 len;
	const unsigned char *name;
};
struct super_block {
	u32 s_dev;
	unsigned long s_magic;
};
struct inode {
	unsigned short i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
	s64 i_size;
	/* 6.13 and later */
	s64 i_ctime_sec;
	u32 i_ctime_nsec;
};
struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
};
struct inode___before_6_6 {
	struct timespec64 i_ctime;
};
struct inode___6_6 {
	struct timespec64 __i_ctime;
};
struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};
struct vfsmount {
	struct dentry *mnt_root;
};
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
typedef struct {
	atomic64_t refcnt;
} file_ref_t;
struct file {
	unsigned int f_mode;
	void *private_data;
	struct inode *f_inode;
	struct path f_path;
	/* 6.13 and later: one less than the references */
	file_ref_t f_ref;
};
struct file___before_6_13 {
	atomic64_t f_count;
};
struct fdtable {
	unsigned int max_fds;
	struct file **fd;
	unsigned long *open_fds;
};
struct files_struct {
	atomic_t count;
	struct fdtable *fdt;
};
struct fs_struct {
	struct path root;
	struct path pwd;
};

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t euid;
	kgid_t egid;
	kernel_cap_t cap_permitted;
	kernel_cap_t cap_effective;
};
struct ns_common {
	unsigned int inum;
};
struct pid_namespace {
	struct ns_common ns;
};
struct mnt_namespace {
	struct ns_common ns;
};
struct nsproxy {
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
};
struct upid {
	int nr;
	struct pid_namespace *ns;
};
struct pid {
	unsigned int level;
	struct upid numbers[1];
};
struct tty_struct;
struct signal_struct {
	atomic_t live;
	struct tty_struct *tty;
};
struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
};
struct thread_info {
	u32 status;
};
struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	struct mm_struct *mm;
	int exit_code;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct list_head ptraced;
	struct list_head ptrace_entry;
	struct pid *thread_pid;
	u64 start_boottime;
	const struct cred *real_cred;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	kuid_t loginuid;
	unsigned int sessionid;
};
struct linux_binprm {
	unsigned int secureexec : 1;
	struct file *file;
	struct cred *cred;
	const char *filename;
	const char *interp;
};
struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	struct file *vm_file;
	void *anon_vma;
};
struct module {
	char name[56];
};
struct kernel_siginfo {
	int si_code;
};

struct pt_regs {
	unsigned long bp;
	unsigned long bx;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
};

struct in6_addr {
	u8 in6_u[16];
};
struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	u16 skc_num;
	unsigned short skc_family;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};
struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
	u16 sk_type;
};
struct socket {
	struct sock *sk;
};
struct unix_sock {
	struct path path;
	struct sock *peer;
};

/* io_uring: what an opcode keeps in the request. */
struct filename {
	const char *name;
};
struct io_cqe {
	int fd;
};
struct io_kiocb {
	struct file *file;
	u8 opcode;
	struct io_cqe cqe;
	/* 32 bits in 6.1, 64 later */
	u64 flags;
	void *async_data;
};
struct io_uring_cqe {
	s32 res;
};
struct open_how {
	u64 flags;
};
struct io_open {
	int dfd;
	struct filename *filename;
	struct open_how how;
};
struct io_rename {
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
};
struct io_unlink {
	int dfd;
	int flags;
	struct filename *filename;
};
struct io_mkdir {
	int dfd;
	struct filename *filename;
};
struct io_link {
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
};
struct io_connect {
	void *addr;
	int addr_len;
};
struct io_sr_msg {
	void *buf;
	int len;
};
struct __kernel_sockaddr_storage {
	u8 bytes[128];
};
struct io_async_msghdr {
	struct __kernel_sockaddr_storage addr;
};

#pragma clang attribute pop
