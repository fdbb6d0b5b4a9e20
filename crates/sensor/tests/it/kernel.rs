//! Privilege, memory, other processes, namespaces. Acts that would change this process for good are done by a child.

use crate::watching::{Watching, me};
use event::{EventKind, ExecutableMemory, IoUring, NamespaceChange, PrivilegeChange, ProcessAccess};
use std::process::{Child, Command, Stdio};

/// Runs `act` in a forked child, which then exits; gives its pid.
fn in_child(act: impl FnOnce()) -> u32 {
    // SAFETY: the child makes only system calls that need no lock of another thread, and leaves by _exit.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0);
    if pid == 0 {
        act();
        // SAFETY: ends the child without running anything of the parent's.
        unsafe { libc::_exit(0) };
    }
    // SAFETY: waits for the child just made.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
    pid as u32
}

fn sleeper() -> Child {
    Command::new("/bin/sleep").arg("60").stdin(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_changed_identity_shows_both() {
    let mut watching = Watching::start();
    // SAFETY: plain system calls.
    let pid = in_child(|| unsafe {
        libc::setresgid(65534, 65534, 65534);
        libc::setresuid(65534, 65534, 65534);
    });
    let (from, to) = watching.find_kind(pid, |kind| match kind {
        EventKind::Privilege(PrivilegeChange::Identity { from, to }) if to.uid == 65534 => Some((*from, *to)),
        _ => None,
    });
    assert_eq!((from.uid, from.euid, from.gid), (0, 0, 65534));
    assert_eq!((to.euid, to.gid, to.egid), (65534, 65534, 65534));
}

#[test]
fn a_ptrace_attach_names_its_target() {
    let mut watching = Watching::start();
    let mut target = sleeper();
    let id = target.id();
    let pid = in_child(|| {
        // SAFETY: seizes a process that this test started; nothing is written to it.
        unsafe { libc::ptrace(libc::PTRACE_SEIZE, id as libc::pid_t, 0, 0) };
    });
    let key = watching.find_kind(pid, |kind| match kind {
        EventKind::Access(ProcessAccess::Ptrace { request: 0x4206, target, .. }) => Some(*target),
        _ => None,
    });
    let snapshot = watching.sensor.snapshot().unwrap();
    let seen = snapshot.iter().find(|p| p.actor.tgid == id).unwrap();
    assert_eq!(key.tgid, id);
    assert_eq!(key.start_ticks, seen.actor.start_boottime_ns / event::ids::NANOS_PER_TICK);
    target.kill().unwrap();
    target.wait().unwrap();
}

#[test]
fn a_write_into_another_process_is_counted_in_bytes() {
    let mut watching = Watching::start();
    let mut target = 0u64;
    let source = 7u64;
    let local = libc::iovec { iov_base: (&raw const source).cast_mut().cast(), iov_len: 8 };
    let remote = libc::iovec { iov_base: (&raw mut target).cast(), iov_len: 8 };
    // SAFETY: both vectors point at live variables of 8 bytes, of this very process.
    let written = unsafe { libc::process_vm_writev(me() as libc::pid_t, &local, 1, &remote, 1, 0) };
    assert_eq!(written, 8);
    let (key, bytes) = watching.find_kind(me(), |kind| match kind {
        EventKind::Access(ProcessAccess::VmWrite { target, bytes, .. }) => Some((*target, *bytes)),
        _ => None,
    });
    assert_eq!((key.tgid, bytes), (me(), 8));
    assert!(key.start_ticks > 0);
}

#[test]
fn memory_that_is_written_and_run() {
    let mut watching = Watching::start();
    let map = |protection| {
        // SAFETY: new anonymous memory at an address the kernel picks.
        unsafe { libc::mmap(std::ptr::null_mut(), 8192, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0) }
    };
    let both = map(libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC);
    let later = map(libc::PROT_READ | libc::PROT_WRITE);
    // SAFETY: the page was just mapped, writable.
    unsafe { later.cast::<u8>().write(0xc3) };
    // SAFETY: changes that page only.
    assert_eq!(unsafe { libc::mprotect(later, 4096, libc::PROT_READ | libc::PROT_EXEC) }, 0);
    for (at, prot) in [(both, 7), (later, 5)] {
        watching.find_kind(me(), |kind| match kind {
            EventKind::Memory(ExecutableMemory::WriteExecute { address, protection, path: None, .. }) => {
                (*address == at as u64 && *protection == prot).then_some(())
            }
            _ => None,
        });
        // SAFETY: unmaps what this test mapped.
        unsafe { libc::munmap(at, 8192) };
    }
}

#[test]
fn a_memfd_has_its_name() {
    let mut watching = Watching::start();
    // SAFETY: a literal name; the descriptor is closed below.
    let fd = unsafe { libc::memfd_create(c"tamon-test".as_ptr(), 0) };
    // SAFETY: closes the descriptor just made.
    unsafe { libc::close(fd) };
    watching.find_kind(me(), |kind| match kind {
        EventKind::Memory(ExecutableMemory::MemfdCreate { name }) => (**name == *"tamon-test").then_some(()),
        _ => None,
    });
}

#[test]
fn namespaces_mounts_and_roots() {
    let mut watching = Watching::start();
    let folder = tempfile::tempdir().unwrap();
    let path = std::ffi::CString::new(folder.path().to_str().unwrap()).unwrap();
    // SAFETY: plain system calls over NUL-terminated strings, in a mount namespace of the child's own.
    let pid = in_child(|| unsafe {
        libc::unshare(libc::CLONE_NEWNS);
        libc::mount(
            std::ptr::null(),
            c"/".as_ptr(),
            std::ptr::null(),
            libc::MS_REC | libc::MS_PRIVATE,
            std::ptr::null(),
        );
        libc::mount(c"none".as_ptr(), path.as_ptr(), c"tmpfs".as_ptr(), 0, std::ptr::null());
        libc::umount2(path.as_ptr(), 0);
        libc::chroot(path.as_ptr());
    });
    let wanted = folder.path().to_str().unwrap();
    let mut find = |is: &dyn Fn(&NamespaceChange) -> bool| {
        watching.find_kind(pid, |kind| match kind {
            EventKind::Namespace(change) => is(change).then_some(()),
            _ => None,
        });
    };
    find(&|change| matches!(change, NamespaceChange::Unshare { flags } if *flags == libc::CLONE_NEWNS as u64));
    find(&|change| {
        matches!(change, NamespaceChange::Mount { source, target, fs_type, .. }
        if **source == *"none" && **target == *wanted && **fs_type == *"tmpfs")
    });
    find(&|change| matches!(change, NamespaceChange::Unmount { target } if **target == *wanted));
    find(&|change| matches!(change, NamespaceChange::Chroot { path } if **path == *wanted));
}

#[test]
fn a_bpf_load_is_told() {
    let mut watching = Watching::start();
    let _other = sensor::probe(None);
    watching.find_kind(me(), |kind| match kind {
        EventKind::Bpf(bpf) => (bpf.command == 5 && bpf.program_type != 0).then_some(()),
        _ => None,
    });
}

#[test]
fn an_io_uring_is_told_when_it_is_set_up() {
    let mut watching = Watching::start();
    let _ring = crate::uring::Uring::new();
    watching.find_kind(me(), |kind| match kind {
        EventKind::IoUring(IoUring::Setup { entries }) => (*entries == 8).then_some(()),
        _ => None,
    });
}
