//! What the exec gate asks: may this file run, or be read where that brings code into a process? The lock first; then
//! reputation, its bytes, and the policy decides. A
//! refusal is told as an alert of the process that asked, with what each voice said.

use crate::alerting;
use crate::gate;
use crate::kernel_gate;
use crate::lockdown;
use crate::pipeline::now;
use crate::reputation::{self, Standing};
use crate::scanning;
use crate::shared::{Counters, Shared};
use event::{Action, Event, EventKind, Exec, FileEvent, FileOp, Finding, Outcome, OutcomeStatus, Via};
use respond::{GateAnswer, GateRequest, Order};
use scan::{Ask, Verdict};
use std::path::Path;
use std::sync::Arc;
use verdict::{Candidate, FileFacts, Operation, Policy, Subject, decide};

/// First whether the lock lets it run at all, then what is in it. The kernel remembers an answer only when both allow it.
pub fn judge(shared: &Arc<Shared>, request: &GateRequest<'_>) -> GateAnswer {
    let locked = lockdown::judge_exec(shared, request);
    if locked == Some(GateAnswer::Deny) {
        return GateAnswer::Deny;
    }
    let content = if in_scope(&shared.policy(), request.path) {
        judge_content(shared, request)
    } else {
        GateAnswer::Allow { cache: true }
    };
    match (locked, content) {
        (Some(GateAnswer::Allow { cache: false }), GateAnswer::Allow { .. }) => GateAnswer::Allow { cache: false },
        (_, content) => content,
    }
}

/// Whether content is judged there: the gate also stands elsewhere, and for the lock alone, while the host is locked.
fn in_scope(policy: &Policy, path: &Path) -> bool {
    let mut folders = policy.gate.directories.iter().chain(&policy.gate.mounts);
    // A path that cannot be told is relative, and in every scope.
    gate::judges_content(policy) && (path.is_relative() || folders.any(|folder| path.starts_with(folder)))
}

fn judge_content(shared: &Arc<Shared>, request: &GateRequest<'_>) -> GateAnswer {
    let Some(scanner) = &shared.scanner else {
        // No voice can speak, so none says no; `status` shows the problem.
        return GateAnswer::Allow { cache: false };
    };
    let (now, policy) = (now(), shared.policy());
    let path = request.path.to_string_lossy();
    let process = shared.enricher.by_pid(request.pid);
    let Standing { voice, finding, trusted, sha256 } = reputation::of(shared, request.file, &path, None, now);
    let program = process.as_deref().map(|process| &*process.executable);
    let candidate = Candidate { path: &path, sha256, process: program, package: None };
    if policy.scan.exclusions.iter().any(|one| one.covers(&candidate, now)) {
        Counters::add(&shared.counters.excluded, 1);
        return GateAnswer::Allow { cache: false };
    }
    if trusted {
        return GateAnswer::Allow { cache: true };
    }
    let (mut findings, mut voices, mut cache) = (Vec::from_iter(finding), vec![voice], false);
    let mut digest = sha256;
    if findings.is_empty() {
        let spare_model = (!policy.model.enabled).then(|| "the policy does without it".to_owned());
        let report = scanner.scan_as(request.file, request.path, &Ask { spare_model, ..Ask::default() });
        findings = report.to_findings();
        // What is only read is read often: what cannot be read to its end today cannot tomorrow either. It is counted.
        cache = report.verdict == Verdict::Clean || request.reading && report.verdict == Verdict::Incomplete;
        if matches!(report.verdict, Verdict::Incomplete | Verdict::Error) {
            Counters::add(&shared.counters.unjudged, 1);
        }
        digest = digest.or(report.sha256);
        voices.extend(report.voices);
    }
    if findings.is_empty() {
        return GateAnswer::Allow { cache };
    }
    let subject = Subject {
        process: process.as_deref(),
        file: Some(FileFacts { path: &path, sha256: digest, package: None }),
        protected: process.as_deref().and_then(|process| alerting::protected(shared, process)),
        operation: if request.reading { Operation::ReadPending } else { Operation::ExecPending },
        voices: &voices,
    };
    let decision = decide(&policy, shared.tier, &findings, &subject, now);
    if decision.action < Action::Deny {
        return GateAnswer::Allow { cache: false };
    }
    let event = waiting(shared, process.clone(), request);
    let judged = alerting::hold_back(shared, &policy, &event, alerting::Judged::new(findings, decision), now);
    if judged.held_back.is_some() {
        let outcome = alerting::nothing_done(&judged.decision);
        shared.tell(&alerting::alert(shared, &event, judged, outcome));
        return GateAnswer::Allow { cache: false };
    }
    let alerting::Judged { findings, decision, .. } = judged;
    kernel_gate::propose(shared, scanning::identity(request.file), request.path, &findings);
    let vault = (decision.action == Action::Quarantine).then(|| take_away(shared, request, &findings));
    tell(shared, &event, request, alerting::Judged::new(findings, decision), vault);
    GateAnswer::Deny
}

/// What became of the file, in words. Only the very file that was judged is taken.
fn take_away(shared: &Shared, request: &GateRequest<'_>, findings: &[Finding]) -> String {
    use std::os::unix::fs::MetadataExt as _;
    let rule = findings.first().map_or("", |finding| finding.rule_id.as_str());
    let expected = request.file.metadata().ok().map(|meta| (meta.dev(), meta.ino()));
    let order = Order { expected, ..Order::because(rule, "policy") };
    match shared.vault.quarantine(request.path, &order) {
        Ok(item) => format!("; it is in the vault as {}", item.id),
        Err(error) => format!("; it could not be put into the vault: {error}"),
    }
}

/// What waits for the answer, as an event.
fn waiting(shared: &Shared, process: Option<Arc<event::Process>>, request: &GateRequest<'_>) -> Event {
    let path = request.path.to_string_lossy();
    let kind = if request.reading {
        let file = event::File { path: (&*path).into(), ..event::File::default() };
        EventKind::File(FileEvent { op: FileOp::OpenRead, file })
    } else {
        EventKind::Exec(Exec { requested: (&*path).into(), ..Exec::default() })
    };
    Event {
        sequence: 0,
        time: now(),
        via: Via::Syscall,
        parent: process.as_ref().and_then(|p| p.parent).and_then(|key| shared.enricher.process(&key)),
        process,
        kind,
    }
}

fn tell(shared: &Shared, event: &Event, request: &GateRequest<'_>, judged: alerting::Judged, vault: Option<String>) {
    let what = if request.reading { "be read" } else { "run" };
    let outcome = Outcome {
        action: Action::Deny,
        status: OutcomeStatus::Done,
        detail: format!("{} was not let {what}{}", request.path.display(), vault.unwrap_or_default()),
    };
    shared.tell(&alerting::alert(shared, event, judged, outcome));
}
