//! Incidents: lists from memory, the story from the control store, counters from the event store.

use super::{Body, Query, Shared, audit, case_files, limit, page, reason};
use crate::desk::DeskError;
use crate::guard::Caller;
use crate::investigate;
use crate::node::Node;
use crate::orders::{NewOrder, process_key};
use crate::problem::{Answer, Failure, fail, internal, not_found};
use crate::views::{alert_summary, status_from_name};
use axum::Extension;
use axum::Json;
use axum::extract::{Path, State};
use console_api::*;
use event::{CommandId, IncidentId};
use incident::Incident;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use store::AlertFilter;

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Control(error) => error.into(),
            DeskError::Unknown(_) => not_found("incident"),
            error => internal("read an incident", &error),
        }
    }
}

pub async fn list(State(node): Shared, Query(query): Query<IncidentQuery>) -> Answer<Json<IncidentPage>> {
    let limit = limit(query.limit, 50, 200)?;
    let statuses = statuses(query.status.as_deref())?;
    let after = query.after.as_deref().map(page::read).transpose()?;
    let text = query.text.as_deref().map(str::to_lowercase).filter(|text| !text.is_empty());
    let summaries = node.desk.summaries.read();
    let fits = |summary: &&IncidentSummary| {
        (statuses.is_empty() || statuses.contains(&summary.status))
            && query.severity.is_none_or(|least| summary.severity >= least)
            && query.host.as_ref().is_none_or(|host| summary.hosts.iter().any(|h| h.id == *host))
            && text.as_deref().is_none_or(|text| holds(summary, text))
    };
    let mut found: Vec<&IncidentSummary> = summaries.values().filter(fits).collect();
    found.sort_by(|a, b| (b.updated, &b.id).cmp(&(a.updated, &a.id)));
    let total = found.len() as u64;
    let rest = found.into_iter().filter(|summary| match &after {
        Some((time, id)) => (summary.updated.0, &summary.id) < (*time, id),
        None => true,
    });
    let mut items: Vec<IncidentSummary> = rest.take(limit + 1).cloned().collect();
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| page::cursor(last.updated.0, &last.id));
    Ok(Json(IncidentPage { items, next, total }))
}

fn statuses(text: Option<&str>) -> Answer<Vec<IncidentStatus>> {
    let names = text.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .map(|name| {
            status_from_name(name).ok_or_else(|| fail(ProblemCode::Invalid, format!("{name:?} is not a status")))
        })
        .collect()
}

fn holds(summary: &IncidentSummary, text: &str) -> bool {
    let hosts = summary.hosts.iter().map(|host| host.name.as_str());
    let words = [summary.id.as_str(), &summary.title.en, &summary.title.ja].into_iter();
    let mut all =
        words.chain(hosts).chain(summary.techniques.iter().map(String::as_str)).chain(summary.user.as_deref());
    all.any(|word| word.to_lowercase().contains(text))
}

pub async fn show(State(node): Shared, Path(id): Path<String>) -> Answer<Json<IncidentDetail>> {
    let incident = node.desk.load(&IncidentId(id)).await?.ok_or_else(|| not_found("incident"))?;
    Ok(Json(detail(&node, incident).await?))
}

async fn detail(node: &Node, mut incident: Incident) -> Answer<IncidentDetail> {
    let filter = AlertFilter {
        tenant: node.tenant.clone(),
        incident: Some(IncidentId(incident.id.clone())),
        limit: 1_000,
        ..AlertFilter::default()
    };
    let mut alerts: Vec<AlertSummary> = node.control.alerts(&filter).await?.iter().map(alert_summary).collect();
    alerts.reverse();
    let commands = node.orders.of_incident(&incident.id).await?;
    let counters = count(node, &mut incident).await;
    let investigation = investigate::kept(node, &IncidentId(incident.id.clone())).await?;
    let files = case_files::list(node, &IncidentId(incident.id.clone())).await?;
    let proposed =
        |one: &Suppression| one.state == SuppressionState::Proposed && one.incident_id.as_ref() == Some(&incident.id);
    let proposals = node.tuning.all().into_iter().filter(proposed).collect();
    Ok(IncidentDetail { incident, alerts, commands, counters, investigation, files, proposals })
}

