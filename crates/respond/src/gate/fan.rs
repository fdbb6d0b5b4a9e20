//! fanotify as it is: a group, its events, its answers. The only unsafe code of the gate besides the shared page.

use super::GateError;
use rustix::fd::{FromRawFd, OwnedFd};
use rustix::io::Errno;
use std::ffi::CString;
use std::fs::File;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Events taken at once: bounds how many descriptors one read may make.
const BATCH: usize = 64;

pub struct Group {
    fd: OwnedFd,
    /// What [`Group::let_go`] puts in its place, opened before any open could wait for the group.
    null: Option<File>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Response {
    Allow = libc::FAN_ALLOW,
    Deny = libc::FAN_DENY,
}

pub struct PermissionEvent {
    /// Thread that asks.
    pub tid: u32,
    /// It is opened, not run.
    pub reading: bool,
    /// Also the kernel's name for the event, so it must stay open until the answer is given.
    pub file: File,
}

pub enum Read {
    Events(Vec<PermissionEvent>),
    /// Nothing waits.
    Empty,
    /// The group is gone.
    Closed,
}

impl Group {
    pub fn open() -> Result<Group, GateError> {
        let flags = libc::FAN_CLASS_CONTENT
            | libc::FAN_REPORT_TID
            | libc::FAN_CLOEXEC
            | libc::FAN_NONBLOCK
            | libc::FAN_UNLIMITED_QUEUE
            | libc::FAN_UNLIMITED_MARKS;
        let event_flags = libc::O_RDONLY | libc::O_LARGEFILE | libc::O_CLOEXEC | libc::O_NONBLOCK;
        // SAFETY: no pointers; the result is checked and owned at once.
        let fd = unsafe { libc::fanotify_init(flags, event_flags as libc::c_uint) };
        if fd < 0 {
            return Err(GateError::Os { what: "fanotify_init", source: io::Error::last_os_error() });
        }
        // SAFETY: a fresh descriptor that nobody else owns.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        let null = File::open("/dev/null").map_err(|source| GateError::Os { what: "opening /dev/null", source })?;
        Ok(Group { fd, null: Some(null) })
    }

    /// For the warden: a group that another process made.
    pub fn adopt(fd: OwnedFd) -> Group {
        Group { fd, null: None }
    }

    pub fn number(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    pub fn mark_path(&self, flags: u32, mask: u64, path: &Path) -> io::Result<()> {
        let path = CString::new(path.as_os_str().as_bytes())?;
        // SAFETY: `path` is a C string that lives through the call.
        check(unsafe { libc::fanotify_mark(self.number(), flags, mask, libc::AT_FDCWD, path.as_ptr()) })
    }

    /// The very file that is open, whatever its name is now.
    pub fn mark_file(&self, flags: u32, mask: u64, file: &File) -> io::Result<()> {
        let null = std::ptr::null();
        // SAFETY: a null path means the descriptor itself.
        check(unsafe { libc::fanotify_mark(self.number(), flags, mask, file.as_raw_fd(), null) })
    }

    /// All marks of the kind that `flags` names.
    pub fn flush(&self, flags: u32) -> io::Result<()> {
        // SAFETY: the path is not used by a flush.
        let result = unsafe {
            libc::fanotify_mark(self.number(), libc::FAN_MARK_FLUSH | flags, 0, libc::AT_FDCWD, c"/".as_ptr())
        };
        check(result)
    }

    /// Does not wait.
    pub fn read(&self) -> io::Result<Read> {
        const SIZE: usize = size_of::<libc::fanotify_event_metadata>();
        let mut buffer = [0u8; SIZE * BATCH];
        let got = match rustix::io::read(&self.fd, &mut buffer) {
            Ok(0) => return Ok(Read::Closed),
            Ok(got) => got,
            Err(Errno::AGAIN | Errno::INTR) => return Ok(Read::Empty),
            Err(error) => return Err(error.into()),
        };
        let mut events = Vec::new();
        let mut at = 0;
        while at + SIZE <= got {
            // SAFETY: SIZE bytes lie there, written by the kernel; the type has no invalid values.
            let meta: libc::fanotify_event_metadata = unsafe { std::ptr::read_unaligned(buffer[at..].as_ptr().cast()) };
            if meta.vers != libc::FANOTIFY_METADATA_VERSION || (meta.event_len as usize) < SIZE {
                return Err(io::Error::other("the kernel speaks another version of fanotify"));
            }
            if meta.fd >= 0 {
                // SAFETY: the kernel made this descriptor for us with this event.
                let file = File::from(unsafe { OwnedFd::from_raw_fd(meta.fd) });
                if meta.mask & (libc::FAN_OPEN_EXEC_PERM | libc::FAN_OPEN_PERM) != 0 {
                    let reading = meta.mask & libc::FAN_OPEN_EXEC_PERM == 0;
                    events.push(PermissionEvent { tid: meta.pid as u32, reading, file });
                }
            }
            at += meta.event_len as usize;
        }
        Ok(Read::Events(events))
    }

    /// `event` is the number of the event's descriptor in the process that read it.
    pub fn answer(&self, event: RawFd, response: Response) -> io::Result<()> {
        let mut bytes = [0; size_of::<libc::fanotify_response>()];
        bytes[..4].copy_from_slice(&event.to_ne_bytes());
        bytes[4..].copy_from_slice(&(response as u32).to_ne_bytes());
        match rustix::io::write(&self.fd, &bytes) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts /dev/null in the group's place: the group ends, the kernel lets everyone through, and the number stays
    /// taken, so that no other thread can hit a stranger's descriptor with it.
    pub fn let_go(&self) {
        let Some(null) = &self.null else { return };
        // SAFETY: both descriptors are open and stay owned by who owns them; dup3 only changes what ours refers to.
        unsafe { libc::dup3(null.as_raw_fd(), self.number(), libc::O_CLOEXEC) };
    }
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
