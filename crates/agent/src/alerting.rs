//! Findings about one event to one alert: the decision, the lineage, and the words.

use crate::shared::Shared;
use event::{
    Action, Alert, AlertId, Column, Decision, Event, Finding, HostId, Outcome, OutcomeStatus, Process, ProcessSnapshot,
    Reason, Row, TenantId, Timestamp, Value, quiet,
};
use std::borrow::Cow;
use verdict::{FileFacts, Operation, Policy, Subject, decide, protect};

/// What was decided about one event, before anything is done about it.
pub struct Judged {
    pub findings: Vec<Finding>,
    pub decision: Decision,
    /// What would have been done, were it not for a suppression.
    pub held_back: Option<Action>,
}

impl Judged {
    pub fn new(findings: Vec<Finding>, decision: Decision) -> Judged {
        Judged { findings, decision, held_back: None }
    }
}

/// None when nothing of it is to be told: all findings are informational or excepted.
pub fn judge(shared: &Shared, event: &Event, findings: Vec<Finding>, now: Timestamp) -> Option<Judged> {
    judge_file(shared, event, findings, &[], now)
}

/// The same of a file that was looked into, with what each voice said of it.
pub fn judge_file(
    shared: &Shared,
    event: &Event,
    findings: Vec<Finding>,
    voices: &[Reason],
    now: Timestamp,
) -> Option<Judged> {
    if findings.is_empty() {
        return None;
    }
    let policy = shared.policy();
    let subject = Subject {
        process: event.process.as_deref(),
        file: event.file().map(|file| FileFacts { path: &file.path, ..FileFacts::default() }),
        protected: event.process.as_deref().and_then(|process| protected(shared, process)),
        operation: Operation::Done,
        voices,
    };
    let decision = decide(&policy, shared.tier, &findings, &subject, now);
    (decision.wanted > Action::Allow).then(|| hold_back(shared, &policy, event, Judged::new(findings, decision), now))
}

/// A stop that a suppression of this host covers is told instead of done. Findings that ask for nothing need not be covered;
/// one that does and is not makes the stop happen.
pub fn hold_back(shared: &Shared, policy: &Policy, event: &Event, mut judged: Judged, now: Timestamp) -> Judged {
    let would = judged.decision.action;
    if would <= Action::Alert || !shared.quieting.holds_any_stop(now) {
        return judged;
    }
    let asks = |finding: &&Finding| policy.judge(finding).allowed > Action::Alert;
    let asking: Vec<Finding> = judged.findings.iter().filter(asks).cloned().collect();
    let asking = if asking.is_empty() { &judged.findings } else { &asking };
    let title = judged.findings.iter().max_by_key(|one| one.severity).map_or("", |one| one.name.as_str());
    let Some(quiet) = shared.quieting.holds_back(&row(shared, event), title, asking, now) else { return judged };
    tracing::warn!(suppression = %quiet.id, by = %quiet.by, reason = %quiet.reason, title, "a stop was held back");
    let text =
        format!("suppression {} until {}: {} is held back: {}", quiet.id, quiet.expires, would.name(), quiet.reason);
    judged.decision.reasons.push(Reason { engine: None, text });
    judged.decision.action = Action::Alert;
    judged.held_back = Some(would);
    judged
}

pub fn protected(shared: &Shared, process: &Process) -> Option<verdict::Protected> {
    protect::of_process(process, &shared.own_keys(), shared.host_mount_namespace())
}

pub fn alert(shared: &Shared, event: &Event, judged: Judged, outcome: Outcome) -> Alert {
    let mut event_row = row(shared, event);
    if let Some(would) = judged.held_back {
        event_row.labels.insert(quiet::HELD_LABEL.to_owned(), would.name().to_owned());
    }
    let mut findings = judged.findings;
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let strongest = &findings[0];
    Alert {
        id: new_id(),
        time: event.time,
        agent: shared.agent.clone(),
        host: shared.host.id.clone(),
        host_name: shared.host.name.clone(),
        tenant: TenantId::default(),
        severity: strongest.severity,
        title: strongest.name.clone(),
        event: event_row,
        lineage: lineage(shared, event),
        decision: judged.decision,
        outcome,
        findings,
    }
}

pub fn nothing_done(decision: &Decision) -> Outcome {
    let detail = if decision.wanted > decision.action {
        format!("{} was wanted; only told", decision.wanted.name())
    } else {
        "told".to_owned()
    };
    Outcome { action: Action::Alert, status: OutcomeStatus::None, detail }
}

/// The event laid flat, with whose it is.
pub fn row(shared: &Shared, event: &Event) -> Row {
    let mut row = Row::of(event);
    let HostId(host) = &shared.host.id;
    row.set(Column::HostId, Value::Str(Cow::Owned(host.clone())));
    row.set(Column::HostName, Value::Str(Cow::Owned(shared.host.name.clone())));
    row.set(Column::BootId, Value::Str(Cow::Owned(shared.host.boot.to_string())));
    row
}

/// The acting process as it was at the event, not as it is now; then its ancestors.
fn lineage(shared: &Shared, event: &Event) -> Vec<ProcessSnapshot> {
    let Some(process) = event.process.as_deref() else {
        return Vec::new();
    };
    let mut lineage = shared.enricher.lineage(&process.key);
    match lineage.first_mut() {
        Some(first) => *first = ProcessSnapshot::from(process),
        None => lineage.push(ProcessSnapshot::from(process)),
    }
    lineage
}

pub fn new_id() -> AlertId {
    AlertId(random_id())
}

fn random_id() -> String {
    let bytes: [u8; 16] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
