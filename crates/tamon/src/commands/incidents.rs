//! `tamon incidents list`, `show`, `investigate` and `export`: the story of an attack in a terminal, or for somebody else.

use crate::api::Api;
use crate::arguments::{ExportFormat, Incidents};
use crate::output::{self, Output, items, severity, table, text};
use crate::place::Place;
use anyhow::{Context as _, Result};
use incident::Incident;
use incident::export::{Format, export};
use incident::investigation::Investigation;
use incident::wording::Language;
use serde_json::{Value, json};
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
                Output::Text => {
                    let language = if language == "ja" { "ja" } else { "en" };
                    story(&answer["incident"], language)?;
                    investigation(&answer["investigation"], language, false)?;
                }
                Output::Json | Output::Ndjson => output::json(&answer)?,
            }
        }
        Incidents::Investigate { id, language } => {
            let answer = api.post(&format!("{}/investigate", address(id)), &Value::Null)?;
            match print {
                Output::Text => investigation(&answer, if language == "ja" { "ja" } else { "en" }, true)?,
                Output::Json => output::json(&answer)?,
                Output::Ndjson => items(&answer["answers"]).iter().try_for_each(output::json)?,
            }
        }
        Incidents::Collect { id, host, path, content, reason } => {
            let body = json!({ "host_id": host, "path": path, "content": content, "reason": reason });
            let answer = api.post(&format!("{}/files", address(id)), &body)?;
            match print {
                Output::Text => collected(&answer)?,
                Output::Json | Output::Ndjson => output::json(&answer)?,
            }
        }
        Incidents::Collected { id, number, to } => {
            let answer = api.get(&format!("{}/files/{number}", address(id)))?;
            let content = bytes(&text(&answer["content"])).context("the content is no hex")?;
            if content.is_empty() {
                anyhow::bail!("the case holds no content of this file");
            }
            write_new(to, &content).with_context(|| format!("cannot write {}", to.display()))?;
        }
        Incidents::Export { id, format, language, to } => {
            let mut answer = api.get(&address(id))?;
            let other = "this node tells incidents otherwise";
            let incident: Incident = serde_json::from_value(answer["incident"].take()).context(other)?;
            let asked: Option<Investigation> = serde_json::from_value(answer["investigation"].take()).context(other)?;
            let language = if language == "ja" { Language::Japanese } else { Language::English };
            let bytes = export(&incident, asked.as_ref(), form(*format), language)?;
            match to {
                Some(file) => write_new(file, &bytes).with_context(|| format!("cannot write {}", file.display()))?,
                None => std::io::stdout().write_all(&bytes)?,
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
        ExportFormat::Pdf => Format::Pdf,
        ExportFormat::Stix => Format::Stix,
    }
}

/// An incident names accounts and command lines: nobody else may read it, and nothing is written over.
fn write_new(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    made.write_all(bytes)
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
    for sentence in items(&incident["impact"]) {
        output::line(&format!("  {:6} {}", if language == "ja" { "影響" } else { "so" }, said(sentence)))?;
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

fn collected(file: &Value) -> Result<()> {
    output::line(&format!("{}  {}  {}", text(&file["number"]), text(&file["host_name"]), text(&file["path"])))?;
    for (name, value) in file["facts"].as_object().into_iter().flatten() {
        output::line(&format!("  {name:10} {}", text(value)))?;
    }
    for note in items(&file["notes"]) {
        output::line(&format!("  ({})", text(note)))?;
    }
    output::line(&format!("  {} bytes of content kept", text(&file["content_bytes"])))
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}

/// Nothing when the node has not looked into it yet. Not `whole`: without the answers that speak for nothing.
fn investigation(asked: &Value, language: &str, whole: bool) -> Result<()> {
    if asked.is_null() {
        return Ok(());
    }
    let japanese = language == "ja";
    section(if japanese { "調査" } else { "Investigation" })?;
    output::line(&format!("  {}", text(&asked["conclusion"][language])))?;
    for weighed in items(&asked["hypotheses"]) {
        let (more, less) = (count(&weighed["support"]), count(&weighed["against"]));
        output::line(&format!(
            "  {:>12}|{:12}  {}  (+{more} -{less})",
            "-".repeat(less.min(12)),
            "+".repeat(more.min(12)),
            text(&weighed["name"][language])
        ))?;
    }
    let tells = |answered: &&Value| answered["weights"].as_object().is_some_and(|weights| !weights.is_empty());
    for answered in items(&asked["answers"]).iter().filter(|answered| whole || tells(answered)) {
        let open = if answered["state"] == "answered" { "" } else { "? " };
        output::line(&format!("  {}", text(&answered["question"][language])))?;
        output::line(&format!("      {open}{}", text(&answered["answer"][language])))?;
        for note in items(&answered["notes"]) {
            output::line(&format!("      ({})", text(note)))?;
        }
    }
    let left_out = count(&asked["left_out"]);
    if left_out > 0 {
        let said = if japanese { "予算により省かれた質問" } else { "questions left out by the budget" };
        output::line(&format!("  {left_out} {said}"))?;
    }
    Ok(())
}

fn count(value: &Value) -> usize {
    value.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
}

fn section(title: &str) -> Result<()> {
    output::line("")?;
    output::line(title)
}
