//! One batch at a time of each agent, through to the sink.

use crate::stats::Counters;
use crate::{Origin, Sink, SinkError, Stats};
use event::{AgentId, Alert, Column, Row, Timestamp};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::{Batch, Record, RecordBody, Refusal, RefusalCode};

pub struct Ingest<S> {
    pub(crate) sink: S,
    pub(crate) counters: Counters,
    pub(crate) now: fn() -> Timestamp,
    /// Of the agents that are connected.
    pub(crate) origins: Mutex<BTreeMap<AgentId, Origin>>,
    agents: Mutex<BTreeMap<AgentId, Arc<tokio::sync::Mutex<Progress>>>>,
}

/// How far one agent has come. Its lock makes two streams of one agent take turns.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    epoch: u64,
    /// All up to and with this sequence is durable or was refused for good.
    last: u64,
}

/// Consecutive records of one kind, so that they are stored together.
enum Step {
    Events(Vec<(u64, Row)>),
    Alert(u64, Box<Alert>),
    Host(Box<event::HostFacts>),
}

impl<S: Sink> Ingest<S> {
    pub fn new(sink: S) -> Self {
        Self::with_clock(sink, wall_clock)
    }

    pub fn with_clock(sink: S, now: fn() -> Timestamp) -> Self {
        Ingest { sink, counters: Counters::default(), now, origins: Mutex::default(), agents: Mutex::default() }
    }

    pub fn sink(&self) -> &S {
        &self.sink
    }

    pub fn stats(&self) -> Stats {
        self.counters.read()
    }

    /// Where the agent is to go on: the last durable sequence of its epoch, 0 for a new one.
    pub async fn resume(&self, agent: &AgentId, epoch: u64) -> Result<u64, SinkError> {
        let progress = self.progress(agent);
        let mut progress = progress.lock().await;
        let stored = self.sink.last_stored(agent, epoch).await?.unwrap_or(0);
        // Alerts alone do not move the sink's number; while this process lives it is known all the same.
        let last = if progress.epoch == epoch { progress.last.max(stored) } else { stored };
        *progress = Progress { epoch, last };
        Ok(last)
    }

    /// Returns when the batch is durable, with the last sequence that is.
    pub async fn batch(&self, origin: &Origin, batch: Batch) -> Result<u64, Refusal> {
        let progress = self.progress(&origin.agent);
        let mut progress = progress.lock().await;
        if batch.epoch != progress.epoch {
            let text = format!("a batch of epoch {} in a stream of epoch {}", batch.epoch, progress.epoch);
            return Err(Refusal::new(RefusalCode::BadMessage, text));
        }
        if batch.after > progress.last {
            self.counters.change(|stats| stats.out_of_order += 1);
            let text = format!("a batch after {} where {} is the last that came", batch.after, progress.last);
            return Err(Refusal::new(RefusalCode::OutOfOrder, text));
        }
        let mut count = Stats { batches: 1, received: batch.records.len() as u64, ..Stats::default() };
        let (epoch, last) = (batch.epoch, batch.last());
        let steps = self.steps(origin, batch, progress.last, &mut count);
        for step in steps {
            self.store(origin, epoch, step, &mut count).await.map_err(|error| self.unavailable(origin, &error))?;
        }
        progress.last = progress.last.max(last);
        self.counters.change(|stats| stats.add(count));
        Ok(progress.last)
    }

    fn progress(&self, agent: &AgentId) -> Arc<tokio::sync::Mutex<Progress>> {
        self.agents.lock().entry(agent.clone()).or_default().clone()
    }

    fn unavailable(&self, origin: &Origin, error: &SinkError) -> Refusal {
        self.counters.change(|stats| stats.unavailable += 1);
        tracing::error!(agent = %origin.agent, %error, "cannot store a batch");
        Refusal::new(RefusalCode::Unavailable, "the node cannot store at the moment")
    }

