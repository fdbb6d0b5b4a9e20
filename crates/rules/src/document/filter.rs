//! A Sigma filter: conditions that are added to other rules, to suppress what is known to be harmless here.
//!
//! The specification's example selects what is to be suppressed (`condition: selection`); pySigma adds the condition
//! as it stands, so that its users write `not selection`. Both are taken as they are meant: a condition with a `not`
//! says what remains, one without says what goes.

use super::detection::{self, Detection};
use super::{Header, Rule, RuleError};
use crate::logsource::LogSource;
use crate::modifier::Placeholders;
use crate::yaml::Node;

#[derive(Debug)]
pub(crate) struct Filter {
    pub header: Header,
    pub log_source: LogSource,
    pub targets: Targets,
    /// What must hold besides the rule's own detection.
    pub remains: Detection,
}

#[derive(Debug)]
pub(crate) enum Targets {
    /// Every rule of the log source.
    Any,
    /// By id or name.
    Named(Vec<String>),
}

pub(super) fn parse(
    header: Header,
    log_source: LogSource,
    section: &Node,
    places: &Placeholders,
) -> Result<Filter, RuleError> {
    let targets = match section.get("rules") {
        None => return Err(RuleError::Missing("filter.rules")),
        Some(Node::List(list)) if list.is_empty() => Targets::Any,
        Some(Node::List(list)) => {
            let names = list.iter().map(|name| name.scalar().map(str::to_owned)).collect::<Option<Vec<_>>>();
            Targets::Named(names.ok_or(RuleError::Type { field: "filter.rules".into(), expected: "ids or names" })?)
        }
        Some(node) => match node.scalar() {
            Some(text) if text.eq_ignore_ascii_case("any") => Targets::Any,
            Some(text) => Targets::Named(vec![text.to_owned()]),
            None => return Err(RuleError::Type { field: "filter.rules".into(), expected: "ids, names or any" }),
        },
    };
    let condition = section.get("condition").and_then(Node::scalar).ok_or(RuleError::Missing("filter.condition"))?;
    let keeps = condition.split(|c: char| c.is_whitespace() || c == '(').any(|word| word.eq_ignore_ascii_case("not"));
    let found = detection::parse_section(section, &["condition", "rules"], places)?;
    let remains = if keeps { found } else { Detection::Not(Box::new(found)) };
    Ok(Filter { header, log_source, targets, remains })
}

impl Filter {
    pub fn concerns(&self, rule: &Rule) -> bool {
        let named = match &self.targets {
            Targets::Any => true,
            Targets::Named(names) => names
                .iter()
                .any(|name| rule.header.id.as_deref() == Some(name) || rule.header.name.as_deref() == Some(name)),
        };
        named && self.log_source.covers(&rule.log_source)
    }
}
