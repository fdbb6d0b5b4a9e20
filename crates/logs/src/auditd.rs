//! auditd's log: the lines of one event (`msg=audit(time:serial)`) → one record in which every field of every line stands
//! under its name, and `type` has each line's type. What the kernel wrote in hex, since it may hold anything, is decoded.
//!
//! Besides: `cmdline` is the arguments of EXECVE joined, `file` an absolute path for each PATH, `addr` and `port` are those
//! of a SOCKADDR.

use crate::flat::{Flat, Origin};
use crate::lines::Lines;
use crate::{Reading, limits};
use event::Timestamp;
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

impl Event {
    /// Time and serial number, the same wherever the event is read.
    pub(crate) fn known_by(&self) -> (Timestamp, u64) {
        (Timestamp(self.id.0.saturating_mul(1_000_000)), self.id.1)
    }

    pub(crate) fn record(&self) -> Flat {
        let mut record = Flat::default();
        record.number = self.number;
        record.time = self.id.0.checked_mul(1_000_000).map(Timestamp);
        record.origin = Origin::Auditd;
        let cwd = self.lines.iter().find(|(kind, _)| kind == "CWD");
        let cwd = cwd
            .and_then(|(_, body)| pairs(body).find(|(name, _)| *name == "cwd").map(|(_, value)| decoded("cwd", value)));
        for (kind, body) in &self.lines {
            record.push("type", kind);
            let mut arguments: Vec<(u32, u32, String)> = Vec::new();
            for (name, raw) in pairs(body) {
                if name == "msg" {
                    // User space's records hold a second list in quotes.
                    for (inner, raw) in pairs(raw.trim_matches('\'')) {
                        record.push(inner, &decoded(inner, raw));
                    }
                    continue;
                }
                let value = decoded(name, raw);
                match (kind.as_str(), name) {
                    ("EXECVE", name) => match argument(name) {
                        Some((index, part)) => arguments.push((index, part, value)),
                        None => record.push(name, &value),
                    },
                    ("PATH", "name") => {
                        record.push(name, &value);
                        record.push("file", &absolute(&value, cwd.as_deref()));
                    }
                    ("SOCKADDR", "saddr") => {
                        record.push(name, raw);
                        socket(raw, &mut record);
                    }
                    ("SYSCALL", "syscall") => {
                        record.push(name, &value);
                        let known = body.contains("arch=c000003e").then(|| x86_64(&value)).flatten();
                        if let Some(call) = known {
                            record.push(name, call);
                            // As auditd writes it when it resolves names itself.
                            if !body.contains("SYSCALL=") {
                                record.push("SYSCALL", call);
                            }
                        }
                    }
                    _ => record.push(name, &value),
                }
            }
            if kind == "EXECVE" {
                command(arguments, &mut record);
            }
        }
        record
    }
}

/// `a2`, or `a2[1]` for a piece of a long one.
fn argument(name: &str) -> Option<(u32, u32)> {
    let rest = name.strip_prefix('a')?;
    match rest.split_once('[') {
        None => Some((rest.parse().ok()?, 0)),
        Some((index, part)) => Some((index.parse().ok()?, part.strip_suffix(']')?.parse().ok()?)),
    }
}

fn command(mut arguments: Vec<(u32, u32, String)>, record: &mut Flat) {
    arguments.sort_by_key(|(index, part, _)| (*index, *part));
    let mut whole: Vec<(u32, String)> = Vec::new();
    for (index, _, text) in arguments {
        match whole.last_mut() {
            Some((last, own)) if *last == index => own.push_str(&text),
            _ => whole.push((index, text)),
        }
    }
    for (index, text) in &whole {
        record.push(&format!("a{index}"), text);
    }
    let line: Vec<&str> = whole.iter().map(|(_, text)| text.as_str()).collect();
    record.push("cmdline", &line.join(" "));
}

/// `name=value` pairs; a value may stand in double or single quotes. The names that auditd itself resolved follow after a
/// group separator.
fn pairs(body: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = body;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{1d}' || c == ',');
            let equals = rest.find('=')?;
            let name = rest[..equals].rsplit(|c: char| c.is_whitespace() || c == '\u{1d}').next().unwrap_or_default();
            rest = &rest[equals + 1..];
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let end = match quote {
                // To the last quote that ends a word: the text within is the program's own.
                Some('\'') => rest.rfind('\'').filter(|at| *at > 0).map_or(rest.len(), |at| at + 1),
                Some(quote) => rest[1..].find(quote).map_or(rest.len(), |at| at + 2),
                None => rest.find(|c: char| c.is_whitespace() || c == '\u{1d}').unwrap_or(rest.len()),
            };
            let value = &rest[..end];
            rest = &rest[end..];
            if !name.is_empty() {
                return Some((name, value));
            }
        }
    })
}

