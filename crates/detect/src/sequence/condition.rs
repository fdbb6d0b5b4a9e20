//! What makes one event a step: tests on its columns, and on what other engines found in it. All tests of a condition must
//! hold; of a test's values any. A value is a text where `*` stands for any run of characters; `!` before it asks for the
//! opposite; `$name` asks for what an earlier step has bound.

use super::document::OneOrMany;
use event::{Column, Fields, Finding, Tactic, Technique, Value};
use memchr::memmem::Finder;
use std::borrow::Cow;
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
        // Most events have no findings: what asks for one is answered before any text is read.
        condition.tests.sort_by_key(|test| !about_findings(test));
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
    pub fn holds<F: Fields>(&self, texts: &mut Texts<'_, F>, findings: &[Finding]) -> bool {
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
                let text = texts.of(*column);
                (wanted.is_empty() || wanted.iter().any(|pattern| pattern.matches(text)))
                    && !refused.iter().any(|pattern| pattern.matches(text))
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

/// The columns of one event as texts, each written once however many conditions ask for it; empty where there is none.
pub(crate) struct Texts<'a, F> {
    event: &'a F,
    read: Vec<(Column, Cow<'a, str>)>,
}

impl<'a, F: Fields> Texts<'a, F> {
    pub fn new(event: &'a F) -> Self {
        Texts { event, read: Vec::new() }
    }

    fn of(&mut self, column: Column) -> &str {
        let at = self.read.iter().position(|(known, _)| *known == column).unwrap_or_else(|| {
            let text = match self.event.field(column) {
                Some(Value::Str(text)) => text,
                Some(other) => Cow::Owned(other.to_string()),
                None => Cow::Borrowed(""),
            };
            self.read.push((column, text));
            self.read.len() - 1
        });
        &self.read[at].1
    }
}

/// A text with `*` for any run of characters; matched in one pass without recursion.
#[derive(Debug)]
enum Pattern {
    Exact(Box<str>),
    Parts { first: Box<str>, middle: Vec<Finder<'static>>, last: Box<str> },
}

impl Pattern {
    fn new(text: &str) -> Pattern {
        match text.split('*').collect::<Vec<_>>().as_slice() {
            [first, middle @ .., last] => Pattern::Parts {
                first: (*first).into(),
                middle: middle.iter().map(|part| Finder::new(*part).into_owned()).collect(),
                last: (*last).into(),
            },
            _ => Pattern::Exact(text.into()),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Exact(wanted) => text == &**wanted,
            Pattern::Parts { first, middle, last } => {
                let Some(mut rest) = text.as_bytes().strip_prefix(first.as_bytes()) else { return false };
                // The end is the cheaper question.
                if rest.len() < last.len() || !rest.ends_with(last.as_bytes()) {
                    return false;
                }
                for part in middle {
                    match part.find(rest) {
                        Some(at) => rest = &rest[at + part.needle().len()..],
                        None => return false,
                    }
                }
                rest.len() >= last.len()
            }
        }
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
        check("*ab*b", "ab", false);
        check("*ab*b", "xabyb", true);
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
