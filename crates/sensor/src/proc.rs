//! Processes as /proc shows them: the snapshot at start, and the observe tier's only source. What ends while it is read is
//! left out.

use crate::ProcessSeen;
use event::{Actor, BootId, Credentials, ExecSeen, FileIdentity, ProcessKey, Timestamp};
use std::collections::HashMap;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

const NANOS_PER_TICK: u64 = event::ids::NANOS_PER_TICK;
/// As the kernel half cuts them.
const ARGUMENTS_CAP: usize = 8192;

pub(crate) fn boot_id() -> BootId {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text.parse().unwrap_or_default()
}

/// All that run, kernel threads too; parents before children where pids allow.
pub(crate) fn snapshot() -> io::Result<Vec<ProcessSeen>> {
    let mut seen = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        if let Some(pid) = name.to_str().and_then(|n| n.parse().ok()) {
            seen.extend(process(pid));
        }
    }
    let starts: HashMap<u32, u64> = seen.iter().map(|p| (p.actor.tgid, p.actor.start_boottime_ns)).collect();
    for process in &mut seen {
        process.actor.parent_start_boottime_ns = starts.get(&process.actor.parent_tgid).copied().unwrap_or(0);
    }
    seen.sort_by_key(|p| p.actor.start_boottime_ns);
    Ok(seen)
}

/// One process, without its parent's start.
pub(crate) fn process(pid: u32) -> Option<ProcessSeen> {
    let stat = Stat::of(pid)?;
    let status = fs::read(format!("/proc/{pid}/status")).ok()?;
    let status = String::from_utf8_lossy(&status);
    let credentials = credentials(&status)?;
    let exec = image(pid, &stat, &status);
    // Read again: a pid that came round in between would mix two processes.
    (Stat::of(pid)?.start_ticks == stat.start_ticks).then(|| ProcessSeen {
        actor: Actor {
            tgid: pid,
            tid: pid,
            start_boottime_ns: stat.start_ticks * NANOS_PER_TICK,
            parent_tgid: stat.parent,
            parent_start_boottime_ns: 0,
            credentials,
            cgroup_id: cgroup_id(pid),
        },
        exec,
    })
}

pub(crate) struct Stat {
    pub parent: u32,
    tty: i64,
    pub start_ticks: u64,
}

impl Stat {
    pub fn of(pid: u32) -> Option<Stat> {
        Stat::parse(&fs::read(format!("/proc/{pid}/stat")).ok()?)
    }

    pub fn start_boottime_ns(&self) -> u64 {
        self.start_ticks * NANOS_PER_TICK
    }

    /// The name in parentheses may hold anything, parentheses and line breaks too: fields count from its last one.
    fn parse(bytes: &[u8]) -> Option<Stat> {
        let end = bytes.iter().rposition(|b| *b == b')')?;
        let text = std::str::from_utf8(bytes.get(end + 2..)?).ok()?;
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        Some(Stat {
            parent: fields.get(1)?.parse().ok()?,
            tty: fields.get(4)?.parse().ok()?,
            start_ticks: fields.get(19)?.parse().ok()?,
        })
    }
}

fn image(pid: u32, stat: &Stat, status: &str) -> ExecSeen {
    let (executable, deleted, memfd) = executable(pid);
    let (arguments, arguments_total) = arguments(pid);
    let number = |path: &str| fs::read_to_string(format!("/proc/{pid}/{path}")).ok()?.trim().parse().ok();
    ExecSeen {
        requested: "".into(),
        interpreter: None,
        executable,
        comm: fs::read(format!("/proc/{pid}/comm")).map(|c| text(c.trim_ascii_end())).unwrap_or_default(),
        arguments,
        arguments_total,
        working_directory: fs::read_link(format!("/proc/{pid}/cwd")).ok().map(|p| text(p.as_os_str().as_bytes())),
        file: identity(pid),
        deleted,
        memfd,
        raised: false,
        login_uid: number("loginuid").unwrap_or(u32::MAX),
        session: number("sessionid").unwrap_or(u32::MAX),
        capabilities: field(status, "CapEff:").and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0),
        pid_namespace: namespace(pid, "pid"),
        mount_namespace: namespace(pid, "mnt"),
        interactive: stat.tty != 0,
    }
}

fn executable(pid: u32) -> (Arc<str>, bool, bool) {
    let Ok(link) = fs::read_link(format!("/proc/{pid}/exe")) else { return ("".into(), false, false) };
    let bytes = link.as_os_str().as_bytes();
    let memfd = bytes.starts_with(b"/memfd:");
    match bytes.strip_suffix(b" (deleted)") {
        Some(path) => (text(path), !memfd, memfd),
        None => (text(bytes), false, memfd),
    }
}

