//! Questions to hosts: to one, or to many at the same time. Each answer says who gave it; what cannot be read is an error of
//! that host, and who is silent is named.

use crate::fleet::Member;
use crate::node::Node;
use crate::orders::NoAnswer;
use crate::problem::{Answer, not_found};
use console_api::{AnswerStatus, HostAnswer};
use futures::StreamExt as _;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wire::{CommandBody, CommandResult, CommandStatus};

/// How long a page waits for a host.
pub const WAIT: Duration = Duration::from_secs(5);
/// For what takes a host a while: a simulation, a look into a file.
pub const PATIENT: Duration = Duration::from_secs(60);
/// Hosts asked at the same time.
const AT_ONCE: usize = 64;

pub fn member(node: &Node, host: &str) -> Answer<Member> {
    node.fleet.get(host).ok_or_else(|| not_found("host"))
}

/// One host, or all of them by name.
pub fn members(node: &Node, host: Option<&str>) -> Answer<Vec<Member>> {
    match host {
        Some(host) => Ok(vec![member(node, host)?]),
        None => Ok(node.fleet.all()),
    }
}

/// The JSON is there only when the host answered well.
pub async fn ask(node: &Node, member: &Member, body: CommandBody, wait: Duration) -> (HostAnswer, Option<String>) {
    let begin = Instant::now();
    let asked = match member.connected {
        true => node.orders.ask(&member.facts.agent, body, wait, "console", "asked by the console").await,
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

/// Asks and reads what came.
pub async fn ask_for<T: DeserializeOwned>(
    node: &Node,
    member: &Member,
    body: CommandBody,
    wait: Duration,
) -> (HostAnswer, Option<T>) {
    let (mut answer, json) = ask(node, member, body, wait).await;
    let read = json.map(|json| serde_json::from_str(&json));
    let value = match read {
        Some(Ok(value)) => Some(value),
        Some(Err(error)) => {
            answer.status = AnswerStatus::Error;
            answer.detail = Some(format!("the host's answer cannot be read: {error}"));
            None
        }
        None => None,
    };
    (answer, value)
}

/// The same of many, in their order.
pub async fn ask_each<T: DeserializeOwned + Send>(
    node: &Arc<Node>,
    members: Vec<Member>,
    body: CommandBody,
    wait: Duration,
) -> Vec<(Member, HostAnswer, Option<T>)> {
    let questions = members.into_iter().map(|member| {
        let (node, body) = (Arc::clone(node), body.clone());
        async move {
            let (answer, value) = ask_for(&node, &member, body, wait).await;
            (member, answer, value)
        }
    });
    futures::stream::iter(questions).buffered(AT_ONCE).collect().await
}
