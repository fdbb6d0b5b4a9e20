//! Ransomware: many existing files turned into something else within seconds, by one process or by the children of one.
//!
//! A file is *turned* when it was written and then renamed to an extension nobody knows (or the other way round), or when
//! such a copy appeared beside it and it was deleted. Neither compilers, archivers, package tools, log rotation nor
//! synchronisation do that: they make new files, put a file in place of itself, or use extensions that are known. A second,
//! weaker rule counts documents of several kinds that are overwritten in place.

mod burst;
pub mod content;
mod extension;
mod format;
pub mod ledger;
pub(crate) mod recovery;
mod words;

use crate::bounded::Bounded;
use crate::names::is_installed;
use crate::tell::{Rule, path, span, who};
use burst::{Burst, Turned};
use event::{Action, Engine, Event, EventKind, Finding, Process, ProcessKey, Severity, Tactic, Technique};
pub use extension::holds_document as is_document;
pub use recovery::inhibits as inhibits_recovery;
pub(crate) use recovery::observe as observe_recovery;

pub(crate) const BURST: Rule = Rule {
    id: "ransomware.burst",
    engine: Engine::Ransomware,
    name: "Ransomware: files are being turned",
    severity: Severity::Critical,
    techniques: &[Technique::new(1486)],
    tactics: &[Tactic::Impact],
    asks: Some(Action::Kill),
};

pub(crate) const OVERWRITE: Rule = Rule {
    id: "ransomware.overwrite",
    engine: Engine::Ransomware,
    name: "Documents of many kinds are overwritten",
    severity: Severity::High,
    techniques: &[Technique::new(1486)],
    tactics: &[Tactic::Impact],
    asks: None,
};

/// Turned files that are enough: of several kinds, of one kind, and where a ransom note was left.
const ENOUGH: usize = 6;
const ENOUGH_OF_ONE_KIND: usize = 8;
const ENOUGH_WITH_NOTE: usize = 3;
/// Overwritten documents, and their kinds.
const ENOUGH_OVERWRITTEN: usize = 20;
const ENOUGH_OVERWRITTEN_KINDS: usize = 4;

#[derive(Debug)]
pub(crate) struct Ransomware {
    bursts: Bounded<ProcessKey, Burst>,
}

impl Ransomware {
    pub fn new() -> Self {
        // A burst is at most some ten kilobytes, and nearly always some hundred bytes.
        Ransomware { bursts: Bounded::new(1_024) }
    }

    /// A loop of short processes is one burst of their parent; a program of its own is its own burst.
    pub fn observe(&mut self, event: &Event, process: &Process) -> Option<Finding> {
        let EventKind::File(file) = &event.kind else { return None };
        let mut found = None;
        for key in [Some(process.key), process.parent].into_iter().flatten() {
            let burst = self.bursts.entry(&key, Burst::default);
            burst.take(event.time, file);
            found = found.or_else(|| turned(burst, process)).or_else(|| overwritten(burst, process));
        }
        found
    }
}

fn turned(burst: &mut Burst, process: &Process) -> Option<Finding> {
    let turned = burst.fresh_turned()?;
    let enough = match (&burst.note, turned.kinds) {
        (Some(_), _) => ENOUGH_WITH_NOTE,
        (None, 1) => ENOUGH_OF_ONE_KIND,
        (None, _) => ENOUGH,
    };
    if turned.files < enough {
        return None;
    }
    let Turned { files, kinds, folders, extension, first, last, nanos } = turned;
    let note = burst.note.as_ref().map(|note| format!("; it left {}", path(note))).unwrap_or_default();
    let detail = format!(
        "{} turned {files} files of {kinds} kinds in {folders} folders into *.{} within {}: first {}, last {}{note}.",
        who(process),
        path(&extension),
        span(nanos),
        path(&first),
        path(&last)
    );
    burst.told();
    let evidence = vec![("file_path", last), ("files", files.to_string()), ("new_extension", extension)];
    Some(BURST.finding(detail, evidence))
}

fn overwritten(burst: &mut Burst, process: &Process) -> Option<Finding> {
    let (files, kinds) = burst.fresh_overwritten()?;
    let copies = is_installed(&process.executable)
        && matches!(
            process.name(),
            "rsync" | "git" | "cp" | "tar" | "unzip" | "syncthing" | "restic" | "rclone" | "dpkg"
        );
    if files < ENOUGH_OVERWRITTEN || kinds < ENOUGH_OVERWRITTEN_KINDS || copies {
        return None;
    }
    let detail = format!("{} overwrote {files} documents of {kinds} kinds within seconds.", who(process));
    burst.told();
    Some(OVERWRITE.finding(detail, vec![("files", files.to_string()), ("kinds", kinds.to_string())]))
}
