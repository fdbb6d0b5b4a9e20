//! What the vaults hold: asked of every host at once, with each host's answer or silence beside it.

use super::{Body, Query, Shared, audit, hosts, reason};
use crate::fleet::Member;
use crate::guard::Caller;
use crate::orders::NewOrder;
use crate::problem::{Answer, fail, not_found};
use axum::Extension;
use axum::Json;
use axum::extract::{Path, State};
use console_api::*;
use event::Timestamp;
use futures::StreamExt as _;
use serde::Deserialize;
use std::sync::Arc;
use wire::CommandBody;

/// Hosts asked at the same time.
const AT_ONCE: usize = 64;

pub async fn list(State(node): Shared, Query(query): Query<QuarantineQuery>) -> Answer<Json<QuarantineList>> {
    let members: Vec<Member> = match &query.host {
        Some(host) => vec![node.fleet.get(host).ok_or_else(|| not_found("host"))?],
        None => node.fleet.all(),
    };
    let questions = members.into_iter().map(|member| {
        let node = Arc::clone(&node);
        async move {
            let answer = hosts::ask(&node, &member, CommandBody::ListQuarantine).await;
            (member, answer)
        }
    });
    let answers: Vec<_> = futures::stream::iter(questions).buffered(AT_ONCE).collect().await;
    let mut list = QuarantineList { items: Vec::new(), hosts: Vec::new() };
    for (member, (mut answer, json)) in answers {
        match json.as_deref().map(serde_json::from_str::<Vec<VaultItem>>) {
            Some(Ok(items)) => list.items.extend(items.into_iter().map(|item| shown(item, &member))),
            Some(Err(error)) => {
                answer.status = AnswerStatus::Error;
                answer.detail = Some(format!("the host's answer cannot be read: {error}"));
            }
            None => {}
        }
        list.hosts.push(answer);
    }
    list.items.sort_by_key(|item| std::cmp::Reverse(item.time));
    Ok(Json(list))
}

/// What an agent's vault says of an item. A damaged one has an id and a reason only.
#[derive(Default, Deserialize)]
#[serde(default)]
struct VaultItem {
    id: String,
    path: String,
    sha256: String,
    size: u64,
    uid: u32,
    mode: u32,
    reason: String,
    quarantined: Option<Timestamp>,
}

fn shown(item: VaultItem, member: &Member) -> QuarantineItem {
    QuarantineItem {
        id: item.id,
        host_id: member.facts.host.0.clone(),
        host_name: member.facts.name.clone(),
        path: item.path,
        sha256: item.sha256,
        size: item.size,
        owner: item.uid,
        mode: format!("{:04o}", item.mode & 0o7777),
        reason: item.reason,
        time: item.quarantined.map(Into::into),
    }
}

pub async fn restore(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(request): Body<RestoreRequest>,
) -> Answer<Json<Command>> {
    if id.is_empty() || id.len() > 128 || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(fail(ProblemCode::Invalid, "this is no item of a vault"));
    }
    let why = reason(&request.reason)?;
    let member = node.fleet.get(&request.host_id).ok_or_else(|| not_found("host"))?;
    audit(&node, &caller, "command.restore", &id, &format!("on {}: {why}", member.facts.name)).await?;
    let order = NewOrder {
        host: request.host_id,
        agent: member.facts.agent,
        kind: CommandKind::Restore,
        target: id,
        incident: None,
        by: caller.name,
        reason: why,
    };
    Ok(Json(node.orders.issue(order, &node.live).await?))
}
