//! `tamon rollback`: what is kept of files that process trees changed, and giving it back. Exit status 1 when a file is not
//! as it was.

use crate::local::Local;
use crate::output::{self, Output, table, text};
use crate::place::Place;
use anyhow::Result;
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(incident: &[String], preview: bool, place: &Place, print: Output) -> Result<ExitCode> {
    let local = Local::open(place)?;
    if incident == ["list"] {
        let answer = local.ask(&json!({ "request": "rollback_list" }))?;
        output::list(print, &answer, "trees", |trees| {
            let keys = ["tree", "executable", "kept", "bytes", "made", "incident", "last"];
            let row = |tree: &Value| keys.iter().map(|key| text(&tree[*key])).collect();
            table(&keys, &trees.iter().map(row).collect::<Vec<Vec<String>>>())
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let answer = local.ask(&json!({ "request": "roll_back", "trees": incident, "preview": preview }))?;
    let whole = answer["files"]
        .as_array()
        .is_some_and(|files| files.iter().all(|file| !matches!(file["done"].as_str(), Some("failed" | "beside"))));
    output::list(print, &answer, "files", |files| {
        let keys = ["done", "path", "bytes", "detail"];
        let row = |file: &Value| keys.iter().map(|key| text(&file[*key])).collect();
        table(&keys, &files.iter().map(row).collect::<Vec<Vec<String>>>())
    })?;
    Ok(ExitCode::from(u8::from(!whole)))
}
