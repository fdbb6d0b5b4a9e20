//! An indicator worded as a Sigma rule, so that one matcher, one back-test and one history serve both.

use event::Severity;
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Ip,
    /// The name itself and all below it.
    Domain,
    Sha256,
    /// Of a file or a program.
    Path,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Ip => "ip",
            Kind::Domain => "domain",
            Kind::Sha256 => "sha256",
            Kind::Path => "path",
        }
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is no {kind}")]
pub struct NotOne {
    kind: &'static str,
    value: String,
}

/// Name of the rule file and its text.
pub fn rule(kind: Kind, value: &str, note: &str, severity: Severity) -> Result<(String, String), NotOne> {
    let fail = || NotOne { kind: kind.name(), value: event::text::clip(value, 200).to_owned() };
    let value = plain(kind, value.trim()).ok_or_else(fail)?;
    let name = format!("indicator-{}-{value}", kind.name());
    let digest = hex::encode(Sha256::digest(name.as_bytes()));
    let id =
        format!("{}-{}-4{}-8{}-{}", &digest[..8], &digest[8..12], &digest[13..16], &digest[17..20], &digest[20..32]);
    let title = match note.trim() {
        "" => format!("Known bad {}: {value}", kind.name()),
        note => format!("Known bad {}: {value} ({})", kind.name(), event::text::clip(note, 200)),
    };
    let parts: Vec<(&str, String)> = match kind {
        Kind::Ip => vec![(
            "network_connection",
            format!("  to: {{DestinationIp: {0}}}\n  from: {{SourceIp: {0}}}\n", quoted(&value)),
        )],
        Kind::Domain => {
            let below = quoted(&format!(".{value}"));
            vec![(
                "dns_query",
                format!("  name: {{QueryName: {}}}\n  below: {{QueryName|endswith: {below}}}\n", quoted(&value)),
            )]
        }
        Kind::Sha256 => vec![("process_creation", format!("  content: {{sha256: {}}}\n", quoted(&value)))],
        Kind::Path => vec![
            ("process_creation", format!("  program: {{Image: {}}}\n", quoted(&escaped(&value)))),
            ("file_event", format!("  file: {{TargetFilename: {}}}\n", quoted(&escaped(&value)))),
        ],
    };
    let (technique, mut documents) = (technique(kind), Vec::new());
    for (number, (category, detection)) in parts.into_iter().enumerate() {
        // A second document of the same indicator needs an id of its own.
        let id = if number == 0 { id.clone() } else { format!("{}{number:x}", &id[..id.len() - 1]) };
        documents.push(format!(
            "title: {}\nid: {id}\nlogsource: {{product: linux, category: {category}}}\ndetection:\n{detection}  condition: 1 of them\n\
             level: {}\ntags: [{technique}]\n",
            quoted(&title),
            level(severity)
        ));
    }
    Ok((name, documents.join("---\n")))
}

/// What stands in events, or None for what is no such thing.
fn plain(kind: Kind, value: &str) -> Option<String> {
    match kind {
        Kind::Ip => value.parse::<IpAddr>().ok().map(|ip| ip.to_string()),
        Kind::Domain => {
            let name = value.trim_end_matches('.').to_lowercase();
            let label = |label: &str| {
                (1..=63).contains(&label.len())
                    && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            };
            let fits = name.len() <= 253 && name.contains('.') && name.split('.').all(label);
            (fits && name.parse::<IpAddr>().is_err()).then_some(name)
        }
        Kind::Sha256 => {
            let digest = value.to_lowercase();
            (digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit())).then_some(digest)
        }
        Kind::Path => {
            let fits = value.starts_with('/')
                && value.len() > 1
                && value.len() <= 1_000
                && !value.chars().any(char::is_control);
            fits.then(|| value.to_owned())
        }
    }
}

/// Sigma's wildcards stand for themselves here.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('*', "\\*").replace('?', "\\?")
}

/// A YAML text in single quotes, where only the quote itself means something.
fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("'{}'", line.replace('\'', "''"))
}

const fn technique(kind: Kind) -> &'static str {
    match kind {
        Kind::Ip | Kind::Domain => "attack.command-and-control, attack.t1071",
        Kind::Sha256 | Kind::Path => "attack.execution, attack.t1204.002",
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "informational",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{Column, Row, Value};
    use rules::RuleSet;
    use std::sync::Arc;

    /// Whether the indicator fires on an event with this action and column.
    #[track_caller]
    fn check(kind: Kind, value: &str, action: &str, column: Column, held: Value<'static>, expected: bool) {
        let (name, text) = rule(kind, value, "it's from \"a list\"", Severity::High).unwrap();
        let (rules, report) = RuleSet::compile([(name, text.clone())]);
        assert!(report.rejected.is_empty() && !rules.is_empty(), "{report:?}\n{text}");
        let mut row = Row::default();
        row.set_text(Column::Action, action);
        row.set(column, held);
        let findings = Arc::new(rules).matcher().find(&row);
        assert_eq!(!findings.is_empty(), expected, "{text}");
        assert!(findings.iter().all(|finding| finding.severity == Severity::High));
    }

    fn text(value: &str) -> Value<'static> {
        Value::Str(value.to_owned().into())
    }

    #[test]
    fn each_kind_fires_on_its_event() {
        let ip = |text: &str| Value::Ip(text.parse().unwrap());
        check(Kind::Ip, " 203.0.113.9", "network-connect", Column::DestinationIp, ip("203.0.113.9"), true);
        check(Kind::Ip, "203.0.113.9", "network-accept", Column::SourceIp, ip("203.0.113.9"), true);
        check(Kind::Ip, "203.0.113.9", "network-connect", Column::DestinationIp, ip("203.0.113.99"), false);
        check(Kind::Domain, "Evil.example.", "dns-query", Column::DnsQuestionName, text("evil.example"), true);
        check(Kind::Domain, "evil.example", "dns-query", Column::DnsQuestionName, text("a.evil.example"), true);
        check(Kind::Domain, "evil.example", "dns-query", Column::DnsQuestionName, text("notevil.example"), false);
        let digest = event::Sha256([0xab; 32]);
        check(Kind::Sha256, &"AB".repeat(32), "process-exec", Column::ProcessHashSha256, Value::Digest(digest), true);
        check(Kind::Path, "/tmp/it's*", "process-exec", Column::ProcessExecutable, text("/tmp/it's*"), true);
        check(Kind::Path, "/tmp/x*", "process-exec", Column::ProcessExecutable, text("/tmp/xyz"), false);
        check(Kind::Path, "/tmp/x", "file-create", Column::FilePath, text("/tmp/x"), true);
    }

    #[test]
    fn what_is_none_is_refused() {
        for (kind, value) in [
            (Kind::Ip, "1.2.3"),
            (Kind::Domain, "10.0.0.1"),
            (Kind::Domain, "a b.example"),
            (Kind::Domain, "localhost"),
            (Kind::Sha256, "ab"),
            (Kind::Path, "relative"),
            (Kind::Path, "/x\ny"),
        ] {
            assert!(rule(kind, value, "", Severity::High).is_err(), "{value}");
        }
    }
}
