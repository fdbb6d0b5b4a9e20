//! auditd's lines as they come, from its log or its dispatcher: those of one event are put together. System calls without a
//! key, which the sensor sees by itself, only pass ([`event::LogEvent::is_passing`]).

use super::{Heard, heard};
use crate::auditd::{Event, Gathered, Open};
use crate::flat::Flat;
use event::{Endpoint, LogFacility, LogSays, LogSource, text};
use std::sync::Arc;

/// Fields that are kept of one event.
const FIELDS: usize = 128;
/// Lines of an event come together.
const WAITS_MILLIS: i64 = 2_000;

pub struct Audit {
    open: Open,
    number: u64,
    /// Lines that are no audit record.
    pub odd: u64,
}

impl Default for Audit {
    fn default() -> Audit {
        Audit { open: Open::live(), number: 0, odd: 0 }
    }
}

impl Audit {
    pub fn line(&mut self, bytes: &[u8], take: &mut dyn FnMut(Heard)) {
        let whole = text::from_bytes(bytes);
        if whole.trim().is_empty() {
            return;
        }
        self.number += 1;
        match self.open.line(&whole, self.number) {
            Gathered::NoRecord | Gathered::TooMany => self.odd += 1,
            Gathered::Waits => {}
            Gathered::Event(event) => meaning(&event).into_iter().for_each(&mut *take),
        }
        while let Some(event) = self.open.stale(WAITS_MILLIS) {
            meaning(&event).into_iter().for_each(&mut *take);
        }
    }

    /// Nothing came for a while: what waits is whole.
    pub fn idle(&mut self, take: &mut dyn FnMut(Heard)) {
        while let Some(event) = self.open.oldest() {
            meaning(&event).into_iter().for_each(&mut *take);
        }
    }
}

fn meaning(event: &Event) -> Option<Heard> {
    let record = &event.record();
    let kind = record.get("type")?.to_owned();
    // The end of an event that was told before its end came.
    if kind == "EOE" {
        return None;
    }
    let of_kernel = matches!(kind.as_str(), "SYSCALL" | "EXECVE" | "PATH" | "CWD" | "PROCTITLE" | "SOCKADDR");
    let keyed = record.get("key").is_some_and(|key| !key.is_empty() && key != "(null)");
    let pid = record.get("pid").and_then(|pid| pid.parse().ok());
    let program = record.get("exe").unwrap_or_default().to_owned();
    let says = login(&kind, record)
        .unwrap_or_else(|| LogSays::Audit { kind: text::clip(&kind, 64).into(), fields: fields(record) });
    let message: Vec<String> = record.iter().take(FIELDS).map(|(name, value)| format!("{name}={value}")).collect();
    let name = program.rsplit('/').next().unwrap_or_default();
    let mut heard = heard(LogSource::Auditd, says, record.time, name, pid, &message.join(" "));
    if of_kernel && !keyed {
        heard.event.facility = LogFacility::Kernel;
    }
    heard.audit = Some(event.known_by());
    Some(heard)
}

fn login(kind: &str, record: &Flat) -> Option<LogSays> {
    let ok = record.get("res")? == "success";
    let failed = kind == "USER_AUTH" && !ok;
    if kind != "USER_LOGIN" && !failed {
        return None;
    }
    let user = record.get("acct").or_else(|| record.get("AUID")).or_else(|| record.get("id")).unwrap_or_default();
    let ip = record.get("addr").and_then(|addr| addr.parse().ok());
    let from = ip.map(|ip| Endpoint { ip, port: 0 });
    let unknown_user = matches!(user, "(unknown)" | "(invalid user)");
    Some(LogSays::Login { user: text::clip(user, 128).into(), method: "".into(), from, ok, unknown_user })
}

fn fields(record: &Flat) -> Vec<(Arc<str>, Arc<str>)> {
    let clipped = |part: &str, most: usize| -> Arc<str> { text::clip(part, most).into() };
    let first = record.iter().position(|(name, _)| name == "type");
    record
        .iter()
        .enumerate()
        .filter(|(at, _)| Some(*at) != first)
        .map(|(_, field)| field)
        .take(FIELDS)
        .map(|(n, v)| (clipped(n, 64), clipped(v, 1_024)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard_of(lines: &[&str]) -> Vec<Heard> {
        let (mut audit, mut all) = (Audit::default(), Vec::new());
        lines.iter().for_each(|line| audit.line(line.as_bytes(), &mut |heard| all.push(heard)));
        all
    }

    #[test]
    fn what_the_sensor_does_not_see() {
        let mut all = heard_of(&[
            r#"type=SYSCALL msg=audit(1700000000.123:45): arch=c000003e syscall=59 success=yes pid=9 exe="/usr/bin/id" key=(null)"#,
            r#"type=EOE msg=audit(1700000000.123:45): "#,
            r#"type=SYSCALL msg=audit(1700000000.200:46): arch=c000003e syscall=257 success=yes pid=9 exe="/usr/bin/cat" key="secrets""#,
            r#"type=PATH msg=audit(1700000000.200:46): item=0 name="/etc/shadow""#,
            r#"type=PROCTITLE msg=audit(1700000000.200:46): proctitle="cat""#,
            r#"type=USER_LOGIN msg=audit(1700000001.000:47): pid=77 uid=0 auid=1000 ses=5 msg='op=login acct="ann" exe="/usr/sbin/sshd" hostname=10.8.0.5 addr=10.8.0.5 terminal=ssh res=success'"#,
            "no record",
        ]);
        assert_eq!(all.len(), 3, "{all:#?}");
        let plain = all.remove(0);
        assert!(plain.event.is_passing(), "{plain:#?}");
        assert!(all.iter().all(|one| !one.event.is_passing()));
        assert_eq!(all[0].audit, Some((event::Timestamp(1_700_000_000_200_000_000), 46)));
        let LogSays::Audit { kind, fields } = &all[0].event.says else { panic!("an audit record") };
        assert_eq!((&**kind, all[0].event.says.succeeded()), ("SYSCALL", Some(true)));
        let has = |field: &str, text: &str| fields.iter().any(|(name, value)| &**name == field && &**value == text);
        assert!(has("file", "/etc/shadow") && has("type", "PATH") && !has("type", "SYSCALL"), "{fields:?}");
        let LogSays::Login { user, from, ok, .. } = &all[1].event.says else { panic!("a log-in: {all:#?}") };
        assert_eq!((&**user, from.unwrap().ip.to_string().as_str(), *ok), ("ann", "10.8.0.5", true));
        assert_eq!((all[1].event.pid, &*all[1].event.program), (Some(77), "sshd"));
    }
}
