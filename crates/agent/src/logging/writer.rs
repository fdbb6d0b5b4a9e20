//! Who wrote a record. A line says which program it is of; anybody may write such a line. So the process of its pid must be
//! that program and root's, as the journal took it from the kernel, or as the sensor saw it. Where only the line itself names the
//! pid, anybody may have written that of a true sshd: then a log-in from an address is believed when its connection was seen.

use super::Peers;
use crate::shared::Shared;
use event::{LogSays, LogSource, LogWriter, Process};
use logs::live::Heard;
use std::sync::Arc;

/// A pid that came round belongs to a process that began after the line was written; clocks are this much apart at most.
const SLACK: i64 = 2_000_000_000;

pub fn of(shared: &Shared, peers: &Peers, heard: &Heard) -> (LogWriter, Option<Arc<Process>>) {
    let pid = heard.vouched.as_ref().map(|vouched| vouched.pid).or(heard.event.pid);
    let process = pid
        .and_then(|pid| shared.enricher.by_pid(pid))
        .filter(|process| heard.event.claimed.is_none_or(|claimed| process.started.since(claimed) < SLACK));
    let writer = match heard.event.source {
        // The kernel's own records, and a socket that only the daemon holds.
        LogSource::Auditd | LogSource::Docker | LogSource::Containerd => LogWriter::Confirmed,
        LogSource::Web | LogSource::File => LogWriter::Unknown,
        LogSource::Syslog | LogSource::Journal => judge(heard, process.as_deref()),
    };
    let writer = match (writer, &heard.event.says) {
        (LogWriter::Confirmed, LogSays::Login { from: Some(from), .. }) if heard.vouched.is_none() => {
            let known = process.as_ref().is_some_and(|process| peers.connected(&shared.enricher, process, *from));
            if known { LogWriter::Confirmed } else { LogWriter::Unknown }
        }
        (writer, _) => writer,
    };
    (writer, process.filter(|process| may_have_written(heard, process)))
}

/// A text line names its pid itself, and a false one would lay its words to another's account: it is that process's only if
/// the program fits too.
fn may_have_written(heard: &Heard, process: &Process) -> bool {
    let own_word = heard.event.source == LogSource::Syslog && heard.vouched.is_none();
    let program = &*heard.event.program;
    !own_word || process.name() == program || *process.comm == *program || programs(program).contains(&process.name())
}

/// The process that a line names is not known yet.
pub fn is_early(shared: &Shared, heard: &Heard) -> bool {
    let by_line = matches!(heard.event.source, LogSource::Syslog | LogSource::Journal) && heard.vouched.is_none();
    let waits = by_line && !heard.event.is_passing();
    waits && heard.event.pid.is_some_and(|pid| shared.enricher.by_pid(pid).is_none())
}

fn judge(heard: &Heard, process: Option<&Process>) -> LogWriter {
    let expected = programs(&heard.event.program);
    if expected.is_empty() {
        return LogWriter::Unknown;
    }
    let seen = heard.vouched.as_ref().and_then(|vouched| Some((vouched.executable.clone()?, vouched.uid? == 0)));
    let known = process.map(|p| (p.executable.to_string(), p.user.credentials.euid == 0 && p.container.is_none()));
    let Some((executable, root)) = seen.or(known) else { return LogWriter::Unknown };
    let name = executable.rsplit('/').next().unwrap_or_default();
    let installed = ["/usr/", "/bin/", "/sbin/", "/lib/"].iter().any(|folder| executable.starts_with(folder));
    match root && installed && expected.contains(&name) {
        true => LogWriter::Confirmed,
        false => LogWriter::Other,
    }
}

/// Programs that write under a name.
fn programs(name: &str) -> &'static [&'static str] {
    match name {
        "sshd" | "sshd-session" => &["sshd", "sshd-session", "sshd-auth"],
        "sudo" => &["sudo"],
        "su" | "su-l" => &["su"],
        "cron" | "CRON" | "crond" | "CROND" => &["cron", "crond"],
        "login" => &["login"],
        "systemd-logind" => &["systemd-logind"],
        "dropbear" => &["dropbear"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use logs::live::Vouched;

    #[test]
    fn a_line_proves_nothing_without_its_writer() {
        let line = b"Mar  3 10:00:00 web sshd[12]: Accepted password for root from 6.6.6.6 port 1 ssh2";
        let heard = logs::live::line(line, event::Timestamp(0), event::LogFacility::Auth).unwrap();
        let process = |executable: &str, euid: u32| {
            let mut process = Process { executable: executable.into(), ..Process::default() };
            process.user.credentials.euid = euid;
            process
        };
        let check = |process: Option<&Process>, expected| assert_eq!(judge(&heard, process), expected, "{process:?}");
        check(None, LogWriter::Unknown);
        check(Some(&process("/usr/sbin/sshd", 0)), LogWriter::Confirmed);
        check(Some(&process("/usr/bin/logger", 1000)), LogWriter::Other);
        check(Some(&process("/tmp/sshd", 0)), LogWriter::Other);
        let vouched = |executable: &str, uid| Heard {
            vouched: Some(Vouched { pid: 12, uid: Some(uid), executable: Some(executable.into()) }),
            ..heard.clone()
        };
        // Nobody is blamed for a line by a pid that stands in it alone.
        let victim = process("/usr/sbin/nginx", 0);
        assert!(!may_have_written(&heard, &victim) && may_have_written(&heard, &process("/usr/sbin/sshd", 0)));
        assert!(may_have_written(&vouched("/usr/sbin/nginx", 0), &victim));
        // What the journal vouches for goes before what a pid now is.
        assert_eq!(judge(&vouched("/usr/bin/logger", 1000), Some(&process("/usr/sbin/sshd", 0))), LogWriter::Other);
        assert_eq!(judge(&vouched("/usr/sbin/sshd", 0), None), LogWriter::Confirmed);
    }
}
