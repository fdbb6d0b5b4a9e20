//! `tamon incidents list`, `show` and `export`: the story of an attack in a terminal, or for somebody else.

use crate::api::Api;
use crate::arguments::{ExportFormat, Incidents};
use crate::output::{self, Output, items, severity, table, text};
use crate::place::Place;
use anyhow::{Context as _, Result};
use incident::Incident;
use incident::export::{Format, export};
use incident::wording::Language;
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

pub fn run(command: &Incidents, place: &Place, print: Output) -> Result<ExitCode> {
    let api = Api::open(place)?;
    match command {
        Incidents::List { limit } => {
            let answer = api.get(&format!("/incidents?limit={}", (*limit).clamp(1, 200)))?;
            output::list(print, &answer, "items", rows)?;
        }
        Incidents::Show { id, language } => {
            let answer = api.get(&address(id))?;
            match print {
                Output::Text => story(&answer["incident"], if language == "ja" { "ja" } else { "en" })?,
                Output::Json | Output::Ndjson => output::json(&answer)?,
            }
        }
        Incidents::Export { id, format, language, to } => {
            let mut answer = api.get(&address(id))?;
            let incident: Incident =
                serde_json::from_value(answer["incident"].take()).context("this node tells incidents otherwise")?;
            let language = if language == "ja" { Language::Japanese } else { Language::English };
            let text = export(&incident, form(*format), language)?;
            match to {
                Some(file) => write_new(file, &text).with_context(|| format!("cannot write {}", file.display()))?,
                None => std::io::stdout().write_all(text.as_bytes())?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn address(id: &str) -> String {
    let safe: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    format!("/incidents/{safe}")
}

fn form(asked: ExportFormat) -> Format {
    match asked {
        ExportFormat::Html => Format::Html,
        ExportFormat::Json => Format::Json,
        ExportFormat::Navigator => Format::Navigator,
        ExportFormat::Stix => Format::Stix,
    }
}

/// An incident names accounts and command lines: nobody else may read it, and nothing is written over.
fn write_new(file: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    made.write_all(text.as_bytes())
}

fn rows(incidents: &[Value]) -> Result<()> {
    let rows: Vec<Vec<String>> = incidents
        .iter()
        .map(|incident| {
            vec![
                text(&incident["id"]),
                severity(&text(&incident["severity"])),
                text(&incident["status"]),
                text(&incident["last"]),
                text(&incident["alert_count"]),
                text(&incident["title"]["en"]),
            ]
        })
        .collect();
    table(&["incident", "severity", "status", "last", "alerts", "title"], &rows)
}

fn story(incident: &Value, language: &str) -> Result<()> {
    let said = |sentence: &Value| text(&sentence["text"][language]);
    output::line(&format!(
        "{}  {}  {}  {}",
        text(&incident["id"]),
        severity(&text(&incident["severity"])),
        text(&incident["status"]),
        said(&incident["title"])
    ))?;
    let heads: [(&str, &str, &str); 5] = [
        ("who", "who", "誰が"),
        ("what", "what", "何を"),
        ("when", "when", "いつ"),
        ("where", "where", "どこで"),
        ("how", "how", "どのように"),
    ];
    for (key, english, japanese) in heads {
        let head = if language == "ja" { japanese } else { english };
        output::line(&format!("  {head:6} {}", said(&incident[key]["sentence"])))?;
    }
    section(if language == "ja" { "根本原因" } else { "Root cause" })?;
    for (depth, step) in items(&incident["root_cause"]).iter().enumerate() {
        let arrow = if depth == 0 { String::new() } else { format!("{}└ ", "  ".repeat(depth)) };
        output::line(&format!(
            "  {arrow}{}  {}  ({})",
            text(&step["name"]),
            event::text::clip(&text(&step["command_line"]), 200),
            said(&step["reason"])
        ))?;
    }
    section(if language == "ja" { "タイムライン" } else { "Timeline" })?;
    for entry in items(&incident["timeline"]) {
        output::line(&format!(
            "  {}  {}  {}  {}",
            text(&entry["time"]),
            severity(&text(&entry["severity"])),
            said(&entry["sentence"]),
            text(&entry["techniques"])
        ))?;
    }
    section(if language == "ja" { "次の手順" } else { "Next steps" })?;
    for (number, step) in items(&incident["next_steps"]).iter().enumerate() {
        output::line(&format!("  {}. {}", number + 1, said(&step["sentence"])))?;
    }
    Ok(())
}

fn section(title: &str) -> Result<()> {
    output::line("")?;
    output::line(title)
}
