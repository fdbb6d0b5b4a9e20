//! The exec gate as the agent keeps it: armed only while the policy may refuse something on this tier, or the host is
//! locked; disarmed at once when neither holds, and when the agent ends.

use crate::gate_judge;
use crate::lockdown;
use crate::mounts;
use crate::shared::Shared;
use event::{Mode, Tier};
use respond::{ExecGate, GateConfig, GateMark, GateRequest, Unjudged};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use verdict::Policy;

/// How long a gate that was given up stays open on a locked host.
const ARM_AGAIN: Duration = Duration::from_secs(10);

pub struct Keeper {
    shared: Arc<Shared>,
    armed: Option<(ExecGate, Scope)>,
    /// The policy that the cached answers were given under.
    under: Arc<Policy>,
    /// A scope that could not be armed is not tried again before the policy changes.
    failed: Option<Scope>,
    /// File systems that could not be watched.
    unwatched: Vec<GateMark>,
    watched: Vec<GateMark>,
    collapsed: Option<Instant>,
    /// None where mounts cannot be watched; then they are looked at once a second.
    mounts: Option<mounts::Signal>,
}

/// Whose executions and openings wait.
#[derive(Clone, Debug, PartialEq)]
struct Scope {
    /// For a verdict on their content, and of the lock on what is opened.
    directories: Vec<String>,
    mounts: Vec<String>,
    reads: bool,
    /// Only executions, for the lock: below these.
    locked: Option<Vec<String>>,
    timeout_ms: u64,
}

impl Keeper {
    pub fn new(shared: Arc<Shared>) -> Keeper {
        let under = shared.policy();
        let mut keeper = Keeper {
            shared,
            armed: None,
            under,
            failed: None,
            unwatched: Vec::new(),
            watched: Vec::new(),
            collapsed: None,
            mounts: None,
        };
        match mounts::Signal::start() {
            Ok(signal) => keeper.mounts = Some(signal),
            Err(error) => keeper.shared.problem(format!("new mounts are seen only once a second: {error}")),
        }
        keeper.tend();
        keeper
    }

    /// Brings the gate in line with the policy and the lock, and tells its figures.
    pub fn tend(&mut self) {
        let policy = self.shared.policy();
        self.give_up_the_collapsed();
        let wanted = wanted(&policy, self.shared.tier, self.shared.lockdown.is_active());
        if self.armed.as_ref().map(|(_, scope)| scope) != wanted.as_ref() {
            let scope = wanted.clone().filter(|scope| self.failed.as_ref() != Some(scope));
            // The new one stands before the old one goes: nobody slips between.
            self.armed = scope.and_then(|scope| self.arm(scope));
        }
        if !Arc::ptr_eq(&policy, &self.under) {
            self.under = policy;
            self.failed = None;
            self.forget();
        }
        if self.shared.lockdown.changed.swap(false, Ordering::AcqRel) {
            self.forget();
        }
        self.watch_new();
        *self.shared.gate_stats.lock() = self.armed.as_ref().map(|(gate, _)| gate.stats());
        *self.shared.gate.lock() = self.words(wanted.is_some());
    }

    /// A lock does not end with one stall: a gate that had to be given up makes room for a new one after a while.
    fn give_up_the_collapsed(&mut self) {
        let collapsed = self.armed.as_ref().is_some_and(|(gate, scope)| scope.locked.is_some() && !gate.stats().armed);
        match (collapsed, self.collapsed) {
            (true, None) => self.collapsed = Some(Instant::now()),
            (true, Some(since)) if since.elapsed() >= ARM_AGAIN => (self.armed, self.collapsed) = (None, None),
            (true, Some(_)) => {}
            (false, _) => self.collapsed = None,
        }
    }

    /// What was allowed under another policy or other rules is asked again.
    pub fn forget(&self) {
        // Answers of the lock that are given meanwhile are of this generation already.
        let generation = self.shared.lockdown.kernel.generation();
        if let Some((gate, _)) = &self.armed
            && let Err(error) = gate.forget()
        {
            self.shared.problem(format!("the gate keeps answers of the policy before: {error}"));
        } else {
            self.shared.lockdown.kernel.gate_let_go(generation);
        }
    }

    /// Executions are asked about.
    pub fn stands(&self) -> bool {
        self.armed.as_ref().is_some_and(|(gate, _)| gate.stats().armed)
    }

    /// Files that the lock allowed and that somebody writes to.
    pub fn ask_again(&mut self) {
        // What was mounted a moment ago is watched before anybody runs what is there.
        if self.mounts.as_ref().is_some_and(mounts::Signal::came) {
            self.watch_new();
        }
        let files = self.shared.lockdown.allowed.take_again();
        if let Some((gate, _)) = &self.armed {
            files.iter().for_each(|path| gate.ask_again(path));
        }
    }

