//! `tamon scan PATH…`: walks, scans with all workers at once, and hands reports to one caller as they are ready.

use crate::walk::{self, Found};
use crate::{ScanReport, Scanner, Verdict};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Paths found ahead of the scanning.
const AHEAD: usize = 256;

#[derive(Clone, Debug, Default)]
pub struct WalkOptions {
    /// Reports of clean files are counted, not handed out.
    pub only_findings: bool,
    /// Below these nothing is looked at.
    pub exclude: Vec<PathBuf>,
}

/// So far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    pub files: u64,
    pub bytes: u64,
    pub detections: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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

    fn add(&mut self, report: &ScanReport) {
        self.files += 1;
        self.bytes += report.size;
        match report.verdict {
            Verdict::Clean => self.clean += 1,
            Verdict::Suspicious => self.suspicious += 1,
            Verdict::Malicious => self.malicious += 1,
            Verdict::Incomplete => self.incomplete += 1,
            Verdict::Error => self.errors += 1,
        }
    }
}

enum Out {
    Report(ScanReport),
    Skipped(ScanReport),
}

/// Both callbacks run on the calling thread. A skipped pipe or device is reported as `incomplete` with a note that says
/// what it is, and does not weigh on the exit code: there is nothing in it to read.
pub fn cli_scan(
    scanner: &Scanner,
    paths: &[PathBuf],
    options: &WalkOptions,
    on_report: &mut dyn FnMut(ScanReport),
    on_progress: &mut dyn FnMut(Progress),
) -> Summary {
    let mut summary = Summary::default();
    let (found, work) = sync_channel::<PathBuf>(AHEAD);
    let work = &Mutex::new(work);
    std::thread::scope(|scope| {
        let (out, results) = sync_channel::<Out>(AHEAD);
        for _ in 0..scanner.workers().max(1) {
            let out = out.clone();
            scope.spawn(move || scan_each(scanner, work, &out));
        }
        scope.spawn(move || {
            find(paths, options, &found, &out);
            drop(found);
        });
        for one in results {
            match one {
                Out::Report(report) => {
                    summary.add(&report);
                    let Summary { files, bytes, suspicious, malicious, .. } = summary;
                    on_progress(Progress { files, bytes, detections: suspicious + malicious });
                    if !options.only_findings || report.verdict != Verdict::Clean {
                        on_report(report);
                    }
                }
                Out::Skipped(report) => {
                    summary.skipped += 1;
                    on_report(report);
                }
            }
        }
    });
    summary
}

fn scan_each(scanner: &Scanner, work: &Mutex<Receiver<PathBuf>>, out: &SyncSender<Out>) {
    loop {
        let next = work.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).recv();
        let Ok(path) = next else { return };
        if out.send(Out::Report(scanner.scan_path(&path))).is_err() {
            return;
        }
    }
}

fn find(paths: &[PathBuf], options: &WalkOptions, found: &SyncSender<PathBuf>, out: &SyncSender<Out>) {
    for path in paths {
        walk::walk(path, &mut |one| match one {
            Found::File(path) if excluded(&path, options) => true,
            Found::File(path) => found.send(path).is_ok(),
            Found::Skipped { path, .. } if excluded(&path, options) => true,
            Found::Skipped { path, why, error: true } => {
                out.send(Out::Report(ScanReport::error(walk::shown(&path), why))).is_ok()
            }
            Found::Skipped { path, why, error: false } => {
                let report = ScanReport { verdict: Verdict::Incomplete, ..ScanReport::error(walk::shown(&path), why) };
                out.send(Out::Skipped(report)).is_ok()
            }
        });
    }
}

fn excluded(path: &std::path::Path, options: &WalkOptions) -> bool {
    options.exclude.iter().any(|below| path.starts_with(below))
}
