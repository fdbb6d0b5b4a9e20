//! The kernel's proc connector: a netlink socket that tells fork, exec, exit, identity changes and ptrace.
//!
//! A message is a netlink header (16 bytes), a connector header (20) and `struct proc_event` (linux/cn_proc.h): what, cpu,
//! CLOCK_MONOTONIC nanoseconds, then numbers by kind. Fields are read at their offsets; a short message is passed over.

use crate::{clock, proc};
use event::{
    Actor, BootId, Credentials, EventKind, Observation, Observed, PrivilegeChange, ProcessAccess, ProcessKey, Via,
};
use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

const NETLINK_CONNECTOR: i32 = 11;
const CN_IDX_PROC: u32 = 1;
const HEADERS: usize = 36;
const FORK: u32 = 1;
const EXEC: u32 = 2;
const UID: u32 = 4;
const GID: u32 = 0x40;
const PTRACE: u32 = 0x100;
const EXIT: u32 = 0x8000_0000;
const PTRACE_ATTACH: u32 = 16;
const RECEIVE_BUFFER: i32 = 8 << 20;

/// As /proc shows them: whose identity nobody knew would count as root's.
fn everybodys() -> io::Result<HashMap<u32, Credentials>> {
    Ok(proc::snapshot()?.into_iter().map(|seen| (seen.actor.tgid, seen.actor.credentials)).collect())
}

pub(super) struct Connector {
    socket: OwnedFd,
    buffer: Vec<u8>,
    boot: BootId,
    /// Adding it makes the kernel's CLOCK_MONOTONIC a CLOCK_BOOTTIME.
    slept_ns: u64,
    /// Last known, to tell what an identity change changed.
    credentials: HashMap<u32, Credentials>,
    /// Times the socket's buffer overflowed; each is one or more messages.
    pub overflows: u64,
}

impl Connector {
    pub fn open() -> io::Result<Connector> {
        let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // SAFETY: a plain system call; the result is checked.
        let fd = check(unsafe { libc::socket(libc::AF_NETLINK, kind, NETLINK_CONNECTOR) })?;
        // SAFETY: the kernel has just made the descriptor for us.
        let socket = unsafe { OwnedFd::from_raw_fd(fd) };
        bind(&socket)?;
        enlarge(&socket);
        listen(&socket)?;
        Ok(Connector {
            socket,
            buffer: vec![0; 64 << 10],
            boot: proc::boot_id(),
            slept_ns: clock::boottime().saturating_sub(clock::monotonic()),
            credentials: everybodys()?,
            overflows: 0,
        })
    }

    pub fn drain(&mut self, sink: &mut dyn FnMut(Observation)) {
        loop {
            // SAFETY: the buffer is ours and as long as said.
            let got =
                unsafe { libc::recv(self.socket.as_raw_fd(), self.buffer.as_mut_ptr().cast(), self.buffer.len(), 0) };
            if got <= 0 {
                if io::Error::last_os_error().raw_os_error() == Some(libc::ENOBUFS) && got < 0 {
                    self.overflows += 1;
                    continue;
                }
                return;
            }
            let message = self.buffer[..got as usize].to_vec();
            if let Some(seen) = message.get(HEADERS..).and_then(|event| self.decode(event)) {
                sink(seen);
            }
        }
    }

