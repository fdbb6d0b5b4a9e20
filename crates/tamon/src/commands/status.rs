//! `tamon status`: asked of the agent itself, so it works with the node gone.

use super::status_profiles;
use crate::local::Local;
use crate::output::{self, Output, text};
use crate::place::Place;
use anyhow::Result;
use serde_json::Value;
use std::process::ExitCode;

pub fn run(place: &Place, print: Output) -> Result<ExitCode> {
    let status = Local::open(place)?.status()?;
    if print != Output::Text {
        output::json(&status)?;
        return Ok(ExitCode::SUCCESS);
    }
    let line = |name: &str, value: String| output::line(&format!("{name:22} {value}"));
    line("host", format!("{} ({}, {})", text(&status["host_name"]), text(&status["os"]), text(&status["kernel"])))?;
    line("tier", format!("{} — {}", text(&status["tier"]), text(&status["tier_reason"])))?;
    line("missing protections", or_none(&status["missing_protections"]))?;
    line("mode", text(&status["mode"]))?;
    line("sensor", format!("{} seen, lost: {}", text(&status["sensor"]["seen"]), losses(&status["sensor"]["lost"])))?;
    line("alerts", text(&status["alerts"]))?;
    line(
        "rules",
        format!("{} in use, {} refused", text(&status["rules"]["usable"]), text(&status["rules"]["rejected"])),
    )?;
    line("signatures", signatures(&status["signatures"]))?;
    line("models", models(&status["signatures"]["models"]))?;
    line("spool", format!("{} events, {} bytes", text(&status["spool"]["events"]), text(&status["spool"]["bytes"])))?;
    line("node", text(&status["node"]["state"]))?;
    let stays = if status["gate"]["kernel"]["stays"] == true {
        "; what the kernel refuses stays without the agent"
    } else {
        ""
    };
    line("gate", format!("{}{stays}", text(&status["gate"]["state"])))?;
    for (name, words) in status_profiles::lines(&status["prevention"]) {
        line(name, words)?;
    }
    for (log, state) in logs(&status["logs"]) {
        line("log", format!("{log}: {state}"))?;
    }
    line("memory", format!("{} MB", status["resident_bytes"].as_u64().unwrap_or(0) / 1_000_000))?;
    for problem in status["problems"].as_array().map(Vec::as_slice).unwrap_or_default() {
        line("problem", text(problem))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn signatures(sets: &Value) -> String {
    let version = match &sets["version"] {
        Value::Null => "built in".to_owned(),
        version => format!("version {}", text(version)),
    };
    let counts = format!(
        "{} digests, {} patterns, {} YARA rules, {} refused",
        text(&sets["digests"]),
        text(&sets["patterns"]),
        text(&sets["yara_rules"]),
        text(&sets["rejected"])
    );
    let words = [&sets["refused"], &sets["update"]].map(text);
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|words| !words.is_empty()).collect();
    format!("{version}: {counts}; {}", words.join("; ")).trim_end_matches("; ").to_owned()
}

/// What is judged by a model at all: a type without a sound one has none.
fn models(names: &Value) -> String {
    match text(names) {
        none if none.is_empty() => "none: no file is judged by one".into(),
        names => format!("{names}; files of no other type are judged by one"),
    }
}

/// Each log that is there, or cannot be read; those that are not there are not named.
fn logs(logs: &Value) -> Vec<(String, String)> {
    let Some(all) = logs.as_object() else { return Vec::new() };
    let there = all.iter().filter(|(_, log)| log["state"] != "not there");
    there
        .map(|(name, log)| {
            let mut words = format!("{}, {} records", text(&log["state"]), text(&log["taken"]));
            let losses = [
                ("left_out", "left out by rate"),
                ("shed", "shed"),
                ("cut", "cut"),
                ("skipped_bytes", "bytes skipped"),
                ("damaged", "damaged"),
            ];
            for (key, said) in losses {
                if log[key].as_u64().is_some_and(|count| count > 0) {
                    words.push_str(&format!(", {} {said}", text(&log[key])));
                }
            }
            (name.clone(), words)
        })
        .collect()
}

fn or_none(value: &Value) -> String {
    match text(value) {
        names if names.is_empty() => "none".into(),
        names => names,
    }
}

fn losses(lost: &Value) -> String {
    let kinds: Vec<String> = lost
        .as_object()
        .map(|kinds| kinds.iter().filter(|(_, n)| **n != 0).map(|(kind, n)| format!("{n} {kind}")).collect())
        .unwrap_or_default();
    if kinds.is_empty() { "none".into() } else { kinds.join(", ") }
}