    fn arm(&mut self, scope: Scope) -> Option<(ExecGate, Scope)> {
        // What lies where anyone may write is looked into, and opening it is asked about as well.
        let mut config = GateConfig::for_directories(&scope.directories);
        if scope.locked.is_some() {
            // On all that is mounted below as well.
            config.marks = self.marks_of(&scope.directories);
        }
        config.marks.extend(scope.mounts.iter().map(|mount| GateMark::Mount(mount.into())));
        config.directories.extend(scope.mounts.iter().map(PathBuf::from));
        config.reads = scope.reads.then_some(reads_scripts);
        if let Some(locked) = &scope.locked {
            config.exec_directories = locked.iter().map(PathBuf::from).collect();
            config.exec_marks = self.marks_of(locked);
        }
        if self.shared.tier == Tier::Enforce {
            let shared = Arc::clone(&self.shared);
            config.unjudged = Some(Unjudged(Arc::new(move |file| shared.lockdown.kernel.passes(&shared, file))));
        }
        config.timeout = Duration::from_millis(scope.timeout_ms);
        self.watched = config.exec_marks.clone();
        let shared = Arc::clone(&self.shared);
        match ExecGate::start(config, move |request: &GateRequest<'_>| gate_judge::judge(&shared, request)) {
            Ok(gate) => {
                tracing::info!(?scope, "the exec gate is armed");
                Some((gate, scope))
            }
            Err(error) => {
                self.shared.problem(format!("the exec gate cannot be armed: {error}"));
                self.failed = Some(scope);
                None
            }
        }
    }

    fn marks_of(&self, folders: &[String]) -> Vec<GateMark> {
        lockdown::marks(folders).unwrap_or_else(|error| {
            self.shared.problem(format!("lockdown knows no file systems: {error}"));
            Vec::new()
        })
    }

    /// File systems that were mounted since; until they are watched, what starts there is judged from its start.
    fn watch_new(&mut self) {
        if self.armed.as_ref().is_none_or(|(_, scope)| scope.locked.is_none()) {
            return;
        }
        let new: Vec<GateMark> = self
            .marks_of(&self.locked_below())
            .into_iter()
            .filter(|mark| !self.watched.contains(mark) && !self.unwatched.contains(mark))
            .collect();
        let Some((gate, _)) = &self.armed else { return };
        for mark in new {
            match gate.watch(mark.clone()) {
                Ok(()) => self.watched.push(mark),
                Err(error) => {
                    self.shared.problem(format!("lockdown cannot watch a file system: {error}"));
                    self.unwatched.push(mark);
                }
            }
        }
    }

    /// Folders whose executions the lock asks about.
    fn locked_below(&self) -> Vec<String> {
        self.armed.as_ref().and_then(|(_, scope)| scope.locked.clone()).unwrap_or_default()
    }

    fn words(&self, wanted: bool) -> String {
        match &self.armed {
            Some((gate, _)) => {
                let stats = gate.stats();
                let state = if stats.armed { "armed" } else { "opened for good after stalls" };
                format!(
                    "{state}: {} asked, {} denied, {} opened by the watchdog",
                    stats.asked, stats.denied, stats.opened
                )
            }
            None if wanted => "not armed; see the problems".into(),
            None => "off: the policy only observes".into(),
        }
    }
}

fn reads_scripts(program: &Path) -> bool {
    program.to_str().is_some_and(verdict::interpreter::is_interpreter)
}

/// Whether what is in a file can be a reason to refuse it.
pub fn judges_content(policy: &Policy) -> bool {
    policy.gate.enabled && may_enforce(policy)
}

/// Whether a finding can lead to more than an alert.
pub fn may_enforce(policy: &Policy) -> bool {
    policy.mode == Mode::Enforce || policy.overrides.iter().any(|rule| rule.mode == Some(Mode::Enforce))
}

/// None where nothing is to be asked: the policy refuses nothing here, and the host is not locked.
fn wanted(policy: &Policy, tier: Tier, locked: bool) -> Option<Scope> {
    let content = judges_content(policy);
    if tier < Tier::Gate || !(content || locked) {
        return None;
    }
    // A lock alone asks about openings there too, for scripts and libraries.
    let opens = locked && (policy.lockdown.scripts || policy.lockdown.libraries);
    let below = |those: &[String]| if content || (opens && policy.gate.reads) { those.to_vec() } else { Vec::new() };
    Some(Scope {
        directories: below(&policy.gate.directories),
        mounts: below(&policy.gate.mounts),
        reads: policy.gate.reads,
        // The kernel's lock refuses what nobody was asked about: so it is all asked about, and the judge knows the scope.
        locked: locked.then(|| match tier {
            Tier::Enforce => vec!["/".into()],
            _ => policy.lockdown.directories.clone(),
        }),
        timeout_ms: policy.gate.timeout_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armed_only_where_something_may_be_refused() {
        let policy = |text: &str| Policy::parse("test", text).unwrap();
        let check = |text, tier, locked, expected: (bool, bool)| {
            let scope = wanted(&policy(text), tier, locked);
            let found = scope.map_or((false, false), |scope| (!scope.directories.is_empty(), scope.locked.is_some()));
            assert_eq!(found, expected, "{text} {tier:?}");
        };
        check("version = 1\n", Tier::Gate, false, (false, false));
        check("version = 1\nmode = \"enforce\"\n", Tier::Gate, false, (true, false));
        check("version = 1\nmode = \"enforce\"\n", Tier::Observe, false, (false, false));
        check("version = 1\nmode = \"enforce\"\n[gate]\nenabled = false\n", Tier::Enforce, false, (false, false));
        check("version = 1\n[[rule]]\nid = \"x\"\nmode = \"enforce\"\n", Tier::Gate, false, (true, false));
        check("version = 1\n", Tier::Gate, true, (true, true));
        check("version = 1\n[gate]\nreads = false\n", Tier::Gate, true, (false, true));
        check("version = 1\nmode = \"enforce\"\n", Tier::Enforce, true, (true, true));
        check("version = 1\n", Tier::Observe, true, (false, false));
    }
}
