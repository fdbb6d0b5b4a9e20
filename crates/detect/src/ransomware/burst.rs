//! What one process (or the children of one) did to files within the window. Paths are kept as hashes, but for the first
//! and the last, so that the memory of a burst is bounded and small.

use super::extension;
use event::{FileEvent, FileOp, Timestamp};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

const WINDOW_NANOS: i64 = 20_000_000_000;
/// Entries of each map.
const MAX_PATHS: usize = 256;
/// Different new extensions.
const MAX_EXTENSIONS: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct Burst {
    began: Option<Timestamp>,
    /// Files that this burst made itself: to delete or rename them harms nobody.
    created: HashSet<u64>,
    /// Existing files that it opened for writing.
    written: HashSet<u64>,
    /// Copies with an unknown extension, by the name they were made of.
    copies: HashMap<u64, String>,
    /// Files renamed to an unknown extension before anything was written: new name → (old name's hash, old extension).
    renamed: HashMap<u64, (String, u64)>,
    turned: HashMap<String, Kind>,
    documents: HashSet<u64>,
    document_kinds: HashSet<u64>,
    pub note: Option<String>,
    told: bool,
}

/// The files that got one new extension.
#[derive(Debug)]
struct Kind {
    files: HashSet<u64>,
    kinds: HashSet<u64>,
    folders: HashSet<u64>,
    first: String,
    last: String,
    began: Timestamp,
    ended: Timestamp,
}

/// What is told of them.
pub(crate) struct Turned {
    pub files: usize,
    pub kinds: usize,
    pub folders: usize,
    pub extension: String,
    pub first: String,
    pub last: String,
    pub nanos: i64,
}

impl Burst {
    pub fn take(&mut self, at: Timestamp, event: &FileEvent) {
        // The window jumps: two half-filled windows are told apart at worst, never one that is full.
        let fresh = self.began.is_some_and(|began| (0..WINDOW_NANOS).contains(&at.since(began)));
        if !fresh {
            *self = Burst { began: Some(at), ..Burst::default() };
        }
        let path = &*event.file.path;
        match &event.op {
            FileOp::Create => self.created(path),
            FileOp::OpenWrite { .. } | FileOp::Truncate { .. } => self.opened(at, path),
            FileOp::Rename { from } => self.moved(at, from, path),
            FileOp::Unlink => self.deleted(at, path),
            _ => {}
        }
    }

    fn created(&mut self, path: &str) {
        remember(&mut self.created, hash(path));
        if extension::is_note(path) {
            self.note = Some(path.to_owned());
        }
        if let Some((original, new)) = path.rsplit_once('.')
            && extension::of(path) == Some(new)
            && !extension::is_known(new)
            && self.copies.len() < MAX_PATHS
        {
            self.copies.insert(hash(original), new.to_owned());
        }
    }

    fn opened(&mut self, at: Timestamp, path: &str) {
        let id = hash(path);
        if let Some((new, old_kind)) = self.renamed.remove(&id) {
            self.turn(at, id, path, old_kind, new);
            return;
        }
        if self.created.contains(&id) {
            return;
        }
        remember(&mut self.written, id);
        if let Some(kind) = extension::of(path).map(str::to_ascii_lowercase).filter(|kind| extension::is_document(kind))
        {
            remember(&mut self.documents, id);
            remember(&mut self.document_kinds, hash(&kind));
        }
    }

    fn moved(&mut self, at: Timestamp, from: &str, to: &str) {
        let (old, new) = (extension::of(from), extension::of(to));
        let Some(new) = new.filter(|new| old != Some(*new) && !extension::is_known(new)) else {
            // A file put in another's place is a file that was made, not one that was turned.
            if self.created.remove(&hash(from)) {
                remember(&mut self.created, hash(to));
            }
            return;
        };
        if self.created.contains(&hash(from)) {
            return;
        }
        let kind = hash(old.unwrap_or_default());
        if self.written.contains(&hash(from)) || extension::is_ransom(new) {
            self.turn(at, hash(to), to, kind, new.to_owned());
        } else if self.renamed.len() < MAX_PATHS {
            self.renamed.insert(hash(to), (new.to_owned(), kind));
        }
    }

    fn deleted(&mut self, at: Timestamp, path: &str) {
        let id = hash(path);
        if self.created.contains(&id) {
            return;
        }
        if let Some(new) = self.copies.remove(&id) {
            self.turn(at, id, path, hash(extension::of(path).unwrap_or_default()), new);
        }
    }

    fn turn(&mut self, at: Timestamp, id: u64, path: &str, old_kind: u64, new: String) {
        if self.turned.len() >= MAX_EXTENSIONS && !self.turned.contains_key(&new) {
            return;
        }
        let kind = self.turned.entry(new).or_insert_with(|| Kind {
            files: HashSet::new(),
            kinds: HashSet::new(),
            folders: HashSet::new(),
            first: path.to_owned(),
            last: String::new(),
            began: at,
            ended: at,
        });
        remember(&mut kind.files, id);
        remember(&mut kind.kinds, old_kind);
        remember(&mut kind.folders, hash(extension::folder(path)));
        path.clone_into(&mut kind.last);
        kind.ended = at;
    }

    /// The new extension that most files got; None when there is none or this window has been told. Ransomware that gives
    /// each file an extension of its own is counted as one.
    pub fn fresh_turned(&self) -> Option<Turned> {
        if self.told {
            return None;
        }
        let (extension, most) = self.turned.iter().max_by_key(|(_, kind)| kind.files.len())?;
        let all: usize = self.turned.values().map(|kind| kind.files.len()).sum();
        let single = self.turned.len() == 1 || most.files.len() * 2 > all;
        let extension = if single { extension.clone() } else { "(different extensions)".to_owned() };
        let files = if single { most.files.len() } else { all };
        let kinds: HashSet<&u64> = self.turned.values().flat_map(|kind| &kind.kinds).collect();
        Some(Turned {
            files,
            kinds: kinds.len(),
            folders: most.folders.len(),
            extension,
            first: most.first.clone(),
            last: most.last.clone(),
            nanos: most.ended.since(most.began),
        })
    }

    pub fn fresh_overwritten(&self) -> Option<(usize, usize)> {
        (!self.told).then_some((self.documents.len(), self.document_kinds.len()))
    }

    pub fn told(&mut self) {
        self.told = true;
    }
}

fn remember(set: &mut HashSet<u64>, id: u64) {
    if set.len() < MAX_PATHS {
        set.insert(id);
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
