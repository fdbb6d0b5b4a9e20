//! Orders to hosts. Those that change something are kept, audited, sent when the host is there, answered or expired;
//! questions (what runs, what the vault holds) are asked, waited for and forgotten.

use crate::live::Live;
use crate::{clock, secret};
use console_api::{Command, CommandKind, CommandStatus, StreamEvent};
use event::{AgentId, CommandId, ProcessKey, TenantId, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;
use store::{CommandRecord, CommandState, ControlError, ControlStore};
use tokio::sync::oneshot;
use wire::{CommandBody, CommandResult};

/// How long an order waits for a host that is away.
const VALID: i64 = 15 * 60 * clock::SECOND;

/// What is kept of an order beside the store's own fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Order {
    host: String,
    kind: CommandKind,
    target: String,
    incident: Option<String>,
    #[serde(default)]
    sha256: Option<String>,
    #[serde(default)]
    payload: Option<Payload>,
}

/// What a target alone does not say.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    Policy {
        version: u64,
        text: String,
    },
    /// Entity ids of processes.
    Trees(Vec<String>),
    Paths(Vec<String>),
    /// A question of `tamon lockdown`, as JSON.
    Lockdown(String),
}

/// Hands a command to a connected agent; false when it is away.
pub type Send = Box<dyn Fn(&AgentId, wire::Command) -> bool + std::marker::Send + Sync>;

pub struct Orders {
    control: ControlStore,
    tenant: TenantId,
    send: std::sync::OnceLock<Send>,
    questions: Mutex<HashMap<String, (AgentId, oneshot::Sender<CommandResult>)>>,
}

pub struct NewOrder {
    pub host: String,
    pub agent: AgentId,
    pub kind: CommandKind,
    pub target: String,
    pub incident: Option<String>,
    pub payload: Option<Payload>,
    pub by: String,
    pub reason: String,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    Away,
    Timeout,
}

impl Orders {
    pub fn new(control: ControlStore, tenant: TenantId) -> Orders {
        Orders { control, tenant, send: std::sync::OnceLock::new(), questions: Mutex::default() }
    }

    /// The way to agents; given once, when their listener stands.
    pub fn connect(&self, send: Send) {
        let _ = self.send.set(send);
    }

    pub async fn issue(&self, order: NewOrder, live: &Live) -> Result<Command, ControlError> {
        let now = clock::now();
        let body = Order {
            host: order.host,
            kind: order.kind,
            target: order.target,
            incident: order.incident,
            sha256: None,
            payload: order.payload,
        };
        let record = CommandRecord {
            id: CommandId::new(secret::draw_id()),
            tenant: self.tenant.clone(),
            agent: order.agent.clone(),
            kind: order.kind.name().into(),
            json: serde_json::to_string(&body).unwrap_or_default(),
            state: CommandState::Queued,
            issued_by: order.by,
            reason: order.reason,
            created: now,
            expires: now.plus_nanos(VALID),
            sent: None,
            finished: None,
            result: None,
        };
        self.control.issue_command(&record).await?;
        self.deliver(&record, live).await?;
        let stored = self.control.command(&self.tenant, &record.id).await?;
        Ok(view(&stored.unwrap_or(record)))
    }

    /// What waits for this agent, to be sent again at each connection: an agent does a command once however often it comes.
    pub async fn pending(&self, agent: &AgentId, live: &Live) -> Result<Vec<wire::Command>, ControlError> {
        let mut out = Vec::new();
        for record in self.control.pending_commands(agent, clock::now()).await? {
            let Some(command) = self.worded(&record, live).await? else { continue };
            self.control.command_sent(&record.id, clock::now()).await?;
            self.tell(&record.id, live).await?;
            out.push(command);
        }
        Ok(out)
    }

    async fn deliver(&self, record: &CommandRecord, live: &Live) -> Result<(), ControlError> {
        let Some(command) = self.worded(record, live).await? else { return Ok(()) };
        if self.send.get().is_some_and(|send| send(&record.agent, command)) {
            self.control.command_sent(&record.id, clock::now()).await?;
        }
        self.tell(&record.id, live).await
    }

