//! `tamon sigma run`: logs through the matcher, hits to standard output, faults to standard error.

use super::input;
use crate::arguments::SigmaRun;
use crate::output::Output;
use anyhow::{Context, Result};
use event::Severity;
use event::text::printable;
use std::io::{self, BufWriter};
use std::process::ExitCode;
use std::sync::Arc;

pub fn run(options: &SigmaRun, print: Output) -> Result<ExitCode> {
    let sources = input::rules(&options.rules.rules)?;
    let settings = input::options(&options.rules.pipeline)?;
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let settings_of_run = logs::Settings {
        files: input::logs(&options.files)?,
        format: options.format,
        source: options.source.as_deref().map(input::source).transpose()?,
        level: options.level.unwrap_or(Severity::Info),
        threads: options.threads.unwrap_or(cores),
        form: match print {
            Output::Text => logs::Form::Text,
            Output::Json => logs::Form::Json,
            Output::Ndjson => logs::Form::Ndjson,
        },
    };
    let (set, report) = rules::RuleSet::compile_foreign(sources, &settings);
    for rejected in &report.rejected {
        eprintln!("tamon: rule not used: {}", printable(&format!("{}: {}", rejected.file, rejected.reason)));
    }
    if report.usable == 0 {
        anyhow::bail!("none of the {} rules can be used", report.rules);
    }
    let mut out = BufWriter::new(io::stdout());
    let summary = logs::run(Arc::new(set), &settings_of_run, &mut out, &|text| eprintln!("tamon: {text}"));
    let summary = match summary {
        // A closed pipe ends the program quietly, as others do.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => other.context("cannot write")?,
    };
    Ok(if summary.faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
