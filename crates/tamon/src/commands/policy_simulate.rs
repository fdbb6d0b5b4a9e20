//! `tamon policy simulate`: the past under another policy. The node's store has the program starts of the fleet, and where
//! there is no node the agent still holds its own; the agent judges them, since it has the lists and the packages.

use super::policy::read;
use super::policy_past;
use crate::api::Api;
use crate::local::Local;
use crate::output::{self, Output, table, text};
use crate::place::Place;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// Programs that the node is asked for.
const MOST: u32 = 5_000;

pub fn run(file: &Path, days: u32, host: Option<&str>, place: &Place, print: Output) -> Result<ExitCode> {
    let policy = read(file)?;
    let (past, acts) = match Api::open(place) {
        Ok(api) => {
            let profiles = verdict::Policy::parse(&file.display().to_string(), &policy)?.prevention;
            (Some(stored(&api, days, host)?), Some(policy_past::acts(&api, &profiles, days, host)?))
        }
        Err(_) if host.is_some() => bail!("no node runs here, so nothing is known of other hosts"),
        Err(_) => (None, None),
    };
    let mut answer = Local::open(place)?.ask(&json!({
        "request": "policy_simulate",
        "name": file.display().to_string(),
        "policy": policy,
        "past": past,
        "acts": acts,
    }))?;
    if past.is_some() {
        answer["source"] = "node".into();
    }
    let denied = answer["would_refuse"].as_array().context("the agent's answer does not say what would be refused")?;
    match print {
        Output::Json => output::json(&answer)?,
        Output::Ndjson => denied.iter().try_for_each(output::json)?,
        Output::Text => people(&answer, denied)?,
    }
    let overstepped = answer["prevention"]["denied"].as_u64().unwrap_or(0) > 0;
    Ok(ExitCode::from(u8::from(!denied.is_empty() || overstepped)))
}

fn people(answer: &Value, denied: &[Value]) -> Result<()> {
    let keys = ["outcome", "count", "path", "reason"];
    let row = |one: &Value| keys.iter().map(|key| text(&one[*key])).collect();
    table(&keys, &denied.iter().map(row).collect::<Vec<Vec<String>>>())?;
    for vital in answer["vital"].as_array().map(Vec::as_slice).unwrap_or_default() {
        if !vital["role"].is_null() {
            output::line(&format!(
                "the host could not do without {}: {}",
                text(&vital["path"]),
                text(&vital["reason"])
            ))?;
        }
    }
    let keys = ["profile", "act", "count", "what", "program", "line"];
    let row = |one: &Value| keys.iter().map(|key| text(&one[*key])).collect();
    let profiles = &answer["prevention"];
    let would = profiles["would_deny"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !profiles.is_null() {
        table(&keys, &would.iter().map(row).collect::<Vec<Vec<String>>>())?;
        output::line(&format!(
            "{} acts under {} profiles: {} would have been denied",
            text(&profiles["judged"]),
            text(&profiles["profiles"]),
            text(&profiles["denied"])
        ))?;
    }
    for lost in answer["lockouts"].as_array().map(Vec::as_slice).unwrap_or_default() {
        output::line(&format!(
            "it would be refused: {} ({}): {}",
            text(&lost["program"]),
            text(&lost["line"]),
            text(&lost["says"])
        ))?;
    }
    output::line(&format!(
        "{} starts of {} programs ({}): {} starts would have been refused",
        text(&answer["starts"]),
        text(&answer["programs"]),
        text(&answer["source"]),
        text(&answer["denied_starts"])
    ))
}

/// Starts by program, the most started first.
fn stored(api: &Api, days: u32, host: Option<&str>) -> Result<Vec<Value>> {
    let since = event::Timestamp(now()? - i64::from(days) * 86_400_000_000_000);
    let only = host.map_or_else(String::new, |name| format!(" AND host_name = '{}'", name.replace('\'', "''")));
    let sql = format!(
        "SELECT process_executable, process_hash_sha256, package_name, count(*) AS n FROM events \
         WHERE event_action = 'process-exec' AND timestamp >= '{since}'{only} \
         GROUP BY process_executable, process_hash_sha256, package_name ORDER BY n DESC"
    );
    let answer = api.post("/hunt", &json!({ "sql": sql, "limit": MOST }))?;
    let rows = answer["rows"].as_array().context("the node's answer has no rows")?;
    let cell = |row: &Value, at: usize| row.get(at).filter(|cell| !cell.is_null() && *cell != "").cloned();
    Ok(rows
        .iter()
        .filter_map(|row| {
            let (path, count) = (cell(row, 0)?, cell(row, 3)?);
            Some(json!({ "path": path, "sha256": cell(row, 1), "package": cell(row, 2), "count": count }))
        })
        .collect())
}

pub fn now() -> Result<i64> {
    let since =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).context("the clock stands before 1970")?;
    Ok(i64::try_from(since.as_nanos())?)
}
