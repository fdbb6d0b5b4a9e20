//! Ends a process and all that came of it.
//!
//! A process is first *held* by a pidfd and checked by its start time, so a pid that came round is never hit; then
//! stopped, so that it cannot fork away while its children are looked for; when a look at /proc shows nobody new, all are
//! killed, and waited for. Protected processes are left running, and so is what they hold up: a protected root refuses
//! the whole order.

use crate::proc::{ProcessFacts, Stat, boot_id};
use event::ProcessKey;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::Serialize;
use std::collections::HashSet;
use std::fs;
use std::time::{Duration, Instant};

/// More than this at once is a fork bomb: what was found is ended, then the look is taken again.
const MAX_ROUNDS: usize = 64;

#[derive(Clone, Debug)]
pub struct KillPolicy {
    /// The agent's own processes besides the calling one: never touched.
    pub ours: Vec<u32>,
    /// How long the ended are waited for.
    pub wait: Duration,
}

impl Default for KillPolicy {
    fn default() -> Self {
        KillPolicy { ours: Vec::new(), wait: Duration::from_secs(2) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KillReport {
    /// The root first, then in the order in which they were found.
    pub processes: Vec<Killed>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Killed {
    pub pid: u32,
    pub start_ticks: u64,
    pub executable: String,
    pub status: KillStatus,
    /// Why, where it was not ended.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KillStatus {
    Killed,
    /// It had ended before, or its pid belongs to another by now.
    Gone,
    /// Protected.
    Refused,
    Failed,
    /// It was sent the signal and had not ended in time (uninterruptible sleep).
    StillThere,
}

impl KillReport {
    pub fn killed(&self) -> usize {
        self.count(KillStatus::Killed)
    }
    pub fn refused(&self) -> usize {
        self.count(KillStatus::Refused)
    }
    fn count(&self, status: KillStatus) -> usize {
        self.processes.iter().filter(|p| p.status == status).count()
    }
}

struct Held {
    facts: ProcessFacts,
    handle: OwnedFd,
}

/// `also`: further processes that belong to the tree although /proc no longer shows how (their parent has ended).
pub fn kill_tree(root: ProcessKey, also: &[ProcessKey], policy: &KillPolicy) -> KillReport {
    let mut report = KillReport { processes: Vec::new() };
    let mut seen = HashSet::new();
    let held = match hold(root, policy, &mut report) {
        Some(held) => held,
        None if report.processes[0].status == KillStatus::Gone => Vec::new(),
        None => return report,
    };
    seen.insert(root.tgid);
    let mut tree = held;
    for key in also {
        if seen.insert(key.tgid) {
            tree.extend(hold(*key, policy, &mut report).into_iter().flatten());
        }
    }
    freeze_descendants(&mut tree, &mut seen, policy, &mut report);
    finish(tree, policy, &mut report);
    report.processes.sort_by_key(|line| line.pid != root.tgid);
    report
}

/// Checked, held and stopped; otherwise the report has a line that says why not.
fn hold(key: ProcessKey, policy: &KillPolicy, report: &mut KillReport) -> Option<Vec<Held>> {
    let mut tell = |executable: String, status, detail: String| {
        report.processes.push(Killed { pid: key.tgid, start_ticks: key.start_ticks, executable, status, detail });
        None
    };
    if key.boot != boot_id() {
        return tell(String::new(), KillStatus::Gone, "it ran in another boot".into());
    }
    let Some(pid) = i32::try_from(key.tgid).ok().and_then(Pid::from_raw) else {
        return tell(String::new(), KillStatus::Refused, "not the pid of a process".into());
    };
    let handle = match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(handle) => handle,
        Err(rustix::io::Errno::SRCH) => return tell(String::new(), KillStatus::Gone, "it has ended".into()),
        Err(error) => return tell(String::new(), KillStatus::Failed, format!("pidfd_open: {error}")),
    };
    // Read after the handle was taken: if these facts are the right process's, so is the handle.
    let facts = match ProcessFacts::read(key.tgid) {
        Some(facts) if facts.start_ticks == key.start_ticks && !facts.zombie => facts,
        Some(facts) if facts.zombie => return tell(facts.executable, KillStatus::Gone, "it has ended".into()),
        _ => return tell(String::new(), KillStatus::Gone, "its pid belongs to another process".into()),
    };
    if let Some(why) = facts.protected(&policy.ours) {
        return tell(facts.executable, KillStatus::Refused, format!("it is {}", why.name()));
    }
    if let Err(error) = pidfd_send_signal(&handle, Signal::STOP) {
        return tell(facts.executable, KillStatus::Failed, format!("stopping it: {error}"));
    }
    Some(vec![Held { facts, handle }])
}

/// Until a look at all processes finds no child that is not held.
fn freeze_descendants(tree: &mut Vec<Held>, seen: &mut HashSet<u32>, policy: &KillPolicy, report: &mut KillReport) {
    let boot = boot_id();
    for _ in 0..MAX_ROUNDS {
        let held: HashSet<u32> = tree.iter().map(|one| one.facts.pid).collect();
        let mut news = Vec::new();
        let all = match fs::read_dir("/proc") {
            Ok(entries) => entries,
            Err(error) => {
                let detail = format!("its descendants are not known: /proc: {error}");
                let (pid, start_ticks) = tree.first().map_or((0, 0), |one| (one.facts.pid, one.facts.start_ticks));
                let (executable, status) = (String::new(), KillStatus::Failed);
                return report.processes.push(Killed { pid, start_ticks, executable, status, detail });
            }
        };
        for (pid, stat) in processes(all) {
            if held.contains(&stat.parent_pid) && seen.insert(pid) {
                let key = ProcessKey { boot, tgid: pid, start_ticks: stat.start_ticks };
                news.extend(hold(key, policy, report).into_iter().flatten());
                // A descendant that ended by itself meanwhile is no news to anyone.
                report.processes.pop_if(|line| line.pid == pid && line.status == KillStatus::Gone);
            }
        }
        if news.is_empty() {
            return;
        }
        tree.extend(news);
    }
}

fn processes(all: fs::ReadDir) -> impl Iterator<Item = (u32, Stat)> {
    all.flatten().filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        Some((pid, Stat::read(pid)?))
    })
}

fn finish(tree: Vec<Held>, policy: &KillPolicy, report: &mut KillReport) {
    let sent: Vec<_> = tree.into_iter().map(|one| (pidfd_send_signal(&one.handle, Signal::KILL), one)).collect();
    let deadline = Instant::now() + policy.wait;
    for (result, one) in sent {
        let (status, detail) = match result {
            Ok(()) if ended(&one.handle, deadline) => (KillStatus::Killed, String::new()),
            Ok(()) => (KillStatus::StillThere, "it did not end in time".into()),
            Err(rustix::io::Errno::SRCH) => (KillStatus::Gone, "it has ended".into()),
            Err(error) => (KillStatus::Failed, error.to_string()),
        };
        let ProcessFacts { pid, start_ticks, executable, .. } = one.facts;
        report.processes.push(Killed { pid, start_ticks, executable, status, detail });
    }
}

fn ended(handle: &OwnedFd, deadline: Instant) -> bool {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        match poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&timeout)) {
            Ok(ready) => return ready > 0,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}
