//! Ransomware stopped while it works, and what it did undone. Armed where the policy enforces and the tier has permission
//! events: then the first change of a guarded file waits until its content is kept (`respond::Rollback`), and what became of
//! the files that were opened before is told to `detect::Ledger`, whose word stops the tree.
//!
//! What the gate tier promises: what is opened for writing in a guarded folder is kept first. What is deleted or renamed
//! over without having been opened by anyone who looked into its folder is not; nor is what another name outside the
//! guarded folders leads to, before the sensor has told of that name.

mod convict;
mod decoy;
mod judge;
mod neighbours;
mod orders;
mod sample;
mod scope;
mod state;
mod tree;

pub use orders::{list, roll_back};

use crate::actions::Responder;
use crate::shared::Shared;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use event::{Event, EventKind, FileOp, Mode, ProcessAccess, ProcessKey, Tier};
use respond::{OpenGate, OpenGateConfig, RollbackConfig};
use scope::Scope;
use serde_json::json;
use state::State;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const QUEUE: usize = 16_384;
const TURN: Duration = Duration::from_millis(50);
/// A tree that was not seen for so long is let go.
const IDLE: Duration = Duration::from_secs(600);

/// The pipeline's end: events that the recovery thread wants.
#[derive(Clone)]
pub struct Ear {
    armed: Arc<AtomicBool>,
    events: Sender<Event>,
    missed: Arc<AtomicU64>,
}

