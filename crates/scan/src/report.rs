//! What is told of one file. The JSON keys `path`, `verdict`, `findings` and those of a finding never change meaning.

use event::{Action, Engine, Finding, Reason, RuleId, Severity, Sha256, Technique};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Read to its end, and nothing found.
    Clean,
    /// The strongest finding is low or medium, or only the model spoke.
    Suspicious,
    /// The strongest finding is high or critical.
    Malicious,
    /// Nothing found in what was read, but not all was read.
    Incomplete,
    /// It could not be judged.
    Error,
}

impl Verdict {
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Clean => "clean",
            Verdict::Suspicious => "suspicious",
            Verdict::Malicious => "malicious",
            Verdict::Incomplete => "incomplete",
            Verdict::Error => "error",
        }
    }
    pub const fn is_detection(self) -> bool {
        matches!(self, Verdict::Suspicious | Verdict::Malicious)
    }
    /// Neither a detection nor a clean bill.
    pub const fn is_unjudged(self) -> bool {
        matches!(self, Verdict::Incomplete | Verdict::Error)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScanReport {
    /// Hostile bytes per [`event::text::from_bytes`].
    pub path: String,
    pub verdict: Verdict,
    pub findings: Vec<ScanFinding>,
    /// Of the whole content; None when it was not read to its end.
    pub sha256: Option<Sha256>,
    pub size: u64,
    /// Of containers in it, all levels together.
    #[serde(default, skip_serializing_if = "is_none")]
    pub members: u64,
    /// Clean by an earlier look at the same content with the same signatures.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cached: bool,
    /// What each voice said, in the order in which they were asked; empty for a clean file of which nobody asked why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voices: Vec<Reason>,
    /// Why the verdict is `incomplete` or `error`, or what else was noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl ScanReport {
    pub fn error(path: impl Into<String>, note: impl Into<String>) -> Self {
        let note = Some(note.into());
        ScanReport {
            path: path.into(),
            verdict: Verdict::Error,
            findings: Vec::new(),
            sha256: None,
            size: 0,
            members: 0,
            cached: false,
            voices: Vec::new(),
            note,
        }
    }

    /// By an earlier look at the same content with the same signatures.
    pub(crate) fn known_clean(path: String, size: u64, digest: Sha256) -> Self {
        let sha256 = Some(digest);
        ScanReport { verdict: Verdict::Clean, note: None, size, sha256, cached: true, ..ScanReport::error(path, "") }
    }

    /// `unread`: why the file counts as not seen whole. What was found weighs more than what was not seen.
    pub(crate) fn conclude(mut self, unread: Option<String>) -> Self {
        self.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        self.verdict = match weight(&self.findings) {
            Some(Severity::High | Severity::Critical) => Verdict::Malicious,
            Some(Severity::Low | Severity::Medium) => Verdict::Suspicious,
            _ if unread.is_some() => Verdict::Incomplete,
            _ => Verdict::Clean,
        };
        self.note = match (self.note, unread) {
            (Some(note), Some(why)) => Some(format!("{note}; {why}")),
            (note, why) => note.or(why),
        };
        self
    }

    /// With what went wrong on the way: only what was found all the same weighs more.
    pub(crate) fn failed(mut self, error: String) -> Self {
        if !matches!(self.verdict, Verdict::Malicious | Verdict::Suspicious) {
            self.verdict = Verdict::Error;
        }
        self.note = Some(self.note.map_or(error.clone(), |note| format!("{error}; {note}")));
        self
    }

    /// For `verdict` and the alert.
    pub fn to_findings(&self) -> Vec<Finding> {
        self.findings.iter().map(|finding| finding.to_finding(self)).collect()
    }
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

/// The strongest finding. The model is a voice of suspicion: alone it makes a file suspicious at most; with another voice
/// of at least medium severity it is worth what it says.
fn weight(findings: &[ScanFinding]) -> Option<Severity> {
    let strongest = |model: bool| {
        let those = findings.iter().filter(|finding| (finding.engine == Engine::Model) == model);
        those.map(|finding| finding.severity).max()
    };
    match (strongest(false), strongest(true)) {
        (Some(other), Some(model)) if other >= Severity::Medium => Some(other.max(model)),
        (other, model) => other.max(model.map(|model| model.min(Severity::Medium))),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScanFinding {
    pub engine: Engine,
    pub name: String,
    pub severity: Severity,
    pub detail: String,
    pub rule_id: RuleId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub techniques: Vec<Technique>,
    /// What the rule's author asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Action>,
    /// Path of the member inside the file; None for the file itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// What it was made of, by name; the model's reasons with what each weighs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matched: Vec<(String, String)>,
}

impl ScanFinding {
    fn to_finding(&self, report: &ScanReport) -> Finding {
        let mut matched = vec![("file_path".to_owned(), report.path.clone())];
        matched.extend(report.sha256.map(|digest| ("file_hash_sha256".to_owned(), digest.to_hex())));
        matched.extend(self.member.iter().map(|member| ("member".to_owned(), member.clone())));
        matched.extend(self.matched.iter().cloned());
        Finding {
            engine: self.engine,
            rule_id: self.rule_id.clone(),
            name: self.name.clone(),
            severity: self.severity,
            techniques: self.techniques.clone(),
            tactics: Vec::new(),
            detail: self.detail.clone(),
            matched,
            asks: self.asks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(severity: Option<Severity>) -> ScanReport {
        let finding = |severity| ScanFinding {
            engine: Engine::Yara,
            name: "a rule".into(),
            severity,
            detail: String::new(),
            rule_id: RuleId::new("a:rule"),
            techniques: Vec::new(),
            asks: None,
            member: None,
            matched: Vec::new(),
        };
        let findings = severity.into_iter().map(finding).collect();
        ScanReport { findings, note: None, ..ScanReport::error("f", "") }
    }

    #[test]
    fn a_failure_is_never_clean() {
        let check = |severity, unread: Option<&str>, expected| {
            let report = report(severity).conclude(unread.map(str::to_owned)).failed("it broke".into());
            assert_eq!(report.verdict, expected, "{severity:?}");
            assert!(report.note.as_deref().is_some_and(|note| note.starts_with("it broke")), "{report:?}");
        };
        check(None, None, Verdict::Error);
        check(Some(Severity::Info), None, Verdict::Error);
        check(Some(Severity::Info), Some("cut"), Verdict::Error);
        check(Some(Severity::Low), None, Verdict::Suspicious);
        check(Some(Severity::High), Some("cut"), Verdict::Malicious);
        assert_eq!(report(Some(Severity::Info)).conclude(None).verdict, Verdict::Clean);
    }
}
