//! `tamon scan PATH…`: walks, scans with all workers at once, and hands reports to one caller as they are ready.

use crate::resume::{Journal, Place};
use crate::walk::{self, Found};
use crate::{Ask, ScanReport, Scanner, Verdict};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

/// Paths found ahead of the scanning.
const AHEAD: usize = 256;

#[derive(Clone, Debug, Default)]
pub struct WalkOptions {
    /// Reports of clean files are counted, not handed out.
    pub only_findings: bool,
    /// Below these nothing is looked at.
    pub exclude: Vec<PathBuf>,
    /// Where the scan keeps how far it came; it goes on there when it is started again.
    pub resume: Option<PathBuf>,
    pub ask: Ask,
    /// Turned true by somebody else: what was found ahead is passed over, and the summary counts what was done until then.
    pub stop: Arc<AtomicBool>,
}

impl WalkOptions {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// So far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    pub files: u64,
    pub bytes: u64,
    pub detections: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub files: u64,
    pub bytes: u64,
    pub clean: u64,
    pub suspicious: u64,
    pub malicious: u64,
    pub incomplete: u64,
    pub errors: u64,
    /// Pipes, sockets, devices and named links: reported, not scanned.
    pub skipped: u64,
}

impl std::ops::Add for Summary {
    type Output = Summary;
    fn add(self, other: Summary) -> Summary {
        Summary {
            files: self.files + other.files,
            bytes: self.bytes.saturating_add(other.bytes),
            clean: self.clean + other.clean,
            suspicious: self.suspicious + other.suspicious,
            malicious: self.malicious + other.malicious,
            incomplete: self.incomplete + other.incomplete,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl Summary {
    /// 0 all clean, 1 something was detected, 2 nothing was but not all could be judged.
    pub const fn exit_code(&self) -> i32 {
        if self.suspicious + self.malicious > 0 {
            1
        } else if self.incomplete + self.errors > 0 {
            2
        } else {
            0
        }
    }

    fn of(report: &ScanReport) -> Summary {
        let mut one = Summary { files: 1, bytes: report.size, ..Summary::default() };
        match report.verdict {
            Verdict::Clean => one.clean = 1,
            Verdict::Suspicious => one.suspicious = 1,
            Verdict::Malicious => one.malicious = 1,
            Verdict::Incomplete => one.incomplete = 1,
            Verdict::Error => one.errors = 1,
        }
        one
    }
}

/// Files are numbered in the order of the walk.
struct Job {
    number: u64,
    place: Place,
}

enum Out {
    Report(ScanReport, Option<Job>),
    Skipped(ScanReport),
}

/// Both callbacks run on the calling thread. A skipped pipe or device is reported as `incomplete` with a note that says
/// what it is, and does not weigh on the exit code: there is nothing in it to read. An error is of the journal alone.
pub fn cli_scan(
    scanner: &Scanner,
    paths: &[PathBuf],
    options: &WalkOptions,
    on_report: &mut dyn FnMut(ScanReport),
    on_progress: &mut dyn FnMut(Progress),
) -> io::Result<Summary> {
    let mut journal = match &options.resume {
        Some(path) => Some(Journal::open(path, paths, scanner.generation_number())?),
        None => None,
    };
    let (after, mut summary) = journal.as_ref().map(Journal::begin).unwrap_or_default();
    let (found, work) = sync_channel::<Job>(AHEAD);
    let work = &Mutex::new(work);
    let mut kept = Ok(());
    std::thread::scope(|scope| {
        let (out, results) = sync_channel::<Out>(AHEAD);
        for _ in 0..scanner.workers().max(1) {
            let out = out.clone();
            scope.spawn(move || scan_each(scanner, options, work, &out));
        }
        scope.spawn(move || find(paths, options, after.as_ref(), &found, &out));
        for one in results {
            match one {
                Out::Report(report, job) => {
                    let counted = Summary::of(&report);
                    summary = summary + counted;
                    let Summary { files, bytes, suspicious, malicious, .. } = summary;
                    on_progress(Progress { files, bytes, detections: suspicious + malicious });
                    if !options.only_findings || report.verdict != Verdict::Clean {
                        on_report(report);
                    }
                    // After the report: what is told twice is better than what is never told.
                    if let (Some(journal), Some(job)) = (&mut journal, job) {
                        kept = std::mem::replace(&mut kept, Ok(())).and(journal.done(job.number, job.place, counted));
                    }
                }
                Out::Skipped(report) => {
                    summary.skipped += 1;
                    on_report(report);
                }
            }
        }
    });
    kept?;
    if !options.stopped() {
        journal.map_or(Ok(()), Journal::finish)?;
    }
    Ok(summary)
}

fn scan_each(scanner: &Scanner, options: &WalkOptions, work: &Mutex<Receiver<Job>>, out: &SyncSender<Out>) {
    loop {
        let next = work.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).recv();
        let Ok(job) = next else { return };
        // Taken all the same, so that whoever walks is not left waiting for room.
        if options.stopped() {
            continue;
        }
        let report = scanner.scan_path_as(&job.place.path, &options.ask);
        if out.send(Out::Report(report, Some(job))).is_err() {
            return;
        }
    }
}

fn find(
    paths: &[PathBuf],
    options: &WalkOptions,
    after: Option<&Place>,
    found: &SyncSender<Job>,
    out: &SyncSender<Out>,
) {
    let mut number = 0;
    let first = after.map_or(0, |place| place.root);
    for (root, path) in paths.iter().enumerate().skip(first) {
        let after = after.filter(|place| place.root == root).map(|place| place.path.as_path());
        walk::walk_after(path, after, &mut |one| match one {
            _ if options.stopped() => false,
            Found::File(path) if excluded(&path, options) => true,
            Found::File(path) => {
                let job = Job { number, place: Place { root, path } };
                number += 1;
                found.send(job).is_ok()
            }
            Found::Skipped { path, .. } if excluded(&path, options) => true,
            Found::Skipped { path, why, error: true } => {
                out.send(Out::Report(ScanReport::error(walk::shown(&path), why), None)).is_ok()
            }
            Found::Skipped { path, why, error: false } => {
                let report = ScanReport { verdict: Verdict::Incomplete, ..ScanReport::error(walk::shown(&path), why) };
                out.send(Out::Skipped(report)).is_ok()
            }
        });
    }
}

fn excluded(path: &Path, options: &WalkOptions) -> bool {
    options.exclude.iter().any(|below| path.starts_with(below))
}
