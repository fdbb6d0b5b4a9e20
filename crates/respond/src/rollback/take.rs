//! Keeping a file: content first, then the line that says so. The caller holds the file open, so it is that very file
//! whatever its name is by now.

use super::entry::{Actor, Entry, Id, Made, path_words};
use super::log::Record;
use super::{Rollback, RollbackError, State};
use crate::vault::xattr;
use event::Timestamp;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// What became of an order to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Its content is in the store now.
    Now,
    /// This tree has changed it before; what it was then is kept.
    Before,
    /// There is nothing in it.
    Empty,
}

impl Rollback {
    /// `file` is open for reading. The time it takes is the time the changer waits.
    pub fn keep(&self, file: &File, path: &Path, by: &Actor) -> Result<Kept, RollbackError> {
        let at = |source| RollbackError::Io { what: "keeping", path: path.to_owned(), source };
        let meta = file.metadata().map_err(at)?;
        if !meta.is_file() || meta.len() == 0 {
            return Ok(Kept::Empty);
        }
        let mut state = self.state.lock();
        if state.known.contains(&(by.tree.clone(), meta.dev(), meta.ino())) {
            if meta.nlink() > 1 {
                self.also_named(&mut state, &meta, path, by)?;
            }
            return Ok(Kept::Before);
        }
        // Another tree was here first and the file has not changed since: one content serves both.
        let same = state.newest.get(&(meta.dev(), meta.ino())).and_then(|number| state.entries.get(number));
        if let Some(same) = same.filter(|e| e.changed == changed(&meta) && e.size == meta.len()) {
            let (object, shared) = (same.object.clone(), same.shared);
            return self.enter(&mut state, describe(&meta, path, by, object, shared, file)?);
        }
        let result = self.make_room(&mut state, path, &meta, &by.tree);
        // Copying must not make other trees wait.
        drop(state);
        let copied = result.and_then(|()| {
            let object = Id::draw();
            let shared = self.copy(file, &object, &meta, path)?;
            Ok((object, shared))
        });
        let mut state = self.state.lock();
        match copied {
            Ok((object, shared)) => {
                state.stats.shared += u64::from(shared);
                self.enter(&mut state, describe(&meta, path, by, object, shared, file)?)
            }
            Err(error) => {
                match &error {
                    RollbackError::TooLarge { .. } => state.stats.too_large += 1,
                    RollbackError::Full { .. } => state.stats.full += 1,
                    error if error.is_disk_full() => state.stats.full += 1,
                    _ => state.stats.failed += 1,
                }
                Err(error)
            }
        }
    }

    /// It was cut by its name, which asks nobody. What was kept ahead of it under the name `ahead` is what it held when `by`
    /// changed it; false when nothing was.
    pub fn cut(&self, meta: &Metadata, ahead: &str, by: &Actor) -> Result<bool, RollbackError> {
        let key = |tree: &str| (tree.to_owned(), meta.dev(), meta.ino());
        let mut state = self.state.lock();
        if state.known.contains(&key(&by.tree)) {
            return Ok(true);
        }
        if !state.known.contains(&key(ahead)) {
            return Ok(false);
        }
        let is_it = |entry: &&Entry| entry.tree == ahead && (entry.device, entry.inode) == (meta.dev(), meta.ino());
        let Some(kept) = state.entries.values().rev().find(is_it).cloned() else { return Ok(false) };
        let entry = Entry {
            tree: by.tree.clone(),
            family: by.family.clone(),
            pid: by.pid,
            executable: by.executable.clone(),
            actor_uid: by.uid,
            taken: crate::clock::now(),
            ..kept
        };
        self.enter(&mut state, entry).map(|_| true)
    }

    /// The tree made this file: roll-back takes it away again.
    pub fn made(&self, meta: &Metadata, path: &Path, by: &Actor) -> Result<(), RollbackError> {
        let mut state = self.state.lock();
        if state.made.len() >= self.config.lock().max_entries {
            // The oldest half is forgotten: those files stay where they are.
            let half = state.made.len() / 2;
            state.made.drain(..half);
        }
        let (path, path_bytes) = path_words(path);
        let record = Record::Made(Made {
            tree: by.tree.clone(),
            family: by.family.clone(),
            path,
            path_bytes,
            device: meta.dev(),
            inode: meta.ino(),
            born: born(meta),
            taken: crate::clock::now(),
            age: state.age,
            folder: meta.is_dir(),
        });
        state.log.append(&record)?;
        state.replay(record);
        Ok(())
    }