/// Processes of one incident whose events are counted.
const COUNTED: usize = 1_000;

/// Fills in what each process did, and which have ended. A story without them is better than none, but it says so.
async fn count(node: &Node, incident: &mut Incident) -> CounterState {
    let mut processes: Vec<_> = incident.graph.nodes.iter().filter(|n| n.kind == NodeKind::Process).collect();
    // The attack's own before its ordinary surroundings.
    processes.sort_by_key(|n| (n.ordinary, !n.on_path, n.alerts.is_empty()));
    let asked: BTreeSet<String> = processes.iter().take(COUNTED).map(|n| n.id.clone()).collect();
    if asked.is_empty() {
        return CounterState::Counted;
    }
    let ids: Vec<String> = asked.iter().map(|id| format!("'{}'", id.replace('\'', "''"))).collect();
    let ids = ids.join(", ");
    let (counted, ended) = tokio::join!(counters(node, incident, &ids), ended(node, incident, &ids));
    let id = incident.id.clone();
    let unknown = |what: &str, failure: &Failure| {
        tracing::warn!(incident = id, problem = failure.0.detail, "cannot {what} of an incident's processes");
    };
    match ended {
        Ok(ended) => incident.note_ended(&asked, &ended),
        Err(failure) => unknown("ask for the ends", &failure),
    }
    match counted {
        Ok(counted) => {
            fill(incident, counted);
            CounterState::Counted
        }
        Err(failure) => {
            unknown("count the events", &failure);
            CounterState::Unavailable
        }
    }
}

const MARGIN: i64 = 3_600 * crate::clock::SECOND;

async fn rows(node: &Node, sql: &str) -> Answer<Vec<Vec<serde_json::Value>>> {
    let mut scope = hunt::Scope::new(node.tenant.clone(), crate::clock::now());
    scope.time_limit = Duration::from_secs(3);
    Ok(node.events.hunt(&hunt::plan(sql, &scope)?).await?.collect().await?.rows)
}

async fn counters(node: &Node, incident: &Incident, ids: &str) -> Answer<HashMap<String, Counters>> {
    let (from, to) = (incident.first.0.plus_nanos(-MARGIN), incident.last.0.plus_nanos(MARGIN));
    let sql = format!(
        "SELECT process_entity_id, event_category, event_action, count(*) AS n FROM events \
         WHERE process_entity_id IN ({ids}) AND timestamp >= TIMESTAMP '{from}' AND timestamp <= TIMESTAMP '{to}' \
         GROUP BY process_entity_id, event_category, event_action"
    );
    let mut by_process: HashMap<String, Counters> = HashMap::new();
    for row in rows(node, &sql).await? {
        let (Some(id), Some(category), Some(action)) = (row[0].as_str(), row[1].as_str(), row[2].as_str()) else {
            continue;
        };
        let n = row[3].as_u64().unwrap_or(0);
        let counters = by_process.entry(id.to_owned()).or_default();
        match (category, action) {
            ("process", "process-fork") => counters.children += n,
            ("file", _) => counters.files += n,
            ("network", _) => counters.network += n,
            ("dns", _) => counters.dns += n,
            _ => counters.other += n,
        }
    }
    Ok(by_process)
}

fn fill(incident: &mut Incident, mut counted: HashMap<String, Counters>) {
    for node in &mut incident.graph.nodes {
        if let Some(counted) = counted.remove(&node.id) {
            let (alerts, children) = (node.counters.alerts, node.counters.children.max(counted.children));
            node.counters = Counters { alerts, children, ..counted };
        }
    }
}

/// Which of these were seen to end, until now.
async fn ended(node: &Node, incident: &Incident, ids: &str) -> Answer<BTreeSet<String>> {
    let from = incident.first.0.plus_nanos(-MARGIN);
    let sql = format!(
        "SELECT DISTINCT process_entity_id FROM events \
         WHERE event_action = 'process-exit' AND process_entity_id IN ({ids}) AND timestamp >= TIMESTAMP '{from}'"
    );
    Ok(rows(node, &sql).await?.iter().filter_map(|row| row[0].as_str().map(str::to_owned)).collect())
}

