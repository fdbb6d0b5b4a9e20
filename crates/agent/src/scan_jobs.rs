//! Scans of paths that somebody ordered: one at a time, in the order in which they were asked for, each with how far it is,
//! what it came to and the files that are not clean. What was found is told as alerts too, as a scheduled scan tells it.
//!
//! The list outlives the agent: a scan that a restart cut off says so, and nobody takes it for one that found nothing.

use crate::actions::Responder;
use crate::lying::Lying;
use crate::pipeline::now;
use crate::shared::Shared;
use anyhow::{Context as _, Result, bail};
use event::Timestamp;
use parking_lot::{Condvar, Mutex};
use scan::{Ask, Progress, ScanReport, Scanner, Summary, Urgency, WalkOptions};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Scans that are remembered, those that wait among them.
const MOST: usize = 32;
/// Files of one scan that are listed; the others are counted and told as alerts.
const MOST_LISTED: usize = 200;
const MAX_FILE: u64 = 32 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Waiting,
    Running,
    Done,
    Failed,
    Stopped,
    /// The agent ended before the scan did.
    Interrupted,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Job {
    id: String,
    paths: Vec<String>,
    by: String,
    reason: String,
    asked: Timestamp,
    state: State,
    #[serde(default)]
    started: Option<Timestamp>,
    #[serde(default)]
    ended: Option<Timestamp>,
    /// Counted so far; the whole once it is done.
    summary: Summary,
    #[serde(default)]
    why: Option<String>,
    #[serde(default)]
    found: Vec<ScanReport>,
    /// Files that are not clean and not listed.
    #[serde(default)]
    left_out: u64,
    #[serde(skip)]
    stop: Arc<AtomicBool>,
}

/// Newest first.
#[derive(Debug)]
pub struct ScanJobs {
    file: PathBuf,
    jobs: Mutex<VecDeque<Job>>,
    news: Condvar,
}

impl ScanJobs {
    /// A list that cannot be read is told; it is empty then.
    pub fn open(file: &Path) -> (ScanJobs, Option<String>) {
        let (mut jobs, problem) = match read(file) {
            Ok(jobs) => (jobs, None),
            Err(error) => (VecDeque::new(), Some(format!("earlier scans are not known: {error:#}"))),
        };
        for job in jobs.iter_mut().filter(|job| matches!(job.state, State::Waiting | State::Running)) {
            job.state = State::Interrupted;
        }
        (ScanJobs { file: file.to_owned(), jobs: Mutex::new(jobs), news: Condvar::new() }, problem)
    }

    /// Under the id of the command that asked; the same command asks once.
    pub fn order(&self, id: &str, paths: &[String], by: &str, reason: &str) -> Result<()> {
        if paths.is_empty() {
            bail!("no path is named");
        }
        for path in paths {
            if !path.starts_with('/') || path.contains('\0') {
                bail!("{path:?} is not an absolute path");
            }
            Path::new(path).symlink_metadata().with_context(|| format!("cannot scan {path}"))?;
        }
        let mut jobs = self.jobs.lock();
        if jobs.iter().any(|job| job.id == id) {
            return Ok(());
        }
        if jobs.iter().filter(|job| job.state == State::Waiting).count() >= MOST / 2 {
            bail!("too many scans wait already");
        }
        jobs.push_front(Job {
            id: id.to_owned(),
            paths: paths.to_vec(),
            by: by.to_owned(),
            reason: reason.to_owned(),
            asked: now(),
            state: State::Waiting,
            started: None,
            ended: None,
            summary: Summary::default(),
            why: None,
            found: Vec::new(),
            left_out: 0,
            stop: Arc::default(),
        });
        // What waits or runs is never forgotten.
        while jobs.len() > MOST
            && let Some(last) = jobs.iter().rposition(|job| job.ended.is_some() || job.state == State::Interrupted)
        {
            jobs.remove(last);
        }
        self.keep(&jobs)?;
        self.news.notify_one();
        Ok(())
    }

    pub fn stop(&self, id: &str) -> Result<()> {
        let mut jobs = self.jobs.lock();
        let job = jobs.iter_mut().find(|job| job.id == id).context("there is no such scan")?;
        match job.state {
            State::Waiting => (job.state, job.ended) = (State::Stopped, Some(now())),
            State::Running => job.stop.store(true, Ordering::Relaxed),
            _ => bail!("this scan has ended"),
        }
        self.keep(&jobs)
    }

    pub fn list(&self) -> Result<String> {
        Ok(serde_json::to_string(&*self.jobs.lock())?)
    }

    fn keep(&self, jobs: &VecDeque<Job>) -> Result<()> {
        let fresh = self.file.with_extension("new");
        let mut file = std::fs::File::create(&fresh).with_context(|| format!("cannot write {}", fresh.display()))?;
        file.write_all(&serde_json::to_vec(jobs)?)?;
        file.sync_all()?;
        std::fs::rename(&fresh, &self.file)?;
        Ok(())
    }

    /// Waits for one, and marks it as under way.
    fn next(&self) -> Job {
        let mut jobs = self.jobs.lock();
        loop {
            if let Some(job) = jobs.iter_mut().rev().find(|job| job.state == State::Waiting) {
                (job.state, job.started) = (State::Running, Some(now()));
                return job.clone();
            }
            self.news.wait(&mut jobs);
        }
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Job)) {
        if let Some(job) = self.jobs.lock().iter_mut().find(|job| job.id == id) {
            change(job);
        }
    }

    fn end(&self, id: &str, outcome: std::io::Result<Summary>, stopped: bool) -> Result<()> {
        self.change(id, |job| {
            job.ended = Some(now());
            match outcome {
                Ok(summary) => {
                    job.summary = summary;
                    job.state = if stopped { State::Stopped } else { State::Done };
                }
                Err(error) => (job.state, job.why) = (State::Failed, Some(error.to_string())),
            }
        });
        self.keep(&self.jobs.lock())
    }
}

