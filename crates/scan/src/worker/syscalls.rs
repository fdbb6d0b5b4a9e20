//! The system calls that are left, found by running under strace and kept by the tests: one that is missing ends the
//! worker and a test fails. `tgkill`, `prlimit64` and naming a thread are added, held to that, by `confine`.

use libc::*;

/// Asked for by the C library now and then; answered EACCES.
pub const REFUSED: &[i64] = &[SYS_openat, SYS_newfstatat, SYS_statx, SYS_readlinkat, SYS_faccessat, SYS_faccessat2];

/// What reading, matching, allocating and answering take. `mmap` and `mprotect` without limits on PROT_EXEC: the
/// matcher makes code pages; so this filter keeps an attacker from the kernel's surface, not from running code.
pub const WORKER: &[i64] = &[
    SYS_read,
    SYS_pread64,
    SYS_write,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_ppoll,
    SYS_close,
    SYS_fcntl,
    SYS_fstat,
    SYS_lseek,
    SYS_mmap,
    SYS_munmap,
    SYS_mprotect,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    SYS_futex,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_getrandom,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_restart_syscall,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_gettid,
    SYS_getpid,
    SYS_getrusage,
    SYS_membarrier,
    SYS_rseq,
    SYS_set_robust_list,
    SYS_exit,
    SYS_exit_group,
    #[cfg(target_arch = "x86_64")]
    SYS_poll,
];

/// The same, and what sorting takes: copying from file to file.
pub const COMPILER: &[i64] = &{
    const MORE: [i64; 4] = [SYS_copy_file_range, SYS_sendfile, SYS_splice, SYS_ftruncate];
    let mut all = [0; WORKER.len() + MORE.len()];
    let mut n = 0;
    while n < all.len() {
        all[n] = if n < WORKER.len() { WORKER[n] } else { MORE[n - WORKER.len()] };
        n += 1;
    }
    all
};

/// The worker's, and what bearing a worker takes (its thread, its filter) until that worker drops it.
pub const NURSERY: &[i64] = &[
    SYS_read,
    SYS_pread64,
    SYS_write,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_ppoll,
    SYS_close,
    SYS_fcntl,
    SYS_fstat,
    SYS_lseek,
    SYS_mmap,
    SYS_munmap,
    SYS_mprotect,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    SYS_futex,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_getrandom,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_restart_syscall,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_gettid,
    SYS_getpid,
    SYS_getppid,
    SYS_getrusage,
    SYS_membarrier,
    SYS_rseq,
    SYS_set_robust_list,
    SYS_set_tid_address,
    SYS_exit,
    SYS_exit_group,
    SYS_clone,
    SYS_clone3,
    SYS_wait4,
    SYS_waitid,
    SYS_pidfd_open,
    SYS_prctl,
    SYS_seccomp,
    SYS_ioprio_set,
    SYS_sched_setscheduler,
    SYS_setpriority,
    SYS_setsid,
    #[cfg(target_arch = "x86_64")]
    SYS_poll,
    #[cfg(target_arch = "x86_64")]
    SYS_fork,
];
