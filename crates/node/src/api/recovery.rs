//! Roll-back: what hosts keep, what giving it back would do, and what it did.

use super::asking::{self, PATIENT, WAIT};
use super::{Body, Shared, audit, reason};
use crate::guard::Caller;
use crate::node::Node;
use crate::orders::{NewOrder, Payload};
use crate::problem::{Answer, fail, internal, not_found};
use axum::Extension;
use axum::Json;
use axum::extract::{Path, State};
use console_api::*;
use event::{AlertId, CommandId, IncidentId, Timestamp};
use serde::Deserialize;
use std::collections::HashMap;
use wire::CommandBody;

/// Trees of one order.
const MOST_TREES: usize = 1_024;
/// Files of one report.
const MOST_FILES: usize = 5_000;

pub async fn list(State(node): Shared) -> Answer<Json<RecoveryList>> {
    let members = asking::members(&node, None)?;
    let answers = asking::ask_each::<ToldList>(&node, members, CommandBody::ListRollback, WAIT).await;
    let mut list = RecoveryList { items: Vec::new(), hosts: Vec::new() };
    let mut incidents: HashMap<String, Option<String>> = HashMap::new();
    for (member, answer, told) in answers {
        let (trees, store) = told.map(|told| (told.trees, told.store)).unzip();
        for tree in trees.into_iter().flatten() {
            let incident_id = match &tree.incident {
                Some(alert) => incident_of(&node, &mut incidents, alert).await?,
                None => None,
            };
            list.items.push(KeptTree {
                host_id: member.facts.host.0.clone(),
                host_name: member.facts.name.clone(),
                tree: tree.tree,
                executable: tree.executable,
                uid: tree.uid,
                kept: tree.kept,
                bytes: tree.bytes,
                made: tree.made,
                alert_id: tree.incident,
                incident_id,
                first: tree.first.into(),
                last: tree.last.into(),
            });
        }
        list.hosts.push(RecoveryHost { answer, store });
    }
    list.items.sort_by_key(|tree| std::cmp::Reverse(tree.last));
    Ok(Json(list))
}

#[derive(Deserialize)]
struct ToldList {
    trees: Vec<ToldTree>,
    store: RecoveryStore,
}

#[derive(Deserialize)]
struct ToldTree {
    tree: String,
    executable: String,
    uid: u32,
    kept: u64,
    bytes: u64,
    made: u64,
    incident: Option<String>,
    first: Timestamp,
    last: Timestamp,
}

/// The incident that an alert went to.
async fn incident_of(node: &Node, known: &mut HashMap<String, Option<String>>, alert: &str) -> Answer<Option<String>> {
    if let Some(known) = known.get(alert) {
        return Ok(known.clone());
    }
    let record = node.control.alert(&node.tenant, &AlertId(alert.to_owned())).await?;
    let incident = record.and_then(|record| record.incident).map(|id| id.0);
    known.insert(alert.to_owned(), incident.clone());
    Ok(incident)
}

pub async fn roll_back(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(request): Body<RollbackRequest>,
) -> Answer<Json<RollbackResponse>> {
    let member = asking::member(&node, &request.host_id)?;
    let trees = match request.trees.is_empty() {
        true => of_incident(&node, request.incident_id.as_deref(), &request.host_id).await?,
        false => request.trees,
    };
    let fits = |tree: &String| tree.len() <= 128 && tree.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !(1..=MOST_TREES).contains(&trees.len()) || !trees.iter().all(fits) {
        return Err(fail(ProblemCode::Invalid, "name the process trees whose changes are to be undone"));
    }
    if request.preview {
        let body = CommandBody::RollBack { trees, preview: true };
        let (answer, told) = asking::ask_for::<ToldReport>(&node, &member, body, PATIENT).await;
        let report = told.map(ToldReport::shown);
        return Ok(Json(RollbackResponse { answer: Some(answer), report, command: None }));
    }
    let why = reason(request.reason.as_deref().unwrap_or_default())?;
    let target = match &request.incident_id {
        Some(incident) => incident.clone(),
        None => event::text::clip(&trees.join(" "), 1_000).to_owned(),
    };
    audit(&node, &caller, "command.roll_back", &target, &format!("on {}: {why}", member.facts.name)).await?;
    let order = NewOrder {
        host: request.host_id,
        agent: member.facts.agent,
        kind: CommandKind::RollBack,
        target,
        incident: request.incident_id,
        payload: Some(Payload::Trees(trees)),
        by: caller.name,
        reason: why,
    };
    let command = node.orders.issue(order, &node.live).await?;
    Ok(Json(RollbackResponse { answer: None, report: None, command: Some(command) }))
}

/// The processes of an incident on one host: whatever is kept of any of them is its.
async fn of_incident(node: &Node, incident: Option<&str>, host: &str) -> Answer<Vec<String>> {
    let id = incident.ok_or_else(|| fail(ProblemCode::Invalid, "name an incident or process trees"))?;
    let incident = node.desk.load(&IncidentId(id.to_owned())).await?.ok_or_else(|| not_found("incident"))?;
    let name = node.fleet.get(host).map(|member| member.facts.name);
    let acted = |one: &&console_api::Node| one.kind == NodeKind::Process && !one.ordinary;
    let here = |one: &&console_api::Node| one.host == host || Some(&one.host) == name.as_ref();
    let processes = incident.graph.nodes.iter().filter(acted).filter(here);
    Ok(processes.map(|one| one.id.clone()).take(MOST_TREES).collect())
}

/// `respond::RollbackReport`.
#[derive(Deserialize)]
struct ToldReport {
    trees: Vec<String>,
    preview: bool,
    files: Vec<RolledBackFile>,
}

impl ToldReport {
    fn shown(mut self) -> RollbackReport {
        let left_out = self.files.len().saturating_sub(MOST_FILES) as u64;
        // What did not come back is read first.
        self.files.sort_by_key(|file| !matches!(file.done, Undone::Failed | Undone::Beside));
        self.files.truncate(MOST_FILES);
        RollbackReport { trees: self.trees, preview: self.preview, files: self.files, left_out }
    }
}

pub async fn report(State(node): Shared, Path(id): Path<String>) -> Answer<Json<RollbackReport>> {
    let id = CommandId(id);
    let command = node.orders.get(&id).await?.filter(|command| command.kind == CommandKind::RollBack);
    command.ok_or_else(|| not_found("roll-back"))?;
    let json = node.orders.document(&id).await?.ok_or_else(|| not_found("report of this roll-back"))?;
    let told: ToldReport =
        serde_json::from_str(&json).map_err(|error| internal("read the report of a roll-back", &error))?;
    Ok(Json(told.shown()))
}
