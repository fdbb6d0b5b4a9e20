//! The second net: programs that run although nobody was asked, judged from the exec event and, where the lock says so,
//! ended. And files that updaters wrote, whose digests are kept so that they stay trusted when the agent starts anew. Both
//! read files, so they have a thread of their own.

use super::evidence::{gather, identity};
use super::store::Entry;
use super::updates::Written;
use super::{Asker, add, done, evidence, kernel, release, ruling, tell};
use crate::alerting::{self, Judged};
use crate::pipeline::now;
use crate::shared::Shared;
use crossbeam_channel::{Receiver, bounded};
use event::{Action, Event, FileIdentity, Mode, Outcome, OutcomeStatus, Process, ProcessKey};
use respond::{KillPolicy, kill_tree};
use sensor::LockTold;
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use verdict::lockdown::{Act, Evidence, Ruling, Source, Use};
use verdict::{Policy, Protected};

const QUEUE: usize = 8_192;
/// Generations looked back for a package manager.
const DEPTH: usize = 12;

pub enum Job {
    Started(Box<Event>),
    Written(Written),
    /// A module came in, or a process was taken over.
    Done(Box<Event>),
    /// By the kernel's lock.
    Told(LockTold),
    /// The kernel's lock is to be told what must run.
    Prepare,
}

pub fn start(shared: &Arc<Shared>) -> std::io::Result<()> {
    let (send, jobs) = bounded(QUEUE);
    *shared.lockdown.jobs.lock() = Some(send);
    release::tell(shared);
    let shared = Arc::clone(shared);
    std::thread::Builder::new().name("lockdown".into()).spawn(move || run(&shared, &jobs)).map(|_| ())
}

fn run(shared: &Arc<Shared>, jobs: &Receiver<Job>) {
    for job in jobs {
        match job {
            Job::Started(event) => started(shared, &event),
            Job::Written(written) => keep(shared, &written),
            Job::Done(event) => done::judge(shared, &event),
            Job::Told(told) => kernel::take_told(shared, &told),
            Job::Prepare => kernel::prepare(shared),
        }
    }
}

fn started(shared: &Arc<Shared>, event: &Event) {
    let lockdown = &shared.lockdown;
    let Some(process) = event.process.as_ref().filter(|_| lockdown.is_active()) else { return };
    if process.file.is_some_and(|file| lockdown.allowed.has(&file)) || is_exempt(shared, process) {
        return;
    }
    let asker = Asker { pid: process.key.tgid, process: Some(Arc::clone(process)) };
    let policy = shared.policy();
    let judge = |evidence: &Evidence<'_>, matter| ruling(shared, &policy, evidence, matter, &asker, now());
    let path = Path::new(&*process.executable);
    let (ruling, evidence) = if process.fileless && process.executable.starts_with("/memfd:") {
        let evidence = Evidence { path: &process.executable, ..Evidence::default() };
        (judge(&evidence, Err(Act::Fileless)), evidence)
    } else {
        if !policy.lockdown.in_scope(&process.executable) {
            return;
        }
        let own = format!("/proc/{}/exe", process.key.tgid);
        let this = |file: &File| identity(file).map(|(identity, _)| identity).filter(|it| is_content(process, it));
        let open = |path: &Path| File::open(path).ok().and_then(|file| Some((this(&file)?, file)));
        let Some((now_is, file)) = open(Path::new(&own)).or_else(|| open(path)) else {
            // It has ended, and its file is gone or another by now: nobody can say what ran.
            return add(&lockdown.counters.unjudged);
        };
        if lockdown.allowed.has(&now_is) {
            return;
        }
        let image = evidence::image(&shared.lockdown, &policy.lockdown, &file, path, &asker);
        let evidence = Evidence { image, ..gather(lockdown, &policy.lockdown, &file, path, now()) };
        let ruling = judge(&evidence, Ok(Use::Program));
        if ruling.source.is_some() {
            lockdown.allowed.insert(now_is, path);
        }
        (ruling, evidence)
    };
    if ruling.finding.is_some() && ruling.decision.wanted > Action::Allow {
        let matter =
            if evidence.nameless.is_some() || process.fileless { Err(Act::Fileless) } else { Ok(Use::Program) };
        tell::write_down(shared, &ruling, &evidence, matter, &asker, now(), false);
        add(&lockdown.counters.unasked);
        unknown(shared, event, process, ruling, &evidence);
    }
}

