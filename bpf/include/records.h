/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * What the kernel half writes into the ring. Each record begins with a tamon_head; its variable bytes follow its fixed
 * part in the order of its length fields. crates/kernel-abi has the same in Rust; a test compares both through BTF. */
#pragma once

enum tamon_kind {
	TAMON_EXEC = 1,
	TAMON_FORK = 2,
	TAMON_EXIT = 3,
	TAMON_FILE = 4,
	TAMON_NET = 5,
	TAMON_ACT = 6,
	/* how an io_uring request with this tag ended; op is the result */
	TAMON_DONE = 7,
};

enum tamon_file_op {
	TAMON_OPEN_READ = 1,
	TAMON_OPEN_WRITE,
	TAMON_CREATE,
	TAMON_WRITE_CLOSE,
	TAMON_RENAME,
	TAMON_UNLINK,
	TAMON_MKDIR,
	TAMON_RMDIR,
	TAMON_LINK,
	TAMON_SYMLINK,
	TAMON_CHMOD,
	TAMON_CHOWN,
	TAMON_XATTR,
	TAMON_TRUNCATE,
	TAMON_MKNOD,
	/* io_uring: opened with these flags, the file not seen */
	TAMON_OPEN_FLAGS,
};

enum tamon_net_op {
	TAMON_CONNECT = 1,
	TAMON_ACCEPT,
	TAMON_LISTEN,
	TAMON_BIND,
	TAMON_DNS,
	/* the first bytes of a connection that went out, of whoever opened it; payload: the bytes */
	TAMON_FLOW,
};

enum tamon_act_op {
	TAMON_SET_IDS,	/* n: uid<<32|gid before, euid<<32|egid before, the same two after */
	TAMON_SET_CAPS,		/* n: effective before, after */
	TAMON_MODULE,		/* p: name, file */
	TAMON_PTRACE,		/* n: request, target tgid, target start, caller's word for it */
	TAMON_VM_WRITE,		/* n: 0, target tgid or 0, target start or 0, caller's word for it; bytes */
	TAMON_MEMFD,		/* p: name */
	TAMON_WX,		/* n: address, length, protection; p: file */
	TAMON_MOUNT,		/* n: flags; p: source, target, type */
	TAMON_UMOUNT,		/* p: target */
	TAMON_PIVOT_ROOT,	/* p: new root */
	TAMON_CHROOT,		/* p: path */
	TAMON_UNSHARE,		/* n: flags */
	TAMON_SETNS,		/* n: kind */
	TAMON_BPF_LOAD,		/* n: command, program type; p: name */
	TAMON_URING_SETUP,	/* n: entries */
	TAMON_URING_OP,		/* n: opcode */
	TAMON_SYSLOG,		/* n: action */
	TAMON_REFUSED,		/* n: enum tamon_refused, inode, size, ctime, dev; p: file */
	TAMON_OVERSTEPPED,	/* n: enum tamon_confined and how<<32, domain, number, address; p: file */
};

/* What the enforce tier did not let happen. */
enum tamon_refused { TAMON_NO_EXEC = 1, TAMON_NO_PTRACE, TAMON_NO_SIGNAL, TAMON_NO_MODULE };

/* What a profile speaks of; the first five and sockets that are reached have a list. The number of an overstepped act is a port, a capability, the tgid
 * of whom it was done to. */
enum tamon_confined {
	TAMON_MAY_READ,
	TAMON_MAY_WRITE,
	TAMON_MAY_RUN,
	TAMON_MAY_CONNECT,
	TAMON_MAY_BIND,
	TAMON_MAY_USE,
	TAMON_MAY_MODULE,
	TAMON_MAY_TRACE,
	TAMON_MAY_MOUNT,
	TAMON_MAY_NAMESPACE,
	TAMON_MAY_SIGNAL,
	TAMON_MAY_WX,
	TAMON_MAY_REACH,
	TAMON_MAY_RAISE,
};

/* How an overstepped act ended. */
enum tamon_overstepped { TAMON_WAS_DENIED = 1, TAMON_WAS_ENDED = 2, TAMON_WAS_LET = 3 };

