//! Which rules are for which events. The Linux sources that the sensor feeds are a table here; every other log source is
//! told why it does not run.

use crate::document::{Detection, FieldItem, RuleError};
use crate::modifier::Item;
use crate::pattern::Pattern;
use crate::predicate::Test;
use crate::yaml::Node;
use std::fmt;

/// A rule's `logsource`, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogSource {
    pub product: Option<String>,
    pub category: Option<String>,
    pub service: Option<String>,
}

impl LogSource {
    pub(crate) fn parse(node: &Node) -> Result<LogSource, RuleError> {
        let Node::Map(_) = node else {
            return Err(RuleError::Type { field: "logsource".into(), expected: "a map" });
        };
        let part = |name: &'static str| match node.get(name) {
            None | Some(Node::Null) => Ok(None),
            Some(value) => value
                .scalar()
                .map(|text| Some(text.to_lowercase()))
                .ok_or(RuleError::Type { field: format!("logsource.{name}"), expected: "text" }),
        };
        let source = LogSource { product: part("product")?, category: part("category")?, service: part("service")? };
        if source == LogSource::default() {
            return Err(RuleError::Type { field: "logsource".into(), expected: "a product, category or service" });
        }
        Ok(source)
    }

    /// Whether a log of `actual` is what this source asks for: each part that is given must be equal.
    pub fn covers(&self, actual: &LogSource) -> bool {
        let fits = |asked: &Option<String>, given: &Option<String>| asked.is_none() || asked == given;
        fits(&self.product, &actual.product)
            && fits(&self.category, &actual.category)
            && fits(&self.service, &actual.service)
    }
}

impl fmt::Display for LogSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("product", &self.product), ("category", &self.category), ("service", &self.service)];
        let shown: Vec<String> =
            parts.iter().filter_map(|(name, part)| part.as_ref().map(|p| format!("{name}={p}"))).collect();
        f.write_str(&event::text::printable(event::text::clip(&shown.join(" "), 120)))
    }
}

/// A kind of our events that rules are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Feed {
    ProcessCreation,
    ProcessTermination,
    ProcessFork,
    ProcessAccess,
    FileEvent,
    FileDelete,
    FileRename,
    FileAccess,
    FileAttribute,
    NetworkConnection,
    NetworkListen,
    Dns,
    Privilege,
    Module,
    Memory,
    Namespace,
    Bpf,
    IoUring,
    KernelLog,
    SensorLoss,
    /// Lines of the journal, of syslog and of programs' own files, read on the agent.
    SystemLog,
    AuditLog,
    /// Access logs of web servers.
    WebLog,
    Container,
    /// All that is read of logs, for rules that name none.
    AnyLog,
}

impl Feed {
    pub const COUNT: usize = 25;

    /// Its events are lines of text: keywords are looked for in the line, not in what is known of its process.
    pub const fn is_text(self) -> bool {
        matches!(self, Feed::SystemLog | Feed::AuditLog | Feed::AnyLog)
    }

    /// Sigma's category names, and ours for what Sigma has no name for.
    fn of_category(category: &str) -> Option<Feed> {
        Some(match category {
            "process_creation" => Feed::ProcessCreation,
            "process_termination" => Feed::ProcessTermination,
            "process_fork" => Feed::ProcessFork,
            "process_access" => Feed::ProcessAccess,
            "file_event" => Feed::FileEvent,
            "file_delete" => Feed::FileDelete,
            "file_rename" => Feed::FileRename,
            "file_access" => Feed::FileAccess,
            "file_attribute" => Feed::FileAttribute,
            "network_connection" => Feed::NetworkConnection,
            "network_listen" => Feed::NetworkListen,
            "dns" | "dns_query" => Feed::Dns,
            "privilege" => Feed::Privilege,
            "driver_load" | "kernel_module" => Feed::Module,
            "memory" => Feed::Memory,
            "namespace" => Feed::Namespace,
            "bpf" => Feed::Bpf,
            "io_uring" => Feed::IoUring,
            "kernel_log" => Feed::KernelLog,
            "sensor_loss" => Feed::SensorLoss,
            "webserver" => Feed::WebLog,
            "container" => Feed::Container,
            _ => return None,
        })
    }
}

