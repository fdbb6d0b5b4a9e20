//! Guided investigation at work: an incident that has come to rest for a moment is looked into by the node itself. What is
//! asked and what the answers mean is `incident::investigation`'s; here the hunts are run and the hosts asked, one
//! investigation at a time, within a budget, each look at a host with its entry in the audit log before it is made.

use crate::desk::DeskError;
use crate::node::Node;
use crate::orders::{NoAnswer, process_key};
use crate::problem::Failure;
use crate::views::incident_summary;
use crate::{api, clock, stop};
use console_api::{IncidentStatus, StreamEvent};
use event::{IncidentId, Severity};
use incident::investigation::{
    Answered, Ask, Catalogue, CatalogueError, Collect, How, Investigation, Spent, Table, answer, conclude, plan,
    unanswered,
};
use incident::{Incident, Text};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::InvestigationRecord;
use tokio::sync::watch;
use wire::{CommandBody, CommandResult, CommandStatus, Look};

/// One hunt of an investigation.
const HUNT: Duration = Duration::from_secs(5);
/// One look at a host, and how much longer its answer is waited for.
const LOOK: Duration = Duration::from_secs(6);
const ROAD: Duration = Duration::from_secs(4);

pub struct Investigator {
    catalogue: Catalogue,
    /// One at a time, whoever asks.
    turn: tokio::sync::Mutex<()>,
}

impl Investigator {
    pub fn new() -> Result<Investigator, CatalogueError> {
        Ok(Investigator { catalogue: Catalogue::shipped()?, turn: tokio::sync::Mutex::default() })
    }
}

/// Looks into incidents by itself until the node stops.
pub async fn follow(node: Arc<Node>, mut stopping: watch::Receiver<bool>) {
    if !node.config.investigate.automatic {
        return;
    }
    let settle = Duration::from_secs(node.config.investigate.settle_seconds.into());
    loop {
        if tokio::time::timeout(Duration::from_millis(500), stop::said(&mut stopping)).await.is_ok() {
            return;
        }
        for id in node.desk.settled(settle) {
            let incident = IncidentId(id.clone());
            let looked = tokio::select! {
                () = stop::said(&mut stopping) => return,
                looked = if_due(&node, &incident) => looked,
            };
            if let Err(failure) = looked {
                node.figures.failed(0, failure.0.detail.clone());
                tracing::error!(incident = id, problem = failure.0.detail, "cannot look into an incident");
            }
        }
    }
}

async fn if_due(node: &Node, id: &IncidentId) -> Result<(), Failure> {
    let Some(incident) = node.desk.load(id).await? else { return Ok(()) };
    let before = node.control.investigation(&node.tenant, id).await?.map(|record| record.alert_count);
    if is_due(&incident, before) {
        run(node, &incident, "system", "node").await?;
    }
    Ok(())
}

/// An open incident that matters, never looked into or twice as large since.
fn is_due(incident: &Incident, before: Option<u64>) -> bool {
    incident.status != IncidentStatus::Resolved
        && incident.severity >= Severity::Medium
        && before.is_none_or(|before| incident.alert_count >= before.saturating_mul(2))
}

/// What is kept of an incident, if it was looked into.
pub async fn kept(node: &Node, id: &IncidentId) -> Result<Option<Investigation>, Failure> {
    let Some(record) = node.control.investigation(&node.tenant, id).await? else { return Ok(None) };
    let read = serde_json::from_str(&record.json);
    Ok(Some(read.map_err(|error| DeskError::Json { id: id.0.clone(), error })?))
}

/// Looks into it now, and keeps what came of it.
pub async fn run(node: &Node, incident: &Incident, by: &str, source: &str) -> Result<Investigation, Failure> {
    let _turn = node.investigator.turn.lock().await;
    let (started, begun) = (clock::now(), Instant::now());
    let catalogue = &node.investigator.catalogue;
    let asks = plan(incident, catalogue);
    api::record(node, by, source, "incident.investigate", &incident.id, &format!("{} questions", asks.len()), true)
        .await?;
    let mut run = Run::new(node, incident, by, source, begun);
    let mut answers = Vec::new();
    for ask in &asks {
        answers.extend(run.put(ask).await?);
    }
    let (hypotheses, conclusion) = conclude(incident, catalogue, &answers);
    run.spent.elapsed_ms = milliseconds(begun);
    let investigation = Investigation {
        incident_id: incident.id.clone(),
        started: started.into(),
        finished: clock::now().into(),
        alert_count: incident.alert_count,
        by: by.to_owned(),
        answers,
        hypotheses,
        conclusion,
        left_out: run.left_out,
        spent: run.spent,
    };
    let id = IncidentId(incident.id.clone());
    let json = serde_json::to_string(&investigation).map_err(|error| DeskError::Json { id: id.0.clone(), error })?;
    let finished = investigation.finished.0;
    let record = InvestigationRecord { incident: id.clone(), finished, alert_count: incident.alert_count, json };
    node.control.put_investigation(&node.tenant, &record).await?;
    // Open pages load it; the incident may have grown meanwhile, so it is told as it stands.
    if let Some(now) = node.desk.load(&id).await? {
        node.live.send(StreamEvent::Incident(incident_summary(&now)));
    }
    Ok(investigation)
}

struct Run<'a> {
    node: &'a Node,
    incident: &'a Incident,
    by: &'a str,
    source: &'a str,
    until: Instant,
    spent: Spent,
    left_out: u64,
    /// Hosts that did not answer once: not waited for again.
    silent: BTreeSet<String>,
    /// Processes that a look found ended: said once.
    ended: BTreeSet<String>,
}