/// Whether this is what the process ran when its start was seen; some file systems have another device in the kernel.
fn is_content(process: &Process, found: &FileIdentity) -> bool {
    // Losing its last name moved the change time.
    let same_time = |ran: &FileIdentity| ran.ctime == found.ctime || process.fileless;
    process.file.is_some_and(|ran| (ran.inode, ran.size) == (found.inode, found.size) && same_time(&ran))
}

/// The gate lets them through unasked, as well as all that they start.
pub fn is_exempt(shared: &Shared, process: &Arc<Process>) -> bool {
    let mut at = Some(Arc::clone(process));
    for _ in 0..DEPTH {
        let Some(process) = at else { return false };
        if matches!(alerting::protected(shared, &process), Some(Protected::PackageManager | Protected::Tamon)) {
            return true;
        }
        at = process.parent.and_then(|parent| shared.enricher.process(&parent));
    }
    false
}

fn unknown(shared: &Arc<Shared>, event: &Event, process: &Process, ruling: Ruling, evidence: &Evidence<'_>) {
    let Some(finding) = ruling.finding.clone() else { return };
    if ruling.decision.action < Action::Alert {
        return;
    }
    let (action, status, words) = end(shared, process.key, &shared.policy(), &ruling);
    if action == Action::Alert && !shared.lockdown.is_news(finding.rule_id.as_str(), evidence.path) {
        return;
    }
    let detail = format!("{} ran before it could be asked about; {words}", evidence.path);
    let decision = event::Decision { action, ..ruling.decision };
    let judged = Judged::new(vec![finding], decision);
    shared.tell(&alerting::alert(shared, event, judged, Outcome { action, status, detail }));
}

/// Who runs what nobody vouches for, where the lock goes so far; and what became of it, in words.
pub fn end(shared: &Shared, process: ProcessKey, policy: &Policy, ruling: &Ruling) -> (Action, OutcomeStatus, String) {
    let decision = &ruling.decision;
    if decision.mode != Mode::Enforce || decision.action < Action::Deny || !policy.lockdown.end_unasked {
        return (Action::Alert, OutcomeStatus::None, "only told".into());
    }
    let report = kill_tree(process, &[], &KillPolicy::default());
    shared.lockdown.counters.ended.fetch_add(report.killed() as u64, Ordering::Relaxed);
    let status = if report.killed() > 0 { OutcomeStatus::Done } else { OutcomeStatus::None };
    (Action::Kill, status, format!("{} ended", report.killed()))
}

/// Only what can be executed or mapped, and only what no package owns: for that the database vouches.
fn keep(shared: &Shared, written: &Written) {
    let path = Path::new(&*written.path);
    let name = written.path.rsplit('/').next().unwrap_or_default();
    if kernel::is_module(path)
        && let Some(answers) = shared.lockdown.kernel.answers()
    {
        kernel::module(shared, &shared.policy(), &answers, path);
    }
    let Ok(file) = File::open(path) else { return };
    let Ok(meta) = file.metadata() else { return };
    let code = meta.mode() & 0o111 != 0 || name.contains(".so") || kernel::is_module(path);
    let by_updater = shared.lockdown.updates.wrote(meta.dev(), meta.ino()).is_some();
    if !meta.is_file() || !code || !by_updater || shared.lockdown.packages.owns(&written.path) {
        return;
    }
    let Some(sha256) = crate::reputation::digest(&file) else { return };
    // Still nobody else's?
    if shared.lockdown.updates.wrote(meta.dev(), meta.ino()).is_none() {
        return;
    }
    let source = Source::Updater(written.by.to_string());
    let (path, by) = (Some(written.path.to_string()), written.by.to_string());
    if !shared.lockdown.store.lock().trust(Entry { path, sha256, source, by, at: now(), until: None }) {
        shared.problem("lockdown: the list of trusted files is full".into());
    }
}
