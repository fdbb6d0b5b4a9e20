//! The enforce tier's list of programs that the kernel itself refuses, as the agent keeps it. What a scan or the exec gate
//! judged bad goes on it by the file's identity, so that it is refused from any path and without a round trip. An entry
//! ends when the file changes, when the policy or the rules do, after a day, and with the agent.

use crate::alerting::{self, Judged};
use crate::pipeline::now;
use crate::shared::Shared;
use event::{
    Action, Decision, Event, EventKind, FileIdentity, Finding, Mode, Outcome, OutcomeStatus, RefusedAct, Tier,
};
use sensor::{Guards, Sensor};
use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use verdict::{FileFacts, OnFailure, Operation, Policy, Subject, decide};

/// The kernel's map holds more; a host with this many bad programs has another problem.
const MAX_LISTED: usize = 32_768;
const KEEP: Duration = Duration::from_secs(86_400);

/// A program that shall not run, and why.
pub struct Denial {
    pub file: FileIdentity,
    pub findings: Vec<Finding>,
    pub decision: Decision,
}

/// Puts the file on the list if the policy would refuse to run it. Cheap elsewhere than in the enforce tier.
pub fn propose(shared: &Shared, file: Option<FileIdentity>, path: &Path, findings: &[Finding]) {
    let Some(file) = file.filter(|_| shared.tier == Tier::Enforce) else { return };
    // Which event a suppression fits is seen only when one happens: such files are judged each time.
    if shared.quieting.may_hold_back(findings, now()) {
        return;
    }
    let path = path.to_string_lossy();
    let facts = Some(FileFacts { path: &path, ..FileFacts::default() });
    let subject = Subject { file: facts, operation: Operation::ExecPending, ..Subject::default() };
    let decision = decide(&shared.policy(), shared.tier, findings, &subject, now());
    if decision.action >= Action::Deny {
        shared.denials.lock().push(Denial { file, findings: findings.to_vec(), decision });
    }
}

/// Its figures; zeros elsewhere than in the enforce tier.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct KernelGate {
    /// Programs that the kernel would refuse now.
    pub listed: usize,
    /// Acts that it refused since the agent's start.
    pub refused: u64,
    /// Refused executions that made an alert.
    pub told: u64,
    /// What the kernel refuses by itself stays refused when the agent does not live.
    pub stays: bool,
    /// How often the agent was silent for more than two seconds.
    pub silences: u64,
}

/// Held by the thread that holds the sensor.
pub struct Keeper {
    shared: Arc<Shared>,
    listed: HashMap<FileIdentity, (Denial, Instant)>,
    under: Arc<Policy>,
    quiet: u64,
}

impl Keeper {
    pub fn new(shared: Arc<Shared>) -> Keeper {
        let quiet = shared.quieting.generation.load(Ordering::Acquire);
        Keeper { under: shared.policy(), quiet, shared, listed: HashMap::new() }
    }

    /// New denials, at once: between the judgement and this the program could run.
    pub fn take(&mut self, sensor: &mut Sensor) {
        let new = std::mem::take(&mut *self.shared.denials.lock());
        for denial in new {
            if self.listed.len() >= MAX_LISTED {
                self.shared.problem(format!("the kernel's list of denied programs is full at {MAX_LISTED}"));
                return;
            }
            match sensor.deny_exec(denial.file) {
                Ok(()) => {
                    self.listed.insert(denial.file, (denial, Instant::now()));
                }
                Err(error) => self.shared.problem(format!("a program could not be denied in the kernel: {error}")),
            }
        }
    }

    /// Once a second: what is over, and what another policy wants.
    pub fn tend(&mut self, sensor: &mut Sensor) {
        let policy = self.shared.policy();
        let quiet = self.shared.quieting.generation.load(Ordering::Acquire);
        if !Arc::ptr_eq(&policy, &self.under) || quiet != self.quiet {
            self.under = Arc::clone(&policy);
            self.quiet = quiet;
            self.forget(sensor);
        }
        let over: Vec<FileIdentity> =
            self.listed.iter().filter(|(_, (_, since))| since.elapsed() > KEEP).map(|(file, _)| *file).collect();
        over.into_iter().for_each(|file| self.release(file, sensor));
        let enforce = policy.mode == Mode::Enforce;
        sensor.set_guards(Guards { agent: enforce && policy.guard.agent, modules: enforce && policy.guard.modules });
        let wanted = policy.gate.on_failure == OnFailure::Closed;
        let stays = match sensor.hold(wanted) {
            Ok(()) => wanted && self.shared.tier > Tier::Observe,
            Err(error) => {
                self.shared.problem(format!("gate.on_failure cannot be kept: {error}"));
                false
            }
        };
        let mut figures = self.shared.kernel_gate.lock();
        if sensor.silences() > figures.silences && self.shared.tier > Tier::Observe {
            let came = if stays { "what is refused stayed refused" } else { "the kernel let everybody be meanwhile" };
            self.shared.problem(format!("the agent stalled for more than two seconds: {came}"));
        }
        (figures.stays, figures.silences) = (stays, sensor.silences());
        // What cannot be read stays as it was last known; the log says so.
        (figures.listed, figures.refused) = (self.listed.len(), sensor.refusals().unwrap_or(figures.refused));
    }

    pub fn forget(&mut self, sensor: &mut Sensor) {
        let all: Vec<FileIdentity> = self.listed.keys().copied().collect();
        all.into_iter().for_each(|file| self.release(file, sensor));
    }

    fn release(&mut self, file: FileIdentity, sensor: &mut Sensor) {
        self.listed.remove(&file);
        if let Err(error) = sensor.allow_exec(file) {
            self.shared.problem(format!("a denied program could not be released: {error}"));
        }
    }

    /// Who tried to run what, told as the refusal that it was.
    pub fn tell(&self, event: &Event) {
        let EventKind::Refused(refused) = &event.kind else { return };
        if refused.act != RefusedAct::Exec {
            return;
        }
        let Some((denial, _)) = refused.file.and_then(|file| self.listed.get(&file)) else { return };
        let judged = Judged::new(denial.findings.clone(), denial.decision.clone());
        let detail = format!("the kernel did not let {} run", refused.path);
        let outcome = Outcome { action: Action::Deny, status: OutcomeStatus::Done, detail };
        self.shared.tell(&alerting::alert(&self.shared, event, judged, outcome));
        self.shared.kernel_gate.lock().told += 1;
    }
}
