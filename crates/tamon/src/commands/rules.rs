//! `tamon rules check DIR`: what of a set of Sigma rules can be used, on this agent's events or over log files, and why the
//! rest cannot be used at all.

use crate::output::{self, Output, text};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Files larger than this are no rules.
const MAX_FILE: u64 = 4 << 20;

pub fn check(folder: &Path, print: Output) -> Result<ExitCode> {
    let mut files = Vec::new();
    collect(folder, &mut files, 0)?;
    files.sort();
    let sources = files.iter().map(|path| Ok((path.display().to_string(), read(path)?))).collect::<Result<Vec<_>>>()?;
    let options = rules::Options { views: rules::shipped::views()?, ..rules::Options::default() };
    let (_, agent) = rules::RuleSet::compile(sources.clone());
    let (_, report) = rules::RuleSet::compile_foreign(sources, &options);
    // What only the agent can use is usable too.
    let rejected: Vec<_> = report.rejected.into_iter().filter(|rejected| agent.rejects(rejected)).collect();
    let usable = report.rules - rejected.len();
    self::report(&rules::Report { rejected, usable, ..report }, print)
}

/// Prints a report; exit status 1 if a rule is rejected.
pub fn report(report: &rules::Report, print: Output) -> Result<ExitCode> {
    match print {
        Output::Text => people(report)?,
        Output::Json => output::json(report)?,
        Output::Ndjson => report.rejected.iter().try_for_each(output::json)?,
    }
    Ok(if report.rejected.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn people(report: &rules::Report) -> Result<()> {
    for rejected in &report.rejected {
        let id = text(&json!(rejected.rule_id));
        output::line(&format!("{}  {id}  {}", text(&json!(rejected.file)), text(&json!(rejected.reason))))?;
    }
    output::line(&format!(
        "{} files, {} rules, {} usable, {} not",
        report.files,
        report.rules,
        report.usable,
        report.rejected.len()
    ))
}

/// Text that is not UTF-8 is handed on with its bytes escaped: the compiler then says what is wrong with it.
pub fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(event::text::from_bytes(&bytes).into_owned())
}

pub fn collect(path: &Path, files: &mut Vec<PathBuf>, depth: usize) -> Result<()> {
    let meta = path.symlink_metadata().with_context(|| format!("cannot read {}", path.display()))?;
    if meta.is_dir() {
        if depth > 32 {
            bail!("{}: folders nested deeper than 32", path.display());
        }
        for entry in std::fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
            collect(&entry?.path(), files, depth + 1)?;
        }
    } else if meta.is_file() && path.extension().is_some_and(|e| e == "yml" || e == "yaml") {
        if meta.len() > MAX_FILE {
            bail!("{}: {} bytes is no rule file", path.display(), meta.len());
        }
        files.push(path.to_path_buf());
    }
    Ok(())
}
