//! What the monitor says: a row for each change in the journal of this host, an event for the pipeline, and a finding over
//! all changes that one process tree made at once and that broke one rule.

use super::packages::{Fold, Transaction};
use crate::alerting;
use crate::pipeline::now;
use crate::shared::Shared;
use ::integrity::{Journal, Ruling};
use crossbeam_channel::Sender;
use event::{
    ChangeKind, Engine, Event, EventKind, File, FileChange, Finding, Found, Process, ProcessKey, RuleId, Severity,
    Sha256, Technique, Timestamp, Via,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// One thing for the pipeline to take: an event, and what is found in it.
pub struct Change {
    pub event: Event,
    pub findings: Vec<Finding>,
}

/// A judged change that was not told yet.
pub struct Judged {
    pub change: FileChange,
    pub ruling: Ruling,
    pub time: Timestamp,
    pub process: Option<Arc<Process>>,
    pub parent: Option<Arc<Process>>,
    /// None of what was found later.
    pub heard_at: Option<Instant>,
}

/// Generations told of who did it.
const MOST_ABOVE: usize = 16;
/// A change told later than that is counted.
const PROMISED: Duration = Duration::from_secs(1);

/// What is told as one: the rule, the process tree, and how it was found.
type Together = (String, Option<ProcessKey>, Found);

pub struct Teller {
    shared: Arc<Shared>,
    journal: Journal,
    told: Sender<Change>,
    pub counts: Counts,
}

#[derive(Debug, Default)]
pub struct Counts {
    pub told: AtomicU64,
    pub expected: AtomicU64,
    /// From hearing of a change to telling it: milliseconds of the slowest since the baseline was opened, and how many took
    /// longer than a second.
    pub slowest_ms: AtomicU64,
    pub late: AtomicU64,
}

impl Counts {
    fn took(&self, heard: Option<Instant>, files: u64) {
        let Some(took) = heard.map(|heard| heard.elapsed()) else { return };
        self.slowest_ms.fetch_max(u64::try_from(took.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        if took > PROMISED {
            self.late.fetch_add(files, Ordering::Relaxed);
        }
    }

    pub fn forget_delays(&self) {
        self.slowest_ms.store(0, Ordering::Relaxed);
        self.late.store(0, Ordering::Relaxed);
    }
}

impl Teller {
    pub fn new(shared: Arc<Shared>, journal: Journal, told: Sender<Change>) -> Teller {
        Teller { shared, journal, told, counts: Counts::default() }
    }

    pub fn judged(&self, all: Vec<Judged>) {
        let key = |one: &Judged| (one.ruling.id.clone(), tree(one.process.as_deref()), one.change.found);
        let mut groups: Vec<(Together, Vec<Judged>)> = Vec::new();
        for one in all {
            let key = key(&one);
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, group)) => group.push(one),
                None => groups.push((key, vec![one])),
            }
        }
        for (_, group) in groups {
            self.counts.told.fetch_add(group.len() as u64, Ordering::Relaxed);
            let changes: Vec<&FileChange> = group.iter().map(|one| &one.change).collect();
            let finding = group[0].ruling.finding(&changes, &who(&group[0]));
            let mut findings = vec![finding];
            let heard: Vec<Option<Instant>> = group.iter().map(|one| one.heard_at).collect();
            let events = group.into_iter().map(|one| Change {
                event: Event {
                    sequence: 0,
                    time: one.time,
                    via: Via::Syscall,
                    process: one.process,
                    parent: one.parent,
                    kind: EventKind::Change(Box::new(one.change)),
                },
                // The first carries what is found in all.
                findings: std::mem::take(&mut findings),
            });
            self.send(events.collect());
            heard.into_iter().for_each(|at| self.counts.took(at, 1));
        }
    }

    /// Many files of packages as one record; None is one of which nobody saw who made it.
    pub fn expected(&self, fold: &Fold, transaction: Option<&Transaction>) {
        self.counts.expected.fetch_add(fold.files, Ordering::Relaxed);
        let why = match transaction {
            Some(_) => "made by the package manager, and the digests are the packages'",
            None => "their digests are the packages', whoever put them there while nobody looked",
        };
        self.folded(ChangeKind::Expected, fold, transaction, why);
    }

    /// At once, though what is thought of them has to wait; each is expected or judged later.
    pub fn unverified(&self, fold: &Fold, transaction: &Transaction) {
        let why = "made by the package manager; they are held against its list as soon as that is there";
        self.folded(ChangeKind::Unverified, fold, Some(transaction), why);
    }

    fn folded(&self, what: ChangeKind, fold: &Fold, transaction: Option<&Transaction>, why: &str) {
        let packages: Vec<&str> = fold.packages.iter().map(String::as_str).collect();
        let packages = packages.join(", ");
        let first = fold.paths.first().cloned().unwrap_or_default();
        let command = transaction.map(|one| event::text::clip(&one.process.command_line, 2_000).into());
        let change = FileChange {
            package: (!packages.is_empty()).then(|| event::text::clip(&packages, 4_000).into()),
            transaction: command,
            files: fold.files,
            paths: fold.paths.clone(),
            found: if transaction.is_some() { Found::Live } else { Found::Scan },
            ..plain(what, &first, why)
        };
        let (process, parent) = match transaction {
            Some(one) => (Some(Arc::clone(&one.process)), one.parent.clone()),
            None => (None, None),
        };
        self.send(vec![Change { event: event_of(change, now(), process, parent), findings: Vec::new() }]);
        self.counts.took(fold.heard, fold.files);
    }

    /// The node is told of each baseline: who is root here could make another.
    pub fn baseline(&self, path: &Path, digest: Sha256, words: &str) {
        let change =
            FileChange { sha256: Some(digest), ..plain(ChangeKind::Baseline, &path.display().to_string(), words) };
        self.send(vec![Change { event: event_of(change, now(), None, None), findings: Vec::new() }]);
    }

    /// The baseline is not what it was: worth an alert, since watching ends with it.
    pub fn refused(&self, path: &Path, words: &str) {
        let change = FileChange {
            severity: Severity::High,
            rule: Some("integrity.baseline".into()),
            found: Found::Start,
            ..plain(ChangeKind::Modified, &path.display().to_string(), words)
        };
        let finding = Finding {
            engine: Engine::Integrity,
            rule_id: RuleId::new("integrity.baseline"),
            name: "The baseline of watched files is refused".into(),
            severity: Severity::High,
            techniques: vec![Technique::sub(1562, 1)],
            tactics: Vec::new(),
            detail: words.to_owned(),
            matched: vec![("file_path".into(), path.display().to_string())],
            asks: None,
        };
        self.send(vec![Change { event: event_of(change, now(), None, None), findings: vec![finding] }]);
    }

    fn send(&self, changes: Vec<Change>) {
        let rows: Vec<_> = changes.iter().map(|one| alerting::row(&self.shared, &one.event)).collect();
        if let Err(error) = self.journal.append(&rows) {
            self.shared.problem(format!("what is told of watched files is not kept here: {error}"));
        }
        for change in changes {
            // Ended only when the agent ends, and then the journal has it.
            let _ = self.told.send(change);
        }
    }
}