/// Where a log source's events are on this host: the feed, and which of its lines.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fed {
    pub feed: Feed,
    /// What a line must be besides; None where all of the feed are meant.
    pub lines: Option<Detection>,
}

impl From<Feed> for Fed {
    fn from(feed: Feed) -> Fed {
        Fed { feed, lines: None }
    }
}

/// The feed of a log source on this host, or why there is none.
pub(crate) fn feed(source: &LogSource) -> Result<Fed, String> {
    if let Some(product) = source.product.as_deref().filter(|product| *product != "linux") {
        return Err(format!("the log source {source} is not fed: this agent sees Linux, not {product:.40}"));
    }
    match (source.service.as_deref(), source.category.as_deref()) {
        (None, Some(category)) => Feed::of_category(category)
            .map(Fed::from)
            .ok_or_else(|| format!("the log source {source} is not fed: no event of the sensor is of that category")),
        (Some("sysmon"), Some(category)) => {
            Feed::of_category(category).map(Fed::from).ok_or_else(|| format!("the log source {source} is not fed"))
        }
        (Some("auditd"), None) => Ok(Feed::AuditLog.into()),
        (Some("nginx" | "apache" | "apache2" | "httpd"), Some("webserver")) => Ok(Feed::WebLog.into()),
        // A service of Linux is a program that writes to the system log.
        (Some(service), None) if source.product.is_some() || KNOWN.contains(&service) => Ok(lines_of(service)),
        (Some(service), _) => {
            Err(format!("the log source {source} is not fed: logs of {service:.40} are not collected on the agent"))
        }
        (None, None) => Ok(Feed::AnyLog.into()),
    }
}

/// Services that are Linux's without a product that says so.
const KNOWN: &[&str] = &["auth", "sshd", "sudo", "su", "pam", "cron", "login", "systemd-logind", "syslog", "journald"];

/// Which lines of the system log are a service's.
fn lines_of(service: &str) -> Fed {
    let only = |field: &str, tests: Vec<Test>| {
        let item = Item { values: tests.into_iter().map(|test| vec![test]).collect(), ..Item::default() };
        Detection::Item(FieldItem { field: field.to_owned(), item, applied: Vec::new() })
    };
    let exactly = |text: &str| Test::Text { pattern: Pattern::literal(text), cased: false };
    let programs = |names: &[&str]| only("labels.log_program", names.iter().map(|name| exactly(name)).collect());
    let lines = match service {
        "syslog" | "journald" => None,
        "auth" => Some(only("labels.log_facility", vec![exactly("auth")])),
        // Its lines are written by whoever asked it.
        "pam" => Some(only(
            "labels.message",
            vec![
                Test::Text { pattern: Pattern::literal("pam_").at_start(), cased: false },
                Test::Text { pattern: Pattern::literal("PAM ").anywhere(), cased: true },
            ],
        )),
        "sshd" => Some(programs(&["sshd", "sshd-session", "sshd-auth"])),
        "su" => Some(programs(&["su", "su-l"])),
        "cron" => Some(programs(&["cron", "crond", "crontab", "anacron"])),
        "clamav" => Some(programs(&["clamd", "clamscan", "clamdscan", "clamonacc", "freshclam", "clamav-milter"])),
        "guacamole" => Some(programs(&["guacd", "guacamole"])),
        "kernel" => Some(only("labels.log_facility", vec![exactly("kernel")])),
        program => Some(programs(&[program])),
    };
    Fed { feed: Feed::SystemLog, lines }
}

