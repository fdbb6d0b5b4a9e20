//! `tamon scan PATH…`: exit status 0 when all is clean, 1 on a detection, 2 when something could not be judged.

use crate::arguments::Scan;
use crate::output::{self, Output, severity};
use crate::place::Place;
use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use scan::{Ask, Progress, ScanConfig, ScanReport, Scanner, Summary, VerdictCache, WalkOptions};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

pub fn run(options: &Scan, place: &Place, print: Output) -> Result<ExitCode> {
    if let Some(missing) = options.signatures.iter().find(|folder| !folder.exists()) {
        bail!("--signatures {}: it is not there", missing.display());
    }
    let mut signatures = options.signatures.clone();
    if !options.no_builtin {
        signatures.extend(brought(place));
    }
    let config = ScanConfig {
        signatures,
        certificates: Some(signatures::CLAMAV_CERTIFICATES.into()).filter(|folder: &PathBuf| folder.is_dir()),
        variables: options.variables.clone(),
        builtin: !options.no_builtin,
        pua: options.pua,
        workers: options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1),
        ..ScanConfig::default()
    };
    if options.idle
        && let Err(error) = scan::stand_back()
    {
        eprintln!("tamon: --idle: {error}; the scan goes on as any other");
    }
    let mut scanner = Scanner::start(config)?;
    scan::let_go_of_code();
    if let Some(file) = &options.cache {
        scanner = scanner.with_cache(VerdictCache::open(file)?);
    }
    for rejected in &scanner.loaded().rejected {
        eprintln!("tamon: signature file not used: {}", output::text(&serde_json::to_value(rejected)?));
    }
    let (summary, reports) = walk(options, print, &scanner)?;
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

/// The set that was brought to this host. That one cannot be looked for is said, since a scan without it finds less.
fn brought(place: &Place) -> Option<PathBuf> {
    let current = place.state.join("signatures/current");
    match current.canonicalize() {
        Ok(folder) => Some(folder),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            eprintln!("tamon: this host's set of signatures is not used: {}: {error}", current.display());
            None
        }
    }
}

fn walk(options: &Scan, print: Output, scanner: &Scanner) -> Result<(Summary, Vec<Told>)> {
    let bar = progress_bar();
    let mut reports = Vec::new();
    let mut failed = None;
    let walk = WalkOptions {
        only_findings: options.quiet,
        exclude: options.exclude.clone(),
        resume: options.resume.clone(),
        ask: Ask { explain: options.explain, leave_archives: options.no_archives, ..Ask::default() },
        ..WalkOptions::default()
    };
    let mut on_report = |report: ScanReport| {
        let report = Told::of(report);
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
        if !progress.files.is_multiple_of(16) {
            return;
        }
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
    let summary = summary.with_context(|| match &options.resume {
        Some(file) => format!("--resume {}", file.display()),
        None => "scanning".to_owned(),
    })?;
    failed.map_or(Ok((summary, reports)), Err)
}

/// On standard error, and only where that is a terminal.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// A report, and whose file it is where the host sees into a container.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    report: ScanReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
}

impl Told {
    fn of(report: ScanReport) -> Told {
        let container = enrich::container_at("/".as_ref(), &report.path);
        let name = container.map(|one| one.name.unwrap_or(one.id).to_string());
        Told { report, container: name }
    }
}

fn line(told: &Told) -> Result<()> {
    let report = &told.report;
    let path = event::text::printable(&report.path);
    let note = report.note.as_deref().map(event::text::printable).unwrap_or_default();
    let container = told.container.as_deref().map(|name| format!("container {}", event::text::printable(name)));
    let container = container.unwrap_or_default();
    output::line(format!("{:11} {path}  {container}  {note}", report.verdict.name()).trim_end())?;
    for finding in &report.findings {
        output::line(&format!(
            "            {}  {}  {}  {}",
            severity(finding.severity.name()),
            finding.engine.name(),
            event::text::printable(&finding.name),
            event::text::printable(&finding.detail)
        ))?;
    }
    for voice in &report.voices {
        let engine = voice.engine.map_or("", |engine| engine.name());
        output::line(&format!("            {engine} said: {}", event::text::printable(&voice.text)))?;
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