fn event_of(change: FileChange, time: Timestamp, process: Option<Arc<Process>>, parent: Option<Arc<Process>>) -> Event {
    Event { sequence: 0, time, via: Via::Syscall, process, parent, kind: EventKind::Change(Box::new(change)) }
}

/// A change with nothing filled in but what every one has.
pub fn plain(what: ChangeKind, path: &str, why: &str) -> FileChange {
    FileChange {
        what,
        file: File::at(path),
        sha256: None,
        changed: Vec::new(),
        diff: None,
        diff_note: None,
        found: Found::Live,
        severity: Severity::Info,
        rule: None,
        why: why.into(),
        package: None,
        transaction: None,
        lineage: None,
        files: 1,
        paths: Vec::new(),
    }
}

/// The processes above one, nearest first, a line each, as far as the table still knows them.
pub fn lineage(shared: &Shared, process: Option<&Process>) -> Option<Arc<str>> {
    let above = shared.enricher.processes(&process?.key);
    let line = |one: &Arc<Process>| {
        let said = if one.command_line.is_empty() { &one.comm } else { &one.command_line };
        format!("{} {}", one.key.tgid, event::text::printable(event::text::clip(said, 300)))
    };
    let lines: Vec<String> = above.iter().skip(1).take(MOST_ABOVE).map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n").into())
}

/// Daemons that share only pid 1 are no tree.
fn tree(process: Option<&Process>) -> Option<ProcessKey> {
    process.map(|process| process.parent.filter(|parent| parent.tgid > 1).unwrap_or(process.key))
}

fn who(one: &Judged) -> String {
    let Some(process) = one.process.as_deref() else {
        return match one.change.found {
            Found::Start => "Somebody, while the agent was not running,".into(),
            Found::Live | Found::Scan => "Somebody whom the sensor did not see".into(),
        };
    };
    let user = process.user.name.as_deref().map_or_else(|| process.user.credentials.uid.to_string(), str::to_owned);
    let mut text = format!("{} (pid {}) of user {user}", process.name(), process.key.tgid);
    if let Some(login) = process.login.as_ref().filter(|login| login.uid != process.user.credentials.uid) {
        let name = login.name.as_deref().map_or_else(|| login.uid.to_string(), str::to_owned);
        text.push_str(&format!(", signed in as {name},"));
    }
    if let Some(container) = &process.container {
        text.push_str(&format!(" in container {}", container.name.as_deref().unwrap_or(&container.id)));
    }
    text
}

/// Marks a moment by a file's time.
pub fn touch(path: &Path) -> std::io::Result<()> {
    std::fs::write(path, now().to_string())
}
