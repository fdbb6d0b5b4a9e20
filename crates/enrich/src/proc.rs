//! A process as procfs shows it, in the sensor's words. Used for the start-up snapshot and to repair what was missed.
//!
//! Every file is read under a limit; a process that ends while it is read gives what was read, if its start time was.

use event::ids::NANOS_PER_TICK;
use event::{Actor, Credentials, ExecSeen, FileIdentity, Timestamp, text};
use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

/// Arguments past this are cut.
const ARGUMENTS: usize = 16 << 10;

/// The fields of /proc/PID/stat that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub parent: u32,
    pub terminal: i64,
    pub start_ticks: u64,
}

/// Everything about `tgid`. The parent's start is left 0.
pub(crate) fn read(proc: &Path, tgid: u32) -> io::Result<(Actor, ExecSeen)> {
    let dir = proc.join(tgid.to_string());
    let stat = stat(proc, tgid)?;
    let status = Status::parse(&limited(&dir.join("status"), 16 << 10)?);
    let actor = Actor {
        tgid,
        tid: tgid,
        start_boottime_ns: stat.start_ticks * NANOS_PER_TICK,
        parent_tgid: stat.parent,
        parent_start_boottime_ns: 0,
        credentials: status.credentials,
        cgroup_id: 0,
    };
    let exec = read_image(&dir, stat, status);
    // The same process all the while?
    match self::stat(proc, tgid) {
        Ok(again) if again.start_ticks != stat.start_ticks => Err(io::ErrorKind::NotFound.into()),
        _ => Ok((actor, exec)),
    }
}

fn read_image(dir: &Path, stat: Stat, status: Status) -> ExecSeen {
    let link = std::fs::read_link(dir.join("exe")).map(|p| p.into_os_string().into_vec()).unwrap_or_default();
    let (path, mut deleted) = match link.strip_suffix(b" (deleted)") {
        Some(path) => (path, true),
        None => (&link[..], false),
    };
    let meta = std::fs::metadata(dir.join("exe")).ok();
    deleted &= meta.as_ref().is_none_or(|m| m.nlink() == 0);
    let mut arguments = limited(&dir.join("cmdline"), ARGUMENTS as u64 + 1).unwrap_or_default();
    let cut = arguments.len() > ARGUMENTS;
    arguments.truncate(ARGUMENTS);
    let executable: Arc<str> = text::from_bytes(if deleted { path } else { &link }).into();
    let number = |name: &str| {
        let text = limited(&dir.join(name), 32).unwrap_or_default();
        std::str::from_utf8(&text).ok().and_then(|t| t.trim().parse().ok()).unwrap_or(u32::MAX)
    };
    ExecSeen {
        requested: executable.clone(),
        interpreter: None,
        memfd: executable.starts_with("/memfd:") && deleted,
        executable,
        comm: status.name,
        arguments_total: arguments.len() as u64 + u64::from(cut),
        arguments,
        working_directory: std::fs::read_link(dir.join("cwd"))
            .ok()
            .map(|p| text::from_bytes(p.as_os_str().as_bytes()).into()),
        file: meta.as_ref().map(identity),
        deleted,
        raised: false,
        login_uid: number("loginuid"),
        session: number("sessionid"),
        capabilities: status.capabilities,
        pid_namespace: namespace(&dir.join("ns/pid")),
        mount_namespace: namespace(&dir.join("ns/mnt")),
        interactive: stat.terminal != 0,
    }
}

pub(crate) fn identity(meta: &Metadata) -> FileIdentity {
    let ctime = Timestamp(meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec()));
    FileIdentity { dev: meta.dev(), inode: meta.ino(), ctime, size: meta.size() }
}

pub(crate) fn stat(proc: &Path, tgid: u32) -> io::Result<Stat> {
    let bytes = limited(&proc.join(tgid.to_string()).join("stat"), 4096)?;
    parse_stat(&bytes).ok_or_else(|| io::Error::other("not a stat line"))
}

/// The command between the parentheses may hold anything, parentheses among it: the last one counts.
fn parse_stat(bytes: &[u8]) -> Option<Stat> {
    let end = bytes.iter().rposition(|b| *b == b')')?;
    let rest = std::str::from_utf8(bytes.get(end + 1..)?).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        terminal: fields.get(4)?.parse().ok()?,
        start_ticks: fields.get(19)?.parse().ok()?,
    })
}

#[derive(Debug, Default, PartialEq)]
struct Status {
    name: Arc<str>,
    credentials: Credentials,
    capabilities: u64,
}

impl Status {
    fn parse(bytes: &[u8]) -> Status {
        let mut out = Status::default();
        for line in bytes.split(|b| *b == b'\n') {
            let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
            let (key, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            let ids = || {
                let text = std::str::from_utf8(value).unwrap_or_default();
                let mut ids = text.split_ascii_whitespace().filter_map(|n| n.parse().ok());
                (ids.next().unwrap_or(0), ids.next().unwrap_or(0))
            };
            match key {
                b"Name" => out.name = text::from_bytes(value).into(),
                b"Uid" => (out.credentials.uid, out.credentials.euid) = ids(),
                b"Gid" => (out.credentials.gid, out.credentials.egid) = ids(),
                b"CapEff" => {
                    let hex = std::str::from_utf8(value).unwrap_or_default();
                    out.capabilities = u64::from_str_radix(hex, 16).unwrap_or(0);
                }
                _ => {}
            }
        }
        out
    }
}

/// Inode of a namespace link, 0 when it cannot be read.
pub(crate) fn namespace(link: &Path) -> u32 {
    let target = std::fs::read_link(link).map(|p| p.into_os_string()).unwrap_or_else(|_| OsString::new());
    let digits: String = target.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// All process ids there are now.
pub(crate) fn all(proc: &Path) -> io::Result<Vec<u32>> {
    let names = std::fs::read_dir(proc)?.filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok());
    Ok(names.collect())
}

pub(crate) fn limited(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_survives_any_name() {
        let tail = "S 7 1 1 34816 1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 2 3";
        let expected = Some(Stat { parent: 7, terminal: 34816, start_ticks: 4711 });
        for name in ["bash", "a) R 9 (b", "\u{1b}[0m", ""] {
            assert_eq!(parse_stat(format!("12 ({name}) {tail}").as_bytes()), expected, "{name}");
        }
        assert_eq!(parse_stat(b"12 (x) S 7"), None);
        assert_eq!(parse_stat(b""), None);
    }

    #[test]
    fn reads_status() {
        let status =
            Status::parse(b"Name:\tsshd\nUid:\t1000\t0\t0\t0\nGid:\t5\t6\t5\t5\nCapEff:\t00000000a80425fb\nrest");
        let credentials = Credentials { uid: 1000, euid: 0, gid: 5, egid: 6 };
        assert_eq!(status, Status { name: "sshd".into(), credentials, capabilities: 0xa804_25fb });
    }

    #[test]
    fn knows_itself() {
        let (actor, exec) = read("/proc".as_ref(), std::process::id()).unwrap();
        assert_eq!(exec.executable.as_ref(), std::env::current_exe().unwrap().to_str().unwrap());
        assert!(actor.start_boottime_ns > 0 && exec.pid_namespace != 0);
        assert_eq!(exec.file, std::fs::metadata("/proc/self/exe").ok().as_ref().map(identity));
    }
}
