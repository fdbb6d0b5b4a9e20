//! What the lines of sshd, sudo, su, PAM, cron, login and logind mean. A name that somebody chose may hold anything: what
//! stands behind it in a line is looked for from the line's end.

use super::{Heard, heard};
use crate::flat::Flat;
use event::{Endpoint, LogFacility, LogSays, LogSource, Timestamp, text};
use std::sync::Arc;

/// One line of a syslog daemon; None for an empty one. `now` is when it was read: old forms have no year. `file`: which part
/// of the system log its file holds; of one that holds all, the line's program says it.
pub fn line(bytes: &[u8], now: Timestamp, file: LogFacility) -> Option<Heard> {
    let whole = text::from_bytes(bytes);
    if whole.trim().is_empty() {
        return None;
    }
    let mut record = Flat::default();
    crate::syslog::parse(&whole, now, &mut record);
    let get = |name: &str| record.get(name).unwrap_or_default();
    let (program, message) = (get("program"), get("message"));
    let pid = record.get("pid").and_then(|pid| pid.parse().ok());
    let mut heard = heard(LogSource::Syslog, says(program, message), record.time, program, pid, message);
    heard.event.facility = if file == LogFacility::Other { of_program(program) } else { file };
    Some(heard)
}

/// One line of a file that `program` writes for itself; None for an empty one. Its form is the program's own, so the whole of
/// it is the message.
pub fn own_line(bytes: &[u8], program: &str) -> Option<Heard> {
    let whole = text::from_bytes(bytes);
    (!whole.trim().is_empty()).then(|| heard(LogSource::File, LogSays::Text, None, program, None, &whole))
}

/// Where a program's lines go by custom.
fn of_program(program: &str) -> LogFacility {
    match program {
        "kernel" => LogFacility::Kernel,
        "cron" | "CRON" | "crond" | "CROND" | "crontab" | "anacron" | "atd" => LogFacility::Cron,
        "sshd" | "sshd-session" | "sshd-auth" | "dropbear" | "sudo" | "su" | "su-l" | "login" | "systemd-logind"
        | "useradd" | "usermod" | "userdel" | "groupadd" | "groupmod" | "groupdel" | "passwd" | "chpasswd"
        | "gpasswd" | "newgrp" | "chage" | "pkexec" | "polkitd" | "runuser" => LogFacility::Auth,
        _ => LogFacility::Other,
    }
}

/// By the program that the line names.
pub fn says(program: &str, message: &str) -> LogSays {
    let message = message.trim();
    if let Some(says) = pam(message) {
        return says;
    }
    let found = match program {
        "sshd" | "sshd-session" | "dropbear" => ssh(message),
        "sudo" => sudo(message),
        "su" | "su-l" => su(message),
        "cron" | "CRON" | "crond" | "CROND" => cron(message),
        "login" => login(message),
        "systemd-logind" => logind(message),
        _ => None,
    };
    found.unwrap_or(LogSays::Text)
}

fn shared(whole: &str, most: usize) -> Arc<str> {
    text::clip(whole, most).into()
}

/// `Accepted publickey for ann from 10.8.0.5 port 5022 ssh2: …`, `Failed password for invalid user x from …`,
/// `Invalid user x from 1.2.3.4 port 22`.
fn ssh(message: &str) -> Option<LogSays> {
    let (head, from) = message.rmatch_indices(" from ").find_map(|(at, mark)| {
        let from = endpoint(&message[at + mark.len()..])?;
        Some((&message[..at], from))
    })?;
    let (ok, rest) = match head.split_once(' ')? {
        ("Accepted", rest) => (true, rest),
        ("Failed", rest) => (false, rest),
        ("Invalid", user) => {
            let user = shared(user.strip_prefix("user ").or((user == "user").then_some(""))?, 128);
            return Some(LogSays::Login { user, method: "".into(), from: Some(from), ok: false, unknown_user: true });
        }
        _ => return None,
    };
    let (method, user) = rest.split_once(" for ")?;
    if method == "none" {
        // Every client asks so first.
        return None;
    }
    let (unknown_user, user) = match user.strip_prefix("invalid user ") {
        Some(user) => (true, user),
        None => (false, user),
    };
    Some(LogSays::Login { user: shared(user, 128), method: shared(method, 64), from: Some(from), ok, unknown_user })
}

/// `10.8.0.5 port 5022`, and what may follow.
fn endpoint(text: &str) -> Option<Endpoint> {
    let mut words = text.split_whitespace();
    let ip = words.next()?.parse().ok()?;
    let port = (words.next()? == "port").then(|| words.next()).flatten()?;
    let digits = port.trim_end_matches(|c: char| !c.is_ascii_digit());
    Some(Endpoint { ip, port: digits.parse().ok()? })
}

