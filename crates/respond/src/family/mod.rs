//! Which program a thread belongs to, and which programs act as one: a *family* is a process with all that started it, up to
//! whatever starts things that have nothing to do with each other: a service manager, a login, a shell that a person types
//! into, a package manager. What its members do together is judged together; who of them is to blame is told by their lines.
//! Who has lost its parent belongs to what started it all the same, as the sensor saw it start ([`origin`]).
//! What comes out of a look at /proc is kept for a moment, since one process opens many files.

mod bounds;
mod origin;

pub use origin::{Forebear, Origins};

use crate::proc::{ProcessFacts, boot_id, tgid_of, tracer_of};
use bounds::{is_service_manager, starts_others};
use event::ProcessKey;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
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
    /// It has just started and lost its parent, and what started it is not known yet: the sensor is to be heard first, and
    /// then it is looked at [anew](Families::anew).
    pub adrift: bool,
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
    origins: Box<Origins>,
    /// Traced once: somebody else's will may be done in it from then on.
    tainted: Mutex<HashSet<ProcessKey>>,
}

impl Families {
    pub fn new(trust: Box<Trust>, origins: Box<Origins>) -> Self {
        Families { known: Mutex::default(), trust, origins, tainted: Mutex::default() }
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

    /// What was known of it does not count.
    pub fn anew(&self, tid: u32) -> Option<Arc<Member>> {
        self.known.lock().remove(&tid);
        self.of(tid)
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
        let kin = above.iter().take_while(|parent| !starts_others(parent)).count();
        let last = if kin == 0 { &facts } else { &above[kin - 1] };
        let origin = origin::of(last, above.get(kin), &self.origins);
        let shown = std::iter::once(&facts).chain(&above[..kin]).map(key);
        let root = origin.kin.last().map_or(&last.executable, |forebear| &forebear.executable);
        Some(Member {
            key: key(&facts),
            uid: facts.effective_uid,
            line: shown.chain(origin.kin.iter().map(|forebear| forebear.key)).collect(),
            root_executable: root.clone(),
            protected: facts.protected(&[]),
            trusted: !origin.adrift && self.is_trusted(&facts, &above) && self.may_start_trusted(&origin.kin),
            kernel_thread: facts.kernel_thread,
            adrift: origin.adrift,
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

    /// A listed program that somebody's own program started and left is not trusted for that.
    fn may_start_trusted(&self, forebears: &[Forebear]) -> bool {
        forebears.iter().all(|forebear| !forebear.loose && !self.is_tainted(&forebear.key))
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
        adrift: false,
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    fn families() -> Families {
        let trust = |exe: &str| exe.ends_with("/sleep") || exe.ends_with("/bash");
        Families::new(Box::new(trust), Box::new(|_| None))
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
