//! What the vaults hold: asked of every host at once, with each host's answer or silence beside it.

use super::{Body, Query, Shared, asking, audit, reason};
use crate::fleet::Member;
use crate::guard::Caller;
use crate::orders::NewOrder;
use crate::problem::{Answer, fail};
use axum::Extension;
use axum::Json;
use axum::extract::{Path, State};
use console_api::*;
use event::Timestamp;
use serde::Deserialize;
use wire::CommandBody;

pub async fn list(State(node): Shared, Query(query): Query<QuarantineQuery>) -> Answer<Json<QuarantineList>> {
    let members = asking::members(&node, query.host.as_deref())?;
    let answers = asking::ask_each::<Vec<VaultItem>>(&node, members, CommandBody::ListQuarantine, asking::WAIT).await;
    let mut list = QuarantineList { items: Vec::new(), hosts: Vec::new() };
    for (member, answer, items) in answers {
        list.items.extend(items.into_iter().flatten().map(|item| shown(item, &member)));
        list.hosts.push(answer);
    }
    list.items.sort_by_key(|item| std::cmp::Reverse(item.time));
    Ok(Json(list))
}

pub(super) fn check_item(id: &str) -> Answer<()> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if id.is_empty() || id.len() > 128 || !id.bytes().all(fits) {
        return Err(fail(ProblemCode::Invalid, "this is no item of a vault"));
    }
    Ok(())
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
    check_item(&id)?;
    let why = reason(&request.reason)?;
    let member = asking::member(&node, &request.host_id)?;
    audit(&node, &caller, "command.restore", &id, &format!("on {}: {why}", member.facts.name)).await?;
    let order = NewOrder {
        host: request.host_id,
        agent: member.facts.agent,
        kind: CommandKind::Restore,
        target: id,
        incident: None,
        payload: None,
        by: caller.name,
        reason: why,
    };
    Ok(Json(node.orders.issue(order, &node.live).await?))
}