    /// Decodes what is new, in order, and writes the origin over it.
    fn steps(&self, origin: &Origin, batch: Batch, last: u64, count: &mut Stats) -> Vec<Step> {
        let now = (self.now)();
        let mut steps = Vec::new();
        for (sequence, bytes) in batch.records {
            if sequence <= last {
                count.duplicates += 1;
                continue;
            }
            let record = match Record::decode(&bytes) {
                Ok(record) => record,
                Err(error) => {
                    tracing::warn!(agent = %origin.agent, sequence, %error, "a record cannot be read");
                    count.refuse(kind(&error));
                    continue;
                }
            };
            match record.body {
                RecordBody::Event(mut row) => {
                    origin.fill_row(&mut row, record.boot, now);
                    if row.get(Column::Time).is_none() {
                        count.refuse("an event without a time");
                        continue;
                    }
                    count.skewed += u64::from(row.labels.contains_key("clock_skew_seconds"));
                    match steps.last_mut() {
                        Some(Step::Events(rows)) => rows.push((sequence, row)),
                        _ => steps.push(Step::Events(vec![(sequence, row)])),
                    }
                }
                RecordBody::Alert(mut alert) => {
                    origin.fill_alert(&mut alert, record.boot, now);
                    count.skewed += u64::from(alert.event.labels.contains_key("clock_skew_seconds"));
                    steps.push(Step::Alert(sequence, alert));
                }
                RecordBody::Host(mut facts) => {
                    origin.fill_facts(&mut facts);
                    steps.push(Step::Host(facts));
                }
                RecordBody::Unknown(_) => count.refuse("a record of a newer agent"),
            }
        }
        steps
    }

    async fn store(&self, origin: &Origin, epoch: u64, step: Step, count: &mut Stats) -> Result<(), SinkError> {
        match step {
            Step::Events(rows) => self.append(origin, epoch, rows, count).await?,
            Step::Alert(sequence, alert) => match self.sink.alert(origin, *alert).await {
                Ok(true) => count.alerts += 1,
                Ok(false) => count.duplicates += 1,
                Err(error @ SinkError::Unavailable(_)) => return Err(error),
                Err(error) => {
                    tracing::error!(agent = %origin.agent, sequence, %error, "an alert is lost to the store");
                    count.refuse("an alert that the store refuses");
                }
            },
            Step::Host(facts) => {
                self.sink.host(origin, *facts).await;
                count.hosts += 1;
            }
        }
        Ok(())
    }

    /// Halves what is too big until it fits or is one row, which is then refused.
    async fn append(
        &self,
        origin: &Origin,
        epoch: u64,
        rows: Vec<(u64, Row)>,
        count: &mut Stats,
    ) -> Result<(), SinkError> {
        let mut parts = vec![rows];
        while let Some(mut rows) = parts.pop() {
            // Kept only for the rare case that they must be cut; a row is small beside an fsync.
            let again = rows.clone();
            match self.sink.append(origin, epoch, std::mem::take(&mut rows)).await {
                Ok(appended) => {
                    count.stored += appended.stored as u64;
                    count.duplicates += appended.duplicates as u64;
                }
                Err(error @ SinkError::Unavailable(_)) => return Err(error),
                Err(error) if again.len() == 1 => {
                    tracing::error!(agent = %origin.agent, sequence = again[0].0, %error, "an event is lost to the store");
                    count.refuse("an event that the store refuses");
                }
                Err(_) => {
                    let mut first = again;
                    let second = first.split_off(first.len() / 2);
                    // The first half on top: order is kept.
                    parts.push(second);
                    parts.push(first);
                }
            }
        }
        Ok(())
    }
}

fn kind(error: &wire::RecordError) -> &'static str {
    use wire::RecordError::*;
    match error {
        TooLarge(_) => "a record over its limit",
        Malformed(_) => "a record that is not protobuf",
        Event(_) => "an event that cannot be read",
        TooMany(..) => "an alert over its limits",
        BootId(_) => "a boot id that is none",
        Empty => "a record without a body",
    }
}

fn wall_clock() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
