//! `tamon alerts`.

use crate::api::{self, Api};
use crate::arguments::Alerts;
use crate::output::{self, Output, severity, table, text};
use crate::place::Place;
use anyhow::Result;
use std::process::ExitCode;

pub fn run(options: &Alerts, place: &Place, print: Output) -> Result<ExitCode> {
    let mut query = format!("/alerts?limit={}", options.limit.clamp(1, 200));
    if let Some(severity) = options.severity {
        query.push_str(&format!("&{}", api::parameter("severity", severity.name())));
    }
    let answer = Api::open(place)?.get(&query)?;
    output::list(print, &answer, "items", |alerts| {
        let rows: Vec<Vec<String>> = alerts
            .iter()
            .rev()
            .map(|alert| {
                vec![
                    text(&alert["time"]),
                    text(&alert["host_name"]),
                    severity(&text(&alert["severity"])),
                    text(&alert["techniques"]),
                    text(&alert["title"]),
                    text(&alert["incident_id"]),
                ]
            })
            .collect();
        table(&["time", "host", "severity", "techniques", "title", "incident"], &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}
