//! What a compiled set reads of stored events, so that a search through history touches nothing else.

use crate::compile::RuleSet;
use crate::logsource::{ACTIONS, feeds_of};
use crate::taxonomy::Origin;
use event::Column;
use std::collections::BTreeSet;

/// Enough of an event for [`Matcher::find`](crate::Matcher::find).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    pub columns: BTreeSet<Column>,
    pub labels: bool,
    /// `event_action` of the events that any rule is about.
    pub actions: Vec<&'static str>,
    /// There are correlations: events must come in the order of their time.
    pub in_order: bool,
}

impl RuleSet {
    pub fn reads(&self) -> Reads {
        let fed = |action: &&str| feeds_of(action).iter().any(|feed| self.groups[*feed as usize].is_some());
        let mut reads = Reads {
            columns: BTreeSet::from([Column::Action, Column::Time]),
            actions: ACTIONS.iter().copied().filter(fed).collect(),
            in_order: !self.plan.members.is_empty(),
            ..Reads::default()
        };
        for slot in self.groups.iter().flatten().flat_map(|group| &group.slots) {
            match &slot.origin {
                Origin::Column(column) => drop(reads.columns.insert(*column)),
                Origin::Label(_) | Origin::Line => reads.labels = true,
                Origin::Initiated => drop(reads.columns.insert(Column::NetworkDirection)),
                Origin::Hashes => drop(reads.columns.insert(Column::ProcessHashSha256)),
                Origin::Every => {
                    reads.columns.extend(Column::ALL);
                    reads.labels = true;
                }
                Origin::Never | Origin::Foreign(_) => {}
            }
        }
        reads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(detection: &str, category: &str) -> Reads {
        let rule = format!(
            "title: a\nid: 6a7f2d0e-8a3c-4c6b-9f0e-0d8f3b1f2a11\nlogsource: {{product: linux, category: {category}}}\n\
             detection: {detection}\nlevel: low\n"
        );
        let (rules, report) = RuleSet::compile([("a.yml".to_owned(), rule)]);
        assert_eq!(report.usable, 1, "{report:?}");
        rules.reads()
    }

    #[test]
    fn only_what_the_rules_are_about() {
        let one = reads("{a: {Image|endswith: /sh, CommandLine|contains: curl}, condition: a}", "process_creation");
        assert_eq!(one.actions, ["process-exec"]);
        let wanted = [Column::Action, Column::Time, Column::ProcessExecutable, Column::ProcessCommandLine];
        assert_eq!(one.columns, BTreeSet::from(wanted));
        assert!(!one.labels && !one.in_order);

        let words = reads("{keywords: [curl], condition: keywords}", "file_event");
        assert!(words.labels && words.columns.len() == Column::ALL.len());
        assert!(words.actions.contains(&"file-rename") && !words.actions.contains(&"file-unlink"));
    }
}
