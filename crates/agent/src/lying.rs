//! What a scan finds in a file that nobody has just run or written: an alert without an actor, as policy decides. Each file
//! is told once for each rule by whoever keeps one of these.

use crate::actions::Responder;
use crate::alerting;
use crate::pipeline::now;
use crate::shared::{Counters, Shared};
use event::{Action, Event, EventKind, FileEvent, FileOp, Finding, Technique, Via};
use scan::{ScanReport, Verdict};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use verdict::Candidate;

/// Files told of; beyond that they are told again.
const MAX_TOLD: usize = 10_000;

pub struct Lying {
    shared: Arc<Shared>,
    responder: Responder,
    /// Path and rule.
    told: HashSet<(String, String)>,
}

impl Lying {
    pub fn new(shared: Arc<Shared>, responder: Responder) -> Lying {
        Lying { shared, responder, told: HashSet::new() }
    }

    pub fn found(&mut self, report: &ScanReport) {
        Counters::add(&self.shared.counters.scanned, 1);
        match report.verdict {
            Verdict::Clean => {}
            Verdict::Incomplete | Verdict::Error => Counters::add(&self.shared.counters.unjudged, 1),
            Verdict::Suspicious | Verdict::Malicious => self.tell(report),
        }
    }

    fn tell(&mut self, report: &ScanReport) {
        let now = now();
        let candidate = Candidate { path: &report.path, sha256: report.sha256, process: None, package: None };
        if self.shared.policy().scan.exclusions.iter().any(|one| one.covers(&candidate, now)) {
            return Counters::add(&self.shared.counters.excluded, 1);
        }
        if self.told.len() >= MAX_TOLD {
            self.told.clear();
        }
        let mut findings: Vec<Finding> = report.to_findings();
        findings.retain(|finding| self.told.insert((report.path.clone(), finding.rule_id.to_string())));
        if let Some(container) = enrich::container_at("/".as_ref(), &report.path) {
            let name = container.name.as_deref().unwrap_or(&container.id).to_owned();
            findings.iter_mut().for_each(|finding| finding.matched.push(("container_name".into(), name.clone())));
        }
        for finding in findings.iter_mut().filter(|finding| finding.techniques.is_empty()) {
            finding.techniques.push(Technique::new(1105));
        }
        let file = event::File { path: report.path.as_str().into(), ..event::File::default() };
        let kind = EventKind::File(FileEvent { op: FileOp::OpenRead, file });
        let event = Event { sequence: 0, time: now, via: Via::Syscall, process: None, parent: None, kind };
        let Some(judged) = alerting::judge_file(&self.shared, &event, findings, &report.voices, now) else { return };
        if judged.decision.action > Action::Alert && Path::new(&report.path).is_file() {
            self.responder.submit(Box::new((event, judged)));
        } else {
            let outcome = alerting::nothing_done(&judged.decision);
            self.shared.tell(&alerting::alert(&self.shared, &event, judged, outcome));
        }
    }
}
