//! For machines: the contract, whether the node lives and works, and its figures.

use super::{Shared, open_incidents};
use crate::node::Node;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;
use std::sync::LazyLock;

pub async fn openapi() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(console_api::openapi_json);
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

pub async fn health() -> &'static str {
    "ok\n"
}

pub async fn ready(State(node): Shared) -> Response {
    let mut wrong = Vec::new();
    if let Err(error) = node.control.setting(&node.tenant, "ready").await {
        wrong.push(format!("control store: {error}"));
    }
    if node.agents.get().is_none() {
        wrong.push("agents cannot connect yet".into());
    }
    if *node.stopping.borrow() {
        wrong.push("shutting down".into());
    }
    match wrong.is_empty() {
        true => "ready\n".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, wrong.join("\n") + "\n").into_response(),
    }
}

pub async fn metrics(State(node): Shared) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text(&node)).into_response()
}

fn text(node: &Node) -> String {
    let mut out = String::new();
    let ingest = node.ingest_stats();
    let figures = node.figures.view();
    let stats = node.events.stats();
    let members = node.fleet.all();
    let lost: u64 = members.iter().map(|member| member.lost_total()).sum();
    let seconds = crate::clock::now().since(node.started) as f64 / 1e9;
    let rows: [(&str, &str, &str, f64); 21] = [
        ("tamon_node_uptime_seconds", "gauge", "since the node started", seconds),
        ("tamon_hosts", "gauge", "hosts known", members.len() as f64),
        ("tamon_hosts_connected", "gauge", "hosts connected", node.fleet.connected() as f64),
        ("tamon_sensor_lost_events", "gauge", "events that sensors lost since their agents started", lost as f64),
        ("tamon_ingest_batches_total", "counter", "batches acknowledged", ingest.batches as f64),
        ("tamon_ingest_records_total", "counter", "records received", ingest.received as f64),
        ("tamon_ingest_events_total", "counter", "events stored", ingest.stored as f64),
        ("tamon_ingest_duplicates_total", "counter", "records that came twice", ingest.duplicates as f64),
        ("tamon_ingest_alerts_total", "counter", "alerts stored", ingest.alerts as f64),
        ("tamon_ingest_refused_total", "counter", "records passed over", ingest.refused_total() as f64),
        ("tamon_ingest_unavailable_total", "counter", "batches that could not be stored", ingest.unavailable as f64),
        ("tamon_ingest_failed_total", "counter", "store failures", figures.failed as f64),
        ("tamon_ingest_events_per_second", "gauge", "events stored a second", figures.events_per_second),
        ("tamon_store_segments", "gauge", "segments", stats.segments as f64),
        ("tamon_store_bytes", "gauge", "bytes of segments", stats.segment_bytes as f64),
        ("tamon_store_rows", "gauge", "events in the store", (stats.segment_rows + stats.recent_rows) as f64),
        ("tamon_store_damaged_places", "gauge", "places on disk that cannot be read", stats.damaged_places as f64),
        ("tamon_hunts_total", "counter", "hunts run", stats.hunts as f64),
        ("tamon_hunts_failed_total", "counter", "hunts that failed", stats.failed_hunts as f64),
        ("tamon_incidents_open", "gauge", "incidents not resolved", open_incidents(node) as f64),
        ("tamon_live_readers", "gauge", "open live streams", node.live.listeners() as f64),
    ];
    for (name, kind, help, value) in rows {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    out
}
