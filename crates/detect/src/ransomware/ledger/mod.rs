//! What one process tree (or one user, or one parent of many short programs) has made of files that were there before it. The
//! agent tells each outcome as it learns of it; the ledger says when it is enough. A file counts once.

#[cfg(test)]
mod tests;
mod verdict;

pub(crate) use verdict::{CONTENT, WIPER};

use super::content::{Harm, Sample, harm};
use super::extension;
use event::Timestamp;
use std::collections::{HashMap, HashSet};

/// Files that one ledger counts; more are not told apart, and by then it has spoken.
const MAX_FILES: usize = 1_024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerConfig {
    /// Lost files that are enough.
    pub enough: usize,
    /// The same where a note was left, a decoy was hit, or backups were deleted before.
    pub enough_with_sign: usize,
    /// Files that a program which no package owns may delete, of three kinds or more, before that alone is enough.
    pub enough_deleted: usize,
    /// Files of three kinds or more that stand empty at the same time.
    pub enough_emptied: usize,
    /// Documents of three kinds or more that have an extension which looks drawn by lot, and whose content nobody touched yet.
    pub enough_renamed: usize,
    pub window_nanos: i64,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        LedgerConfig {
            enough: 5,
            enough_with_sign: 3,
            enough_deleted: 16,
            enough_emptied: 8,
            enough_renamed: 6,
            window_nanos: 3_600_000_000_000,
        }
    }
}

/// One file, by device and inode.
pub type FileId = (u64, u64);

