//! The enums of records.h. Numbers, not Rust enums: what comes from the ring is checked where it is decoded.

pub mod kind {
    pub const EXEC: u16 = 1;
    pub const FORK: u16 = 2;
    pub const EXIT: u16 = 3;
    pub const FILE: u16 = 4;
    pub const NET: u16 = 5;
    pub const ACT: u16 = 6;
    pub const DONE: u16 = 7;
}

pub mod file_op {
    pub const OPEN_READ: u32 = 1;
    pub const OPEN_WRITE: u32 = 2;
    pub const CREATE: u32 = 3;
    pub const WRITE_CLOSE: u32 = 4;
    pub const RENAME: u32 = 5;
    pub const UNLINK: u32 = 6;
    pub const MKDIR: u32 = 7;
    pub const RMDIR: u32 = 8;
    pub const LINK: u32 = 9;
    pub const SYMLINK: u32 = 10;
    pub const CHMOD: u32 = 11;
    pub const CHOWN: u32 = 12;
    pub const XATTR: u32 = 13;
    pub const TRUNCATE: u32 = 14;
    pub const MKNOD: u32 = 15;
    pub const OPEN_FLAGS: u32 = 16;
}

pub mod net_op {
    pub const CONNECT: u32 = 1;
    pub const ACCEPT: u32 = 2;
    pub const LISTEN: u32 = 3;
    pub const BIND: u32 = 4;
    pub const DNS: u32 = 5;
    pub const FLOW: u32 = 6;
}

pub mod act {
    pub const SET_IDS: u32 = 0;
    pub const SET_CAPS: u32 = 1;
    pub const MODULE: u32 = 2;
    pub const PTRACE: u32 = 3;
    pub const VM_WRITE: u32 = 4;
    pub const MEMFD: u32 = 5;
    pub const WX: u32 = 6;
    pub const MOUNT: u32 = 7;
    pub const UMOUNT: u32 = 8;
    pub const PIVOT_ROOT: u32 = 9;
    pub const CHROOT: u32 = 10;
    pub const UNSHARE: u32 = 11;
    pub const SETNS: u32 = 12;
    pub const BPF_LOAD: u32 = 13;
    pub const URING_SETUP: u32 = 14;
    pub const URING_OP: u32 = 15;
    pub const SYSLOG: u32 = 16;
    pub const REFUSED: u32 = 17;
    pub const OVERSTEPPED: u32 = 18;
}

pub mod refused {
    pub const EXEC: u64 = 1;
    pub const PTRACE: u64 = 2;
    pub const SIGNAL: u64 = 3;
    pub const MODULE: u64 = 4;
}

/// What a profile speaks of.
pub mod confined {
    pub const READ: u32 = 0;
    pub const WRITE: u32 = 1;
    pub const RUN: u32 = 2;
    pub const CONNECT: u32 = 3;
    pub const BIND: u32 = 4;
    pub const USE: u32 = 5;
    pub const MODULE: u32 = 6;
    pub const TRACE: u32 = 7;
    pub const MOUNT: u32 = 8;
    pub const NAMESPACE: u32 = 9;
    pub const SIGNAL: u32 = 10;
    pub const WX: u32 = 11;
    pub const REACH: u32 = 12;
    pub const RAISE: u32 = 13;
}

pub mod overstepped {
    pub const DENIED: u32 = 1;
    pub const ENDED: u32 = 2;
    pub const LET: u32 = 3;
}

pub mod domain_flag {
    pub const INHERIT: u32 = 1;
    pub const TELL: u32 = 2;
    pub const END: u32 = 4;
    pub const OWN_SIGNALS: u32 = 8;
}

pub mod lock_mode {
    pub const OFF: u32 = 0;
    pub const OBSERVES: u32 = 1;
    pub const ENFORCES: u32 = 2;
}

/// Of a lock in the enforce tier.
pub mod lock_flag {
    pub const LIBRARIES: u32 = 1;
    pub const MODULES: u32 = 2;
    pub const TRACING: u32 = 4;
    pub const UNASKED: u32 = 8;
    pub const CLOSED: u32 = 16;
}

pub mod lock_says {
    pub const NOTHING: u32 = 0;
    pub const RUNS: u32 = 1;
    pub const MANAGES: u32 = 2;
    pub const REFUSED: u32 = 3;
}

pub mod content_use {
    pub const PROGRAM: u32 = 1;
    pub const MODULE: u32 = 2;
}

pub mod lock_act {
    pub const EXEC: u32 = 1;
    pub const LIBRARY: u32 = 2;
    pub const MAPPED: u32 = 3;
    pub const MODULE: u32 = 4;
    pub const MODULE_DATA: u32 = 5;
    pub const TRACE: u32 = 6;
    pub const MEMORY: u32 = 7;
    pub const COUNT: u32 = 8;
}

/// Ranges of ports that one address may have.
pub const MOST_PORTS: usize = 16;

pub mod path_flag {
    pub const WHOLE: u32 = 1;
    pub const CUT: u32 = 2;
    pub const DETACHED: u32 = 4;
    pub const UNKNOWN: u32 = 8;
}

pub mod exec_flag {
    pub const DELETED: u32 = 1;
    pub const MEMFD: u32 = 2;
    pub const RAISED: u32 = 4;
    pub const TTY: u32 = 8;
    pub const SCRIPT: u32 = 16;
}

pub mod via {
    pub const SYSCALL: u8 = 0;
    pub const URING: u8 = 1;
}

/// Classes that losses are counted by, in the order of `enum tamon_class`.
pub const CLASSES: usize = 4;
