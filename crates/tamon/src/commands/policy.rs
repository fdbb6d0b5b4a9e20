//! `tamon policy`: check a file without an agent, put one in force, show what is in force; `explain` and `simulate` have
//! files of their own.

use super::{policy_explain, policy_learn, policy_simulate};
use crate::arguments::Policy;
use crate::local::Local;
use crate::output::{self, Output, text};
use crate::place::Place;
use anyhow::{Context, Result};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use verdict::prevention::{Profiles, Vital, prove};

pub fn run(command: &Policy, place: &Place, print: Output) -> Result<ExitCode> {
    match command {
        Policy::Check { file } => check(file, print),
        Policy::Apply { file } => {
            let source = read(file)?;
            let answer = Local::open(place)?
                .ask(&json!({ "request": "policy_apply", "name": file.display().to_string(), "policy": source }))?;
            if print == Output::Text {
                output::line("in force")?
            } else {
                output::json(&answer)?
            }
            Ok(ExitCode::SUCCESS)
        }
        Policy::Explain { what, policy, process } => {
            policy_explain::run(what, policy.as_deref(), process, place, print)
        }
        Policy::Learn(ask) => policy_learn::run(ask, place, print),
        Policy::Simulate { file, days, host } => policy_simulate::run(file, *days, host.as_deref(), place, print),
        Policy::Show => {
            let answer = Local::open(place)?.ask(&json!({ "request": "policy_show" }))?;
            if print == Output::Text {
                output::line(answer["policy"].as_str().unwrap_or_default())?
            } else {
                output::json(&answer)?
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Exit status 0 when it may be applied, 1 when not; what is wrong with file, line and field.
fn check(file: &Path, print: Output) -> Result<ExitCode> {
    let source = read(file)?;
    let error = verdict::Policy::parse(&file.display().to_string(), &source)
        .map_or_else(|error| Some(error.to_string()), |policy| lockout(&policy));
    match (&error, print) {
        (None, Output::Text) => output::line("ok")?,
        (Some(error), Output::Text) => output::line(&text(&json!(error)))?,
        (_, Output::Json | Output::Ndjson) => output::json(&json!({ "ok": error.is_none(), "error": error }))?,
    }
    Ok(if error.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The host would lose what it cannot do without; the agent looks at what runs here besides.
fn lockout(policy: &verdict::Policy) -> Option<String> {
    let lost = prove(&Profiles::of(policy, &|_| None), &Vital::programs());
    let words: Vec<String> =
        lost.iter().take(8).map(|one| format!("{} ({}): {}", one.program, one.line, one.says)).collect();
    (!words.is_empty()).then(|| format!("the host would lose what it cannot do without: {}", words.join("; ")))
}

pub fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
