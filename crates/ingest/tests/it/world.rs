//! A sink in memory that really records, can fail, and outlives the ingest that writes into it, as a disk does.

use bytes::Bytes;
use event::*;
use ingest::{Appended, Ingest, Origin, Sink, SinkError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use wire::{Batch, Command, CommandResult, RecordEncoder};

#[derive(Clone, Default)]
pub struct Disk(pub Arc<Mutex<Kept>>);

#[derive(Default)]
pub struct Kept {
    pub rows: BTreeMap<(AgentId, u64, u64), Row>,
    /// What is written, in order: `e3` an event, `aID` an alert.
    pub log: Vec<String>,
    pub alerts: BTreeMap<AlertId, Alert>,
    pub hosts: Vec<HostFacts>,
    /// Appends and alerts succeed this often, then the disk is full.
    pub room: Option<usize>,
    pub most_rows: Option<usize>,
    /// This sequence is never taken.
    pub poison: Option<u64>,
}

impl Kept {
    fn take_room(&mut self) -> Result<(), SinkError> {
        match &mut self.room {
            Some(0) => Err(SinkError::Unavailable("the disk is full".into())),
            Some(room) => {
                *room -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Sink for Disk {
    async fn last_stored(&self, agent: &AgentId, epoch: u64) -> Result<Option<u64>, SinkError> {
        let kept = self.0.lock().unwrap();
        let range = (agent.clone(), epoch, 0)..=(agent.clone(), epoch, u64::MAX);
        Ok(kept.rows.range(range).next_back().map(|((_, _, sequence), _)| *sequence))
    }
    async fn append(&self, origin: &Origin, epoch: u64, rows: Vec<(u64, Row)>) -> Result<Appended, SinkError> {
        let kept = &mut *self.0.lock().unwrap();
        if kept.most_rows.is_some_and(|most| rows.len() > most) {
            return Err(SinkError::TooBig(format!("{} rows", rows.len())));
        }
        if rows.iter().any(|(sequence, _)| Some(*sequence) == kept.poison) {
            return Err(SinkError::Refused("it will not do".into()));
        }
        kept.take_room()?;
        let mut appended = Appended::default();
        for (sequence, row) in rows {
            match kept.rows.insert((origin.agent.clone(), epoch, sequence), row) {
                None => {
                    appended.stored += 1;
                    kept.log.push(format!("e{sequence}"));
                }
                Some(_) => appended.duplicates += 1,
            }
        }
        Ok(appended)
    }
    async fn alert(&self, _: &Origin, alert: Alert) -> Result<bool, SinkError> {
        let kept = &mut *self.0.lock().unwrap();
        kept.take_room()?;
        if kept.alerts.contains_key(&alert.id) {
            return Ok(false);
        }
        kept.log.push(format!("a{}", alert.id));
        kept.alerts.insert(alert.id.clone(), alert);
        Ok(true)
    }
    async fn host(&self, _: &Origin, facts: HostFacts) {
        self.0.lock().unwrap().hosts.push(facts);
    }
    async fn gone(&self, _: &Origin, _: &str) {}
    async fn pending(&self, _: &Origin) -> Vec<Command> {
        Vec::new()
    }
    async fn result(&self, _: &Origin, _: CommandResult) -> Result<(), SinkError> {
        Ok(())
    }
}

pub const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub fn ingest(disk: &Disk) -> Ingest<Disk> {
    Ingest::with_clock(disk.clone(), || NOW)
}

pub fn agent() -> AgentId {
    AgentId::new("a".repeat(32))
}

pub fn origin() -> Origin {
    Origin {
        agent: agent(),
        tenant: TenantId::new("acme"),
        host: HostId::new("h1"),
        host_name: "web-1".into(),
        skew_seconds: 0,
    }
}

pub fn boot() -> BootId {
    BootId(7)
}

/// Numbers divisible by ten are alerts, all others events.
pub fn record(sequence: u64) -> Bytes {
    let mut encoder = RecordEncoder::new(boot());
    let row = row(sequence);
    if sequence.is_multiple_of(10) {
        return Bytes::copy_from_slice(encoder.alert(&alert(sequence, row)));
    }
    Bytes::copy_from_slice(encoder.event(&row))
}

pub fn row(sequence: u64) -> Row {
    let mut row = Row::default();
    row.set(Column::Time, Value::Time(NOW));
    row.set(Column::Sequence, Value::U64(sequence));
    row.set_text(Column::HostId, "forged");
    row.set_text(Column::Tenant, "forged");
    row
}

pub fn alert(sequence: u64, event: Row) -> Alert {
    Alert {
        id: AlertId::new(sequence.to_string()),
        time: NOW,
        agent: AgentId::new("forged"),
        host: HostId::new("forged"),
        host_name: "forged".into(),
        tenant: TenantId::new("forged"),
        severity: Severity::High,
        title: "t".into(),
        findings: Vec::new(),
        decision: Decision {
            action: Action::Alert,
            wanted: Action::Kill,
            mode: Mode::Observe,
            tier: Tier::Gate,
            reasons: Vec::new(),
        },
        outcome: Outcome { action: Action::Alert, status: OutcomeStatus::None, detail: String::new() },
        event,
        lineage: Vec::new(),
    }
}

pub fn batch(after: u64, sequences: impl IntoIterator<Item = u64>) -> Batch {
    let records = sequences.into_iter().map(|sequence| (sequence, record(sequence))).collect();
    Batch { epoch: 1, after, records }
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