impl<'a> Run<'a> {
    fn new(node: &'a Node, incident: &'a Incident, by: &'a str, source: &'a str, begun: Instant) -> Run<'a> {
        let until = begun + Duration::from_secs(node.config.investigate.max_seconds.into());
        let (spent, left_out, silent, ended) = Default::default();
        Run { node, incident, by, source, until, spent, left_out, silent, ended }
    }

    /// None when the budget leaves it out, or when it is about a process that has just been found ended.
    async fn put(&mut self, ask: &Ask) -> Result<Option<Answered>, Failure> {
        let budget = &self.node.config.investigate;
        let left = self.until.saturating_duration_since(Instant::now());
        let questions = self.spent.hunts + self.spent.collections;
        let over = left.is_zero() || questions >= budget.max_questions.into();
        let begun = Instant::now();
        let process = match &ask.how {
            How::Collect { entity, .. } => entity.as_ref(),
            How::Hunt { .. } => None,
        };
        if process.is_some_and(|entity| self.ended.contains(entity)) {
            return Ok(None);
        }
        let came = match &ask.how {
            _ if over => None,
            How::Hunt { sql, rows } => Some(self.hunt(sql, *rows, left.min(HUNT)).await),
            How::Collect { .. }
                if self.spent.collections >= budget.max_collections.into() || self.spent.bytes >= budget.max_bytes =>
            {
                None
            }
            How::Collect { .. } => Some(self.collect(ask, left.min(LOOK)).await?),
        };
        let Some(came) = came else {
            self.left_out += 1;
            return Ok(None);
        };
        if let (Some(entity), Ok(table)) = (process, &came)
            && table.texts("state") == ["ended"]
        {
            self.ended.insert(entity.clone());
        }
        let elapsed = milliseconds(begun);
        Ok(match came {
            Ok(table) => answer(&self.node.investigator.catalogue, ask, &table, elapsed),
            Err(why) => Some(unanswered(ask, why, elapsed)),
        })
    }

    async fn hunt(&mut self, sql: &str, rows: usize, time: Duration) -> Result<Table, Text> {
        self.spent.hunts += 1;
        let mut scope = hunt::Scope::new(self.node.tenant.clone(), clock::now());
        (scope.row_limit, scope.time_limit) = (rows, time);
        let planned = hunt::plan(sql, &scope).map_err(|error| failed(&error))?;
        let stream = self.node.events.hunt(&planned).await.map_err(|error| failed(&error))?;
        let found = stream.collect().await.map_err(|error| failed(&error))?;
        let columns = found.columns.into_iter().map(|column| column.name).collect();
        Ok(Table { columns, rows: found.rows, truncated: found.truncated, notes: Vec::new() })
    }

    async fn collect(&mut self, ask: &Ask, time: Duration) -> Result<Result<Table, Text>, Failure> {
        let How::Collect { what, entity, path, rows } = &ask.how else { return Ok(Err(failed(&"no look"))) };
        let Some(member) = self.node.fleet.get(&ask.host.id) else { return Ok(Err(away())) };
        if !member.connected || self.silent.contains(&ask.host.id) {
            return Ok(Err(away()));
        }
        let process = match entity.as_deref().map(|entity| (entity, process_key(entity))) {
            Some((entity, Some(key))) => Some((entity.to_owned(), key.tgid, key.start_ticks)),
            Some((_, None)) => return Ok(Err(failed(&"the process cannot be named to its host"))),
            None => None,
        };
        let look = look(*what);
        let target = path.as_deref().or(entity.as_deref()).unwrap_or_default();
        let detail = format!("{}: {look:?} {target} on {}", self.incident.id, ask.host.name);
        api::record(self.node, self.by, self.source, "investigate.collect", &ask.host.id, &detail, true).await?;
        self.spent.collections += 1;
        let body = CommandBody::Collect(wire::Collect {
            look,
            process,
            path: path.clone(),
            max_items: u32::try_from(*rows).unwrap_or(u32::MAX),
            max_bytes: 0,
            max_milliseconds: u32::try_from(time.as_millis()).unwrap_or(u32::MAX),
        });
        let reason = format!("investigation of {}", self.incident.id);
        let asked = self.node.orders.ask(&member.facts.agent, body, time + ROAD, self.by, &reason).await;
        Ok(match asked {
            Ok(CommandResult { status: CommandStatus::Done, json, .. }) => {
                self.spent.bytes += json.len() as u64;
                serde_json::from_str(&json).map_err(|error| failed(&error))
            }
            Ok(CommandResult { status: CommandStatus::Unsupported, .. }) => Err(Text {
                en: "The host's agent is too old to look.".into(),
                ja: "ホストのエージェントが古く、この確認に対応していません。".into(),
            }),
            Ok(result) => Err(failed(&result.detail)),
            Err(NoAnswer::Away) => Err(away()),
            Err(NoAnswer::Timeout) => {
                self.silent.insert(ask.host.id.clone());
                Err(Text {
                    en: "The host did not answer in time.".into(),
                    ja: "ホストから時間内に回答がありませんでした。".into(),
                })
            }
        })
    }
}

fn away() -> Text {
    Text {
        en: "The host is not connected, so it could not be asked.".into(),
        ja: "ホストが接続されていないため確認できませんでした。".into(),
    }
}

fn failed(error: &dyn std::fmt::Display) -> Text {
    Text { en: format!("No answer: {error}"), ja: format!("回答なし: {error}") }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

const fn look(what: Collect) -> Look {
    match what {
        Collect::Memory => Look::Memory,
        Collect::OpenFiles => Look::OpenFiles,
        Collect::Sockets => Look::Sockets,
        Collect::Persistence => Look::Persistence,
        Collect::Modules => Look::Modules,
        Collect::HiddenProcesses => Look::HiddenProcesses,
        Collect::KernelHooks => Look::KernelHooks,
        Collect::Logins => Look::Logins,
        Collect::File => Look::File,
    }
}
