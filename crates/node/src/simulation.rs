//! Stored alerts decided anew under another policy: what would be done about each, against what was done. Pure.

use console_api::{ActionChange, AlertSimulation, ChangedAlert};
use event::{Action, Alert, Credentials, Package, Process, ProcessKey, ProcessSnapshot, User};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::AlertRecord;
use verdict::{FileFacts, Operation, Policy, Subject, decide};

const SAMPLES: usize = 50;
const REASONS: usize = 12;

pub fn alerts(policy: &Policy, records: &[AlertRecord], truncated: bool) -> AlertSimulation {
    let mut counts: BTreeMap<(Action, Action), u64> = BTreeMap::new();
    let mut changed: Vec<ChangedAlert> = Vec::new();
    for record in records {
        let alert = &record.alert;
        let decision = anew(policy, alert);
        let (from, to) = (alert.decision.action, decision.action);
        *counts.entry((from, to)).or_default() += 1;
        if from != to {
            changed.push(ChangedAlert {
                alert_id: alert.id.0.clone(),
                incident_id: record.incident.as_ref().map(|id| id.0.clone()),
                time: alert.time.into(),
                title: alert.title.clone(),
                severity: alert.severity,
                process: alert.lineage.first().map(|process| process.command_line.clone()),
                from,
                to,
                reasons: decision.reasons.into_iter().map(|reason| reason.text).take(REASONS).collect(),
            });
        }
    }
    // What is acted on that was only told comes first, then what would not be told any more.
    changed.sort_by_key(|one| (std::cmp::Reverse(one.to), std::cmp::Reverse(one.time)));
    changed.truncate(SAMPLES);
    let mut changes: Vec<ActionChange> =
        counts.into_iter().map(|((from, to), count)| ActionChange { from, to, count }).collect();
    changes.sort_by_key(|one| std::cmp::Reverse(one.count));
    AlertSimulation { alerts: records.len() as u64, truncated, changes, samples: changed }
}

fn anew(policy: &Policy, alert: &Alert) -> event::Decision {
    let process = alert.lineage.first().map(process);
    let path = alert.event.text(event::Column::FilePath);
    let subject = Subject {
        process: process.as_ref(),
        file: path.as_deref().map(|path| FileFacts { path, ..FileFacts::default() }),
        protected: None,
        operation: Operation::Done,
        voices: &[],
    };
    decide(policy, alert.decision.tier, &alert.findings, &subject, alert.time)
}

/// As far as exceptions look at it.
fn process(snapshot: &ProcessSnapshot) -> Process {
    let package = snapshot.package.as_deref().and_then(|text| {
        let (name, version) = text.split_once(' ').unwrap_or((text, ""));
        (!name.is_empty()).then(|| Arc::new(Package { name: name.into(), version: version.into(), kind: "" }))
    });
    Process {
        key: ProcessKey { tgid: snapshot.pid, ..ProcessKey::default() },
        comm: snapshot.name.as_str().into(),
        executable: snapshot.executable.as_str().into(),
        command_line: snapshot.command_line.as_str().into(),
        user: User {
            credentials: Credentials { uid: snapshot.user_id, euid: snapshot.user_id, ..Credentials::default() },
            name: snapshot.user_name.as_deref().map(Into::into),
        },
        sha256: snapshot.sha256.as_deref().and_then(|digest| digest.parse().ok()),
        package,
        ..Process::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::*;

    fn record(severity: Severity) -> AlertRecord {
        let finding = Finding {
            engine: Engine::Sigma,
            rule_id: RuleId::new("r"),
            name: "n".into(),
            severity,
            techniques: Vec::new(),
            tactics: Vec::new(),
            detail: String::new(),
            matched: Vec::new(),
            asks: None,
        };
        let process = ProcessSnapshot {
            pid: 7,
            executable: "/opt/x".into(),
            command_line: "x".into(),
            ..ProcessSnapshot::default()
        };
        let told = Action::Alert;
        let alert = Alert {
            id: AlertId::new("a"),
            time: Timestamp(5),
            agent: AgentId::new("g"),
            host: HostId::new("h"),
            host_name: "h".into(),
            tenant: TenantId::default(),
            severity,
            title: "t".into(),
            decision: Decision {
                action: told,
                wanted: Action::Kill,
                mode: Mode::Observe,
                tier: Tier::Enforce,
                reasons: Vec::new(),
            },
            outcome: Outcome { action: told, status: OutcomeStatus::None, detail: String::new() },
            findings: vec![finding],
            event: Row::default(),
            lineage: vec![process],
        };
        AlertRecord { alert, incident: None, received: Timestamp(6), suppression: None }
    }

    fn check(policy: &str, severity: Severity, expected: Action) {
        let policy = Policy::parse("p", &format!("version = 1\n{policy}")).unwrap();
        let told = alerts(&policy, &[record(severity)], false);
        assert_eq!(told.changes, [ActionChange { from: Action::Alert, to: expected, count: 1 }]);
        assert_eq!(told.samples.len(), usize::from(expected != Action::Alert));
    }

    #[test]
    fn the_past_is_decided_anew() {
        check("", Severity::Critical, Action::Alert);
        check("mode = \"enforce\"", Severity::Critical, Action::Kill);
        check("mode = \"enforce\"\n[actions]\ncritical = \"alert\"", Severity::Critical, Action::Alert);
        check("[[exception]]\nreason = \"ours\"\npath = \"/opt/x\"", Severity::Critical, Action::Allow);
        check("[[exception]]\nreason = \"another\"\npath = \"/opt/y\"", Severity::Low, Action::Alert);
    }
}
