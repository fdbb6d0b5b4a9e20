//! Ransomware stopped while it works, and what it did undone. Armed where the policy enforces and the tier has permission
//! events: then the first change of a guarded file waits until its content is kept (`respond::Rollback`), and what became of
//! the files that were opened before is told to `detect::Ledger`, whose word stops the tree.
//!
//! What the gate tier promises: what is opened for writing in a guarded folder is kept first. What is deleted or replaced
//! unopened is held by a handle, as far as there are handles for it, and kept when who did it is stopped. The first files
//! that are cut by their name (truncate(2)) without ever being opened are not kept, and counted.

mod ahead;
mod brakes;
mod convict;
mod creations;
mod decoy;
mod doer;
mod judge;
mod made;
mod neighbours;
mod orders;
mod places;
mod sample;
mod scope;
mod shares;
mod state;
mod stopped;
mod tree;
mod watched;
mod who;
mod worker;

pub use orders::{list, roll_back, unblock};
pub use shares::Shares;

use crate::actions::Responder;
use crate::shared::Shared;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use event::{Event, EventKind, FileEvent, FileOp, Mode, ProcessAccess, Tier};
use neighbours::Neighbours;
use respond::{OpenGate, OpenGateConfig, RollbackConfig};
use scope::Scope;
use serde_json::json;
use state::State;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use worker::Worker;

const QUEUE: usize = 16_384;
const SEEN: usize = 1_024;
const TIDY: Duration = Duration::from_secs(60);

/// What the recovery thread takes, in order.
pub enum Heard {
    Event(Box<Event>),
    /// Who sent this learns when everything before it has been heard.
    Until(Sender<()>),
}

/// The pipeline's end: events that the recovery thread wants.
#[derive(Clone)]
pub struct Ear {
    state: Arc<State>,
    armed: Arc<AtomicBool>,
    events: Sender<Heard>,
    missed: Arc<AtomicU64>,
    /// What the guard saw that the sensor was not told to watch: for the pipeline.
    pub seen: Receiver<Box<Event>>,
}

impl Ear {
    /// Never waits.
    pub fn offer(&self, event: &Event) {
        if !self.armed.load(Ordering::Relaxed) {
            return;
        }
        let wanted = match &event.kind {
            EventKind::File(file) => {
                matches!(file.op, FileOp::Unlink | FileOp::Rename { .. } | FileOp::Create | FileOp::CreateDirectory)
                    || cuts_by_name(file)
            }
            // At once: who waits for what had happened by then must see it.
            EventKind::Access(ProcessAccess::Ptrace { target, .. } | ProcessAccess::VmWrite { target, .. }) => {
                self.state.families.taint(*target);
                false
            }
            EventKind::Exec(_) => true,
            _ => false,
        };
        if wanted && matches!(self.events.try_send(Heard::Event(Box::new(event.clone()))), Err(TrySendError::Full(_))) {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Of an open file the gate was asked.
fn cuts_by_name(file: &FileEvent) -> bool {
    matches!(file.op, FileOp::Truncate { .. }) && file.file.identity.is_none()
}

pub struct Recovery {
    shared: Arc<Shared>,
    state: Arc<State>,
    ear: Ear,
    under: Option<verdict::Ransomware>,
}

impl Recovery {
    pub fn start(shared: Arc<Shared>, responder: Responder, brake: Option<sensor::Brake>) -> std::io::Result<Recovery> {
        let (events, queue) = bounded(QUEUE);
        let (tell, seen) = bounded(SEEN);
        *shared.recovery_queue.lock() = Some(events.clone());
        let state = Arc::new(State::new(Arc::clone(&shared), responder, tell, brake));
        let ear = Ear { state: Arc::clone(&state), armed: Arc::default(), events, missed: Arc::default(), seen };
        let worker = Worker::new(Arc::clone(&state));
        std::thread::Builder::new().name("recovery".into()).spawn(move || worker.run(&queue))?;
        let tidied = Arc::downgrade(&state);
        std::thread::Builder::new().name("rollback-tidy".into()).spawn(move || tidy(&tidied))?;
        let mut recovery = Recovery { shared, state, ear, under: None };
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
        self.tell_openings();
        if self.under != wanted {
            self.disarm();
            if let Some(ransomware) = &wanted {
                self.arm(ransomware);
            }
            self.under = wanted;
        }
        *self.shared.recovery.lock() = self.figures();
    }

    /// What went on unjudged is said once; a gate that had to be given up is armed anew.
    fn tell_openings(&mut self) {
        let stats = self.state.gate.lock().as_ref().map(OpenGate::stats);
        let Some(stats) = stats else { return };
        if stats.opened > 0 {
            let words = "guarded files were opened that nobody judged within ransomware.timeout_ms; recovery.gate.opened counts";
            self.shared.problem(words.into());
        }
        if !stats.armed {
            self.shared.problem("the gate before guarded files stood still; it is armed anew".into());
            self.disarm();
            self.under = None;
        }
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
                Ok(()) => {
                    guarded += 1;
                    self.state.places.write().learn(folder);
                    self.hold(&gate, folder);
                }
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
        *self.state.gate.lock() = Some(gate);
        self.ear.armed.store(true, Ordering::Release);
    }

    /// Whoever knows the names already need not look into the folder before deleting; as long as there is room.
    fn hold(&self, gate: &OpenGate, folder: &Path) {
        if !self.state.neighbours.lock().has_room() {
            return;
        }
        let Ok(open) = std::fs::File::open(folder) else { return };
        let (found, left_out) = Neighbours::look(&open, folder);
        found.iter().for_each(|one| gate.guard_file(one.handle()));
        self.state.neighbours.lock().hold(&open, found, left_out);
    }

    fn disarm(&mut self) {
        self.ear.armed.store(false, Ordering::Release);
        let gate = self.state.gate.lock().take();
        drop(gate);
        self.state.places.write().forget_all();
        decoy::remove(&self.state.decoys.write().drain().collect());
    }

    fn figures(&self) -> serde_json::Value {
        let gate = self.state.gate.lock().as_ref().map(OpenGate::stats);
        json!({
            "guarded": gate.is_some(),
            "roots": self.state.scope.read().roots,
            "gate": gate,
            "store": self.shared.rollback.stats(),
            "trees": self.state.all_trees().len(),
            "held": self.state.all_trees().iter().map(|(_, tree)| tree.lock().holds()).sum::<usize>(),
            "stopped": self.state.stopped_trees.load(Ordering::Relaxed),
            "not_kept": self.state.not_kept.load(Ordering::Relaxed),
            "cut_by_name": self.state.cut_by_name.load(Ordering::Relaxed),
            "folders_cut": self.state.neighbours.lock().left_out,
            "clients_blocked": self.shared.shares.told(),
            "events_missed": self.ear.missed.load(Ordering::Relaxed),
        })
    }
}

impl Drop for Recovery {
    fn drop(&mut self) {
        self.disarm();
    }
}

/// A disk may take its time to hold what it was given: nobody else waits for it.
fn tidy(state: &Weak<State>) {
    loop {
        std::thread::sleep(TIDY);
        let Some(state) = state.upgrade() else { return };
        let tidied = state.shared.rollback.tidy().and_then(|_| state.shared.rollback.sync());
        if let Err(error) = tidied {
            state.shared.problem(format!("the roll-back store cannot be tidied: {error}"));
        }
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
