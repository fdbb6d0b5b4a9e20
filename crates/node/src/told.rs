//! What agents tell in JSON, read into the contract's words. A host may be taken over: everything is text and numbers, lists
//! are cut, and what cannot be read is an error of that host's answer, never an empty list.

use console_api::*;
use event::{Engine, Reason, Severity, Timestamp};
use serde::Deserialize;

/// Findings and voices of one file.
const MOST: usize = 100;

/// `scan::ScanReport`.
#[derive(Deserialize)]
pub struct ToldFile {
    #[serde(default)]
    path: String,
    verdict: ScanVerdict,
    #[serde(default)]
    findings: Vec<ToldFinding>,
    #[serde(default)]
    sha256: Option<String>,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    voices: Vec<Reason>,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Deserialize)]
struct ToldFinding {
    engine: Engine,
    name: String,
    severity: Severity,
    detail: String,
    rule_id: String,
    #[serde(default)]
    member: Option<String>,
    #[serde(default)]
    matched: Vec<(String, String)>,
}

impl ToldFile {
    pub fn shown(self) -> ScannedFile {
        let finding = |one: ToldFinding| FileFinding {
            engine: one.engine,
            rule_id: one.rule_id,
            name: one.name,
            severity: one.severity,
            detail: one.detail,
            member: one.member,
            matched: one.matched.into_iter().take(MOST).map(|(field, value)| MatchedField { field, value }).collect(),
        };
        let voice = |one: Reason| DecisionReason { engine: one.engine, text: one.text };
        ScannedFile {
            path: self.path,
            verdict: self.verdict,
            sha256: self.sha256,
            size: self.size,
            findings: self.findings.into_iter().take(MOST).map(finding).collect(),
            voices: self.voices.into_iter().take(MOST).map(voice).collect(),
            note: self.note,
        }
    }
}

/// A scan that was ordered.
#[derive(Deserialize)]
pub struct ToldJob {
    id: String,
    paths: Vec<String>,
    by: String,
    reason: String,
    asked: Timestamp,
    state: ScanState,
    #[serde(default)]
    started: Option<Timestamp>,
    #[serde(default)]
    ended: Option<Timestamp>,
    summary: ScanSummary,
    #[serde(default)]
    why: Option<String>,
    #[serde(default)]
    found: Vec<ToldFile>,
    #[serde(default)]
    left_out: u64,
}

impl ToldJob {
    pub fn shown(self, host_id: &str, host_name: &str) -> ScanJob {
        ScanJob {
            id: self.id,
            host_id: host_id.to_owned(),
            host_name: host_name.to_owned(),
            paths: self.paths,
            by: self.by,
            reason: self.reason,
            state: self.state,
            asked: self.asked.into(),
            started: self.started.map(Into::into),
            ended: self.ended.map(Into::into),
            summary: self.summary,
            why: self.why,
            found: self.found.into_iter().map(ToldFile::shown).collect(),
            left_out: self.left_out,
        }
    }
}

/// `lockdown::store::Seen`.
#[derive(Deserialize)]
pub struct ToldUnknown {
    path: String,
    #[serde(default)]
    sha256: Option<String>,
    #[serde(rename = "use")]
    usage: String,
    reason: String,
    by: String,
    user: String,
    first: Timestamp,
    last: Timestamp,
    count: u64,
    denied: u64,
    #[serde(default)]
    file: Option<serde_json::Value>,
}

impl ToldUnknown {
    pub fn shown(self) -> UnknownFile {
        UnknownFile {
            path: self.path,
            sha256: self.sha256,
            usage: self.usage,
            reason: self.reason,
            by: self.by,
            user: self.user,
            first: self.first.into(),
            last: self.last.into(),
            count: self.count,
            denied: self.denied,
            is_file: self.file.is_some(),
        }
    }
}

/// What restoring a file would come to.
#[derive(Deserialize)]
pub struct ToldRestore {
    path: String,
    sha256: String,
    size: u64,
    uid: u32,
    gid: u32,
    mode: String,
    reason: String,
    who: String,
    quarantined: Time,
    expires: Time,
    taken: bool,
    folder_there: bool,
    #[serde(default)]
    scan: Option<ToldFile>,
}

impl ToldRestore {
    pub fn shown(self) -> RestoreFacts {
        RestoreFacts {
            path: self.path,
            sha256: self.sha256,
            size: self.size,
            uid: self.uid,
            gid: self.gid,
            mode: self.mode,
            reason: self.reason,
            who: self.who,
            quarantined: self.quarantined,
            expires: self.expires,
            taken: self.taken,
            folder_there: self.folder_there,
            scan: self.scan.map(ToldFile::shown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_a_model_keeps_its_reasons() {
        let text = r#"{"path":"/tmp/x","verdict":"suspicious","size":5,"sha256":null,"findings":[{"engine":"model",
            "name":"Looks suspicious","severity":"medium","detail":"score 0.9","rule_id":"model:php",
            "matched":[["model_reason.decode","+1.203 decodes and runs"]]}],"voices":[{"engine":"hash","text":"none"}]}"#;
        let shown = serde_json::from_str::<ToldFile>(text).unwrap().shown();
        assert_eq!(shown.verdict, ScanVerdict::Suspicious);
        assert_eq!(shown.findings[0].matched[0].value, "+1.203 decodes and runs");
        assert_eq!(shown.voices[0].engine, Some(Engine::Hash));
        assert!(serde_json::from_str::<ToldFile>(r#"{"path":"/x"}"#).is_err(), "no verdict is no clean file");
    }
}
