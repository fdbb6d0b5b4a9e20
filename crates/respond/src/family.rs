//! Which program a thread belongs to, and which programs act as one: a *family* is a process with all that started it, up to
//! whatever starts things that have nothing to do with each other: a service manager, a login, a shell that a person types
//! into, a package manager. What its members do together is judged together; who of them is to blame is told by their lines.
//! What comes out of a look at /proc is kept for a moment, since one process opens many files.

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
    /// From itself to the process that the family hangs under, both included.
    pub line: Arc<[ProcessKey]>,
    pub root_executable: String,
    /// Package managers, pid 1, kernel threads, the agent.
    pub protected: Option<Protected>,
    /// It, and all that started it up to the system, run programs that are listed; and nobody traces it.
    pub trusted: bool,
    pub kernel_thread: bool,
}

impl Member {
    /// The process that the family hangs under; the member itself where nobody of its kind started it.
    pub fn root(&self) -> ProcessKey {
        self.line.last().copied().unwrap_or(self.key)
    }
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

    pub fn is_tainted(&self, key: &ProcessKey) -> bool {
        self.tainted.lock().contains(key)
    }

    /// What this one starts is of its family.
    pub fn may_be_kin(&self, parent: &Member) -> bool {
        ProcessFacts::read(parent.key.tgid).is_some_and(|facts| !starts_others(&facts))
    }

    fn look(&self, pid: u32) -> Option<Member> {
        let facts = ProcessFacts::read(pid)?;
        if facts.kernel_thread && facts.comm == "nfsd" {
            return nfs_server(facts);
        }
        let above = line_of(&facts);
        let kin = above.iter().take_while(|parent| !starts_others(parent));
        let line: Vec<&ProcessFacts> = std::iter::once(&facts).chain(kin).collect();
        let root = line.last()?;
        Some(Member {
            key: key(&facts),
            uid: facts.effective_uid,
            line: line.iter().map(|facts| key(facts)).collect(),
            root_executable: root.executable.clone(),
            protected: facts.protected(&[]),
            trusted: self.is_trusted(&facts, &above),
            kernel_thread: facts.kernel_thread,
            executable: facts.executable,
        })
    }

    fn is_trusted(&self, facts: &ProcessFacts, line: &[ProcessFacts]) -> bool {
        let one = |facts: &ProcessFacts| {
            facts.on_host
                && (self.trust)(&facts.executable)
                && tracer_of(facts.pid) == Some(0)
                && !self.is_tainted(&key(facts))
        };
        one(facts) && line.iter().all(|parent| parent.pid == 1 || is_service_manager(parent) || one(parent))
    }
}

/// All threads of the kernel's NFS server are one family, since a thread serves every client in turn.
fn nfs_server(facts: ProcessFacts) -> Option<Member> {
    let kthreadd = ProcessFacts::read(2)?;
    Some(Member {
        key: key(&facts),
        executable: "nfsd".into(),
        uid: facts.effective_uid,
        line: [key(&facts), key(&kthreadd)].into(),
        root_executable: "nfsd".into(),
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

/// Its children have nothing to do with each other, or it is no part of anybody's attack.
fn starts_others(parent: &ProcessFacts) -> bool {
    parent.pid <= 2
        || is_above_us(parent)
        || starts_everything(parent)
        || parent.protected(&[]).is_some()
        || is_shell(parent) && is_typed_into(parent.pid)
}

fn is_shell(facts: &ProcessFacts) -> bool {
    const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "fish", "busybox", "ash", "tcsh", "csh"];
    let name = facts.executable.rsplit('/').next().unwrap_or_default();
    SHELLS.contains(&name.trim_end_matches(" (deleted)"))
}

/// It was given nothing to run.
fn is_typed_into(pid: u32) -> bool {
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let mut words = arguments.split(|b| *b == 0).skip(1).filter(|word| !word.is_empty());
    words.all(|word| word.starts_with(b"-") && word != b"-c") && has_terminal(pid)
}

/// A shell that reads its commands from a pipe is a script.
fn has_terminal(pid: u32) -> bool {
    fs::read_link(format!("/proc/{pid}/fd/0"))
        .is_ok_and(|path| path.starts_with("/dev/pts") || path.starts_with("/dev/tty"))
}

fn is_service_manager(facts: &ProcessFacts) -> bool {
    facts.effective_uid == 0 && facts.executable.ends_with("/systemd")
}

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
        "inetd",
        "gdm-session-worker",
        "gnome-shell",
        "plasmashell",
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
        // This test is the agent here, so the family ends below it.
        let line: Vec<u32> = member.line.iter().map(|key| key.tgid).collect();
        assert_eq!(line, [child, script.id()]);
        assert_eq!(member.root().tgid, script.id());
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