/// One table, read both ways: from an event's action to its feeds, and all the actions that have any.
macro_rules! feeds {
    ($($($action:literal)|+ => [$($feed:ident),+];)+) => {
        /// The feeds that an event belongs to, by its `event_action`.
        pub(crate) fn feeds_of(action: &str) -> &'static [Feed] {
            match action {
                $($($action)|+ => &[$(Feed::$feed),+],)+
                _ => &[],
            }
        }

        pub(crate) const ACTIONS: &[&str] = &[$($($action),+),+];
    };
}

feeds! {
    "process-exec" => [ProcessCreation];
    "process-exit" => [ProcessTermination];
    "process-fork" => [ProcessFork];
    "process-ptrace" | "process-vm-write" => [ProcessAccess];
    "file-create" | "file-open-write" | "file-write-close" | "file-hard-link" | "file-symbolic-link" | "file-create-node" => [FileEvent];
    "file-rename" => [FileEvent, FileRename];
    "file-unlink" => [FileDelete];
    "file-open-read" => [FileAccess];
    "file-change-mode" | "file-change-owner" | "file-change-xattr" | "file-truncate" => [FileAttribute];
    "network-connect" | "network-accept" => [NetworkConnection];
    "network-listen" | "network-bind" => [NetworkListen];
    "dns-query" => [Dns];
    "privilege-identity" | "privilege-capabilities" => [Privilege];
    "module-load" => [Module];
    "memory-memfd-create" | "memory-write-execute" => [Memory];
    "mount" | "unmount" | "pivot-root" | "chroot" | "namespace-unshare" | "namespace-setns" => [Namespace];
    "bpf-load" => [Bpf];
    "io-uring-setup" | "io-uring-operation" => [IoUring];
    "kernel-log-clear" => [KernelLog];
    "sensor-loss" => [SensorLoss];
    "user-login" | "session-open" | "session-close" | "user-elevate" | "job-start" | "log-message" => [SystemLog, AnyLog];
    "audit-record" => [AuditLog, AnyLog];
    "web-request" => [WebLog, AnyLog];
    "container-create" | "container-start" | "container-exec" | "container-stop" | "container-remove" | "container-other" => [Container, AnyLog];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(product: &str, category: &str, service: &str) -> LogSource {
        let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        LogSource { product: part(product), category: part(category), service: part(service) }
    }

    #[test]
    fn what_is_fed_and_what_is_not() {
        let check = |product, category, service, expected: Result<(Feed, &str), &str>| {
            let got = feed(&source(product, category, service));
            match (got, expected) {
                (Ok(got), Ok((feed, lines))) => {
                    assert_eq!(got.feed, feed);
                    assert_eq!(got.lines.map(|lines| lines.to_string()).unwrap_or_default(), lines);
                }
                (Err(got), Err(expected)) => assert!(got.contains(expected), "{got}"),
                (got, expected) => panic!("{got:?} is not {expected:?}"),
            }
        };
        check("linux", "process_creation", "", Ok((Feed::ProcessCreation, "")));
        check("", "dns", "", Ok((Feed::Dns, "")));
        check("linux", "", "auditd", Ok((Feed::AuditLog, "")));
        check("linux", "", "sudo", Ok((Feed::SystemLog, "labels.log_program is “sudo”")));
        let two = "(labels.log_program is “su” or labels.log_program is “su-l”)";
        check("", "", "su", Ok((Feed::SystemLog, two)));
        check("linux", "", "auth", Ok((Feed::SystemLog, "labels.log_facility is “auth”")));
        check("linux", "", "vsftpd", Ok((Feed::SystemLog, "labels.log_program is “vsftpd”")));
        check("linux", "", "syslog", Ok((Feed::SystemLog, "")));
        check("", "webserver", "", Ok((Feed::WebLog, "")));
        check("linux", "", "", Ok((Feed::AnyLog, "")));
        check("", "", "modsecurity", Err("logs of modsecurity are not collected"));
        check("windows", "process_creation", "", Err("not windows"));
        check("linux", "registry_set", "", Err("no event of the sensor is of that category"));
    }
}
