//! Whole trees scanned without anyone asking: by the policy's schedule, and what is newly mounted. One thread, one file at
//! a time, by a worker that stands back behind everybody else. A sweep that a restart interrupts goes on where it was.

use crate::actions::Responder;
use crate::lying::Lying;
use crate::mounts::Watch;
use crate::pipeline::now;
use crate::shared::Shared;
use anyhow::Context as _;
use event::Timestamp;
use scan::{Ask, ScanReport, Scanner, Summary, Urgency, WalkOptions};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(5);

pub fn start(shared: &Arc<Shared>, responder: &Responder) -> std::io::Result<()> {
    let Some(scanner) = shared.scanner.clone() else { return Ok(()) };
    let mut sweeper = Sweeper {
        shared: Arc::clone(shared),
        scanner,
        lying: Lying::new(Arc::clone(shared), responder.clone()),
        mounts: Watch::start()?,
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
    /// Kept over the sweeps: a file that lies there is told once.
    lying: Lying,
    mounts: Watch,
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
        let begun = match std::fs::read_to_string(&state) {
            // What is damaged counts as long ago.
            Ok(text) => Some(text.trim().parse().unwrap_or(Timestamp(0))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", state.display())),
        };
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
        let lying = &mut self.lying;
        let mut found = |report: ScanReport| lying.found(&report);
        let mut progress = |progress: scan::Progress| {
            *shared.sweep.lock() =
                format!("{what}: {} files, {} detections so far", progress.files, progress.detections);
        };
        let summary = scan::cli_scan(&scanner, paths, &options, &mut found, &mut progress)?;
        *self.shared.sweep.lock() = format!("{what}: {}", words(&summary));
        tracing::info!(what, ?summary, "a sweep is through");
        Ok(())
    }
}

fn words(summary: &Summary) -> String {
    format!(
        "{} files: {} suspicious, {} malicious, {} not completely scanned, {} errors",
        summary.files, summary.suspicious, summary.malicious, summary.incomplete, summary.errors
    )
}
