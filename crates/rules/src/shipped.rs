//! Our own pipelines, built in.

use crate::compile::View;
use crate::pipeline::{Pipeline, PipelineError};

/// (name, text)
pub const PIPELINES: &[(&str, &str)] = &[];

/// By name.
pub fn pipeline(name: &str) -> Option<Result<Pipeline, PipelineError>> {
    let (name, text) = PIPELINES.iter().find(|(own, _)| *own == name)?;
    Some(Pipeline::parse(name, text))
}

/// Every kind of log that we know, each with its pipeline.
pub fn views() -> Result<Vec<View>, PipelineError> {
    PIPELINES
        .iter()
        .map(|(name, text)| Ok(View { name: (*name).to_owned(), pipelines: vec![Pipeline::parse(name, text)?] }))
        .collect()
}
