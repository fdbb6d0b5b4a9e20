//! Who did what, newest first.

use super::{Query, Shared, limit};
use crate::problem::{Answer, fail};
use axum::Json;
use axum::extract::State;
use console_api::{AuditEntry, AuditPage, AuditQuery, ProblemCode};

pub async fn list(State(node): Shared, Query(query): Query<AuditQuery>) -> Answer<Json<AuditPage>> {
    let limit = limit(query.limit, 50, 200)?;
    let before = query.after.as_deref().map(str::parse::<u64>).transpose();
    let before = before.map_err(|_| fail(ProblemCode::Invalid, "this cursor was not given out by the node"))?;
    let mut entries = node.control.audit(&node.tenant, before, limit + 1).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let items: Vec<AuditEntry> = entries.into_iter().map(shown).collect();
    let next = items.last().filter(|_| more).map(|entry| entry.id.to_string());
    Ok(Json(AuditPage { items, next }))
}

fn shown(entry: store::AuditEntry) -> AuditEntry {
    let more: serde_json::Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    let text = |name: &str| more[name].as_str().map(str::to_owned);
    AuditEntry {
        id: entry.sequence,
        time: entry.time.into(),
        actor: entry.actor,
        action: entry.action,
        target: entry.target,
        source: text("source").unwrap_or_default(),
        ok: more["ok"].as_bool().unwrap_or(true),
        detail: text("detail").unwrap_or(entry.detail),
    }
}
