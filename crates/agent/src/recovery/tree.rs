//! What one family of processes has opened, and what became of it. Each file is held by a descriptor, so that its content
//! can be looked at whatever its name is, or whether it has one.

use super::made::Made;
use super::watched::{Seen, Watched};
use super::who::{Who, culprit};
use detect::{FileId, Ledger, Outcome, is_document};
use event::{ProcessKey, Timestamp};
use respond::{Access, Kept, Rollback};
use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::{File, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const MAX_WATCHED: usize = 192;
/// With those that have gone and were not looked at.
const MAX_HELD: usize = 1_024;
const MAX_MADE: usize = 48;
/// Looks at content in one round.
const MAX_LOOKS: usize = 32;
/// Files that are remembered to have been opened, processes that acted, files that came to harm.
const MAX_OPENED: usize = 16_384;
const MAX_ACTORS: usize = 8_192;
const MAX_HARMED: usize = 1_024;
/// Files that must have been read before a package of them can be all there was.
const MANY: usize = 5;
/// So many stops of one family within this time, and what started them all is stopped.
const STOPS: usize = 4;
const STOPS_WITHIN: Duration = Duration::from_secs(20);

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

    /// Cut by its name; what was opened is looked at in its turn.
    pub fn emptied(&mut self, now: Timestamp, meta: &Metadata, path: &Path, who: Who) {
        let who = self.actor(who.key, || who);
        self.last_seen = Instant::now();
        if !self.watches(meta, Access::Write) && !self.has_made(id(meta)) {
            self.ledger.take(now, id(meta), &path.to_string_lossy(), Outcome::Emptied);
            self.harm(id(meta), &who);
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

    /// It read much and made something unreadable that is large enough to hold it: who deletes now deletes the only copy.
    pub fn has_packed(&mut self, now: Timestamp) -> bool {
        self.look_at_made(now);
        let read = self.watched.values().filter(|one| one.access == Access::Read && one.has_name());
        let (files, bytes) = read.fold((0usize, 0u64), |(n, sum), one| (n + 1, sum + one.size));
        let made = self.ledger.opaque_bytes();
        files >= MANY && made > 0 && made * 4 >= bytes
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

    /// Looks at what may have changed and tells the ledger.
    pub fn round(&mut self, now: Timestamp) -> Vec<Lost> {
        self.stirred = false;
        let mut looks = 0;
        let (mut lost, mut gone) = (Vec::new(), Vec::new());
        for file in self.order.iter().rev() {
            let Some(one) = self.watched.get_mut(file) else { continue };
            if let Some(after) = one.came_back() {
                self.ledger.came_back(*file);
                if let Some(before) = &one.before {
                    let changed = Outcome::Changed { before: before.as_ref(), after: &after };
                    let how = self.ledger.take(now, *file, &one.name(), changed);
                    lost.extend(how.map(|how| one.lost(how)));
                }
            }
            if one.gone || looks >= MAX_LOOKS {
                continue;
            }
            match one.look(&mut looks) {
                Seen::Nothing => {}
                Seen::Changed(after) => {
                    let Some(before) = &one.before else { continue };
                    let name = one.name();
                    let how = self.ledger.take(
                        now,
                        *file,
                        &name,
                        Outcome::Changed { before: before.as_ref(), after: &after },
                    );
                    lost.extend(how.map(|how| one.lost(how)));
                }
                Seen::Renamed(to) => {
                    let how = self.ledger.take(now, *file, &one.name(), Outcome::Renamed { to: &to });
                    lost.extend(how.map(|how| one.lost(how)));
                }
                Seen::Lost(how) => {
                    self.ledger.take(now, *file, &one.name(), Outcome::Lost(how));
                    lost.push(one.lost(how));
                }
                Seen::Gone => gone.push(*file),
            }
        }
        if !gone.is_empty() || self.ledger.deleted() > 0 || !lost.is_empty() {
            self.look_at_made(now);
        }
        lost.extend(gone.into_iter().filter_map(|file| self.went(now, file)));
        for one in &lost {
            self.harm(one.file, &one.who);
        }
        lost
    }

    /// Neither name nor content is left: lost when a copy was made of it that tells nothing, else told as deleted.
    fn went(&mut self, now: Timestamp, file: FileId) -> Option<Lost> {
        let one = self.watched.get(&file)?;
        let name = one.name();
        let copy =
            one.before.as_ref().and_then(|before| self.made.iter().rev().find_map(|made| made.unreadable(one, before)));
        if let Some(how) = copy {
            self.ledger.take(now, file, &name, Outcome::Lost(how));
            return Some(one.lost(how));
        }
        let who = Arc::clone(one.deleted_by());
        self.ledger.take(
            now,
            file,
            &name,
            Outcome::Gone { size: one.size, read: one.opened_by_tree, loose: who.loose },
        );
        self.harm(file, &who);
        None
    }

    /// This process is about to do what the rest was for.
    pub fn blame(&mut self, who: &Arc<Who>) {
        self.harm((0, u64::from(who.key.tgid)), who);
    }

    pub fn guilty(&self) -> Vec<ProcessKey> {
        self.harmed.values().map(|who| who.key).collect()
    }

    pub fn harmed_files(&self) -> impl Iterator<Item = FileId> {
        self.harmed.keys().copied()
    }

    fn harm(&mut self, file: FileId, who: &Arc<Who>) {
        if self.harmed.len() < MAX_HARMED {
            self.harmed.insert(file, Arc::clone(who));
        }
    }

    fn look_at_made(&mut self, now: Timestamp) {
        for made in self.made.iter_mut().rev() {
            if made.look()
                && let Some(content) = made.content()
                // A copy of what nobody could read before is none that was made unreadable.
                && !(content.is_opaque() && self.watched.values().any(|one| one.is_source_of(content)))
                // What stands where a file stood before is compared with that one.
                && !self.opened_at.contains(&hash(&made.path))
            {
                self.ledger.take(now, made.id, &made.path.to_string_lossy(), Outcome::Made { content });
            }
        }
    }

    /// Who is to blame for the files that came to harm; the root where that cannot be told.
    pub fn culprit(&self) -> ProcessKey {
        let packs = self.made.iter().filter(|made| made.content().is_some_and(detect::Sample::is_opaque));
        let packers = packs.map(|made| made.who.as_ref()).filter(|_| self.ledger.opaque_bytes() > 0);
        culprit(self.harmed.values().map(Arc::as_ref).chain(packers)).unwrap_or(self.root)
    }

    pub fn has_harmed(&self, uid: u32) -> bool {
        self.harmed.values().any(|who| who.actor.uid == uid)
    }

    /// One was stopped, with all below it; gives who is to be stopped in the end. A script that goes on starting bad programs
    /// is bad itself. What is left of the family begins anew.
    pub fn stop(&mut self, key: ProcessKey, fresh: Ledger) -> ProcessKey {
        self.stops.retain(|(at, _)| at.elapsed() < STOPS_WITHIN);
        let guilty = self.harmed.values().find(|who| who.is_below(&key)).cloned();
        self.stops.extend(guilty.map(|who| (Instant::now(), who)));
        let key = match self.stops.len() >= STOPS {
            true => culprit(self.stops.iter().map(|(_, who)| who.as_ref())).unwrap_or(key),
            false => key,
        };
        self.stopped = key == self.root;
        self.watched.retain(|_, one| !one.who.is_below(&key));
        self.order.retain(|file| self.watched.contains_key(file));
        self.made.retain(|made| !made.who.is_below(&key));
        self.harmed.clear();
        self.ledger = fresh;
        key
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