/* tamon_path.flags */
enum {
	TAMON_PATH_WHOLE = 1,	 /* the walk reached the root */
	TAMON_PATH_CUT = 2,	 /* it did not fit */
	TAMON_PATH_DETACHED = 4, /* no name leads there: memfd, pipe, lazily unmounted */
	TAMON_PATH_UNKNOWN = 8,	 /* the caller's memory could not be read */
};

/* tamon_exec.flags */
enum {
	TAMON_EXEC_DELETED = 1,
	TAMON_EXEC_MEMFD = 2,
	TAMON_EXEC_RAISED = 4,
	TAMON_EXEC_TTY = 8,
	TAMON_EXEC_SCRIPT = 16,
};

enum { TAMON_VIA_SYSCALL = 0, TAMON_VIA_URING = 1 };

struct tamon_actor {
	u64 start;
	u64 parent_start;
	u64 cgroup;
	u32 tgid;
	u32 tid;
	u32 parent_tgid;
	u32 uid;
	u32 gid;
	u32 euid;
	u32 egid;
	/* depth of the pid namespace; 0 is the host's */
	u32 pid_level;
};

struct tamon_head {
	u64 boottime;
	/* of an io_uring request whose end is to come; 0 for what is done */
	u64 tag;
	u16 kind;
	u8 via;
	u8 flags;
	u32 op;
	struct tamon_actor actor;
};

/* Two runs of bytes: `text` as the caller gave it, then `walk`: components from the leaf to the root, each with a NUL. A
 * relative text hangs below the walk; without text the walk is all. */
struct tamon_path {
	u16 text;
	u16 walk;
	u32 flags;
};

struct tamon_identity {
	u64 ino;
	u64 size;
	u64 ctime;
	/* major << 20 | minor, as the kernel has it */
	u32 dev;
	u32 mode;
	u32 uid;
	u32 gid;
};

struct tamon_exec {
	struct tamon_head head;
	struct tamon_identity file;
	u64 capabilities;
	u64 args_total;
	u32 login;
	u32 session;
	u32 pid_ns;
	u32 mnt_ns;
	u32 flags;
	u16 requested;
	u16 interp;
	u32 args;
	u32 reserved;
	struct tamon_path exe;
	struct tamon_path cwd;
	char comm[16];
	/* bytes: exe, cwd, requested, interp, args */
};

struct tamon_fork {
	struct tamon_head head;
	u64 child_start;
	u64 clone_flags;
	u32 child_tgid;
	u32 reserved;
};

struct tamon_exit {
	struct tamon_head head;
	u32 status;
	u32 reserved;
};

struct tamon_file {
	struct tamon_head head;
	struct tamon_identity file;
	u64 arg;
	struct tamon_path path;
	struct tamon_path other;
	/* bytes: path, other */
};

struct tamon_net {
	struct tamon_head head;
	u8 source[16];
	u8 destination[16];
	/* host byte order */
	u16 source_port;
	u16 destination_port;
	u16 family;
	u16 protocol;
	s32 error;
	u32 payload;
	/* bytes: payload */
};

struct tamon_event {
	struct tamon_head head;
	u64 n[5];
	struct tamon_path p[3];
	/* bytes: p[0], p[1], p[2] */
};

struct tamon_settings {
	/* wall clock minus boot clock */
	u64 wall_offset;
	/* bytes waiting from which a record wakes the reader */
	u64 wake_at;
	/* boot clock when user space was last alive */
	u64 beat;
	u32 ignored_directories;
	u32 own_children;
	/* profiles are in force */
	u32 confining;
	/* they hold although user space is silent */
	u32 holding;
};

/* A directory whose files are watched, or below which nothing is told. */
struct tamon_place {
	u64 ino;
	u32 dev;
	u32 reserved;
};

struct tamon_watch {
	u64 ino;
	u32 dev;
	u32 reserved;
	char name[64];
};

struct tamon_prefix {
	u32 bits;
	char text[64];
};

/* What of a profile the kernel half knows. Bits are by enum tamon_confined. */
struct tamon_domain {
	u64 capabilities;
	/* spoken of at all */
	u32 speaks;
	/* what no entry names is denied */
	u32 closed;
	/* refused, not only told */
	u32 enforced;
	u32 flags;
};

