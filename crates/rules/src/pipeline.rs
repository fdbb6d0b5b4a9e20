//! Processing pipelines in pySigma's YAML form: text in, a [`Pipeline`] out, which changes rules before they are compiled:
//! field names, values, log sources, added conditions. Without one, rules are taken as they are written.
//!
//! Every transformation of pySigma that makes sense for a matcher is here. Those that read files, ask servers, run
//! commands or write a query's text are refused with their reason, as is any key that is not known: a mistyped
//! pipeline must not quietly match less.

mod apply;
mod condition;
mod read;
mod transform;
mod value;

pub(crate) use apply::apply;

use crate::yaml;
use condition::Conditions;
use std::collections::BTreeMap;
use transform::Transformation;

/// A list of transformations, each with the conditions under which it is applied.
#[derive(Clone, Debug)]
pub struct Pipeline {
    pub name: String,
    /// Lower is applied earlier.
    pub priority: i64,
    /// Values for `value_placeholders`.
    pub(crate) vars: BTreeMap<String, Vec<String>>,
    pub(crate) items: Vec<ProcessingItem>,
}

#[derive(Clone, Debug)]
pub(crate) struct ProcessingItem {
    pub id: Option<String>,
    pub rule: Conditions<condition::RuleCondition>,
    pub detection_item: Conditions<condition::ItemCondition>,
    pub field_name: Conditions<condition::FieldCondition>,
    pub transformation: Transformation,
}

/// Why a pipeline cannot be used.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum PipelineError {
    #[error("{0}")]
    Yaml(String),
    #[error("a pipeline is one YAML map; this file holds {0} documents")]
    Documents(usize),
    #[error("{place}: the key {key:?} is not known")]
    UnknownKey { place: String, key: String },
    #[error("{place}: {key} is missing")]
    Missing { place: String, key: &'static str },
    #[error("{place}: {key} must be {expected}")]
    Type { place: String, key: String, expected: &'static str },
    #[error("{place}: {reason}")]
    Refused { place: String, reason: String },
}

impl Pipeline {
    /// `name` is shown where the file has none.
    pub fn parse(name: &str, text: &str) -> Result<Pipeline, PipelineError> {
        if text.len() > crate::limits::FILE_BYTES {
            return Err(PipelineError::Yaml(format!(
                "{} bytes; at most {} are taken",
                text.len(),
                crate::limits::FILE_BYTES
            )));
        }
        let (documents, error) = yaml::documents(text);
        if let Some(error) = error {
            return Err(PipelineError::Yaml(error.to_string()));
        }
        match documents.as_slice() {
            [document] => read::pipeline(name, document),
            other => Err(PipelineError::Documents(other.len())),
        }
    }

    /// In the order in which they are applied: by priority, equal ones as given.
    pub fn sort(pipelines: &mut [Pipeline]) {
        pipelines.sort_by_key(|pipeline| pipeline.priority);
    }
}
