//! `tamon api`: any route of the node's contract from a terminal or a script, with the rights of who may open the admin socket.
//! Without a path it lists the contract, as the node itself describes it.

use crate::api::Api;
use crate::arguments::{ApiCall, ApiMethod};
use crate::output::{self, Output, table};
use crate::place::Place;
use anyhow::{Context as _, Result};
use hyper::Method;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

/// A request is no longer than the node takes.
const MAX_BODY: u64 = 256 << 10;

pub fn run(call: &ApiCall, place: &Place, print: Output) -> Result<ExitCode> {
    let api = Api::open(place)?;
    let (Some(method), Some(path)) = (call.method, &call.path) else {
        let bytes = api.fetch(Method::GET, "/api/openapi.json", None)?;
        let document: Value = serde_json::from_slice(&bytes).context("the node's description of itself is not JSON")?;
        match print {
            Output::Text => table(&["method", "path", "what it does"], &routes(&document))?,
            Output::Json | Output::Ndjson => output::json(&document)?,
        }
        return Ok(ExitCode::SUCCESS);
    };
    let body = call.body.as_deref().map(read).transpose()?;
    let bytes = api.fetch(verb(method), &address(path), body.as_ref())?;
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(answer) => output::json(&answer)?,
        // A file, or nothing.
        Err(_) => std::io::stdout().write_all(&bytes)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// `/attack`, `attack` and `/api/v1/attack` are one.
fn address(path: &str) -> String {
    let path = path.trim_start_matches('/');
    if path.starts_with("api/") { format!("/{path}") } else { format!("/api/v1/{path}") }
}

fn read(body: &str) -> Result<Value> {
    if body != "-" {
        return serde_json::from_str(body).context("the body is not JSON");
    }
    let mut text = String::new();
    std::io::stdin().take(MAX_BODY).read_to_string(&mut text).context("cannot read the body")?;
    serde_json::from_str(&text).context("the body is not JSON")
}

fn verb(method: ApiMethod) -> Method {
    match method {
        ApiMethod::Get => Method::GET,
        ApiMethod::Post => Method::POST,
        ApiMethod::Put => Method::PUT,
        ApiMethod::Patch => Method::PATCH,
        ApiMethod::Delete => Method::DELETE,
    }
}

/// Each operation of an OpenAPI document, by path.
fn routes(document: &Value) -> Vec<Vec<String>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.filter(|(_, operation)| operation.is_object()).map(move |(method, operation)| {
            let summary = operation["summary"].as_str().unwrap_or_default().to_owned();
            vec![method.to_uppercase(), path.trim_start_matches("/api/v1").to_owned(), summary]
        })
    });
    operations.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_is_below_the_contract() {
        assert_eq!(address("/attack?hours=24"), "/api/v1/attack?hours=24");
        assert_eq!(address("attack"), "/api/v1/attack");
        assert_eq!(address("/api/openapi.json"), "/api/openapi.json");
    }

    #[test]
    fn the_contract_is_listed_by_operation() {
        let document =
            json!({ "paths": { "/api/v1/hosts": { "get": { "summary": "Every host" }, "parameters": [] } } });
        assert_eq!(routes(&document), [["GET", "/hosts", "Every host"]]);
    }
}
