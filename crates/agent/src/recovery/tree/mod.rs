//! What one family of processes has opened, and what became of it. Each file is held by a descriptor, so that its content
//! can be looked at whatever its name is, or whether it has one.

mod blame;
mod look;

use super::made::Made;
use super::watched::Watched;
use super::who::Who;
use detect::{FileId, Ledger, Outcome, is_document};
use event::{ProcessKey, Timestamp};
use respond::{Access, Kept, Rollback};
use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::{File, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

const MAX_WATCHED: usize = 192;
/// With those that have gone and were not looked at.
const MAX_HELD: usize = 1_024;
const MAX_MADE: usize = 48;
/// Files that are remembered to have been opened, processes that acted.
const MAX_OPENED: usize = 16_384;
const MAX_ACTORS: usize = 8_192;
/// Files that must have been read before a package of them can be all there was.
const MANY: usize = 5;

pub struct Tree {
    pub root: ProcessKey,
    pub executable: String,
    pub ledger: Ledger,
    pub began: Instant,
    pub last_seen: Instant,
    /// The root itself was stopped.
    pub stopped: bool,
    watched: HashMap<FileId, Watched>,
    order: VecDeque<FileId>,
    made: VecDeque<Made>,
    opened: HashSet<FileId>,
    /// Where they lay, as hashes.
    opened_at: HashSet<u64>,
    /// Of those, how many hold what people would miss.
    documents: usize,
    /// Whoever changed, made, renamed or deleted something.
    actors: HashMap<ProcessKey, Arc<Who>>,
    harmed: HashMap<FileId, Arc<Who>>,
    stops: Vec<(Instant, Arc<Who>)>,
    /// Since the last round something was opened or deleted.
    pub stirred: bool,
    /// Since what it made elsewhere was looked for, something lost its name.
    pub bereft: bool,
    /// Folders of which files were kept before it comes to them, and how much that was.
    pub ahead: HashSet<PathBuf>,
    pub ahead_bytes: u64,
}

/// A file that a round found lost, for the ledgers of the user and the client.
pub struct Lost {
    pub file: FileId,
    pub name: String,
    pub how: &'static str,
    pub who: Arc<Who>,
}

impl Tree {
    pub fn new(root: ProcessKey, executable: &str, ledger: Ledger) -> Tree {
        Tree {
            root,
            executable: executable.to_owned(),
            ledger,
            began: Instant::now(),
            last_seen: Instant::now(),
            stopped: false,
            watched: HashMap::new(),
            order: VecDeque::new(),
            made: VecDeque::new(),
            opened: HashSet::new(),
            opened_at: HashSet::new(),
            documents: 0,
            actors: HashMap::new(),
            harmed: HashMap::new(),
            stops: Vec::new(),
            stirred: false,
            bereft: false,
            ahead: HashSet::new(),
            ahead_bytes: 0,
        }
    }

    /// The same for each process.
    pub fn actor(&mut self, key: ProcessKey, who: impl FnOnce() -> Who) -> Arc<Who> {
        if let Some(known) = self.actors.get(&key) {
            return Arc::clone(known);
        }
        if self.actors.len() >= MAX_ACTORS {
            let harmed: HashSet<ProcessKey> = self.harmed.values().map(|who| who.key).collect();
            self.actors.retain(|key, _| harmed.contains(key));
        }
        let who = Arc::new(who());
        self.actors.insert(key, Arc::clone(&who));
        who
    }

    /// As the sensor knows a process that may have ended.
    pub fn ended(&mut self, process: &event::Process, line: &[ProcessKey]) -> Arc<Who> {
        let below_root = line.iter().position(|key| *key == self.root).map_or(line.len(), |at| at + 1);
        self.actor(process.key, || Who::ended(process, line[..below_root].to_vec()))
    }

    pub fn actors_below(&self, key: &ProcessKey) -> Vec<Arc<Who>> {
        self.actors.values().filter(|who| who.is_below(key)).cloned().collect()
    }

    pub fn watches(&self, meta: &Metadata, access: Access) -> bool {
        self.watched.get(&id(meta)).is_some_and(|one| access == Access::Read || one.access == Access::Write)
    }

    /// Somebody else of the tree opens it now: what becomes of it is that one's doing.
    pub fn reopened(&mut self, meta: &Metadata, who: &Arc<Who>) {
        if let Some(one) = self.watched.get_mut(&id(meta)).filter(|one| one.access == Access::Read) {
            one.who = Arc::clone(who);
        }
    }

    /// It is held with what it was when this process opened it.
    pub fn is_watched_for(&self, meta: &Metadata, who: &Who) -> bool {
        self.watched.get(&id(meta)).is_some_and(|one| one.access == Access::Write && one.who.key == who.key)
    }

    pub fn watch(&mut self, watched: Watched) {
        self.stirred = true;
        let file = watched.id;
        if self.opened.len() < MAX_OPENED && self.opened.insert(file) {
            self.opened_at.insert(hash(&watched.path));
            self.documents += usize::from(is_document(&watched.path.to_string_lossy()));
        }
        if self.watched.insert(file, watched).is_none() {
            self.order.push_back(file);
        }
    }

    /// Makes room, the oldest first; what has gone and was not looked at yet waits for its round. What is gone of a tree that
    /// has done harm is kept before it is let go.
    pub fn trim(&mut self, store: &Rollback) {
        for _ in 0..self.order.len().saturating_sub(MAX_WATCHED) {
            let Some(oldest) = self.order.pop_front() else { return };
            let Some(one) = self.watched.get(&oldest) else { continue };
            let gone = !one.has_name();
            if gone && !one.gone && self.order.len() < MAX_HELD {
                self.order.push_back(oldest);
                continue;
            }
            if gone && self.ledger.is_grave() {
                keep(store, one);
            }
            self.watched.remove(&oldest);
        }
    }

    pub fn made(&mut self, made: Made) {
        self.stirred = true;
        if self.made.iter().any(|known| known.id == made.id) {
            return;
        }
        self.made.push_back(made);
        if self.made.len() > MAX_MADE {
            self.made.pop_front();
        }
    }

    pub fn has_made(&self, file: FileId) -> bool {
        self.made.iter().any(|made| made.id == file)
    }

    /// A name that went, with what stood under it, and who took it away.
    pub fn orphan(&mut self, file: &File, path: &Path, who: &Arc<Who>) {
        self.bereft = true;
        let Ok(meta) = file.metadata() else { return };
        if let Some(one) = self.watched.get_mut(&id(&meta)) {
            one.deleter = Some(Arc::clone(who));
            return;
        }
        if self.has_made(id(&meta)) {
            return;
        }
        if let Some(mut watched) = Watched::new(file, &meta, path, path, Access::Read, None, Arc::clone(who)) {
            watched.opened_by_tree = self.opened.contains(&id(&meta));
            self.stirred = true;
            if self.watched.insert(id(&meta), watched).is_none() {
                self.order.push_back(id(&meta));
            }
        }
    }

    /// Cut by its name; what was opened is looked at in its turn, and then this is false.
    pub fn emptied(&mut self, now: Timestamp, meta: &Metadata, path: &Path, who: &Arc<Who>) -> bool {
        if self.watches(meta, Access::Write) || self.has_made(id(meta)) {
            return false;
        }
        self.stirred = true;
        self.ledger.take(now, id(meta), &path.to_string_lossy(), Outcome::Emptied);
        self.harm(id(meta), who);
        true
    }

    /// It got another name; what was opened is looked at besides.
    pub fn renamed(&mut self, now: Timestamp, file: FileId, from: &Path, to: &Path, who: &Arc<Who>) {
        self.stirred = true;
        if self.has_made(file) {
            return;
        }
        let to = to.to_string_lossy();
        let named = Outcome::Named { to: &to, loose: who.loose };
        self.ledger.take(now, file, &from.to_string_lossy(), named);
        if self.ledger.is_out_of_place(file) {
            self.harm(file, who);
        }
    }

    /// Of the files it opened last, how many have lost their name: cheap enough for the reader.
    pub fn is_suspect(&self) -> bool {
        let last = self.order.iter().rev().take(12).filter_map(|file| self.watched.get(file));
        last.filter(|one| !one.gone && !one.has_name()).count() >= 2
    }

    pub fn has_opened_documents(&self) -> bool {
        self.documents >= MANY
    }

    pub fn has_opened_many(&self) -> bool {
        self.opened.len() >= MANY
    }

    pub fn has_read_below(&self, folder: &Path) -> bool {
        self.watched.values().any(|one| one.access == Access::Read && one.path.starts_with(folder))
    }

    /// Files opened for writing of which nothing can be said yet.
    pub fn unsettled(&self) -> usize {
        self.watched.values().filter(|one| one.is_unsettled()).count()
    }

    pub fn unsettled_of(&self, uid: u32) -> usize {
        self.watched.values().filter(|one| one.is_unsettled() && one.who.actor.uid == uid).count()
    }

    /// What it deleted or replaced and was not kept before: now it is.
    pub fn keep_orphans(&self, store: &Rollback) {
        self.watched.values().filter(|one| !one.has_name()).for_each(|one| keep(store, one));
    }

    pub fn holds(&self) -> usize {
        self.watched.len() + self.made.len()
    }
}

fn keep(store: &Rollback, one: &Watched) {
    match store.keep(&one.file, &one.path, &one.deleted_by().actor) {
        Ok(Kept::Now | Kept::Before | Kept::Empty) => {}
        Err(error) => tracing::warn!(%error, "a deleted file could not be kept"),
    }
}

fn hash(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

pub fn id(meta: &Metadata) -> FileId {
    (meta.dev(), meta.ino())
}
