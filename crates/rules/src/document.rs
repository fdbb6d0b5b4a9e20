//! One YAML document → a Sigma rule whose detection is compiled to tests, a correlation over other rules, or a filter that
//! changes them; or the reason why not.

mod correlation;
mod detection;
mod filter;
mod header;

pub(crate) use correlation::{Amount, Correlation, Criterion, Kind, Need};
pub(crate) use detection::{Detection, FieldItem, Tree, search_of};
pub(crate) use filter::{Filter, Targets};
pub(crate) use header::Header;

use crate::condition::ConditionError;
use crate::logsource::LogSource;
use crate::modifier::{ModifierError, Placeholders};
use crate::yaml::Node;
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) enum Document {
    Rule(Box<Rule>),
    Correlation(Box<Correlation>),
    Filter(Box<Filter>),
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub header: Header,
    pub log_source: LogSource,
    pub detection: Detection,
    /// Conditions that a pipeline added: they say which records are asked at all.
    pub gate: Vec<Detection>,
    /// A pipeline knew its log source.
    pub handled: bool,
    /// Fields that correlations read of the events it matches.
    pub wanted: Vec<Wanted>,
    /// As written, for a pipeline's conditions.
    pub tags: Vec<String>,
    pub attributes: BTreeMap<String, String>,
    /// Set by a pipeline.
    pub custom: BTreeMap<String, String>,
}

/// A field by the name that a correlation uses, and the names it has in this rule's events.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    pub name: u16,
    pub fields: Vec<String>,
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
    #[error("the pipeline {pipeline:?} refuses it: {reason}")]
    Pipeline { pipeline: String, reason: String },
    #[error("not supported: {0}")]
    Unsupported(&'static str),
}

/// The id of a document, whatever else is wrong with it.
pub(crate) fn id(document: &Node) -> Option<String> {
    document.get("id").and_then(Node::scalar).map(|id| event::text::clip(id, 128).to_owned())
}

pub(crate) fn parse(document: &Node, places: &Placeholders) -> Result<Document, RuleError> {
    let Node::Map(entries) = document else { return Err(RuleError::NotAMap) };
    if document.get("action").is_some() {
        return Err(RuleError::Unsupported("“action: global” collections of Sigma 1; write each rule out"));
    }
    let header = header::parse(document)?;
    if let Some(section) = document.get("correlation") {
        return Ok(Document::Correlation(Box::new(correlation::parse(header, section, document)?)));
    }
    let log_source = LogSource::parse(document.get("logsource").ok_or(RuleError::Missing("logsource"))?)?;
    if let Some(section) = document.get("filter") {
        return Ok(Document::Filter(Box::new(filter::parse(header, log_source, section, places)?)));
    }
    let detection = detection::parse(document.get("detection").ok_or(RuleError::Missing("detection"))?, places)?;
    let scalars = entries.iter().filter_map(|(key, node)| Some((key.clone(), node.scalar()?.to_owned())));
    Ok(Document::Rule(Box::new(Rule {
        tags: header::tags(document)?,
        attributes: scalars.collect(),
        header,
        log_source,
        detection,
        gate: Vec::new(),
        handled: false,
        wanted: Vec::new(),
        custom: BTreeMap::new(),
    })))
}

impl Rule {
    /// What is wrong once the pipelines are through: a placeholder that nobody gave a value.
    pub fn settled(&self) -> Result<(), RuleError> {
        let mut open = None;
        let mut look = |item: &FieldItem| {
            let names = item.item.values.iter().flatten().filter_map(|test| match test {
                crate::predicate::Test::Text { pattern, .. } => pattern.placeholder(),
                _ => None,
            });
            if let (None, Some(name)) = (&open, names.into_iter().next()) {
                let source = ModifierError::Placeholder(name.to_owned());
                open = Some(RuleError::Modifier { field: event::text::clip(&item.field, 80).to_owned(), source });
            }
        };
        self.detection.each_item(&mut look);
        self.gate.iter().for_each(|part| part.each_item(&mut look));
        open.map_or(Ok(()), Err)
    }
}
