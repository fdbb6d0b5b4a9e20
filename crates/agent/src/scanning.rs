//! Which files are looked into, and what is told of them: programs when they run, unless they still are what their package
//! put there, and files written where anyone may write or where the policy says. What is excluded is counted. The bytes
//! are read by `scan`'s unprivileged workers.

use crate::actions::Responder;
use crate::alerting;
use crate::gate::may_enforce;
use crate::kernel_gate;
use crate::looked_into::LookedInto;
use crate::pipeline::now;
use crate::reputation::{self, Standing};
use crate::scripts;
use crate::settling::Settling;
use crate::shared::{Counters, Shared};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use event::{Action, Event, EventKind, FileEvent, FileIdentity, FileOp, Finding, Technique};
use scan::{Ask, ScanReport, Scanner, Urgency, Verdict};
use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use verdict::Candidate;

const QUEUE: usize = 4096;
/// How long a written file waits, and how many at most: each is held open, so that it is found though its writer ends.
const SETTLE: Duration = Duration::from_millis(250);
const MAX_SETTLING: usize = 256;
/// Files that need no look by one thread's lights, by identity; forgotten all at once when full.
const MAX_SPARED: usize = 8_192;

/// The pipeline's end of the queue.
pub struct Scans {
    shared: Arc<Shared>,
    queues: Option<Queues>,
}

/// A large program that was started must not keep small files that were written waiting, so each has a thread.
struct Queues {
    started: Sender<Box<Event>>,
    written: Sender<Box<Event>>,
}

impl Scans {
    /// Starts the thread; without a scanner nothing is queued, which the start has told as a problem.
    pub fn start(shared: Arc<Shared>, responder: Responder) -> std::io::Result<Scans> {
        let Some(scanner) = shared.scanner.clone() else {
            return Ok(Scans { shared, queues: None });
        };
        let looked_into = Arc::new(LookedInto::default());
        let spawn = |name: &str, run: fn(Worker, &Receiver<Box<Event>>)| {
            let (queue, jobs) = bounded(QUEUE);
            let spared = HashSet::from_iter(own_program());
            let (shared, scanner, responder) = (Arc::clone(&shared), Arc::clone(&scanner), responder.clone());
            let generation = scanner.generation_number();
            let looked_into = Arc::clone(&looked_into);
            let worker = Worker { shared, scanner, responder, looked_into, spared, generation };
            std::thread::Builder::new().name(name.into()).spawn(move || run(worker, &jobs)).map(|_| queue)
        };
        let started = spawn("scan-started", Worker::at_once)?;
        let queues = Queues { started, written: spawn("scan-written", Worker::settled)? };
        Ok(Scans { shared, queues: Some(queues) })
    }

    /// Never waits: a full queue is counted as a loss.
    pub fn offer(&self, event: &Event) {
        let Some(queues) = &self.queues else { return };
        if !self.wanted(event) {
            return;
        }
        let started = matches!(event.kind, EventKind::Exec(_));
        let queue = if started { &queues.started } else { &queues.written };
        self.queue(queue, event.clone());
        if let Some(reading) = scripts::reading(event) {
            self.queue(&queues.started, reading);
        }
    }

    fn queue(&self, queue: &Sender<Box<Event>>, event: Event) {
        if let Err(TrySendError::Full(_)) = queue.try_send(Box::new(event)) {
            Counters::add(&self.shared.counters.scans_shed, 1);
        }
    }

    fn wanted(&self, event: &Event) -> bool {
        match &event.kind {
            EventKind::Exec(_) => self.shared.policy().scan.on_exec && event.process.is_some(),
            EventKind::File(file) => {
                if !matches!(file.op, FileOp::WriteClose | FileOp::Rename { .. }) {
                    return false;
                }
                let policy = self.shared.policy();
                let mut folders = policy.gate.directories.iter().chain(&policy.scan.write_directories);
                policy.scan.on_write && folders.any(|folder| below(&file.file.path, folder))
            }
            _ => false,
        }
    }
}

fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
}