/// Without quotes, and out of hex where the kernel writes such fields so.
fn decoded(name: &str, raw: &str) -> String {
    const UNTRUSTED: &[&str] = &[
        "name",
        "exe",
        "comm",
        "cwd",
        "cmd",
        "proctitle",
        "data",
        "acct",
        "key",
        "dir",
        "path",
        "ocomm",
        "old-comm",
        "vm",
        "file",
        "unit",
        "root_dir",
    ];
    if let Some(inner) = raw.strip_prefix('"') {
        return inner.strip_suffix('"').unwrap_or(inner).to_owned();
    }
    let hex_like = raw.len() >= 2 && raw.len().is_multiple_of(2) && raw.bytes().all(|byte| byte.is_ascii_hexdigit());
    let may_be_hex =
        UNTRUSTED.contains(&name) || argument(name).is_some() && raw.bytes().any(|b| b.is_ascii_uppercase());
    if may_be_hex
        && hex_like
        && let Ok(mut bytes) = hex::decode(raw)
    {
        if name == "proctitle" {
            bytes.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
        }
        return event::text::from_bytes(&bytes).into_owned();
    }
    raw.to_owned()
}

fn absolute(name: &str, cwd: Option<&str>) -> String {
    match cwd {
        Some(cwd) if !name.starts_with('/') && name != "(null)" => {
            format!("{}/{}", cwd.trim_end_matches('/'), name.trim_start_matches("./"))
        }
        _ => name.to_owned(),
    }
}

fn socket(raw: &str, record: &mut Flat) {
    let Ok(bytes) = hex::decode(raw) else { return };
    let Some(family) = bytes.get(..2).map(|two| u16::from_le_bytes([two[0], two[1]])) else { return };
    let port = |bytes: &[u8]| bytes.get(2..4).map(|two| u16::from_be_bytes([two[0], two[1]]));
    match family {
        1 => {
            let path: Vec<u8> = bytes[2..].iter().copied().take_while(|byte| *byte != 0).collect();
            record.push("path", &event::text::from_bytes(&path));
        }
        2 => {
            if let (Some(port), Some(ip)) = (port(&bytes), bytes.get(4..8)) {
                record.push("addr", &std::net::Ipv4Addr::new(ip[0], ip[1], ip[2], ip[3]).to_string());
                record.push("port", &port.to_string());
            }
        }
        10 => {
            let ip = bytes.get(8..24).and_then(|ip| <[u8; 16]>::try_from(ip).ok());
            if let (Some(port), Some(ip)) = (port(&bytes), ip) {
                record.push("addr", &std::net::Ipv6Addr::from(ip).to_string());
                record.push("port", &port.to_string());
            }
        }
        _ => {}
    }
}

/// The calls that rules ask for by name; where auditd did not resolve the number.
fn x86_64(number: &str) -> Option<&'static str> {
    Some(match number {
        "0" => "read",
        "1" => "write",
        "2" => "open",
        "41" => "socket",
        "42" => "connect",
        "49" => "bind",
        "59" => "execve",
        "62" => "kill",
        "82" => "rename",
        "84" => "rmdir",
        "87" => "unlink",
        "90" => "chmod",
        "92" => "chown",
        "101" => "ptrace",
        "105" => "setuid",
        "161" => "chroot",
        "165" => "mount",
        "170" => "sethostname",
        "175" => "init_module",
        "176" => "delete_module",
        "227" => "clock_settime",
        "257" => "openat",
        "263" => "unlinkat",
        "310" => "process_vm_readv",
        "311" => "process_vm_writev",
        "313" => "finit_module",
        "319" => "memfd_create",
        "321" => "bpf",
        "322" => "execveat",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let check = |name: &str, raw: &str, expected: &str| assert_eq!(decoded(name, raw), expected, "{name}={raw}");
        check("exe", "\"/usr/bin/bash\"", "/usr/bin/bash");
        check("name", "2F746D702F612062", "/tmp/a b");
        check("proctitle", "6C73002D6C", "ls -l");
        check("a1", "2D6320222220", "-c \"\" ");
        check("a0", "7ffd", "7ffd");
        check("uid", "1000", "1000");
        check("name", "(null)", "(null)");
    }

    #[test]
    fn lists() {
        let found: Vec<_> =
            pairs("arch=c000003e a=\"x y\" msg='op=PAM acct=\"root\" res=success'\u{1d}UID=\"me\"").collect();
        assert_eq!(
            found,
            [("arch", "c000003e"), ("a", "\"x y\""), ("msg", "'op=PAM acct=\"root\" res=success'"), ("UID", "\"me\"")]
        );
    }
}
