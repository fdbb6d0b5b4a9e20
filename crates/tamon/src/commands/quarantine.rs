//! `tamon quarantine`: this host's vault, asked of the agent.

use crate::arguments::Quarantine;
use crate::local::Local;
use crate::output::{self, Output, table, text};
use crate::place::Place;
use anyhow::Result;
use serde_json::json;
use std::process::ExitCode;

pub fn run(command: &Quarantine, place: &Place, print: Output) -> Result<ExitCode> {
    let local = Local::open(place)?;
    match command {
        Quarantine::List => {
            let answer = local.ask(&json!({ "request": "quarantine_list" }))?;
            output::list(print, &answer, "items", |items| {
                let row = |item: &serde_json::Value| {
                    ["id", "path", "sha256", "reason"].iter().map(|key| text(&item[*key])).collect()
                };
                table(&["id", "path", "sha256", "reason"], &items.iter().map(row).collect::<Vec<Vec<String>>>())
            })?;
        }
        Quarantine::Add { path, reason } => {
            let path = std::path::absolute(path)?;
            let answer = local.ask(&json!({ "request": "quarantine_add", "path": path, "reason": reason }))?;
            show(&answer, "id", print)?;
        }
        Quarantine::Bundle { id, to } => {
            let output = std::path::absolute(to)?;
            let answer = local.ask(&json!({ "request": "quarantine_bundle", "id": id, "output": output }))?;
            show(&answer, "path", print)?;
        }
        Quarantine::Restore { id } => {
            let answer = local.ask(&json!({ "request": "quarantine_restore", "id": id }))?;
            show(&answer, "path", print)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(answer: &serde_json::Value, field: &str, print: Output) -> Result<()> {
    if print == Output::Text { output::line(&text(&answer[field])) } else { output::json(answer) }
}
