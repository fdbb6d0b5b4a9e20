//! What makes one event a step: tests on its columns, and on what other engines found in it. All tests of a condition must
//! hold; of a test's values any. A value is a text where `*` stands for any run of characters; `!` before it asks for the
//! opposite; `$name` asks for what an earlier step has bound.

use super::document::OneOrMany;
use event::{Column, Fields, Finding, Tactic, Technique, Value};
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct Condition {
    tests: Vec<Test>,
    /// Values of `event_action` that it asks for; where there are none, it asks for a finding.
    pub actions: Vec<String>,
}

#[derive(Debug)]
enum Test {
    Column { column: Column, wanted: Vec<Pattern>, refused: Vec<Pattern> },
    Bound { column: Column, variable: u8 },
    Technique(Vec<Technique>),
    Tactic(Vec<Tactic>),
    Rule(Vec<Pattern>),
}

#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ConditionError {
    #[error("{0:?} is no column, and none of rule, technique, tactic")]
    Unknown(String),
    #[error(
        "it asks neither for an event_action nor for a rule, technique or tactic: it would be tried on every event"
    )]
    TooWide,
    #[error("no step binds {0:?}")]
    Unbound(String),
    #[error("{0:?} is no technique or tactic of ATT&CK")]
    Attack(String),
}

/// What an earlier step bound.
pub(crate) type Bound = Vec<(u8, Box<str>)>;

impl Condition {
    pub fn read(written: &BTreeMap<String, OneOrMany>, variables: &[String]) -> Result<Condition, ConditionError> {
        let mut condition = Condition { tests: Vec::new(), actions: Vec::new() };
        for (name, values) in written {
            let values: Vec<&str> = match values {
                OneOrMany::One(one) => vec![one],
                OneOrMany::Many(many) => many.iter().map(String::as_str).collect(),
            };
            condition.test(name, &values, variables)?;
        }
        let about_findings = |test: &Test| matches!(test, Test::Technique(_) | Test::Tactic(_) | Test::Rule(_));
        if condition.actions.is_empty() && !condition.tests.iter().any(about_findings) {
            return Err(ConditionError::TooWide);
        }
        Ok(condition)
    }

    fn test(&mut self, name: &str, values: &[&str], variables: &[String]) -> Result<(), ConditionError> {
        let attack = |value: &str| ConditionError::Attack(value.to_owned());
        let test = match name {
            "rule" => Test::Rule(values.iter().map(|value| Pattern::new(value)).collect()),
            "technique" => Test::Technique(
                values.iter().map(|value| value.parse().map_err(|_| attack(value))).collect::<Result<_, _>>()?,
            ),
            "tactic" => Test::Tactic(
                values.iter().map(|value| value.parse().map_err(|_| attack(value))).collect::<Result<_, _>>()?,
            ),
            _ => {
                let column = Column::from_name(name).ok_or_else(|| ConditionError::Unknown(name.to_owned()))?;
                if let [value] = values
                    && let Some(bound) = value.strip_prefix('$')
                {
                    let variable =
                        variable(variables, bound).ok_or_else(|| ConditionError::Unbound(bound.to_owned()))?;
                    Test::Bound { column, variable }
                } else {
                    let (refused, wanted): (Vec<&str>, Vec<&str>) =
                        values.iter().partition(|value| value.starts_with('!'));
                    if column == Column::Action && wanted.iter().all(|value| !value.contains('*')) {
                        self.actions = wanted.iter().map(|value| (*value).to_owned()).collect();
                        if refused.is_empty() {
                            return Ok(());
                        }
                    }
                    Test::Column {
                        column,
                        wanted: wanted.iter().map(|value| Pattern::new(value)).collect(),
                        refused: refused.iter().map(|value| Pattern::new(&value[1..])).collect(),
                    }
                }
            }
        };
        self.tests.push(test);
        Ok(())
    }

    /// All but what earlier steps bound.
    pub fn holds(&self, event: &impl Fields, findings: &[Finding]) -> bool {
        self.tests.iter().all(|test| match test {
            Test::Bound { .. } => true,
            Test::Technique(wanted) => {
                let same = |told: &Technique| wanted.iter().any(|wanted| told == wanted || told.parent() == *wanted);
                findings.iter().any(|finding| finding.techniques.iter().any(same))
            }
            Test::Tactic(wanted) => {
                findings.iter().any(|finding| finding.tactics.iter().any(|tactic| wanted.contains(tactic)))
            }
            Test::Rule(wanted) => {
                findings.iter().any(|finding| wanted.iter().any(|pattern| pattern.matches(finding.rule_id.as_str())))
            }
            Test::Column { column, wanted, refused } => {
                let value = event.field(*column);
                let text = value.as_ref().map(Value::text).unwrap_or_default();
                (wanted.is_empty() || wanted.iter().any(|pattern| pattern.matches(&text)))
                    && !refused.iter().any(|pattern| pattern.matches(&text))
            }
        })
    }

    pub fn holds_with(&self, event: &impl Fields, bound: &Bound) -> bool {
        self.tests.iter().all(|test| match test {
            Test::Bound { column, variable } => {
                let value = event.field(*column);
                let known = bound.iter().find(|(number, _)| number == variable);
                value.zip(known).is_some_and(|(value, (_, known))| value.text() == **known)
            }
            _ => true,
        })
    }
}

pub(crate) fn variable(variables: &[String], name: &str) -> Option<u8> {
    variables.iter().position(|known| known == name).and_then(|at| u8::try_from(at).ok())
}

/// A text with `*` for any run of characters; matched in one pass without recursion.
#[derive(Debug)]
struct Pattern(Vec<Box<str>>);

impl Pattern {
    fn new(text: &str) -> Pattern {
        Pattern(text.split('*').map(Box::from).collect())
    }

    fn matches(&self, text: &str) -> bool {
        let parts = &self.0;
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
        if parts.len() == 1 {
            return text == &**first;
        }
        let Some(mut rest) = text.strip_prefix(&**first) else { return false };
        for part in &parts[1..parts.len() - 1] {
            match rest.find(&**part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.len() >= last.len() && rest.ends_with(&**last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars() {
        let check = |pattern: &str, text: &str, expected| {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} {text}")
        };
        check("curl", "curl", true);
        check("curl", "curl2", false);
        check("/tmp/*", "/tmp/a", true);
        check("*.sh", "a.sh", true);
        check("a*b*c", "aXbYc", true);
        check("a*b*c", "aXc", false);
        check("ab*ba", "aba", false);
        check("*", "", true);
        check("", "", true);
    }

    #[test]
    fn what_would_be_tried_on_every_event_is_refused() {
        let read = |pairs: &[(&str, &str)]| {
            let written = pairs.iter().map(|(k, v)| ((*k).to_owned(), OneOrMany::One((*v).to_owned()))).collect();
            Condition::read(&written, &["file".to_owned()]).err()
        };
        assert_eq!(read(&[("process_name", "curl")]), Some(ConditionError::TooWide));
        assert_eq!(read(&[("event_action", "*")]), Some(ConditionError::TooWide));
        assert_eq!(
            read(&[("event_action", "process-exec"), ("proces_name", "x")]),
            Some(ConditionError::Unknown("proces_name".into()))
        );
        assert_eq!(read(&[("technique", "T1"), ("event_action", "x")]), Some(ConditionError::Attack("T1".into())));
        assert_eq!(
            read(&[("event_action", "x"), ("file_path", "$other")]),
            Some(ConditionError::Unbound("other".into()))
        );
        assert_eq!(read(&[("technique", "T1105")]), None);
    }
}
