//! fanotify notifications with directory handles and names: files made, written and closed, renamed, deleted, changed. One
//! mark for each real file system; a handle is turned into a path once and remembered until a directory moves.

use event::{Actor, EventKind, File, FileEvent, FileOp, Observation, Observed, Via};
use std::collections::HashMap;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

const REPORT_DFID_NAME: u32 = 0xc00;
const CLOSE_WRITE: u64 = 0x8;
const CREATE: u64 = 0x100;
const DELETE: u64 = 0x200;
const RENAME: u64 = 0x1000_0000;
const OVERFLOW: u64 = 0x4000;
const ONDIR: u64 = 0x4000_0000;
const METADATA: usize = 24;
const INFO_DFID_NAME: u8 = 2;
const INFO_OLD_DFID_NAME: u8 = 10;
const INFO_NEW_DFID_NAME: u8 = 12;
const MOST_PATHS: usize = 8192;
const PSEUDO: [&str; 19] = [
    "proc",
    "sysfs",
    "cgroup",
    "cgroup2",
    "devpts",
    "devtmpfs",
    "mqueue",
    "hugetlbfs",
    "debugfs",
    "tracefs",
    "securityfs",
    "configfs",
    "bpf",
    "pstore",
    "autofs",
    "binfmt_misc",
    "fusectl",
    "nsfs",
    "rpc_pipefs",
];

type FsId = [u8; 8];

pub(super) struct Fanotify {
    group: OwnedFd,
    buffer: Vec<u8>,
    mounts: HashMap<FsId, OwnedFd>,
    paths: HashMap<Vec<u8>, Arc<str>>,
    pub overflows: u64,
}

impl Fanotify {
    /// Marks every real file system; one that cannot be marked is told to `refused`.
    pub fn open(refused: &mut dyn FnMut(&str, &io::Error)) -> io::Result<Fanotify> {
        let flags = libc::FAN_CLASS_NOTIF | libc::FAN_CLOEXEC | libc::FAN_NONBLOCK | REPORT_DFID_NAME;
        // SAFETY: a plain system call; the result is checked.
        let fd = unsafe { libc::fanotify_init(flags, (libc::O_RDONLY | libc::O_LARGEFILE) as u32) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just made the descriptor for us.
        let group = unsafe { OwnedFd::from_raw_fd(fd) };
        let mut mounts = HashMap::new();
        for point in real_mounts()? {
            match mark(&group, &point) {
                Ok((id, mount)) => drop(mounts.insert(id, mount)),
                Err(error) => refused(&format!("fanotify on {point}"), &error),
            }
        }
        Ok(Fanotify { group, buffer: vec![0; 256 << 10], mounts, paths: HashMap::new(), overflows: 0 })
    }

    pub fn drain(&mut self, sink: &mut dyn FnMut(Observation)) {
        let mut buffer = std::mem::take(&mut self.buffer);
        while let Ok(got @ 1..) = rustix::io::read(&self.group, &mut buffer) {
            let mut rest = &buffer[..got];
            while let Some((event, after)) = split_event(rest) {
                self.event(event, sink);
                rest = after;
            }
        }
        self.buffer = buffer;
    }

    fn event(&mut self, event: &[u8], sink: &mut dyn FnMut(Observation)) {
        let Some((mask, pid)) = metadata(event) else { return };
        if mask & OVERFLOW != 0 {
            self.overflows += 1;
            return;
        }
        let [mut file, mut old] = [None, None];
        for (kind, body) in Infos(&event[METADATA..]) {
            let path = self.path(body);
            match kind {
                INFO_OLD_DFID_NAME => old = path,
                INFO_DFID_NAME | INFO_NEW_DFID_NAME => file = path,
                _ => {}
            }
        }
        if mask & ONDIR != 0 && mask & (RENAME | DELETE) != 0 {
            self.paths.clear();
        }
        // Moved out of what is marked: the old name is all there is.
        let Some(path) = file.or_else(|| old.clone()) else { return };
        for op in operations(mask, old) {
            let event = EventKind::File(FileEvent { op, file: File::at(path.clone()) });
            let actor = Actor { tgid: pid, tid: pid, ..Actor::default() };
            let boottime_ns = crate::clock::boottime();
            sink(Observation { boottime_ns, actor, via: Via::Syscall, what: Observed::Other(event) });
        }
    }

    /// `fsid`, `struct file_handle`, name.
    fn path(&mut self, body: &[u8]) -> Option<Arc<str>> {
        let id: FsId = body.get(..8)?.try_into().ok()?;
        let handle_bytes = u32::from_ne_bytes(body.get(8..12)?.try_into().ok()?) as usize;
        let handle = body.get(8..16 + handle_bytes)?;
        let name = body.get(16 + handle_bytes..)?.split(|b| *b == 0).next()?;
        let directory = self.directory(id, handle)?;
        let name = event::text::from_bytes(name);
        if name == "." {
            return Some(directory);
        }
        Some(format!("{}/{name}", directory.trim_end_matches('/')).into())
    }

    fn directory(&mut self, id: FsId, handle: &[u8]) -> Option<Arc<str>> {
        let key = [&id[..], handle].concat();
        if let Some(path) = self.paths.get(&key) {
            return Some(path.clone());
        }
        let path = resolve(self.mounts.get(&id)?, handle)?;
        if self.paths.len() >= MOST_PATHS {
            self.paths.clear();
        }
        self.paths.insert(key, path.clone());
        Some(path)
    }
}

impl AsFd for Fanotify {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.group.as_fd()
    }
}

