//! `tamon rollback`: what is kept of files that processes changed, and giving it back. Exit status 1 when a file is not as it
//! was.

use crate::local::Local;
use crate::output::{self, Output, table, text};
use crate::place::Place;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::process::ExitCode;

pub fn run(incident: &[String], preview: bool, place: &Place, print: Output) -> Result<ExitCode> {
    let local = Local::open(place)?;
    if let [word, client] = incident
        && word == "unblock"
    {
        let client: IpAddr = client.parse().with_context(|| format!("{client} is no address"))?;
        let answer = local.ask(&json!({ "request": "unblock", "client": client }))?;
        output::list(print, &answer, "", |_| output::line(&format!("{client} is let in again")))?;
        return Ok(ExitCode::SUCCESS);
    }
    if incident == ["list"] {
        let answer = local.ask(&json!({ "request": "rollback_list" }))?;
        output::list(print, &answer, "trees", |trees| {
            let keys = ["tree", "family", "executable", "kept", "bytes", "made", "renamed", "incident", "last"];
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
        table(&keys, &files.iter().map(row).collect::<Vec<Vec<String>>>())?;
        output::line(&summary(files, preview))
    })?;
    Ok(ExitCode::from(u8::from(!whole)))
}

/// How many files came to what.
fn summary(files: &[Value], preview: bool) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files {
        *counts.entry(file["done"].as_str().unwrap_or("unknown")).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(done, count)| format!("{count} {done}")).collect();
    let what = if preview { "Nothing was touched; it would be" } else { "Done" };
    format!("{what}: {}", if counts.is_empty() { "no files".to_owned() } else { counts.join(", ") })
}
