//! The ATT&CK matrix of Linux, containers and whatever our rules name: the table of techniques, held against the rules that name them and what was
//! told in some time. Pure.

use crate::catalogue::Known;
use console_api::{AttackMatrix, AttackRule, AttackTactic, AttackTechnique};
use event::{Alert, Severity, Tactic, Technique, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const NOTICE: &str =
    "ATT&CK: © The MITRE Corporation. Reproduced and distributed with the permission of The MITRE Corporation.";

struct Row {
    id: Technique,
    name: &'static str,
    tactics: Vec<Tactic>,
    /// It concerns Linux or containers.
    ours: bool,
}

/// `id,name,tactics,linux`; a test reads every line.
static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let text = include_str!("../../../content/attack/techniques.csv");
    text.lines().skip(1).filter_map(row).collect()
});

fn row(line: &'static str) -> Option<Row> {
    let mut cells = line.split(',');
    let (id, name, tactics, ours) = (cells.next()?, cells.next()?, cells.next()?, cells.next()? == "yes");
    let tactics = tactics.split(';').map(str::parse).collect::<Result<Vec<Tactic>, _>>();
    Some(Row { id: id.parse().ok()?, name, tactics: tactics.ok()?, ours })
}

/// What was told and seen of each technique.
#[derive(Clone, Debug, Default)]
pub struct Told {
    by: BTreeMap<Technique, One>,
}

#[derive(Clone, Debug, Default)]
struct One {
    alerts: u64,
    events: u64,
    severity: Option<Severity>,
    last: Option<Timestamp>,
}

impl Told {
    pub fn alert(&mut self, alert: &Alert) {
        for technique in alert.techniques() {
            let one = self.by.entry(technique).or_default();
            one.alerts += 1;
            one.severity = one.severity.max(Some(alert.severity));
            one.last = one.last.max(Some(alert.time));
        }
    }

    /// The label that findings leave on an event, and how many events bear it.
    pub fn events(&mut self, label: &str, count: u64) {
        for technique in label.split_whitespace().filter_map(|id| id.parse::<Technique>().ok()) {
            self.by.entry(technique).or_default().events += count;
        }
    }
}

pub fn matrix(known: &[Known], told: &Told, from: Timestamp, to: Timestamp, events_known: bool) -> AttackMatrix {
    let rules: Vec<AttackRule> =
        known.iter().map(|one| AttackRule { id: one.id.clone(), title: one.title.clone(), kind: one.kind }).collect();
    let mut naming: BTreeMap<Technique, Vec<u32>> = BTreeMap::new();
    for (place, one) in known.iter().enumerate() {
        for technique in one.techniques.iter().collect::<BTreeSet<_>>() {
            naming.entry(*technique).or_default().push(place as u32);
        }
    }
    let shown = |id: Technique, name: &str| technique(id, name, &naming, told);
    let named: BTreeSet<Technique> = naming.keys().chain(told.by.keys()).copied().collect();
    // What a rule names or an alert told is shown, whatever it concerns elsewhere.
    let rows: Vec<&Row> = TABLE.iter().filter(|row| row.ours || named.contains(&row.id)).collect();
    let tactics = Tactic::ALL.into_iter().map(|tactic| AttackTactic {
        tactic,
        techniques: rows
            .iter()
            .filter(|row| row.tactics.contains(&tactic))
            .map(|row| shown(row.id, row.name))
            .collect(),
    });
    let listed: BTreeSet<Technique> = rows.iter().map(|row| row.id).collect();
    AttackMatrix {
        from: from.into(),
        to: to.into(),
        tactics: tactics.filter(|tactic| !tactic.techniques.is_empty()).collect(),
        other: named.difference(&listed).map(|id| shown(*id, "")).collect(),
        rules,
        events_known,
        notice: NOTICE.into(),
    }
}

fn technique(id: Technique, name: &str, naming: &BTreeMap<Technique, Vec<u32>>, told: &Told) -> AttackTechnique {
    let one = told.by.get(&id).cloned().unwrap_or_default();
    AttackTechnique {
        id: id.to_string(),
        name: name.to_owned(),
        parent: (id.parent() != id).then(|| id.parent().to_string()),
        rules: naming.get(&id).cloned().unwrap_or_default(),
        alerts: one.alerts,
        events: one.events,
        severity: one.severity,
        last: one.last.map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read_and_every_rule_finds_its_place() {
        let text = include_str!("../../../content/attack/techniques.csv");
        assert_eq!(TABLE.len(), text.lines().count() - 1);
        let matrix = matrix(crate::catalogue::all(), &Told::default(), Timestamp(0), Timestamp(1), true);
        // Of a later release than the table's: they have no name and no tactic here.
        let later = ["T1685", "T1685.002", "T1685.004", "T1685.006", "T1686", "T1689", "T1690"];
        let other: Vec<&str> = matrix.other.iter().map(|one| one.id.as_str()).collect();
        assert!(other.iter().all(|id| later.contains(id)), "techniques of our rules that the table lacks: {other:?}");
        let covered = matrix.tactics.iter().flat_map(|tactic| &tactic.techniques).filter(|one| !one.rules.is_empty());
        assert!(covered.count() > 100);
    }

    #[test]
    fn what_was_told_stands_at_its_technique() {
        let mut told = Told::default();
        told.events("T1059.004 T1105 nonsense", 3);
        told.events("T1105", 2);
        told.events("T9999", 1);
        let matrix = matrix(&[], &told, Timestamp(0), Timestamp(1), true);
        let find = |id: &str| matrix.tactics.iter().flat_map(|tactic| &tactic.techniques).find(|one| one.id == id);
        assert_eq!((find("T1105").unwrap().events, find("T1059.004").unwrap().events), (5, 3));
        assert_eq!(find("T1059.004").unwrap().parent.as_deref(), Some("T1059"));
        assert_eq!(matrix.other[0].id, "T9999");
    }
}