struct Worker {
    shared: Arc<Shared>,
    scanner: Arc<Scanner>,
    responder: Responder,
    looked_into: Arc<LookedInto>,
    /// Excluded or trusted, as far as this thread's events say: of a file that was written it is another question than of a
    /// program that was started.
    spared: HashSet<FileIdentity>,
    /// Of the signatures when those were spared.
    generation: u64,
}

impl Worker {
    fn at_once(mut self, jobs: &Receiver<Box<Event>>) {
        for event in jobs {
            match open(&event) {
                Some((file, path)) => self.look(*event, &file, &path),
                // It has ended, and its file is gone: nobody can say what ran.
                None => Counters::add(&self.shared.counters.unjudged, 1),
            }
        }
    }

    fn settled(mut self, jobs: &Receiver<Box<Event>>) {
        let mut settling = Settling::new(SETTLE, MAX_SETTLING);
        loop {
            let next = settling
                .next()
                .map_or_else(|| jobs.recv().map_err(RecvTimeoutError::from), |at| jobs.recv_deadline(at));
            match next {
                Ok(event) => {
                    let Some((file, path)) = open(&event) else { continue };
                    let Some(identity) = identity(&file) else { continue };
                    let key = (identity.dev, identity.inode);
                    if let Some(pressed) = settling.put(key, (event, file, path), Instant::now()) {
                        self.look_if_there(pressed);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            while let Some(due) = settling.due(Instant::now()) {
                self.look_if_there(due);
            }
        }
        while let Some(left) = settling.pop() {
            self.look_if_there(left);
        }
    }

    /// A file that has no name any more can only be run by who holds it, and that is looked into then.
    fn look_if_there(&mut self, (event, file, path): (Box<Event>, File, PathBuf)) {
        use std::os::unix::fs::MetadataExt as _;
        if file.metadata().is_ok_and(|meta| meta.nlink() > 0) {
            self.look(*event, &file, &path);
        }
    }

    fn look(&mut self, event: Event, file: &File, path: &Path) {
        let identity = identity(file);
        self.forget_if_new_signatures();
        let generation = self.generation;
        let known = |file| self.spared.contains(&file) || self.looked_into.has(&file, generation);
        if identity.is_some_and(known) {
            return;
        }
        let Some((ask, standing)) = self.before(&event, file, path) else {
            return self.spare(identity);
        };
        let looked_into = || identity.into_iter().for_each(|file| self.looked_into.put(file, generation));
        let mut report = self.scanner.scan_as(file, path, &ask);
        report.voices.insert(0, standing.voice);
        Counters::add(&self.shared.counters.scanned, 1);
        if let Some(finding) = standing.finding {
            return self.tell(event, identity, &report, vec![finding]);
        }
        match report.verdict {
            Verdict::Clean => looked_into(),
            Verdict::Suspicious | Verdict::Malicious => self.tell(event, identity, &report, Vec::new()),
            // The same content would not be read to its end another time either; it was counted.
            Verdict::Incomplete => {
                Counters::add(&self.shared.counters.unjudged, 1);
                looked_into();
            }
            Verdict::Error => {
                Counters::add(&self.shared.counters.unjudged, 1);
                tracing::debug!(path = %report.path, note = ?report.note, "a file could not be judged");
            }
        }
    }

    fn forget_if_new_signatures(&mut self) {
        let generation = self.scanner.generation_number();
        if generation != self.generation {
            self.generation = generation;
            self.spared = own_program().into_iter().collect();
        }
    }

    /// None when the file need not be scanned: excluded, or known well enough.
    fn before(&self, event: &Event, file: &File, path: &Path) -> Option<(Ask, Standing)> {
        let (now, policy) = (now(), self.shared.policy());
        let path = path.to_string_lossy();
        let process = event.process.as_deref();
        // The package is that of the program, and the program is the file only where it was started.
        let started = matches!(event.kind, EventKind::Exec(_));
        let package =
            process.filter(|process| started && process.container.is_none()).and_then(|p| p.package.as_deref());
        let standing = reputation::of(&self.shared, file, &path, package, now);
        let candidate = Candidate {
            path: &path,
            sha256: standing.sha256,
            process: process.map(|process| &*process.executable),
            package: package.map(|package| &*package.name),
        };
        if policy.scan.exclusions.iter().any(|one| one.covers(&candidate, now)) {
            Counters::add(&self.shared.counters.excluded, 1);
            return None;
        }
        if standing.trusted {
            return None;
        }
        let spare_model = (!policy.model.enabled).then(|| "the policy does without it".to_owned());
        let written =
            matches!(event.kind, EventKind::File(FileEvent { op: FileOp::WriteClose | FileOp::Rename { .. }, .. }));
        // What was started and may be ended is looked into at once; where the policy only observes, the host comes first.
        let urgency = if written || !may_enforce(&policy) { Urgency::Soon } else { Urgency::Now };
        Some((Ask { spare_model, urgency, ..Ask::default() }, standing))
    }

    fn spare(&mut self, identity: Option<FileIdentity>) {
        if self.spared.len() >= MAX_SPARED {
            self.spared.clear();
        }
        self.spared.extend(identity);
    }

    fn tell(&self, event: Event, file: Option<FileIdentity>, report: &ScanReport, mut findings: Vec<Finding>) {
        let ran = matches!(event.kind, EventKind::Exec(_));
        findings.extend(report.to_findings());
        let findings: Vec<Finding> = findings.into_iter().map(|f| finding(f, ran)).collect();
        kernel_gate::propose(&self.shared, file, Path::new(&report.path), &findings);
        let Some(judged) = alerting::judge_file(&self.shared, &event, findings, &report.voices, now()) else { return };
        if judged.decision.action > Action::Alert {
            self.responder.submit(Box::new((event, judged)));
        } else {
            let outcome = alerting::nothing_done(&judged.decision);
            self.shared.tell(&alerting::alert(&self.shared, &event, judged, outcome));
        }
    }
}

/// A bad file that lies there was brought; one that runs was run by somebody. A rule that knows better says so itself.
fn finding(mut finding: Finding, ran: bool) -> Finding {
    if finding.techniques.is_empty() {
        finding.techniques.push(if ran { Technique::sub(1204, 2) } else { Technique::new(1105) });
    }
    finding
}

/// The very program that runs, while it runs; else the file by its name in the process's own root, then in ours.
fn open(event: &Event) -> Option<(File, PathBuf)> {
    let pid = event.process.as_deref()?.key.tgid;
    let (path, exe) = match &event.kind {
        EventKind::Exec(_) => (event.process.as_deref()?.executable.to_string(), true),
        EventKind::File(file) => (file.file.path.to_string(), false),
        _ => return None,
    };
    let inside = format!("/proc/{pid}/root{path}");
    let candidates = [exe.then(|| format!("/proc/{pid}/exe")), Some(inside), Some(path.clone())];
    let file = candidates.into_iter().flatten().find_map(|candidate| open_regular(Path::new(&candidate)))?;
    Some((file, path.into()))
}

/// Never waits on a pipe and never opens a device.
fn open_regular(path: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).ok()?);
    file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    Some(file)
}

pub fn identity(file: &File) -> Option<FileIdentity> {
    use std::os::unix::fs::MetadataExt as _;
    let meta = file.metadata().ok()?;
    let ctime = event::Timestamp(meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec()));
    Some(FileIdentity { dev: meta.dev(), inode: meta.ino(), ctime, size: meta.len() })
}

/// Tamon's own binary, as it runs: it is large, it is us, and it is started for every step of the self-test.
pub fn own_program() -> Option<FileIdentity> {
    identity(&File::open("/proc/self/exe").ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_is_by_whole_components() {
        for (path, folder, expected) in
            [("/tmp/x", "/tmp", true), ("/tmp/x", "/tmp/", true), ("/tmpx", "/tmp", false), ("/tmp", "/tmp", false)]
        {
            assert_eq!(below(path, folder), expected, "{path} {folder}");
        }
    }
}
