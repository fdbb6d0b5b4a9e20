//! `tamon events`, once or following.

use crate::api::{self, Api};
use crate::arguments::Events;
use crate::output::{self, Output, text};
use crate::place::Place;
use anyhow::{Context, Result};
use serde_json::Value;
use std::process::ExitCode;

pub fn run(options: &Events, place: &Place, print: Output) -> Result<ExitCode> {
    let api = Api::open(place)?;
    let filter = filter(&api, options)?;
    let answer = api.get(&format!("/events?limit={}{filter}", options.limit.clamp(1, 1000)))?;
    let mut items = answer["items"].as_array().cloned().context("the node's answer has no items")?;
    items.reverse();
    if print == Output::Json && !options.follow {
        output::json(&answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    items.iter().filter(|row| wanted(options, row)).try_for_each(|row| show(row, print))?;
    let mut cursor = text(&answer["follow"]);
    if !options.follow {
        return Ok(ExitCode::SUCCESS);
    }
    loop {
        let page = api.get(&format!("/events?wait=10&limit=1000{filter}&{}", api::parameter("since", &cursor)))?;
        let new = page["items"].as_array().context("the node's answer has no items")?;
        new.iter().filter(|row| wanted(options, row)).try_for_each(|row| show(row, print))?;
        cursor = text(&page["follow"]);
    }
}

/// A host may be named by its name; the API takes its id.
fn filter(api: &Api, options: &Events) -> Result<String> {
    let Some(host) = &options.host else { return Ok(String::new()) };
    let hosts = api.get("/hosts")?;
    let id = hosts["items"]
        .as_array()
        .and_then(|all| all.iter().find(|h| h["name"] == host.as_str() || h["id"] == host.as_str()))
        .map(|found| text(&found["id"]))
        .with_context(|| format!("no host {host:?}"))?;
    Ok(format!("&{}", api::parameter("host", &id)))
}

fn wanted(options: &Events, row: &Value) -> bool {
    options.action.as_ref().is_none_or(|action| row["event_action"] == action.as_str())
}

fn show(row: &Value, print: Output) -> Result<()> {
    if print != Output::Text {
        return output::json(row);
    }
    let about = ["file_path", "destination_ip", "dns_question_name", "process_target_executable"]
        .iter()
        .map(|key| text(&row[*key]))
        .find(|value| !value.is_empty());
    let mut line = format!(
        "{}  {:18} {}[{}]  {}",
        text(&row["timestamp"]),
        text(&row["event_action"]),
        text(&row["process_name"]),
        text(&row["process_pid"]),
        text(&row["process_command_line"])
    );
    if let Some(about) = about {
        let port = match text(&row["destination_port"]) {
            port if port.is_empty() => port,
            port => format!(":{port}"),
        };
        line.push_str(&format!("  → {about}{port}"));
    }
    output::line(&line)
}