/// One event may tell several acts that were merged.
fn operations(mask: u64, old: Option<Arc<str>>) -> Vec<FileOp> {
    let directory = mask & ONDIR != 0;
    let mut operations = Vec::new();
    let mut add = |bit: u64, op: FileOp| {
        if mask & bit != 0 {
            operations.push(op);
        }
    };
    add(CREATE, if directory { FileOp::CreateDirectory } else { FileOp::Create });
    add(CLOSE_WRITE, FileOp::WriteClose);
    add(RENAME, FileOp::Rename { from: old.unwrap_or_else(|| "".into()) });
    add(DELETE, if directory { FileOp::RemoveDirectory } else { FileOp::Unlink });
    operations
}

fn split_event(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_ne_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    (length >= METADATA).then(|| bytes.split_at_checked(length)).flatten()
}

fn metadata(event: &[u8]) -> Option<(u64, u32)> {
    let mask = u64::from_ne_bytes(event.get(8..16)?.try_into().ok()?);
    let pid = i32::from_ne_bytes(event.get(20..24)?.try_into().ok()?);
    Some((mask, pid.max(0) as u32))
}

/// Kind and body of each info record.
struct Infos<'a>(&'a [u8]);

impl<'a> Iterator for Infos<'a> {
    type Item = (u8, &'a [u8]);
    fn next(&mut self) -> Option<Self::Item> {
        let length = usize::from(u16::from_ne_bytes(self.0.get(2..4)?.try_into().ok()?));
        let (info, rest) = self.0.split_at_checked(length).filter(|_| length >= 4)?;
        self.0 = rest;
        Some((info[0], &info[4..]))
    }
}

fn resolve(mount: &OwnedFd, handle: &[u8]) -> Option<Arc<str>> {
    let mut aligned: Vec<u32> = vec![0; handle.len().div_ceil(4)];
    for (word, bytes) in aligned.iter_mut().zip(handle.chunks(4)) {
        let mut whole = [0; 4];
        whole[..bytes.len()].copy_from_slice(bytes);
        *word = u32::from_ne_bytes(whole);
    }
    // SAFETY: `aligned` holds a whole struct file_handle with its length in front, as the kernel gave it.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_open_by_handle_at,
            mount.as_raw_fd(),
            aligned.as_mut_ptr(),
            libc::O_PATH | libc::O_CLOEXEC,
        )
    };
    if fd < 0 {
        return None;
    }
    // SAFETY: the kernel has just made the descriptor for us.
    let fd = unsafe { OwnedFd::from_raw_fd(fd as i32) };
    let path = std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd())).ok()?;
    Some(Arc::from(&*event::text::from_bytes(path.as_os_str().as_bytes())))
}

/// Gives the file system's id and a descriptor that opens its handles.
fn mark(group: &OwnedFd, point: &str) -> io::Result<(FsId, OwnedFd)> {
    let path = CString::new(point)?;
    let mask = CLOSE_WRITE | CREATE | DELETE | RENAME | ONDIR;
    let how = libc::FAN_MARK_ADD | libc::FAN_MARK_FILESYSTEM;
    // SAFETY: a NUL-terminated path that lives through the call.
    let marked = unsafe { libc::fanotify_mark(group.as_raw_fd(), how, mask, libc::AT_FDCWD, path.as_ptr()) };
    if marked < 0 {
        return Err(io::Error::last_os_error());
    }
    let mount: OwnedFd = std::fs::File::open(point)?.into();
    // SAFETY: all zero is a value of this plain C struct.
    let mut facts: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: the descriptor is open and `facts` is ours.
    if unsafe { libc::fstatfs(mount.as_raw_fd(), &mut facts) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: fsid_t is two ints, eight bytes without padding.
    let id = unsafe { std::mem::transmute::<libc::fsid_t, FsId>(facts.f_fsid) };
    Ok((id, mount))
}

/// Mount points of real file systems, one for each device.
fn real_mounts() -> io::Result<Vec<String>> {
    let text = std::fs::read_to_string("/proc/self/mountinfo")?;
    let mut devices = std::collections::HashSet::new();
    let mut points = Vec::new();
    for line in text.lines() {
        let (before, after) = line.split_once(" - ").unwrap_or((line, ""));
        let fields: Vec<&str> = before.split(' ').collect();
        let kind = after.split(' ').next().unwrap_or("");
        let (Some(device), Some(point)) = (fields.get(2), fields.get(4)) else { continue };
        if !PSEUDO.contains(&kind) && devices.insert(device.to_string()) {
            points.push(unescape(point));
        }
    }
    Ok(points)
}

/// mountinfo writes blanks as `\040`.
fn unescape(point: &str) -> String {
    point.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_lying_events_end_the_reading() {
        assert!(split_event(&[24, 0, 0, 0]).is_none());
        assert!(split_event(&[1; 64]).is_none());
        assert_eq!(Infos(&[2, 0, 0, 0, 9, 9]).count(), 0);
        assert_eq!(Infos(&[2, 0, 200, 0, 9, 9]).count(), 0);
    }

    #[test]
    fn merged_acts_come_in_their_order() {
        let told = operations(CREATE | CLOSE_WRITE | DELETE, None);
        assert_eq!(told, [FileOp::Create, FileOp::WriteClose, FileOp::Unlink]);
    }
}
