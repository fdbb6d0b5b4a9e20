//! Which program a thread belongs to, and which programs act as one: a *family* is a process with the processes of the same
//! program, and the scripts, that started it. It ends at whatever else started it: a service manager, a login, an
//! interactive shell, another program. What comes out of a look at /proc is kept for a moment, since one process opens
//! many files.

use crate::proc::{ProcessFacts, Stat, boot_id, tgid_of, tracer_of};
use event::ProcessKey;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use verdict::Protected;

/// A pid cannot come round within this time, and its program is compared each time.
const FRESH: Duration = Duration::from_millis(250);
const MAX_KNOWN: usize = 8_192;
/// Generations looked back.
const DEPTH: usize = 12;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub key: ProcessKey,
    pub executable: String,
    pub uid: u32,
    /// The process that the family hangs under; the member itself where nobody of its kind started it.
    pub root: ProcessKey,
    pub root_executable: String,
    /// Who started the family's root; None where that is the system or ourselves, who start everything.
    pub starter: Option<ProcessKey>,
    /// The starter's program; of a server's per-connection process this is the server.
    pub starter_executable: String,
    /// Package managers, pid 1, kernel threads, the agent.
    pub protected: Option<Protected>,
    /// It, and all that started it up to the system, run programs that are listed; and nobody traces it.
    pub trusted: bool,
    pub kernel_thread: bool,
}

/// Programs that the policy trusts, by path of the executable.
pub type Trust = dyn Fn(&str) -> bool + Send + Sync;

type Seen = (Instant, PathBuf, Arc<Member>);

pub struct Families {
    /// By thread: when it was looked at, and the program that it ran then.
    known: Mutex<HashMap<u32, Seen>>,
    trust: Box<Trust>,
    /// Traced once: somebody else's will may be done in it from then on.
    tainted: Mutex<HashSet<ProcessKey>>,
}

impl Families {
    pub fn new(trust: Box<Trust>) -> Self {
        Families { known: Mutex::default(), trust, tainted: Mutex::default() }
    }

    /// None when it has ended.
    pub fn of(&self, tid: u32) -> Option<Arc<Member>> {
        let exe = fs::read_link(format!("/proc/{tid}/exe")).unwrap_or_default();
        if let Some((at, then, member)) = self.known.lock().get(&tid)
            && at.elapsed() < FRESH
            && *then == exe
        {
            return Some(Arc::clone(member));
        }
        let member = Arc::new(self.look(tgid_of(tid)?)?);
        let mut known = self.known.lock();
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(tid, (Instant::now(), exe, Arc::clone(&member)));
        Some(member)
    }

    /// It was traced: it is trusted no more.
    pub fn taint(&self, key: ProcessKey) {
        let mut tainted = self.tainted.lock();
        if tainted.len() >= MAX_KNOWN {
            tainted.clear();
        }
        tainted.insert(key);
        self.known.lock().clear();
    }

    fn look(&self, pid: u32) -> Option<Member> {
        let facts = ProcessFacts::read(pid)?;
        if facts.kernel_thread && facts.comm == "nfsd" {
            return nfs_server(facts);
        }
        let line = line_of(&facts);
        let protected = facts.protected(&[]).or_else(|| managed(&line));
        let (mut root, mut starter) = (&facts, None);
        for parent in &line {
            if !is_kin(root, parent) {
                starter = Some(parent);
                break;
            }
            root = parent;
        }
        let starter_executable = starter.map(|s: &ProcessFacts| s.executable.clone()).unwrap_or_default();
        let starts_all = |facts: &&ProcessFacts| facts.pid > 2 && !starts_everything(facts) && !is_above_us(facts);
        Some(Member {
            key: key(&facts),
            uid: facts.effective_uid,
            root: key(root),
            root_executable: root.executable.clone(),
            starter: starter.filter(starts_all).map(key),
            starter_executable,
            protected,
            trusted: self.is_trusted(&facts, &line),
            kernel_thread: facts.kernel_thread,
            executable: facts.executable,
        })
    }

    fn is_trusted(&self, facts: &ProcessFacts, line: &[ProcessFacts]) -> bool {
        let one = |facts: &ProcessFacts| {
            facts.on_host
                && (self.trust)(&facts.executable)
                && tracer_of(facts.pid) == Some(0)
                && !self.tainted.lock().contains(&key(facts))
        };
        one(facts) && line.iter().all(|parent| parent.pid == 1 || is_service_manager(parent) || one(parent))
    }
}

/// All threads of the kernel's NFS server are one family. Whom one of them works for cannot be had: the request's address is
/// in no file of /proc, and a thread serves every client in turn.
fn nfs_server(facts: ProcessFacts) -> Option<Member> {
    let kthreadd = ProcessFacts::read(2)?;
    Some(Member {
        key: key(&facts),
        executable: "nfsd".into(),
        uid: facts.effective_uid,
        root: key(&kthreadd),
        root_executable: "nfsd".into(),
        starter: None,
        starter_executable: String::new(),
        protected: None,
        trusted: false,
        kernel_thread: true,
    })
}

