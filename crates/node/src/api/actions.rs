//! Acting without an incident, on what a hunt found: several targets with one reason. What would end is asked of the hosts.

use super::{Body, Shared, asking, audit, hosts, incidents, reason};
use crate::fleet::Member;
use crate::guard::Caller;
use crate::orders::NewOrder;
use crate::problem::{Answer, fail};
use axum::Extension;
use axum::Json;
use axum::extract::State;
use console_api::*;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

const MOST: usize = 50;

pub async fn act(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(request): Body<ActionsRequest>,
) -> Answer<Json<ActionsResponse>> {
    if !(1..=MOST).contains(&request.actions.len()) {
        return Err(fail(ProblemCode::Invalid, format!("name 1 to {MOST} targets")));
    }
    let mut targets: Vec<(Member, CommandKind, String, ResponseAction)> = Vec::new();
    for action in request.actions {
        let (host, kind, target) = incidents::target_of(&action);
        incidents::check_target(kind, &target)?;
        targets.push((asking::member(&node, &host)?, kind, target, action));
    }
    let why = match request.preview {
        true => String::new(),
        false => reason(request.reason.as_deref().unwrap_or_default())?,
    };
    let mut running: BTreeMap<String, ProcessTree> = BTreeMap::new();
    if request.preview {
        for (member, ..) in &targets {
            if let Entry::Vacant(place) = running.entry(member.facts.host.0.clone()) {
                place.insert(hosts::living(&node, member).await);
            }
        }
    }
    let mut items = Vec::new();
    for (member, kind, target, action) in targets {
        let host_name = member.facts.name.clone();
        let tree = running.get(member.facts.host.as_str()).filter(|tree| tree.answer.status == AnswerStatus::Answered);
        let processes = tree.map(|tree| touched(kind, &target, &tree.processes)).unwrap_or_default();
        let preview = incidents::consequences(processes, &host_name, member.connected, kind, &target);
        let asked = tree.is_some();
        let command = match request.preview {
            true => None,
            false => {
                let name = format!("command.{}", kind.name());
                audit(&node, &caller, &name, &target, &format!("on {host_name}: {why}")).await?;
                let order = NewOrder {
                    host: member.facts.host.0.clone(),
                    agent: member.facts.agent,
                    kind,
                    target,
                    incident: None,
                    payload: None,
                    by: caller.name.clone(),
                    reason: why.clone(),
                };
                Some(node.orders.issue(order, &node.live).await?)
            }
        };
        items.push(ActionItem { action, host_name, preview, asked, command });
    }
    Ok(Json(ActionsResponse { items }))
}

/// Of what runs: the process and all below it, or those whose program the file is.
fn touched(kind: CommandKind, target: &str, running: &[HostProcess]) -> Vec<ProcessFacts> {
    if kind != CommandKind::KillTree {
        return running.iter().filter(|process| process.executable == target).map(facts).collect();
    }
    let mut reached: HashSet<&str> = HashSet::from([target]);
    let mut found: Vec<&HostProcess> =
        running.iter().filter(|process| process.entity_id.as_deref() == Some(target)).collect();
    loop {
        let before = found.len();
        for process in running {
            let below = process.parent_entity_id.as_deref().is_some_and(|parent| reached.contains(parent));
            if below && process.entity_id.as_deref().is_some_and(|id| reached.insert(id)) {
                found.push(process);
            }
        }
        if found.len() == before {
            return found.into_iter().map(facts).collect();
        }
    }
}

fn facts(process: &HostProcess) -> ProcessFacts {
    ProcessFacts {
        entity_id: process.entity_id.clone().unwrap_or_default(),
        pid: process.pid,
        name: process.name.clone(),
        executable: process.executable.clone(),
        command_line: process.command_line.clone(),
        started: process.started.unwrap_or_default(),
        user_id: process.user_id,
        user: process.user.clone(),
        unit: process.unit.clone(),
        container_id: process.container_id.clone(),
        container_image: process.container_image.clone(),
        sha256: process.sha256.clone(),
        package: process.package.clone(),
        fileless: process.fileless,
        ..ProcessFacts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_all_below_it_and_a_ring_ends() {
        let process = |id: &str, parent: &str, executable: &str| HostProcess {
            entity_id: Some(id.into()),
            parent_entity_id: Some(parent.into()),
            executable: executable.into(),
            ..HostProcess::default()
        };
        let running = [
            process("c", "b", "/c"),
            process("b", "a", "/b"),
            process("a", "0", "/a"),
            process("x", "0", "/b"),
            process("y", "y", "/y"),
        ];
        let ids = |kind, target: &str| -> Vec<String> {
            touched(kind, target, &running).into_iter().map(|process| process.entity_id).collect()
        };
        assert_eq!(ids(CommandKind::KillTree, "a"), ["a", "b", "c"]);
        assert_eq!(ids(CommandKind::KillTree, "y"), ["y"]);
        assert_eq!(ids(CommandKind::KillTree, "gone"), Vec::<String>::new());
        assert_eq!(ids(CommandKind::Quarantine, "/b"), ["b", "x"]);
    }
}
