//! Hosts from memory; what runs on one is asked of it.

use super::{Shared, now, overview};
use crate::fleet::Member;
use crate::node::Node;
use crate::orders::NoAnswer;
use crate::problem::{Answer, not_found};
use axum::Json;
use axum::extract::{Path, State};
use console_api::*;
use event::Timestamp;
use serde::Deserialize;
use std::time::{Duration, Instant};
use wire::{CommandBody, CommandResult, CommandStatus};

/// How long a page waits for a host.
const WAIT: Duration = Duration::from_secs(5);

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
    let member = node.fleet.get(&id).ok_or_else(|| not_found("host"))?;
    let (answer, json) = ask(&node, &member, CommandBody::CollectProcesses).await;
    let mut tree = ProcessTree { answer, collected: None, processes: Vec::new(), truncated: false };
    if let Some(json) = json {
        tree.collected = Some(now().into());
        match serde_json::from_str::<Collected>(&json) {
            Ok(Collected::Plain(processes)) => tree.processes = processes,
            Ok(Collected::Bounded { processes, truncated }) => {
                (tree.processes, tree.truncated) = (processes, truncated)
            }
            Err(error) => {
                tree.answer.status = AnswerStatus::Error;
                tree.answer.detail = Some(format!("the host's answer cannot be read: {error}"));
            }
        }
    }
    Ok(Json(tree))
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

/// Asks one host; the JSON is there only when it answered well.
pub(super) async fn ask(node: &Node, member: &Member, body: CommandBody) -> (HostAnswer, Option<String>) {
    let begin = Instant::now();
    let asked = match member.connected {
        true => node.orders.ask(&member.facts.agent, body, WAIT, "console", "asked by the console").await,
        false => Err(NoAnswer::Away),
    };
    let (status, detail, json) = match asked {
        Ok(CommandResult { status: CommandStatus::Done, json, .. }) => (AnswerStatus::Answered, None, Some(json)),
        Ok(result) => (AnswerStatus::Error, Some(format!("{}: {}", result.status.name(), result.detail)), None),
        Err(NoAnswer::Away) => (AnswerStatus::Offline, None, None),
        Err(NoAnswer::Timeout) => (AnswerStatus::Timeout, None, None),
    };
    let elapsed_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (host_id, host_name) = (member.facts.host.0.clone(), member.facts.name.clone());
    (HostAnswer { host_id, host_name, status, detail, elapsed_ms }, json)
}
