//! What a case closed as harmless teaches: a suppression for each rule that told of it, as narrow as its alerts allow. Proposed
//! only: a person accepts it.

use super::model::{Suppression, SuppressionState, value};
use crate::model::{Disposition, Incident};
use crate::time::Time;
use event::{Alert, Timestamp};
use std::collections::BTreeMap;

/// Rules of one case.
const RULES: usize = 5;
/// How long a proposal, once accepted, holds.
const DAYS: i64 = 90;
const DAY: i64 = 86_400_000_000_000;
/// Fields that say what was done by what; those that all alerts of a rule share narrow it down.
const TELLING: [&str; 6] = [
    "process_executable",
    "process_parent_executable",
    "user_name",
    "service_name",
    "container_image_name",
    "file_path",
];

/// Nothing for a true positive, nor for a rule whose alerts share nothing that could be told apart from an attack.
/// `id` gives each its identifier.
pub fn propose(
    incident: &Incident,
    alerts: &[Alert],
    reason: &str,
    by: &str,
    now: Timestamp,
    mut id: impl FnMut() -> String,
) -> Vec<Suppression> {
    if !matches!(incident.disposition, Some(Disposition::Benign | Disposition::FalsePositive)) {
        return Vec::new();
    }
    let mut by_rule: BTreeMap<&str, Vec<&Alert>> = BTreeMap::new();
    for alert in alerts {
        for finding in &alert.findings {
            by_rule.entry(finding.rule_id.as_str()).or_default().push(alert);
        }
    }
    let mut rules: Vec<(&str, Vec<&Alert>)> = by_rule.into_iter().collect();
    rules.sort_by_key(|(rule, alerts)| (std::cmp::Reverse(alerts.len()), *rule));
    let proposal = |(rule, alerts): (&str, Vec<&Alert>)| {
        let fields = shared(&alerts);
        // Who only runs as somebody is not narrow enough.
        if !fields.keys().any(|name| name.ends_with("executable") || name == "file_path") {
            return None;
        }
        let host = alerts.first().map(|alert| alert.host.0.clone());
        let one_host = alerts.iter().all(|alert| Some(&alert.host.0) == host.as_ref());
        Some(Suppression {
            id: id(),
            state: SuppressionState::Proposed,
            rule: Some(rule.to_owned()),
            host_id: host.filter(|_| one_host),
            fields,
            stops: false,
            reason: format!("{}: {reason}", incident.id),
            created_by: by.to_owned(),
            created: Time(now),
            expires: Time(now.plus_nanos(DAYS * DAY)),
            incident_id: Some(incident.id.clone()),
            hits: 0,
            last_hit: None,
        })
    };
    rules.into_iter().filter_map(proposal).take(RULES).collect()
}

/// A star in a value would stand for anything, so such a value narrows nothing down.
fn shared(alerts: &[&Alert]) -> BTreeMap<String, String> {
    let same = |name: &&str| {
        let first = value(alerts.first()?, name).filter(|text| !text.is_empty() && !text.contains('*'))?;
        let all = alerts.iter().all(|alert| value(alert, name).as_ref() == Some(&first));
        (all && first.len() <= 500).then(|| ((*name).to_owned(), first))
    };
    TELLING.iter().filter_map(same).collect()
}
