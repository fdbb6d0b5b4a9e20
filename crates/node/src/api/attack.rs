//! The ATT&CK matrix of what was told and seen in some time, and the same as a layer for the Navigator.

use super::stored_alerts::{self, Wanted};
use super::{Query, Shared, now};
use crate::attack::{self, Told};
use crate::catalogue;
use crate::node::Node;
use crate::problem::{Answer, fail, internal};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use console_api::*;
use event::{Severity, Timestamp};
use incident::export::{Marked, navigator_layer};
use std::time::Duration;

const HOUR: i64 = 3_600 * crate::clock::SECOND;
const LONGEST_HOURS: u32 = 8_760;
const MOST_ALERTS: usize = 50_000;

pub async fn matrix(State(node): Shared, Query(query): Query<AttackQuery>) -> Answer<Json<AttackMatrix>> {
    Ok(Json(made(&node, query.hours).await?))
}

async fn made(node: &Node, hours: Option<u32>) -> Answer<AttackMatrix> {
    let hours = hours.unwrap_or(168);
    if !(1..=LONGEST_HOURS).contains(&hours) {
        return Err(fail(ProblemCode::Invalid, format!("hours must be 1 to {LONGEST_HOURS}")));
    }
    let to = now();
    let from = to.plus_nanos(-HOUR * i64::from(hours));
    let (records, _) = stored_alerts::read(node, Wanted { host: None, since: from, most: MOST_ALERTS }).await?;
    let mut told = Told::default();
    records.iter().for_each(|record| told.alert(&record.alert));
    let counted = events(node, from, &mut told).await;
    if let Err(failure) = &counted {
        tracing::warn!(problem = failure.0.detail, "cannot count events by technique");
    }
    Ok(attack::matrix(catalogue::all(), &told, from, to, counted.is_ok()))
}

async fn events(node: &Node, from: Timestamp, told: &mut Told) -> Answer<()> {
    let sql = format!(
        "SELECT label('threat_technique_id') AS technique, count(*) AS n FROM events \
         WHERE timestamp >= TIMESTAMP '{from}' AND label('threat_technique_id') IS NOT NULL \
         GROUP BY label('threat_technique_id')"
    );
    let mut scope = hunt::Scope::new(node.tenant.clone(), now());
    (scope.time_limit, scope.row_limit) = (Duration::from_secs(10), 10_000);
    let answer = node.events.hunt(&hunt::plan(&sql, &scope)?).await?.collect().await?;
    for row in &answer.rows {
        if let (Some(technique), Some(count)) = (row[0].as_str(), row[1].as_u64()) {
            told.events(technique, count);
        }
    }
    Ok(())
}

pub async fn layer(State(node): Shared, Query(query): Query<AttackLayerQuery>) -> Answer<Response> {
    let matrix = made(&node, query.hours).await?;
    let kind = query.kind.unwrap_or_default();
    let (name, file) = match kind {
        LayerKind::Coverage => ("Tamon: what could be told", "tamon-coverage.json"),
        LayerKind::Told => ("Tamon: what was told", "tamon-told.json"),
    };
    let mut marked: Vec<Marked> = Vec::new();
    for technique in matrix.tactics.iter().flat_map(|tactic| &tactic.techniques).chain(&matrix.other) {
        if marked.iter().all(|one| one.id != technique.id)
            && let Some(one) = mark(kind, technique, &matrix.rules)
        {
            marked.push(one);
        }
    }
    let facts = [("from", matrix.from.0.to_string()), ("to", matrix.to.0.to_string())];
    let text = navigator_layer(name, &matrix.notice, &marked, &facts);
    let text = text.map_err(|error| internal("write the layer", &error))?;
    let disposition = format!("attachment; filename=\"{file}\"");
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, text).into_response())
}

/// None for what neither a rule nor an alert names.
fn mark(kind: LayerKind, technique: &AttackTechnique, rules: &[AttackRule]) -> Option<Marked> {
    let titles = technique.rules.iter().filter_map(|place| rules.get(*place as usize)).map(|rule| rule.title.clone());
    let (score, comment) = match kind {
        // Ten rules or more are as dark as it gets.
        LayerKind::Coverage if technique.rules.is_empty() => return None,
        LayerKind::Coverage => {
            ((technique.rules.len() as u32 * 10).min(100), titles.take(20).collect::<Vec<_>>().join("\n"))
        }
        LayerKind::Told if technique.alerts + technique.events == 0 => return None,
        LayerKind::Told => {
            let comment = format!("{} alerts, {} events", technique.alerts, technique.events);
            (incident::export::score(technique.severity.unwrap_or(Severity::Info)), comment)
        }
    };
    Some(Marked { id: technique.id.clone(), score, comment })
}