/// `ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/usr/bin/id`, with a reason in front where it was refused.
fn sudo(message: &str) -> Option<LogSays> {
    let (user, rest) = message.split_once(" : ")?;
    let (head, command) = rest.split_once("COMMAND=")?;
    let fields: Vec<&str> = head.split(" ; ").collect();
    let target = fields.iter().find_map(|field| field.strip_prefix("USER=")).unwrap_or("root");
    let ok = fields.first().is_some_and(|first| ["TTY=", "PWD=", "USER="].iter().any(|name| first.starts_with(name)));
    Some(LogSays::Elevation {
        user: shared(user.trim(), 128),
        target: shared(target.trim(), 128),
        command: Some(shared(command, 1_024)),
        ok,
    })
}

/// `(to root) ann on pts/1`, `FAILED SU (to root) ann on pts/1`.
fn su(message: &str) -> Option<LogSays> {
    let (ok, rest) = match message.strip_prefix("FAILED SU ").or_else(|| message.strip_prefix("FAILED su ")) {
        Some(rest) => (false, rest),
        None => (true, message),
    };
    let (target, rest) = rest.strip_prefix("(to ")?.split_once(") ")?;
    let user = rest.rsplit_once(" on ").map_or(rest, |(user, _)| user);
    Some(LogSays::Elevation { user: shared(user, 128), target: shared(target, 128), command: None, ok })
}

/// `(root) CMD (run-parts …)`.
fn cron(message: &str) -> Option<LogSays> {
    let (user, command) = message.strip_prefix('(')?.split_once(") CMD (")?;
    let command = command.strip_suffix(')').unwrap_or(command);
    Some(LogSays::Job { user: shared(user, 128), command: shared(command, 1_024) })
}

/// `ROOT LOGIN  on '/dev/tty1'`, `LOGIN ON tty1 BY ann`, `FAILED LOGIN (1) on '/dev/tty1' FOR 'ann', …`.
fn login(message: &str) -> Option<LogSays> {
    let (user, ok) = if let Some(rest) = message.strip_prefix("FAILED LOGIN ") {
        let (_, rest) = rest.split_once(" FOR '")?;
        (rest.rsplit_once("', ").map_or(rest, |(user, _)| user), false)
    } else if message.starts_with("ROOT LOGIN") {
        ("root", true)
    } else {
        (message.strip_prefix("LOGIN ON ")?.split_once(" BY ")?.1, true)
    };
    Some(LogSays::Login { user: shared(user, 128), method: "console".into(), from: None, ok, unknown_user: false })
}

/// `New session 5 of user ann.`
fn logind(message: &str) -> Option<LogSays> {
    let user = message.strip_prefix("New session ")?.split_once(" of user ")?.1;
    Some(LogSays::Session { user: shared(user.trim_end_matches('.'), 128), service: "logind".into(), opened: true })
}