    /// As the wire wants it; an order that cannot be worded has failed.
    async fn worded(&self, record: &CommandRecord, live: &Live) -> Result<Option<wire::Command>, ControlError> {
        let Some(body) = order_of(record).and_then(|order| wire_body(&order)) else {
            let note = "the node cannot word this order";
            self.control.command_finished(&record.id, &record.agent, false, note, clock::now()).await?;
            self.tell(&record.id, live).await?;
            return Ok(None);
        };
        Ok(Some(wire::Command {
            id: record.id.clone(),
            issued_by: record.issued_by.clone(),
            reason: record.reason.clone(),
            expires: record.expires,
            body,
        }))
    }

    /// Hands a command on as it is; false when the agent is away.
    pub fn send(&self, agent: &AgentId, command: wire::Command) -> bool {
        self.send.get().is_some_and(|send| send(agent, command))
    }

    /// Asks a connected host, in somebody's name and for a reason that the host's log shows, and waits.
    pub async fn ask(
        &self,
        agent: &AgentId,
        body: CommandBody,
        wait: Duration,
        by: &str,
        reason: &str,
    ) -> Result<CommandResult, NoAnswer> {
        let id = CommandId::new(secret::draw_id());
        let (sender, receiver) = oneshot::channel();
        self.questions.lock().insert(id.0.clone(), (agent.clone(), sender));
        let forget = Forget { orders: self, id: id.0.clone() };
        let expires = clock::now().plus_nanos(i64::try_from(wait.as_nanos()).unwrap_or(i64::MAX));
        let command = wire::Command { id, issued_by: by.to_owned(), reason: reason.to_owned(), expires, body };
        if !self.send.get().is_some_and(|send| send(agent, command)) {
            return Err(NoAnswer::Away);
        }
        let answer = tokio::time::timeout(wait, receiver).await;
        drop(forget);
        answer.map_err(|_| NoAnswer::Timeout)?.map_err(|_| NoAnswer::Away)
    }

    /// An agent answered. The order that it ended, if it was one.
    pub async fn answered(
        &self,
        agent: &AgentId,
        result: CommandResult,
        live: &Live,
    ) -> Result<Option<Command>, ControlError> {
        let waiting = self.questions.lock().remove(result.id.as_str());
        if let Some((asked, sender)) = waiting {
            if asked == *agent {
                let _ = sender.send(result);
            }
            return Ok(None);
        }
        let done = result.status == wire::CommandStatus::Done;
        let kept = serde_json::json!({
            "status": result.status.name(), "detail": result.detail, "json": result.json,
        });
        self.control.command_finished(&result.id, agent, done, &kept.to_string(), clock::now()).await?;
        self.tell(&result.id, live).await?;
        self.get(&result.id).await
    }

    /// The document that came with the answer to an order; None before it came, or when there was none.
    pub async fn document(&self, id: &CommandId) -> Result<Option<String>, ControlError> {
        let record = self.control.command(&self.tenant, id).await?;
        let kept = record.and_then(|record| record.result);
        let kept = kept.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        Ok(kept.and_then(|kept| kept["json"].as_str().filter(|json| !json.is_empty()).map(str::to_owned)))
    }

    async fn tell(&self, id: &CommandId, live: &Live) -> Result<(), ControlError> {
        if let Some(record) = self.control.command(&self.tenant, id).await? {
            live.send(StreamEvent::Command(view(&record)));
        }
        Ok(())
    }

    /// Called now and then: what nobody took in time expires.
    pub async fn expire(&self, now: Timestamp, live: &Live) -> Result<(), ControlError> {
        if self.control.expire_commands(now).await? == 0 {
            return Ok(());
        }
        for record in self.control.commands(&self.tenant, None, 200).await? {
            if record.state == CommandState::Expired && record.finished == Some(now) {
                live.send(StreamEvent::Command(view(&record)));
            }
        }
        Ok(())
    }

    pub async fn get(&self, id: &CommandId) -> Result<Option<Command>, ControlError> {
        Ok(self.control.command(&self.tenant, id).await?.as_ref().map(view))
    }

    /// Newest first, of the last thousand.
    pub async fn of_incident(&self, incident: &str) -> Result<Vec<Command>, ControlError> {
        let all = self.control.commands(&self.tenant, None, 1_000).await?;
        Ok(all.iter().map(view).filter(|command| command.incident_id.as_deref() == Some(incident)).collect())
    }
}

