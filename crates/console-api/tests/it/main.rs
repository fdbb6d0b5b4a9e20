//! The contract as a document: fresh, complete, without two meanings for one name.

use console_api::{ENDPOINTS, ProblemCode, openapi_json};
use std::collections::BTreeSet;

#[test]
fn the_committed_document_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/openapi.json");
    let committed = std::fs::read_to_string(path).expect("web/openapi.json is committed");
    assert!(committed == openapi_json(), "stale: run `cargo run -p console-api --example openapi`");
}

#[test]
fn it_says_three_one_and_holds_every_endpoint() {
    let document: serde_json::Value = serde_json::from_str(&openapi_json()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for e in ENDPOINTS {
        let operation = &document["paths"][e.path][e.method.to_lowercase()];
        assert_eq!(operation["operationId"], e.id, "{} {}", e.method, e.path);
    }
}

/// What may be refused is said by its status, not by `default` alone.
#[test]
fn each_operation_names_its_refusals() {
    let document: serde_json::Value = serde_json::from_str(&openapi_json()).unwrap();
    let of = |method: &str, path: &str| -> Vec<String> {
        document["paths"][path][method]["responses"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(of("get", "/healthz"), ["200", "default"]);
    assert_eq!(of("get", "/api/v1/incidents/{id}"), ["200", "401", "403", "404", "default"]);
    assert_eq!(of("patch", "/api/v1/incidents/{id}"), ["200", "400", "401", "403", "404", "413", "422", "default"]);
    let forbidden = &document["components"]["responses"]["Problem403"];
    assert_eq!(forbidden["description"], "`forbidden`: Not allowed; `csrf_missing`: The request lacks its CSRF token");
}

#[test]
fn operation_ids_and_problem_codes_are_unique() {
    let ids: BTreeSet<_> = ENDPOINTS.iter().map(|e| e.id).collect();
    assert_eq!(ids.len(), ENDPOINTS.len());
    let codes: BTreeSet<_> = ProblemCode::ALL.iter().map(|c| c.name()).collect();
    assert_eq!(codes.len(), ProblemCode::ALL.len());
}

/// A reference to a schema that is not there would break the generated client.
#[test]
fn every_reference_resolves() {
    let document: serde_json::Value = serde_json::from_str(&openapi_json()).unwrap();
    let mut missing = BTreeSet::new();
    visit(&document, &mut |key, value| {
        if let ("$ref", Some(target)) = (key, value.as_str())
            && document.pointer(target.trim_start_matches('#')).is_none()
        {
            missing.insert(target.to_owned());
        }
    });
    assert_eq!(missing, BTreeSet::new());
}

fn visit(value: &serde_json::Value, see: &mut impl FnMut(&str, &serde_json::Value)) {
    match value {
        serde_json::Value::Object(map) => map.iter().for_each(|(key, value)| {
            see(key, value);
            visit(value, see);
        }),
        serde_json::Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
        _ => {}
    }
}
