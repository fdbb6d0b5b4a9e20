//! `tamon sigma run|check|convert|pipelines`: Sigma rules over log files, away from any agent.

mod input;
mod run;

use crate::arguments::{Sigma, SigmaRules};
use crate::output::{self, Output};
use anyhow::Result;
use std::process::ExitCode;

pub fn run(command: &Sigma, print: Output) -> Result<ExitCode> {
    match command {
        Sigma::Run(options) => run::run(options, print),
        Sigma::Check(options) => check(options, print),
        Sigma::Convert(options) => convert(options, print),
        Sigma::Pipelines { name } => pipelines(name.as_deref(), print),
    }
}

fn check(options: &SigmaRules, print: Output) -> Result<ExitCode> {
    let (sources, settings) = (input::rules(&options.rules)?, input::options(&options.pipeline)?);
    let (_, report) = rules::RuleSet::compile_foreign(sources, &settings);
    super::rules::report(&report, print)
}

fn convert(options: &SigmaRules, print: Output) -> Result<ExitCode> {
    let (sources, settings) = (input::rules(&options.rules)?, input::options(&options.pipeline)?);
    let (shown, report) = rules::converted(sources, &settings);
    match print {
        Output::Json => output::json(&shown)?,
        Output::Ndjson => shown.iter().try_for_each(output::json)?,
        Output::Text => {
            for rule in &shown {
                let id = rule.rule_id.as_deref().unwrap_or("-");
                output::line(&event::text::printable(&format!("{id}  {}  [{}]", rule.title, rule.view)))?;
                output::line(&event::text::printable(&format!("    {}", rule.logsource)))?;
                output::line(&event::text::printable(&format!("    {}", rule.detection)))?;
            }
        }
    }
    for rejected in &report.rejected {
        eprintln!("tamon: {}", event::text::printable(&format!("{}: {}", rejected.file, rejected.reason)));
    }
    Ok(if report.rejected.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn pipelines(name: Option<&str>, print: Output) -> Result<ExitCode> {
    match name {
        Some(name) => match rules::shipped::PIPELINES.iter().find(|(own, _)| *own == name) {
            Some((_, text)) => output::line(text.trim_end())?,
            None => anyhow::bail!("no pipeline {name:?} is built in"),
        },
        None => {
            let names: Vec<&str> = rules::shipped::PIPELINES.iter().map(|(name, _)| *name).collect();
            match print {
                Output::Text => names.iter().try_for_each(|name| output::line(name))?,
                Output::Json => output::json(&names)?,
                Output::Ndjson => names.iter().try_for_each(output::json)?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
