//! One file that was opened under the guard: what it was, and what became of it since.

use super::sample;
use super::tree::{Lost, id};
use super::who::Who;
use detect::{FileId, Harm, Sample, harm};
use respond::Access;
use std::fs::{self, File, Metadata};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A file that was opened for writing and did not change within this time is not waited for.
const IDLE: Duration = Duration::from_millis(120);
/// Writes through a mapping move no time stamp but the first, so what was opened lately is looked at again.
const LATELY: Duration = Duration::from_secs(3);

pub struct Watched {
    pub id: FileId,
    pub file: File,
    /// Where it lay when it was first seen.
    pub path: PathBuf,
    pub access: Access,
    pub who: Arc<Who>,
    /// Who took its last name away, where the sensor has told.
    pub deleter: Option<Arc<Who>>,
    pub size: u64,
    /// What it held when it was opened for writing; of what was only read, when it went.
    pub before: Option<Box<Sample>>,
    /// Somebody of the tree opened it, and did not only take its name away.
    pub opened_by_tree: bool,
    pub gone: bool,
    /// Since when something empty stands in its place: it may be under work.
    replaced: Option<Instant>,
    /// Since when nothing stands in its place: a tool that unpacks deletes first.
    vanished: Option<Instant>,
    /// Its name now, as this process sees it.
    seen: PathBuf,
    changed: (i64, i64),
    opened: Instant,
    looked: Option<Instant>,
    /// It was seen changed, and what it is now is known.
    settled: bool,
}

/// What a look found.
pub enum Seen {
    Nothing,
    Changed(Box<Sample>),
    Renamed(String),
    Lost(&'static str),
    /// Its name is gone, and nothing stands in its place.
    Gone,
}

impl Watched {
    /// `path` on the host, `seen` as the kernel names the open file to us. None when no descriptor can be had for it.
    pub fn new(
        file: &File,
        meta: &Metadata,
        path: &Path,
        seen: &Path,
        access: Access,
        before: Option<Sample>,
        who: Arc<Who>,
    ) -> Option<Watched> {
        Some(Watched {
            id: id(meta),
            file: file.try_clone().ok()?,
            path: path.to_owned(),
            access,
            who,
            deleter: None,
            size: meta.len(),
            before: before.map(Box::new),
            opened_by_tree: true,
            gone: false,
            replaced: None,
            vanished: None,
            seen: seen.to_owned(),
            changed: stamp(meta),
            opened: Instant::now(),
            looked: None,
            settled: false,
        })
    }

    pub fn deleted_by(&self) -> &Arc<Who> {
        self.deleter.as_ref().unwrap_or(&self.who)
    }

    pub fn has_name(&self) -> bool {
        self.file.metadata().is_ok_and(|meta| meta.nlink() > 0)
    }

    pub fn is_unsettled(&self) -> bool {
        self.access == Access::Write && !self.settled && self.opened.elapsed() < IDLE
    }

    pub fn name(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    pub fn lost(&self, how: &'static str) -> Lost {
        Lost { file: self.id, name: self.name(), how, who: Arc::clone(&self.who) }
    }

    /// `looks` counts those that read content.
    pub fn look(&mut self, looks: &mut usize) -> Seen {
        let Ok(meta) = self.file.metadata() else { return Seen::Nothing };
        if meta.nlink() == 0 {
            *looks += 1;
            self.settled = true;
            let seen = self.went(&meta);
            self.gone = !matches!(seen, Seen::Nothing);
            return seen;
        }
        let same = stamp(&meta) == self.changed;
        if !same && let Some(to) = self.other_name() {
            self.seen = PathBuf::from(&to);
            return Seen::Renamed(to);
        }
        if self.access != Access::Write || self.before.is_none() {
            return Seen::Nothing;
        }
        let again = self.opened.elapsed() < LATELY && self.looked.is_none_or(|at| at.elapsed() > IDLE);
        if same && !again {
            return Seen::Nothing;
        }
        *looks += 1;
        self.looked = Some(Instant::now());
        let Some(after) = sample::of(&self.file) else { return Seen::Nothing };
        self.changed = stamp(&meta);
        self.settled |= !same && after.size > 0;
        Seen::Changed(Box::new(after))
    }

    /// First destroyed, then deleted; or another file in its place; or simply deleted.
    fn went(&mut self, meta: &Metadata) -> Seen {
        let now = sample::of(&self.file);
        if self.access == Access::Write
            && let (Some(before), Some(now)) = (&self.before, &now)
        {
            match harm(before, now) {
                Harm::Lost(how) => return Seen::Lost(how),
                Harm::Emptied => return Seen::Lost("emptied, then deleted"),
                Harm::None => {}
            }
        }
        self.size = self.size.max(meta.len());
        if self.before.is_none() {
            self.before = now.map(Box::new);
        }
        match open_now(&self.path).and_then(|there| sample::of(&there)) {
            Some(after) if after.size == 0 && self.replaced.get_or_insert_with(Instant::now).elapsed() < LATELY => {
                Seen::Nothing
            }
            Some(after) if self.before.is_some() => Seen::Changed(Box::new(after)),
            _ => {
                self.vanished = Some(Instant::now());
                Seen::Gone
            }
        }
    }

    /// It was told as deleted, and something stands under its name again.
    pub fn came_back(&mut self) -> Option<Sample> {
        let lately = self.vanished.is_some_and(|at| at.elapsed() < LATELY);
        if !lately {
            return None;
        }
        let there = open_now(&self.path).and_then(|there| sample::of(&there)).filter(|there| there.size > 0)?;
        self.vanished = None;
        Some(there)
    }

    /// The same content.
    pub fn is_source_of(&self, copy: &Sample) -> bool {
        self.size == copy.size && sample::of(&self.file).is_some_and(|source| source == *copy)
    }

    /// Another than it was opened under.
    fn other_name(&self) -> Option<String> {
        let now = fs::read_link(format!("/proc/self/fd/{}", self.file.as_raw_fd())).ok()?;
        (now != self.seen).then(|| now.to_string_lossy().into_owned())
    }
}

/// What stands under a name now, never a pipe or a device.
fn open_now(path: &Path) -> Option<File> {
    let mut options = fs::OpenOptions::new();
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = options.read(true).custom_flags(flags.bits() as i32).open(path).ok()?;
    file.metadata().ok()?.is_file().then_some(file)
}

pub fn stamp(meta: &Metadata) -> (i64, i64) {
    (meta.ctime(), meta.ctime_nsec())
}
