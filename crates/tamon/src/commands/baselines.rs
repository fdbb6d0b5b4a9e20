//! `tamon baselines`: asked of the agent, who learns it; it works with the node gone.

use crate::arguments::Baselines;
use crate::local::Local;
use crate::output::{self, Output, items, table, text};
use crate::place::Place;
use anyhow::Result;
use serde_json::{Value, json};
use std::process::ExitCode;

/// As many as the agent gives.
const ALL: usize = 20_000;

pub fn run(command: &Baselines, place: &Place, print: Output) -> Result<ExitCode> {
    let ask = |asked: Value| Local::open(place)?.ask(&json!({ "request": "baselines", "asked": asked }));
    match command {
        Baselines::Export => output::json(&ask(json!({ "limit": ALL }))?)?,
        Baselines::Show { relation, name, limit } => {
            let picture = ask(json!({ "relation": relation, "text": name, "limit": limit }))?;
            match print {
                Output::Text => show(&picture)?,
                Output::Json => output::json(&picture)?,
                Output::Ndjson => items(&picture["subjects"]).iter().try_for_each(output::json)?,
            }
        }
        Baselines::Reset => {
            Local::open(place)?.ask(&json!({ "request": "baselines_reset" }))?;
            output::line("forgotten; learned anew from now on")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(picture: &Value) -> Result<()> {
    let line = |name: &str, value: String| output::line(&format!("{name:22} {value}"));
    let state = match picture["learning"].as_bool() {
        Some(true) => format!("learning; nothing rare is told before {} days", text(&picture["learn_days"])),
        _ => "learned".to_owned(),
    };
    line("state", format!("{state}, since {}", time(&picture["began"])))?;
    line("acts", text(&picture["acts"]))?;
    line(
        "kept",
        format!(
            "{} subjects, {} habits, {} bytes",
            text(&picture["subjects_kept"]),
            text(&picture["items_kept"]),
            text(&picture["bytes"])
        ),
    )?;
    let forgotten = [&picture["subjects_forgotten"], &picture["items_forgotten"]].map(text);
    line("forgotten for room", format!("{} subjects, {} habits", forgotten[0], forgotten[1]))?;
    output::line("")?;
    let subjects: Vec<Vec<String>> = items(&picture["subjects"])
        .iter()
        .map(|one| {
            let often = items(&one["items"]).iter().take(4);
            let often = often.map(|habit| format!("{} ({})", text(&habit["item"]), text(&habit["count"])));
            let often = often.collect::<Vec<_>>().join(", ");
            vec![
                text(&one["relation"]),
                text(&one["name"]),
                text(&one["total"]),
                text(&one["distinct"]),
                text(&one["days"]),
                often,
            ]
        })
        .collect();
    table(&["relation", "subject", "acts", "different", "days", "most often"], &subjects)?;
    section("rarest", &["relation", "subject", "item", "count", "of"], &picture["rarest"], |one| {
        ["relation", "subject", "item", "count", "total"].map(|key| text(&one[key])).to_vec()
    })?;
    section("rhythms", &["program", "to", "seconds", "jitter %", "times"], &picture["rhythms"], |one| {
        ["program", "to", "period_seconds", "jitter_percent", "count"].map(|key| text(&one[key])).to_vec()
    })?;
    section("told", &["time", "severity", "rule", "detail"], &picture["told"], |one| {
        vec![time(&one["time"]), text(&one["severity"]), text(&one["rule"]), text(&one["detail"])]
    })
}

fn section(name: &str, head: &[&str], rows: &Value, row: impl Fn(&Value) -> Vec<String>) -> Result<()> {
    if items(rows).is_empty() {
        return Ok(());
    }
    output::line(&format!("\n{name}"))?;
    table(head, &items(rows).iter().map(row).collect::<Vec<_>>())
}

fn time(value: &Value) -> String {
    let stamp = value.as_i64().map(|nanos| event::Timestamp(nanos).to_string()).unwrap_or_default();
    stamp.get(..19).unwrap_or(&stamp).to_owned()
}
