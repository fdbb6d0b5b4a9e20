//! `tamon signatures check`: everything is compiled as it would be for use, into nothing.

use super::report;
use crate::output::{self, Output, text};
use anyhow::{Context as _, Result};
use scan::{CompileOptions, LoadReport, ScanConfig, Scanner};
use serde::Serialize;
use serde_json::json;
use signatures::Report;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Serialize)]
struct Checked {
    #[serde(flatten)]
    databases: Report,
    yara: Yara,
}

#[derive(Default, Serialize)]
struct Yara {
    rules: usize,
    rejected: Vec<scan::RejectedFile>,
    warnings: Vec<String>,
}

/// Exit status 1 if something cannot be used.
pub fn run(paths: &[PathBuf], options: &CompileOptions, print: Output) -> Result<ExitCode> {
    let nothing = tempfile::tempfile().context("a scratch file")?;
    let databases = scan::compile_signatures(paths, options, &nothing)?;
    let yara = if databases.yara_files.is_empty() { Yara::default() } else { yara(&databases.yara_files)? };
    let all_used = databases.rejected_count() == 0 && yara.rejected.is_empty();
    let checked = Checked { databases, yara };
    match print {
        Output::Json => output::json(&checked)?,
        Output::Text => {
            people(&checked.yara)?;
            report::people(&checked.databases)?;
        }
        Output::Ndjson => {
            report::tell(&checked.databases, print)?;
            checked.yara.rejected.iter().try_for_each(output::json)?;
        }
    }
    Ok(if all_used { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// By the very process that compiles them for a scan.
fn yara(files: &[PathBuf]) -> Result<Yara> {
    let config = ScanConfig { signatures: files.to_vec(), builtin: false, ..ScanConfig::default() };
    let LoadReport { rules, rejected, warnings, .. } = Scanner::start(config)?.loaded();
    Ok(Yara { rules, rejected, warnings })
}

fn people(yara: &Yara) -> Result<()> {
    for one in &yara.rejected {
        let rule = one.rule_id.as_deref().map(|rule| format!("{rule}: ")).unwrap_or_default();
        output::line(&format!("{}  {}", text(&json!(one.file)), text(&json!(format!("{rule}{}", one.reason)))))?;
    }
    for warning in &yara.warnings {
        output::line(&format!("slow: {}", text(&json!(warning))))?;
    }
    if yara.rules + yara.rejected.len() > 0 {
        output::line(&format!("{} YARA rules usable, {} files or rules not", yara.rules, yara.rejected.len()))?;
    }
    Ok(())
}
