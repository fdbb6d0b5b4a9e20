//! Giving a policy to a host: an order like any other, and a note that it was given, so that a host that is away for longer
//! than an order waits gets it when it comes back.

use crate::clock;
use crate::node::Node;
use crate::orders::{NewOrder, Payload};
use crate::policies::{Given, PolicyStoreError, Version};
use console_api::{Command, CommandKind, CommandStatus, PolicyState};
use event::{AgentId, CommandId, HostId};

pub async fn give(
    node: &Node,
    host: &str,
    agent: &AgentId,
    policy: &str,
    version: &Version,
    by: &str,
    reason: &str,
) -> Result<Command, PolicyStoreError> {
    let order = NewOrder {
        host: host.to_owned(),
        agent: agent.clone(),
        kind: CommandKind::SetPolicy,
        target: format!("{policy} {}", version.version),
        incident: None,
        payload: Some(Payload::Policy { version: version.version, text: version.text.clone() }),
        by: by.to_owned(),
        reason: reason.to_owned(),
    };
    let command = node.orders.issue(order, &node.live).await?;
    let given = Given {
        policy: policy.to_owned(),
        version: version.version,
        state: PolicyState::Pending,
        detail: String::new(),
        at: clock::now(),
        by: by.to_owned(),
        reason: reason.to_owned(),
        command: command.id.clone(),
    };
    node.policies.give(host, given).await?;
    // The host may have answered before it was noted what it answers.
    if let Some(ended) = node.orders.get(&CommandId(command.id.clone())).await?.filter(|one| one.finished.is_some()) {
        node.policies.settled(&ended).await?;
    }
    Ok(command)
}

/// At each connection: what was given and never taken is given again.
pub async fn renew(node: &Node, host: &HostId) -> Result<(), PolicyStoreError> {
    let Some(given) = node.policies.given().await?.remove(host.as_str()) else { return Ok(()) };
    if given.state != PolicyState::Pending {
        return Ok(());
    }
    let waits = node.orders.get(&CommandId(given.command.clone())).await?;
    if waits.is_some_and(|command| matches!(command.status, CommandStatus::Queued | CommandStatus::Sent)) {
        return Ok(());
    }
    let member = node.fleet.get(host.as_str());
    let version = node.policies.version(&given.policy, given.version).await?;
    let (Some(member), Some(version)) = (member, version) else { return Ok(()) };
    give(node, host.as_str(), &member.facts.agent, &given.policy, &version, &given.by, &given.reason).await?;
    Ok(())
}
