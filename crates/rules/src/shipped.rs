//! Our own pipelines, built in.

use crate::compile::View;
use crate::pipeline::{Pipeline, PipelineError};

/// (name, text)
pub const PIPELINES: &[(&str, &str)] = &[
    ("windows", include_str!("../../../content/pipelines/windows.yml")),
    ("windows-audit", include_str!("../../../content/pipelines/windows-audit.yml")),
    ("linux-auditd", include_str!("../../../content/pipelines/linux-auditd.yml")),
    ("linux-sysmon", include_str!("../../../content/pipelines/linux-sysmon.yml")),
    ("linux-services", include_str!("../../../content/pipelines/linux-services.yml")),
    ("tamon", include_str!("../../../content/pipelines/tamon.yml")),
];

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
