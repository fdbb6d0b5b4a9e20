//! `tamon scan PATH…`: exit status 0 when all is clean, 1 on a detection, 2 when something could not be judged.

use crate::arguments::Scan;
use crate::output::{self, Output, severity};
use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use scan::{Progress, ScanConfig, ScanReport, Scanner, Summary, WalkOptions};
use std::process::ExitCode;

pub fn run(options: &Scan, print: Output) -> Result<ExitCode> {
    if let Some(missing) = options.signatures.iter().find(|folder| !folder.exists()) {
        bail!("--signatures {}: it is not there", missing.display());
    }
    let config =
        ScanConfig { signatures: options.signatures.clone(), builtin: !options.no_builtin, ..ScanConfig::default() };
    let scanner = Scanner::start(config)?;
    for rejected in &scanner.loaded().rejected {
        eprintln!("tamon: signature file not used: {}", output::text(&serde_json::to_value(rejected)?));
    }
    let (summary, reports, failed) = walk(options, print, &scanner);
    if let Some(error) = failed {
        return Err(error);
    }
    match print {
        Output::Text => people(&summary)?,
        // One path is asked about more than any other number: then the document is its report.
        Output::Json if reports.len() == 1 && options.paths.len() == 1 && !options.paths[0].is_dir() => {
            output::json(&reports[0])?;
        }
        Output::Json => output::json(&serde_json::json!({ "files": reports, "summary": summary }))?,
        Output::Ndjson => {}
    }
    Ok(ExitCode::from(u8::try_from(summary.exit_code()).unwrap_or(2)))
}

fn walk(options: &Scan, print: Output, scanner: &Scanner) -> (Summary, Vec<ScanReport>, Option<anyhow::Error>) {
    let bar = progress_bar();
    let mut reports = Vec::new();
    let mut failed = None;
    let walk = WalkOptions { only_findings: options.quiet, exclude: Vec::new() };
    let mut on_report = |report: ScanReport| {
        let printed = match print {
            Output::Ndjson => output::json(&report),
            Output::Text => bar.suspend(|| line(&report)),
            Output::Json => {
                reports.push(report);
                Ok(())
            }
        };
        if let Err(error) = printed {
            failed.get_or_insert(error);
        }
    };
    let mut on_progress = |progress: Progress| {
        bar.set_message(format!(
            "{} files, {} MiB, {} detections",
            progress.files,
            progress.bytes >> 20,
            progress.detections
        ));
        bar.tick();
    };
    let summary = scan::cli_scan(scanner, &options.paths, &walk, &mut on_report, &mut on_progress);
    bar.finish_and_clear();
    (summary, reports, failed)
}

/// On standard error, and only where that is a terminal.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar
}

fn line(report: &ScanReport) -> Result<()> {
    let path = event::text::printable(&report.path);
    if report.verdict == scan::Verdict::Clean {
        return output::line(&format!("clean       {path}"));
    }
    let note = report.note.as_deref().map(event::text::printable).unwrap_or_default();
    output::line(format!("{:11} {path}  {note}", report.verdict.name()).trim_end())?;
    for finding in &report.findings {
        output::line(&format!(
            "            {}  {}  {}  {}",
            severity(finding.severity.name()),
            finding.engine.name(),
            event::text::printable(&finding.name),
            event::text::printable(&finding.detail)
        ))?;
    }
    Ok(())
}

fn people(summary: &Summary) -> Result<()> {
    output::line(&format!(
        "{} files: {} clean, {} suspicious, {} malicious, {} incomplete, {} errors; {} not files",
        summary.files,
        summary.clean,
        summary.suspicious,
        summary.malicious,
        summary.incomplete,
        summary.errors,
        summary.skipped
    ))
}
