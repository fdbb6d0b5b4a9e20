//! Files that are taken from a host into a case: asked of the host now, kept with the incident.

use super::{Body, Shared, audit, now, reason};
use crate::guard::Caller;
use crate::node::Node;
use crate::orders::NoAnswer;
use crate::problem::{Answer, fail, internal, not_found};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use console_api::*;
use event::IncidentId;
use incident::investigation::Table;
use std::collections::BTreeMap;
use std::time::Duration;
use wire::{CommandBody, Look};

/// Of one file's content. Its hex and the rest fit a command's result.
const CONTENT: u64 = 1 << 20;
const WAIT: Duration = Duration::from_secs(20);
/// Of one case.
const MOST: u64 = 100;
const FACTS: [&str; 10] =
    ["state", "kind", "size", "owner", "mode", "modified", "sha256", "package", "special", "immutable"];

pub async fn list(node: &Node, incident: &IncidentId) -> Answer<Vec<CaseFile>> {
    let kept = node.control.case_files(&node.tenant, incident).await?;
    kept.iter().map(read).collect()
}

fn read(kept: &store::CaseFile) -> Answer<CaseFile> {
    let file: CaseFile = serde_json::from_str(&kept.json).map_err(|error| internal("read a file of a case", &error))?;
    Ok(CaseFile { number: kept.number, ..file })
}

pub async fn show(State(node): Shared, Path((id, number)): Path<(String, u64)>) -> Answer<Json<CaseFileContent>> {
    let kept = node.control.case_file(&node.tenant, &IncidentId(id), number).await?;
    let kept = kept.ok_or_else(|| not_found("file"))?;
    Ok(Json(CaseFileContent { file: read(&kept)?, content: kept.content }))
}

pub async fn take(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(request): Body<CaseFileRequest>,
) -> Answer<Json<CaseFile>> {
    let id = IncidentId(id);
    let incident = node.desk.load(&id).await?.ok_or_else(|| not_found("incident"))?;
    let member = node.fleet.get(&request.host_id).ok_or_else(|| not_found("host"))?;
    if !incident.hosts.iter().any(|known| known.id == request.host_id) {
        return Err(fail(ProblemCode::Invalid, "this host has no part in the incident"));
    }
    let path = request.path;
    if !path.starts_with('/') || path.len() > 4_096 || path.contains('\0') {
        return Err(fail(ProblemCode::Invalid, "an absolute path is needed"));
    }
    let why = reason(&request.reason)?;
    let what = if request.content { "with its content" } else { "without its content" };
    let detail = format!("{path} of {} into {id} {what}: {why}", member.facts.name);
    audit(&node, &caller, "investigate.collect", &request.host_id, &detail).await?;
    let body = CommandBody::Collect(wire::Collect {
        look: Look::File,
        process: None,
        path: Some(path.clone()),
        max_items: 1,
        max_bytes: if request.content { CONTENT } else { 0 },
        max_milliseconds: 15_000,
    });
    let asked = match member.connected {
        true => node.orders.ask(&member.facts.agent, body, WAIT, &caller.name, &format!("{id}: {why}")).await,
        false => Err(NoAnswer::Away),
    };
    let result = match asked {
        Ok(result) if result.status == wire::CommandStatus::Done => result,
        Ok(result) => return Err(fail(ProblemCode::Unavailable, format!("the host could not: {}", result.detail))),
        Err(NoAnswer::Away) => return Err(fail(ProblemCode::Unavailable, "the host is not connected")),
        Err(NoAnswer::Timeout) => return Err(fail(ProblemCode::Timeout, "the host did not answer in time")),
    };
    let unread = |why: &dyn std::fmt::Display| {
        fail(ProblemCode::Unavailable, format!("the host's answer cannot be read: {why}"))
    };
    let table: Table = serde_json::from_str(&result.json).map_err(|error| unread(&error))?;
    let text = |name: &str| table.texts(name).into_iter().next();
    let content = text("content").unwrap_or_default();
    if content.len() as u64 > 2 * CONTENT || !content.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(unread(&"its content is no hex of what was asked for"));
    }
    let fact = |name: &&str| Some(((*name).to_owned(), event::text::clip(&text(name)?, 1_000).to_owned()));
    let facts: BTreeMap<String, String> = FACTS.iter().filter_map(fact).collect();
    let file = CaseFile {
        number: 0,
        host_id: request.host_id,
        host_name: member.facts.name,
        path,
        time: now().into(),
        requested_by: caller.name.clone(),
        reason: why,
        facts,
        notes: table.notes.iter().take(20).map(|note| event::text::clip(note, 500).to_owned()).collect(),
        content_bytes: content.len() as u64 / 2,
    };
    let json = serde_json::to_string(&file).map_err(|error| internal("word a file", &error))?;
    let number = node.control.add_case_file(&node.tenant, &id, &json, &content, MOST).await?;
    let number = number.ok_or_else(|| fail(ProblemCode::Conflict, format!("a case holds at most {MOST} files")))?;
    Ok(Json(CaseFile { number, ..file }))
}
