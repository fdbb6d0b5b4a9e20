//! What /proc says of a process, read when it is about to be acted on: facts that were true a second ago do not count.

use event::{BootId, ProcessKey};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::OnceLock;
use verdict::{Protected, protect};

const PF_KTHREAD: u64 = 0x0020_0000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessFacts {
    pub pid: u32,
    pub parent_pid: u32,
    pub start_ticks: u64,
    pub comm: String,
    pub executable: String,
    pub effective_uid: u32,
    pub kernel_thread: bool,
    /// It has ended and waits for its parent.
    pub zombie: bool,
    /// In the mount namespace of pid 1.
    pub on_host: bool,
}

/// This boot's id; zero where /proc does not tell.
pub fn boot_id() -> BootId {
    static BOOT: OnceLock<BootId> = OnceLock::new();
    let read = || fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.parse().ok();
    *BOOT.get_or_init(|| read().unwrap_or_default())
}

/// The key of the process that has this pid now.
pub fn key_of(pid: u32) -> Option<ProcessKey> {
    let stat = Stat::read(pid)?;
    Some(ProcessKey { boot: boot_id(), tgid: pid, start_ticks: stat.start_ticks })
}

/// The few numbers of /proc/PID/stat that are needed to walk the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    pub comm: String,
    pub state: u8,
    pub parent_pid: u32,
    pub flags: u64,
    pub start_ticks: u64,
}

impl Stat {
    pub fn read(pid: u32) -> Option<Stat> {
        Stat::parse(&fs::read(format!("/proc/{pid}/stat")).ok()?)
    }

    /// `comm` may hold anything, parentheses and line breaks included: it ends at the last `)`.
    pub fn parse(line: &[u8]) -> Option<Stat> {
        let open = line.iter().position(|b| *b == b'(')?;
        let close = line.iter().rposition(|b| *b == b')')?;
        let comm = event::text::from_bytes(line.get(open + 1..close)?).into_owned();
        let rest = std::str::from_utf8(line.get(close + 2..)?).ok()?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Stat {
            comm,
            state: *fields.first()?.as_bytes().first()?,
            parent_pid: number(1)? as u32,
            flags: number(6)?,
            start_ticks: number(19)?,
        })
    }
}

impl ProcessFacts {
    pub fn read(pid: u32) -> Option<ProcessFacts> {
        let stat = Stat::read(pid)?;
        let executable = fs::read_link(format!("/proc/{pid}/exe"));
        let namespace = |of: &str| fs::metadata(format!("/proc/{of}/ns/mnt")).map(|m| (m.dev(), m.ino())).ok();
        let host = namespace("1");
        Some(ProcessFacts {
            pid,
            parent_pid: stat.parent_pid,
            start_ticks: stat.start_ticks,
            comm: stat.comm,
            executable: executable.map(|path| shown(&path)).unwrap_or_default(),
            effective_uid: effective_uid(pid)?,
            kernel_thread: stat.flags & PF_KTHREAD != 0,
            zombie: matches!(stat.state, b'Z' | b'X'),
            on_host: host.is_some() && namespace(&pid.to_string()) == host,
        })
    }

    /// `ours` are the agent's own processes besides the calling one.
    pub fn protected(&self, ours: &[u32]) -> Option<Protected> {
        protect::of_facts(&protect::Facts {
            pid: self.pid,
            parent_pid: self.parent_pid,
            executable: &self.executable,
            effective_uid: self.effective_uid,
            kernel_thread: self.kernel_thread,
            on_host: self.on_host,
            ours: self.pid == std::process::id() || ours.contains(&self.pid),
        })
    }
}

pub fn is_own_thread(tid: u32) -> bool {
    let own = format!("/proc/self/task/{tid}");
    tid == std::process::id() || rustix::fs::access(own, rustix::fs::Access::EXISTS).is_ok()
}

/// The process that a thread belongs to.
pub fn tgid_of(tid: u32) -> Option<u32> {
    status_field(tid, b"Tgid:", 0)
}

/// Who traces it; 0 when nobody does.
pub fn tracer_of(pid: u32) -> Option<u32> {
    status_field(pid, b"TracerPid:", 0)
}

fn shown(path: &std::path::Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    event::text::from_bytes(path.as_os_str().as_bytes()).into_owned()
}

fn effective_uid(pid: u32) -> Option<u32> {
    status_field(pid, b"Uid:", 1)
}

fn status_field(pid: u32, name: &[u8], index: usize) -> Option<u32> {
    let status = fs::read(format!("/proc/{pid}/status")).ok()?;
    let line = status.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(name))?;
    std::str::from_utf8(line).ok()?.split_ascii_whitespace().nth(index)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_does_not_shift_the_fields() {
        let line = b"42 (a) R 1 (b) \n) S 7 42 42 0 -1 2097216 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.comm.as_str(), stat.parent_pid, stat.start_ticks), ("a) R 1 (b) \n", 7, 12345));
        assert_ne!(stat.flags & PF_KTHREAD, 0);
        assert_eq!(Stat::parse(b"42 (a"), None);
    }

    #[test]
    fn knows_itself_and_init() {
        let own = ProcessFacts::read(std::process::id()).unwrap();
        assert_eq!(own.protected(&[]), Some(Protected::Tamon));
        assert_eq!(ProcessFacts::read(1).unwrap().protected(&[]), Some(Protected::Init));
    }
}