    fn decode(&mut self, event: &[u8]) -> Option<Observation> {
        let word = |at: usize| Some(u32::from_ne_bytes(event.get(at..at + 4)?.try_into().ok()?));
        let time = u64::from_ne_bytes(event.get(8..16)?.try_into().ok()?);
        // pid and tgid of who acts; for a fork, of the parent.
        let (pid, tgid) = (word(16)?, word(20)?);
        let mut actor = Actor { tgid, tid: pid, ..Actor::default() };
        let what = match word(0)? {
            FORK if word(24)? == word(28)? => {
                let child_tgid = word(28)?;
                if let Some(own) = self.credentials.get(&tgid).copied() {
                    self.remember(child_tgid, own);
                }
                let child_start_boottime_ns = proc::Stat::of(child_tgid).map_or(0, |stat| stat.start_boottime_ns());
                Observed::Fork { child_tgid, child_start_boottime_ns, namespace_flags: 0 }
            }
            EXEC => self.exec(tgid, &mut actor),
            EXIT if pid == tgid => {
                self.credentials.remove(&tgid);
                Observed::Exit { status: word(24)? }
            }
            UID => {
                let (own, effective) = (word(24)?, word(28)?);
                self.identity(tgid, |to| (to.uid, to.euid) = (own, effective))?
            }
            GID => {
                let (own, effective) = (word(24)?, word(28)?);
                self.identity(tgid, |to| (to.gid, to.egid) = (own, effective))?
            }
            PTRACE if word(28)? != 0 => {
                let target = tgid;
                actor = Actor { tgid: word(28)?, tid: word(24)?, ..Actor::default() };
                self.traced(target)
            }
            _ => return None,
        };
        Some(Observation { boottime_ns: time + self.slept_ns, actor, via: Via::Syscall, what })
    }

    /// What the process is now: it may have gone, or gone on to another program, since it was told.
    fn exec(&mut self, tgid: u32, actor: &mut Actor) -> Observed {
        let Some(mut process) = proc::process(tgid) else { return Observed::Exec(Box::default()) };
        let parent = process.actor.parent_tgid;
        process.actor.parent_start_boottime_ns = proc::Stat::of(parent).map_or(0, |stat| stat.start_boottime_ns());
        self.remember(tgid, process.actor.credentials);
        *actor = process.actor;
        Observed::Exec(Box::new(process.exec))
    }

    fn identity(&mut self, tgid: u32, change: impl FnOnce(&mut Credentials)) -> Option<Observed> {
        let from = self.credentials.get(&tgid).copied().unwrap_or_default();
        let mut to = from;
        change(&mut to);
        self.remember(tgid, to);
        (from != to).then_some(Observed::Other(EventKind::Privilege(PrivilegeChange::Identity { from, to })))
    }

    fn remember(&mut self, tgid: u32, credentials: Credentials) {
        // Exits that were lost leave entries behind; starting anew is cheaper than growing for ever.
        if self.credentials.len() > 65_536 {
            self.credentials = everybodys().unwrap_or_else(|error| {
                tracing::error!(%error, "who the processes are is not known any more");
                HashMap::new()
            });
        }
        self.credentials.insert(tgid, credentials);
    }

    fn traced(&self, target: u32) -> Observed {
        let start = proc::Stat::of(target).map_or(0, |stat| stat.start_boottime_ns());
        Observed::Other(EventKind::Access(ProcessAccess::Ptrace {
            request: PTRACE_ATTACH,
            target: ProcessKey::from_boottime(self.boot, target, start),
            target_executable: "".into(),
        }))
    }
}

impl AsFd for Connector {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn bind(socket: &OwnedFd) -> io::Result<()> {
    // SAFETY: all zero is a value of this plain C struct.
    let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
    address.nl_family = libc::AF_NETLINK as u16;
    address.nl_groups = CN_IDX_PROC;
    let length = size_of_val(&address) as u32;
    // SAFETY: the address is ours, lives through the call and has this length.
    check(unsafe { libc::bind(socket.as_raw_fd(), (&raw const address).cast(), length) }).map(drop)
}

/// A larger buffer only makes an overflow rarer; overflows are counted, so a refusal here is no error.
fn enlarge(socket: &OwnedFd) {
    let size = RECEIVE_BUFFER;
    // SAFETY: the option's value is an int of ours.
    unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, (&raw const size).cast(), 4)
    };
}

/// netlink header, connector header, PROC_CN_MCAST_LISTEN.
fn listen(socket: &OwnedFd) -> io::Result<()> {
    let words: [u32; 10] = [40, libc::NLMSG_DONE as u32, 0, std::process::id(), CN_IDX_PROC, 1, 0, 0, 4, 1];
    // SAFETY: sends the 40 bytes of `words`.
    let sent = unsafe { libc::send(socket.as_raw_fd(), words.as_ptr().cast(), 40, 0) };
    if sent == 40 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn check(result: i32) -> io::Result<i32> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
