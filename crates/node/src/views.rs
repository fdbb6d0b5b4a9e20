//! From what the stores keep to what the API says.

use console_api::*;
use event::{ProcessSnapshot, Row};
use incident::Incident;
use serde_json::{Map, Value};
use store::AlertRecord;

pub fn alert_summary(record: &AlertRecord) -> AlertSummary {
    let alert = &record.alert;
    let acting = alert.lineage.first();
    let strongest = alert.findings.iter().max_by_key(|finding| finding.severity);
    let mut tactics: Vec<event::Tactic> = alert.findings.iter().flat_map(|f| f.tactics.iter().copied()).collect();
    tactics.sort();
    tactics.dedup();
    let mut engines: Vec<event::Engine> = alert.findings.iter().map(|f| f.engine).collect();
    engines.sort();
    engines.dedup();
    AlertSummary {
        id: alert.id.0.clone(),
        time: alert.time.into(),
        received: record.received.into(),
        host_id: alert.host.0.clone(),
        host_name: alert.host_name.clone(),
        severity: alert.severity,
        title: alert.title.clone(),
        detail: strongest.map(|finding| finding.detail.clone()).unwrap_or_default(),
        techniques: alert.techniques().iter().map(ToString::to_string).collect(),
        tactics,
        engines,
        rule_ids: alert.findings.iter().map(|finding| finding.rule_id.0.clone()).collect(),
        action: alert.outcome.action,
        outcome: alert.outcome.status,
        process_entity_id: acting.map(|process| process.entity_id.clone()),
        process_name: acting.map(|process| process.name.clone()),
        process_command_line: acting.map(|process| process.command_line.clone()),
        user: acting.map(user_of),
        incident_id: record.incident.as_ref().map(|id| id.0.clone()),
        suppression_id: record.suppression.clone(),
        retrospective: alert.event.labels.contains_key(crate::watch::RETROSPECTIVE),
    }
}

fn user_of(process: &ProcessSnapshot) -> String {
    process.user_name.clone().unwrap_or_else(|| process.user_id.to_string())
}

pub fn alert_detail(record: &AlertRecord) -> AlertDetail {
    let alert = &record.alert;
    AlertDetail {
        summary: alert_summary(record),
        findings: alert.findings.iter().map(finding).collect(),
        decision: Decision {
            action: alert.decision.action,
            wanted: alert.decision.wanted,
            mode: alert.decision.mode,
            tier: alert.decision.tier,
            reasons: alert
                .decision
                .reasons
                .iter()
                .map(|reason| DecisionReason { engine: reason.engine, text: reason.text.clone() })
                .collect(),
        },
        outcome_detail: alert.outcome.detail.clone(),
        event: row_map(&alert.event),
        lineage: alert.lineage.iter().map(incident::process_facts).collect(),
    }
}

fn finding(finding: &event::Finding) -> Finding {
    Finding {
        engine: finding.engine,
        rule_id: finding.rule_id.0.clone(),
        name: finding.name.clone(),
        severity: finding.severity,
        techniques: finding.techniques.iter().map(ToString::to_string).collect(),
        detail: finding.detail.clone(),
        matched: finding
            .matched
            .iter()
            .map(|(field, value)| MatchedField { field: field.clone(), value: value.clone() })
            .collect(),
    }
}

/// A row as JSON object; a row always is one.
pub fn row_map(row: &Row) -> Map<String, Value> {
    match serde_json::to_value(row) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

pub fn incident_summary(incident: &Incident) -> IncidentSummary {
    IncidentSummary {
        id: incident.id.clone(),
        title: incident.title.text.clone(),
        severity: incident.severity,
        status: incident.status,
        disposition: incident.disposition,
        hosts: incident.hosts.clone(),
        techniques: incident.techniques.clone(),
        tactics: incident.tactics.clone(),
        alert_count: incident.alert_count,
        stopped: incident.what.stopped.values().sum(),
        user: incident.who.user.clone(),
        first: incident.first,
        last: incident.last,
        updated: incident.updated,
    }
}

pub const fn status_name(status: IncidentStatus) -> &'static str {
    match status {
        IncidentStatus::Open => "open",
        IncidentStatus::Investigating => "investigating",
        IncidentStatus::Resolved => "resolved",
    }
}

pub const fn disposition_name(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::TruePositive => "true_positive",
        Disposition::Benign => "benign",
        Disposition::FalsePositive => "false_positive",
    }
}

pub fn status_from_name(name: &str) -> Option<IncidentStatus> {
    [IncidentStatus::Open, IncidentStatus::Investigating, IncidentStatus::Resolved]
        .into_iter()
        .find(|status| status_name(*status) == name)
}