/// A question that ends without an answer leaves nothing behind.
struct Forget<'a> {
    orders: &'a Orders,
    id: String,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.orders.questions.lock().remove(&self.id);
    }
}

fn order_of(record: &CommandRecord) -> Option<Order> {
    serde_json::from_str(&record.json).ok()
}

fn wire_body(order: &Order) -> Option<CommandBody> {
    Some(match order.kind {
        CommandKind::KillTree => {
            let key = process_key(&order.target)?;
            CommandBody::KillTree { entity_id: order.target.clone(), pid: key.tgid, start_ticks: key.start_ticks }
        }
        CommandKind::Quarantine => {
            CommandBody::Quarantine { path: order.target.clone(), entity_id: None, sha256: order.sha256.clone() }
        }
        CommandKind::Restore => CommandBody::Restore { item: order.target.clone() },
        CommandKind::SetPolicy => match order.payload.clone()? {
            Payload::Policy { version, text } => CommandBody::SetPolicy { version, toml: text },
            _ => return None,
        },
        CommandKind::RollBack => match order.payload.clone()? {
            Payload::Trees(trees) => CommandBody::RollBack { trees, preview: false },
            _ => return None,
        },
        CommandKind::Scan => match order.payload.clone()? {
            Payload::Paths(paths) => CommandBody::StartScan { paths },
            _ => return None,
        },
        CommandKind::StopScan => CommandBody::StopScan { job: order.target.clone() },
        CommandKind::Lockdown => match order.payload.clone()? {
            Payload::Lockdown(ask) => CommandBody::AskLockdown { ask },
            _ => return None,
        },
        CommandKind::ListProcesses => CommandBody::CollectProcesses,
        CommandKind::ListQuarantine => CommandBody::ListQuarantine,
    })
}

/// Pid and start of an entity id, as `event::ProcessKey::entity_id` writes it; the folded boot id cannot be had back.
pub fn process_key(entity_id: &str) -> Option<ProcessKey> {
    let mut parts = entity_id.split('-');
    let (_boot, tgid, start) = (parts.next()?, parts.next()?, parts.next()?);
    let key = ProcessKey {
        tgid: u32::from_str_radix(tgid, 16).ok()?,
        start_ticks: u64::from_str_radix(start, 16).ok()?,
        ..ProcessKey::default()
    };
    (parts.next().is_none() && key.tgid > 1).then_some(key)
}

fn view(record: &CommandRecord) -> Command {
    let order = order_of(record);
    let detail = record.result.as_deref().map(|text| match serde_json::from_str::<serde_json::Value>(text) {
        Ok(answer) => {
            answer["detail"].as_str().filter(|t| !t.is_empty()).or(answer["status"].as_str()).unwrap_or(text).to_owned()
        }
        Err(_) => text.to_owned(),
    });
    Command {
        id: record.id.0.clone(),
        host_id: order.as_ref().map(|order| order.host.clone()).unwrap_or_default(),
        kind: order.as_ref().map_or(CommandKind::KillTree, |order| order.kind),
        target: order.as_ref().map(|order| order.target.clone()).unwrap_or_default(),
        status: match record.state {
            CommandState::Queued => CommandStatus::Queued,
            CommandState::Sent => CommandStatus::Sent,
            CommandState::Done => CommandStatus::Done,
            CommandState::Failed => CommandStatus::Failed,
            CommandState::Expired => CommandStatus::Expired,
        },
        detail,
        requested_by: record.issued_by.clone(),
        reason: record.reason.clone(),
        incident_id: order.and_then(|order| order.incident),
        created: record.created.into(),
        expires: record.expires.into(),
        finished: record.finished.map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_id_gives_pid_and_start() {
        let key = ProcessKey { tgid: 42, start_ticks: 12_345, ..ProcessKey::default() };
        let read = process_key(&key.entity_id()).unwrap();
        assert_eq!((read.tgid, read.start_ticks), (42, 12_345));
        for bad in ["", "x", "0-1-2", "0-2a", "0-2a-1-1", "0-zz-1", "0--1"] {
            assert!(process_key(bad).is_none(), "{bad}");
        }
    }
}
