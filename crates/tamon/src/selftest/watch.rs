//! Listens to the agent while a step is played, and keeps what belongs to the step: its process and all that came of it.

use crate::local::{Local, Told};
use anyhow::Result;
use event::{Alert, Column, OutcomeStatus, Row, Technique, Timestamp, Value};
use std::collections::HashSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub struct Watch {
    told: Receiver<(Timestamp, Told)>,
}

#[derive(Debug, Default)]
pub struct Observed {
    pub seen: bool,
    /// Techniques of the alerts of this step.
    pub techniques: Vec<Technique>,
    pub titles: Vec<String>,
    /// Title of the first alert that named the wanted technique.
    pub told_as: Option<String>,
    pub stopped: bool,
    /// Milliseconds from the act to the alert that named the wanted technique; else to the event.
    pub delay_ms: Option<i64>,
}

impl Watch {
    pub fn start(local: &Local) -> Result<Watch> {
        let stream = local.follow()?;
        let (send, told) = channel();
        std::thread::spawn(move || {
            for item in stream {
                match item {
                    Ok(item) => {
                        if send.send((now(), item)).is_err() {
                            return;
                        }
                    }
                    Err(error) => {
                        eprintln!("selftest: the agent's stream ended: {error:#}");
                        return;
                    }
                }
            }
        });
        Ok(Watch { told })
    }

    /// Forgets what came before a step.
    pub fn drain(&self) {
        while self.told.try_recv().is_ok() {}
    }

    /// Waits until the step of process `root` was seen and told, or `limit` is over.
    pub fn wait(&self, root: u32, wanted: Technique, seen: fn(&Row) -> bool, limit: Duration) -> Observed {
        let start = Instant::now();
        let mut observed = Observed::default();
        let mut family = HashSet::from([u64::from(root)]);
        let mut told = false;
        while !(observed.seen && told) {
            let Some(left) = limit.checked_sub(start.elapsed()) else { break };
            match self.told.recv_timeout(left) {
                Ok((at, Told::Event(row))) => {
                    if belongs(&row, &mut family) && seen(&row) {
                        observed.seen = true;
                        observed.delay_ms.get_or_insert(at.since(row.time()) / 1_000_000);
                    }
                }
                Ok((at, Told::Alert(alert))) => {
                    if of_family(&alert, root, &family) {
                        told |= note(&mut observed, &alert, wanted, at);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        observed
    }
}

fn belongs(row: &Row, family: &mut HashSet<u64>) -> bool {
    let number = |column| match row.get(column) {
        Some(Value::U64(n)) => Some(n),
        _ => None,
    };
    let (Some(pid), parent) = (number(Column::ProcessPid), number(Column::ParentPid)) else {
        return false;
    };
    if parent.is_some_and(|parent| family.contains(&parent)) {
        family.insert(pid);
    }
    family.contains(&pid)
}

fn of_family(alert: &Alert, root: u32, family: &HashSet<u64>) -> bool {
    alert.lineage.iter().any(|process| process.pid == root || family.contains(&u64::from(process.pid)))
}

/// True when the alert names the wanted technique or its family.
fn note(observed: &mut Observed, alert: &Alert, wanted: Technique, at: Timestamp) -> bool {
    for technique in alert.techniques() {
        if !observed.techniques.contains(&technique) {
            observed.techniques.push(technique);
        }
    }
    observed.titles.push(alert.title.clone());
    observed.stopped |= alert.outcome.status == OutcomeStatus::Done && alert.outcome.action > event::Action::Alert;
    let named = alert.techniques().iter().any(|t| *t == wanted || *t == wanted.parent());
    if named {
        observed.told_as.get_or_insert_with(|| alert.title.clone());
        observed.delay_ms = Some(at.since(alert.time) / 1_000_000);
    }
    named
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
