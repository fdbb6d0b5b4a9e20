//! `tamon enrol`, and the two things that only the node's owner may ask of it: an enrolment token and a one-time login.

use crate::api::Api;
use crate::output::{self, Output, text};
use crate::place::Place;
use anyhow::Result;
use serde_json::{Value, json};
use std::io::Read as _;
use std::process::ExitCode;

pub fn enrol(node: &str, token: &str, place: &Place) -> Result<ExitCode> {
    let token = if token == "-" {
        let mut read = String::new();
        std::io::stdin().take(64 * 1024).read_to_string(&mut read)?;
        read.trim().to_owned()
    } else {
        token.to_owned()
    };
    let identity = agent::enrol(&place.state, node, &token)?;
    output::line(&format!("enrolled as agent {identity}"))?;
    Ok(ExitCode::SUCCESS)
}

pub fn token(minutes: u32, place: &Place, print: Output) -> Result<ExitCode> {
    let body = json!({ "valid_seconds": u64::from(minutes) * 60 });
    print_field(&Api::open(place)?.post("/admin/enrolment-tokens", &body)?, "token", print)
}

pub fn login_link(user: &str, place: &Place, print: Output) -> Result<ExitCode> {
    print_field(&Api::open(place)?.post("/admin/one-time-login", &json!({ "username": user }))?, "url", print)
}

fn print_field(answer: &Value, field: &str, print: Output) -> Result<ExitCode> {
    match print {
        Output::Text => output::line(&text(&answer[field]))?,
        Output::Json | Output::Ndjson => output::json(answer)?,
    }
    Ok(ExitCode::SUCCESS)
}
