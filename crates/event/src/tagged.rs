//! An event with what was found in it, as it is kept and hunted: each finding leaves its rule and techniques on the event,
//! whether or not anybody was told. `threat_technique_id` is what a hunt for a technique reads.

use crate::{Column, Fields, Finding, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Labels: `rule_id`, `rule_name` (joined by `; `), `threat_technique_id`, `threat_tactic_name` (joined by a blank).
pub struct Tagged<'a, F> {
    event: &'a F,
    labels: Vec<(&'static str, String)>,
}

/// So many findings of one event leave their names; an event with more is a flood of rules.
const MOST: usize = 16;

impl<'a, F: Fields> Tagged<'a, F> {
    pub fn new(event: &'a F, findings: &[Finding]) -> Self {
        let mut labels = Vec::new();
        if !findings.is_empty() {
            let each = || findings.iter().take(MOST);
            let names: BTreeSet<&str> = each().map(|finding| finding.name.as_str()).collect();
            let rules: BTreeSet<&str> = each().map(|finding| finding.rule_id.as_str()).collect();
            let techniques: BTreeSet<_> = each().flat_map(|finding| &finding.techniques).collect();
            let tactics: BTreeSet<_> =
                each().flat_map(|finding| &finding.tactics).map(|tactic| tactic.name()).collect();
            let techniques: Vec<String> = techniques.into_iter().map(|technique| technique.to_string()).collect();
            labels.push(("rule_id", rules.into_iter().collect::<Vec<_>>().join(" ")));
            labels.push(("rule_name", names.into_iter().collect::<Vec<_>>().join("; ")));
            labels.push(("threat_technique_id", techniques.join(" ")));
            labels.push(("threat_tactic_name", tactics.into_iter().collect::<Vec<_>>().join(" ")));
            labels.retain(|(_, text)| !text.is_empty());
        }
        Tagged { event, labels }
    }
}

impl<F: Fields> Fields for Tagged<'_, F> {
    fn field(&self, column: Column) -> Option<Value<'_>> {
        self.event.field(column)
    }

    fn label(&self, name: &str) -> Option<Cow<'_, str>> {
        let own = self.labels.iter().find(|(label, _)| *label == name);
        own.map(|(_, text)| Cow::Borrowed(text.as_str())).or_else(|| self.event.label(name))
    }

    fn each_label(&self, visit: &mut dyn FnMut(&str, &str)) {
        self.event.each_label(visit);
        self.labels.iter().for_each(|(name, text)| visit(name, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Row, RuleId, Severity, Tactic, Technique};

    #[test]
    fn findings_leave_their_technique_on_the_event() {
        let finding = |id: &str, technique| Finding {
            engine: Engine::Sigma,
            rule_id: RuleId::new(id),
            name: format!("rule {id}"),
            severity: Severity::Low,
            techniques: vec![technique],
            tactics: vec![Tactic::Discovery],
            detail: String::new(),
            matched: Vec::new(),
            asks: None,
        };
        let findings = [finding("b", Technique::new(1082)), finding("a", Technique::sub(1087, 1))];
        let row = Row::of(&Tagged::new(&Row::default(), &findings));
        assert_eq!(row.labels["rule_id"], "a b");
        assert_eq!(row.labels["rule_name"], "rule a; rule b");
        assert_eq!(row.labels["threat_technique_id"], "T1082 T1087.001");
        assert_eq!(row.labels["threat_tactic_name"], "discovery");
        assert!(Row::of(&Tagged::new(&Row::default(), &[])).labels.is_empty());
    }
}