fn identity(pid: u32) -> Option<FileIdentity> {
    let meta = fs::metadata(format!("/proc/{pid}/exe")).ok()?;
    Some(FileIdentity {
        dev: meta.dev(),
        inode: meta.ino(),
        ctime: Timestamp(meta.ctime() * 1_000_000_000 + meta.ctime_nsec()),
        size: meta.size(),
    })
}

fn arguments(pid: u32) -> (Vec<u8>, u64) {
    let mut bytes = Vec::new();
    let mut total = 0;
    if let Ok(mut file) = fs::File::open(format!("/proc/{pid}/cmdline")) {
        let _ = (&mut file).take(ARGUMENTS_CAP as u64).read_to_end(&mut bytes);
        // What is beyond the cap is counted, not kept; 4 MiB is more than any argv may have.
        total = bytes.len() as u64 + io::copy(&mut file.take(4 << 20), &mut io::sink()).unwrap_or(0);
    }
    (bytes, total)
}

fn namespace(pid: u32, kind: &str) -> u32 {
    let link = fs::read_link(format!("/proc/{pid}/ns/{kind}")).unwrap_or_default();
    let text = link.to_string_lossy();
    text.split(['[', ']']).nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// None where it does not say, which would make root of everybody.
fn credentials(status: &str) -> Option<Credentials> {
    let ids = |name| -> Option<[u32; 2]> {
        let mut numbers = field(status, name)?.split_ascii_whitespace().map(|n| n.parse().ok());
        Some([numbers.next()??, numbers.next()??])
    };
    let ([uid, euid], [gid, egid]) = (ids("Uid:")?, ids("Gid:")?);
    Some(Credentials { uid, gid, euid, egid })
}

/// The id of a cgroup v2 is the inode of its directory.
fn cgroup_id(pid: u32) -> u64 {
    let Ok(text) = fs::read_to_string(format!("/proc/{pid}/cgroup")) else { return 0 };
    let Some(path) = text.lines().find_map(|line| line.strip_prefix("0::")) else { return 0 };
    let inode = |root: &str| fs::metadata(format!("{root}{path}")).ok().map(|m| m.ino());
    // Where v2 is alone it is the first, where both are there the second.
    let alone = fs::metadata("/sys/fs/cgroup/cgroup.controllers").is_ok();
    inode(if alone { "/sys/fs/cgroup" } else { "/sys/fs/cgroup/unified" }).unwrap_or(0)
}

/// The process that the process `of` calls `pid`; `level` is the depth of its pid namespace. Start 0 when it is gone.
pub(crate) fn key_in_namespace_of(boot: BootId, of: u32, level: u32, pid: u32) -> ProcessKey {
    let tgid = if level == 0 { thread_group(pid) } else { in_namespace(of, level, pid) };
    let start_ticks = tgid.and_then(Stat::of).map_or(0, |stat| stat.start_ticks);
    ProcessKey { boot, tgid: tgid.unwrap_or(pid), start_ticks }
}

fn thread_group(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    field(&status, "Tgid:")?.parse().ok()
}

fn in_namespace(of: u32, level: u32, pid: u32) -> Option<u32> {
    let namespace = fs::read_link(format!("/proc/{of}/ns/pid")).ok()?;
    let is_it = |candidate: u32| -> Option<bool> {
        let status = fs::read_to_string(format!("/proc/{candidate}/status")).ok()?;
        let inner = field(&status, "NSpid:")?.split_ascii_whitespace().nth(level as usize)?;
        let same = fs::read_link(format!("/proc/{candidate}/ns/pid")).ok()? == namespace;
        Some(same && inner.parse() == Ok(pid))
    };
    fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .find(|candidate| is_it(*candidate) == Some(true))
}

fn text(bytes: &[u8]) -> Arc<str> {
    Arc::from(&*event::text::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_does_not_shift_the_fields() {
        let line = b"42 (a) S 1 (\n) R 7 42 42 34817 42 4194304 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.parent, stat.tty, stat.start_ticks), (7, 34817, 12345));
        assert!(Stat::parse(b"42 (a").is_none());
    }

    #[test]
    fn this_process_is_in_the_snapshot() {
        let all = snapshot().unwrap();
        let me = all.iter().find(|p| p.actor.tgid == std::process::id()).unwrap();
        assert!(me.exec.file.is_some() && !me.exec.arguments.is_empty());
        let parent = all.iter().find(|p| p.actor.tgid == me.actor.parent_tgid).unwrap();
        assert_eq!(me.actor.parent_start_boottime_ns, parent.actor.start_boottime_ns);
    }
}
