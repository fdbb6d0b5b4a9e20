//! Logs of other programs, read as they grow: the journal or a syslog daemon's files, auditd's log, access logs, Docker's
//! events. Each record becomes an event of the process that wrote it, and a log-in gives its address to all that it leads to.
//!
//! One thread looks at the files, one waits at each socket. None of them is ever waited for: what finds the pipeline's queue
//! full is counted, as is what one log says too much. Lines that only pass have a measure of their own, so that a program that
//! talks much drowns no log-in.

mod audisp;
mod containerd;
mod docker;
mod files;
mod peers;
mod socket;
mod writer;

pub use peers::Peers;

use crate::config::Config;
use crate::pipeline::now;
use crate::shared::Shared;
use anyhow::Result;
use crossbeam_channel::{Receiver, Sender, bounded};
use event::{Event, EventKind, LogSays, LogWriter, Via};
use logs::live::{Heard, Recent};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Records that wait for the pipeline.
const QUEUE: usize = 8_192;

/// What logs say, and the desk that wants to hear of connections meanwhile.
pub struct Logs {
    pub events: Receiver<Box<Event>>,
    pub peers: Arc<Peers>,
}

pub fn start(config: &Config, shared: &Arc<Shared>) -> Result<Logs> {
    let (events, queue) = bounded(QUEUE);
    let peers = Arc::new(Peers::default());
    let logs = Logs { events: queue, peers: Arc::clone(&peers) };
    if !config.logs.enabled {
        *shared.logs.lock() = serde_json::json!({ "state": "switched off" });
        return Ok(logs);
    }
    let desk = Arc::new(Desk {
        shared: Arc::clone(shared),
        events,
        peers,
        per_second: f64::from(config.logs.per_second),
        states: Mutex::default(),
        audit: Mutex::default(),
    });
    audisp::start(config.logs.audit_socket.clone(), Arc::clone(&desk))?;
    files::start(config.logs.clone(), Arc::clone(&desk))?;
    docker::start(config.logs.docker.clone(), Arc::clone(&desk))?;
    containerd::start(config.logs.containerd.clone(), desk)?;
    Ok(logs)
}

/// What `status` shows of one log.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// What is done with it, or why nothing is.
    pub state: String,
    /// Records that became events.
    pub taken: u64,
    /// Above the rate of one log; and with the pipeline's queue full.
    pub left_out: u64,
    pub shed: u64,
    #[serde(flatten)]
    pub counts: logs::live::Counts,
}

/// Where all readers bring what they heard.
pub struct Desk {
    shared: Arc<Shared>,
    events: Sender<Box<Event>>,
    peers: Arc<Peers>,
    per_second: f64,
    states: Mutex<BTreeMap<String, State>>,
    /// Told by auditd's dispatcher or its log, whichever came first.
    audit: Mutex<Recent>,
}

impl Desk {
    pub fn say(&self, log: &str, change: impl FnOnce(&mut State)) {
        let mut states = self.states.lock();
        change(states.entry(log.to_owned()).or_default());
        if let Ok(shown) = serde_json::to_value(&*states) {
            *self.shared.logs.lock() = shown;
        }
    }

    /// Whether nobody has told it yet: the same audit record may come by two ways.
    fn is_news(&self, heard: &Heard) -> bool {
        heard.audit.is_none_or(|id| self.audit.lock().first(id))
    }

    /// One record; false when it was not taken.
    fn take(&self, mut heard: Heard) -> bool {
        let (writer, process) = writer::of(&self.shared, &self.peers, &heard);
        heard.event.writer = writer;
        if writer == LogWriter::Confirmed
            && let (LogSays::Login { ok: true, from: Some(from), .. }, Some(process)) = (&heard.event.says, &process)
        {
            self.shared.enricher.came_from(&process.key, from.ip);
        }
        let process = process.map(|process| self.shared.enricher.process(&process.key).unwrap_or(process));
        let parent = process.as_ref().and_then(|p| self.shared.enricher.process(&p.parent?));
        let kind = EventKind::Log(Box::new(heard.event));
        let event = Event { sequence: 0, time: now(), via: Via::Syscall, process, parent, kind };
        self.events.try_send(Box::new(event)).is_ok()
    }
}

/// How much one log may say: its rate, and ten seconds of it at once; as much again of what only passes.
pub struct Measure {
    told: Budget,
    passing: Budget,
    taken: u64,
    left_out: u64,
    shed: u64,
    /// A file may be quicker than the sensor: whose writer is not known yet waits for it.
    waiting: VecDeque<(Instant, Heard)>,
}

struct Budget {
    left: f64,
    at: Instant,
}

impl Budget {
    fn spend(&mut self, rate: f64, now: Instant) -> bool {
        self.left = (self.left + now.duration_since(self.at).as_secs_f64() * rate).min(rate * 10.0);
        self.at = now;
        let enough = self.left >= 1.0;
        self.left -= if enough { 1.0 } else { 0.0 };
        enough
    }
}

const WAITS: Duration = Duration::from_millis(1_500);
const MOST_WAITING: usize = 1_024;

impl Measure {
    pub fn new(desk: &Desk) -> Measure {
        let budget = || Budget { left: desk.per_second * 10.0, at: Instant::now() };
        Measure { told: budget(), passing: budget(), taken: 0, left_out: 0, shed: 0, waiting: VecDeque::new() }
    }

    pub fn take(&mut self, desk: &Desk, heard: Heard) {
        if !desk.is_news(&heard) {
            return;
        }
        let now = Instant::now();
        let budget = if heard.event.is_passing() { &mut self.passing } else { &mut self.told };
        if !budget.spend(desk.per_second, now) {
            self.left_out += 1;
            return;
        }
        if self.waiting.len() < MOST_WAITING && writer::is_early(&desk.shared, &heard) {
            self.waiting.push_back((now, heard));
        } else {
            self.hand_on(desk, heard);
        }
    }

    /// Called in each round: what has waited long enough, or whose writer is known by now.
    pub fn tend(&mut self, desk: &Desk) {
        for _ in 0..self.waiting.len() {
            let Some((since, heard)) = self.waiting.pop_front() else { return };
            if since.elapsed() < WAITS && writer::is_early(&desk.shared, &heard) {
                self.waiting.push_back((since, heard));
            } else {
                self.hand_on(desk, heard);
            }
        }
    }

    fn hand_on(&mut self, desk: &Desk, heard: Heard) {
        if desk.take(heard) {
            self.taken += 1;
        } else {
            self.shed += 1;
        }
    }

    pub fn show(&self, state: &mut State) {
        (state.taken, state.left_out, state.shed) = (self.taken, self.left_out, self.shed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_ten_seconds_at_once_and_its_rate_after() {
        let start = Instant::now();
        let mut budget = Budget { left: 20.0, at: start };
        let spent = |budget: &mut Budget, at: u64| {
            (0..100).filter(|_| budget.spend(2.0, start + Duration::from_secs(at))).count()
        };
        assert_eq!(spent(&mut budget, 0), 20);
        assert_eq!(spent(&mut budget, 3), 6);
        assert_eq!(spent(&mut budget, 1_000), 20);
    }
}
