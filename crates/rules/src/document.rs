//! One YAML document → a Sigma rule whose detection is compiled to tests, or the reason why not.

mod detection;
mod header;

pub(crate) use detection::Detection;
pub(crate) use header::Header;

use crate::condition::ConditionError;
use crate::logsource::LogSource;
use crate::modifier::{ModifierError, Placeholders};
use crate::yaml::Node;

#[derive(Debug)]
pub(crate) struct Rule {
    pub header: Header,
    pub log_source: LogSource,
    pub detection: Detection,
}

#[derive(Debug, thiserror::Error, PartialEq)]
pub(crate) enum RuleError {
    #[error("a rule is a YAML map")]
    NotAMap,
    #[error("the field {0:?} is missing")]
    Missing(&'static str),
    #[error("the field {field:?} must be {expected}")]
    Type { field: String, expected: &'static str },
    #[error("{field}: {reason}")]
    Invalid { field: &'static str, reason: String },
    #[error("{field}: {source}")]
    Modifier { field: String, source: ModifierError },
    #[error("{0}")]
    Condition(#[from] ConditionError),
    #[error("not yet run: {0}")]
    NotYet(&'static str),
}

/// The id of a document, whatever else is wrong with it.
pub(crate) fn id(document: &Node) -> Option<String> {
    document.get("id").and_then(Node::scalar).map(|id| event::text::clip(id, 128).to_owned())
}

pub(crate) fn parse(document: &Node, places: &Placeholders) -> Result<Rule, RuleError> {
    if !matches!(document, Node::Map(_)) {
        return Err(RuleError::NotAMap);
    }
    if let Some(reason) = meta_rule(document) {
        return Err(RuleError::NotYet(reason));
    }
    let header = header::parse(document)?;
    let log_source = LogSource::parse(document.get("logsource").ok_or(RuleError::Missing("logsource"))?)?;
    let detection = detection::parse(document.get("detection").ok_or(RuleError::Missing("detection"))?, places)?;
    Ok(Rule { header, log_source, detection })
}

fn meta_rule(document: &Node) -> Option<&'static str> {
    if document.get("correlation").is_some() {
        Some("a correlation over several events; single-event rules run")
    } else if document.get("filter").is_some() {
        Some("a filter that changes other rules; put its conditions into an exception of the policy")
    } else if document.get("action").is_some() {
        Some("“action: global” collections of Sigma 1; write each rule out")
    } else {
        None
    }
}
