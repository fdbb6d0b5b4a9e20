//! `tamon hunt SQL`.

use crate::api::Api;
use crate::output::{self, Output, items, table, text};
use crate::place::Place;
use anyhow::Result;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

pub fn run(sql: &str, limit: u32, place: &Place, print: Output) -> Result<ExitCode> {
    let answer = Api::open(place)?.post("/hunt", &json!({ "sql": sql, "limit": limit }))?;
    let names: Vec<String> = items(&answer["columns"]).iter().map(|column| text(&column["name"])).collect();
    match print {
        Output::Json => output::json(&answer)?,
        Output::Ndjson => items(&answer["rows"]).iter().try_for_each(|row| output::json(&named(&names, row)))?,
        Output::Text => people(&answer, &names)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn people(answer: &Value, names: &[String]) -> Result<()> {
    let rows: Vec<Vec<String>> =
        items(&answer["rows"]).iter().map(|row| items(row).iter().map(text).collect()).collect();
    let head: Vec<&str> = names.iter().map(String::as_str).collect();
    table(&head, &rows)?;
    let cut = if answer["truncated"] == true { ", cut at the limit" } else { "" };
    eprintln!("{} rows{cut} in {} ms", rows.len(), answer["elapsed_ms"]);
    Ok(())
}

fn named(names: &[String], row: &Value) -> Map<String, Value> {
    names.iter().cloned().zip(items(row).iter().cloned()).collect()
}