pub async fn update(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(update): Body<IncidentUpdate>,
) -> Answer<Json<IncidentDetail>> {
    let why = reason(&update.reason)?;
    let id = IncidentId(id);
    node.desk.load(&id).await?.ok_or_else(|| not_found("incident"))?;
    let what = format!("{:?} {:?}: {why}", update.status, update.disposition);
    audit(&node, &caller, "incident.update", id.as_str(), &what).await?;
    let incident = node.desk.update(&id, update.status, update.disposition, why.clone(), &node.live).await?;
    node.tuning.learn(&node, &incident, &why, &caller.name).await?;
    Ok(Json(detail(&node, incident).await?))
}

pub async fn act(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(request): Body<ActionRequest>,
) -> Answer<Json<ActionResponse>> {
    let incident = node.desk.load(&IncidentId(id)).await?.ok_or_else(|| not_found("incident"))?;
    let (host, kind, target) = target_of(&request.action);
    let member = node.fleet.get(&host).ok_or_else(|| not_found("host"))?;
    if !incident.hosts.iter().any(|known| known.id == host) {
        return Err(fail(ProblemCode::Invalid, "this host has no part in the incident"));
    }
    check_target(kind, &target)?;
    let processes = match kind {
        CommandKind::KillTree => incident.descendants(&target),
        _ => incident.running(&host, &target),
    };
    let preview = consequences(processes, &member.facts.name, member.connected, kind, &target);
    if request.preview {
        return Ok(Json(ActionResponse { preview, command: None }));
    }
    let why = reason(request.reason.as_deref().unwrap_or_default())?;
    audit(
        &node,
        &caller,
        &format!("command.{}", kind.name()),
        &target,
        &format!("{} on {}: {why}", incident.id, member.facts.name),
    )
    .await?;
    let order = NewOrder {
        host,
        agent: member.facts.agent,
        kind,
        target,
        incident: Some(incident.id),
        payload: None,
        by: caller.name,
        reason: why,
    };
    let command = node.orders.issue(order, &node.live).await?;
    Ok(Json(ActionResponse { preview, command: Some(command) }))
}

/// Now, because somebody asks; the same that the node does by itself.
pub async fn investigate(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Answer<Json<Investigation>> {
    let incident = node.desk.load(&IncidentId(id)).await?.ok_or_else(|| not_found("incident"))?;
    Ok(Json(investigate::run(&node, &incident, &caller.name, &caller.source).await?))
}

/// Host, kind of command and target.
pub(super) fn target_of(action: &ResponseAction) -> (String, CommandKind, String) {
    match action.clone() {
        ResponseAction::KillTree { host_id, entity_id } => (host_id, CommandKind::KillTree, entity_id),
        ResponseAction::Quarantine { host_id, path } => (host_id, CommandKind::Quarantine, path),
    }
}

pub(super) fn check_target(kind: CommandKind, target: &str) -> Answer<()> {
    let fits = match kind {
        CommandKind::KillTree => process_key(target).is_some(),
        _ => target.starts_with('/') && target.len() <= 4_096 && !target.contains('\0'),
    };
    if fits { Ok(()) } else { Err(fail(ProblemCode::Invalid, "the target is no process or file that can be acted on")) }
}

/// `processes` would end.
pub(super) fn consequences(
    processes: Vec<ProcessFacts>,
    host_name: &str,
    connected: bool,
    kind: CommandKind,
    target: &str,
) -> Consequences {
    let count = processes.len();
    let mut sentences = vec![match kind {
        CommandKind::KillTree => incident::consequence("consequence.kill", host_name, target, count),
        _ => incident::consequence("consequence.quarantine", host_name, target, count),
    }];
    if !connected {
        sentences.push(incident::consequence("consequence.away", host_name, target, count));
    }
    if kind == CommandKind::KillTree {
        sentences.push(incident::consequence("consequence.no_undo", host_name, target, count));
    } else {
        sentences.push(incident::consequence("consequence.undo", host_name, target, count));
    }
    Consequences { host_connected: connected, processes, sentences }
}

pub async fn command(State(node): Shared, Path(id): Path<String>) -> Answer<Json<Command>> {
    node.orders.get(&CommandId(id)).await?.map(Json).ok_or_else(|| not_found("command"))
}
