//! What the agent told of one test. A line of the stream belongs to the test when its process descends from the test's
//! first one; the stream's order says what came after the test began.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The tactics of each technique, from ATT&CK's table.
pub type Tactics = BTreeMap<String, BTreeSet<String>>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    #[default]
    Nothing,
    /// Something was told, and no more.
    General,
    /// A technique of the same tactic.
    Tactic,
    /// The technique itself, its parent or its part.
    Technique,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Level::Nothing => "-",
            Level::General => "general",
            Level::Tactic => "tactic",
            Level::Technique => "technique",
        }
    }
}

/// What was seen and told of one test.
#[derive(Debug, Default)]
pub struct Judged {
    family: HashSet<u64>,
    /// Events of the test's processes.
    pub events: u64,
    /// By alerts, and by events that carry a technique without an alert of their own.
    pub alerted: Level,
    pub labelled: Level,
    pub stopped: bool,
    /// Names of the rules that spoke.
    pub said: BTreeSet<String>,
}

impl Judged {
    /// `root` is the host's pid of the tree's first process.
    pub fn new(root: u32) -> Judged {
        Judged { family: HashSet::from([u64::from(root)]), ..Judged::default() }
    }

    /// One line that came before the test itself began: only who is whose child.
    pub fn learn(&mut self, told: &Value) {
        let event = &told["event"];
        let pid = |name: &str| event[name].as_u64();
        if pid("process_parent_pid").is_some_and(|parent| self.family.contains(&parent)) {
            self.family.extend(pid("process_pid"));
        }
    }

    pub fn take(&mut self, told: &Value, technique: &str, tactics: &Tactics) {
        self.learn(told);
        let event = &told["event"];
        if event["process_pid"].as_u64().is_some_and(|pid| self.family.contains(&pid)) {
            self.events += 1;
            let labels = &event["labels"];
            let words =
                |name: &str| labels[name].as_str().unwrap_or_default().split(' ').filter(|word| !word.is_empty());
            let techniques: Vec<&str> = words("threat_technique_id").collect();
            if !techniques.is_empty() {
                self.labelled = self.labelled.max(level(&techniques, technique, tactics));
                self.said.extend(labels["rule_name"].as_str().unwrap_or_default().split("; ").map(str::to_owned));
            }
        }
        let alert = &told["alert"];
        let lineage = alert["lineage"].as_array();
        let ours = lineage.is_some_and(|all| {
            all.iter().any(|process| process["pid"].as_u64().is_some_and(|pid| self.family.contains(&pid)))
        });
        if !ours {
            return;
        }
        for finding in alert["findings"].as_array().into_iter().flatten() {
            let techniques: Vec<&str> =
                finding["techniques"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            self.alerted = self.alerted.max(level(&techniques, technique, tactics));
            self.said.insert(finding["name"].as_str().unwrap_or_default().to_owned());
        }
        let outcome = &alert["outcome"];
        self.stopped |= outcome["status"] == "done" && outcome["action"] != "alert";
    }

    pub fn told(&self) -> Level {
        self.alerted.max(self.labelled)
    }
}

fn level(told: &[&str], wanted: &str, tactics: &Tactics) -> Level {
    let family = |technique: &str| technique.split('.').next().unwrap_or_default().to_owned();
    let same = |told: &str| told == wanted || told == family(wanted) || family(told) == wanted;
    if told.iter().any(|told| same(told)) {
        return Level::Technique;
    }
    let of = |technique: &str| tactics.get(technique).cloned().unwrap_or_default();
    let wanted = of(wanted);
    if told.iter().any(|told| of(told).intersection(&wanted).next().is_some()) { Level::Tactic } else { Level::General }
}

/// `enterprise-techniques.csv`: id, name, tactics and platforms, each list joined by semicolons.
pub fn tactics(table: &str) -> Tactics {
    let mut all = Tactics::new();
    for line in table.lines().skip(1) {
        // Names may hold commas within quotes; the tactics are the last field but one.
        let mut ends = line.rsplitn(3, ',');
        let (_, tactics, start) = (ends.next(), ends.next(), ends.next());
        if let (Some(tactics), Some(id)) = (tactics, start.and_then(|start| start.split(',').next())) {
            all.insert(id.to_owned(), tactics.split(';').map(str::to_owned).collect());
        }
    }
    // Names of a later edition that the table does not hold.
    for (new, old) in
        [("T1685", "T1562.001"), ("T1685.002", "T1562.008"), ("T1686", "T1562.004"), ("T1689", "T1562.010")]
    {
        if let Some(tactics) = all.get(old).cloned() {
            all.entry(new.to_owned()).or_insert(tactics);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_tree_and_the_technique_decide() {
        let tactics = tactics(
            "id,name,tactics,platforms\nT1053.003,Cron,execution;persistence,Linux\nT1543,\"A, b\",persistence,Linux\nT1082,S,discovery,Linux\n",
        );
        let alert = |pid: u64, technique: &str| json!({"alert": {"lineage": [{"pid": pid}], "findings": [{"name": "x", "techniques": [technique]}], "outcome": {"action": "alert", "status": "none"}}});
        let check = |lines: &[Value], expected: (Level, Level)| {
            let mut judged = Judged::new(7);
            lines.iter().for_each(|line| judged.take(line, "T1053.003", &tactics));
            assert_eq!((judged.alerted, judged.labelled), expected, "{lines:?}");
        };
        let child = json!({"event": {"process_pid": 8, "process_parent_pid": 7}});
        check(&[alert(8, "T1053.003")], (Level::Nothing, Level::Nothing));
        check(&[child.clone(), alert(8, "T1053.003")], (Level::Technique, Level::Nothing));
        check(&[alert(7, "T1053")], (Level::Technique, Level::Nothing));
        check(&[alert(7, "T1053.002")], (Level::General, Level::Nothing));
        check(&[alert(7, "T1543")], (Level::Tactic, Level::Nothing));
        check(&[alert(7, "T1082")], (Level::General, Level::Nothing));
        let label = json!({"event": {"process_pid": 8, "labels": {"threat_technique_id": "T1082 T1053.003", "rule_name": "a; b"}}});
        check(std::slice::from_ref(&label), (Level::Nothing, Level::Nothing));
        check(&[child, label], (Level::Nothing, Level::Technique));
    }
}
