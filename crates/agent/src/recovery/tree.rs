//! What one family of processes has opened, and what became of it. Each file is held by a descriptor, so that its content
//! can be looked at whatever its name is, or whether it has one.

use super::sample;
use detect::{FileId, Ledger, Outcome, Sample};
use event::{ProcessKey, Timestamp};
use respond::{Access, Actor, Kept, Rollback};
use std::collections::{HashMap, VecDeque};
use std::fs::{self, File, Metadata};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MAX_WATCHED: usize = 192;
const MAX_MADE: usize = 48;
/// A file that was opened for writing and did not change within this time is not waited for.
const IDLE: Duration = Duration::from_millis(120);
/// Writes through a mapping move no time stamp but the first, so what was opened lately is looked at again.
const LATELY: Duration = Duration::from_secs(3);
/// Looks at content in one round.
const MAX_LOOKS: usize = 24;

pub struct Tree {
    pub actor: Actor,
    /// Who started its root.
    pub starter: Option<ProcessKey>,
    pub ledger: Ledger,
    pub last_seen: Instant,
    pub stopped: bool,
    watched: HashMap<FileId, Watched>,
    order: VecDeque<FileId>,
    made: VecDeque<Made>,
    /// Since the last round something was opened or deleted.
    pub stirred: bool,
}

struct Watched {
    file: File,
    path: PathBuf,
    access: Access,
    before: Option<Sample>,
    changed: (i64, i64),
    opened: Instant,
    looked: Option<Instant>,
    gone: bool,
    /// It was seen changed, and what it is now is known.
    settled: bool,
}

struct Made {
    file: File,
    path: PathBuf,
    changed: (i64, i64),
}

