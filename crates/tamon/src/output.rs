//! How a command prints: text for people, one JSON document, or one JSON object a line. Text of an event never reaches the
//! terminal unescaped.

use anyhow::Result;
use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, IsTerminal as _, Write as _};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    #[default]
    Text,
    /// One document.
    Json,
    /// One object a line.
    Ndjson,
}

/// Writes a document or a line of JSON, with a line break. A closed pipe ends the program quietly, as others do.
pub fn json(value: &impl Serialize) -> Result<()> {
    line(&serde_json::to_string(value)?)
}

pub fn line(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => Ok(other?),
    }
}

/// A document as asked: whole, or its list a line each.
pub fn list(output: Output, document: &Value, key: &str, text: impl Fn(&[Value]) -> Result<()>) -> Result<()> {
    let items = document[key].as_array().map(Vec::as_slice).unwrap_or_default();
    match output {
        Output::Text => text(items),
        Output::Json => json(document),
        Output::Ndjson => items.iter().try_for_each(json),
    }
}

/// A table whose columns are as wide as their widest cell, up to `limit` characters. Cells are escaped here.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> Result<()> {
    const LIMIT: usize = 100;
    let shown: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| cut(cell, LIMIT)).collect()).collect();
    let width = |column: usize| {
        let cells = shown.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let print = |cells: &[String]| {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}", width = *width)).collect();
        line(padded.join("  ").trim_end())
    };
    print(&head.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>())?;
    shown.iter().try_for_each(|row| print(row))
}

fn cut(cell: &str, limit: usize) -> String {
    let safe = event::text::printable(cell);
    if safe.chars().count() <= limit {
        return safe.into_owned();
    }
    safe.chars().take(limit - 1).chain(['…']).collect()
}

/// Of a list; none where there is no list.
pub fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Text of a field of a JSON answer, escaped; numbers and lists as they read.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => event::text::printable(text).into_owned(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A severity with its shape, so that colour is never alone.
pub fn severity(name: &str) -> String {
    let (shape, colour) = match name {
        "critical" => ("●", "35"),
        "high" => ("◕", "31"),
        "medium" => ("◑", "33"),
        "low" => ("◔", "34"),
        _ => ("○", "37"),
    };
    if io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\x1b[{colour}m{shape}\x1b[0m {name}")
    } else {
        format!("{shape} {name}")
    }
}