impl Ear {
    /// Never waits.
    pub fn offer(&self, event: &Event) {
        if !self.armed.load(Ordering::Relaxed) {
            return;
        }
        let wanted = match &event.kind {
            EventKind::File(file) => matches!(
                file.op,
                FileOp::Unlink | FileOp::Rename { .. } | FileOp::CreateDirectory | FileOp::HardLink { .. }
            ),
            EventKind::Access(_) | EventKind::Exec(_) => true,
            _ => false,
        };
        if wanted && matches!(self.events.try_send(event.clone()), Err(TrySendError::Full(_))) {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

pub struct Recovery {
    shared: Arc<Shared>,
    state: Arc<State>,
    ear: Ear,
    gate: Arc<parking_lot::Mutex<Option<OpenGate>>>,
    under: Option<verdict::Ransomware>,
    tidied: Instant,
}

impl Recovery {
    pub fn start(shared: Arc<Shared>, responder: Responder) -> std::io::Result<Recovery> {
        let (events, queue) = bounded(QUEUE);
        let ear = Ear { armed: Arc::default(), events, missed: Arc::default() };
        let state = Arc::new(State::new(Arc::clone(&shared), responder));
        let gate = Arc::default();
        let thread = Worker { state: Arc::clone(&state), gate: Arc::clone(&gate), renamed: HashMap::new() };
        std::thread::Builder::new().name("recovery".into()).spawn(move || thread.run(&queue))?;
        let mut recovery = Recovery { shared, state, ear, gate, under: None, tidied: Instant::now() };
        recovery.tend();
        Ok(recovery)
    }

    pub fn ear(&self) -> Ear {
        self.ear.clone()
    }

    /// Brings the guard in line with the policy, and tells its figures. Called once a second.
    pub fn tend(&mut self) {
        let policy = self.shared.policy();
        let wanted = is_armed(&policy, self.shared.tier).then(|| policy.ransomware.clone());
        if self.under != wanted {
            self.disarm();
            if let Some(ransomware) = &wanted {
                self.arm(ransomware);
            }
            self.under = wanted;
        }
        if self.tidied.elapsed() > Duration::from_secs(60) {
            self.tidied = Instant::now();
            let tidied = self.shared.rollback.tidy().and_then(|_| self.shared.rollback.sync());
            if let Err(error) = tidied {
                self.shared.problem(format!("the roll-back store cannot be tidied: {error}"));
            }
        }
        *self.shared.recovery.lock() = self.figures();
    }

    fn arm(&mut self, policy: &verdict::Ransomware) {
        self.shared.rollback.configure(store_config(policy));
        *self.state.policy.write() = policy.clone();
        let scope = Scope::new(policy, self.shared.place.state());
        *self.state.scope.write() = scope.clone();
        if policy.decoys {
            *self.state.decoys.write() = decoy::plant(&scope);
        }
        let config = OpenGateConfig { timeout: Duration::from_millis(policy.timeout_ms), ..OpenGateConfig::default() };
        let gate = match OpenGate::start(config, Arc::clone(&self.state) as _) {
            Ok(gate) => gate,
            Err(error) => return self.shared.problem(format!("files cannot be guarded: {error}")),
        };
        let (mut guarded, mut failed) = (0u64, 0u64);
        let mut whole = true;
        for root in &scope.roots {
            whole &= scope.folders(root, &mut |folder| match gate.guard(folder) {
                Ok(()) => guarded += 1,
                Err(_) => failed += 1,
            });
        }
        if guarded == 0 {
            self.shared.problem(format!("no file is guarded: {} name no folder", scope.missing.join(", ")));
        }
        if !whole || failed > 0 {
            self.shared.problem(format!("not all folders are guarded: {guarded} are, {failed} could not be"));
        }
        tracing::info!(guarded, "files are guarded against being made unreadable");
        *self.gate.lock() = Some(gate);
        self.ear.armed.store(true, Ordering::Release);
    }

    fn disarm(&mut self) {
        self.ear.armed.store(false, Ordering::Release);
        drop(self.gate.lock().take());
        decoy::remove(&self.state.decoys.write().drain().collect());
    }

    fn figures(&self) -> serde_json::Value {
        let gate = self.gate.lock().as_ref().map(OpenGate::stats);
        json!({
            "guarded": gate.is_some(),
            "gate": gate,
            "store": self.shared.rollback.stats(),
            "trees": self.state.all_trees().len(),
            "held": self.state.all_trees().iter().map(|(_, tree)| tree.lock().holds()).sum::<usize>(),
            "stopped": self.state.stopped_trees.load(Ordering::Relaxed),
            "not_kept": self.state.not_kept.load(Ordering::Relaxed),
            "folders_cut": self.state.neighbours.lock().left_out,
            "events_missed": self.ear.missed.load(Ordering::Relaxed),
        })
    }
}

impl Drop for Recovery {
    fn drop(&mut self) {
        self.disarm();
    }
}

/// Whether files are guarded here at all.
fn is_armed(policy: &verdict::Policy, tier: Tier) -> bool {
    let mode = policy.ransomware.mode.unwrap_or(policy.mode);
    policy.ransomware.enabled && mode == Mode::Enforce && tier >= Tier::Gate
}

pub fn store_config(policy: &verdict::Ransomware) -> RollbackConfig {
    RollbackConfig {
        max_bytes: policy.keep_max_bytes,
        max_file_bytes: policy.keep_max_file_bytes,
        max_tree_bytes: policy.keep_max_tree_bytes,
        keep: Duration::from_secs(u64::from(policy.keep_days) * 86_400),
        ..RollbackConfig::default()
    }
}

struct Worker {
    state: Arc<State>,
    gate: Arc<parking_lot::Mutex<Option<OpenGate>>>,
    /// New name → name before, of the last renames.
    renamed: HashMap<PathBuf, PathBuf>,
}

impl Worker {
    fn run(mut self, events: &Receiver<Event>) {
        let mut last = Instant::now();
        let mut slow = Instant::now();
        loop {
            match events.recv_timeout(TURN) {
                Ok(event) => {
                    self.hear(&event);
                    // What came together is heard together: then one round does for all.
                    for _ in 0..256 {
                        let Ok(event) = events.try_recv() else { break };
                        self.hear(&event);
                    }
                    self.rounds(true);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if last.elapsed() >= TURN {
                last = Instant::now();
                let all = slow.elapsed() > Duration::from_secs(2);
                if all {
                    slow = Instant::now();
                }
                self.rounds(!all);
            }
        }
    }

    fn rounds(&self, only_stirred: bool) {
        for (root, tree) in self.state.all_trees() {
            let (due, idle, pid) = {
                let Some(tree) = tree.try_lock() else { continue };
                (tree.stirred || !only_stirred, tree.last_seen.elapsed() > IDLE, tree.actor.pid)
            };
            if idle {
                self.state.forget(&root);
            } else if due {
                let starter = self.state.families.of(pid).and_then(|member| member.starter);
                self.state.round(root, starter, &tree, pid);
            }
        }
    }

    fn hear(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Access(ProcessAccess::Ptrace { target, .. } | ProcessAccess::VmWrite { target, .. }) => {
                self.state.families.taint(*target);
            }
            EventKind::Exec(_) => self.hear_command(event),
            EventKind::File(file) => {
                let path = Path::new(&*file.file.path);
                let covered = self.state.scope.read().covers(path);
                match &file.op {
                    FileOp::CreateDirectory if covered => self.guard(path),
                    FileOp::Unlink if covered => self.went(event, path),
                    FileOp::Rename { from } => self.moved(event, Path::new(&**from), path, covered),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn guard(&self, folder: &Path) {
        let scope = self.state.scope.read().clone();
        if let Some(gate) = &*self.gate.lock() {
            scope.folders(folder, &mut |folder| {
                if let Err(error) = gate.guard(folder) {
                    tracing::debug!(%error, folder = %folder.display(), "a new folder is not guarded");
                }
            });
        }
    }

    fn moved(&mut self, event: &Event, from: &Path, to: &Path, covered: bool) {
        if covered {
            // What stood there before is gone, if anything did.
            self.went(event, to);
            if to.is_dir() {
                self.guard(to);
            }
        }
        if !self.state.scope.read().covers(from) {
            return;
        }
        let first = self.renamed.remove(from).unwrap_or_else(|| from.to_owned());
        if let Some(root) = self.root_of(event)
            && let Some(tree) = self.state.known_tree(&root)
        {
            let tree = tree.lock().actor.tree.clone();
            if let Err(error) = self.state.shared.rollback.was_named(&tree, to, &first) {
                tracing::warn!(%error, "a name could not be written down");
            }
        }
        if self.renamed.len() > 4_096 {
            self.renamed.clear();
        }
        self.renamed.insert(to.to_owned(), first);
    }

    fn went(&self, event: &Event, path: &Path) {
        let orphan = self.state.neighbours.lock().orphan(path);
        let orphan = orphan.as_deref().and_then(neighbours::open);
        let Some(root) = self.root_of(event) else { return };
        let tree = match (self.state.known_tree(&root), &orphan) {
            (Some(tree), _) => tree,
            (None, Some(_)) => {
                let Some(member) = self.member_of(event) else { return };
                if member.trusted || member.protected.is_some() {
                    return;
                }
                self.state.tree(&member)
            }
            (None, None) => return,
        };
        let mut tree = tree.lock();
        tree.stirred = true;
        tree.last_seen = Instant::now();
        if let Some(file) = orphan {
            tree.orphan(&file, path);
            tree.trim(&self.state.shared.rollback);
        }
    }

    fn member_of(&self, event: &Event) -> Option<Arc<respond::Member>> {
        let process = event.process.as_deref()?;
        let line = [Some(process.key.tgid), process.parent.map(|parent| parent.tgid)];
        line.into_iter().flatten().filter(|pid| *pid > 2).find_map(|pid| self.state.families.of(pid))
    }

    /// The tree that the actor belongs to: by /proc while it lives, by its ancestors when it has ended.
    fn root_of(&self, event: &Event) -> Option<ProcessKey> {
        let process = event.process.as_deref()?;
        if let Some(member) = self.state.families.of(process.key.tgid).filter(|m| m.key == process.key) {
            return Some(member.root);
        }
        let line = self.state.shared.enricher.processes(&process.key);
        let known = line.iter().map(|process| process.key).find(|key| self.state.known_tree(key).is_some());
        known.or_else(|| self.member_of(event).map(|member| member.root))
    }

    fn hear_command(&self, event: &Event) {
        let Some(process) = event.process.as_deref() else { return };
        if detect::inhibits_recovery(process.name(), &process.command_line).is_some()
            && let Some(tree) = self.root_of(event).and_then(|root| self.state.known_tree(&root))
        {
            tree.lock().ledger.sign(detect::Sign::Inhibited);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armed_only_where_it_enforces_and_can() {
        let check = |text: &str, tier, expected| {
            let policy = verdict::Policy::parse("test", &format!("version = 1\n{text}")).unwrap();
            assert_eq!(is_armed(&policy, tier), expected, "{text} {tier:?}");
        };
        check("", Tier::Gate, false);
        check("mode = \"enforce\"\n", Tier::Gate, true);
        check("mode = \"enforce\"\n", Tier::Observe, false);
        check("mode = \"enforce\"\n[ransomware]\nenabled = false\n", Tier::Enforce, false);
        check("mode = \"enforce\"\n[ransomware]\nmode = \"observe\"\n", Tier::Gate, false);
        check("[ransomware]\nmode = \"enforce\"\n", Tier::Gate, true);
    }
}