/* tamon_domain.flags */
enum {
	/* descendants stay in it whatever they run */
	TAMON_DOMAIN_INHERIT = 1,
	/* files are told when they are read first, addresses of datagrams when they are reached first */
	TAMON_DOMAIN_TELL = 2,
	/* the tier has no hook that refuses: who oversteps is ended before it can use what it got */
	TAMON_DOMAIN_END = 4,
	/* may signal only its own */
	TAMON_DOMAIN_OWN_SIGNALS = 8,
};

/* Key of an entry about a path: bits of what follows, domain << 3 | enum tamon_confined, text; with its NUL where the very
 * path is meant. */
struct tamon_path_entry {
	u32 bits;
	u32 list;
	char text[248];
};

/* The same about an address; IPv4 as IPv6 has it. */
struct tamon_net_entry {
	u32 bits;
	u32 list;
	u8 address[16];
};

enum { TAMON_MOST_PORTS = 16 };
struct tamon_ports {
	u32 count;
	/* bit by bit whether the range is allowed */
	u32 allowed;
	u16 first[TAMON_MOST_PORTS];
	u16 last[TAMON_MOST_PORTS];
};

struct tamon_program {
	u64 ino;
	u32 dev;
	u32 reserved;
};

struct tamon_entry {
	/* only in this control group; 0 is anywhere */
	u64 cgroup;
	u32 domain;
	u32 reserved;
};

/* A lock in the enforce tier. */
struct tamon_lock {
	/* boot clock, when the agent last said that it lives */
	u64 beat;
	/* enum tamon_lock_mode */
	u32 mode;
	/* enum tamon_lock_flag */
	u32 flags;
	/* answers of an older one do not count */
	u32 generation;
	/* of the host, where package managers are at home */
	u32 mnt_ns;
};

/* What is mapped unasked is told while a lock only observes, too. */
enum tamon_lock_mode { TAMON_LOCK_OFF, TAMON_LOCK_OBSERVES, TAMON_LOCK_ENFORCES };

enum tamon_lock_flag {
	/* code is mapped from files that were found to be unknown, or were never asked about */
	TAMON_LOCK_LIBRARIES = 1,
	TAMON_LOCK_MODULES = 2,
	/* nobody attaches to another process, or writes to memory through /proc */
	TAMON_LOCK_TRACING = 4,
	/* a program that nobody was asked about does not run */
	TAMON_LOCK_UNASKED = 8,
	/* holds without the agent */
	TAMON_LOCK_CLOSED = 16,
};

/* What was answered about a file; it stands on the inode. */
struct tamon_answer {
	u32 generation;
	/* enum tamon_says */
	u32 says;
	/* how often the file had been touched when it was looked at */
	u32 touched;
	u32 reserved;
};

enum tamon_says {
	TAMON_SAYS_NOTHING,
	TAMON_SAYS_RUNS,
	/* and who runs it as root on the host changes packages: its children are not asked about */
	TAMON_SAYS_MANAGES,
	TAMON_SAYS_REFUSED,
	/* user space was told of it and has not answered yet */
	TAMON_SAYS_TOLD,
};

/* A file's content, for what must be known when its inode has left the memory. */
struct tamon_content {
	u64 ino;
	u64 size;
	u64 ctime;
	u64 dev;
};

/* What a content may be used as. */
enum tamon_content_use { TAMON_AS_PROGRAM = 1, TAMON_AS_MODULE = 2 };

/* What a lock tells of: a tamon_event whose op is this; n: inode, size, ctime, dev; p: file. All but the mapping were
 * refused. */
enum tamon_lock_act {
	TAMON_LOCKED_EXEC = 1,
	TAMON_LOCKED_LIBRARY,
	/* let be, for user space to look at */
	TAMON_LOCK_MAPPED,
	TAMON_LOCKED_MODULE,
	/* a module that came from memory */
	TAMON_LOCKED_MODULE_DATA,
	TAMON_LOCKED_TRACE,
	TAMON_LOCKED_MEMORY,
	TAMON_LOCK_ACTS,
};
