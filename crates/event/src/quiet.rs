//! What people decided is not worth telling on a host: by rule and by fields, with an end. The node makes such a list; the host
//! holds it too, so that both keep quiet about the same. A stop is never passed over: see [`Quiet::stops`].

use crate::{Action, Alert, Column, Finding, Row, Timestamp};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Label of an event whose alert the host kept quiet about: the id of what said so.
pub const QUIET_LABEL: &str = "suppressed_by";
/// Label of an event where a stop was held back: what would have been done.
pub const HELD_LABEL: &str = "stop_held_back";

/// One suppression as a host holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    pub id: String,
    /// Rule id, `*` for any run of characters; every rule when not given.
    #[serde(default)]
    pub rule: Option<String>,
    /// Column, `label.NAME` or `title`, and what its value must be.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    pub reason: String,
    pub by: String,
    /// Nanoseconds since the epoch.
    pub expires: Timestamp,
    /// What would be ended or taken away is not: it is told instead. Without it a stop happens and is told.
    #[serde(default)]
    pub stops: bool,
}

impl Quiet {
    pub fn holds_at(&self, now: Timestamp) -> bool {
        now < self.expires
    }

    pub fn fits_rule(&self, rule: &str) -> bool {
        self.rule.as_ref().is_none_or(|pattern| wildcard(pattern, rule))
    }

    /// A field that the event does not carry does not fit.
    pub fn fits_event(&self, event: &Row, title: &str) -> bool {
        fits_fields(&self.fields, event, title)
    }
}

pub fn fits_fields(fields: &BTreeMap<String, String>, event: &Row, title: &str) -> bool {
    fields.iter().all(|(name, pattern)| field(event, title, name).is_some_and(|value| wildcard(pattern, &value)))
}

/// The value of a column, of `label.NAME`, or the alert's `title`.
pub fn field<'a>(event: &'a Row, title: &'a str, name: &str) -> Option<Cow<'a, str>> {
    match name.strip_prefix("label.") {
        Some(label) => event.labels.get(label).map(|value| Cow::Borrowed(value.as_str())),
        None if name == "title" => Some(Cow::Borrowed(title)),
        None => event.text(Column::from_name(name)?),
    }
}

/// `*` stands for any run of characters; everything else for itself, letters of either case.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// That of the strongest finding, when `of` has one for each of them: what one rule tells of a known job does not hide what
/// another finds in it.
pub fn silenced<'a, S>(findings: &[Finding], of: impl Fn(&str) -> Option<&'a S>) -> Option<&'a S> {
    let each = |finding: &Finding| of(finding.rule_id.as_str());
    if findings.is_empty() || !findings.iter().all(|finding| each(finding).is_some()) {
        return None;
    }
    findings.iter().max_by_key(|finding| finding.severity).and_then(each)
}

/// Whether something was ended, refused or taken away, or was tried to be: of such nobody keeps quiet.
pub fn acted(alert: &Alert) -> bool {
    alert.decision.action > Action::Alert || alert.outcome.action > Action::Alert
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, RuleId, Severity};

    #[test]
    fn patterns() {
        let check =
            |pattern: &str, text: &str, expected| assert_eq!(wildcard(pattern, text), expected, "{pattern} {text}");
        check("*", "", true);
        check("a*c", "abC", true);
        check("a*c", "abcd", false);
        check("*b*", "abc", true);
        check("abc", "abc", true);
        check("abc", "abcd", false);
        check("a*a", "a", false);
        check("a*bc*c", "abc", false);
        check("A*b*c", "axbxc", true);
    }

    #[test]
    fn all_findings_or_none() {
        let finding = |rule: &str, severity| Finding {
            engine: Engine::Sigma,
            rule_id: RuleId::new(rule),
            name: rule.to_owned(),
            severity,
            techniques: Vec::new(),
            tactics: Vec::new(),
            detail: String::new(),
            matched: Vec::new(),
            asks: None,
        };
        let (one, two) = (finding("one", Severity::Low), finding("two", Severity::High));
        let known = ["one".to_owned(), "two".to_owned()];
        let of = |rule: &str| known.iter().find(|known| *known == rule);
        assert_eq!(silenced(&[one.clone(), two], of).map(String::as_str), Some("two"));
        assert_eq!(silenced(&[one, finding("three", Severity::Info)], of), None);
        assert_eq!(silenced(&[], of), None);
    }

    #[test]
    fn fields_of_an_event() {
        let mut row = Row::default();
        row.set_text(Column::ProcessExecutable, "/opt/backup/run");
        row.labels.insert("key".into(), "value".into());
        let fits = |name: &str, pattern: &str| {
            fits_fields(&BTreeMap::from([(name.to_owned(), pattern.to_owned())]), &row, "A title")
        };
        assert!(fits("process_executable", "/opt/*/run") && fits("label.key", "VALUE") && fits("title", "a *"));
        assert!(!fits("file_path", "*") && !fits("nothing", "*") && !fits("label.none", "*"));
        assert!(fits_fields(&BTreeMap::new(), &row, ""));
    }
}
