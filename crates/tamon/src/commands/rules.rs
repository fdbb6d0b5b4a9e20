//! `tamon rules check DIR`: what of a set of Sigma rules can be used, on this agent's events or over log files, and why the
//! rest cannot be used at all. `tamon rules backtest`: what they would have told of what the node has stored. What is put on the
//! node and what is silenced there is in [`super::tuning`].

use crate::api::Api;
use crate::arguments::Rules;
use crate::output::{self, Output, items, severity, table, text};
use crate::place::Place;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Files larger than this are no rules.
const MAX_FILE: u64 = 4 << 20;

pub fn run(command: &Rules, place: &Place, print: Output) -> Result<ExitCode> {
    match command {
        Rules::Check { folder } => check(folder, print),
        Rules::Backtest { rules, hours } => backtest(rules, *hours, place, print),
        rest => super::tuning::run(rest, place, print),
    }
}

pub fn sources(path: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    collect(path, &mut files, 0)?;
    files.sort();
    files.iter().map(|path| Ok((path.display().to_string(), read(path)?))).collect()
}

fn check(folder: &Path, print: Output) -> Result<ExitCode> {
    let sources = sources(folder)?;
    let options = rules::Options { views: rules::shipped::views()?, ..rules::Options::default() };
    let (_, agent) = rules::RuleSet::compile(sources.clone());
    let (_, report) = rules::RuleSet::compile_foreign(sources, &options);
    // What only the agent can use is usable too.
    let rejected: Vec<_> = report.rejected.into_iter().filter(|rejected| agent.rejects(rejected)).collect();
    let usable = report.rules - rejected.len();
    self::report(&rules::Report { rejected, usable, ..report }, print)
}

/// Exit status 1 if a rule is rejected or the time was up before the end.
fn backtest(path: &Path, hours: u32, place: &Place, print: Output) -> Result<ExitCode> {
    let rules: Vec<Value> =
        sources(path)?.into_iter().map(|(name, text)| json!({ "name": name, "text": text })).collect();
    let answer = Api::open(place)?.post("/rules/backtest", &json!({ "rules": rules, "hours": hours }))?;
    match print {
        Output::Text => told(&answer)?,
        Output::Json => output::json(&answer)?,
        Output::Ndjson => items(&answer["hits"]).iter().try_for_each(output::json)?,
    }
    let whole = answer["complete"] == true && items(&answer["rejected"]).is_empty();
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(answer: &Value) -> Result<()> {
    for rejected in items(&answer["rejected"]) {
        output::line(&format!("{}  {}", text(&rejected["file"]), text(&rejected["reason"])))?;
    }
    let hits = items(&answer["hits"]);
    let row = |hit: &Value| {
        let hosts: Vec<String> = items(&hit["hosts"])
            .iter()
            .map(|host| format!("{} {}", text(&host["host"]), text(&host["count"])))
            .collect();
        vec![
            text(&hit["count"]),
            severity(&text(&hit["severity"])),
            text(&hit["title"]),
            event::text::clip(&hosts.join(", "), 60).to_owned(),
            text(&hit["last"]),
        ]
    };
    table(&["hits", "severity", "rule", "hosts", "last"], &hits.iter().map(row).collect::<Vec<_>>())?;
    for sample in hits.iter().filter_map(|hit| items(&hit["samples"]).first()) {
        output::line(&format!("  {}  {}  {}", text(&sample["time"]), text(&sample["host"]), text(&sample["detail"])))?;
    }
    let end = if answer["complete"] == true { "" } else { "; THE TIME WAS UP, the counts are too small" };
    output::line(&format!(
        "{} rules over {} events from {} in {} ms{end}",
        text(&answer["usable"]),
        text(&answer["events"]),
        text(&answer["from"]),
        text(&answer["elapsed_ms"])
    ))
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
