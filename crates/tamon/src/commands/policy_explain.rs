//! `tamon policy explain`: which keys decide about a path, or an address, and why.

use super::policy::read;
use crate::local::Local;
use crate::output::{self, Output, text};
use crate::place::Place;
use anyhow::Result;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

pub fn run(
    path: &Path,
    policy: Option<&Path>,
    process: &Option<String>,
    place: &Place,
    print: Output,
) -> Result<ExitCode> {
    let given = policy.map(|file| read(file).map(|text| (file.display().to_string(), text))).transpose()?;
    let request = match path.to_str().and_then(|text| text.parse::<SocketAddr>().ok()) {
        Some(address) => json!({
            "request": "policy_explain_address",
            "address": address,
            "process": process,
            "policy": given,
        }),
        None => json!({
            "request": "policy_explain",
            "path": std::path::absolute(path)?,
            "process": process,
            "policy": given,
        }),
    };
    let answer = Local::open(place)?.ask(&request)?;
    let lines = answer["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
    match print {
        Output::Json => output::json(&answer)?,
        Output::Ndjson => lines.iter().try_for_each(output::json)?,
        Output::Text => {
            for line in lines {
                output::line(&format!("{:40} {}", text(&line["field"]), text(&line["says"])))?;
            }
            if answer["locked"] != Value::Null {
                let runs = if answer["locked"]["runs"] == true { "runs" } else { "is refused" };
                let reasons = answer["locked"]["reasons"].as_array().map(Vec::as_slice).unwrap_or_default();
                let words: Vec<String> = reasons.iter().map(text).collect();
                output::line(&format!("{:40} {runs}: {}", "on a locked host", words.join("; ")))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
