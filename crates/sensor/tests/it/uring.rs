//! Files and sockets through io_uring, over raw system calls: no handler of a system call sees these.

use crate::watching::{Watching, me};
use event::{EventKind, FileOp, NetworkOp, Via};
use std::ffi::CString;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

const OP_CONNECT: u8 = 16;
const OP_OPENAT: u8 = 18;
const OP_RENAMEAT: u8 = 35;
const OP_UNLINKAT: u8 = 36;
const SQES: i64 = 0x1000_0000;

#[repr(C)]
#[derive(Default)]
struct Params {
    entries: [u32; 2],
    flags: [u32; 4],
    rest: [u32; 4],
    /// head, tail, mask, entries, flags, dropped, array, …
    sq: [u32; 10],
    /// head, tail, mask, entries, overflow, cqes, …
    cq: [u32; 10],
}

#[repr(C)]
#[derive(Default)]
struct Submission {
    opcode: u8,
    flags: u8,
    priority: u16,
    fd: i32,
    offset: u64,
    address: u64,
    length: u32,
    op_flags: u32,
    user_data: u64,
    rest: [u64; 3],
}

pub struct Uring {
    fd: OwnedFd,
    rings: *mut u8,
    submissions: *mut Submission,
    params: Params,
}

impl Uring {
    pub fn new() -> Uring {
        let mut params = Params::default();
        // SAFETY: `params` has the 120 bytes of struct io_uring_params.
        let fd = unsafe { libc::syscall(libc::SYS_io_uring_setup, 8, &raw mut params) } as i32;
        assert!(fd >= 0, "{}", std::io::Error::last_os_error());
        // SAFETY: the kernel has just made it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        let map = |length, offset| {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            // SAFETY: a new mapping of the ring, held until the test's process ends.
            let at =
                unsafe { libc::mmap(ptr::null_mut(), length, protection, libc::MAP_SHARED, fd.as_raw_fd(), offset) };
            assert_ne!(at, libc::MAP_FAILED);
            at
        };
        let (rings, submissions) = (map(4096, 0).cast(), map(4096, SQES).cast());
        Uring { fd, rings, submissions, params }
    }

    fn word(&self, offset: u32) -> &AtomicU32 {
        // SAFETY: the kernel gave the offset of an aligned word within the mapping.
        unsafe { &*self.rings.add(offset as usize).cast::<AtomicU32>() }
    }

    /// Submits one request and waits for its result.
    fn run(&mut self, submission: Submission) -> i32 {
        let tail = self.word(self.params.sq[1]).load(Ordering::Acquire);
        let slot = tail & 7;
        // SAFETY: eight entries are mapped, and nothing is under way.
        unsafe { self.submissions.add(slot as usize).write(submission) };
        self.word(self.params.sq[6] + 4 * slot).store(slot, Ordering::Release);
        self.word(self.params.sq[1]).store(tail + 1, Ordering::Release);
        // SAFETY: submits what was just written; no pointers but those in the entry, which the callers keep alive.
        let done =
            unsafe { libc::syscall(libc::SYS_io_uring_enter, self.fd.as_raw_fd(), 1, 1, 1, ptr::null::<u8>(), 0) };
        assert_eq!(done, 1);
        let head = self.word(self.params.cq[0]).load(Ordering::Acquire);
        let at = self.params.cq[5] + 16 * (head & self.word(self.params.cq[2]).load(Ordering::Acquire)) + 8;
        let result = self.word(at).load(Ordering::Acquire) as i32;
        self.word(self.params.cq[0]).store(head + 1, Ordering::Release);
        result
    }
}

#[test]
fn files_through_io_uring_are_told_when_they_succeed() {
    let mut watching = Watching::start();
    let mut ring = Uring::new();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| CString::new(folder.path().join(name).to_str().unwrap()).unwrap();
    let (made, moved, missing) = (at("made"), at("moved"), at("missing"));
    let path = |path: &CString| path.as_ptr() as u64;
    let flags = (libc::O_CREAT | libc::O_WRONLY) as u32;
    let open = Submission {
        opcode: OP_OPENAT,
        fd: -100,
        address: path(&made),
        length: 0o600,
        op_flags: flags,
        ..Default::default()
    };
    assert!(ring.run(open) >= 0);
    let rename = Submission {
        opcode: OP_RENAMEAT,
        fd: -100,
        address: path(&made),
        length: -100i32 as u32,
        offset: path(&moved),
        ..Default::default()
    };
    assert_eq!(ring.run(rename), 0);
    let unlink =
        |name: &CString| Submission { opcode: OP_UNLINKAT, fd: -100, address: path(name), ..Default::default() };
    assert_eq!(ring.run(unlink(&missing)), -libc::ENOENT);
    assert_eq!(ring.run(unlink(&moved)), 0);
    let mut find = |op: &FileOp, name: &CString| {
        watching.find(me(), |seen| match &seen.what {
            event::Observed::Other(EventKind::File(event)) if seen.via == Via::IoUring => {
                (event.op == *op && *event.file.path == *name.to_str().unwrap()).then_some(())
            }
            _ => None,
        })
    };
    find(&FileOp::Create, &made);
    find(&FileOp::Rename { from: made.to_str().unwrap().into() }, &moved);
    find(&FileOp::Unlink, &moved);
    assert!(!watching.of(me()).any(|seen| format!("{:?}", seen.what).contains("/missing")));
}

#[test]
fn a_connect_through_io_uring_has_its_result() {
    let mut watching = Watching::start();
    let mut ring = Uring::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap().port();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (port, expected) in [(open, 0), (closed, libc::ECONNREFUSED)] {
        // SAFETY: a plain system call; the descriptor is owned below.
        let socket = unsafe { OwnedFd::from_raw_fd(libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0)) };
        let address = libc::sockaddr_in {
            sin_family: libc::AF_INET as u16,
            sin_port: port.to_be(),
            sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes([127, 0, 0, 1]) },
            sin_zero: [0; 8],
        };
        let connect = Submission {
            opcode: OP_CONNECT,
            fd: socket.as_raw_fd(),
            address: (&raw const address) as u64,
            offset: size_of_val(&address) as u64,
            ..Default::default()
        };
        assert_eq!(ring.run(connect), -expected);
        let event = watching.find(me(), |seen| match &seen.what {
            event::Observed::Other(EventKind::Network(event)) if seen.via == Via::IoUring => {
                (event.op == NetworkOp::Connect && event.destination?.port == port).then(|| event.clone())
            }
            _ => None,
        });
        assert_eq!((event.error, event.transport), (expected, event::Transport::Tcp));
    }
}
