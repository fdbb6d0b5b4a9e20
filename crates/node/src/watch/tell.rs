//! An alert of an event that the node itself judged: the process and its parent as the event tells them, since the node has no
//! table of processes. Nothing is done about it; that is the agent's, when somebody orders it.

use event::{
    Action, AgentId, Alert, AlertId, Column, Decision, Engine, Finding, HostId, Mode, Outcome, OutcomeStatus,
    ProcessSnapshot, Reason, Row, TenantId, Tier, Timestamp, Value,
};
use sha2::{Digest as _, Sha256};

/// Label of an event that was judged long after it happened.
pub const RETROSPECTIVE: &str = "retrospective";

/// Of the same parts always the same: an alert that comes again is known by its id.
pub fn id(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    hex::encode(digest.finalize())[..32].to_owned()
}

pub fn alert(id: AlertId, agent: AgentId, tier: Tier, row: Row, findings: Vec<Finding>) -> Alert {
    let strongest = findings.iter().max_by_key(|finding| finding.severity);
    let text = |column| row.text(column).map(|text| text.into_owned()).unwrap_or_default();
    let learned = findings.iter().all(|finding| finding.engine == Engine::Behaviour);
    let reason = match (row.labels.contains_key(RETROSPECTIVE), learned) {
        (true, _) => "found by the node in the stored history",
        (false, true) => "found by the node in what its hosts do",
        (false, false) => "found by a rule on the node",
    };
    Alert {
        id,
        time: row.time(),
        agent,
        host: HostId(text(Column::HostId)),
        host_name: text(Column::HostName),
        tenant: TenantId(text(Column::Tenant)),
        severity: strongest.map(|finding| finding.severity).unwrap_or_default(),
        title: strongest.map(|finding| finding.name.clone()).unwrap_or_default(),
        decision: Decision {
            action: Action::Alert,
            wanted: Action::Alert,
            mode: Mode::Observe,
            tier,
            reasons: vec![Reason { engine: None, text: reason.into() }],
        },
        outcome: Outcome { action: Action::Alert, status: OutcomeStatus::None, detail: String::new() },
        lineage: lineage(&row),
        findings,
        event: row,
    }
}

fn lineage(row: &Row) -> Vec<ProcessSnapshot> {
    let text = |column| row.text(column).map(|text| text.into_owned());
    let number = |column| match row.get(column) {
        Some(Value::U64(number)) => u32::try_from(number).ok(),
        _ => None,
    };
    let mut out = Vec::new();
    if let Some(entity_id) = text(Column::ProcessEntityId) {
        let started = match row.get(Column::ProcessStart) {
            Some(Value::Time(time)) => time,
            _ => row.time(),
        };
        out.push(ProcessSnapshot {
            entity_id,
            pid: number(Column::ProcessPid).unwrap_or(0),
            name: text(Column::ProcessName).unwrap_or_default(),
            executable: text(Column::ProcessExecutable).unwrap_or_default(),
            command_line: text(Column::ProcessCommandLine).unwrap_or_default(),
            started,
            user_id: number(Column::UserId).unwrap_or(0),
            user_name: text(Column::UserName),
            login_id: number(Column::LoginId),
            login_name: text(Column::LoginName),
            session_id: number(Column::SessionId),
            login_source: row.labels.get("login_source_ip").cloned(),
            unit: text(Column::Unit),
            container_id: text(Column::ContainerId),
            container_image: text(Column::ContainerImage),
            sha256: text(Column::ProcessHashSha256),
            package: text(Column::PackageName),
            fileless: row.labels.contains_key("fileless"),
        });
    }
    if let (Some(entity_id), false) = (text(Column::ParentEntityId), out.is_empty()) {
        out.push(ProcessSnapshot {
            entity_id,
            pid: number(Column::ParentPid).unwrap_or(0),
            name: text(Column::ParentName).unwrap_or_default(),
            executable: text(Column::ParentExecutable).unwrap_or_default(),
            command_line: text(Column::ParentCommandLine).unwrap_or_default(),
            started: Timestamp::default(),
            ..ProcessSnapshot::default()
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_follows_from_its_parts() {
        assert_eq!(id(&["a", "bc"]), id(&["a", "bc"]));
        assert_ne!(id(&["a", "bc"]), id(&["ab", "c"]));
        assert_eq!(id(&[]).len(), 32);
    }
}
