//! Whole trees scanned without anyone asking: by the policy's schedule, and what is newly mounted. One thread, one file at
//! a time, by a worker that stands back behind everybody else. A sweep that a restart interrupts goes on where it was.

use crate::actions::Responder;
use crate::alerting;
use crate::mounts::Watch;
use crate::pipeline::now;
use crate::shared::{Counters, Shared};
use event::{Action, Event, EventKind, FileEvent, FileOp, Finding, Technique, Timestamp, Via};
use scan::{Ask, ScanReport, Scanner, Summary, Urgency, Verdict, WalkOptions};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use verdict::Candidate;

const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Files told of; beyond that they are told again.
const MAX_TOLD: usize = 10_000;

pub fn start(shared: &Arc<Shared>, responder: &Responder) -> std::io::Result<()> {
    let Some(scanner) = shared.scanner.clone() else { return Ok(()) };
    let mut sweeper = Sweeper {
        shared: Arc::clone(shared),
        scanner,
        responder: responder.clone(),
        mounts: Watch::start()?,
        told: HashSet::new(),
    };
    std::thread::Builder::new().name("sweep".into()).spawn(move || {
        loop {
            if let Err(error) = sweeper.round() {
                sweeper.shared.problem(format!("trees are not scanned as they should be: {error:#}"));
                std::thread::sleep(LOOK_EVERY);
            }
        }
    })?;
    Ok(())
}

struct Sweeper {
    shared: Arc<Shared>,
    scanner: Arc<Scanner>,
    responder: Responder,
    mounts: Watch,
    /// Path and rule: a file that lies there is told once, not with each sweep.
    told: HashSet<(String, String)>,
}

impl Sweeper {
    fn round(&mut self) -> anyhow::Result<()> {
        for mount in self.mounts.wait(LOOK_EVERY)? {
            if self.shared.policy().scan.on_mount {
                tracing::info!(point = %mount.point.display(), source = %mount.source, "scanning what was mounted");
                self.sweep(&format!("{} mounted at {}", mount.source, mount.point.display()), &[mount.point], None)?;
            }
        }
        let schedule = self.shared.policy().scan.schedule.clone();
        let state = self.shared.place.sweep();
        let begun = std::fs::read_to_string(&state).ok().and_then(|text| text.trim().parse::<Timestamp>().ok());
        let Some(due) = schedule.due(now()) else { return Ok(()) };
        match begun {
            // The first start is the next that comes, not one that was due before Tamon was there.
            None => std::fs::write(&state, due.to_string())?,
            Some(begun) if begun < due || self.shared.place.sweep_journal().exists() => {
                std::fs::write(&state, due.to_string())?;
                let paths: Vec<PathBuf> = schedule.paths.iter().map(PathBuf::from).collect();
                self.sweep("the scheduled scan", &paths, Some(self.shared.place.sweep_journal()))?;
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn sweep(&mut self, what: &str, paths: &[PathBuf], resume: Option<PathBuf>) -> anyhow::Result<()> {
        let policy = self.shared.policy();
        let spare_model = (!policy.model.enabled).then(|| "the policy does without it".to_owned());
        let ask = Ask { spare_model, urgency: Urgency::Whenever, ..Ask::default() };
        let options = WalkOptions { only_findings: true, resume, ask, ..WalkOptions::default() };
        let (scanner, shared) = (Arc::clone(&self.scanner), Arc::clone(&self.shared));
        let mut found = |report: ScanReport| self.found(&report);
        let mut progress = |progress: scan::Progress| {
            *shared.sweep.lock() =
                format!("{what}: {} files, {} detections so far", progress.files, progress.detections);
        };
        let summary = scan::cli_scan(&scanner, paths, &options, &mut found, &mut progress)?;
        *self.shared.sweep.lock() = format!("{what}: {}", words(&summary));
        tracing::info!(what, ?summary, "a sweep is through");
        Ok(())
    }

    fn found(&mut self, report: &ScanReport) {
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
        // Nobody acted: the file lies there.
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

fn words(summary: &Summary) -> String {
    format!(
        "{} files: {} suspicious, {} malicious, {} not completely scanned, {} errors",
        summary.files, summary.suspicious, summary.malicious, summary.incomplete, summary.errors
    )
}
