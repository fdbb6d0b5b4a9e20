//! The files of /proc that say what a process uses.

use event::CpuLoad;
use std::fs;
use std::io::Read as _;

const NANOS_PER_TICK: u64 = event::ids::NANOS_PER_TICK;
/// Beyond these the rest is not looked at: a process may have as many as it likes.
const MOST_THREADS: usize = 1024;
const MOST_DESCRIPTORS: usize = 512;
const MOST_MAPS_BYTES: u64 = 1 << 20;
const KERNEL_THREAD: u64 = 0x0020_0000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub start_ticks: u64,
    pub user_ns: u64,
    pub system_ns: u64,
}

/// A thread, and for how long in its life it ran or waited for a processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Thread {
    pub tid: u32,
    pub wanted_ns: u64,
    /// Since the host's start, where it is known: of the first thread, which began with its process.
    pub started_ns: Option<u64>,
}

/// Sorted.
pub(super) fn pids() -> std::io::Result<Vec<u32>> {
    let mut pids: Vec<u32> = fs::read_dir("/proc")?.flatten().filter_map(|entry| number(&entry)).collect();
    pids.sort_unstable();
    Ok(pids)
}

fn number(entry: &fs::DirEntry) -> Option<u32> {
    entry.file_name().to_str()?.parse().ok()
}

/// None for one that is gone, and for threads of the kernel.
pub(super) fn usage(pid: u32) -> Option<Usage> {
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// Fields count from the name's last parenthesis: it may hold anything.
fn parse_stat(bytes: &[u8]) -> Option<Usage> {
    let end = bytes.iter().rposition(|byte| *byte == b')')?;
    let text = std::str::from_utf8(bytes.get(end + 2..)?).ok()?;
    let mut fields = text.split_ascii_whitespace().map(str::parse::<u64>);
    let flags = fields.nth(6)?.ok()?;
    let user = fields.nth(4)?.ok()?;
    let system = fields.next()?.ok()?;
    let start_ticks = fields.nth(6)?.ok()?;
    (flags & KERNEL_THREAD == 0).then_some(Usage {
        start_ticks,
        user_ns: user * NANOS_PER_TICK,
        system_ns: system * NANOS_PER_TICK,
    })
}

pub(super) fn threads(pid: u32, started_ns: u64) -> Vec<Thread> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let tids = entries.flatten().filter_map(|entry| number(&entry)).take(MOST_THREADS);
    let started = |tid| (tid == pid).then_some(started_ns);
    tids.filter_map(|tid| Some(Thread { tid, wanted_ns: wanted(pid, tid)?, started_ns: started(tid) })).collect()
}

/// Time on a processor and on its queue; where the kernel keeps no such account, the time used only.
fn wanted(pid: u32, tid: u32) -> Option<u64> {
    match fs::read_to_string(format!("/proc/{pid}/task/{tid}/schedstat")) {
        Ok(text) => parse_schedstat(&text),
        Err(_) => {
            let usage = parse_stat(&fs::read(format!("/proc/{pid}/task/{tid}/stat")).ok()?)?;
            Some(usage.user_ns + usage.system_ns)
        }
    }
}

fn parse_schedstat(text: &str) -> Option<u64> {
    let mut fields = text.split_ascii_whitespace().map(str::parse::<u64>);
    fields.next()?.ok()?.checked_add(fields.next()?.ok()?)
}

/// Processors that are online.
pub(super) fn processors() -> u32 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let lines = text.lines().filter(|line| {
        line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    });
    (lines.count() as u32).max(1)
}

/// What is read only of a process that is told.
pub(super) fn complete(pid: u32, busy: &[u32], load: &mut CpuLoad) {
    if load.processors > 1 {
        load.pinned_threads = busy.iter().filter(|tid| is_pinned(pid, **tid)).count() as u32;
    }
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kibibytes = field(&status, "HugetlbPages:").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    load.huge_page_bytes = kibibytes.unwrap_or(0) << 10;
    load.holds_msr = holds_msr(pid);
    load.libraries = libraries(pid);
}

fn is_pinned(pid: u32, tid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/task/{tid}/status")).unwrap_or_default();
    field(&status, "Cpus_allowed_list:").is_some_and(|list| list.parse::<u32>().is_ok())
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

fn holds_msr(pid: u32) -> bool {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    entries.flatten().take(MOST_DESCRIPTORS).filter_map(|entry| fs::read_link(entry.path()).ok()).any(|target| {
        let target = target.to_string_lossy();
        target.starts_with("/dev/cpu/") && target.ends_with("/msr")
    })
}

fn libraries(pid: u32) -> Vec<std::sync::Arc<str>> {
    let mut maps = Vec::new();
    let read = fs::File::open(format!("/proc/{pid}/maps")).and_then(|f| f.take(MOST_MAPS_BYTES).read_to_end(&mut maps));
    if read.is_err() {
        return Vec::new();
    }
    let mut names: Vec<_> = mining_libraries(&event::text::from_bytes(&maps)).map(std::sync::Arc::from).collect();
    names.sort();
    names.dedup();
    names
}

/// File names of those that miners load and little else does together with a full processor.
fn mining_libraries(maps: &str) -> impl Iterator<Item = &str> {
    const MARKS: [&str; 6] = ["libhwloc.so", "libuv.so", "libOpenCL.so", "libcuda.so", "libnvrtc.so", "libxmrig"];
    maps.lines()
        .filter_map(|line| line.rsplit_once('/').map(|(_, name)| name))
        .filter(|name| MARKS.iter().any(|mark| name.starts_with(mark)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_lines() {
        let line = b"42 (a) 1 (\n) R 7 42 42 0 -1 4194304 1 2 3 4 500 60 0 0 20 0 1 0 12345 0 0";
        let expected = Usage { start_ticks: 12345, user_ns: 5_000_000_000, system_ns: 600_000_000 };
        assert_eq!(parse_stat(line), Some(expected));
        let kernel = b"2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0";
        assert_eq!(parse_stat(kernel), None);
        for end in 0..line.len() - 8 {
            assert_eq!(parse_stat(&line[..end]), None);
        }
    }

    #[test]
    fn schedstat_and_maps() {
        assert_eq!(parse_schedstat("100 23 7\n"), Some(123));
        assert_eq!(parse_schedstat("100"), None);
        assert_eq!(parse_schedstat("18446744073709551615 1 1"), None);
        let maps =
            "7f-8f r-xp 0 fe:00 1 /usr/lib/libhwloc.so.15.5.2\n7f-8f r-xp 0 fe:00 1 /usr/lib/libc.so.6\n7f 0 0 0\n";
        assert_eq!(mining_libraries(maps).collect::<Vec<_>>(), ["libhwloc.so.15.5.2"]);
    }

    #[test]
    fn this_process_can_be_read() {
        let me = std::process::id();
        assert!(usage(me).unwrap().start_ticks > 0);
        assert!(threads(me, 0).iter().any(|thread| thread.tid == me && thread.wanted_ns > 0));
        assert!(processors() >= 1);
        assert!(pids().unwrap().contains(&me));
    }
}
