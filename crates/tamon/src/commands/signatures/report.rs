//! What a build made of its inputs, for people and for programs.

use crate::output::{self, Output, text};
use anyhow::Result;
use serde_json::json;
use signatures::{Reason, Report};

/// As one object a line: what is not used, a line each.
pub fn tell(report: &Report, print: Output) -> Result<()> {
    match print {
        Output::Text => people(report),
        Output::Json => output::json(report),
        Output::Ndjson => report.rejected.iter().try_for_each(output::json),
    }
}

pub fn people(report: &Report) -> Result<()> {
    for one in &report.rejected {
        let name = one.name.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
        let line = if one.line > 0 { format!(":{}", one.line) } else { String::new() };
        output::line(&format!("{}{line}  {}", text(&json!(one.file)), text(&json!(format!("{name}{}", one.reason)))))?;
    }
    let untold = report.rejected_count().saturating_sub(report.rejected.len() as u64);
    if untold > 0 {
        output::line(&format!("… and {untold} more that are not used"))?;
    }
    for container in &report.containers {
        let (file, origin) = (text(&json!(container.file)), text(&json!(container.origin)));
        output::line(&format!("{file}  version {}, {} signatures, {origin}", container.version, container.signatures))?;
    }
    for (format, count) in &report.by_format {
        output::line(&format!("{:>10}  {}", count, text(&json!(format))))?;
    }
    for (reason, count) in &report.unused {
        let why = match reason {
            Reason::Malformed => "not well-formed",
            Reason::Unsupported => "of a kind that is not supported",
            Reason::OtherEngineLevel => "for other versions of the engine",
            Reason::File => "files of no known kind, or not to be read",
        };
        output::line(&format!("{count:>10}  not used: {why}"))?;
    }
    output::line(&format!(
        "{} files, {} signatures: {} usable ({} potentially unwanted), {} switched off, {} not used",
        report.files,
        report.signatures,
        report.usable,
        report.pua,
        report.ignored,
        report.rejected_count()
    ))
}
