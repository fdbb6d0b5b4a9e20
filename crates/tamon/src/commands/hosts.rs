//! `tamon hosts`.

use crate::api::Api;
use crate::output::{self, Output, table, text};
use crate::place::Place;
use anyhow::Result;
use std::process::ExitCode;

pub fn run(place: &Place, print: Output) -> Result<ExitCode> {
    let answer = Api::open(place)?.get("/hosts")?;
    output::list(print, &answer, "items", |hosts| {
        let rows: Vec<Vec<String>> = hosts
            .iter()
            .map(|host| {
                vec![
                    text(&host["name"]),
                    text(&host["tier"]),
                    text(&host["mode"]),
                    if host["connected"] == true { "yes".into() } else { "no".into() },
                    text(&host["last_seen"]),
                    text(&host["seen"]),
                    text(&host["lost_total"]),
                    text(&host["open_incidents"]),
                    text(&host["signatures"]["version"]),
                    text(&host["id"]),
                ]
            })
            .collect();
        table(
            &["host", "tier", "mode", "connected", "last seen", "seen", "lost", "incidents", "signatures", "id"],
            &rows,
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
