//! Hosts from memory; what runs on one is asked of it.

use super::{Shared, asking, now, overview};
use crate::fleet::Member;
use crate::node::Node;
use crate::problem::{Answer, not_found};
use axum::Json;
use axum::extract::{Path, State};
use console_api::*;
use event::Timestamp;
use serde::Deserialize;
use std::time::Duration;
use wire::CommandBody;

pub async fn list(State(node): Shared) -> Answer<Json<HostList>> {
    let open = overview::open_incidents_by_host(&node);
    let items = node.fleet.all().iter().map(|member| overview::host(&node, member, &open)).collect();
    Ok(Json(HostList { items }))
}

pub async fn show(State(node): Shared, Path(id): Path<String>) -> Answer<Json<HostDetail>> {
    let member = node.fleet.get(&id).ok_or_else(|| not_found("host"))?;
    let open = overview::open_incidents_by_host(&node);
    let facts = &member.facts;
    let (rates, rates_known) = match rates(&node, &id).await {
        Ok(rates) => (rates, true),
        Err(failure) => {
            tracing::warn!(host = id, problem = failure.0.detail, "cannot count a host's events");
            (Vec::new(), false)
        }
    };
    Ok(Json(HostDetail {
        summary: overview::host(&node, &member, &open),
        boot_id: facts.boot_id.clone(),
        addresses: facts.addresses.clone(),
        first_seen: member.first_seen.into(),
        spool_bytes: facts.spool_bytes,
        spool_events: facts.spool_events,
        resident_bytes: facts.resident_bytes,
        rules: facts.rules,
        rules_rejected: facts.rules_rejected,
        rates,
        rates_known,
    }))
}

/// Sixty minutes, empty ones too.
async fn rates(node: &Node, host: &str) -> Answer<Vec<RatePoint>> {
    const MINUTE: i64 = 60 * crate::clock::SECOND;
    let latest = now().0.div_euclid(MINUTE);
    let from = Timestamp((latest - 59) * MINUTE);
    let sql = format!(
        "SELECT date_trunc('minute', timestamp) AS minute, count(*) AS n FROM events \
         WHERE host_id = '{}' AND timestamp >= TIMESTAMP '{from}' GROUP BY date_trunc('minute', timestamp)",
        host.replace('\'', "''")
    );
    let mut scope = hunt::Scope::new(node.tenant.clone(), now());
    scope.time_limit = Duration::from_secs(3);
    let answer = node.events.hunt(&hunt::plan(&sql, &scope)?).await?.collect().await?;
    let mut points: Vec<RatePoint> =
        (0..60).map(|n| RatePoint { start: Timestamp(from.0 + n * MINUTE).into(), events: 0 }).collect();
    for row in &answer.rows {
        let time = row[0].as_str().and_then(|text| text.parse::<Timestamp>().ok()).unwrap_or_default();
        let index = usize::try_from(time.0.div_euclid(MINUTE) - from.0.div_euclid(MINUTE)).unwrap_or(usize::MAX);
        if let Some(point) = points.get_mut(index) {
            point.events += row[1].as_u64().unwrap_or(0);
        }
    }
    Ok(points)
}

pub async fn processes(State(node): Shared, Path(id): Path<String>) -> Answer<Json<ProcessTree>> {
    let member = asking::member(&node, &id)?;
    Ok(Json(living(&node, &member).await))
}

/// What runs on a host, asked of it now.
pub(super) async fn living(node: &Node, member: &Member) -> ProcessTree {
    let (answer, told) = asking::ask_for(node, member, CommandBody::CollectProcesses, asking::WAIT).await;
    let collected = told.is_some().then(|| now().into());
    let (processes, truncated) = match told {
        Some(Collected::Plain(processes)) => (processes, false),
        Some(Collected::Bounded { processes, truncated }) => (processes, truncated),
        None => (Vec::new(), false),
    };
    ProcessTree { answer, collected, processes, truncated }
}

/// What an agent answers: a list, or a list that it had to cut.
#[derive(Deserialize)]
#[serde(untagged)]
enum Collected {
    Plain(Vec<HostProcess>),
    Bounded {
        processes: Vec<HostProcess>,
        #[serde(default)]
        truncated: bool,
    },
}