/// What became of a file.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// Its content, in place or by another file put in its place.
    Changed { before: &'a Sample, after: &'a Sample },
    /// Neither its name nor its content is there any more. `read`: the tree had opened it before. `loose`: no package owns the
    /// program that deleted it.
    Gone { size: u64, read: bool, loose: bool },
    /// Nothing is left in it, and what was there is not known.
    Emptied,
    /// It was opened and has another name now; its content is told besides.
    Renamed { to: &'a str },
    /// It got another name, whether or not anybody opened it. `loose`: no package owns the program that gave it.
    Named { to: &'a str, loose: bool },
    /// The tree made it.
    Made { content: &'a Sample },
    /// Another ledger has found so: a user's is fed from those of the user's trees.
    Lost(&'static str),
}

/// Around the files, what points the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    Note,
    Decoy,
    /// Backups, snapshots or the services that keep files open were ended.
    Inhibited,
    /// All that was read went into something unreadable.
    Packed,
}

#[derive(Debug, Default)]
pub struct Ledger {
    config: LedgerConfig,
    lost: HashMap<FileId, (Timestamp, &'static str)>,
    gone: HashMap<FileId, Gone>,
    /// Documents with an extension that no known program gives.
    renamed: HashMap<FileId, Renamed>,
    /// Stand empty, by the end of their name.
    emptied: HashMap<FileId, (Timestamp, String)>,
    /// Files of noise that it made: how many, and how large together.
    opaque: HashMap<FileId, u64>,
    /// The same, but for a head that says which honest tool encrypted them.
    sealed: HashSet<FileId>,
    signs: HashSet<Sign>,
    first: Option<(Timestamp, String)>,
    last: String,
    told: bool,
}

#[derive(Debug)]
struct Gone {
    at: Timestamp,
    size: u64,
    read: bool,
    loose: bool,
    /// The end of its name, where that is a document's.
    kind: Option<String>,
}

#[derive(Debug)]
struct Renamed {
    at: Timestamp,
    /// The end of its name before.
    kind: String,
    /// Its new extension looks drawn by lot.
    coined: bool,
}

impl Ledger {
    pub fn new(config: LedgerConfig) -> Ledger {
        Ledger { config, ..Ledger::default() }
    }

    pub fn sign(&mut self, sign: Sign) {
        self.signs.insert(sign);
    }

    /// Gives how the file was lost, if it was.
    pub fn take(&mut self, at: Timestamp, file: FileId, name: &str, outcome: Outcome<'_>) -> Option<&'static str> {
        self.forget_before(at.plus_nanos(-self.config.window_nanos));
        match outcome {
            Outcome::Changed { before, after } => {
                self.emptied.remove(&file);
                match harm(before, after) {
                    Harm::Lost(how) => return self.lose(at, file, name, how),
                    // What looked lost half-way through a write may be whole at its end.
                    Harm::None => _ = self.lost.remove(&file),
                    Harm::Emptied => self.empty(at, file, name),
                }
            }
            Outcome::Lost(how) => return self.lose(at, file, name, how),
            Outcome::Emptied => self.empty(at, file, name),
            Outcome::Gone { size, read, loose } => {
                let kind = Some(kind_of(name)).filter(|kind| extension::is_document(kind));
                let gone = Gone { at, size, read, loose, kind };
                if self.gone.len() < MAX_FILES && self.gone.insert(file, gone).is_none() {
                    self.remember(at, name);
                }
            }
            Outcome::Renamed { to } => {
                if extension::of(to).is_some_and(extension::is_ransom) {
                    return self.lose(at, file, name, "it has an extension that only ransomware gives");
                }
            }
            Outcome::Named { to, loose } => self.named(at, file, name, to, loose),
            Outcome::Made { content } => {
                if extension::is_note(name) {
                    self.signs.insert(Sign::Note);
                }
                self.opaque.remove(&file);
                self.sealed.remove(&file);
                if content.is_opaque() && self.opaque.len() < MAX_FILES {
                    self.opaque.insert(file, content.size);
                } else if content.kind.is_sealed() && self.sealed.len() < MAX_FILES {
                    self.sealed.insert(file);
                }
            }
        }
        None
    }

    /// What was told as gone is there again.
    pub fn came_back(&mut self, file: FileId) {
        self.gone.remove(&file);
    }

    fn lose(&mut self, at: Timestamp, file: FileId, name: &str, how: &'static str) -> Option<&'static str> {
        if self.lost.len() < MAX_FILES && self.lost.insert(file, (at, how)).is_none() {
            self.remember(at, name);
        }
        Some(how)
    }

    /// Logs are emptied daily.
    fn empty(&mut self, at: Timestamp, file: FileId, name: &str) {
        self.lost.remove(&file);
        let kind = kind_of(name);
        if self.emptied.len() < MAX_FILES && extension::holds_document(name) {
            self.emptied.insert(file, (at, kind));
            self.remember(at, name);
        }
    }

    fn named(&mut self, at: Timestamp, file: FileId, name: &str, to: &str, loose: bool) {
        let Some(given) = extension::given(name, to).filter(|given| loose || extension::is_coined(given)) else {
            self.renamed.remove(&file);
            return;
        };
        let renamed = Renamed { at, kind: kind_of(name), coined: extension::is_coined(given) };
        if self.renamed.len() < MAX_FILES && self.renamed.insert(file, renamed).is_none() {
            self.remember(at, name);
        }
    }

    fn remember(&mut self, at: Timestamp, name: &str) {
        self.first.get_or_insert_with(|| (at, name.to_owned()));
        name.clone_into(&mut self.last);
    }

    fn forget_before(&mut self, horizon: Timestamp) {
        self.lost.retain(|_, (at, _)| *at >= horizon);
        self.gone.retain(|_, gone| gone.at >= horizon);
        self.emptied.retain(|_, (at, _)| *at >= horizon);
        self.renamed.retain(|_, one| one.at >= horizon);
    }

    /// Files that count as lost: those made unreadable, those deleted after something unreadable was made of them, and documents
    /// that a program of nobody's deletes besides those that it has destroyed.
    pub fn lost(&self) -> usize {
        let besides = self.gone.iter().filter(|(file, gone)| {
            self.lost.len() >= 2 && gone.loose && gone.kind.is_some() && !self.lost.contains_key(*file)
        });
        self.lost.len() + besides.count().max(self.replaced())
    }

    /// Of the files of noise that it made.
    pub fn opaque_bytes(&self) -> u64 {
        self.opaque.values().sum()
    }

    /// What it deletes may have to be given back.
    pub fn is_grave(&self) -> bool {
        let by_loose = self.gone.values().any(|gone| gone.loose);
        let made = !self.opaque.is_empty() || !self.sealed.is_empty();
        self.lost.len() + self.gone.len() >= 3 && (by_loose || made || !self.lost.is_empty())
    }

    /// There is reason to look at each file that goes before the next one may.
    pub fn is_wary(&self) -> bool {
        let made = !self.opaque.is_empty() || !self.sealed.is_empty();
        let gone = |is: fn(&Gone) -> bool| self.gone.values().filter(|gone| is(gone)).count();
        let deleted = gone(|gone| gone.loose && gone.kind.is_some()) >= 3 || made && gone(|gone| gone.read) > 0;
        deleted || self.lost() > 0 || self.renamed.len() >= 2 || self.emptied.len() >= 2
    }

    /// It has a name now that a known program would not give it.
    pub fn is_out_of_place(&self, file: FileId) -> bool {
        self.renamed.contains_key(&file)
    }

    pub fn deleted(&self) -> usize {
        self.gone.len()
    }

    /// Kinds of documents among what it has read and deleted.
    pub fn kinds_deleted(&self) -> usize {
        kinds(self.gone.values().filter(|gone| gone.read))
    }

    /// Deleted files that it had read and whose content went into noise: one for one, or many into one that is large enough.
    /// Where honest tools encrypted them, one for one and of several kinds: an archive of one's own is one file.
    fn replaced(&self) -> usize {
        let read = || self.gone.iter().filter(|(file, gone)| gone.read && !self.lost.contains_key(*file));
        let (count, bytes) = read().fold((0, 0u64), |(n, sum), (_, gone)| (n + 1, sum + gone.size));
        let made = self.opaque_bytes();
        if made > 0 && made * 4 >= bytes {
            return count;
        }
        let sealed = if kinds(read().map(|(_, gone)| gone)) >= 3 { self.sealed.len() } else { 0 };
        count.min(self.opaque.len() + sealed)
    }

    fn emptied_kinds(&self) -> usize {
        self.emptied.values().map(|(_, kind)| kind).collect::<HashSet<_>>().len()
    }
}

/// Of documents.
fn kinds<'a>(gone: impl Iterator<Item = &'a Gone>) -> usize {
    gone.filter_map(|gone| gone.kind.as_deref()).collect::<HashSet<_>>().len()
}

/// The end of its name, in small letters.
fn kind_of(name: &str) -> String {
    extension::of(name).unwrap_or_default().to_ascii_lowercase()
}