/// `pam_unix(sshd:session): session opened for user ann(uid=1000) by (uid=0)`, `pam_unix(su:auth): authentication failure; …
/// ruser=ann rhost=  user=root`.
fn pam(message: &str) -> Option<LogSays> {
    let (place, rest) = message.strip_prefix("pam_")?.split_once('(')?.1.split_once("): ")?;
    let (service, kind) = place.split_once(':')?;
    if kind == "session" {
        let (opened, rest) = match rest.strip_prefix("session opened for user ") {
            Some(rest) => (true, rest),
            None => (false, rest.strip_prefix("session closed for user ")?),
        };
        let user = rest.split_once(" by ").map_or(rest, |(user, _)| user);
        let user = user.split_once("(uid=").map_or(user, |(user, _)| user);
        return Some(LogSays::Session { user: shared(user, 128), service: shared(service, 64), opened });
    }
    // sshd says the same again, with the port.
    if kind != "auth" || !rest.starts_with("authentication failure;") || service == "sshd" {
        return None;
    }
    let field = |name: &str| rest.split_whitespace().find_map(|word| word.strip_prefix(name)).filter(|v| !v.is_empty());
    let (user, target) = (field("ruser=").unwrap_or_default(), field("user=").unwrap_or_default());
    if matches!(service, "su" | "su-l" | "sudo") {
        return Some(LogSays::Elevation {
            user: shared(user, 128),
            target: shared(target, 128),
            command: None,
            ok: false,
        });
    }
    let from = field("rhost=").and_then(|host| host.parse().ok()).map(|ip| Endpoint { ip, port: 0 });
    Some(LogSays::Login {
        user: shared(target, 128),
        method: shared(service, 64),
        from,
        ok: false,
        unknown_user: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login_of(user: &str, method: &str, from: &str, port: u16, ok: bool, unknown_user: bool) -> LogSays {
        let from = Some(Endpoint { ip: from.parse().unwrap(), port });
        LogSays::Login { user: user.into(), method: method.into(), from, ok, unknown_user }
    }

    #[test]
    fn lines_of_each_program() {
        let check = |program: &str, message: &str, expected: LogSays| {
            assert_eq!(says(program, message), expected, "{program}: {message}");
        };
        check(
            "sshd",
            "Accepted publickey for ann from 10.8.0.5 port 5022 ssh2: ED25519 SHA256:abc",
            login_of("ann", "publickey", "10.8.0.5", 5022, true, false),
        );
        check(
            "sshd",
            "Failed password for invalid user bob from 2001:db8::7 port 22 ssh2",
            login_of("bob", "password", "2001:db8::7", 22, false, true),
        );
        check("sshd", "Invalid user  from 203.0.113.9 port 51", login_of("", "", "203.0.113.9", 51, false, true));
        check("sshd", "Received disconnect from 10.8.0.5 port 1:11: bye", LogSays::Text);
        let session =
            |user: &str, service: &str, opened| LogSays::Session { user: user.into(), service: service.into(), opened };
        check(
            "sshd",
            "pam_unix(sshd:session): session opened for user ann(uid=1000) by (uid=0)",
            session("ann", "sshd", true),
        );
        check("su", "pam_unix(su:session): session closed for user root", session("root", "su", false));
        check("systemd-logind", "New session 5 of user ann.", session("ann", "logind", true));
        let elevation = |user: &str, target: &str, command: Option<&str>, ok| LogSays::Elevation {
            user: user.into(),
            target: target.into(),
            command: command.map(Into::into),
            ok,
        };
        check(
            "sudo",
            "     ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/usr/bin/id ; echo",
            elevation("ann", "root", Some("/usr/bin/id ; echo"), true),
        );
        check(
            "sudo",
            "bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
            elevation("bob", "root", Some("/bin/sh"), false),
        );
        check("su", "(to root) ann on pts/1", elevation("ann", "root", None, true));
        check("su", "FAILED SU (to root) ann on pts/1", elevation("ann", "root", None, false));
        check(
            "su",
            "pam_unix(su:auth): authentication failure; logname= uid=1000 euid=0 tty=/dev/pts/1 ruser=ann rhost=  user=root",
            elevation("ann", "root", None, false),
        );
        let job = LogSays::Job { user: "root".into(), command: "run-parts /etc/cron.hourly".into() };
        check("CRON", "(root) CMD (run-parts /etc/cron.hourly)", job);
        let console =
            LogSays::Login { user: "ann".into(), method: "console".into(), from: None, ok: false, unknown_user: false };
        check("login", "FAILED LOGIN (1) on '/dev/tty1' FOR 'ann', Authentication failure", console);
        check("kernel", "Accepted password for root from 1.1.1.1 port 1 ssh2", LogSays::Text);
    }

    /// A name that looks like the rest of the line.
    #[test]
    fn a_name_cannot_choose_its_address() {
        let forged =
            "Failed password for invalid user root from 10.0.0.1 port 22 ssh2 from 203.0.113.66 port 4000 ssh2";
        let LogSays::Login { user, from, ok, .. } = says("sshd", forged) else { panic!("a log-in") };
        assert_eq!(from.unwrap().ip.to_string(), "203.0.113.66");
        assert_eq!((&*user, ok), ("root from 10.0.0.1 port 22 ssh2", false));
        let heard = line(
            b"Mar  3 10:00:00 web sshd[12]: Accepted password for a\x1b[2J from 1.2.3.4 port 9 ssh2",
            Timestamp(0),
            LogFacility::Auth,
        )
        .unwrap();
        assert_eq!(heard.event.pid, Some(12));
        assert_eq!(heard.event.says.user(), Some("a\u{1b}[2J"));
    }

    #[test]
    fn what_is_kept_for_itself_and_what_only_passes() {
        let check = |bytes: &str, file, facility, passing| {
            let heard = line(bytes.as_bytes(), Timestamp(0), file).unwrap();
            assert_eq!((heard.event.facility, heard.event.is_passing()), (facility, passing), "{bytes}");
        };
        check("Mar  3 10:00:00 web named[7]: denied AXFR from", LogFacility::Other, LogFacility::Other, true);
        check(
            "Mar  3 10:00:00 web kernel: eth0: entered promiscuous mode",
            LogFacility::Other,
            LogFacility::Kernel,
            true,
        );
        check("Mar  3 10:00:00 web crontab[7]: (root) REPLACE (root)", LogFacility::Other, LogFacility::Cron, false);
        check("Mar  3 10:00:00 web useradd[7]: new user: name=x", LogFacility::Other, LogFacility::Auth, false);
        check("Mar  3 10:00:00 web odd: text", LogFacility::Auth, LogFacility::Auth, false);
        let own = own_line(b"Mon Mar  3 10:00:00 2026 -> /srv/x: Win.Trojan.A FOUND", "clamd").unwrap();
        assert_eq!((&*own.event.program, own.event.is_passing()), ("clamd", true));
        assert!(own_line(b"  ", "clamd").is_none());
    }
}