fn read(file: &Path) -> Result<VecDeque<Job>> {
    let size = match file.metadata() {
        Ok(meta) => meta.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(VecDeque::new()),
        Err(error) => return Err(error.into()),
    };
    if size > MAX_FILE {
        bail!("{} is no list of scans: {size} bytes", file.display());
    }
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

/// The thread that scans; without a scanner every order is told so by [`order`].
pub fn start(shared: &Arc<Shared>, responder: &Responder) -> std::io::Result<()> {
    let Some(scanner) = shared.scanner.clone() else { return Ok(()) };
    let (shared, responder) = (Arc::clone(shared), responder.clone());
    std::thread::Builder::new().name("scan-jobs".into()).spawn(move || {
        loop {
            let job = shared.scan_jobs.next();
            let outcome = run(&shared, &scanner, &responder, &job);
            if let Err(error) = shared.scan_jobs.end(&job.id, outcome, job.stop.load(Ordering::Relaxed)) {
                shared.problem(format!("what a scan came to cannot be kept: {error:#}"));
            }
        }
    })?;
    Ok(())
}

fn run(shared: &Arc<Shared>, scanner: &Scanner, responder: &Responder, job: &Job) -> std::io::Result<Summary> {
    tracing::info!(job = job.id, by = job.by, paths = ?job.paths, "scanning on order");
    let spare_model = (!shared.policy().model.enabled).then(|| "the policy does without it".to_owned());
    let ask = Ask { spare_model, urgency: Urgency::Soon, ..Ask::default() };
    let options = WalkOptions { only_findings: true, ask, stop: Arc::clone(&job.stop), ..WalkOptions::default() };
    let paths: Vec<PathBuf> = job.paths.iter().map(PathBuf::from).collect();
    let mut lying = Lying::new(Arc::clone(shared), responder.clone());
    let mut found = |report: ScanReport| {
        lying.found(&report);
        shared.scan_jobs.change(&job.id, |job| match job.found.len() < MOST_LISTED {
            true => job.found.push(report),
            false => job.left_out += 1,
        });
    };
    let mut progress = |Progress { files, bytes, detections }: Progress| {
        shared.scan_jobs.change(&job.id, |job| {
            // Which of the two a detection is, the end says.
            job.summary = Summary { files, bytes, suspicious: detections, ..Summary::default() };
        });
    };
    scan::cli_scan(scanner, &paths, &options, &mut found, &mut progress)
}

/// As the node's command asks for it.
pub fn order(shared: &Shared, id: &str, paths: &[String], by: &str, reason: &str) -> Result<()> {
    if shared.scanner.is_none() {
        bail!("files are not scanned on this host; its status says why");
    }
    shared.scan_jobs.order(id, paths, by, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_restart_cut_off_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("scans.json");
        let here = folder.path().display().to_string();
        let (jobs, problem) = ScanJobs::open(&file);
        assert_eq!(problem, None);
        jobs.order("a", std::slice::from_ref(&here), "ana", "looks odd").unwrap();
        jobs.order("a", std::slice::from_ref(&here), "ana", "looks odd").unwrap();
        jobs.order("b", std::slice::from_ref(&here), "ana", "looks odd").unwrap();
        assert_eq!(jobs.next().id, "a", "the first that was asked for");
        jobs.end("a", Ok(Summary { files: 3, clean: 3, ..Summary::default() }), false).unwrap();
        drop(jobs);

        let (jobs, _) = ScanJobs::open(&file);
        let list: serde_json::Value = serde_json::from_str(&jobs.list().unwrap()).unwrap();
        assert_eq!(list.as_array().unwrap().len(), 2);
        assert_eq!((&list[0]["id"], &list[0]["state"]), (&"b".into(), &"interrupted".into()));
        assert_eq!((&list[1]["state"], &list[1]["summary"]["clean"]), (&"done".into(), &3.into()));
        assert!(jobs.stop("a").is_err());

        std::fs::write(&file, "{").unwrap();
        assert!(ScanJobs::open(&file).1.is_some());
    }

    #[test]
    fn only_what_is_there_is_scanned_and_the_list_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().display().to_string();
        let (jobs, _) = ScanJobs::open(&folder.path().join("scans.json"));
        for bad in ["relative", "/nowhere/at/all", "/tmp\0x"] {
            assert!(jobs.order("x", &[bad.to_owned()], "ana", "").is_err(), "{bad:?}");
        }
        assert!(jobs.order("x", &[], "ana", "").is_err());
        for n in 0..3 * MOST {
            jobs.order(&n.to_string(), std::slice::from_ref(&here), "ana", "").unwrap();
            let job = jobs.next();
            jobs.end(&job.id, Ok(Summary::default()), false).unwrap();
        }
        assert_eq!(jobs.jobs.lock().len(), MOST);
        for n in 0..MOST / 2 {
            jobs.order(&format!("w{n}"), std::slice::from_ref(&here), "ana", "").unwrap();
        }
        assert!(jobs.order("one more", std::slice::from_ref(&here), "ana", "").is_err());
        jobs.stop("w0").unwrap();
        assert_eq!(jobs.next().id, "w1");
    }
}