/// Files that this round found lost, for the user's ledger.
pub type Lost = Vec<(FileId, String, &'static str)>;

impl Tree {
    pub fn new(actor: Actor, ledger: Ledger) -> Tree {
        Tree {
            actor,
            starter: None,
            ledger,
            last_seen: Instant::now(),
            stopped: false,
            watched: HashMap::new(),
            order: VecDeque::new(),
            made: VecDeque::new(),
            stirred: false,
        }
    }

    pub fn watches(&self, meta: &Metadata, access: Access) -> bool {
        self.watched.get(&id(meta)).is_some_and(|one| access == Access::Read || one.access == Access::Write)
    }

    pub fn watch(&mut self, file: &File, meta: &Metadata, path: &Path, access: Access, before: Option<Sample>) {
        let Ok(file) = file.try_clone() else { return };
        self.stirred = true;
        let watched = Watched {
            file,
            path: path.to_owned(),
            access,
            before,
            changed: stamp(meta),
            opened: Instant::now(),
            looked: None,
            gone: false,
            settled: false,
        };
        if self.watched.insert(id(meta), watched).is_none() {
            self.order.push_back(id(meta));
        }
    }

    /// Makes room, the oldest first. What is gone of a tree that has lost files already is kept before it is let go.
    pub fn trim(&mut self, store: &Rollback) {
        while self.order.len() > MAX_WATCHED {
            let Some(oldest) = self.order.pop_front() else { return };
            let Some(one) = self.watched.remove(&oldest) else { continue };
            if self.ledger.lost() + self.ledger.deleted() >= 3 && !has_name(&one.file) {
                keep(store, &one, &self.actor);
            }
        }
    }

    pub fn made(&mut self, file: &File, meta: &Metadata, path: &Path) {
        let Ok(file) = file.try_clone() else { return };
        self.stirred = true;
        self.made.push_back(Made { file, path: path.to_owned(), changed: stamp(meta) });
        if self.made.len() > MAX_MADE {
            self.made.pop_front();
        }
    }

    /// A name that went, with what stood under it.
    pub fn orphan(&mut self, file: &File, path: &Path) {
        if let Ok(meta) = file.metadata()
            && !self.watched.contains_key(&id(&meta))
            && !self.made.iter().any(|made| made.file.metadata().is_ok_and(|m| id(&m) == id(&meta)))
        {
            self.watch(file, &meta, path, Access::Read, None);
        }
    }

    /// Of the files it opened last, how many have lost their name: cheap enough for the reader.
    pub fn is_suspect(&self) -> bool {
        let last = self.order.iter().rev().take(12).filter_map(|file| self.watched.get(file));
        last.filter(|one| !one.gone && !has_name(&one.file)).count() >= 2
    }

    /// Files opened for writing of which nothing can be said yet.
    pub fn unsettled(&self) -> usize {
        let open = |one: &&Watched| one.access == Access::Write && !one.settled && one.opened.elapsed() < IDLE;
        self.watched.values().filter(open).count()
    }

    /// Looks at what may have changed and tells the ledger.
    pub fn round(&mut self, now: Timestamp) -> Lost {
        self.stirred = false;
        let mut lost = Vec::new();
        let mut looks = 0;
        let mut deleted = false;
        for file in self.order.iter().rev() {
            let Some(one) = self.watched.get_mut(file) else { continue };
            if one.gone || looks >= MAX_LOOKS {
                continue;
            }
            let name = one.path.to_string_lossy().into_owned();
            let how = one.look(now, *file, &name, &mut self.ledger, &mut looks);
            deleted |= one.gone;
            lost.extend(how.map(|how| (*file, name, how)));
        }
        if deleted || self.ledger.deleted() > 0 || !lost.is_empty() {
            self.look_at_made(now);
        }
        lost
    }

    fn look_at_made(&mut self, now: Timestamp) {
        for made in self.made.iter_mut().rev() {
            let Ok(meta) = made.file.metadata() else { continue };
            if stamp(&meta) == made.changed || meta.len() == 0 {
                continue;
            }
            if let Some(content) = sample::of(&made.file) {
                made.changed = stamp(&meta);
                let name = made.path.to_string_lossy();
                self.ledger.take(now, id(&meta), &name, Outcome::Made { content: &content });
            }
        }
    }

    /// What it deleted or replaced and was not kept before: now it is.
    pub fn keep_orphans(&self, store: &Rollback) {
        self.watched.values().filter(|one| !has_name(&one.file)).for_each(|one| keep(store, one, &self.actor));
    }

    pub fn holds(&self) -> usize {
        self.watched.len() + self.made.len()
    }
}

impl Watched {
    fn look(
        &mut self,
        now: Timestamp,
        file: FileId,
        name: &str,
        ledger: &mut Ledger,
        looks: &mut usize,
    ) -> Option<&'static str> {
        let meta = self.file.metadata().ok()?;
        if meta.nlink() == 0 {
            *looks += 1;
            self.gone = true;
            self.settled = true;
            let before = self.before.take().or_else(|| sample::of(&self.file));
            return match (before, open_now(&self.path)) {
                (Some(before), Some(there)) => {
                    let after = sample::of(&there)?;
                    ledger.take(now, file, name, Outcome::Changed { before: &before, after: &after })
                }
                _ => ledger.take(now, file, name, Outcome::Gone { size: meta.len() }),
            };
        }
        let same = stamp(&meta) == self.changed;
        if !same
            && let Ok(path) = fs::read_link(format!("/proc/self/fd/{}", self.file.as_raw_fd()))
            && path != self.path
        {
            let to = path.to_string_lossy().into_owned();
            if let Some(how) = ledger.take(now, file, name, Outcome::Renamed { to: &to }) {
                return Some(how);
            }
        }
        let before = self.before.as_ref().filter(|_| self.access == Access::Write)?;
        let again = self.opened.elapsed() < LATELY && self.looked.is_none_or(|at| at.elapsed() > IDLE);
        if same && !again {
            return None;
        }
        *looks += 1;
        self.looked = Some(Instant::now());
        let after = sample::of(&self.file)?;
        self.changed = stamp(&meta);
        self.settled |= !same && after.size > 0;
        ledger.take(now, file, name, Outcome::Changed { before, after: &after })
    }
}

/// What stands under a name now, never a pipe or a device.
fn open_now(path: &Path) -> Option<File> {
    let mut options = fs::OpenOptions::new();
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = options.read(true).custom_flags(flags.bits() as i32).open(path).ok()?;
    file.metadata().ok()?.is_file().then_some(file)
}

fn keep(store: &Rollback, one: &Watched, actor: &Actor) {
    match store.keep(&one.file, &one.path, actor) {
        Ok(Kept::Now | Kept::Before | Kept::Empty) => {}
        Err(error) => tracing::warn!(%error, "a deleted file could not be kept"),
    }
}

fn has_name(file: &File) -> bool {
    file.metadata().is_ok_and(|meta| meta.nlink() > 0)
}

fn id(meta: &Metadata) -> FileId {
    (meta.dev(), meta.ino())
}

fn stamp(meta: &Metadata) -> (i64, i64) {
    (meta.ctime(), meta.ctime_nsec())
}
