//! Lines of syslog daemons, old (`Mar  3 10:00:00 host sshd[12]: text`) and new (RFC 5424 or an ISO time in front). The line is
//! the record; `program`, `pid`, `host` and `message` are what it says of itself. Sysmon for Linux writes its events as XML into
//! such lines: those become records with the events' own fields.

use crate::flat::{Flat, Origin};
use crate::lines::Lines;
use crate::{Reading, limits, time};
use event::Timestamp;
use std::fs::File;

pub(crate) fn read(file: File, reading: &mut Reading<'_, '_>) -> std::io::Result<()> {
    // Old lines have no year: that of the file's last change is taken, and the one before for months after it.
    let changed = file.metadata()?.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let changed = changed.map_or(Timestamp(0), |since| Timestamp(since.as_nanos() as i64));
    let mut lines = Lines::new(&file);
    let mut record = Flat::default();
    while let Some(line) = lines.next()? {
        if line.cut {
            let reason = format!("longer than {} bytes", limits::LINE_BYTES);
            reading.outcome.fault(format!("line {}", line.number), reason);
            continue;
        }
        let text = event::text::from_bytes(line.text());
        if text.trim().is_empty() {
            continue;
        }
        record.clear();
        record.number = line.number;
        record.origin = Origin::Linux;
        parse(&text, changed, &mut record);
        if reading.record(&record).is_break() {
            break;
        }
    }
    Ok(())
}

/// `changed`: about when it was written.
pub(crate) fn parse(line: &str, changed: Timestamp, record: &mut Flat) {
    let line = line.strip_prefix('<').and_then(|rest| rest.split_once('>')).map_or(line, |(_, rest)| rest);
    let (stamp, rest) = stamp(line, changed);
    record.time = stamp;
    let (host, rest) = rest.split_once(' ').unwrap_or(("", rest));
    let (tag, message) = match rest.split_once(": ") {
        Some((tag, message)) if !tag.contains(' ') => (tag, message),
        // RFC 5424: program, pid, message id, data.
        _ => match rest.splitn(4, ' ').collect::<Vec<_>>().as_slice() {
            [program, _, _, message] if stamp.is_some() => (*program, *message),
            _ => ("", rest),
        },
    };
    let (program, pid) = match tag.trim_end_matches(':').split_once('[') {
        Some((program, pid)) => (program, pid.trim_end_matches(']')),
        None => (tag.trim_end_matches(':'), ""),
    };
    if stamp.is_none() {
        return record.push("message", line);
    }
    if program == "sysmon"
        && let Some(xml) = message.find("<Event>").map(|at| &message[at..])
    {
        sysmon(xml, record);
    }
    record.push("host", host);
    record.push("program", program.rsplit('/').next().unwrap_or(program));
    if !pid.is_empty() {
        record.push("pid", pid);
    }
    record.push("message", message);
}

/// The time in front, and what follows it.
fn stamp(line: &str, changed: Timestamp) -> (Option<Timestamp>, &str) {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = line.get(..3).and_then(|name| MONTHS.iter().position(|month| *month == name));
    if let (Some(month), Some(head)) = (month, line.get(..16).filter(|head| head.is_ascii())) {
        let year: i64 = changed.to_string().get(..4).and_then(|year| year.parse().ok()).unwrap_or(1970);
        let day = head[4..6].trim();
        let of =
            |year: i64| format!("{year:04}-{:02}-{day:0>2}T{}Z", month + 1, &head[7..15]).parse::<Timestamp>().ok();
        let time = of(year).filter(|time| time.since(changed) < 86_400_000_000_000).or_else(|| of(year - 1));
        if time.is_some() {
            return (time, line[15..].trim_start());
        }
    }
    // `1 ` is RFC 5424's version.
    let line = line.strip_prefix("1 ").unwrap_or(line);
    match line.split_once(' ') {
        Some((first, rest)) => match first.contains('T').then(|| time::parse(first)).flatten() {
            Some(time) => (Some(time), rest),
            None => (None, line),
        },
        None => (None, line),
    }
}

/// `<System>` and `<Data Name="…">` of one event: flat elements, no attributes but the names, so no more of XML is needed.
fn sysmon(xml: &str, record: &mut Flat) {
    let element = |name: &str| {
        let (_, rest) = xml.split_once(&format!("<{name}>"))?;
        Some(rest.split_once(&format!("</{name}>"))?.0)
    };
    for name in ["EventID", "Channel", "Computer", "EventRecordID"] {
        if let Some(value) = element(name) {
            record.push(name, &unescaped(value));
        }
    }
    if let Some(provider) = xml.split_once("<Provider Name=\"").and_then(|(_, rest)| rest.split_once('"')) {
        record.push("Provider_Name", &unescaped(provider.0));
    }
    for piece in xml.split("<Data Name=\"").skip(1) {
        let Some((name, rest)) = piece.split_once('"') else { continue };
        let value = rest.strip_prefix('>').and_then(|rest| rest.split_once("</Data>")).map(|(value, _)| value);
        record.push(name, &unescaped(value.unwrap_or_default()));
    }
}

fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let named = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    named.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[(&str, &str)], time: Option<&str>) {
        let mut record = Flat::default();
        parse(line, "2026-03-10T00:00:00Z".parse().unwrap(), &mut record);
        assert_eq!(record.time.map(|time| time.to_string()).as_deref(), time, "{line}");
        for (name, value) in expected {
            assert_eq!(record.get(name), Some(*value), "{line}: {name}");
        }
    }

    #[test]
    fn forms() {
        check(
            "Mar  3 10:00:00 web sshd[12]: Failed password for root",
            &[("program", "sshd"), ("pid", "12"), ("host", "web"), ("message", "Failed password for root")],
            Some("2026-03-03T10:00:00.000000000Z"),
        );
        check("Dec 24 10:00:00 web sudo: x", &[("program", "sudo")], Some("2025-12-24T10:00:00.000000000Z"));
        check(
            "2026-03-03T10:00:00.5+01:00 web CRON[1]: (root) CMD (x)",
            &[("program", "CRON")],
            Some("2026-03-03T09:00:00.500000000Z"),
        );
        check(
            "<34>1 2026-03-03T10:00:00Z web su 77 ID47 - 'su root' failed",
            &[("program", "su")],
            Some("2026-03-03T10:00:00.000000000Z"),
        );
        check("no time at all", &[("message", "no time at all")], None);
        check(
            "Mar  3 10:00:00 web sysmon: <Event><System><Provider Name=\"Linux-Sysmon\" Guid=\"{}\"/><EventID>1</EventID><Channel>Linux-Sysmon/Operational</Channel></System><EventData><Data Name=\"Image\">/bin/sh</Data><Data Name=\"CommandLine\">a &amp;&amp; b</Data></EventData></Event>",
            &[("EventID", "1"), ("Channel", "Linux-Sysmon/Operational"), ("CommandLine", "a && b")],
            Some("2026-03-03T10:00:00.000000000Z"),
        );
    }
}