    fn enter(&self, state: &mut State, mut entry: Entry) -> Result<Kept, RollbackError> {
        entry.number = state.next;
        entry.age = state.age;
        let record = Record::Kept(Box::new(entry));
        state.log.append(&record)?;
        state.replay(record);
        Ok(Kept::Now)
    }

    /// True when no byte was copied.
    fn copy(&self, file: &File, object: &Id, meta: &Metadata, path: &Path) -> Result<bool, RollbackError> {
        let to = self.object(object);
        let copy = || {
            let out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&to)?;
            if rustix::fs::ioctl_ficlone(&out, file).is_ok() {
                return Ok(true);
            }
            copy_bytes(file, &out, meta.len())?;
            Ok(false)
        };
        copy().map_err(|source| {
            // A half is worth nothing. It may not have been made at all.
            if let Err(error) = fs::remove_file(&to)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::error!(%error, object = %to.display(), "a half of a kept file stays");
            }
            RollbackError::Io { what: "keeping", path: path.to_owned(), source }
        })
    }
}

/// In the kernel where it can; from the beginning, whatever the position is.
fn copy_bytes(file: &File, out: &File, size: u64) -> io::Result<()> {
    let (mut from, mut to) = (0u64, 0u64);
    while from < size {
        let length = usize::try_from(size - from).unwrap_or(usize::MAX).min(1 << 30);
        match rustix::fs::copy_file_range(file, Some(&mut from), out, Some(&mut to), length) {
            // It became shorter meanwhile: what is there has been taken.
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(_) if to == 0 => return copy_through_memory(file, out, size),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn copy_through_memory(file: &File, out: &File, size: u64) -> io::Result<()> {
    use std::io::Write;
    let mut buffer = vec![0; 256 << 10];
    let mut at = 0;
    let mut out = out;
    while at < size {
        let got = rustix::io::pread(file, &mut buffer[..], at)?;
        if got == 0 {
            return Ok(());
        }
        out.write_all(&buffer[..got])?;
        at += got as u64;
    }
    Ok(())
}

/// None where the file system keeps no such time.
pub(super) fn born(meta: &Metadata) -> Option<Timestamp> {
    let since = meta.created().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_nanos()).ok().map(Timestamp::from_nanos)
}

pub(super) fn changed(meta: &Metadata) -> Timestamp {
    time(meta.ctime(), meta.ctime_nsec())
}

fn time(seconds: i64, nanos: i64) -> Timestamp {
    Timestamp::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

fn describe(
    meta: &Metadata,
    path: &Path,
    by: &Actor,
    object: Id,
    shared: bool,
    file: &File,
) -> Result<Entry, RollbackError> {
    let at = |error: rustix::io::Errno| RollbackError::Io {
        what: "reading the attributes of",
        path: path.to_owned(),
        source: error.into(),
    };
    let folder = path.parent().and_then(|parent| fs::symlink_metadata(parent).ok());
    let (words, path_bytes) = path_words(path);
    Ok(Entry {
        number: 0,
        object,
        tree: by.tree.clone(),
        family: by.family.clone(),
        pid: by.pid,
        executable: by.executable.clone(),
        actor_uid: by.uid,
        path: words,
        path_bytes,
        device: meta.dev(),
        inode: meta.ino(),
        changed: changed(meta),
        size: meta.len(),
        mode: meta.mode() & 0o7777,
        uid: meta.uid(),
        gid: meta.gid(),
        accessed: time(meta.atime(), meta.atime_nsec()),
        modified: time(meta.mtime(), meta.mtime_nsec()),
        hard_links: meta.nlink(),
        xattrs: xattr::read(file).map_err(at)?,
        folder: folder.map_or((0o755, 0, 0), |folder| (folder.mode() & 0o7777, folder.uid(), folder.gid())),
        born: born(meta),
        taken: crate::clock::now(),
        age: 0,
        shared,
    })
}