fn key(facts: &ProcessFacts) -> ProcessKey {
    ProcessKey { boot: boot_id(), tgid: facts.pid, start_ticks: facts.start_ticks }
}

/// Its ancestors, nearest first.
fn line_of(facts: &ProcessFacts) -> Vec<ProcessFacts> {
    let mut line = Vec::new();
    let mut next = facts.parent_pid;
    while next > 0 && line.len() < DEPTH {
        let Some(parent) = ProcessFacts::read(next) else { break };
        next = parent.parent_pid;
        line.push(parent);
    }
    line
}

fn managed(line: &[ProcessFacts]) -> Option<Protected> {
    line.iter().take(8).find_map(|parent| parent.protected(&[]).filter(|p| *p == Protected::PackageManager))
}

/// The same program that forked, or a script that runs others.
fn is_kin(child: &ProcessFacts, parent: &ProcessFacts) -> bool {
    if parent.pid <= 2 || is_above_us(parent) || starts_everything(parent) {
        return false;
    }
    parent.executable == child.executable && !parent.executable.is_empty() || is_script(parent)
}

/// An interpreter that was given something to run; a shell that a person types into was not.
fn is_script(facts: &ProcessFacts) -> bool {
    const INTERPRETERS: &[&str] = &[
        "sh", "bash", "dash", "zsh", "ksh", "busybox", "perl", "ruby", "node", "php", "lua", "xargs", "find", "env",
        "timeout", "make",
    ];
    let name = facts.executable.rsplit('/').next().unwrap_or_default();
    let name = name.trim_end_matches(" (deleted)");
    let known = INTERPRETERS.contains(&name) || name.starts_with("python") || name.starts_with("perl");
    known && !is_typed_into(facts.pid)
}

fn is_typed_into(pid: u32) -> bool {
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let mut words = arguments.split(|b| *b == 0).skip(1).filter(|word| !word.is_empty());
    words.all(|word| word.starts_with(b"-") && word != b"-c")
}

fn is_service_manager(facts: &ProcessFacts) -> bool {
    facts.effective_uid == 0 && facts.executable.ends_with("/systemd")
}

/// Its children have nothing to do with each other.
fn starts_everything(facts: &ProcessFacts) -> bool {
    const STARTERS: &[&str] = &[
        "systemd",
        "init",
        "sshd",
        "sshd-session",
        "login",
        "cron",
        "crond",
        "atd",
        "tmux",
        "screen",
        "runc",
        "dockerd",
        "containerd",
        "supervisord",
        "smbd",
        "xinetd",
    ];
    let name = facts.executable.rsplit('/').next().unwrap_or_default();
    STARTERS.contains(&name) || name.starts_with("containerd-shim") || name.starts_with("tmux")
}

/// What started the agent is no part of anybody's attack.
fn is_above_us(facts: &ProcessFacts) -> bool {
    static LINE: OnceLock<HashSet<(u32, u64)>> = OnceLock::new();
    let line = LINE.get_or_init(|| {
        let mut line = HashSet::new();
        let mut at = std::process::id();
        while let Some(stat) = Stat::read(at).filter(|_| line.len() < 64) {
            line.insert((at, stat.start_ticks));
            at = stat.parent_pid;
        }
        line
    });
    line.contains(&(facts.pid, facts.start_ticks))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    fn families() -> Families {
        Families::new(Box::new(|exe| exe.ends_with("/sleep") || exe.ends_with("/bash")))
    }

    #[test]
    fn a_script_and_what_it_runs_are_one_family() {
        let mut script = Command::new("sh").args(["-c", "sleep 60 & wait"]).stdin(Stdio::null()).spawn().unwrap();
        let child = loop {
            let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", script.id())).unwrap();
            let child = children.split_ascii_whitespace().next().and_then(|pid| pid.parse::<u32>().ok());
            // Before its exec it still is the shell.
            let exec = |pid: &u32| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe.ends_with("sleep"));
            if let Some(child) = child.filter(exec) {
                break child;
            }
        };
        let families = families();
        let member = families.of(child).unwrap();
        assert_eq!(member.root.tgid, script.id());
        // This test is the agent here, so it is nobody's starter.
        assert_eq!(member.starter, None);
        // A listed program that something unlisted started is not trusted.
        assert!(!member.trusted);
        for pid in [child, script.id()] {
            rustix::process::kill_process(
                rustix::process::Pid::from_raw(pid as i32).unwrap(),
                rustix::process::Signal::KILL,
            )
            .unwrap();
        }
        script.wait().unwrap();
        assert_eq!(families.of(u32::MAX / 2), None);
    }
}
