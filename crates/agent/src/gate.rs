//! The exec gate as the agent keeps it: armed only while the policy may refuse something on this tier, or the host is
//! locked; disarmed at once when neither holds, and when the agent ends.

use crate::gate_judge;
use crate::lockdown;
use crate::mounts;
use crate::shared::Shared;
use event::{Mode, Tier};
use respond::{ExecGate, GateConfig, GateMark, GateRequest, GateStats, Unjudged};
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
    /// Of the gate that stands, as they were when they were last looked at.
    seen: GateStats,
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
            seen: GateStats::default(),
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
            self.seen = GateStats::default();
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
        let stats = self.armed.as_ref().map(|(gate, _)| gate.stats());
        let before = std::mem::replace(&mut self.seen, stats.unwrap_or_default());
        openings(&before, &self.seen).into_iter().for_each(|words| self.shared.problem(words.into()));
        *self.shared.gate_stats.lock() = stats;
        *self.shared.gate.lock() = self.words(wanted.is_some());
    }

    /// One stall is not the end: a gate that had to be given up makes room for a new one after a while.
    fn give_up_the_collapsed(&mut self) {
        let collapsed = self.armed.as_ref().is_some_and(|(gate, _)| !gate.stats().armed);
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
            for path in &files {
                if let Err(error) = gate.ask_again(path) {
                    self.shared.problem(format!("the gate keeps an answer about a file that is written to: {error}"));
                }
            }
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
                let state = if stats.armed { "armed" } else { "open after a stall, armed again in a moment" };
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

/// What let somebody run unjudged since the last look, in words that are told once.
fn openings(before: &GateStats, now: &GateStats) -> Vec<&'static str> {
    let grew = |of: fn(&GateStats) -> u64| of(now) > of(before);
    let told = [
        (grew(|stats| stats.stalls), "the agent stood still and the exec gate was opened for it; it is armed again"),
        (
            grew(|stats| stats.collapses),
            "the exec gate stood still and is open until it is armed anew, ten seconds later",
        ),
        (
            grew(|stats| stats.opened),
            "programs ran or were read that nobody judged within gate.timeout_ms; gate.waits.opened counts them",
        ),
        (
            grew(|stats| stats.kept_wrongly),
            "an answer of the exec gate that no longer holds could not be taken back; gate.waits.kept_wrongly counts them",
        ),
        (grew(|stats| stats.read_errors), "the exec gate could not take requests, which the kernel refused then"),
    ];
    told.into_iter().filter_map(|(grew, words)| grew.then_some(words)).collect()
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
    fn each_way_to_run_unjudged_is_said_once_it_happens() {
        let none = GateStats::default();
        let check = |now: GateStats, part: &str| {
            let words = openings(&none, &now);
            assert_eq!((words.len(), words[0].contains(part)), (1, true), "{words:?}");
            assert!(openings(&now, &now).is_empty());
        };
        assert!(openings(&none, &GateStats { asked: 9, denied: 2, ..none }).is_empty());
        check(GateStats { stalls: 1, ..none }, "armed again");
        check(GateStats { collapses: 1, ..none }, "armed anew");
        check(GateStats { opened: 3, ..none }, "gate.waits.opened");
        check(GateStats { kept_wrongly: 1, ..none }, "kept_wrongly");
    }

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
