//! Alerts, newest first. What the control store cannot filter by is filtered here, page after page, within a bound that is
//! shown by a cursor to go on from.

use super::{Query, Shared, limit, page};
use crate::problem::{Answer, fail, not_found};
use crate::views::{alert_detail, alert_summary};
use axum::Json;
use axum::extract::{Path, State};
use console_api::*;
use event::{AlertId, HostId, IncidentId};
use store::AlertFilter;

/// Pages of a thousand read for one answer.
const PAGES: usize = 10;

pub async fn list(State(node): Shared, Query(query): Query<AlertQuery>) -> Answer<Json<AlertPage>> {
    let limit = limit(query.limit, 50, 200)?;
    let technique = query.technique.as_deref().map(str::parse::<event::Technique>).transpose();
    let technique = technique.map_err(|error| fail(ProblemCode::Invalid, error.to_string()))?;
    let engines = query.engines.as_deref().map(engines).transpose()?;
    let text = query.text.as_deref().map(str::to_lowercase).filter(|text| !text.is_empty());
    let picky = technique.is_some() || text.is_some() || engines.is_some() || query.rule.is_some();
    let after = query.after.as_deref().map(page::read).transpose()?;
    let mut before = after.map(|(time, id)| (time, AlertId(id)));
    let mut items: Vec<AlertSummary> = Vec::new();
    for _ in 0..PAGES {
        let filter = AlertFilter {
            tenant: node.tenant.clone(),
            before: before.clone(),
            since: query.since.map(|time| time.0),
            host: query.host.clone().map(HostId),
            incident: query.incident.clone().map(IncidentId),
            at_least: query.severity,
            limit: if picky { 1_000 } else { limit + 1 },
        };
        let records = node.control.alerts(&filter).await?;
        let last = records.len() < filter.limit;
        for record in &records {
            before = Some((record.alert.time, record.alert.id.clone()));
            let summary = alert_summary(record);
            let fits = technique
                .is_none_or(|wanted| record.alert.techniques().iter().any(|t| *t == wanted || t.parent() == wanted));
            let findings = &record.alert.findings;
            let fits = fits
                && engines.as_ref().is_none_or(|names| findings.iter().any(|f| names.contains(&f.engine)))
                && query.rule.as_deref().is_none_or(|rule| findings.iter().any(|f| f.rule_id.as_str() == rule));
            if fits && text.as_deref().is_none_or(|text| holds(&summary, text)) {
                items.push(summary);
            }
            if items.len() > limit {
                items.truncate(limit);
                return Ok(Json(AlertPage { next: items.last().map(cursor), items }));
            }
        }
        if last {
            return Ok(Json(AlertPage { items, next: None }));
        }
    }
    let next = before.map(|(time, id)| page::cursor(time, id.as_str()));
    Ok(Json(AlertPage { items, next }))
}

fn engines(names: &str) -> Answer<Vec<event::Engine>> {
    let read = |name: &str| serde_json::from_value(serde_json::Value::String(name.to_owned()));
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| read(name).map_err(|_| fail(ProblemCode::Invalid, format!("{name:?} is no engine")))).collect()
}

fn cursor(summary: &AlertSummary) -> String {
    page::cursor(summary.time.0, &summary.id)
}

fn holds(summary: &AlertSummary, text: &str) -> bool {
    let optional = [&summary.process_name, &summary.process_command_line, &summary.user, &summary.incident_id];
    let words = [&summary.title, &summary.detail, &summary.host_name, &summary.id].into_iter();
    words.chain(optional.into_iter().flatten()).any(|word| word.to_lowercase().contains(text))
}

pub async fn show(State(node): Shared, Path(id): Path<String>) -> Answer<Json<AlertDetail>> {
    let record = node.control.alert(&node.tenant, &AlertId(id)).await?.ok_or_else(|| not_found("alert"))?;
    Ok(Json(alert_detail(&record)))
}
