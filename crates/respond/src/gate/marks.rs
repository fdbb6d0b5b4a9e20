//! What the group watches, and what it has been told not to ask about again.

use super::fan::Group;
use super::{GateError, GateMark};
use libc::{
    FAN_MARK_ADD, FAN_MARK_EVICTABLE, FAN_MARK_FILESYSTEM, FAN_MARK_IGNORE, FAN_MARK_IGNORED_SURV_MODIFY,
    FAN_MARK_INODE, FAN_MARK_MOUNT, FAN_MARK_REMOVE, FAN_OPEN_EXEC_PERM, FAN_OPEN_PERM,
};
use std::fs::File;
use std::io;

const ALL: u64 = FAN_OPEN_EXEC_PERM | FAN_OPEN_PERM;

/// Executions are asked about, and `reads` as well if so.
pub fn arm(group: &Group, marks: &[GateMark], reads: bool) -> Result<(), GateError> {
    let mask = if reads { ALL } else { FAN_OPEN_EXEC_PERM };
    for mark in marks {
        let (flag, path) = match mark {
            GateMark::Mount(path) => (FAN_MARK_MOUNT, path),
            GateMark::Filesystem(path) => (FAN_MARK_FILESYSTEM, path),
        };
        let result = group.mark_path(FAN_MARK_ADD | flag, mask, path);
        result.map_err(|source| GateError::Mark { path: path.clone(), source })?;
    }
    Ok(())
}

/// Nothing is asked any more. Inode marks go too: they only say what not to ask. All are tried, whatever becomes of one.
pub fn disarm(group: &Group) -> io::Result<()> {
    let kinds = [FAN_MARK_FILESYSTEM, FAN_MARK_MOUNT, FAN_MARK_INODE];
    kinds.map(|kind| group.flush(kind)).into_iter().collect()
}

pub fn forget(group: &Group) -> Result<(), GateError> {
    group.flush(FAN_MARK_INODE).map_err(|source| GateError::Os { what: "dropping cached answers", source })
}

/// What about a file is not to be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Everything,
    /// It may still be executed, which is another question.
    Reading,
}

impl About {
    const fn mask(self) -> u64 {
        match self {
            About::Everything => ALL,
            About::Reading => FAN_OPEN_PERM,
        }
    }
}

/// Not to be asked again until the file is written to. Evictable, so that it does not pin the inode in memory.
pub fn ignore(group: &Group, file: &File, about: About) -> io::Result<()> {
    group.mark_file(FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_EVICTABLE, about.mask(), file)
}

/// It lies where nothing waits: about everything not to be asked again, whoever writes to it. Where that fails it is asked
/// about again, which costs time and nothing else.
pub fn spare(group: &Group, file: &File, about: About) {
    let flags = match about {
        About::Everything => FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_EVICTABLE | FAN_MARK_IGNORED_SURV_MODIFY,
        About::Reading => FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_EVICTABLE,
    };
    if let Err(error) = group.mark_file(flags, about.mask(), file) {
        tracing::debug!(%error, "what lies out of scope is asked about again");
    }
}

/// What was answered about this file counts no more. Where that cannot be had, no answer does.
pub fn unignore(group: &Group, file: &File) -> Result<(), GateError> {
    match group.mark_file(FAN_MARK_REMOVE | FAN_MARK_IGNORE, ALL, file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => forget(group),
        _ => Ok(()),
    }
}
