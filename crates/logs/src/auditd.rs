//! auditd's log: the lines of one event (`msg=audit(time:serial)`) → one record in which every field of every line stands
//! under its name, and `type` has each line's type. What the kernel wrote in hex, since it may hold anything, is decoded.
//!
//! Besides: `cmdline` is the arguments of EXECVE joined, `file` an absolute path for each PATH, `addr` and `port` are those
//! of a SOCKADDR.

mod fields;
mod record;

use crate::lines::Lines;
use crate::{Reading, limits};
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::ops::ControlFlow;

pub(crate) fn read(file: File, reading: &mut Reading<'_, '_>) -> std::io::Result<()> {
    let mut lines = Lines::new(&file);
    let mut open = Open::default();
    while let Some(line) = lines.next()? {
        let place = || format!("line {}", line.number);
        if line.cut {
            reading.outcome.fault(place(), format!("longer than {} bytes", limits::LINE_BYTES));
            continue;
        }
        let text = event::text::from_bytes(line.text());
        if text.trim().is_empty() || text.starts_with("----") || text.starts_with("time->") {
            continue;
        }
        match open.line(&text, line.number) {
            Gathered::NoRecord => reading.outcome.fault(place(), "no audit record"),
            Gathered::TooMany => {
                reading.outcome.fault(place(), format!("an event of more than {} lines", limits::EVENT_LINES));
            }
            Gathered::Waits => {}
            Gathered::Event(event) => {
                if hand_on(&event, reading).is_break() {
                    return Ok(());
                }
            }
        }
    }
    while let Some(event) = open.oldest() {
        if hand_on(&event, reading).is_break() {
            break;
        }
    }
    Ok(())
}

/// What became of a line.
pub(crate) enum Gathered {
    NoRecord,
    /// Its event has more lines than are taken.
    TooMany,
    /// Further lines of its event may come.
    Waits,
    /// An event is whole; or an older one had to make room.
    Event(Event),
}

/// (seconds × 1000 + milliseconds, serial)
type Id = (i64, u64);

pub(crate) struct Event {
    id: Id,
    number: u64,
    lines: Vec<(String, String)>,
}

/// Events whose lines may still come; the lines of several may stand between each other.
#[derive(Default)]
pub(crate) struct Open {
    /// What programs write into the audit is told as soon as it stands there; in a file in the order of its events.
    at_once: bool,
    events: HashMap<Id, Event>,
    order: VecDeque<Id>,
}

impl Open {
    pub(crate) fn live() -> Open {
        Open { at_once: true, ..Open::default() }
    }

    pub(crate) fn line(&mut self, text: &str, number: u64) -> Gathered {
        let Some((id, kind, body)) = parse(text) else { return Gathered::NoRecord };
        let (event, new) = self.event(id, number);
        if event.lines.len() >= limits::EVENT_LINES {
            return Gathered::TooMany;
        }
        event.lines.push((kind.to_owned(), body.to_owned()));
        let complete = kind == "EOE" || kind == "PROCTITLE" || new && self.at_once && is_alone(kind);
        let done = if complete {
            self.take(id)
        } else if new && self.order.len() > limits::OPEN_EVENTS {
            self.oldest()
        } else {
            None
        };
        done.map_or(Gathered::Waits, Gathered::Event)
    }

    /// The oldest, when a line has come that is so many milliseconds younger: then no more of it will.
    pub(crate) fn stale(&mut self, millis: i64) -> Option<Event> {
        let (first, newest) = (self.order.front()?, self.order.iter().map(|id| id.0).max()?);
        if newest - first.0 < millis { None } else { self.oldest() }
    }

    fn event(&mut self, id: Id, number: u64) -> (&mut Event, bool) {
        let new = !self.events.contains_key(&id);
        if new {
            self.order.push_back(id);
        }
        (self.events.entry(id).or_insert_with(|| Event { id, number, lines: Vec::new() }), new)
    }

    fn take(&mut self, id: Id) -> Option<Event> {
        self.order.retain(|other| *other != id);
        self.events.remove(&id)
    }

    pub(crate) fn oldest(&mut self) -> Option<Event> {
        let id = self.order.pop_front()?;
        self.events.remove(&id)
    }
}

/// `type=SYSCALL msg=audit(1700000000.123:45): …`, perhaps with `node=…` in front.
fn parse(line: &str) -> Option<(Id, &str, &str)> {
    let kind = line.split_whitespace().find_map(|word| word.strip_prefix("type="))?;
    let (_, rest) = line.split_once("msg=audit(")?;
    let (stamp, body) = rest.split_once("):")?;
    let (time, serial) = stamp.rsplit_once(':')?;
    let (seconds, millis) = time.split_once('.').unwrap_or((time, "0"));
    let millis: i64 = millis.get(..3).unwrap_or(millis).parse().ok()?;
    let seconds: i64 = seconds.parse().ok()?;
    Some(((seconds.checked_mul(1_000)?.checked_add(millis)?, serial.parse().ok()?), kind, body.trim()))
}

/// What programs write into the audit is one line.
fn is_alone(kind: &str) -> bool {
    ["USER_", "CRED_", "ADD_", "DEL_", "GRP_", "SERVICE_", "SYSTEM_", "DAEMON_", "CRYPTO_", "ACCT_"]
        .iter()
        .any(|start| kind.starts_with(start))
}

fn hand_on(event: &Event, reading: &mut Reading<'_, '_>) -> ControlFlow<()> {
    let record = event.record();
    if record.overflow {
        reading
            .outcome
            .fault(format!("line {}", event.number), "an event of too many values; the rest is not looked at");
    }
    reading.record(&record)
}
