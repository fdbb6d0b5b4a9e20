//! Names that a tree gave to what was there before it. They go back first, the last one first: then what is kept of the files
//! finds them where they were.

use super::entry::{Actor, Renamed, path_of, path_words};
use super::log::Record;
use super::report::{FileReport, Undone};
use super::{Rollback, RollbackError};
use crate::vault::Place;
use rustix::fs::{RenameFlags, renameat_with};
use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What was written down last: a new name is told within moments.
const RECENT: usize = 4_096;

impl Rollback {
    /// `meta` is of what stands at `to` now. What the tree made itself may be called what it likes.
    pub fn renamed(&self, from: &Path, to: &Path, meta: &Metadata, by: &Actor) -> Result<(), RollbackError> {
        let id = (meta.dev(), meta.ino());
        let mut state = self.state.lock();
        let is_own =
            state.made.iter().rev().take(RECENT).any(|made| made.tree == by.tree && (made.device, made.inode) == id);
        if is_own {
            return Ok(());
        }
        if state.renames.len() >= self.config.lock().max_entries {
            // The oldest half is forgotten: those keep the names they have.
            let half = state.renames.len() / 2;
            state.renames.drain(..half);
        }
        let ((from, from_bytes), (to, to_bytes)) = (path_words(from), path_words(to));
        let record = Record::Renamed(Renamed {
            tree: by.tree.clone(),
            family: by.family.clone(),
            from,
            from_bytes,
            to,
            to_bytes,
            device: id.0,
            inode: id.1,
            folder: meta.is_dir(),
            age: state.age,
        });
        state.log.append(&record)?;
        state.replay(record);
        Ok(())
    }
}

/// Where what was kept, or made, under a name that the tree had given will stand once the names are back: told by its inode,
/// or by the folder that it lies in. The path in words and in hex.
pub(super) fn first_name(renames: &[Renamed], path: &str, id: (u64, u64)) -> Option<(String, String)> {
    let known = path_of(path)?;
    let mut first = known.clone();
    for renamed in renames.iter().rev() {
        let (Some(from), Some(to)) = (renamed.from(), renamed.to()) else { continue };
        match first.strip_prefix(&to) {
            Ok(rest) if renamed.folder && !rest.as_os_str().is_empty() => first = from.join(rest),
            Ok(_) if id == (renamed.device, renamed.inode) && first == to => first = from,
            _ => {}
        }
    }
    (first != known).then(|| path_words(&first))
}

/// What stands under the new name is what was renamed, and nothing stands under the old one: it goes back. `kept`: files of
/// which more is known, and told.
pub(super) fn put_back(renames: &[Renamed], kept: &HashSet<(u64, u64)>, preview: bool) -> Vec<FileReport> {
    let mut report = Vec::new();
    for renamed in renames.iter().rev() {
        let (Some(from), Some(to)) = (renamed.from(), renamed.to()) else { continue };
        let is_it = |meta: &Metadata| (meta.dev(), meta.ino()) == (renamed.device, renamed.inode);
        if !fs::symlink_metadata(&to).is_ok_and(|meta| is_it(&meta)) {
            continue;
        }
        let taken = fs::symlink_metadata(&from).is_ok();
        let result = if preview || taken { Ok(()) } else { back(&to, &from) };
        if result.is_ok() && kept.contains(&(renamed.device, renamed.inode)) {
            continue;
        }
        let (done, detail) = match result {
            Ok(()) if taken => {
                (Undone::Beside, format!("another file stands there now; it is still called {}", renamed.to))
            }
            Ok(()) => (Undone::Restored, format!("it was called {}", renamed.to)),
            Err(error) => (Undone::Failed, error.to_string()),
        };
        report.push(FileReport { path: renamed.from.clone(), done, bytes: 0, detail });
    }
    report
}

fn back(to: &Path, from: &Path) -> io::Result<()> {
    let place = |path: &Path| Place::of(path).map_err(io::Error::other);
    let (to, from) = (place(to)?, place(from)?);
    Ok(renameat_with(&to.dir, &to.name, &from.dir, &from.name, RenameFlags::NOREPLACE)?)
}
