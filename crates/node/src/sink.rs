//! Where ingest puts what agents send: events into the event store, alerts to the incident desk, facts to the fleet.

use crate::desk::DeskError;
use crate::figures::Figures;
use crate::{api, clock, node::Node, quieting, rollout};
use console_api::{CommandKind, StreamEvent};
use event::{AgentId, Alert, HostFacts, Row};
use ingest::{Appended, Origin, Sink, SinkError};
use std::sync::Arc;
use store::{AppendError, ControlError, HostStatus};
use wire::{Command, CommandResult};

pub struct Inbox(pub Arc<Node>);

impl Sink for Inbox {
    async fn last_stored(&self, agent: &AgentId, epoch: u64) -> Result<Option<u64>, SinkError> {
        Ok(self.0.events.last_stored(agent, epoch))
    }

    async fn append(&self, origin: &Origin, epoch: u64, rows: Vec<(u64, Row)>) -> Result<Appended, SinkError> {
        let node = &self.0;
        let count = rows.len() as u64;
        // What comes a second time was learned from the first.
        let known = node.events.last_stored(&origin.agent, epoch).unwrap_or(0);
        let fresh = rows.iter().filter(|(sequence, _)| *sequence > known);
        let odd = node.baselines.learn(origin.host.as_str(), fresh);
        // Judged before they are stored, told after: an alert's event is always there. When storing fails they come again, and
        // the rules find the same; what was odd then is so no more, and waits here.
        let odd = node.baselines.with_untold(&origin.agent, epoch, odd);
        let (rows, found) = node.watch.judge(rows, odd.clone()).await;
        let appended = node.events.append_numbered(origin.tenant.clone(), origin.agent.clone(), epoch, rows).await;
        match appended {
            Ok(appended) => {
                Figures::add(&node.figures.events, appended.stored as u64);
                Figures::add(&node.figures.duplicates, appended.duplicates as u64);
                node.fleet.stored(&origin.agent, appended.stored as u64, clock::now());
                for one in found {
                    if let Some(alert) = node.watch.alert(node, origin, epoch, one) {
                        self.alert(origin, alert).await?;
                    }
                }
                Ok(Appended { stored: appended.stored, duplicates: appended.duplicates })
            }
            Err(error) => {
                node.baselines.keep_untold(&origin.agent, epoch, odd);
                node.figures.failed(count, error.to_string());
                Err(match error {
                    AppendError::TooBig { .. } => SinkError::TooBig(error.to_string()),
                    error => SinkError::Unavailable(error.to_string()),
                })
            }
        }
    }

    async fn alert(&self, _: &Origin, alert: Alert) -> Result<bool, SinkError> {
        let node = &self.0;
        match node.tuning.give(node, &alert).await {
            Ok(new) => {
                Figures::add(if new { &node.figures.alerts } else { &node.figures.duplicates }, 1);
                Ok(new)
            }
            Err(error) => {
                node.figures.failed(1, error.to_string());
                Err(match error {
                    DeskError::Control(error) => sink_error(error),
                    error => SinkError::Refused(error.to_string()),
                })
            }
        }
    }

    async fn host(&self, origin: &Origin, facts: HostFacts) {
        let (node, now) = (&self.0, clock::now());
        if let Err(error) = node.control.put_host(&origin.tenant, &facts, now).await {
            node.figures.failed(1, error.to_string());
            tracing::error!(%error, host = %facts.name, "cannot keep what a host says of itself");
        }
        node.fleet.heard(facts, now);
        tell_host(node, origin.host.as_str());
    }

    async fn gone(&self, origin: &Origin, why: &str) {
        let (node, now) = (&self.0, clock::now());
        tracing::info!(agent = %origin.agent, host = origin.host_name, why, "agent gone");
        if node.fleet.gone(&origin.agent, now).is_none() {
            return;
        }
        let kept = node.control.set_host_status(&origin.tenant, &origin.host, HostStatus::Away, now).await;
        if let Err(error) = kept {
            tracing::error!(%error, "cannot keep that a host is away");
        }
        tell_host(node, origin.host.as_str());
    }

    async fn pending(&self, origin: &Origin) -> Vec<Command> {
        if let Err(error) = rollout::renew(&self.0, &origin.host).await {
            tracing::error!(%error, host = origin.host_name, "cannot give a host the policy that waits for it");
        }
        let pending = self.0.orders.pending(&origin.agent, &self.0.live).await.unwrap_or_else(|error| {
            tracing::error!(%error, agent = %origin.agent, "cannot read the commands that wait");
            Vec::new()
        });
        quieting::command(&self.0, origin.host.as_str()).into_iter().chain(pending).collect()
    }

    async fn result(&self, origin: &Origin, result: CommandResult) -> Result<(), SinkError> {
        let node = &self.0;
        if node.quieting.answered(&result) {
            return Ok(());
        }
        let ended = node.orders.answered(&origin.agent, result, &node.live).await.map_err(sink_error)?;
        if let Some(command) = ended.filter(|command| command.kind == CommandKind::SetPolicy) {
            node.policies.settled(&command).await.map_err(sink_error)?;
        }
        Ok(())
    }
}

fn sink_error(error: ControlError) -> SinkError {
    match error.is_retryable() {
        true => SinkError::Unavailable(error.to_string()),
        false => SinkError::Refused(error.to_string()),
    }
}

pub fn tell_host(node: &Node, host: &str) {
    if let Some(summary) = api::host_summary(node, host) {
        node.live.send(StreamEvent::Host(summary));
    }
}
