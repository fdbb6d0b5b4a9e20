//! Passwords tried over the network: log-ins from one address that fail again and again, for one user or many; and, graver, one
//! that succeeds after them.

use crate::bounded::Bounded;
use crate::tell::Rule;
use event::text::{clip, printable};
use event::{Engine, Event, EventKind, Finding, LogSays, LogWriter, Severity, Tactic, Technique, Timestamp};
use std::collections::BTreeSet;
use std::net::IpAddr;

pub(crate) const TRIED: Rule = Rule {
    id: "behaviour.log-ins-tried",
    engine: Engine::Behaviour,
    name: "Log-ins are tried from one address",
    severity: Severity::Medium,
    techniques: &[Technique::sub(1110, 1)],
    tactics: &[Tactic::CredentialAccess],
    asks: None,
};

pub(crate) const GUESSED: Rule = Rule {
    id: "behaviour.log-in-guessed",
    engine: Engine::Behaviour,
    name: "A log-in succeeds after many that failed",
    severity: Severity::High,
    techniques: &[Technique::sub(1110, 1), Technique::new(1078)],
    tactics: &[Tactic::CredentialAccess, Tactic::InitialAccess],
    asks: Some(event::Action::Alert),
};

const MAX_ADDRESSES: usize = 4_096;
const MAX_USERS: usize = 32;
const WINDOW: i64 = 600_000_000_000;
/// Within the window; people mistype theirs three times.
const ENOUGH: u32 = 10;
const TELL_AGAIN: i64 = 3_600_000_000_000;

#[derive(Debug, Default)]
struct Tries {
    began: Option<Timestamp>,
    count: u32,
    users: BTreeSet<String>,
    told: Option<Timestamp>,
    /// Lines of which nobody could say that the daemon wrote them.
    unconfirmed: u32,
}

#[derive(Debug)]
pub(crate) struct Guessing {
    by_address: Bounded<IpAddr, Tries>,
}

impl Guessing {
    pub fn new() -> Guessing {
        Guessing { by_address: Bounded::new(MAX_ADDRESSES) }
    }

    pub fn observe(&mut self, event: &Event) -> Option<Finding> {
        let EventKind::Log(log) = &event.kind else { return None };
        let LogSays::Login { user, from: Some(from), ok, .. } = &log.says else { return None };
        // Who forges lines must not have another's address suspected.
        if log.writer == LogWriter::Other {
            return None;
        }
        let now = event.time;
        let tries = self.by_address.entry(&from.ip, Tries::default);
        if tries.began.is_none_or(|began| !(0..WINDOW).contains(&now.since(began))) {
            *tries = Tries { began: Some(now), told: tries.told, ..Tries::default() };
        }
        tries.unconfirmed += u32::from(log.writer != LogWriter::Confirmed);
        let matched = |tries: &Tries| {
            vec![
                ("source_ip", from.ip.to_string()),
                ("users", tries.users.iter().cloned().collect::<Vec<_>>().join(" ")),
            ]
        };
        if *ok {
            let tries = std::mem::take(tries);
            let detail = format!(
                "{} logged in from {} after {} tries that failed.{}",
                shown(user),
                from.ip,
                tries.count,
                doubt(&tries)
            );
            return (tries.count >= ENOUGH).then(|| GUESSED.finding(detail, matched(&tries)));
        }
        tries.count += 1;
        if tries.users.len() < MAX_USERS {
            tries.users.insert(clip(user, 64).to_owned());
        }
        let quiet = tries.told.is_some_and(|told| now.since(told) < TELL_AGAIN);
        if tries.count < ENOUGH || quiet {
            return None;
        }
        tries.told = Some(now);
        let users: Vec<String> = tries.users.iter().take(5).map(|user| shown(user)).collect();
        let more = if tries.users.len() > users.len() { " and others" } else { "" };
        let detail = format!(
            "{} log-ins from {} failed within ten minutes, as {}{more}.{}",
            tries.count,
            from.ip,
            users.join(", "),
            doubt(tries)
        );
        Some(TRIED.finding(detail, matched(tries)))
    }
}

/// A line may be anybody's: what rests on such lines says so.
fn doubt(tries: &Tries) -> String {
    match tries.unconfirmed {
        0 => String::new(),
        lines => format!(" Nobody saw the log-in daemon write {lines} of these lines."),
    }
}

fn shown(user: &str) -> String {
    printable(clip(user, 64)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{Endpoint, LogEvent, LogFacility, LogSource, Via};

    fn log_in(second: i64, ip: &str, ok: bool, writer: LogWriter) -> Event {
        let says = LogSays::Login {
            user: "root".into(),
            method: "password".into(),
            from: Some(Endpoint { ip: ip.parse().unwrap(), port: 5 }),
            ok,
            unknown_user: false,
        };
        let log = LogEvent {
            source: LogSource::Syslog,
            says,
            claimed: None,
            program: "sshd".into(),
            pid: None,
            writer,
            facility: LogFacility::Auth,
            message: "".into(),
        };
        let time = Timestamp(second * 1_000_000_000);
        Event { sequence: 0, time, via: Via::Syscall, process: None, parent: None, kind: EventKind::Log(Box::new(log)) }
    }

    #[test]
    fn what_rests_on_unconfirmed_lines_says_so() {
        let detail = |writer| {
            let mut guessing = Guessing::new();
            let told = (0..10).filter_map(|at| guessing.observe(&log_in(at, "203.0.113.9", false, writer)));
            told.last().expect("told").detail
        };
        assert!(detail(LogWriter::Unknown).ends_with("Nobody saw the log-in daemon write 10 of these lines."));
        assert!(detail(LogWriter::Confirmed).ends_with("as root."));
    }

    fn check(events: &[Event], expected: &[&str]) {
        let mut guessing = Guessing::new();
        let told: Vec<String> = events
            .iter()
            .filter_map(|event| guessing.observe(event))
            .map(|one| one.rule_id.as_str().to_owned())
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn many_tries_then_success() {
        let unknown = LogWriter::Unknown;
        let tries =
            |n: i64, gap: i64| (0..n).map(|at| log_in(at * gap, "203.0.113.9", false, unknown)).collect::<Vec<_>>();
        check(&tries(9, 1), &[]);
        check(&tries(30, 1), &[TRIED.id]);
        check(&tries(30, 120), &[]);
        let success = log_in(31, "203.0.113.9", true, unknown);
        check(&[tries(30, 1), vec![success.clone()]].concat(), &[TRIED.id, GUESSED.id]);
        check(&[tries(3, 1), vec![success]].concat(), &[]);
        let other = log_in(31, "10.8.0.5", true, unknown);
        check(&[tries(30, 1), vec![other]].concat(), &[TRIED.id]);
        let forged: Vec<Event> = (0..30).map(|at| log_in(at, "10.8.0.5", false, LogWriter::Other)).collect();
        check(&forged, &[]);
    }
}
